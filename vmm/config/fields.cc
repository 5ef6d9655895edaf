// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/fields.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "vmm/base/text.h"
#include "vmm/config/field_slot.h"
#include "vmm/config/units.h"

namespace lintel::config {

namespace {

using slot::field;

constexpr uint64_t kMiB = uint64_t{1} << 20;
constexpr uint64_t kTiB = uint64_t{1} << 40;
constexpr uint64_t kDay = 24 * 3'600'000;

template <typename T>
constexpr uint64_t value_of(T enumerator) {
  return static_cast<uint64_t>(enumerator);
}

constexpr std::array kOnReboot{
    Choice{"restart", value_of(OnReboot::kRestart), "the machine starts again"},
    Choice{"exit", value_of(OnReboot::kExit),
           "the run ends with status 121, as for a reset that nobody asked for"}};

constexpr std::array kGicVersions{
    Choice{"auto", value_of(GicVersion::kAuto),
           "version 3 with its interrupt translation service where this host's KVM has both, "
           "else version 2"},
    Choice{"2", value_of(GicVersion::kV2), "GICv2 with a v2m frame for messages, for up to 8 CPUs"},
    Choice{"3", value_of(GicVersion::kV3), "GICv3"}};

constexpr std::array kVmFields{
    field<&VmConfig::name>({.key = "name",
                            .kind = Kind::kName,
                            .min = 1,
                            .max = 64,
                            .fallback = "the TOML file's name without its extension",
                            .example = R"("build-42")",
                            .doc =
                                "What logs and tools call the machine. Automatic MAC addresses "
                                "are made from it. Not `lock`, `bound.json`, nor with `.` at its "
                                "start or `.sock` at its end: so Lintel's own files are named."}),
    field<&VmConfig::shutdown_timeout>(
        {.key = "shutdown_timeout",
         .kind = Kind::kDuration,
         .max = kDay,
         .example = R"("90s")",
         .doc = "SIGTERM and SIGINT press the power button. A guest that is still there after "
                "this time is stopped hard."}),
    field<&VmConfig::timeout>({.key = "timeout",
                               .kind = Kind::kDuration,
                               .min = 1,
                               .max = 365 * kDay,
                               .fallback = "none",
                               .example = R"("10m")",
                               .doc = "The longest time that the whole run may take. After it the "
                                      "machine is stopped hard and the exit status is 124."}),
    field<&VmConfig::on_reboot>({.key = "on_reboot",
                                 .kind = Kind::kChoice,
                                 .choices = kOnReboot,
                                 .example = R"("exit")",
                                 .doc = "What happens when the guest resets the machine."}),
    field<&VmConfig::gic>({.key = "gic",
                           .kind = Kind::kChoice,
                           .choices = kGicVersions,
                           .only = Architecture::kArm64,
                           .example = R"("2")",
                           .doc = "The version of the interrupt controller. Not every host's KVM "
                                  "has both; the start fails if it lacks the one that is named."})};

constexpr std::array kFast{
    Choice{"auto", value_of(FastBoot::kAuto),
           "the host unpacks the kernel once, keeps it in the user's cache folder and enters it "
           "directly; kernels that do not allow it boot the plain way, and the log says why"},
    Choice{"off", value_of(FastBoot::kOff), "the kernel unpacks itself in the guest"}};

constexpr std::array kKernelFormats{
    Choice{"auto", value_of(KernelFormat::kAuto), "a Linux kernel, recognised by its header"},
    Choice{"flat", value_of(KernelFormat::kFlat),
           "x86_64 only, and no Linux: the bytes as they are, loaded at 1 MiB and entered at the "
           "first one in "
           "64-bit mode; for tests of the machine itself, without initrd and cmdline"}};

constexpr std::array kBootFields{
    field<&BootConfig::kernel>({.key = "kernel",
                                .kind = Kind::kFile,
                                .required = true,
                                .example = R"("bzImage")",
                                .doc = "The kernel: a bzImage, or an ELF image with a PVH entry "
                                       "(such as vmlinux). On arm64 an Image, plain, compressed "
                                       "by gzip, or in an EFI zboot container."}),
    field<&BootConfig::initrd>({.key = "initrd",
                                .kind = Kind::kFiles,
                                .example = R"(["initramfs.cpio", "modules.cpio"])",
                                .doc = "The initial RAM disk. The files of an array are given to "
                                       "the kernel one behind the other."}),
    field<&BootConfig::cmdline>({.key = "cmdline",
                                 .kind = Kind::kText,
                                 .max = 65535,
                                 .example = R"("console=hvc0 root=/dev/vda")",
                                 .doc = "The kernel's command line. Nothing is added to it."}),
    field<&BootConfig::fast>({.key = "fast",
                              .kind = Kind::kChoice,
                              .choices = kFast,
                              .only = Architecture::kX86_64,
                              .example = R"("off")",
                              .doc = "Who unpacks a compressed kernel."}),
    field<&BootConfig::format>({.key = "format",
                                .kind = Kind::kChoice,
                                .choices = kKernelFormats,
                                .only = Architecture::kX86_64,
                                .example = R"("flat")",
                                .doc = "What the file `kernel` is."})};

constexpr std::array kModel{
    Choice{"host", value_of(CpuModel::kHost), "everything that the host and KVM support"},
    Choice{"baseline", value_of(CpuModel::kBaseline),
           "x86-64-v2 and what paravirtualisation needs: the same on every host, and on hosts "
           "that are virtual themselves"}};

constexpr std::array kCpuFields{
    field<&CpuConfig::count>({.key = "count",
                              .kind = Kind::kInteger,
                              .min = 1,
                              .max = 255,
                              .example = "4",
                              .doc = "The number of virtual CPUs. On arm64 up to 123, or 8 with a "
                                     "GICv2."}),
    field<&CpuConfig::model>({.key = "model",
                              .kind = Kind::kChoice,
                              .choices = kModel,
                              .only = Architecture::kX86_64,
                              .example = R"("baseline")",
                              .doc = "Which features of the host's CPU the guest sees."}),
    field<&CpuConfig::nested>({.key = "nested",
                               .kind = Kind::kBoolean,
                               .only = Architecture::kX86_64,
                               .example = "true",
                               .doc = "Whether the guest can run virtual machines itself. The "
                                      "host's KVM module must have its `nested` parameter on."})};

constexpr std::array kTopologyFields{
    field<&CpuTopology::sockets>({.key = "sockets",
                                  .kind = Kind::kInteger,
                                  .min = 1,
                                  .max = 255,
                                  .fallback = "1",
                                  .example = "1",
                                  .doc = "The number of sockets."}),
    field<&CpuTopology::cores>({.key = "cores",
                                .kind = Kind::kInteger,
                                .min = 1,
                                .max = 255,
                                .fallback = "what the others leave of cpu.count",
                                .example = "4",
                                .doc = "The number of cores of a socket."}),
    field<&CpuTopology::threads>({.key = "threads",
                                  .kind = Kind::kInteger,
                                  .min = 1,
                                  .max = 255,
                                  .fallback = "1",
                                  .example = "2",
                                  .doc = "The number of threads of a core."})};

constexpr std::array kHugePages{
    Choice{"off", value_of(HugePages::kOff), "pages of 4 KiB"},
    Choice{"transparent", value_of(HugePages::kTransparent),
           "large pages where the kernel finds them"},
    Choice{"2M", value_of(HugePages::k2MiB), "from the host's pool of 2 MiB pages"},
    Choice{"1G", value_of(HugePages::k1GiB), "from the host's pool of 1 GiB pages"}};

constexpr std::array kMemoryFields{
    field<&MemoryConfig::size>({.key = "size",
                                .kind = Kind::kSize,
                                .min = 16 * kMiB,
                                .max = 16 * kTiB,
                                .example = R"("512M")",
                                .doc = "The guest's RAM, a multiple of 2M."}),
    field<&MemoryConfig::backing, &MemoryBacking::huge_pages>(
        {.key = "hugepages",
         .kind = Kind::kChoice,
         .choices = kHugePages,
         .example = R"("1G")",
         .doc = "Which pages of the host hold the guest's RAM. With \"2M\" and \"1G\" the pool "
                "must have enough free pages before the start, and size must be a multiple."}),
    field<&MemoryConfig::backing, &MemoryBacking::shared>(
        {.key = "shared",
         .kind = Kind::kBoolean,
         .example = "true",
         .doc = "Makes the RAM a file in memory that helper processes (vhost-user) can map."}),
    field<&MemoryConfig::backing, &MemoryBacking::prefault>(
        {.key = "prefault",
         .kind = Kind::kBoolean,
         .example = "true",
         .doc = "Takes all RAM from the host before the guest starts, instead of page by page "
                "when it is used."})};

constexpr std::array kConsoleTypes{
    Choice{"serial", value_of(ConsoleType::kSerial),
           "a 16550 UART, Linux's ttyS0; on arm64 a PL011, Linux's ttyAMA0"},
    Choice{"virtio", value_of(ConsoleType::kVirtio),
           "a virtio console, Linux's hvc0: faster, and it follows the window's size"},
    Choice{"none", value_of(ConsoleType::kNone), "no console"}};
constexpr std::array kConsoleModes{
    Choice{"stdio", value_of(ConsoleMode::kStdio),
           "Lintel's own input and output; on a terminal Ctrl-a x quits"},
    Choice{"file", value_of(ConsoleMode::kFile), "output only, to the file at path"},
    Choice{"pty", value_of(ConsoleMode::kPty), "a new pseudoterminal, whose name is logged"},
    Choice{"socket", value_of(ConsoleMode::kSocket), "a listening unix socket at path"},
    Choice{"off", value_of(ConsoleMode::kOff), "output is dropped, there is no input"}};

constexpr std::array kConsoleFields{
    field<&ConsoleConfig::type>(
        {.key = "type",
         .kind = Kind::kChoice,
         .choices = kConsoleTypes,
         .example = R"("virtio")",
         .doc = "The console device. boot.cmdline must name it for the kernel to use it: "
                "console=ttyS0, console=ttyAMA0 or console=hvc0."}),
    field<&ConsoleConfig::mode>({.key = "mode",
                                 .kind = Kind::kChoice,
                                 .choices = kConsoleModes,
                                 .example = R"("file")",
                                 .doc = "Where the console goes on the host."}),
    field<&ConsoleConfig::path>({.key = "path",
                                 .kind = Kind::kPath,
                                 .fallback = "none",
                                 .example = R"("console.log")",
                                 .doc = "The file or the socket of those modes. A file is "
                                        "truncated, a stale socket replaced."})};

constexpr std::array kDiskFormats{
    Choice{"raw", value_of(DiskFormat::kRaw), "the bytes as they are"}};

constexpr std::array kDiskFields{
    field<&DiskConfig::id>({.key = "id",
                            .kind = Kind::kName,
                            .min = 1,
                            .max = 32,
                            .fallback = "disk0, disk1, ...",
                            .example = R"("root")",
                            .doc = "A name for messages, --set and profiles."}),
    field<&DiskConfig::path>({.key = "path",
                              .kind = Kind::kFile,
                              .required = true,
                              .example = R"("debian.img")",
                              .doc = "A file or a block device. It is locked while the machine "
                                     "runs."}),
    field<&DiskConfig::format>({.key = "format",
                                .kind = Kind::kChoice,
                                .choices = kDiskFormats,
                                .example = R"("raw")",
                                .doc = "The format of the file; never guessed, because the guest "
                                       "could write another format's header."}),
    field<&DiskConfig::readonly>({.key = "readonly",
                                  .kind = Kind::kBoolean,
                                  .example = "true",
                                  .doc = "Refuses the guest's writes. Several machines may share "
                                         "such a disk."}),
    field<&DiskConfig::direct>({.key = "direct",
                                .kind = Kind::kBoolean,
                                .example = "true",
                                .doc = "Bypasses the host's page cache (O_DIRECT)."}),
    field<&DiskConfig::discard>({.key = "discard",
                                 .kind = Kind::kBoolean,
                                 .example = "false",
                                 .doc = "Whether blocks that the guest discards are freed on the "
                                        "host."}),
    field<&DiskConfig::serial>({.key = "serial",
                                .kind = Kind::kText,
                                .max = 20,
                                .fallback = "the id's first 20 bytes",
                                .example = R"("S3CR37")",
                                .doc = "The serial number, for /dev/disk/by-id in the guest."})};

constexpr std::array kNetTypes{
    Choice{"user", value_of(NetType::kUser),
           "passt: works without root, the guest shares the "
           "host's addresses"},
    Choice{"tap", value_of(NetType::kTap), "an existing tap interface"},
    Choice{"none", value_of(NetType::kNone), "an interface whose link is down"}};
constexpr std::array kVhost{
    Choice{"auto", value_of(Vhost::kAuto), "where /dev/vhost-net is usable"},
    Choice{"on", value_of(Vhost::kOn), "always, or the start fails"},
    Choice{"off", value_of(Vhost::kOff), "never"}};

constexpr std::array kNetFields{
    field<&NetConfig::id>({.key = "id",
                           .kind = Kind::kName,
                           .min = 1,
                           .max = 32,
                           .fallback = "net0, net1, ...",
                           .example = R"("lan")",
                           .doc = "A name for messages, --set and profiles."}),
    field<&NetConfig::type>({.key = "type",
                             .kind = Kind::kChoice,
                             .choices = kNetTypes,
                             .example = R"("tap")",
                             .doc = "What the interface is connected to."}),
    field<&NetConfig::tap>({.key = "tap",
                            .kind = Kind::kName,
                            .min = 1,
                            .max = 15,
                            .fallback = "none",
                            .example = R"("tap0")",
                            .doc = "The host's interface, for the type \"tap\". `ip tuntap add "
                                   "NAME mode tap vnet_hdr user USER` makes one."}),
    field<&NetConfig::mac>({.key = "mac",
                            .kind = Kind::kMac,
                            .fallback = "\"auto\": made from vm.name and the interface's place, "
                                        "the same at every start",
                            .example = R"("52:54:00:12:34:56")",
                            .doc = "The guest's MAC address."}),
    field<&NetConfig::mtu>({.key = "mtu",
                            .kind = Kind::kInteger,
                            .min = 68,
                            .max = 65535,
                            .fallback = "not announced: the guest takes 1500",
                            .example = "9000",
                            .doc = "The MTU that the guest is told."}),
    field<&NetConfig::vhost>({.key = "vhost",
                              .kind = Kind::kChoice,
                              .choices = kVhost,
                              .example = R"("off")",
                              .doc = "Whether the host's kernel moves the packets of a tap "
                                     "interface."}),
    field<&NetConfig::forward>(
        {.key = "forward",
         .kind = Kind::kForwards,
         .example = R"(["2222:22", "127.0.0.1:8080:80", "5353:53/udp"])",
         .doc = "Ports of the host that lead into the guest, for the type \"user\": "
                "[ADDRESS:]HOST_PORT:GUEST_PORT[/tcp|/udp]."})};

constexpr std::array kVsockFields{field<&VsockConfig::cid>(
    {.key = "cid",
     .kind = Kind::kInteger,
     .min = 3,
     .max = UINT32_MAX - 1,
     .fallback = "none: the guest has no vsock",
     .example = "42",
     .doc = "The guest's context id, unique on the host. The host reaches the guest's vsock "
            "ports under it; the host itself is 2."})};

constexpr std::array kRngFields{
    field<&RngConfig::enabled>({.key = "enabled",
                                .kind = Kind::kBoolean,
                                .example = "false",
                                .doc = "Whether the guest has a virtio random number generator."}),
    field<&RngConfig::source>({.key = "source",
                               .kind = Kind::kFile,
                               .example = R"("/dev/hwrng")",
                               .doc = "Where its bytes come from."})};

constexpr std::array kBalloonFields{
    field<&BalloonConfig::enabled>({.key = "enabled",
                                    .kind = Kind::kBoolean,
                                    .example = "true",
                                    .doc = "Whether the guest has a virtio balloon."}),
    field<&BalloonConfig::free_page_reporting>(
        {.key = "free_page_reporting",
         .kind = Kind::kBoolean,
         .example = "false",
         .doc = "Whether memory that the guest freed goes back to the host."})};

constexpr std::array kConfigPorts{
    Choice{"auto", value_of(ConfigPorts::kAuto),
           "hidden from a kernel that is booted directly, which finds the memory-mapped way in "
           "ACPI and makes fewer exits with it"},
    Choice{"on", value_of(ConfigPorts::kOn), "always there"},
    Choice{"off", value_of(ConfigPorts::kOff), "never there"}};

constexpr std::array kPciBusFields{
    field<&PciBusConfig::config_ports>({.key = "config_ports",
                                        .kind = Kind::kChoice,
                                        .choices = kConfigPorts,
                                        .only = Architecture::kX86_64,
                                        .example = R"("on")",
                                        .doc = "The I/O ports 0xCF8 and 0xCFC to the devices' "
                                               "configuration registers."}),
    field<&PciBusConfig::hotplug_ports>(
        {.key = "hotplug_ports",
         .kind = Kind::kInteger,
         .max = 16,
         .example = "1",
         .doc =
             "Root ports that are empty at the start, for `lintel attach`. A [[pci]] device that "
             "is behind a root port can leave it too, by `lintel detach`."}),
    field<&PciBusConfig::hotplug_memory>(
        {.key = "hotplug_memory",
         .kind = Kind::kSize,
         .min = kMiB,
         .max = kTiB,
         .example = R"("33G")",
         .doc = "Addresses above 4 GiB that an empty port has for the prefetchable memory of what "
                "comes; a graphics card needs a little more than it has memory."}),
    field<&PciBusConfig::hotplug_memory32>(
        {.key = "hotplug_memory32",
         .kind = Kind::kSize,
         .min = kMiB,
         .max = 512 * kMiB,
         .example = R"("64M")",
         .doc =
             "The same below 4 GiB, for all other memory. All devices share 960 MiB there, 751 on "
             "arm64."})};

constexpr std::array kPciFunctions{
    Choice{"one", value_of(PciFunctions::kOne), "the named function alone"},
    Choice{"all", value_of(PciFunctions::kAll),
           "every function of its slot; the guest sees them in one slot too"}};
constexpr std::array kPciBind{
    Choice{"auto", value_of(PciBind::kAuto),
           "it goes to vfio-pci now and back to its driver when the machine ends"},
    Choice{"manual", value_of(PciBind::kManual),
           "it is with vfio-pci already (lintel bind); nothing is changed, so that root is not "
           "needed"},
    Choice{"keep", value_of(PciBind::kKeep),
           "it goes to vfio-pci now and stays there until lintel restore"}};
constexpr std::array kPciReset{
    Choice{"auto", value_of(PciReset::kAuto), "the first way that the host's kernel has for it"},
    Choice{"flr", value_of(PciReset::kFlr), "a function level reset"},
    Choice{"bus", value_of(PciReset::kBus), "a reset of its bus, and of all that is on it"},
    Choice{"device_specific", value_of(PciReset::kDeviceSpecific),
           "what the host's kernel knows of this device"},
    Choice{"pm", value_of(PciReset::kPm), "to sleep (D3hot) and back"},
    Choice{"none", value_of(PciReset::kNone),
           "none by lintel, for devices that do not survive one; the kernel's driver still resets "
           "what is opened and closed, if it can"}};
constexpr std::array kPciResetWhen{Choice{.text = "start", .doc = "before the guest's first start"},
                                   Choice{.text = "reboot", .doc = "when the guest reboots"},
                                   Choice{.text = "end", .doc = "before the host has it back"}};
constexpr std::array kPciRootPort{
    Choice{"auto", value_of(PciRootPort::kAuto), "where the device is a PCI Express one"},
    Choice{"on", value_of(PciRootPort::kOn), "always"},
    Choice{"off", value_of(PciRootPort::kOff), "never: it is on the root bus itself"}};

constexpr TextForm kDeviceForm{R"(an address such as "0000:01:00.0" or ids such as "10de:2684")",
                               "^(([0-9A-Fa-f]{4,8}:)?[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\\.[0-7]|"
                               "[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4})$",
                               is_pci_device};
constexpr TextForm kIdsForm{R"(vendor and device such as "10de:2684")",
                            "^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$", is_pci_ids};
constexpr TextForm kRebarForm{R"("keep", "max" or a power of two such as "16G")",
                              "^(keep|max|[0-9]+[MGT])$", is_rebar};
constexpr TextForm kSlotForm{R"(a device and function of the root bus such as "05.0")",
                             "^[0-9A-Fa-f]{2}\\.[0-7]$", is_pci_slot};

constexpr std::array kPciFields{
    field<&PciConfig::id>({.key = "id",
                           .kind = Kind::kName,
                           .min = 1,
                           .max = 32,
                           .fallback = "pci0, pci1, ...",
                           .example = R"("gpu")",
                           .doc = "A name for messages, --set and profiles."}),
    field<&PciConfig::device>(
        {.key = "device",
         .kind = Kind::kPattern,

         .form = &kDeviceForm,
         .fallback = "the one behind `socket`",
         .example = R"("0000:01:00.0")",
         .doc = "Which device: its address on the host, or vendor:device if the host has exactly "
                "one of these. `lintel devices` lists them."}),
    field<&PciConfig::socket>(
        {.key = "socket",
         .kind = Kind::kPath,
         .fallback = "a device of the host",
         .example = R"("/run/vm/nvme.sock")",
         .doc = "In place of `device`: the socket of a program that serves a device (vfio-user). "
                "It reads and writes the guest's memory, which must be shared."}),
    field<&PciConfig::expect>(
        {.key = "expect",
         .kind = Kind::kPattern,
         .form = &kIdsForm,
         .fallback = "any device",
         .example = R"("10de:2684")",
         .doc = "What must be at the address. Addresses move when cards are added or the firmware "
                "is updated; then the start fails and says where the device is now."}),
    field<&PciConfig::functions>({.key = "functions",
                                  .kind = Kind::kChoice,
                                  .choices = kPciFunctions,
                                  .example = R"("all")",
                                  .doc = "A graphics card is several functions: display, sound, "
                                         "USB. Which of them the guest gets."}),
    field<&PciConfig::bind>({.key = "bind",
                             .kind = Kind::kChoice,
                             .choices = kPciBind,
                             .example = R"("manual")",
                             .doc = "Who takes the device from its driver and gives it back."}),
    field<&PciConfig::rom>({.key = "rom",
                            .kind = Kind::kFile,
                            .fallback = "the device's own",
                            .example = R"("vbios/4090.rom")",
                            .doc = "A file that the guest sees as the device's option ROM."}),
    field<&PciConfig::rebar>(
        {.key = "rebar",
         .kind = Kind::kPattern,
         .form = &kRebarForm,
         .example = R"("max")",
         .doc = "The size of the device's resizable BARs: as they are, the largest that fits, or "
                "this one. It is set on the host before the guest sees the device."}),
    field<&PciConfig::reset>({.key = "reset",
                              .kind = Kind::kChoice,
                              .choices = kPciReset,
                              .example = R"("bus")",
                              .doc = "How the device is reset. Ways other than \"auto\" and "
                                     "\"none\" are the host's only way while the guest has it "
                                     "(/sys/bus/pci/devices/ADDRESS/reset_method), and must be "
                                     "possible."}),
    field<&PciConfig::reset_when>(
        {.key = "reset_when",
         .kind = Kind::kTexts,
         .choices = kPciResetWhen,
         .example = R"(["start", "reboot"])",
         .doc = "When it is reset. At the other times it is only made quiet: no interrupts and no "
                "DMA."}),
    field<&PciConfig::vga>(
        {.key = "vga",
         .kind = Kind::kBoolean,
         .only = Architecture::kX86_64,
         .example = "true",
         .doc = "Whether a graphics card also gets the addresses that VGA always had: memory from "
                "0xa0000 to 0xbffff, and the ports 0x3b0 to 0x3bb and 0x3c0 to 0x3df. For option "
                "ROMs and drivers from before UEFI; one device can have them."}),
    field<&PciConfig::guest_address>({.key = "guest_address",
                                      .kind = Kind::kPattern,
                                      .form = &kSlotForm,
                                      .fallback = "the next free one",
                                      .example = R"("05.0")",
                                      .doc = "Where the device, or its root port, is in the "
                                             "guest."}),
    field<&PciConfig::root_port>({.key = "root_port",
                                  .kind = Kind::kChoice,
                                  .choices = kPciRootPort,
                                  .example = R"("off")",
                                  .doc = "Whether the device is behind a root port of its own, as "
                                         "graphics drivers and firmware expect."}),
    field<&PciConfig::hide>(
        {.key = "hide",
         .kind = Kind::kTexts,
         .min = 1,
         .max = 32,
         .example = R"(["AER", "ext:0x23"])",
         .doc = "Capabilities that the guest is not to see, by the names that `lintel devices "
                "--config DEVICE` prints, or by number: 0x09, and ext:0x23 for an extended one."}),
    field<&PciConfig::show>(
        {.key = "show",
         .kind = Kind::kTexts,
         .min = 1,
         .max = 32,
         .example = R"(["ACS"])",
         .doc = "Capabilities that the guest sees although they are hidden by default."}),
    field<&PciConfig::patch>(
        {.key = "patch",
         .kind = Kind::kTexts,
         .min = 1,
         .max = 64,
         .example = R"(["2c.w=1af4", "CAP_EXP+0c.l=0:30"])",
         .doc =
             "Bits of the configuration space that the guest reads as this and cannot change, "
             "as for setpci: REGISTER[.b|.w|.l]=VALUE[:MASK], hexadecimal. Not those that Lintel "
             "drives itself: commands, BARs, the lists of capabilities, messages, power. "
             "`lintel devices --config DEVICE --from FILE` shows the result."})};

constexpr std::array kPassthroughBackends{
    Choice{"auto", value_of(PassthroughBackend::kAuto), "a container where the host has them"},
    Choice{"container", value_of(PassthroughBackend::kContainer),
           "VFIO's groups and containers, /dev/vfio/vfio"},
    Choice{"iommufd", value_of(PassthroughBackend::kIommufd),
           "/dev/iommu, on hosts from Linux 6.6 on"}};

constexpr std::array kPassthroughOnError{
    Choice{"stop", value_of(PassthroughOnError::kStop),
           "the run ends, so that nobody works on with wrong data"},
    Choice{"reset", value_of(PassthroughOnError::kReset),
           "the guest starts anew with its devices reset; a second error within a minute ends the "
           "run"},
    Choice{"detach", value_of(PassthroughOnError::kDetach),
           "it is unplugged, by force if the guest does not let go, and the guest goes on; one on "
           "the root bus cannot leave, which ends the run"},
    Choice{"report", value_of(PassthroughOnError::kReport),
           "it is logged; the guest's driver must notice by itself"}};

constexpr std::array kPassthroughFields{
    field<&PassthroughConfig::backend>({.key = "backend",
                                        .kind = Kind::kChoice,
                                        .choices = kPassthroughBackends,
                                        .example = R"("iommufd")",
                                        .doc = "Which of the kernel's interfaces is used."}),
    field<&PassthroughConfig::peer_to_peer>(
        {.key = "peer_to_peer",
         .kind = Kind::kBoolean,
         .example = "true",
         .doc = "Whether passed devices can read and write each other's memory. What the host "
                "cannot map for that is left out."}),
    field<&PassthroughConfig::unsafe_noiommu>(
        {.key = "unsafe_noiommu",
         .kind = Kind::kBoolean,
         .example = "true",
         .doc = "Allows devices that no IOMMU watches: such a device can read and write all of "
                "the host's memory, so the guest can too."}),
    field<&PassthroughConfig::on_error>(
        {.key = "on_error",
         .kind = Kind::kChoice,
         .choices = kPassthroughOnError,
         .example = R"("report")",
         .doc = "What follows when a passed device reports an uncorrectable error (PCI Express "
                "AER)."}),
    field<&PassthroughConfig::report>(
        {.key = "report",
         .kind = Kind::kPath,
         .fallback = "none",
         .example = R"("/var/log/lintel/vm-devices.json")",
         .doc = "A file that is written whenever the guest ends, with what `lintel status --json` "
                "said then: what of the devices was mapped, which accesses exited, interrupts, "
                "resets. The log has the same from level info on."})};

template <auto member>
constexpr Section once(std::string_view path, std::string_view doc, std::span<const Field> fields) {
  return {.path = path,
          .repeated = false,
          .doc = doc,
          .fields = fields,
          .at = [](Config& config, size_t) -> void* { return &(config.*member); },
          .count = [](const Config&) -> size_t { return 1; }};
}

template <auto member>
constexpr Section repeated(std::string_view path, std::string_view doc,
                           std::span<const Field> fields) {
  return {.path = path,
          .repeated = true,
          .doc = doc,
          .fields = fields,
          .at = [](Config& config, size_t index) -> void* {
            auto& list = config.*member;
            if (index == list.size()) list.emplace_back();
            return &list.at(index);
          },
          .count = [](const Config& config) { return (config.*member).size(); }};
}

constexpr Section topology() {
  return {.path = "cpu.topology",
          .repeated = false,
          .doc = "How the CPUs appear to be arranged. The product is cpu.count.",
          .fields = kTopologyFields,
          .at = [](Config& config, size_t) -> void* { return &config.cpu.topology; },
          .count = [](const Config&) -> size_t { return 1; }};
}

constexpr std::array kSections{
    once<&Config::vm>("vm", "The machine as a whole.", kVmFields),
    once<&Config::boot>("boot", "What the machine boots.", kBootFields),
    once<&Config::cpu>("cpu", "The processors.", kCpuFields),
    topology(),
    once<&Config::memory>("memory", "The guest's RAM.", kMemoryFields),
    once<&Config::console>("console", "The console.", kConsoleFields),
    repeated<&Config::disks>("disk", "A virtio disk, /dev/vda and so on in the order written.",
                             kDiskFields),
    repeated<&Config::nets>("net", "A virtio network interface.", kNetFields),
    once<&Config::vsock>("vsock", "Sockets between host and guest, without a network.",
                         kVsockFields),
    once<&Config::rng>("rng", "Randomness for the guest.", kRngFields),
    once<&Config::balloon>("balloon", "Gives unused memory back to the host.", kBalloonFields),
    once<&Config::pci_bus>("pci_bus", "The PCI bus.", kPciBusFields),
    repeated<&Config::pcis>("pci", "A PCI device of the host's that the guest gets (VFIO).",
                            kPciFields),
    once<&Config::passthrough>("passthrough", "How devices of the host's are passed.",
                               kPassthroughFields)};

std::string join(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    if (out.size() > 1) out += ", ";
    out += toml_string(text);
  }
  return out + "]";
}

}  // namespace

std::span<const Section> sections() {
  return kSections;
}

const Section* find_section(std::string_view path) {
  const auto* found = std::find_if(kSections.begin(), kSections.end(),
                                   [&](const Section& section) { return section.path == path; });
  return found == kSections.end() ? nullptr : found;
}

const Field* find_field(const Section& section, std::string_view key) {
  const auto found = std::find_if(section.fields.begin(), section.fields.end(),
                                  [&](const Field& field) { return field.key == key; });
  return found == section.fields.end() ? nullptr : &*found;
}

std::string_view name_of(Architecture architecture) {
  return architecture == Architecture::kArm64 ? "arm64" : "x86_64";
}

std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += fmt::format("\\u{:04x}", byte);
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string toml_value(const Field& field, const Scalar& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value)) return toml_string(*text);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) return join(*texts);
  const auto* number = std::get_if<uint64_t>(&value);
  if (number == nullptr) return {};
  if (field.kind == Kind::kSize) return toml_string(format_size(*number));
  if (field.kind == Kind::kDuration) return toml_string(format_duration(*number));
  if (field.kind == Kind::kChoice) {
    for (const Choice& choice : field.choices) {
      if (choice.value == *number) return toml_string(choice.text);
    }
  }
  return fmt::format("{}", *number);
}

}  // namespace lintel::config
