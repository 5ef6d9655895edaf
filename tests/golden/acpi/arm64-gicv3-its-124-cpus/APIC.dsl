[000h 0000   4]                    Signature : "APIC"    [Multiple APIC Description Table (MADT)]
[004h 0004   4]                 Table Length : 00002738
[008h 0008   1]                     Revision : 05
[009h 0009   1]                     Checksum : C0
[00Ah 0010   6]                       Oem ID : "LINTEL"
[010h 0016   8]                 Oem Table ID : "LINTELPC"
[018h 0024   4]                 Oem Revision : 00000001
[01Ch 0028   4]              Asl Compiler ID : "LNTL"
[020h 0032   4]        Asl Compiler Revision : 00000001

[024h 0036   4]           Local Apic Address : 00000000
[028h 0040   4]        Flags (decoded below) : 00000000
                         PC-AT Compatibility : 0

[02Ch 0044   1]                Subtable Type : 0B [Generic Interrupt Controller]
[02Dh 0045   1]                       Length : 50
[02Eh 0046   2]                     Reserved : 0000
[030h 0048   4]         CPU Interface Number : 00000000
[034h 0052   4]                Processor UID : 00000000
[038h 0056   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[03Ch 0060   4]     Parking Protocol Version : 00000000
[040h 0064   4]        Performance Interrupt : 00000017
[044h 0068   8]               Parked Address : 0000000000000000
[04Ch 0076   8]                 Base Address : 0000000000000000
[054h 0084   8]     Virtual GIC Base Address : 0000000000000000
[05Ch 0092   8]  Hypervisor GIC Base Address : 0000000000000000
[064h 0100   4]        Virtual GIC Interrupt : 00000000
[068h 0104   8]   Redistributor Base Address : 0000000000000000
[070h 0112   8]                    ARM MPIDR : 0000000000000000
[078h 0120   1]             Efficiency Class : 00
[079h 0121   1]                     Reserved : 00
[07Ah 0122   2]       SPE Overflow Interrupt : 0000

[07Ch 0124   1]                Subtable Type : 0B [Generic Interrupt Controller]
[07Dh 0125   1]                       Length : 50
[07Eh 0126   2]                     Reserved : 0000
[080h 0128   4]         CPU Interface Number : 00000001
[084h 0132   4]                Processor UID : 00000001
[088h 0136   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[08Ch 0140   4]     Parking Protocol Version : 00000000
[090h 0144   4]        Performance Interrupt : 00000017
[094h 0148   8]               Parked Address : 0000000000000000
[09Ch 0156   8]                 Base Address : 0000000000000000
[0A4h 0164   8]     Virtual GIC Base Address : 0000000000000000
[0ACh 0172   8]  Hypervisor GIC Base Address : 0000000000000000
[0B4h 0180   4]        Virtual GIC Interrupt : 00000000
[0B8h 0184   8]   Redistributor Base Address : 0000000000000000
[0C0h 0192   8]                    ARM MPIDR : 0000000000000001
[0C8h 0200   1]             Efficiency Class : 00
[0C9h 0201   1]                     Reserved : 00
[0CAh 0202   2]       SPE Overflow Interrupt : 0000

[0CCh 0204   1]                Subtable Type : 0B [Generic Interrupt Controller]
[0CDh 0205   1]                       Length : 50
[0CEh 0206   2]                     Reserved : 0000
[0D0h 0208   4]         CPU Interface Number : 00000002
[0D4h 0212   4]                Processor UID : 00000002
[0D8h 0216   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[0DCh 0220   4]     Parking Protocol Version : 00000000
[0E0h 0224   4]        Performance Interrupt : 00000017
[0E4h 0228   8]               Parked Address : 0000000000000000
[0ECh 0236   8]                 Base Address : 0000000000000000
[0F4h 0244   8]     Virtual GIC Base Address : 0000000000000000
[0FCh 0252   8]  Hypervisor GIC Base Address : 0000000000000000
[104h 0260   4]        Virtual GIC Interrupt : 00000000
[108h 0264   8]   Redistributor Base Address : 0000000000000000
[110h 0272   8]                    ARM MPIDR : 0000000000000002
[118h 0280   1]             Efficiency Class : 00
[119h 0281   1]                     Reserved : 00
[11Ah 0282   2]       SPE Overflow Interrupt : 0000

[11Ch 0284   1]                Subtable Type : 0B [Generic Interrupt Controller]
[11Dh 0285   1]                       Length : 50
[11Eh 0286   2]                     Reserved : 0000
[120h 0288   4]         CPU Interface Number : 00000003
[124h 0292   4]                Processor UID : 00000003
[128h 0296   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[12Ch 0300   4]     Parking Protocol Version : 00000000
[130h 0304   4]        Performance Interrupt : 00000017
[134h 0308   8]               Parked Address : 0000000000000000
[13Ch 0316   8]                 Base Address : 0000000000000000
[144h 0324   8]     Virtual GIC Base Address : 0000000000000000
[14Ch 0332   8]  Hypervisor GIC Base Address : 0000000000000000
[154h 0340   4]        Virtual GIC Interrupt : 00000000
[158h 0344   8]   Redistributor Base Address : 0000000000000000
[160h 0352   8]                    ARM MPIDR : 0000000000000003
[168h 0360   1]             Efficiency Class : 00
[169h 0361   1]                     Reserved : 00
[16Ah 0362   2]       SPE Overflow Interrupt : 0000

[16Ch 0364   1]                Subtable Type : 0B [Generic Interrupt Controller]
[16Dh 0365   1]                       Length : 50
[16Eh 0366   2]                     Reserved : 0000
[170h 0368   4]         CPU Interface Number : 00000004
[174h 0372   4]                Processor UID : 00000004
[178h 0376   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[17Ch 0380   4]     Parking Protocol Version : 00000000
[180h 0384   4]        Performance Interrupt : 00000017
[184h 0388   8]               Parked Address : 0000000000000000
[18Ch 0396   8]                 Base Address : 0000000000000000
[194h 0404   8]     Virtual GIC Base Address : 0000000000000000
[19Ch 0412   8]  Hypervisor GIC Base Address : 0000000000000000
[1A4h 0420   4]        Virtual GIC Interrupt : 00000000
[1A8h 0424   8]   Redistributor Base Address : 0000000000000000
[1B0h 0432   8]                    ARM MPIDR : 0000000000000004
[1B8h 0440   1]             Efficiency Class : 00
[1B9h 0441   1]                     Reserved : 00
[1BAh 0442   2]       SPE Overflow Interrupt : 0000

[1BCh 0444   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1BDh 0445   1]                       Length : 50
[1BEh 0446   2]                     Reserved : 0000
[1C0h 0448   4]         CPU Interface Number : 00000005
[1C4h 0452   4]                Processor UID : 00000005
[1C8h 0456   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1CCh 0460   4]     Parking Protocol Version : 00000000
[1D0h 0464   4]        Performance Interrupt : 00000017
[1D4h 0468   8]               Parked Address : 0000000000000000
[1DCh 0476   8]                 Base Address : 0000000000000000
[1E4h 0484   8]     Virtual GIC Base Address : 0000000000000000
[1ECh 0492   8]  Hypervisor GIC Base Address : 0000000000000000
[1F4h 0500   4]        Virtual GIC Interrupt : 00000000
[1F8h 0504   8]   Redistributor Base Address : 0000000000000000
[200h 0512   8]                    ARM MPIDR : 0000000000000005
[208h 0520   1]             Efficiency Class : 00
[209h 0521   1]                     Reserved : 00
[20Ah 0522   2]       SPE Overflow Interrupt : 0000

[20Ch 0524   1]                Subtable Type : 0B [Generic Interrupt Controller]
[20Dh 0525   1]                       Length : 50
[20Eh 0526   2]                     Reserved : 0000
[210h 0528   4]         CPU Interface Number : 00000006
[214h 0532   4]                Processor UID : 00000006
[218h 0536   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[21Ch 0540   4]     Parking Protocol Version : 00000000
[220h 0544   4]        Performance Interrupt : 00000017
[224h 0548   8]               Parked Address : 0000000000000000
[22Ch 0556   8]                 Base Address : 0000000000000000
[234h 0564   8]     Virtual GIC Base Address : 0000000000000000
[23Ch 0572   8]  Hypervisor GIC Base Address : 0000000000000000
[244h 0580   4]        Virtual GIC Interrupt : 00000000
[248h 0584   8]   Redistributor Base Address : 0000000000000000
[250h 0592   8]                    ARM MPIDR : 0000000000000006
[258h 0600   1]             Efficiency Class : 00
[259h 0601   1]                     Reserved : 00
[25Ah 0602   2]       SPE Overflow Interrupt : 0000

[25Ch 0604   1]                Subtable Type : 0B [Generic Interrupt Controller]
[25Dh 0605   1]                       Length : 50
[25Eh 0606   2]                     Reserved : 0000
[260h 0608   4]         CPU Interface Number : 00000007
[264h 0612   4]                Processor UID : 00000007
[268h 0616   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[26Ch 0620   4]     Parking Protocol Version : 00000000
[270h 0624   4]        Performance Interrupt : 00000017
[274h 0628   8]               Parked Address : 0000000000000000
[27Ch 0636   8]                 Base Address : 0000000000000000
[284h 0644   8]     Virtual GIC Base Address : 0000000000000000
[28Ch 0652   8]  Hypervisor GIC Base Address : 0000000000000000
[294h 0660   4]        Virtual GIC Interrupt : 00000000
[298h 0664   8]   Redistributor Base Address : 0000000000000000
[2A0h 0672   8]                    ARM MPIDR : 0000000000000007
[2A8h 0680   1]             Efficiency Class : 00
[2A9h 0681   1]                     Reserved : 00
[2AAh 0682   2]       SPE Overflow Interrupt : 0000

[2ACh 0684   1]                Subtable Type : 0B [Generic Interrupt Controller]
[2ADh 0685   1]                       Length : 50
[2AEh 0686   2]                     Reserved : 0000
[2B0h 0688   4]         CPU Interface Number : 00000008
[2B4h 0692   4]                Processor UID : 00000008
[2B8h 0696   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[2BCh 0700   4]     Parking Protocol Version : 00000000
[2C0h 0704   4]        Performance Interrupt : 00000017
[2C4h 0708   8]               Parked Address : 0000000000000000
[2CCh 0716   8]                 Base Address : 0000000000000000
[2D4h 0724   8]     Virtual GIC Base Address : 0000000000000000
[2DCh 0732   8]  Hypervisor GIC Base Address : 0000000000000000
[2E4h 0740   4]        Virtual GIC Interrupt : 00000000
[2E8h 0744   8]   Redistributor Base Address : 0000000000000000
[2F0h 0752   8]                    ARM MPIDR : 0000000000000008
[2F8h 0760   1]             Efficiency Class : 00
[2F9h 0761   1]                     Reserved : 00
[2FAh 0762   2]       SPE Overflow Interrupt : 0000

[2FCh 0764   1]                Subtable Type : 0B [Generic Interrupt Controller]
[2FDh 0765   1]                       Length : 50
[2FEh 0766   2]                     Reserved : 0000
[300h 0768   4]         CPU Interface Number : 00000009
[304h 0772   4]                Processor UID : 00000009
[308h 0776   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[30Ch 0780   4]     Parking Protocol Version : 00000000
[310h 0784   4]        Performance Interrupt : 00000017
[314h 0788   8]               Parked Address : 0000000000000000
[31Ch 0796   8]                 Base Address : 0000000000000000
[324h 0804   8]     Virtual GIC Base Address : 0000000000000000
[32Ch 0812   8]  Hypervisor GIC Base Address : 0000000000000000
[334h 0820   4]        Virtual GIC Interrupt : 00000000
[338h 0824   8]   Redistributor Base Address : 0000000000000000
[340h 0832   8]                    ARM MPIDR : 0000000000000009
[348h 0840   1]             Efficiency Class : 00
[349h 0841   1]                     Reserved : 00
[34Ah 0842   2]       SPE Overflow Interrupt : 0000

[34Ch 0844   1]                Subtable Type : 0B [Generic Interrupt Controller]
[34Dh 0845   1]                       Length : 50
[34Eh 0846   2]                     Reserved : 0000
[350h 0848   4]         CPU Interface Number : 0000000A
[354h 0852   4]                Processor UID : 0000000A
[358h 0856   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[35Ch 0860   4]     Parking Protocol Version : 00000000
[360h 0864   4]        Performance Interrupt : 00000017
[364h 0868   8]               Parked Address : 0000000000000000
[36Ch 0876   8]                 Base Address : 0000000000000000
[374h 0884   8]     Virtual GIC Base Address : 0000000000000000
[37Ch 0892   8]  Hypervisor GIC Base Address : 0000000000000000
[384h 0900   4]        Virtual GIC Interrupt : 00000000
[388h 0904   8]   Redistributor Base Address : 0000000000000000
[390h 0912   8]                    ARM MPIDR : 000000000000000A
[398h 0920   1]             Efficiency Class : 00
[399h 0921   1]                     Reserved : 00
[39Ah 0922   2]       SPE Overflow Interrupt : 0000

[39Ch 0924   1]                Subtable Type : 0B [Generic Interrupt Controller]
[39Dh 0925   1]                       Length : 50
[39Eh 0926   2]                     Reserved : 0000
[3A0h 0928   4]         CPU Interface Number : 0000000B
[3A4h 0932   4]                Processor UID : 0000000B
[3A8h 0936   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[3ACh 0940   4]     Parking Protocol Version : 00000000
[3B0h 0944   4]        Performance Interrupt : 00000017
[3B4h 0948   8]               Parked Address : 0000000000000000
[3BCh 0956   8]                 Base Address : 0000000000000000
[3C4h 0964   8]     Virtual GIC Base Address : 0000000000000000
[3CCh 0972   8]  Hypervisor GIC Base Address : 0000000000000000
[3D4h 0980   4]        Virtual GIC Interrupt : 00000000
[3D8h 0984   8]   Redistributor Base Address : 0000000000000000
[3E0h 0992   8]                    ARM MPIDR : 000000000000000B
[3E8h 1000   1]             Efficiency Class : 00
[3E9h 1001   1]                     Reserved : 00
[3EAh 1002   2]       SPE Overflow Interrupt : 0000

[3ECh 1004   1]                Subtable Type : 0B [Generic Interrupt Controller]
[3EDh 1005   1]                       Length : 50
[3EEh 1006   2]                     Reserved : 0000
[3F0h 1008   4]         CPU Interface Number : 0000000C
[3F4h 1012   4]                Processor UID : 0000000C
[3F8h 1016   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[3FCh 1020   4]     Parking Protocol Version : 00000000
[400h 1024   4]        Performance Interrupt : 00000017
[404h 1028   8]               Parked Address : 0000000000000000
[40Ch 1036   8]                 Base Address : 0000000000000000
[414h 1044   8]     Virtual GIC Base Address : 0000000000000000
[41Ch 1052   8]  Hypervisor GIC Base Address : 0000000000000000
[424h 1060   4]        Virtual GIC Interrupt : 00000000
[428h 1064   8]   Redistributor Base Address : 0000000000000000
[430h 1072   8]                    ARM MPIDR : 000000000000000C
[438h 1080   1]             Efficiency Class : 00
[439h 1081   1]                     Reserved : 00
[43Ah 1082   2]       SPE Overflow Interrupt : 0000

[43Ch 1084   1]                Subtable Type : 0B [Generic Interrupt Controller]
[43Dh 1085   1]                       Length : 50
[43Eh 1086   2]                     Reserved : 0000
[440h 1088   4]         CPU Interface Number : 0000000D
[444h 1092   4]                Processor UID : 0000000D
[448h 1096   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[44Ch 1100   4]     Parking Protocol Version : 00000000
[450h 1104   4]        Performance Interrupt : 00000017
[454h 1108   8]               Parked Address : 0000000000000000
[45Ch 1116   8]                 Base Address : 0000000000000000
[464h 1124   8]     Virtual GIC Base Address : 0000000000000000
[46Ch 1132   8]  Hypervisor GIC Base Address : 0000000000000000
[474h 1140   4]        Virtual GIC Interrupt : 00000000
[478h 1144   8]   Redistributor Base Address : 0000000000000000
[480h 1152   8]                    ARM MPIDR : 000000000000000D
[488h 1160   1]             Efficiency Class : 00
[489h 1161   1]                     Reserved : 00
[48Ah 1162   2]       SPE Overflow Interrupt : 0000

[48Ch 1164   1]                Subtable Type : 0B [Generic Interrupt Controller]
[48Dh 1165   1]                       Length : 50
[48Eh 1166   2]                     Reserved : 0000
[490h 1168   4]         CPU Interface Number : 0000000E
[494h 1172   4]                Processor UID : 0000000E
[498h 1176   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[49Ch 1180   4]     Parking Protocol Version : 00000000
[4A0h 1184   4]        Performance Interrupt : 00000017
[4A4h 1188   8]               Parked Address : 0000000000000000
[4ACh 1196   8]                 Base Address : 0000000000000000
[4B4h 1204   8]     Virtual GIC Base Address : 0000000000000000
[4BCh 1212   8]  Hypervisor GIC Base Address : 0000000000000000
[4C4h 1220   4]        Virtual GIC Interrupt : 00000000
[4C8h 1224   8]   Redistributor Base Address : 0000000000000000
[4D0h 1232   8]                    ARM MPIDR : 000000000000000E
[4D8h 1240   1]             Efficiency Class : 00
[4D9h 1241   1]                     Reserved : 00
[4DAh 1242   2]       SPE Overflow Interrupt : 0000

[4DCh 1244   1]                Subtable Type : 0B [Generic Interrupt Controller]
[4DDh 1245   1]                       Length : 50
[4DEh 1246   2]                     Reserved : 0000
[4E0h 1248   4]         CPU Interface Number : 0000000F
[4E4h 1252   4]                Processor UID : 0000000F
[4E8h 1256   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[4ECh 1260   4]     Parking Protocol Version : 00000000
[4F0h 1264   4]        Performance Interrupt : 00000017
[4F4h 1268   8]               Parked Address : 0000000000000000
[4FCh 1276   8]                 Base Address : 0000000000000000
[504h 1284   8]     Virtual GIC Base Address : 0000000000000000
[50Ch 1292   8]  Hypervisor GIC Base Address : 0000000000000000
[514h 1300   4]        Virtual GIC Interrupt : 00000000
[518h 1304   8]   Redistributor Base Address : 0000000000000000
[520h 1312   8]                    ARM MPIDR : 000000000000000F
[528h 1320   1]             Efficiency Class : 00
[529h 1321   1]                     Reserved : 00
[52Ah 1322   2]       SPE Overflow Interrupt : 0000

[52Ch 1324   1]                Subtable Type : 0B [Generic Interrupt Controller]
[52Dh 1325   1]                       Length : 50
[52Eh 1326   2]                     Reserved : 0000
[530h 1328   4]         CPU Interface Number : 00000010
[534h 1332   4]                Processor UID : 00000010
[538h 1336   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[53Ch 1340   4]     Parking Protocol Version : 00000000
[540h 1344   4]        Performance Interrupt : 00000017
[544h 1348   8]               Parked Address : 0000000000000000
[54Ch 1356   8]                 Base Address : 0000000000000000
[554h 1364   8]     Virtual GIC Base Address : 0000000000000000
[55Ch 1372   8]  Hypervisor GIC Base Address : 0000000000000000
[564h 1380   4]        Virtual GIC Interrupt : 00000000
[568h 1384   8]   Redistributor Base Address : 0000000000000000
[570h 1392   8]                    ARM MPIDR : 0000000000000100
[578h 1400   1]             Efficiency Class : 00
[579h 1401   1]                     Reserved : 00
[57Ah 1402   2]       SPE Overflow Interrupt : 0000

[57Ch 1404   1]                Subtable Type : 0B [Generic Interrupt Controller]
[57Dh 1405   1]                       Length : 50
[57Eh 1406   2]                     Reserved : 0000
[580h 1408   4]         CPU Interface Number : 00000011
[584h 1412   4]                Processor UID : 00000011
[588h 1416   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[58Ch 1420   4]     Parking Protocol Version : 00000000
[590h 1424   4]        Performance Interrupt : 00000017
[594h 1428   8]               Parked Address : 0000000000000000
[59Ch 1436   8]                 Base Address : 0000000000000000
[5A4h 1444   8]     Virtual GIC Base Address : 0000000000000000
[5ACh 1452   8]  Hypervisor GIC Base Address : 0000000000000000
[5B4h 1460   4]        Virtual GIC Interrupt : 00000000
[5B8h 1464   8]   Redistributor Base Address : 0000000000000000
[5C0h 1472   8]                    ARM MPIDR : 0000000000000101
[5C8h 1480   1]             Efficiency Class : 00
[5C9h 1481   1]                     Reserved : 00
[5CAh 1482   2]       SPE Overflow Interrupt : 0000

[5CCh 1484   1]                Subtable Type : 0B [Generic Interrupt Controller]
[5CDh 1485   1]                       Length : 50
[5CEh 1486   2]                     Reserved : 0000
[5D0h 1488   4]         CPU Interface Number : 00000012
[5D4h 1492   4]                Processor UID : 00000012
[5D8h 1496   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[5DCh 1500   4]     Parking Protocol Version : 00000000
[5E0h 1504   4]        Performance Interrupt : 00000017
[5E4h 1508   8]               Parked Address : 0000000000000000
[5ECh 1516   8]                 Base Address : 0000000000000000
[5F4h 1524   8]     Virtual GIC Base Address : 0000000000000000
[5FCh 1532   8]  Hypervisor GIC Base Address : 0000000000000000
[604h 1540   4]        Virtual GIC Interrupt : 00000000
[608h 1544   8]   Redistributor Base Address : 0000000000000000
[610h 1552   8]                    ARM MPIDR : 0000000000000102
[618h 1560   1]             Efficiency Class : 00
[619h 1561   1]                     Reserved : 00
[61Ah 1562   2]       SPE Overflow Interrupt : 0000

[61Ch 1564   1]                Subtable Type : 0B [Generic Interrupt Controller]
[61Dh 1565   1]                       Length : 50
[61Eh 1566   2]                     Reserved : 0000
[620h 1568   4]         CPU Interface Number : 00000013
[624h 1572   4]                Processor UID : 00000013
[628h 1576   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[62Ch 1580   4]     Parking Protocol Version : 00000000
[630h 1584   4]        Performance Interrupt : 00000017
[634h 1588   8]               Parked Address : 0000000000000000
[63Ch 1596   8]                 Base Address : 0000000000000000
[644h 1604   8]     Virtual GIC Base Address : 0000000000000000
[64Ch 1612   8]  Hypervisor GIC Base Address : 0000000000000000
[654h 1620   4]        Virtual GIC Interrupt : 00000000
[658h 1624   8]   Redistributor Base Address : 0000000000000000
[660h 1632   8]                    ARM MPIDR : 0000000000000103
[668h 1640   1]             Efficiency Class : 00
[669h 1641   1]                     Reserved : 00
[66Ah 1642   2]       SPE Overflow Interrupt : 0000

[66Ch 1644   1]                Subtable Type : 0B [Generic Interrupt Controller]
[66Dh 1645   1]                       Length : 50
[66Eh 1646   2]                     Reserved : 0000
[670h 1648   4]         CPU Interface Number : 00000014
[674h 1652   4]                Processor UID : 00000014
[678h 1656   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[67Ch 1660   4]     Parking Protocol Version : 00000000
[680h 1664   4]        Performance Interrupt : 00000017
[684h 1668   8]               Parked Address : 0000000000000000
[68Ch 1676   8]                 Base Address : 0000000000000000
[694h 1684   8]     Virtual GIC Base Address : 0000000000000000
[69Ch 1692   8]  Hypervisor GIC Base Address : 0000000000000000
[6A4h 1700   4]        Virtual GIC Interrupt : 00000000
[6A8h 1704   8]   Redistributor Base Address : 0000000000000000
[6B0h 1712   8]                    ARM MPIDR : 0000000000000104
[6B8h 1720   1]             Efficiency Class : 00
[6B9h 1721   1]                     Reserved : 00
[6BAh 1722   2]       SPE Overflow Interrupt : 0000

[6BCh 1724   1]                Subtable Type : 0B [Generic Interrupt Controller]
[6BDh 1725   1]                       Length : 50
[6BEh 1726   2]                     Reserved : 0000
[6C0h 1728   4]         CPU Interface Number : 00000015
[6C4h 1732   4]                Processor UID : 00000015
[6C8h 1736   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[6CCh 1740   4]     Parking Protocol Version : 00000000
[6D0h 1744   4]        Performance Interrupt : 00000017
[6D4h 1748   8]               Parked Address : 0000000000000000
[6DCh 1756   8]                 Base Address : 0000000000000000
[6E4h 1764   8]     Virtual GIC Base Address : 0000000000000000
[6ECh 1772   8]  Hypervisor GIC Base Address : 0000000000000000
[6F4h 1780   4]        Virtual GIC Interrupt : 00000000
[6F8h 1784   8]   Redistributor Base Address : 0000000000000000
[700h 1792   8]                    ARM MPIDR : 0000000000000105
[708h 1800   1]             Efficiency Class : 00
[709h 1801   1]                     Reserved : 00
[70Ah 1802   2]       SPE Overflow Interrupt : 0000

[70Ch 1804   1]                Subtable Type : 0B [Generic Interrupt Controller]
[70Dh 1805   1]                       Length : 50
[70Eh 1806   2]                     Reserved : 0000
[710h 1808   4]         CPU Interface Number : 00000016
[714h 1812   4]                Processor UID : 00000016
[718h 1816   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[71Ch 1820   4]     Parking Protocol Version : 00000000
[720h 1824   4]        Performance Interrupt : 00000017
[724h 1828   8]               Parked Address : 0000000000000000
[72Ch 1836   8]                 Base Address : 0000000000000000
[734h 1844   8]     Virtual GIC Base Address : 0000000000000000
[73Ch 1852   8]  Hypervisor GIC Base Address : 0000000000000000
[744h 1860   4]        Virtual GIC Interrupt : 00000000
[748h 1864   8]   Redistributor Base Address : 0000000000000000
[750h 1872   8]                    ARM MPIDR : 0000000000000106
[758h 1880   1]             Efficiency Class : 00
[759h 1881   1]                     Reserved : 00
[75Ah 1882   2]       SPE Overflow Interrupt : 0000

[75Ch 1884   1]                Subtable Type : 0B [Generic Interrupt Controller]
[75Dh 1885   1]                       Length : 50
[75Eh 1886   2]                     Reserved : 0000
[760h 1888   4]         CPU Interface Number : 00000017
[764h 1892   4]                Processor UID : 00000017
[768h 1896   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[76Ch 1900   4]     Parking Protocol Version : 00000000
[770h 1904   4]        Performance Interrupt : 00000017
[774h 1908   8]               Parked Address : 0000000000000000
[77Ch 1916   8]                 Base Address : 0000000000000000
[784h 1924   8]     Virtual GIC Base Address : 0000000000000000
[78Ch 1932   8]  Hypervisor GIC Base Address : 0000000000000000
[794h 1940   4]        Virtual GIC Interrupt : 00000000
[798h 1944   8]   Redistributor Base Address : 0000000000000000
[7A0h 1952   8]                    ARM MPIDR : 0000000000000107
[7A8h 1960   1]             Efficiency Class : 00
[7A9h 1961   1]                     Reserved : 00
[7AAh 1962   2]       SPE Overflow Interrupt : 0000

[7ACh 1964   1]                Subtable Type : 0B [Generic Interrupt Controller]
[7ADh 1965   1]                       Length : 50
[7AEh 1966   2]                     Reserved : 0000
[7B0h 1968   4]         CPU Interface Number : 00000018
[7B4h 1972   4]                Processor UID : 00000018
[7B8h 1976   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[7BCh 1980   4]     Parking Protocol Version : 00000000
[7C0h 1984   4]        Performance Interrupt : 00000017
[7C4h 1988   8]               Parked Address : 0000000000000000
[7CCh 1996   8]                 Base Address : 0000000000000000
[7D4h 2004   8]     Virtual GIC Base Address : 0000000000000000
[7DCh 2012   8]  Hypervisor GIC Base Address : 0000000000000000
[7E4h 2020   4]        Virtual GIC Interrupt : 00000000
[7E8h 2024   8]   Redistributor Base Address : 0000000000000000
[7F0h 2032   8]                    ARM MPIDR : 0000000000000108
[7F8h 2040   1]             Efficiency Class : 00
[7F9h 2041   1]                     Reserved : 00
[7FAh 2042   2]       SPE Overflow Interrupt : 0000

[7FCh 2044   1]                Subtable Type : 0B [Generic Interrupt Controller]
[7FDh 2045   1]                       Length : 50
[7FEh 2046   2]                     Reserved : 0000
[800h 2048   4]         CPU Interface Number : 00000019
[804h 2052   4]                Processor UID : 00000019
[808h 2056   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[80Ch 2060   4]     Parking Protocol Version : 00000000
[810h 2064   4]        Performance Interrupt : 00000017
[814h 2068   8]               Parked Address : 0000000000000000
[81Ch 2076   8]                 Base Address : 0000000000000000
[824h 2084   8]     Virtual GIC Base Address : 0000000000000000
[82Ch 2092   8]  Hypervisor GIC Base Address : 0000000000000000
[834h 2100   4]        Virtual GIC Interrupt : 00000000
[838h 2104   8]   Redistributor Base Address : 0000000000000000
[840h 2112   8]                    ARM MPIDR : 0000000000000109
[848h 2120   1]             Efficiency Class : 00
[849h 2121   1]                     Reserved : 00
[84Ah 2122   2]       SPE Overflow Interrupt : 0000

[84Ch 2124   1]                Subtable Type : 0B [Generic Interrupt Controller]
[84Dh 2125   1]                       Length : 50
[84Eh 2126   2]                     Reserved : 0000
[850h 2128   4]         CPU Interface Number : 0000001A
[854h 2132   4]                Processor UID : 0000001A
[858h 2136   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[85Ch 2140   4]     Parking Protocol Version : 00000000
[860h 2144   4]        Performance Interrupt : 00000017
[864h 2148   8]               Parked Address : 0000000000000000
[86Ch 2156   8]                 Base Address : 0000000000000000
[874h 2164   8]     Virtual GIC Base Address : 0000000000000000
[87Ch 2172   8]  Hypervisor GIC Base Address : 0000000000000000
[884h 2180   4]        Virtual GIC Interrupt : 00000000
[888h 2184   8]   Redistributor Base Address : 0000000000000000
[890h 2192   8]                    ARM MPIDR : 000000000000010A
[898h 2200   1]             Efficiency Class : 00
[899h 2201   1]                     Reserved : 00
[89Ah 2202   2]       SPE Overflow Interrupt : 0000

[89Ch 2204   1]                Subtable Type : 0B [Generic Interrupt Controller]
[89Dh 2205   1]                       Length : 50
[89Eh 2206   2]                     Reserved : 0000
[8A0h 2208   4]         CPU Interface Number : 0000001B
[8A4h 2212   4]                Processor UID : 0000001B
[8A8h 2216   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[8ACh 2220   4]     Parking Protocol Version : 00000000
[8B0h 2224   4]        Performance Interrupt : 00000017
[8B4h 2228   8]               Parked Address : 0000000000000000
[8BCh 2236   8]                 Base Address : 0000000000000000
[8C4h 2244   8]     Virtual GIC Base Address : 0000000000000000
[8CCh 2252   8]  Hypervisor GIC Base Address : 0000000000000000
[8D4h 2260   4]        Virtual GIC Interrupt : 00000000
[8D8h 2264   8]   Redistributor Base Address : 0000000000000000
[8E0h 2272   8]                    ARM MPIDR : 000000000000010B
[8E8h 2280   1]             Efficiency Class : 00
[8E9h 2281   1]                     Reserved : 00
[8EAh 2282   2]       SPE Overflow Interrupt : 0000

[8ECh 2284   1]                Subtable Type : 0B [Generic Interrupt Controller]
[8EDh 2285   1]                       Length : 50
[8EEh 2286   2]                     Reserved : 0000
[8F0h 2288   4]         CPU Interface Number : 0000001C
[8F4h 2292   4]                Processor UID : 0000001C
[8F8h 2296   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[8FCh 2300   4]     Parking Protocol Version : 00000000
[900h 2304   4]        Performance Interrupt : 00000017
[904h 2308   8]               Parked Address : 0000000000000000
[90Ch 2316   8]                 Base Address : 0000000000000000
[914h 2324   8]     Virtual GIC Base Address : 0000000000000000
[91Ch 2332   8]  Hypervisor GIC Base Address : 0000000000000000
[924h 2340   4]        Virtual GIC Interrupt : 00000000
[928h 2344   8]   Redistributor Base Address : 0000000000000000
[930h 2352   8]                    ARM MPIDR : 000000000000010C
[938h 2360   1]             Efficiency Class : 00
[939h 2361   1]                     Reserved : 00
[93Ah 2362   2]       SPE Overflow Interrupt : 0000

[93Ch 2364   1]                Subtable Type : 0B [Generic Interrupt Controller]
[93Dh 2365   1]                       Length : 50
[93Eh 2366   2]                     Reserved : 0000
[940h 2368   4]         CPU Interface Number : 0000001D
[944h 2372   4]                Processor UID : 0000001D
[948h 2376   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[94Ch 2380   4]     Parking Protocol Version : 00000000
[950h 2384   4]        Performance Interrupt : 00000017
[954h 2388   8]               Parked Address : 0000000000000000
[95Ch 2396   8]                 Base Address : 0000000000000000
[964h 2404   8]     Virtual GIC Base Address : 0000000000000000
[96Ch 2412   8]  Hypervisor GIC Base Address : 0000000000000000
[974h 2420   4]        Virtual GIC Interrupt : 00000000
[978h 2424   8]   Redistributor Base Address : 0000000000000000
[980h 2432   8]                    ARM MPIDR : 000000000000010D
[988h 2440   1]             Efficiency Class : 00
[989h 2441   1]                     Reserved : 00
[98Ah 2442   2]       SPE Overflow Interrupt : 0000

[98Ch 2444   1]                Subtable Type : 0B [Generic Interrupt Controller]
[98Dh 2445   1]                       Length : 50
[98Eh 2446   2]                     Reserved : 0000
[990h 2448   4]         CPU Interface Number : 0000001E
[994h 2452   4]                Processor UID : 0000001E
[998h 2456   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[99Ch 2460   4]     Parking Protocol Version : 00000000
[9A0h 2464   4]        Performance Interrupt : 00000017
[9A4h 2468   8]               Parked Address : 0000000000000000
[9ACh 2476   8]                 Base Address : 0000000000000000
[9B4h 2484   8]     Virtual GIC Base Address : 0000000000000000
[9BCh 2492   8]  Hypervisor GIC Base Address : 0000000000000000
[9C4h 2500   4]        Virtual GIC Interrupt : 00000000
[9C8h 2504   8]   Redistributor Base Address : 0000000000000000
[9D0h 2512   8]                    ARM MPIDR : 000000000000010E
[9D8h 2520   1]             Efficiency Class : 00
[9D9h 2521   1]                     Reserved : 00
[9DAh 2522   2]       SPE Overflow Interrupt : 0000

[9DCh 2524   1]                Subtable Type : 0B [Generic Interrupt Controller]
[9DDh 2525   1]                       Length : 50
[9DEh 2526   2]                     Reserved : 0000
[9E0h 2528   4]         CPU Interface Number : 0000001F
[9E4h 2532   4]                Processor UID : 0000001F
[9E8h 2536   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[9ECh 2540   4]     Parking Protocol Version : 00000000
[9F0h 2544   4]        Performance Interrupt : 00000017
[9F4h 2548   8]               Parked Address : 0000000000000000
[9FCh 2556   8]                 Base Address : 0000000000000000
[A04h 2564   8]     Virtual GIC Base Address : 0000000000000000
[A0Ch 2572   8]  Hypervisor GIC Base Address : 0000000000000000
[A14h 2580   4]        Virtual GIC Interrupt : 00000000
[A18h 2584   8]   Redistributor Base Address : 0000000000000000
[A20h 2592   8]                    ARM MPIDR : 000000000000010F
[A28h 2600   1]             Efficiency Class : 00
[A29h 2601   1]                     Reserved : 00
[A2Ah 2602   2]       SPE Overflow Interrupt : 0000

[A2Ch 2604   1]                Subtable Type : 0B [Generic Interrupt Controller]
[A2Dh 2605   1]                       Length : 50
[A2Eh 2606   2]                     Reserved : 0000
[A30h 2608   4]         CPU Interface Number : 00000020
[A34h 2612   4]                Processor UID : 00000020
[A38h 2616   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[A3Ch 2620   4]     Parking Protocol Version : 00000000
[A40h 2624   4]        Performance Interrupt : 00000017
[A44h 2628   8]               Parked Address : 0000000000000000
[A4Ch 2636   8]                 Base Address : 0000000000000000
[A54h 2644   8]     Virtual GIC Base Address : 0000000000000000
[A5Ch 2652   8]  Hypervisor GIC Base Address : 0000000000000000
[A64h 2660   4]        Virtual GIC Interrupt : 00000000
[A68h 2664   8]   Redistributor Base Address : 0000000000000000
[A70h 2672   8]                    ARM MPIDR : 0000000000000200
[A78h 2680   1]             Efficiency Class : 00
[A79h 2681   1]                     Reserved : 00
[A7Ah 2682   2]       SPE Overflow Interrupt : 0000

[A7Ch 2684   1]                Subtable Type : 0B [Generic Interrupt Controller]
[A7Dh 2685   1]                       Length : 50
[A7Eh 2686   2]                     Reserved : 0000
[A80h 2688   4]         CPU Interface Number : 00000021
[A84h 2692   4]                Processor UID : 00000021
[A88h 2696   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[A8Ch 2700   4]     Parking Protocol Version : 00000000
[A90h 2704   4]        Performance Interrupt : 00000017
[A94h 2708   8]               Parked Address : 0000000000000000
[A9Ch 2716   8]                 Base Address : 0000000000000000
[AA4h 2724   8]     Virtual GIC Base Address : 0000000000000000
[AACh 2732   8]  Hypervisor GIC Base Address : 0000000000000000
[AB4h 2740   4]        Virtual GIC Interrupt : 00000000
[AB8h 2744   8]   Redistributor Base Address : 0000000000000000
[AC0h 2752   8]                    ARM MPIDR : 0000000000000201
[AC8h 2760   1]             Efficiency Class : 00
[AC9h 2761   1]                     Reserved : 00
[ACAh 2762   2]       SPE Overflow Interrupt : 0000

[ACCh 2764   1]                Subtable Type : 0B [Generic Interrupt Controller]
[ACDh 2765   1]                       Length : 50
[ACEh 2766   2]                     Reserved : 0000
[AD0h 2768   4]         CPU Interface Number : 00000022
[AD4h 2772   4]                Processor UID : 00000022
[AD8h 2776   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[ADCh 2780   4]     Parking Protocol Version : 00000000
[AE0h 2784   4]        Performance Interrupt : 00000017
[AE4h 2788   8]               Parked Address : 0000000000000000
[AECh 2796   8]                 Base Address : 0000000000000000
[AF4h 2804   8]     Virtual GIC Base Address : 0000000000000000
[AFCh 2812   8]  Hypervisor GIC Base Address : 0000000000000000
[B04h 2820   4]        Virtual GIC Interrupt : 00000000
[B08h 2824   8]   Redistributor Base Address : 0000000000000000
[B10h 2832   8]                    ARM MPIDR : 0000000000000202
[B18h 2840   1]             Efficiency Class : 00
[B19h 2841   1]                     Reserved : 00
[B1Ah 2842   2]       SPE Overflow Interrupt : 0000

[B1Ch 2844   1]                Subtable Type : 0B [Generic Interrupt Controller]
[B1Dh 2845   1]                       Length : 50
[B1Eh 2846   2]                     Reserved : 0000
[B20h 2848   4]         CPU Interface Number : 00000023
[B24h 2852   4]                Processor UID : 00000023
[B28h 2856   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[B2Ch 2860   4]     Parking Protocol Version : 00000000
[B30h 2864   4]        Performance Interrupt : 00000017
[B34h 2868   8]               Parked Address : 0000000000000000
[B3Ch 2876   8]                 Base Address : 0000000000000000
[B44h 2884   8]     Virtual GIC Base Address : 0000000000000000
[B4Ch 2892   8]  Hypervisor GIC Base Address : 0000000000000000
[B54h 2900   4]        Virtual GIC Interrupt : 00000000
[B58h 2904   8]   Redistributor Base Address : 0000000000000000
[B60h 2912   8]                    ARM MPIDR : 0000000000000203
[B68h 2920   1]             Efficiency Class : 00
[B69h 2921   1]                     Reserved : 00
[B6Ah 2922   2]       SPE Overflow Interrupt : 0000

[B6Ch 2924   1]                Subtable Type : 0B [Generic Interrupt Controller]
[B6Dh 2925   1]                       Length : 50
[B6Eh 2926   2]                     Reserved : 0000
[B70h 2928   4]         CPU Interface Number : 00000024
[B74h 2932   4]                Processor UID : 00000024
[B78h 2936   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[B7Ch 2940   4]     Parking Protocol Version : 00000000
[B80h 2944   4]        Performance Interrupt : 00000017
[B84h 2948   8]               Parked Address : 0000000000000000
[B8Ch 2956   8]                 Base Address : 0000000000000000
[B94h 2964   8]     Virtual GIC Base Address : 0000000000000000
[B9Ch 2972   8]  Hypervisor GIC Base Address : 0000000000000000
[BA4h 2980   4]        Virtual GIC Interrupt : 00000000
[BA8h 2984   8]   Redistributor Base Address : 0000000000000000
[BB0h 2992   8]                    ARM MPIDR : 0000000000000204
[BB8h 3000   1]             Efficiency Class : 00
[BB9h 3001   1]                     Reserved : 00
[BBAh 3002   2]       SPE Overflow Interrupt : 0000

[BBCh 3004   1]                Subtable Type : 0B [Generic Interrupt Controller]
[BBDh 3005   1]                       Length : 50
[BBEh 3006   2]                     Reserved : 0000
[BC0h 3008   4]         CPU Interface Number : 00000025
[BC4h 3012   4]                Processor UID : 00000025
[BC8h 3016   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[BCCh 3020   4]     Parking Protocol Version : 00000000
[BD0h 3024   4]        Performance Interrupt : 00000017
[BD4h 3028   8]               Parked Address : 0000000000000000
[BDCh 3036   8]                 Base Address : 0000000000000000
[BE4h 3044   8]     Virtual GIC Base Address : 0000000000000000
[BECh 3052   8]  Hypervisor GIC Base Address : 0000000000000000
[BF4h 3060   4]        Virtual GIC Interrupt : 00000000
[BF8h 3064   8]   Redistributor Base Address : 0000000000000000
[C00h 3072   8]                    ARM MPIDR : 0000000000000205
[C08h 3080   1]             Efficiency Class : 00
[C09h 3081   1]                     Reserved : 00
[C0Ah 3082   2]       SPE Overflow Interrupt : 0000

[C0Ch 3084   1]                Subtable Type : 0B [Generic Interrupt Controller]
[C0Dh 3085   1]                       Length : 50
[C0Eh 3086   2]                     Reserved : 0000
[C10h 3088   4]         CPU Interface Number : 00000026
[C14h 3092   4]                Processor UID : 00000026
[C18h 3096   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[C1Ch 3100   4]     Parking Protocol Version : 00000000
[C20h 3104   4]        Performance Interrupt : 00000017
[C24h 3108   8]               Parked Address : 0000000000000000
[C2Ch 3116   8]                 Base Address : 0000000000000000
[C34h 3124   8]     Virtual GIC Base Address : 0000000000000000
[C3Ch 3132   8]  Hypervisor GIC Base Address : 0000000000000000
[C44h 3140   4]        Virtual GIC Interrupt : 00000000
[C48h 3144   8]   Redistributor Base Address : 0000000000000000
[C50h 3152   8]                    ARM MPIDR : 0000000000000206
[C58h 3160   1]             Efficiency Class : 00
[C59h 3161   1]                     Reserved : 00
[C5Ah 3162   2]       SPE Overflow Interrupt : 0000

[C5Ch 3164   1]                Subtable Type : 0B [Generic Interrupt Controller]
[C5Dh 3165   1]                       Length : 50
[C5Eh 3166   2]                     Reserved : 0000
[C60h 3168   4]         CPU Interface Number : 00000027
[C64h 3172   4]                Processor UID : 00000027
[C68h 3176   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[C6Ch 3180   4]     Parking Protocol Version : 00000000
[C70h 3184   4]        Performance Interrupt : 00000017
[C74h 3188   8]               Parked Address : 0000000000000000
[C7Ch 3196   8]                 Base Address : 0000000000000000
[C84h 3204   8]     Virtual GIC Base Address : 0000000000000000
[C8Ch 3212   8]  Hypervisor GIC Base Address : 0000000000000000
[C94h 3220   4]        Virtual GIC Interrupt : 00000000
[C98h 3224   8]   Redistributor Base Address : 0000000000000000
[CA0h 3232   8]                    ARM MPIDR : 0000000000000207
[CA8h 3240   1]             Efficiency Class : 00
[CA9h 3241   1]                     Reserved : 00
[CAAh 3242   2]       SPE Overflow Interrupt : 0000

[CACh 3244   1]                Subtable Type : 0B [Generic Interrupt Controller]
[CADh 3245   1]                       Length : 50
[CAEh 3246   2]                     Reserved : 0000
[CB0h 3248   4]         CPU Interface Number : 00000028
[CB4h 3252   4]                Processor UID : 00000028
[CB8h 3256   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[CBCh 3260   4]     Parking Protocol Version : 00000000
[CC0h 3264   4]        Performance Interrupt : 00000017
[CC4h 3268   8]               Parked Address : 0000000000000000
[CCCh 3276   8]                 Base Address : 0000000000000000
[CD4h 3284   8]     Virtual GIC Base Address : 0000000000000000
[CDCh 3292   8]  Hypervisor GIC Base Address : 0000000000000000
[CE4h 3300   4]        Virtual GIC Interrupt : 00000000
[CE8h 3304   8]   Redistributor Base Address : 0000000000000000
[CF0h 3312   8]                    ARM MPIDR : 0000000000000208
[CF8h 3320   1]             Efficiency Class : 00
[CF9h 3321   1]                     Reserved : 00
[CFAh 3322   2]       SPE Overflow Interrupt : 0000

[CFCh 3324   1]                Subtable Type : 0B [Generic Interrupt Controller]
[CFDh 3325   1]                       Length : 50
[CFEh 3326   2]                     Reserved : 0000
[D00h 3328   4]         CPU Interface Number : 00000029
[D04h 3332   4]                Processor UID : 00000029
[D08h 3336   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[D0Ch 3340   4]     Parking Protocol Version : 00000000
[D10h 3344   4]        Performance Interrupt : 00000017
[D14h 3348   8]               Parked Address : 0000000000000000
[D1Ch 3356   8]                 Base Address : 0000000000000000
[D24h 3364   8]     Virtual GIC Base Address : 0000000000000000
[D2Ch 3372   8]  Hypervisor GIC Base Address : 0000000000000000
[D34h 3380   4]        Virtual GIC Interrupt : 00000000
[D38h 3384   8]   Redistributor Base Address : 0000000000000000
[D40h 3392   8]                    ARM MPIDR : 0000000000000209
[D48h 3400   1]             Efficiency Class : 00
[D49h 3401   1]                     Reserved : 00
[D4Ah 3402   2]       SPE Overflow Interrupt : 0000

[D4Ch 3404   1]                Subtable Type : 0B [Generic Interrupt Controller]
[D4Dh 3405   1]                       Length : 50
[D4Eh 3406   2]                     Reserved : 0000
[D50h 3408   4]         CPU Interface Number : 0000002A
[D54h 3412   4]                Processor UID : 0000002A
[D58h 3416   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[D5Ch 3420   4]     Parking Protocol Version : 00000000
[D60h 3424   4]        Performance Interrupt : 00000017
[D64h 3428   8]               Parked Address : 0000000000000000
[D6Ch 3436   8]                 Base Address : 0000000000000000
[D74h 3444   8]     Virtual GIC Base Address : 0000000000000000
[D7Ch 3452   8]  Hypervisor GIC Base Address : 0000000000000000
[D84h 3460   4]        Virtual GIC Interrupt : 00000000
[D88h 3464   8]   Redistributor Base Address : 0000000000000000
[D90h 3472   8]                    ARM MPIDR : 000000000000020A
[D98h 3480   1]             Efficiency Class : 00
[D99h 3481   1]                     Reserved : 00
[D9Ah 3482   2]       SPE Overflow Interrupt : 0000

[D9Ch 3484   1]                Subtable Type : 0B [Generic Interrupt Controller]
[D9Dh 3485   1]                       Length : 50
[D9Eh 3486   2]                     Reserved : 0000
[DA0h 3488   4]         CPU Interface Number : 0000002B
[DA4h 3492   4]                Processor UID : 0000002B
[DA8h 3496   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[DACh 3500   4]     Parking Protocol Version : 00000000
[DB0h 3504   4]        Performance Interrupt : 00000017
[DB4h 3508   8]               Parked Address : 0000000000000000
[DBCh 3516   8]                 Base Address : 0000000000000000
[DC4h 3524   8]     Virtual GIC Base Address : 0000000000000000
[DCCh 3532   8]  Hypervisor GIC Base Address : 0000000000000000
[DD4h 3540   4]        Virtual GIC Interrupt : 00000000
[DD8h 3544   8]   Redistributor Base Address : 0000000000000000
[DE0h 3552   8]                    ARM MPIDR : 000000000000020B
[DE8h 3560   1]             Efficiency Class : 00
[DE9h 3561   1]                     Reserved : 00
[DEAh 3562   2]       SPE Overflow Interrupt : 0000

[DECh 3564   1]                Subtable Type : 0B [Generic Interrupt Controller]
[DEDh 3565   1]                       Length : 50
[DEEh 3566   2]                     Reserved : 0000
[DF0h 3568   4]         CPU Interface Number : 0000002C
[DF4h 3572   4]                Processor UID : 0000002C
[DF8h 3576   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[DFCh 3580   4]     Parking Protocol Version : 00000000
[E00h 3584   4]        Performance Interrupt : 00000017
[E04h 3588   8]               Parked Address : 0000000000000000
[E0Ch 3596   8]                 Base Address : 0000000000000000
[E14h 3604   8]     Virtual GIC Base Address : 0000000000000000
[E1Ch 3612   8]  Hypervisor GIC Base Address : 0000000000000000
[E24h 3620   4]        Virtual GIC Interrupt : 00000000
[E28h 3624   8]   Redistributor Base Address : 0000000000000000
[E30h 3632   8]                    ARM MPIDR : 000000000000020C
[E38h 3640   1]             Efficiency Class : 00
[E39h 3641   1]                     Reserved : 00
[E3Ah 3642   2]       SPE Overflow Interrupt : 0000

[E3Ch 3644   1]                Subtable Type : 0B [Generic Interrupt Controller]
[E3Dh 3645   1]                       Length : 50
[E3Eh 3646   2]                     Reserved : 0000
[E40h 3648   4]         CPU Interface Number : 0000002D
[E44h 3652   4]                Processor UID : 0000002D
[E48h 3656   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[E4Ch 3660   4]     Parking Protocol Version : 00000000
[E50h 3664   4]        Performance Interrupt : 00000017
[E54h 3668   8]               Parked Address : 0000000000000000
[E5Ch 3676   8]                 Base Address : 0000000000000000
[E64h 3684   8]     Virtual GIC Base Address : 0000000000000000
[E6Ch 3692   8]  Hypervisor GIC Base Address : 0000000000000000
[E74h 3700   4]        Virtual GIC Interrupt : 00000000
[E78h 3704   8]   Redistributor Base Address : 0000000000000000
[E80h 3712   8]                    ARM MPIDR : 000000000000020D
[E88h 3720   1]             Efficiency Class : 00
[E89h 3721   1]                     Reserved : 00
[E8Ah 3722   2]       SPE Overflow Interrupt : 0000

[E8Ch 3724   1]                Subtable Type : 0B [Generic Interrupt Controller]
[E8Dh 3725   1]                       Length : 50
[E8Eh 3726   2]                     Reserved : 0000
[E90h 3728   4]         CPU Interface Number : 0000002E
[E94h 3732   4]                Processor UID : 0000002E
[E98h 3736   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[E9Ch 3740   4]     Parking Protocol Version : 00000000
[EA0h 3744   4]        Performance Interrupt : 00000017
[EA4h 3748   8]               Parked Address : 0000000000000000
[EACh 3756   8]                 Base Address : 0000000000000000
[EB4h 3764   8]     Virtual GIC Base Address : 0000000000000000
[EBCh 3772   8]  Hypervisor GIC Base Address : 0000000000000000
[EC4h 3780   4]        Virtual GIC Interrupt : 00000000
[EC8h 3784   8]   Redistributor Base Address : 0000000000000000
[ED0h 3792   8]                    ARM MPIDR : 000000000000020E
[ED8h 3800   1]             Efficiency Class : 00
[ED9h 3801   1]                     Reserved : 00
[EDAh 3802   2]       SPE Overflow Interrupt : 0000

[EDCh 3804   1]                Subtable Type : 0B [Generic Interrupt Controller]
[EDDh 3805   1]                       Length : 50
[EDEh 3806   2]                     Reserved : 0000
[EE0h 3808   4]         CPU Interface Number : 0000002F
[EE4h 3812   4]                Processor UID : 0000002F
[EE8h 3816   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[EECh 3820   4]     Parking Protocol Version : 00000000
[EF0h 3824   4]        Performance Interrupt : 00000017
[EF4h 3828   8]               Parked Address : 0000000000000000
[EFCh 3836   8]                 Base Address : 0000000000000000
[F04h 3844   8]     Virtual GIC Base Address : 0000000000000000
[F0Ch 3852   8]  Hypervisor GIC Base Address : 0000000000000000
[F14h 3860   4]        Virtual GIC Interrupt : 00000000
[F18h 3864   8]   Redistributor Base Address : 0000000000000000
[F20h 3872   8]                    ARM MPIDR : 000000000000020F
[F28h 3880   1]             Efficiency Class : 00
[F29h 3881   1]                     Reserved : 00
[F2Ah 3882   2]       SPE Overflow Interrupt : 0000

[F2Ch 3884   1]                Subtable Type : 0B [Generic Interrupt Controller]
[F2Dh 3885   1]                       Length : 50
[F2Eh 3886   2]                     Reserved : 0000
[F30h 3888   4]         CPU Interface Number : 00000030
[F34h 3892   4]                Processor UID : 00000030
[F38h 3896   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[F3Ch 3900   4]     Parking Protocol Version : 00000000
[F40h 3904   4]        Performance Interrupt : 00000017
[F44h 3908   8]               Parked Address : 0000000000000000
[F4Ch 3916   8]                 Base Address : 0000000000000000
[F54h 3924   8]     Virtual GIC Base Address : 0000000000000000
[F5Ch 3932   8]  Hypervisor GIC Base Address : 0000000000000000
[F64h 3940   4]        Virtual GIC Interrupt : 00000000
[F68h 3944   8]   Redistributor Base Address : 0000000000000000
[F70h 3952   8]                    ARM MPIDR : 0000000000000300
[F78h 3960   1]             Efficiency Class : 00
[F79h 3961   1]                     Reserved : 00
[F7Ah 3962   2]       SPE Overflow Interrupt : 0000

[F7Ch 3964   1]                Subtable Type : 0B [Generic Interrupt Controller]
[F7Dh 3965   1]                       Length : 50
[F7Eh 3966   2]                     Reserved : 0000
[F80h 3968   4]         CPU Interface Number : 00000031
[F84h 3972   4]                Processor UID : 00000031
[F88h 3976   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[F8Ch 3980   4]     Parking Protocol Version : 00000000
[F90h 3984   4]        Performance Interrupt : 00000017
[F94h 3988   8]               Parked Address : 0000000000000000
[F9Ch 3996   8]                 Base Address : 0000000000000000
[FA4h 4004   8]     Virtual GIC Base Address : 0000000000000000
[FACh 4012   8]  Hypervisor GIC Base Address : 0000000000000000
[FB4h 4020   4]        Virtual GIC Interrupt : 00000000
[FB8h 4024   8]   Redistributor Base Address : 0000000000000000
[FC0h 4032   8]                    ARM MPIDR : 0000000000000301
[FC8h 4040   1]             Efficiency Class : 00
[FC9h 4041   1]                     Reserved : 00
[FCAh 4042   2]       SPE Overflow Interrupt : 0000

[FCCh 4044   1]                Subtable Type : 0B [Generic Interrupt Controller]
[FCDh 4045   1]                       Length : 50
[FCEh 4046   2]                     Reserved : 0000
[FD0h 4048   4]         CPU Interface Number : 00000032
[FD4h 4052   4]                Processor UID : 00000032
[FD8h 4056   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[FDCh 4060   4]     Parking Protocol Version : 00000000
[FE0h 4064   4]        Performance Interrupt : 00000017
[FE4h 4068   8]               Parked Address : 0000000000000000
[FECh 4076   8]                 Base Address : 0000000000000000
[FF4h 4084   8]     Virtual GIC Base Address : 0000000000000000
[FFCh 4092   8]  Hypervisor GIC Base Address : 0000000000000000
[1004h 4100   4]        Virtual GIC Interrupt : 00000000
[1008h 4104   8]   Redistributor Base Address : 0000000000000000
[1010h 4112   8]                    ARM MPIDR : 0000000000000302
[1018h 4120   1]             Efficiency Class : 00
[1019h 4121   1]                     Reserved : 00
[101Ah 4122   2]       SPE Overflow Interrupt : 0000

[101Ch 4124   1]                Subtable Type : 0B [Generic Interrupt Controller]
[101Dh 4125   1]                       Length : 50
[101Eh 4126   2]                     Reserved : 0000
[1020h 4128   4]         CPU Interface Number : 00000033
[1024h 4132   4]                Processor UID : 00000033
[1028h 4136   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[102Ch 4140   4]     Parking Protocol Version : 00000000
[1030h 4144   4]        Performance Interrupt : 00000017
[1034h 4148   8]               Parked Address : 0000000000000000
[103Ch 4156   8]                 Base Address : 0000000000000000
[1044h 4164   8]     Virtual GIC Base Address : 0000000000000000
[104Ch 4172   8]  Hypervisor GIC Base Address : 0000000000000000
[1054h 4180   4]        Virtual GIC Interrupt : 00000000
[1058h 4184   8]   Redistributor Base Address : 0000000000000000
[1060h 4192   8]                    ARM MPIDR : 0000000000000303
[1068h 4200   1]             Efficiency Class : 00
[1069h 4201   1]                     Reserved : 00
[106Ah 4202   2]       SPE Overflow Interrupt : 0000

[106Ch 4204   1]                Subtable Type : 0B [Generic Interrupt Controller]
[106Dh 4205   1]                       Length : 50
[106Eh 4206   2]                     Reserved : 0000
[1070h 4208   4]         CPU Interface Number : 00000034
[1074h 4212   4]                Processor UID : 00000034
[1078h 4216   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[107Ch 4220   4]     Parking Protocol Version : 00000000
[1080h 4224   4]        Performance Interrupt : 00000017
[1084h 4228   8]               Parked Address : 0000000000000000
[108Ch 4236   8]                 Base Address : 0000000000000000
[1094h 4244   8]     Virtual GIC Base Address : 0000000000000000
[109Ch 4252   8]  Hypervisor GIC Base Address : 0000000000000000
[10A4h 4260   4]        Virtual GIC Interrupt : 00000000
[10A8h 4264   8]   Redistributor Base Address : 0000000000000000
[10B0h 4272   8]                    ARM MPIDR : 0000000000000304
[10B8h 4280   1]             Efficiency Class : 00
[10B9h 4281   1]                     Reserved : 00
[10BAh 4282   2]       SPE Overflow Interrupt : 0000

[10BCh 4284   1]                Subtable Type : 0B [Generic Interrupt Controller]
[10BDh 4285   1]                       Length : 50
[10BEh 4286   2]                     Reserved : 0000
[10C0h 4288   4]         CPU Interface Number : 00000035
[10C4h 4292   4]                Processor UID : 00000035
[10C8h 4296   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[10CCh 4300   4]     Parking Protocol Version : 00000000
[10D0h 4304   4]        Performance Interrupt : 00000017
[10D4h 4308   8]               Parked Address : 0000000000000000
[10DCh 4316   8]                 Base Address : 0000000000000000
[10E4h 4324   8]     Virtual GIC Base Address : 0000000000000000
[10ECh 4332   8]  Hypervisor GIC Base Address : 0000000000000000
[10F4h 4340   4]        Virtual GIC Interrupt : 00000000
[10F8h 4344   8]   Redistributor Base Address : 0000000000000000
[1100h 4352   8]                    ARM MPIDR : 0000000000000305
[1108h 4360   1]             Efficiency Class : 00
[1109h 4361   1]                     Reserved : 00
[110Ah 4362   2]       SPE Overflow Interrupt : 0000

[110Ch 4364   1]                Subtable Type : 0B [Generic Interrupt Controller]
[110Dh 4365   1]                       Length : 50
[110Eh 4366   2]                     Reserved : 0000
[1110h 4368   4]         CPU Interface Number : 00000036
[1114h 4372   4]                Processor UID : 00000036
[1118h 4376   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[111Ch 4380   4]     Parking Protocol Version : 00000000
[1120h 4384   4]        Performance Interrupt : 00000017
[1124h 4388   8]               Parked Address : 0000000000000000
[112Ch 4396   8]                 Base Address : 0000000000000000
[1134h 4404   8]     Virtual GIC Base Address : 0000000000000000
[113Ch 4412   8]  Hypervisor GIC Base Address : 0000000000000000
[1144h 4420   4]        Virtual GIC Interrupt : 00000000
[1148h 4424   8]   Redistributor Base Address : 0000000000000000
[1150h 4432   8]                    ARM MPIDR : 0000000000000306
[1158h 4440   1]             Efficiency Class : 00
[1159h 4441   1]                     Reserved : 00
[115Ah 4442   2]       SPE Overflow Interrupt : 0000

[115Ch 4444   1]                Subtable Type : 0B [Generic Interrupt Controller]
[115Dh 4445   1]                       Length : 50
[115Eh 4446   2]                     Reserved : 0000
[1160h 4448   4]         CPU Interface Number : 00000037
[1164h 4452   4]                Processor UID : 00000037
[1168h 4456   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[116Ch 4460   4]     Parking Protocol Version : 00000000
[1170h 4464   4]        Performance Interrupt : 00000017
[1174h 4468   8]               Parked Address : 0000000000000000
[117Ch 4476   8]                 Base Address : 0000000000000000
[1184h 4484   8]     Virtual GIC Base Address : 0000000000000000
[118Ch 4492   8]  Hypervisor GIC Base Address : 0000000000000000
[1194h 4500   4]        Virtual GIC Interrupt : 00000000
[1198h 4504   8]   Redistributor Base Address : 0000000000000000
[11A0h 4512   8]                    ARM MPIDR : 0000000000000307
[11A8h 4520   1]             Efficiency Class : 00
[11A9h 4521   1]                     Reserved : 00
[11AAh 4522   2]       SPE Overflow Interrupt : 0000

[11ACh 4524   1]                Subtable Type : 0B [Generic Interrupt Controller]
[11ADh 4525   1]                       Length : 50
[11AEh 4526   2]                     Reserved : 0000
[11B0h 4528   4]         CPU Interface Number : 00000038
[11B4h 4532   4]                Processor UID : 00000038
[11B8h 4536   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[11BCh 4540   4]     Parking Protocol Version : 00000000
[11C0h 4544   4]        Performance Interrupt : 00000017
[11C4h 4548   8]               Parked Address : 0000000000000000
[11CCh 4556   8]                 Base Address : 0000000000000000
[11D4h 4564   8]     Virtual GIC Base Address : 0000000000000000
[11DCh 4572   8]  Hypervisor GIC Base Address : 0000000000000000
[11E4h 4580   4]        Virtual GIC Interrupt : 00000000
[11E8h 4584   8]   Redistributor Base Address : 0000000000000000
[11F0h 4592   8]                    ARM MPIDR : 0000000000000308
[11F8h 4600   1]             Efficiency Class : 00
[11F9h 4601   1]                     Reserved : 00
[11FAh 4602   2]       SPE Overflow Interrupt : 0000

[11FCh 4604   1]                Subtable Type : 0B [Generic Interrupt Controller]
[11FDh 4605   1]                       Length : 50
[11FEh 4606   2]                     Reserved : 0000
[1200h 4608   4]         CPU Interface Number : 00000039
[1204h 4612   4]                Processor UID : 00000039
[1208h 4616   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[120Ch 4620   4]     Parking Protocol Version : 00000000
[1210h 4624   4]        Performance Interrupt : 00000017
[1214h 4628   8]               Parked Address : 0000000000000000
[121Ch 4636   8]                 Base Address : 0000000000000000
[1224h 4644   8]     Virtual GIC Base Address : 0000000000000000
[122Ch 4652   8]  Hypervisor GIC Base Address : 0000000000000000
[1234h 4660   4]        Virtual GIC Interrupt : 00000000
[1238h 4664   8]   Redistributor Base Address : 0000000000000000
[1240h 4672   8]                    ARM MPIDR : 0000000000000309
[1248h 4680   1]             Efficiency Class : 00
[1249h 4681   1]                     Reserved : 00
[124Ah 4682   2]       SPE Overflow Interrupt : 0000

[124Ch 4684   1]                Subtable Type : 0B [Generic Interrupt Controller]
[124Dh 4685   1]                       Length : 50
[124Eh 4686   2]                     Reserved : 0000
[1250h 4688   4]         CPU Interface Number : 0000003A
[1254h 4692   4]                Processor UID : 0000003A
[1258h 4696   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[125Ch 4700   4]     Parking Protocol Version : 00000000
[1260h 4704   4]        Performance Interrupt : 00000017
[1264h 4708   8]               Parked Address : 0000000000000000
[126Ch 4716   8]                 Base Address : 0000000000000000
[1274h 4724   8]     Virtual GIC Base Address : 0000000000000000
[127Ch 4732   8]  Hypervisor GIC Base Address : 0000000000000000
[1284h 4740   4]        Virtual GIC Interrupt : 00000000
[1288h 4744   8]   Redistributor Base Address : 0000000000000000
[1290h 4752   8]                    ARM MPIDR : 000000000000030A
[1298h 4760   1]             Efficiency Class : 00
[1299h 4761   1]                     Reserved : 00
[129Ah 4762   2]       SPE Overflow Interrupt : 0000

[129Ch 4764   1]                Subtable Type : 0B [Generic Interrupt Controller]
[129Dh 4765   1]                       Length : 50
[129Eh 4766   2]                     Reserved : 0000
[12A0h 4768   4]         CPU Interface Number : 0000003B
[12A4h 4772   4]                Processor UID : 0000003B
[12A8h 4776   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[12ACh 4780   4]     Parking Protocol Version : 00000000
[12B0h 4784   4]        Performance Interrupt : 00000017
[12B4h 4788   8]               Parked Address : 0000000000000000
[12BCh 4796   8]                 Base Address : 0000000000000000
[12C4h 4804   8]     Virtual GIC Base Address : 0000000000000000
[12CCh 4812   8]  Hypervisor GIC Base Address : 0000000000000000
[12D4h 4820   4]        Virtual GIC Interrupt : 00000000
[12D8h 4824   8]   Redistributor Base Address : 0000000000000000
[12E0h 4832   8]                    ARM MPIDR : 000000000000030B
[12E8h 4840   1]             Efficiency Class : 00
[12E9h 4841   1]                     Reserved : 00
[12EAh 4842   2]       SPE Overflow Interrupt : 0000

[12ECh 4844   1]                Subtable Type : 0B [Generic Interrupt Controller]
[12EDh 4845   1]                       Length : 50
[12EEh 4846   2]                     Reserved : 0000
[12F0h 4848   4]         CPU Interface Number : 0000003C
[12F4h 4852   4]                Processor UID : 0000003C
[12F8h 4856   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[12FCh 4860   4]     Parking Protocol Version : 00000000
[1300h 4864   4]        Performance Interrupt : 00000017
[1304h 4868   8]               Parked Address : 0000000000000000
[130Ch 4876   8]                 Base Address : 0000000000000000
[1314h 4884   8]     Virtual GIC Base Address : 0000000000000000
[131Ch 4892   8]  Hypervisor GIC Base Address : 0000000000000000
[1324h 4900   4]        Virtual GIC Interrupt : 00000000
[1328h 4904   8]   Redistributor Base Address : 0000000000000000
[1330h 4912   8]                    ARM MPIDR : 000000000000030C
[1338h 4920   1]             Efficiency Class : 00
[1339h 4921   1]                     Reserved : 00
[133Ah 4922   2]       SPE Overflow Interrupt : 0000

[133Ch 4924   1]                Subtable Type : 0B [Generic Interrupt Controller]
[133Dh 4925   1]                       Length : 50
[133Eh 4926   2]                     Reserved : 0000
[1340h 4928   4]         CPU Interface Number : 0000003D
[1344h 4932   4]                Processor UID : 0000003D
[1348h 4936   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[134Ch 4940   4]     Parking Protocol Version : 00000000
[1350h 4944   4]        Performance Interrupt : 00000017
[1354h 4948   8]               Parked Address : 0000000000000000
[135Ch 4956   8]                 Base Address : 0000000000000000
[1364h 4964   8]     Virtual GIC Base Address : 0000000000000000
[136Ch 4972   8]  Hypervisor GIC Base Address : 0000000000000000
[1374h 4980   4]        Virtual GIC Interrupt : 00000000
[1378h 4984   8]   Redistributor Base Address : 0000000000000000
[1380h 4992   8]                    ARM MPIDR : 000000000000030D
[1388h 5000   1]             Efficiency Class : 00
[1389h 5001   1]                     Reserved : 00
[138Ah 5002   2]       SPE Overflow Interrupt : 0000

[138Ch 5004   1]                Subtable Type : 0B [Generic Interrupt Controller]
[138Dh 5005   1]                       Length : 50
[138Eh 5006   2]                     Reserved : 0000
[1390h 5008   4]         CPU Interface Number : 0000003E
[1394h 5012   4]                Processor UID : 0000003E
[1398h 5016   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[139Ch 5020   4]     Parking Protocol Version : 00000000
[13A0h 5024   4]        Performance Interrupt : 00000017
[13A4h 5028   8]               Parked Address : 0000000000000000
[13ACh 5036   8]                 Base Address : 0000000000000000
[13B4h 5044   8]     Virtual GIC Base Address : 0000000000000000
[13BCh 5052   8]  Hypervisor GIC Base Address : 0000000000000000
[13C4h 5060   4]        Virtual GIC Interrupt : 00000000
[13C8h 5064   8]   Redistributor Base Address : 0000000000000000
[13D0h 5072   8]                    ARM MPIDR : 000000000000030E
[13D8h 5080   1]             Efficiency Class : 00
[13D9h 5081   1]                     Reserved : 00
[13DAh 5082   2]       SPE Overflow Interrupt : 0000

[13DCh 5084   1]                Subtable Type : 0B [Generic Interrupt Controller]
[13DDh 5085   1]                       Length : 50
[13DEh 5086   2]                     Reserved : 0000
[13E0h 5088   4]         CPU Interface Number : 0000003F
[13E4h 5092   4]                Processor UID : 0000003F
[13E8h 5096   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[13ECh 5100   4]     Parking Protocol Version : 00000000
[13F0h 5104   4]        Performance Interrupt : 00000017
[13F4h 5108   8]               Parked Address : 0000000000000000
[13FCh 5116   8]                 Base Address : 0000000000000000
[1404h 5124   8]     Virtual GIC Base Address : 0000000000000000
[140Ch 5132   8]  Hypervisor GIC Base Address : 0000000000000000
[1414h 5140   4]        Virtual GIC Interrupt : 00000000
[1418h 5144   8]   Redistributor Base Address : 0000000000000000
[1420h 5152   8]                    ARM MPIDR : 000000000000030F
[1428h 5160   1]             Efficiency Class : 00
[1429h 5161   1]                     Reserved : 00
[142Ah 5162   2]       SPE Overflow Interrupt : 0000

[142Ch 5164   1]                Subtable Type : 0B [Generic Interrupt Controller]
[142Dh 5165   1]                       Length : 50
[142Eh 5166   2]                     Reserved : 0000
[1430h 5168   4]         CPU Interface Number : 00000040
[1434h 5172   4]                Processor UID : 00000040
[1438h 5176   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[143Ch 5180   4]     Parking Protocol Version : 00000000
[1440h 5184   4]        Performance Interrupt : 00000017
[1444h 5188   8]               Parked Address : 0000000000000000
[144Ch 5196   8]                 Base Address : 0000000000000000
[1454h 5204   8]     Virtual GIC Base Address : 0000000000000000
[145Ch 5212   8]  Hypervisor GIC Base Address : 0000000000000000
[1464h 5220   4]        Virtual GIC Interrupt : 00000000
[1468h 5224   8]   Redistributor Base Address : 0000000000000000
[1470h 5232   8]                    ARM MPIDR : 0000000000000400
[1478h 5240   1]             Efficiency Class : 00
[1479h 5241   1]                     Reserved : 00
[147Ah 5242   2]       SPE Overflow Interrupt : 0000

[147Ch 5244   1]                Subtable Type : 0B [Generic Interrupt Controller]
[147Dh 5245   1]                       Length : 50
[147Eh 5246   2]                     Reserved : 0000
[1480h 5248   4]         CPU Interface Number : 00000041
[1484h 5252   4]                Processor UID : 00000041
[1488h 5256   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[148Ch 5260   4]     Parking Protocol Version : 00000000
[1490h 5264   4]        Performance Interrupt : 00000017
[1494h 5268   8]               Parked Address : 0000000000000000
[149Ch 5276   8]                 Base Address : 0000000000000000
[14A4h 5284   8]     Virtual GIC Base Address : 0000000000000000
[14ACh 5292   8]  Hypervisor GIC Base Address : 0000000000000000
[14B4h 5300   4]        Virtual GIC Interrupt : 00000000
[14B8h 5304   8]   Redistributor Base Address : 0000000000000000
[14C0h 5312   8]                    ARM MPIDR : 0000000000000401
[14C8h 5320   1]             Efficiency Class : 00
[14C9h 5321   1]                     Reserved : 00
[14CAh 5322   2]       SPE Overflow Interrupt : 0000

[14CCh 5324   1]                Subtable Type : 0B [Generic Interrupt Controller]
[14CDh 5325   1]                       Length : 50
[14CEh 5326   2]                     Reserved : 0000
[14D0h 5328   4]         CPU Interface Number : 00000042
[14D4h 5332   4]                Processor UID : 00000042
[14D8h 5336   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[14DCh 5340   4]     Parking Protocol Version : 00000000
[14E0h 5344   4]        Performance Interrupt : 00000017
[14E4h 5348   8]               Parked Address : 0000000000000000
[14ECh 5356   8]                 Base Address : 0000000000000000
[14F4h 5364   8]     Virtual GIC Base Address : 0000000000000000
[14FCh 5372   8]  Hypervisor GIC Base Address : 0000000000000000
[1504h 5380   4]        Virtual GIC Interrupt : 00000000
[1508h 5384   8]   Redistributor Base Address : 0000000000000000
[1510h 5392   8]                    ARM MPIDR : 0000000000000402
[1518h 5400   1]             Efficiency Class : 00
[1519h 5401   1]                     Reserved : 00
[151Ah 5402   2]       SPE Overflow Interrupt : 0000

[151Ch 5404   1]                Subtable Type : 0B [Generic Interrupt Controller]
[151Dh 5405   1]                       Length : 50
[151Eh 5406   2]                     Reserved : 0000
[1520h 5408   4]         CPU Interface Number : 00000043
[1524h 5412   4]                Processor UID : 00000043
[1528h 5416   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[152Ch 5420   4]     Parking Protocol Version : 00000000
[1530h 5424   4]        Performance Interrupt : 00000017
[1534h 5428   8]               Parked Address : 0000000000000000
[153Ch 5436   8]                 Base Address : 0000000000000000
[1544h 5444   8]     Virtual GIC Base Address : 0000000000000000
[154Ch 5452   8]  Hypervisor GIC Base Address : 0000000000000000
[1554h 5460   4]        Virtual GIC Interrupt : 00000000
[1558h 5464   8]   Redistributor Base Address : 0000000000000000
[1560h 5472   8]                    ARM MPIDR : 0000000000000403
[1568h 5480   1]             Efficiency Class : 00
[1569h 5481   1]                     Reserved : 00
[156Ah 5482   2]       SPE Overflow Interrupt : 0000

[156Ch 5484   1]                Subtable Type : 0B [Generic Interrupt Controller]
[156Dh 5485   1]                       Length : 50
[156Eh 5486   2]                     Reserved : 0000
[1570h 5488   4]         CPU Interface Number : 00000044
[1574h 5492   4]                Processor UID : 00000044
[1578h 5496   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[157Ch 5500   4]     Parking Protocol Version : 00000000
[1580h 5504   4]        Performance Interrupt : 00000017
[1584h 5508   8]               Parked Address : 0000000000000000
[158Ch 5516   8]                 Base Address : 0000000000000000
[1594h 5524   8]     Virtual GIC Base Address : 0000000000000000
[159Ch 5532   8]  Hypervisor GIC Base Address : 0000000000000000
[15A4h 5540   4]        Virtual GIC Interrupt : 00000000
[15A8h 5544   8]   Redistributor Base Address : 0000000000000000
[15B0h 5552   8]                    ARM MPIDR : 0000000000000404
[15B8h 5560   1]             Efficiency Class : 00
[15B9h 5561   1]                     Reserved : 00
[15BAh 5562   2]       SPE Overflow Interrupt : 0000

[15BCh 5564   1]                Subtable Type : 0B [Generic Interrupt Controller]
[15BDh 5565   1]                       Length : 50
[15BEh 5566   2]                     Reserved : 0000
[15C0h 5568   4]         CPU Interface Number : 00000045
[15C4h 5572   4]                Processor UID : 00000045
[15C8h 5576   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[15CCh 5580   4]     Parking Protocol Version : 00000000
[15D0h 5584   4]        Performance Interrupt : 00000017
[15D4h 5588   8]               Parked Address : 0000000000000000
[15DCh 5596   8]                 Base Address : 0000000000000000
[15E4h 5604   8]     Virtual GIC Base Address : 0000000000000000
[15ECh 5612   8]  Hypervisor GIC Base Address : 0000000000000000
[15F4h 5620   4]        Virtual GIC Interrupt : 00000000
[15F8h 5624   8]   Redistributor Base Address : 0000000000000000
[1600h 5632   8]                    ARM MPIDR : 0000000000000405
[1608h 5640   1]             Efficiency Class : 00
[1609h 5641   1]                     Reserved : 00
[160Ah 5642   2]       SPE Overflow Interrupt : 0000

[160Ch 5644   1]                Subtable Type : 0B [Generic Interrupt Controller]
[160Dh 5645   1]                       Length : 50
[160Eh 5646   2]                     Reserved : 0000
[1610h 5648   4]         CPU Interface Number : 00000046
[1614h 5652   4]                Processor UID : 00000046
[1618h 5656   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[161Ch 5660   4]     Parking Protocol Version : 00000000
[1620h 5664   4]        Performance Interrupt : 00000017
[1624h 5668   8]               Parked Address : 0000000000000000
[162Ch 5676   8]                 Base Address : 0000000000000000
[1634h 5684   8]     Virtual GIC Base Address : 0000000000000000
[163Ch 5692   8]  Hypervisor GIC Base Address : 0000000000000000
[1644h 5700   4]        Virtual GIC Interrupt : 00000000
[1648h 5704   8]   Redistributor Base Address : 0000000000000000
[1650h 5712   8]                    ARM MPIDR : 0000000000000406
[1658h 5720   1]             Efficiency Class : 00
[1659h 5721   1]                     Reserved : 00
[165Ah 5722   2]       SPE Overflow Interrupt : 0000

[165Ch 5724   1]                Subtable Type : 0B [Generic Interrupt Controller]
[165Dh 5725   1]                       Length : 50
[165Eh 5726   2]                     Reserved : 0000
[1660h 5728   4]         CPU Interface Number : 00000047
[1664h 5732   4]                Processor UID : 00000047
[1668h 5736   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[166Ch 5740   4]     Parking Protocol Version : 00000000
[1670h 5744   4]        Performance Interrupt : 00000017
[1674h 5748   8]               Parked Address : 0000000000000000
[167Ch 5756   8]                 Base Address : 0000000000000000
[1684h 5764   8]     Virtual GIC Base Address : 0000000000000000
[168Ch 5772   8]  Hypervisor GIC Base Address : 0000000000000000
[1694h 5780   4]        Virtual GIC Interrupt : 00000000
[1698h 5784   8]   Redistributor Base Address : 0000000000000000
[16A0h 5792   8]                    ARM MPIDR : 0000000000000407
[16A8h 5800   1]             Efficiency Class : 00
[16A9h 5801   1]                     Reserved : 00
[16AAh 5802   2]       SPE Overflow Interrupt : 0000

[16ACh 5804   1]                Subtable Type : 0B [Generic Interrupt Controller]
[16ADh 5805   1]                       Length : 50
[16AEh 5806   2]                     Reserved : 0000
[16B0h 5808   4]         CPU Interface Number : 00000048
[16B4h 5812   4]                Processor UID : 00000048
[16B8h 5816   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[16BCh 5820   4]     Parking Protocol Version : 00000000
[16C0h 5824   4]        Performance Interrupt : 00000017
[16C4h 5828   8]               Parked Address : 0000000000000000
[16CCh 5836   8]                 Base Address : 0000000000000000
[16D4h 5844   8]     Virtual GIC Base Address : 0000000000000000
[16DCh 5852   8]  Hypervisor GIC Base Address : 0000000000000000
[16E4h 5860   4]        Virtual GIC Interrupt : 00000000
[16E8h 5864   8]   Redistributor Base Address : 0000000000000000
[16F0h 5872   8]                    ARM MPIDR : 0000000000000408
[16F8h 5880   1]             Efficiency Class : 00
[16F9h 5881   1]                     Reserved : 00
[16FAh 5882   2]       SPE Overflow Interrupt : 0000

[16FCh 5884   1]                Subtable Type : 0B [Generic Interrupt Controller]
[16FDh 5885   1]                       Length : 50
[16FEh 5886   2]                     Reserved : 0000
[1700h 5888   4]         CPU Interface Number : 00000049
[1704h 5892   4]                Processor UID : 00000049
[1708h 5896   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[170Ch 5900   4]     Parking Protocol Version : 00000000
[1710h 5904   4]        Performance Interrupt : 00000017
[1714h 5908   8]               Parked Address : 0000000000000000
[171Ch 5916   8]                 Base Address : 0000000000000000
[1724h 5924   8]     Virtual GIC Base Address : 0000000000000000
[172Ch 5932   8]  Hypervisor GIC Base Address : 0000000000000000
[1734h 5940   4]        Virtual GIC Interrupt : 00000000
[1738h 5944   8]   Redistributor Base Address : 0000000000000000
[1740h 5952   8]                    ARM MPIDR : 0000000000000409
[1748h 5960   1]             Efficiency Class : 00
[1749h 5961   1]                     Reserved : 00
[174Ah 5962   2]       SPE Overflow Interrupt : 0000

[174Ch 5964   1]                Subtable Type : 0B [Generic Interrupt Controller]
[174Dh 5965   1]                       Length : 50
[174Eh 5966   2]                     Reserved : 0000
[1750h 5968   4]         CPU Interface Number : 0000004A
[1754h 5972   4]                Processor UID : 0000004A
[1758h 5976   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[175Ch 5980   4]     Parking Protocol Version : 00000000
[1760h 5984   4]        Performance Interrupt : 00000017
[1764h 5988   8]               Parked Address : 0000000000000000
[176Ch 5996   8]                 Base Address : 0000000000000000
[1774h 6004   8]     Virtual GIC Base Address : 0000000000000000
[177Ch 6012   8]  Hypervisor GIC Base Address : 0000000000000000
[1784h 6020   4]        Virtual GIC Interrupt : 00000000
[1788h 6024   8]   Redistributor Base Address : 0000000000000000
[1790h 6032   8]                    ARM MPIDR : 000000000000040A
[1798h 6040   1]             Efficiency Class : 00
[1799h 6041   1]                     Reserved : 00
[179Ah 6042   2]       SPE Overflow Interrupt : 0000

[179Ch 6044   1]                Subtable Type : 0B [Generic Interrupt Controller]
[179Dh 6045   1]                       Length : 50
[179Eh 6046   2]                     Reserved : 0000
[17A0h 6048   4]         CPU Interface Number : 0000004B
[17A4h 6052   4]                Processor UID : 0000004B
[17A8h 6056   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[17ACh 6060   4]     Parking Protocol Version : 00000000
[17B0h 6064   4]        Performance Interrupt : 00000017
[17B4h 6068   8]               Parked Address : 0000000000000000
[17BCh 6076   8]                 Base Address : 0000000000000000
[17C4h 6084   8]     Virtual GIC Base Address : 0000000000000000
[17CCh 6092   8]  Hypervisor GIC Base Address : 0000000000000000
[17D4h 6100   4]        Virtual GIC Interrupt : 00000000
[17D8h 6104   8]   Redistributor Base Address : 0000000000000000
[17E0h 6112   8]                    ARM MPIDR : 000000000000040B
[17E8h 6120   1]             Efficiency Class : 00
[17E9h 6121   1]                     Reserved : 00
[17EAh 6122   2]       SPE Overflow Interrupt : 0000

[17ECh 6124   1]                Subtable Type : 0B [Generic Interrupt Controller]
[17EDh 6125   1]                       Length : 50
[17EEh 6126   2]                     Reserved : 0000
[17F0h 6128   4]         CPU Interface Number : 0000004C
[17F4h 6132   4]                Processor UID : 0000004C
[17F8h 6136   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[17FCh 6140   4]     Parking Protocol Version : 00000000
[1800h 6144   4]        Performance Interrupt : 00000017
[1804h 6148   8]               Parked Address : 0000000000000000
[180Ch 6156   8]                 Base Address : 0000000000000000
[1814h 6164   8]     Virtual GIC Base Address : 0000000000000000
[181Ch 6172   8]  Hypervisor GIC Base Address : 0000000000000000
[1824h 6180   4]        Virtual GIC Interrupt : 00000000
[1828h 6184   8]   Redistributor Base Address : 0000000000000000
[1830h 6192   8]                    ARM MPIDR : 000000000000040C
[1838h 6200   1]             Efficiency Class : 00
[1839h 6201   1]                     Reserved : 00
[183Ah 6202   2]       SPE Overflow Interrupt : 0000

[183Ch 6204   1]                Subtable Type : 0B [Generic Interrupt Controller]
[183Dh 6205   1]                       Length : 50
[183Eh 6206   2]                     Reserved : 0000
[1840h 6208   4]         CPU Interface Number : 0000004D
[1844h 6212   4]                Processor UID : 0000004D
[1848h 6216   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[184Ch 6220   4]     Parking Protocol Version : 00000000
[1850h 6224   4]        Performance Interrupt : 00000017
[1854h 6228   8]               Parked Address : 0000000000000000
[185Ch 6236   8]                 Base Address : 0000000000000000
[1864h 6244   8]     Virtual GIC Base Address : 0000000000000000
[186Ch 6252   8]  Hypervisor GIC Base Address : 0000000000000000
[1874h 6260   4]        Virtual GIC Interrupt : 00000000
[1878h 6264   8]   Redistributor Base Address : 0000000000000000
[1880h 6272   8]                    ARM MPIDR : 000000000000040D
[1888h 6280   1]             Efficiency Class : 00
[1889h 6281   1]                     Reserved : 00
[188Ah 6282   2]       SPE Overflow Interrupt : 0000

[188Ch 6284   1]                Subtable Type : 0B [Generic Interrupt Controller]
[188Dh 6285   1]                       Length : 50
[188Eh 6286   2]                     Reserved : 0000
[1890h 6288   4]         CPU Interface Number : 0000004E
[1894h 6292   4]                Processor UID : 0000004E
[1898h 6296   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[189Ch 6300   4]     Parking Protocol Version : 00000000
[18A0h 6304   4]        Performance Interrupt : 00000017
[18A4h 6308   8]               Parked Address : 0000000000000000
[18ACh 6316   8]                 Base Address : 0000000000000000
[18B4h 6324   8]     Virtual GIC Base Address : 0000000000000000
[18BCh 6332   8]  Hypervisor GIC Base Address : 0000000000000000
[18C4h 6340   4]        Virtual GIC Interrupt : 00000000
[18C8h 6344   8]   Redistributor Base Address : 0000000000000000
[18D0h 6352   8]                    ARM MPIDR : 000000000000040E
[18D8h 6360   1]             Efficiency Class : 00
[18D9h 6361   1]                     Reserved : 00
[18DAh 6362   2]       SPE Overflow Interrupt : 0000

[18DCh 6364   1]                Subtable Type : 0B [Generic Interrupt Controller]
[18DDh 6365   1]                       Length : 50
[18DEh 6366   2]                     Reserved : 0000
[18E0h 6368   4]         CPU Interface Number : 0000004F
[18E4h 6372   4]                Processor UID : 0000004F
[18E8h 6376   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[18ECh 6380   4]     Parking Protocol Version : 00000000
[18F0h 6384   4]        Performance Interrupt : 00000017
[18F4h 6388   8]               Parked Address : 0000000000000000
[18FCh 6396   8]                 Base Address : 0000000000000000
[1904h 6404   8]     Virtual GIC Base Address : 0000000000000000
[190Ch 6412   8]  Hypervisor GIC Base Address : 0000000000000000
[1914h 6420   4]        Virtual GIC Interrupt : 00000000
[1918h 6424   8]   Redistributor Base Address : 0000000000000000
[1920h 6432   8]                    ARM MPIDR : 000000000000040F
[1928h 6440   1]             Efficiency Class : 00
[1929h 6441   1]                     Reserved : 00
[192Ah 6442   2]       SPE Overflow Interrupt : 0000

[192Ch 6444   1]                Subtable Type : 0B [Generic Interrupt Controller]
[192Dh 6445   1]                       Length : 50
[192Eh 6446   2]                     Reserved : 0000
[1930h 6448   4]         CPU Interface Number : 00000050
[1934h 6452   4]                Processor UID : 00000050
[1938h 6456   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[193Ch 6460   4]     Parking Protocol Version : 00000000
[1940h 6464   4]        Performance Interrupt : 00000017
[1944h 6468   8]               Parked Address : 0000000000000000
[194Ch 6476   8]                 Base Address : 0000000000000000
[1954h 6484   8]     Virtual GIC Base Address : 0000000000000000
[195Ch 6492   8]  Hypervisor GIC Base Address : 0000000000000000
[1964h 6500   4]        Virtual GIC Interrupt : 00000000
[1968h 6504   8]   Redistributor Base Address : 0000000000000000
[1970h 6512   8]                    ARM MPIDR : 0000000000000500
[1978h 6520   1]             Efficiency Class : 00
[1979h 6521   1]                     Reserved : 00
[197Ah 6522   2]       SPE Overflow Interrupt : 0000

[197Ch 6524   1]                Subtable Type : 0B [Generic Interrupt Controller]
[197Dh 6525   1]                       Length : 50
[197Eh 6526   2]                     Reserved : 0000
[1980h 6528   4]         CPU Interface Number : 00000051
[1984h 6532   4]                Processor UID : 00000051
[1988h 6536   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[198Ch 6540   4]     Parking Protocol Version : 00000000
[1990h 6544   4]        Performance Interrupt : 00000017
[1994h 6548   8]               Parked Address : 0000000000000000
[199Ch 6556   8]                 Base Address : 0000000000000000
[19A4h 6564   8]     Virtual GIC Base Address : 0000000000000000
[19ACh 6572   8]  Hypervisor GIC Base Address : 0000000000000000
[19B4h 6580   4]        Virtual GIC Interrupt : 00000000
[19B8h 6584   8]   Redistributor Base Address : 0000000000000000
[19C0h 6592   8]                    ARM MPIDR : 0000000000000501
[19C8h 6600   1]             Efficiency Class : 00
[19C9h 6601   1]                     Reserved : 00
[19CAh 6602   2]       SPE Overflow Interrupt : 0000

[19CCh 6604   1]                Subtable Type : 0B [Generic Interrupt Controller]
[19CDh 6605   1]                       Length : 50
[19CEh 6606   2]                     Reserved : 0000
[19D0h 6608   4]         CPU Interface Number : 00000052
[19D4h 6612   4]                Processor UID : 00000052
[19D8h 6616   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[19DCh 6620   4]     Parking Protocol Version : 00000000
[19E0h 6624   4]        Performance Interrupt : 00000017
[19E4h 6628   8]               Parked Address : 0000000000000000
[19ECh 6636   8]                 Base Address : 0000000000000000
[19F4h 6644   8]     Virtual GIC Base Address : 0000000000000000
[19FCh 6652   8]  Hypervisor GIC Base Address : 0000000000000000
[1A04h 6660   4]        Virtual GIC Interrupt : 00000000
[1A08h 6664   8]   Redistributor Base Address : 0000000000000000
[1A10h 6672   8]                    ARM MPIDR : 0000000000000502
[1A18h 6680   1]             Efficiency Class : 00
[1A19h 6681   1]                     Reserved : 00
[1A1Ah 6682   2]       SPE Overflow Interrupt : 0000

[1A1Ch 6684   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1A1Dh 6685   1]                       Length : 50
[1A1Eh 6686   2]                     Reserved : 0000
[1A20h 6688   4]         CPU Interface Number : 00000053
[1A24h 6692   4]                Processor UID : 00000053
[1A28h 6696   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1A2Ch 6700   4]     Parking Protocol Version : 00000000
[1A30h 6704   4]        Performance Interrupt : 00000017
[1A34h 6708   8]               Parked Address : 0000000000000000
[1A3Ch 6716   8]                 Base Address : 0000000000000000
[1A44h 6724   8]     Virtual GIC Base Address : 0000000000000000
[1A4Ch 6732   8]  Hypervisor GIC Base Address : 0000000000000000
[1A54h 6740   4]        Virtual GIC Interrupt : 00000000
[1A58h 6744   8]   Redistributor Base Address : 0000000000000000
[1A60h 6752   8]                    ARM MPIDR : 0000000000000503
[1A68h 6760   1]             Efficiency Class : 00
[1A69h 6761   1]                     Reserved : 00
[1A6Ah 6762   2]       SPE Overflow Interrupt : 0000

[1A6Ch 6764   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1A6Dh 6765   1]                       Length : 50
[1A6Eh 6766   2]                     Reserved : 0000
[1A70h 6768   4]         CPU Interface Number : 00000054
[1A74h 6772   4]                Processor UID : 00000054
[1A78h 6776   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1A7Ch 6780   4]     Parking Protocol Version : 00000000
[1A80h 6784   4]        Performance Interrupt : 00000017
[1A84h 6788   8]               Parked Address : 0000000000000000
[1A8Ch 6796   8]                 Base Address : 0000000000000000
[1A94h 6804   8]     Virtual GIC Base Address : 0000000000000000
[1A9Ch 6812   8]  Hypervisor GIC Base Address : 0000000000000000
[1AA4h 6820   4]        Virtual GIC Interrupt : 00000000
[1AA8h 6824   8]   Redistributor Base Address : 0000000000000000
[1AB0h 6832   8]                    ARM MPIDR : 0000000000000504
[1AB8h 6840   1]             Efficiency Class : 00
[1AB9h 6841   1]                     Reserved : 00
[1ABAh 6842   2]       SPE Overflow Interrupt : 0000

[1ABCh 6844   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1ABDh 6845   1]                       Length : 50
[1ABEh 6846   2]                     Reserved : 0000
[1AC0h 6848   4]         CPU Interface Number : 00000055
[1AC4h 6852   4]                Processor UID : 00000055
[1AC8h 6856   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1ACCh 6860   4]     Parking Protocol Version : 00000000
[1AD0h 6864   4]        Performance Interrupt : 00000017
[1AD4h 6868   8]               Parked Address : 0000000000000000
[1ADCh 6876   8]                 Base Address : 0000000000000000
[1AE4h 6884   8]     Virtual GIC Base Address : 0000000000000000
[1AECh 6892   8]  Hypervisor GIC Base Address : 0000000000000000
[1AF4h 6900   4]        Virtual GIC Interrupt : 00000000
[1AF8h 6904   8]   Redistributor Base Address : 0000000000000000
[1B00h 6912   8]                    ARM MPIDR : 0000000000000505
[1B08h 6920   1]             Efficiency Class : 00
[1B09h 6921   1]                     Reserved : 00
[1B0Ah 6922   2]       SPE Overflow Interrupt : 0000

[1B0Ch 6924   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1B0Dh 6925   1]                       Length : 50
[1B0Eh 6926   2]                     Reserved : 0000
[1B10h 6928   4]         CPU Interface Number : 00000056
[1B14h 6932   4]                Processor UID : 00000056
[1B18h 6936   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1B1Ch 6940   4]     Parking Protocol Version : 00000000
[1B20h 6944   4]        Performance Interrupt : 00000017
[1B24h 6948   8]               Parked Address : 0000000000000000
[1B2Ch 6956   8]                 Base Address : 0000000000000000
[1B34h 6964   8]     Virtual GIC Base Address : 0000000000000000
[1B3Ch 6972   8]  Hypervisor GIC Base Address : 0000000000000000
[1B44h 6980   4]        Virtual GIC Interrupt : 00000000
[1B48h 6984   8]   Redistributor Base Address : 0000000000000000
[1B50h 6992   8]                    ARM MPIDR : 0000000000000506
[1B58h 7000   1]             Efficiency Class : 00
[1B59h 7001   1]                     Reserved : 00
[1B5Ah 7002   2]       SPE Overflow Interrupt : 0000

[1B5Ch 7004   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1B5Dh 7005   1]                       Length : 50
[1B5Eh 7006   2]                     Reserved : 0000
[1B60h 7008   4]         CPU Interface Number : 00000057
[1B64h 7012   4]                Processor UID : 00000057
[1B68h 7016   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1B6Ch 7020   4]     Parking Protocol Version : 00000000
[1B70h 7024   4]        Performance Interrupt : 00000017
[1B74h 7028   8]               Parked Address : 0000000000000000
[1B7Ch 7036   8]                 Base Address : 0000000000000000
[1B84h 7044   8]     Virtual GIC Base Address : 0000000000000000
[1B8Ch 7052   8]  Hypervisor GIC Base Address : 0000000000000000
[1B94h 7060   4]        Virtual GIC Interrupt : 00000000
[1B98h 7064   8]   Redistributor Base Address : 0000000000000000
[1BA0h 7072   8]                    ARM MPIDR : 0000000000000507
[1BA8h 7080   1]             Efficiency Class : 00
[1BA9h 7081   1]                     Reserved : 00
[1BAAh 7082   2]       SPE Overflow Interrupt : 0000

[1BACh 7084   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1BADh 7085   1]                       Length : 50
[1BAEh 7086   2]                     Reserved : 0000
[1BB0h 7088   4]         CPU Interface Number : 00000058
[1BB4h 7092   4]                Processor UID : 00000058
[1BB8h 7096   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1BBCh 7100   4]     Parking Protocol Version : 00000000
[1BC0h 7104   4]        Performance Interrupt : 00000017
[1BC4h 7108   8]               Parked Address : 0000000000000000
[1BCCh 7116   8]                 Base Address : 0000000000000000
[1BD4h 7124   8]     Virtual GIC Base Address : 0000000000000000
[1BDCh 7132   8]  Hypervisor GIC Base Address : 0000000000000000
[1BE4h 7140   4]        Virtual GIC Interrupt : 00000000
[1BE8h 7144   8]   Redistributor Base Address : 0000000000000000
[1BF0h 7152   8]                    ARM MPIDR : 0000000000000508
[1BF8h 7160   1]             Efficiency Class : 00
[1BF9h 7161   1]                     Reserved : 00
[1BFAh 7162   2]       SPE Overflow Interrupt : 0000

[1BFCh 7164   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1BFDh 7165   1]                       Length : 50
[1BFEh 7166   2]                     Reserved : 0000
[1C00h 7168   4]         CPU Interface Number : 00000059
[1C04h 7172   4]                Processor UID : 00000059
[1C08h 7176   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1C0Ch 7180   4]     Parking Protocol Version : 00000000
[1C10h 7184   4]        Performance Interrupt : 00000017
[1C14h 7188   8]               Parked Address : 0000000000000000
[1C1Ch 7196   8]                 Base Address : 0000000000000000
[1C24h 7204   8]     Virtual GIC Base Address : 0000000000000000
[1C2Ch 7212   8]  Hypervisor GIC Base Address : 0000000000000000
[1C34h 7220   4]        Virtual GIC Interrupt : 00000000
[1C38h 7224   8]   Redistributor Base Address : 0000000000000000
[1C40h 7232   8]                    ARM MPIDR : 0000000000000509
[1C48h 7240   1]             Efficiency Class : 00
[1C49h 7241   1]                     Reserved : 00
[1C4Ah 7242   2]       SPE Overflow Interrupt : 0000

[1C4Ch 7244   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1C4Dh 7245   1]                       Length : 50
[1C4Eh 7246   2]                     Reserved : 0000
[1C50h 7248   4]         CPU Interface Number : 0000005A
[1C54h 7252   4]                Processor UID : 0000005A
[1C58h 7256   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1C5Ch 7260   4]     Parking Protocol Version : 00000000
[1C60h 7264   4]        Performance Interrupt : 00000017
[1C64h 7268   8]               Parked Address : 0000000000000000
[1C6Ch 7276   8]                 Base Address : 0000000000000000
[1C74h 7284   8]     Virtual GIC Base Address : 0000000000000000
[1C7Ch 7292   8]  Hypervisor GIC Base Address : 0000000000000000
[1C84h 7300   4]        Virtual GIC Interrupt : 00000000
[1C88h 7304   8]   Redistributor Base Address : 0000000000000000
[1C90h 7312   8]                    ARM MPIDR : 000000000000050A
[1C98h 7320   1]             Efficiency Class : 00
[1C99h 7321   1]                     Reserved : 00
[1C9Ah 7322   2]       SPE Overflow Interrupt : 0000

[1C9Ch 7324   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1C9Dh 7325   1]                       Length : 50
[1C9Eh 7326   2]                     Reserved : 0000
[1CA0h 7328   4]         CPU Interface Number : 0000005B
[1CA4h 7332   4]                Processor UID : 0000005B
[1CA8h 7336   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1CACh 7340   4]     Parking Protocol Version : 00000000
[1CB0h 7344   4]        Performance Interrupt : 00000017
[1CB4h 7348   8]               Parked Address : 0000000000000000
[1CBCh 7356   8]                 Base Address : 0000000000000000
[1CC4h 7364   8]     Virtual GIC Base Address : 0000000000000000
[1CCCh 7372   8]  Hypervisor GIC Base Address : 0000000000000000
[1CD4h 7380   4]        Virtual GIC Interrupt : 00000000
[1CD8h 7384   8]   Redistributor Base Address : 0000000000000000
[1CE0h 7392   8]                    ARM MPIDR : 000000000000050B
[1CE8h 7400   1]             Efficiency Class : 00
[1CE9h 7401   1]                     Reserved : 00
[1CEAh 7402   2]       SPE Overflow Interrupt : 0000

[1CECh 7404   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1CEDh 7405   1]                       Length : 50
[1CEEh 7406   2]                     Reserved : 0000
[1CF0h 7408   4]         CPU Interface Number : 0000005C
[1CF4h 7412   4]                Processor UID : 0000005C
[1CF8h 7416   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1CFCh 7420   4]     Parking Protocol Version : 00000000
[1D00h 7424   4]        Performance Interrupt : 00000017
[1D04h 7428   8]               Parked Address : 0000000000000000
[1D0Ch 7436   8]                 Base Address : 0000000000000000
[1D14h 7444   8]     Virtual GIC Base Address : 0000000000000000
[1D1Ch 7452   8]  Hypervisor GIC Base Address : 0000000000000000
[1D24h 7460   4]        Virtual GIC Interrupt : 00000000
[1D28h 7464   8]   Redistributor Base Address : 0000000000000000
[1D30h 7472   8]                    ARM MPIDR : 000000000000050C
[1D38h 7480   1]             Efficiency Class : 00
[1D39h 7481   1]                     Reserved : 00
[1D3Ah 7482   2]       SPE Overflow Interrupt : 0000

[1D3Ch 7484   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1D3Dh 7485   1]                       Length : 50
[1D3Eh 7486   2]                     Reserved : 0000
[1D40h 7488   4]         CPU Interface Number : 0000005D
[1D44h 7492   4]                Processor UID : 0000005D
[1D48h 7496   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1D4Ch 7500   4]     Parking Protocol Version : 00000000
[1D50h 7504   4]        Performance Interrupt : 00000017
[1D54h 7508   8]               Parked Address : 0000000000000000
[1D5Ch 7516   8]                 Base Address : 0000000000000000
[1D64h 7524   8]     Virtual GIC Base Address : 0000000000000000
[1D6Ch 7532   8]  Hypervisor GIC Base Address : 0000000000000000
[1D74h 7540   4]        Virtual GIC Interrupt : 00000000
[1D78h 7544   8]   Redistributor Base Address : 0000000000000000
[1D80h 7552   8]                    ARM MPIDR : 000000000000050D
[1D88h 7560   1]             Efficiency Class : 00
[1D89h 7561   1]                     Reserved : 00
[1D8Ah 7562   2]       SPE Overflow Interrupt : 0000

[1D8Ch 7564   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1D8Dh 7565   1]                       Length : 50
[1D8Eh 7566   2]                     Reserved : 0000
[1D90h 7568   4]         CPU Interface Number : 0000005E
[1D94h 7572   4]                Processor UID : 0000005E
[1D98h 7576   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1D9Ch 7580   4]     Parking Protocol Version : 00000000
[1DA0h 7584   4]        Performance Interrupt : 00000017
[1DA4h 7588   8]               Parked Address : 0000000000000000
[1DACh 7596   8]                 Base Address : 0000000000000000
[1DB4h 7604   8]     Virtual GIC Base Address : 0000000000000000
[1DBCh 7612   8]  Hypervisor GIC Base Address : 0000000000000000
[1DC4h 7620   4]        Virtual GIC Interrupt : 00000000
[1DC8h 7624   8]   Redistributor Base Address : 0000000000000000
[1DD0h 7632   8]                    ARM MPIDR : 000000000000050E
[1DD8h 7640   1]             Efficiency Class : 00
[1DD9h 7641   1]                     Reserved : 00
[1DDAh 7642   2]       SPE Overflow Interrupt : 0000

[1DDCh 7644   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1DDDh 7645   1]                       Length : 50
[1DDEh 7646   2]                     Reserved : 0000
[1DE0h 7648   4]         CPU Interface Number : 0000005F
[1DE4h 7652   4]                Processor UID : 0000005F
[1DE8h 7656   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1DECh 7660   4]     Parking Protocol Version : 00000000
[1DF0h 7664   4]        Performance Interrupt : 00000017
[1DF4h 7668   8]               Parked Address : 0000000000000000
[1DFCh 7676   8]                 Base Address : 0000000000000000
[1E04h 7684   8]     Virtual GIC Base Address : 0000000000000000
[1E0Ch 7692   8]  Hypervisor GIC Base Address : 0000000000000000
[1E14h 7700   4]        Virtual GIC Interrupt : 00000000
[1E18h 7704   8]   Redistributor Base Address : 0000000000000000
[1E20h 7712   8]                    ARM MPIDR : 000000000000050F
[1E28h 7720   1]             Efficiency Class : 00
[1E29h 7721   1]                     Reserved : 00
[1E2Ah 7722   2]       SPE Overflow Interrupt : 0000

[1E2Ch 7724   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1E2Dh 7725   1]                       Length : 50
[1E2Eh 7726   2]                     Reserved : 0000
[1E30h 7728   4]         CPU Interface Number : 00000060
[1E34h 7732   4]                Processor UID : 00000060
[1E38h 7736   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1E3Ch 7740   4]     Parking Protocol Version : 00000000
[1E40h 7744   4]        Performance Interrupt : 00000017
[1E44h 7748   8]               Parked Address : 0000000000000000
[1E4Ch 7756   8]                 Base Address : 0000000000000000
[1E54h 7764   8]     Virtual GIC Base Address : 0000000000000000
[1E5Ch 7772   8]  Hypervisor GIC Base Address : 0000000000000000
[1E64h 7780   4]        Virtual GIC Interrupt : 00000000
[1E68h 7784   8]   Redistributor Base Address : 0000000000000000
[1E70h 7792   8]                    ARM MPIDR : 0000000000000600
[1E78h 7800   1]             Efficiency Class : 00
[1E79h 7801   1]                     Reserved : 00
[1E7Ah 7802   2]       SPE Overflow Interrupt : 0000

[1E7Ch 7804   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1E7Dh 7805   1]                       Length : 50
[1E7Eh 7806   2]                     Reserved : 0000
[1E80h 7808   4]         CPU Interface Number : 00000061
[1E84h 7812   4]                Processor UID : 00000061
[1E88h 7816   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1E8Ch 7820   4]     Parking Protocol Version : 00000000
[1E90h 7824   4]        Performance Interrupt : 00000017
[1E94h 7828   8]               Parked Address : 0000000000000000
[1E9Ch 7836   8]                 Base Address : 0000000000000000
[1EA4h 7844   8]     Virtual GIC Base Address : 0000000000000000
[1EACh 7852   8]  Hypervisor GIC Base Address : 0000000000000000
[1EB4h 7860   4]        Virtual GIC Interrupt : 00000000
[1EB8h 7864   8]   Redistributor Base Address : 0000000000000000
[1EC0h 7872   8]                    ARM MPIDR : 0000000000000601
[1EC8h 7880   1]             Efficiency Class : 00
[1EC9h 7881   1]                     Reserved : 00
[1ECAh 7882   2]       SPE Overflow Interrupt : 0000

[1ECCh 7884   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1ECDh 7885   1]                       Length : 50
[1ECEh 7886   2]                     Reserved : 0000
[1ED0h 7888   4]         CPU Interface Number : 00000062
[1ED4h 7892   4]                Processor UID : 00000062
[1ED8h 7896   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1EDCh 7900   4]     Parking Protocol Version : 00000000
[1EE0h 7904   4]        Performance Interrupt : 00000017
[1EE4h 7908   8]               Parked Address : 0000000000000000
[1EECh 7916   8]                 Base Address : 0000000000000000
[1EF4h 7924   8]     Virtual GIC Base Address : 0000000000000000
[1EFCh 7932   8]  Hypervisor GIC Base Address : 0000000000000000
[1F04h 7940   4]        Virtual GIC Interrupt : 00000000
[1F08h 7944   8]   Redistributor Base Address : 0000000000000000
[1F10h 7952   8]                    ARM MPIDR : 0000000000000602
[1F18h 7960   1]             Efficiency Class : 00
[1F19h 7961   1]                     Reserved : 00
[1F1Ah 7962   2]       SPE Overflow Interrupt : 0000

[1F1Ch 7964   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1F1Dh 7965   1]                       Length : 50
[1F1Eh 7966   2]                     Reserved : 0000
[1F20h 7968   4]         CPU Interface Number : 00000063
[1F24h 7972   4]                Processor UID : 00000063
[1F28h 7976   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1F2Ch 7980   4]     Parking Protocol Version : 00000000
[1F30h 7984   4]        Performance Interrupt : 00000017
[1F34h 7988   8]               Parked Address : 0000000000000000
[1F3Ch 7996   8]                 Base Address : 0000000000000000
[1F44h 8004   8]     Virtual GIC Base Address : 0000000000000000
[1F4Ch 8012   8]  Hypervisor GIC Base Address : 0000000000000000
[1F54h 8020   4]        Virtual GIC Interrupt : 00000000
[1F58h 8024   8]   Redistributor Base Address : 0000000000000000
[1F60h 8032   8]                    ARM MPIDR : 0000000000000603
[1F68h 8040   1]             Efficiency Class : 00
[1F69h 8041   1]                     Reserved : 00
[1F6Ah 8042   2]       SPE Overflow Interrupt : 0000

[1F6Ch 8044   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1F6Dh 8045   1]                       Length : 50
[1F6Eh 8046   2]                     Reserved : 0000
[1F70h 8048   4]         CPU Interface Number : 00000064
[1F74h 8052   4]                Processor UID : 00000064
[1F78h 8056   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1F7Ch 8060   4]     Parking Protocol Version : 00000000
[1F80h 8064   4]        Performance Interrupt : 00000017
[1F84h 8068   8]               Parked Address : 0000000000000000
[1F8Ch 8076   8]                 Base Address : 0000000000000000
[1F94h 8084   8]     Virtual GIC Base Address : 0000000000000000
[1F9Ch 8092   8]  Hypervisor GIC Base Address : 0000000000000000
[1FA4h 8100   4]        Virtual GIC Interrupt : 00000000
[1FA8h 8104   8]   Redistributor Base Address : 0000000000000000
[1FB0h 8112   8]                    ARM MPIDR : 0000000000000604
[1FB8h 8120   1]             Efficiency Class : 00
[1FB9h 8121   1]                     Reserved : 00
[1FBAh 8122   2]       SPE Overflow Interrupt : 0000

[1FBCh 8124   1]                Subtable Type : 0B [Generic Interrupt Controller]
[1FBDh 8125   1]                       Length : 50
[1FBEh 8126   2]                     Reserved : 0000
[1FC0h 8128   4]         CPU Interface Number : 00000065
[1FC4h 8132   4]                Processor UID : 00000065
[1FC8h 8136   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[1FCCh 8140   4]     Parking Protocol Version : 00000000
[1FD0h 8144   4]        Performance Interrupt : 00000017
[1FD4h 8148   8]               Parked Address : 0000000000000000
[1FDCh 8156   8]                 Base Address : 0000000000000000
[1FE4h 8164   8]     Virtual GIC Base Address : 0000000000000000
[1FECh 8172   8]  Hypervisor GIC Base Address : 0000000000000000
[1FF4h 8180   4]        Virtual GIC Interrupt : 00000000
[1FF8h 8184   8]   Redistributor Base Address : 0000000000000000
[2000h 8192   8]                    ARM MPIDR : 0000000000000605
[2008h 8200   1]             Efficiency Class : 00
[2009h 8201   1]                     Reserved : 00
[200Ah 8202   2]       SPE Overflow Interrupt : 0000

[200Ch 8204   1]                Subtable Type : 0B [Generic Interrupt Controller]
[200Dh 8205   1]                       Length : 50
[200Eh 8206   2]                     Reserved : 0000
[2010h 8208   4]         CPU Interface Number : 00000066
[2014h 8212   4]                Processor UID : 00000066
[2018h 8216   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[201Ch 8220   4]     Parking Protocol Version : 00000000
[2020h 8224   4]        Performance Interrupt : 00000017
[2024h 8228   8]               Parked Address : 0000000000000000
[202Ch 8236   8]                 Base Address : 0000000000000000
[2034h 8244   8]     Virtual GIC Base Address : 0000000000000000
[203Ch 8252   8]  Hypervisor GIC Base Address : 0000000000000000
[2044h 8260   4]        Virtual GIC Interrupt : 00000000
[2048h 8264   8]   Redistributor Base Address : 0000000000000000
[2050h 8272   8]                    ARM MPIDR : 0000000000000606
[2058h 8280   1]             Efficiency Class : 00
[2059h 8281   1]                     Reserved : 00
[205Ah 8282   2]       SPE Overflow Interrupt : 0000

[205Ch 8284   1]                Subtable Type : 0B [Generic Interrupt Controller]
[205Dh 8285   1]                       Length : 50
[205Eh 8286   2]                     Reserved : 0000
[2060h 8288   4]         CPU Interface Number : 00000067
[2064h 8292   4]                Processor UID : 00000067
[2068h 8296   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[206Ch 8300   4]     Parking Protocol Version : 00000000
[2070h 8304   4]        Performance Interrupt : 00000017
[2074h 8308   8]               Parked Address : 0000000000000000
[207Ch 8316   8]                 Base Address : 0000000000000000
[2084h 8324   8]     Virtual GIC Base Address : 0000000000000000
[208Ch 8332   8]  Hypervisor GIC Base Address : 0000000000000000
[2094h 8340   4]        Virtual GIC Interrupt : 00000000
[2098h 8344   8]   Redistributor Base Address : 0000000000000000
[20A0h 8352   8]                    ARM MPIDR : 0000000000000607
[20A8h 8360   1]             Efficiency Class : 00
[20A9h 8361   1]                     Reserved : 00
[20AAh 8362   2]       SPE Overflow Interrupt : 0000

[20ACh 8364   1]                Subtable Type : 0B [Generic Interrupt Controller]
[20ADh 8365   1]                       Length : 50
[20AEh 8366   2]                     Reserved : 0000
[20B0h 8368   4]         CPU Interface Number : 00000068
[20B4h 8372   4]                Processor UID : 00000068
[20B8h 8376   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[20BCh 8380   4]     Parking Protocol Version : 00000000
[20C0h 8384   4]        Performance Interrupt : 00000017
[20C4h 8388   8]               Parked Address : 0000000000000000
[20CCh 8396   8]                 Base Address : 0000000000000000
[20D4h 8404   8]     Virtual GIC Base Address : 0000000000000000
[20DCh 8412   8]  Hypervisor GIC Base Address : 0000000000000000
[20E4h 8420   4]        Virtual GIC Interrupt : 00000000
[20E8h 8424   8]   Redistributor Base Address : 0000000000000000
[20F0h 8432   8]                    ARM MPIDR : 0000000000000608
[20F8h 8440   1]             Efficiency Class : 00
[20F9h 8441   1]                     Reserved : 00
[20FAh 8442   2]       SPE Overflow Interrupt : 0000

[20FCh 8444   1]                Subtable Type : 0B [Generic Interrupt Controller]
[20FDh 8445   1]                       Length : 50
[20FEh 8446   2]                     Reserved : 0000
[2100h 8448   4]         CPU Interface Number : 00000069
[2104h 8452   4]                Processor UID : 00000069
[2108h 8456   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[210Ch 8460   4]     Parking Protocol Version : 00000000
[2110h 8464   4]        Performance Interrupt : 00000017
[2114h 8468   8]               Parked Address : 0000000000000000
[211Ch 8476   8]                 Base Address : 0000000000000000
[2124h 8484   8]     Virtual GIC Base Address : 0000000000000000
[212Ch 8492   8]  Hypervisor GIC Base Address : 0000000000000000
[2134h 8500   4]        Virtual GIC Interrupt : 00000000
[2138h 8504   8]   Redistributor Base Address : 0000000000000000
[2140h 8512   8]                    ARM MPIDR : 0000000000000609
[2148h 8520   1]             Efficiency Class : 00
[2149h 8521   1]                     Reserved : 00
[214Ah 8522   2]       SPE Overflow Interrupt : 0000

[214Ch 8524   1]                Subtable Type : 0B [Generic Interrupt Controller]
[214Dh 8525   1]                       Length : 50
[214Eh 8526   2]                     Reserved : 0000
[2150h 8528   4]         CPU Interface Number : 0000006A
[2154h 8532   4]                Processor UID : 0000006A
[2158h 8536   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[215Ch 8540   4]     Parking Protocol Version : 00000000
[2160h 8544   4]        Performance Interrupt : 00000017
[2164h 8548   8]               Parked Address : 0000000000000000
[216Ch 8556   8]                 Base Address : 0000000000000000
[2174h 8564   8]     Virtual GIC Base Address : 0000000000000000
[217Ch 8572   8]  Hypervisor GIC Base Address : 0000000000000000
[2184h 8580   4]        Virtual GIC Interrupt : 00000000
[2188h 8584   8]   Redistributor Base Address : 0000000000000000
[2190h 8592   8]                    ARM MPIDR : 000000000000060A
[2198h 8600   1]             Efficiency Class : 00
[2199h 8601   1]                     Reserved : 00
[219Ah 8602   2]       SPE Overflow Interrupt : 0000

[219Ch 8604   1]                Subtable Type : 0B [Generic Interrupt Controller]
[219Dh 8605   1]                       Length : 50
[219Eh 8606   2]                     Reserved : 0000
[21A0h 8608   4]         CPU Interface Number : 0000006B
[21A4h 8612   4]                Processor UID : 0000006B
[21A8h 8616   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[21ACh 8620   4]     Parking Protocol Version : 00000000
[21B0h 8624   4]        Performance Interrupt : 00000017
[21B4h 8628   8]               Parked Address : 0000000000000000
[21BCh 8636   8]                 Base Address : 0000000000000000
[21C4h 8644   8]     Virtual GIC Base Address : 0000000000000000
[21CCh 8652   8]  Hypervisor GIC Base Address : 0000000000000000
[21D4h 8660   4]        Virtual GIC Interrupt : 00000000
[21D8h 8664   8]   Redistributor Base Address : 0000000000000000
[21E0h 8672   8]                    ARM MPIDR : 000000000000060B
[21E8h 8680   1]             Efficiency Class : 00
[21E9h 8681   1]                     Reserved : 00
[21EAh 8682   2]       SPE Overflow Interrupt : 0000

[21ECh 8684   1]                Subtable Type : 0B [Generic Interrupt Controller]
[21EDh 8685   1]                       Length : 50
[21EEh 8686   2]                     Reserved : 0000
[21F0h 8688   4]         CPU Interface Number : 0000006C
[21F4h 8692   4]                Processor UID : 0000006C
[21F8h 8696   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[21FCh 8700   4]     Parking Protocol Version : 00000000
[2200h 8704   4]        Performance Interrupt : 00000017
[2204h 8708   8]               Parked Address : 0000000000000000
[220Ch 8716   8]                 Base Address : 0000000000000000
[2214h 8724   8]     Virtual GIC Base Address : 0000000000000000
[221Ch 8732   8]  Hypervisor GIC Base Address : 0000000000000000
[2224h 8740   4]        Virtual GIC Interrupt : 00000000
[2228h 8744   8]   Redistributor Base Address : 0000000000000000
[2230h 8752   8]                    ARM MPIDR : 000000000000060C
[2238h 8760   1]             Efficiency Class : 00
[2239h 8761   1]                     Reserved : 00
[223Ah 8762   2]       SPE Overflow Interrupt : 0000

[223Ch 8764   1]                Subtable Type : 0B [Generic Interrupt Controller]
[223Dh 8765   1]                       Length : 50
[223Eh 8766   2]                     Reserved : 0000
[2240h 8768   4]         CPU Interface Number : 0000006D
[2244h 8772   4]                Processor UID : 0000006D
[2248h 8776   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[224Ch 8780   4]     Parking Protocol Version : 00000000
[2250h 8784   4]        Performance Interrupt : 00000017
[2254h 8788   8]               Parked Address : 0000000000000000
[225Ch 8796   8]                 Base Address : 0000000000000000
[2264h 8804   8]     Virtual GIC Base Address : 0000000000000000
[226Ch 8812   8]  Hypervisor GIC Base Address : 0000000000000000
[2274h 8820   4]        Virtual GIC Interrupt : 00000000
[2278h 8824   8]   Redistributor Base Address : 0000000000000000
[2280h 8832   8]                    ARM MPIDR : 000000000000060D
[2288h 8840   1]             Efficiency Class : 00
[2289h 8841   1]                     Reserved : 00
[228Ah 8842   2]       SPE Overflow Interrupt : 0000

[228Ch 8844   1]                Subtable Type : 0B [Generic Interrupt Controller]
[228Dh 8845   1]                       Length : 50
[228Eh 8846   2]                     Reserved : 0000
[2290h 8848   4]         CPU Interface Number : 0000006E
[2294h 8852   4]                Processor UID : 0000006E
[2298h 8856   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[229Ch 8860   4]     Parking Protocol Version : 00000000
[22A0h 8864   4]        Performance Interrupt : 00000017
[22A4h 8868   8]               Parked Address : 0000000000000000
[22ACh 8876   8]                 Base Address : 0000000000000000
[22B4h 8884   8]     Virtual GIC Base Address : 0000000000000000
[22BCh 8892   8]  Hypervisor GIC Base Address : 0000000000000000
[22C4h 8900   4]        Virtual GIC Interrupt : 00000000
[22C8h 8904   8]   Redistributor Base Address : 0000000000000000
[22D0h 8912   8]                    ARM MPIDR : 000000000000060E
[22D8h 8920   1]             Efficiency Class : 00
[22D9h 8921   1]                     Reserved : 00
[22DAh 8922   2]       SPE Overflow Interrupt : 0000

[22DCh 8924   1]                Subtable Type : 0B [Generic Interrupt Controller]
[22DDh 8925   1]                       Length : 50
[22DEh 8926   2]                     Reserved : 0000
[22E0h 8928   4]         CPU Interface Number : 0000006F
[22E4h 8932   4]                Processor UID : 0000006F
[22E8h 8936   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[22ECh 8940   4]     Parking Protocol Version : 00000000
[22F0h 8944   4]        Performance Interrupt : 00000017
[22F4h 8948   8]               Parked Address : 0000000000000000
[22FCh 8956   8]                 Base Address : 0000000000000000
[2304h 8964   8]     Virtual GIC Base Address : 0000000000000000
[230Ch 8972   8]  Hypervisor GIC Base Address : 0000000000000000
[2314h 8980   4]        Virtual GIC Interrupt : 00000000
[2318h 8984   8]   Redistributor Base Address : 0000000000000000
[2320h 8992   8]                    ARM MPIDR : 000000000000060F
[2328h 9000   1]             Efficiency Class : 00
[2329h 9001   1]                     Reserved : 00
[232Ah 9002   2]       SPE Overflow Interrupt : 0000

[232Ch 9004   1]                Subtable Type : 0B [Generic Interrupt Controller]
[232Dh 9005   1]                       Length : 50
[232Eh 9006   2]                     Reserved : 0000
[2330h 9008   4]         CPU Interface Number : 00000070
[2334h 9012   4]                Processor UID : 00000070
[2338h 9016   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[233Ch 9020   4]     Parking Protocol Version : 00000000
[2340h 9024   4]        Performance Interrupt : 00000017
[2344h 9028   8]               Parked Address : 0000000000000000
[234Ch 9036   8]                 Base Address : 0000000000000000
[2354h 9044   8]     Virtual GIC Base Address : 0000000000000000
[235Ch 9052   8]  Hypervisor GIC Base Address : 0000000000000000
[2364h 9060   4]        Virtual GIC Interrupt : 00000000
[2368h 9064   8]   Redistributor Base Address : 0000000000000000
[2370h 9072   8]                    ARM MPIDR : 0000000000000700
[2378h 9080   1]             Efficiency Class : 00
[2379h 9081   1]                     Reserved : 00
[237Ah 9082   2]       SPE Overflow Interrupt : 0000

[237Ch 9084   1]                Subtable Type : 0B [Generic Interrupt Controller]
[237Dh 9085   1]                       Length : 50
[237Eh 9086   2]                     Reserved : 0000
[2380h 9088   4]         CPU Interface Number : 00000071
[2384h 9092   4]                Processor UID : 00000071
[2388h 9096   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[238Ch 9100   4]     Parking Protocol Version : 00000000
[2390h 9104   4]        Performance Interrupt : 00000017
[2394h 9108   8]               Parked Address : 0000000000000000
[239Ch 9116   8]                 Base Address : 0000000000000000
[23A4h 9124   8]     Virtual GIC Base Address : 0000000000000000
[23ACh 9132   8]  Hypervisor GIC Base Address : 0000000000000000
[23B4h 9140   4]        Virtual GIC Interrupt : 00000000
[23B8h 9144   8]   Redistributor Base Address : 0000000000000000
[23C0h 9152   8]                    ARM MPIDR : 0000000000000701
[23C8h 9160   1]             Efficiency Class : 00
[23C9h 9161   1]                     Reserved : 00
[23CAh 9162   2]       SPE Overflow Interrupt : 0000

[23CCh 9164   1]                Subtable Type : 0B [Generic Interrupt Controller]
[23CDh 9165   1]                       Length : 50
[23CEh 9166   2]                     Reserved : 0000
[23D0h 9168   4]         CPU Interface Number : 00000072
[23D4h 9172   4]                Processor UID : 00000072
[23D8h 9176   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[23DCh 9180   4]     Parking Protocol Version : 00000000
[23E0h 9184   4]        Performance Interrupt : 00000017
[23E4h 9188   8]               Parked Address : 0000000000000000
[23ECh 9196   8]                 Base Address : 0000000000000000
[23F4h 9204   8]     Virtual GIC Base Address : 0000000000000000
[23FCh 9212   8]  Hypervisor GIC Base Address : 0000000000000000
[2404h 9220   4]        Virtual GIC Interrupt : 00000000
[2408h 9224   8]   Redistributor Base Address : 0000000000000000
[2410h 9232   8]                    ARM MPIDR : 0000000000000702
[2418h 9240   1]             Efficiency Class : 00
[2419h 9241   1]                     Reserved : 00
[241Ah 9242   2]       SPE Overflow Interrupt : 0000

[241Ch 9244   1]                Subtable Type : 0B [Generic Interrupt Controller]
[241Dh 9245   1]                       Length : 50
[241Eh 9246   2]                     Reserved : 0000
[2420h 9248   4]         CPU Interface Number : 00000073
[2424h 9252   4]                Processor UID : 00000073
[2428h 9256   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[242Ch 9260   4]     Parking Protocol Version : 00000000
[2430h 9264   4]        Performance Interrupt : 00000017
[2434h 9268   8]               Parked Address : 0000000000000000
[243Ch 9276   8]                 Base Address : 0000000000000000
[2444h 9284   8]     Virtual GIC Base Address : 0000000000000000
[244Ch 9292   8]  Hypervisor GIC Base Address : 0000000000000000
[2454h 9300   4]        Virtual GIC Interrupt : 00000000
[2458h 9304   8]   Redistributor Base Address : 0000000000000000
[2460h 9312   8]                    ARM MPIDR : 0000000000000703
[2468h 9320   1]             Efficiency Class : 00
[2469h 9321   1]                     Reserved : 00
[246Ah 9322   2]       SPE Overflow Interrupt : 0000

[246Ch 9324   1]                Subtable Type : 0B [Generic Interrupt Controller]
[246Dh 9325   1]                       Length : 50
[246Eh 9326   2]                     Reserved : 0000
[2470h 9328   4]         CPU Interface Number : 00000074
[2474h 9332   4]                Processor UID : 00000074
[2478h 9336   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[247Ch 9340   4]     Parking Protocol Version : 00000000
[2480h 9344   4]        Performance Interrupt : 00000017
[2484h 9348   8]               Parked Address : 0000000000000000
[248Ch 9356   8]                 Base Address : 0000000000000000
[2494h 9364   8]     Virtual GIC Base Address : 0000000000000000
[249Ch 9372   8]  Hypervisor GIC Base Address : 0000000000000000
[24A4h 9380   4]        Virtual GIC Interrupt : 00000000
[24A8h 9384   8]   Redistributor Base Address : 0000000000000000
[24B0h 9392   8]                    ARM MPIDR : 0000000000000704
[24B8h 9400   1]             Efficiency Class : 00
[24B9h 9401   1]                     Reserved : 00
[24BAh 9402   2]       SPE Overflow Interrupt : 0000

[24BCh 9404   1]                Subtable Type : 0B [Generic Interrupt Controller]
[24BDh 9405   1]                       Length : 50
[24BEh 9406   2]                     Reserved : 0000
[24C0h 9408   4]         CPU Interface Number : 00000075
[24C4h 9412   4]                Processor UID : 00000075
[24C8h 9416   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[24CCh 9420   4]     Parking Protocol Version : 00000000
[24D0h 9424   4]        Performance Interrupt : 00000017
[24D4h 9428   8]               Parked Address : 0000000000000000
[24DCh 9436   8]                 Base Address : 0000000000000000
[24E4h 9444   8]     Virtual GIC Base Address : 0000000000000000
[24ECh 9452   8]  Hypervisor GIC Base Address : 0000000000000000
[24F4h 9460   4]        Virtual GIC Interrupt : 00000000
[24F8h 9464   8]   Redistributor Base Address : 0000000000000000
[2500h 9472   8]                    ARM MPIDR : 0000000000000705
[2508h 9480   1]             Efficiency Class : 00
[2509h 9481   1]                     Reserved : 00
[250Ah 9482   2]       SPE Overflow Interrupt : 0000

[250Ch 9484   1]                Subtable Type : 0B [Generic Interrupt Controller]
[250Dh 9485   1]                       Length : 50
[250Eh 9486   2]                     Reserved : 0000
[2510h 9488   4]         CPU Interface Number : 00000076
[2514h 9492   4]                Processor UID : 00000076
[2518h 9496   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[251Ch 9500   4]     Parking Protocol Version : 00000000
[2520h 9504   4]        Performance Interrupt : 00000017
[2524h 9508   8]               Parked Address : 0000000000000000
[252Ch 9516   8]                 Base Address : 0000000000000000
[2534h 9524   8]     Virtual GIC Base Address : 0000000000000000
[253Ch 9532   8]  Hypervisor GIC Base Address : 0000000000000000
[2544h 9540   4]        Virtual GIC Interrupt : 00000000
[2548h 9544   8]   Redistributor Base Address : 0000000000000000
[2550h 9552   8]                    ARM MPIDR : 0000000000000706
[2558h 9560   1]             Efficiency Class : 00
[2559h 9561   1]                     Reserved : 00
[255Ah 9562   2]       SPE Overflow Interrupt : 0000

[255Ch 9564   1]                Subtable Type : 0B [Generic Interrupt Controller]
[255Dh 9565   1]                       Length : 50
[255Eh 9566   2]                     Reserved : 0000
[2560h 9568   4]         CPU Interface Number : 00000077
[2564h 9572   4]                Processor UID : 00000077
[2568h 9576   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[256Ch 9580   4]     Parking Protocol Version : 00000000
[2570h 9584   4]        Performance Interrupt : 00000017
[2574h 9588   8]               Parked Address : 0000000000000000
[257Ch 9596   8]                 Base Address : 0000000000000000
[2584h 9604   8]     Virtual GIC Base Address : 0000000000000000
[258Ch 9612   8]  Hypervisor GIC Base Address : 0000000000000000
[2594h 9620   4]        Virtual GIC Interrupt : 00000000
[2598h 9624   8]   Redistributor Base Address : 0000000000000000
[25A0h 9632   8]                    ARM MPIDR : 0000000000000707
[25A8h 9640   1]             Efficiency Class : 00
[25A9h 9641   1]                     Reserved : 00
[25AAh 9642   2]       SPE Overflow Interrupt : 0000

[25ACh 9644   1]                Subtable Type : 0B [Generic Interrupt Controller]
[25ADh 9645   1]                       Length : 50
[25AEh 9646   2]                     Reserved : 0000
[25B0h 9648   4]         CPU Interface Number : 00000078
[25B4h 9652   4]                Processor UID : 00000078
[25B8h 9656   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[25BCh 9660   4]     Parking Protocol Version : 00000000
[25C0h 9664   4]        Performance Interrupt : 00000017
[25C4h 9668   8]               Parked Address : 0000000000000000
[25CCh 9676   8]                 Base Address : 0000000000000000
[25D4h 9684   8]     Virtual GIC Base Address : 0000000000000000
[25DCh 9692   8]  Hypervisor GIC Base Address : 0000000000000000
[25E4h 9700   4]        Virtual GIC Interrupt : 00000000
[25E8h 9704   8]   Redistributor Base Address : 0000000000000000
[25F0h 9712   8]                    ARM MPIDR : 0000000000000708
[25F8h 9720   1]             Efficiency Class : 00
[25F9h 9721   1]                     Reserved : 00
[25FAh 9722   2]       SPE Overflow Interrupt : 0000

[25FCh 9724   1]                Subtable Type : 0B [Generic Interrupt Controller]
[25FDh 9725   1]                       Length : 50
[25FEh 9726   2]                     Reserved : 0000
[2600h 9728   4]         CPU Interface Number : 00000079
[2604h 9732   4]                Processor UID : 00000079
[2608h 9736   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[260Ch 9740   4]     Parking Protocol Version : 00000000
[2610h 9744   4]        Performance Interrupt : 00000017
[2614h 9748   8]               Parked Address : 0000000000000000
[261Ch 9756   8]                 Base Address : 0000000000000000
[2624h 9764   8]     Virtual GIC Base Address : 0000000000000000
[262Ch 9772   8]  Hypervisor GIC Base Address : 0000000000000000
[2634h 9780   4]        Virtual GIC Interrupt : 00000000
[2638h 9784   8]   Redistributor Base Address : 0000000000000000
[2640h 9792   8]                    ARM MPIDR : 0000000000000709
[2648h 9800   1]             Efficiency Class : 00
[2649h 9801   1]                     Reserved : 00
[264Ah 9802   2]       SPE Overflow Interrupt : 0000

[264Ch 9804   1]                Subtable Type : 0B [Generic Interrupt Controller]
[264Dh 9805   1]                       Length : 50
[264Eh 9806   2]                     Reserved : 0000
[2650h 9808   4]         CPU Interface Number : 0000007A
[2654h 9812   4]                Processor UID : 0000007A
[2658h 9816   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[265Ch 9820   4]     Parking Protocol Version : 00000000
[2660h 9824   4]        Performance Interrupt : 00000017
[2664h 9828   8]               Parked Address : 0000000000000000
[266Ch 9836   8]                 Base Address : 0000000000000000
[2674h 9844   8]     Virtual GIC Base Address : 0000000000000000
[267Ch 9852   8]  Hypervisor GIC Base Address : 0000000000000000
[2684h 9860   4]        Virtual GIC Interrupt : 00000000
[2688h 9864   8]   Redistributor Base Address : 0000000000000000
[2690h 9872   8]                    ARM MPIDR : 000000000000070A
[2698h 9880   1]             Efficiency Class : 00
[2699h 9881   1]                     Reserved : 00
[269Ah 9882   2]       SPE Overflow Interrupt : 0000

[269Ch 9884   1]                Subtable Type : 0B [Generic Interrupt Controller]
[269Dh 9885   1]                       Length : 50
[269Eh 9886   2]                     Reserved : 0000
[26A0h 9888   4]         CPU Interface Number : 0000007B
[26A4h 9892   4]                Processor UID : 0000007B
[26A8h 9896   4]        Flags (decoded below) : 00000001
                           Processor Enabled : 1
          Performance Interrupt Trigger Mode : 0
          Virtual GIC Interrupt Trigger Mode : 0
[26ACh 9900   4]     Parking Protocol Version : 00000000
[26B0h 9904   4]        Performance Interrupt : 00000017
[26B4h 9908   8]               Parked Address : 0000000000000000
[26BCh 9916   8]                 Base Address : 0000000000000000
[26C4h 9924   8]     Virtual GIC Base Address : 0000000000000000
[26CCh 9932   8]  Hypervisor GIC Base Address : 0000000000000000
[26D4h 9940   4]        Virtual GIC Interrupt : 00000000
[26D8h 9944   8]   Redistributor Base Address : 0000000000000000
[26E0h 9952   8]                    ARM MPIDR : 000000000000070B
[26E8h 9960   1]             Efficiency Class : 00
[26E9h 9961   1]                     Reserved : 00
[26EAh 9962   2]       SPE Overflow Interrupt : 0000

[26ECh 9964   1]                Subtable Type : 0C [Generic Interrupt Distributor]
[26EDh 9965   1]                       Length : 18
[26EEh 9966   2]                     Reserved : 0000
[26F0h 9968   4]        Local GIC Hardware ID : 00000000
[26F4h 9972   8]                 Base Address : 0000000008000000
[26FCh 9980   4]               Interrupt Base : 00000000
[2700h 9984   1]                      Version : 03
[2701h 9985   3]                     Reserved : 000000

[2704h 9988   1]                Subtable Type : 0E [Generic Interrupt Redistributor]
[2705h 9989   1]                       Length : 10
[2706h 9990   2]                     Reserved : 0000
[2708h 9992   8]                 Base Address : 00000000080A0000
[2710h 10000   4]                       Length : 00F60000

[2714h 10004   1]                Subtable Type : 0E [Generic Interrupt Redistributor]
[2715h 10005   1]                       Length : 10
[2716h 10006   2]                     Reserved : 0000
[2718h 10008   8]                 Base Address : 0000000240000000
[2720h 10016   4]                       Length : 00020000

[2724h 10020   1]                Subtable Type : 0F [Generic Interrupt Translator]
[2725h 10021   1]                       Length : 14
[2726h 10022   2]                     Reserved : 0000
[2728h 10024   4]               Translation ID : 00000000
[272Ch 10028   8]                 Base Address : 0000000008080000
[2734h 10036   4]                     Reserved : 00000000
