[000h 0000   4]                    Signature : "XSDT"    [Extended System Description Table]
[004h 0004   4]                 Table Length : 0000004C
[008h 0008   1]                     Revision : 01
[009h 0009   1]                     Checksum : 6A
[00Ah 0010   6]                       Oem ID : "LINTEL"
[010h 0016   8]                 Oem Table ID : "LINTELPC"
[018h 0024   4]                 Oem Revision : 00000001
[01Ch 0028   4]              Asl Compiler ID : "LNTL"
[020h 0032   4]        Asl Compiler Revision : 00000001

[024h 0036   8]       ACPI Table Address   0 : 00000000000E2640
[02Ch 0044   8]       ACPI Table Address   1 : 00000000000E2760
[034h 0052   8]       ACPI Table Address   2 : 00000000000E31B0
[03Ch 0060   8]       ACPI Table Address   3 : 00000000000E31F0
[044h 0068   8]       ACPI Table Address   4 : 00000000000E3240
