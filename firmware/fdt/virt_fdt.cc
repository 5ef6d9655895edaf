// SPDX-License-Identifier: Apache-2.0
#include "firmware/fdt/virt_fdt.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "vmm/base/error.h"

namespace lintel::fdt {
namespace {

using arm64::GicV2;
using arm64::GicV3;
using arm64::kGicV2MaxCpus;
using arm64::MmioDevice;
using arm64::PowerButton;

// interrupt-controller/arm,gic.yaml and arm,gic-v3.yaml: the three cells of an interrupt.
enum InterruptKind : uint32_t { kSharedInterrupt = 0, kPrivateInterrupt = 1 };
enum InterruptType : uint32_t { kLevelHigh = 4 };
// GICv2 wants the CPUs that a private interrupt reaches in bits 15 to 8 of the third cell.
constexpr unsigned kCpuMaskShift = 8;

// arm/cpus.yaml: affinity levels 2 to 0 and, in a cell of its own, level 3.
constexpr uint64_t kLowAffinity = 0x00ffffff;
constexpr uint64_t kAffinity3 = 0xff00000000;

struct Phandles {
  std::vector<Phandle> cpus;  // empty without a topology
  Phandle gic;
  Phandle msi;
  Phandle clock;
  Phandle gpio;
};

std::string at_address(std::string_view name, uint64_t address) {
  return fmt::format("{}@{:x}", name, address);
}

class Writer {
 public:
  explicit Writer(const VirtFdt& description) : what_(description) {
    handles_ = {.cpus = {},
                .gic = fdt_.new_phandle(),
                .msi = fdt_.new_phandle(),
                .clock = fdt_.new_phandle(),
                .gpio = fdt_.new_phandle()};
    if (what_.topology) {
      for (size_t i = 0; i < what_.mpidrs.size(); ++i) handles_.cpus.push_back(fdt_.new_phandle());
    }
  }

  Bytes write() {
    root();
    chosen();
    if (what_.serial) {
      fdt_.node("aliases", [&] { fdt_.string("serial0", "/" + serial_name()); });
    }
    cpus();
    psci();
    memory();
    std::visit([&](const auto& gic) { interrupt_controller(gic); }, what_.gic);
    timer();
    if (what_.pmu) pmu();
    bus_clock();
    if (what_.serial) serial();
    if (what_.clock) clock();
    if (what_.power_button) power_button();
    if (what_.fw_cfg) fw_cfg();
    if (what_.pvpanic) pvpanic();
    if (!what_.flash.empty()) flash();
    if (what_.platform_bus) platform_bus();
    if (what_.pci) pci();
    return std::move(fdt_).finish();
  }

 private:
  void root() {
    fdt_.string("model", "Lintel virt");
    fdt_.strings("compatible", {"lintel,virt", "linux,dummy-virt"});
    fdt_.cell("#address-cells", 2);
    fdt_.cell("#size-cells", 2);
    fdt_.cell("interrupt-parent", handles_.gic.value);
  }

  // Devicetree Specification 0.4, 3.6, and dt-schema's chosen.yaml.
  void chosen() {
    fdt_.node("chosen", [&] {
      const Chosen& chosen = what_.chosen;
      fdt_.string("bootargs", chosen.command_line);
      if (what_.serial) fdt_.string("stdout-path", "/" + serial_name());
      if (chosen.initrd.size != 0) {
        fdt_.u64("linux,initrd-start", chosen.initrd.base.value);
        fdt_.u64("linux,initrd-end", chosen.initrd.end());
      }
      if (chosen.kaslr_seed) fdt_.u64("kaslr-seed", *chosen.kaslr_seed);
      if (!chosen.rng_seed.empty()) fdt_.bytes("rng-seed", chosen.rng_seed);
      if (chosen.keep_pci_config) fdt_.cell("linux,pci-probe-only", 1);
    });
  }

  // arm/cpus.yaml
  void cpus() {
    const bool wide = std::any_of(what_.mpidrs.begin(), what_.mpidrs.end(),
                                  [](uint64_t mpidr) { return (mpidr & kAffinity3) != 0; });
    fdt_.node("cpus", [&] {
      fdt_.cell("#address-cells", wide ? 2 : 1);
      fdt_.cell("#size-cells", 0);
      for (size_t i = 0; i < what_.mpidrs.size(); ++i) {
        const uint64_t mpidr = what_.mpidrs[i];
        fdt_.node(at_address("cpu", mpidr), [&] {
          fdt_.string("device_type", "cpu");
          fdt_.string("compatible", "arm,armv8");
          if (wide) {
            fdt_.u64("reg", mpidr);
          } else {
            fdt_.cell("reg", low_cell(mpidr));
          }
          fdt_.string("enable-method", "psci");
          if (!handles_.cpus.empty()) fdt_.phandle(handles_.cpus[i]);
        });
      }
      if (what_.topology) cpu_map(*what_.topology);
    });
  }

  // cpu/cpu-topology.txt
  void cpu_map(const arm64::CpuTopology& topology) {
    size_t next = 0;
    const auto each = [&](const char* kind, uint32_t count, auto&& body) {
      for (uint32_t i = 0; i < count; ++i) fdt_.node(fmt::format("{}{}", kind, i), body);
    };
    const auto cpu = [&] { fdt_.cell("cpu", handles_.cpus[next++].value); };
    const auto core = [&] {
      if (topology.threads == 1) return cpu();
      each("thread", topology.threads, cpu);
    };
    const auto cluster = [&] { each("core", topology.cores, core); };
    const auto socket = [&] { fdt_.node("cluster0", cluster); };
    fdt_.node("cpu-map", [&] { each("socket", topology.sockets, socket); });
  }

  // arm/psci.yaml; KVM takes the calls.
  void psci() {
    fdt_.node("psci", [&] {
      fdt_.strings("compatible", {"arm,psci-1.0", "arm,psci-0.2"});
      fdt_.string("method", "hvc");
    });
  }

  // Devicetree Specification 0.4, 3.4
  void memory() {
    for (const GuestRange& range : what_.memory) {
      fdt_.node(at_address("memory", range.base.value), [&] {
        fdt_.string("device_type", "memory");
        fdt_.reg(range);
      });
    }
  }

  void begin_gic(std::string_view compatible) {
    fdt_.string("compatible", compatible);
    fdt_.flag("interrupt-controller");
    fdt_.cell("#interrupt-cells", 3);
    fdt_.cell("#address-cells", 2);
    fdt_.cell("#size-cells", 2);
    fdt_.flag("ranges");
    fdt_.phandle(handles_.gic);
  }

  // interrupt-controller/arm,gic.yaml
  void interrupt_controller(const GicV2& gic) {
    fdt_.node(at_address("interrupt-controller", gic.distributor.base.value), [&] {
      begin_gic("arm,cortex-a15-gic");
      fdt_.reg(std::array{gic.distributor, gic.cpu_interface});
      if (!gic.v2m) return;
      fdt_.node(at_address("v2m", gic.v2m->registers.base.value), [&] {
        // It says itself which interrupts it has.
        fdt_.string("compatible", "arm,gic-v2m-frame");
        fdt_.flag("msi-controller");
        fdt_.reg(gic.v2m->registers);
        fdt_.phandle(handles_.msi);
      });
    });
  }

  // interrupt-controller/arm,gic-v3.yaml
  void interrupt_controller(const GicV3& gic) {
    fdt_.node(at_address("interrupt-controller", gic.distributor.base.value), [&] {
      begin_gic("arm,gic-v3");
      fdt_.cell("#redistributor-regions", static_cast<uint32_t>(gic.redistributors.size()));
      std::vector<GuestRange> registers = {gic.distributor};
      registers.insert(registers.end(), gic.redistributors.begin(), gic.redistributors.end());
      fdt_.reg(registers);
      if (!gic.its) return;
      fdt_.node(at_address("msi-controller", gic.its->base.value), [&] {
        fdt_.string("compatible", "arm,gic-v3-its");
        fdt_.flag("msi-controller");
        fdt_.cell("#msi-cells", 1);
        fdt_.reg(*gic.its);
        fdt_.phandle(handles_.msi);
      });
    });
  }

  uint32_t private_type() const {
    if (!std::holds_alternative<GicV2>(what_.gic)) return kLevelHigh;
    const uint32_t cpus = (1u << what_.mpidrs.size()) - 1;
    return kLevelHigh | (cpus << kCpuMaskShift);
  }

  // timer/arm,arch_timer.yaml
  void timer() {
    fdt_.node("timer", [&] {
      fdt_.string("compatible", "arm,armv8-timer");
      std::vector<uint32_t> interrupts;
      for (const Ppi ppi : {what_.timer.secure, what_.timer.physical, what_.timer.virtual_timer,
                            what_.timer.hypervisor}) {
        interrupts.insert(interrupts.end(), {kPrivateInterrupt, ppi.value, private_type()});
      }
      fdt_.cells("interrupts", interrupts);
      fdt_.flag("always-on");
    });
  }

  // arm/pmu.yaml
  void pmu() {
    fdt_.node("pmu", [&] {
      fdt_.string("compatible", "arm,armv8-pmuv3");
      fdt_.cells("interrupts", {kPrivateInterrupt, what_.pmu->value, private_type()});
    });
  }

  // clock/fixed-clock.yaml: the PrimeCell devices will not be without one.
  void bus_clock() {
    constexpr uint32_t kFrequency = 24'000'000;
    fdt_.node("apb-pclk", [&] {
      fdt_.string("compatible", "fixed-clock");
      fdt_.cell("#clock-cells", 0);
      fdt_.cell("clock-frequency", kFrequency);
      fdt_.string("clock-output-names", "clk24mhz");
      fdt_.phandle(handles_.clock);
    });
  }

  // arm/primecell.yaml; registers and interrupt of a device on the bus.
  void primecell(std::string_view compatible, const MmioDevice& device) {
    fdt_.strings("compatible", {compatible, "arm,primecell"});
    fdt_.reg(device.registers);
    fdt_.cells("interrupts", {kSharedInterrupt, device.interrupt.value, kLevelHigh});
  }

  std::string serial_name() const {
    return at_address("serial", what_.serial->registers.base.value);
  }

  // serial/pl011.yaml
  void serial() {
    fdt_.node(serial_name(), [&] {
      primecell("arm,pl011", *what_.serial);
      fdt_.cells("clocks", {handles_.clock.value, handles_.clock.value});
      fdt_.strings("clock-names", {"uartclk", "apb_pclk"});
    });
  }

  // rtc/arm,pl031.yaml
  void clock() {
    fdt_.node(at_address("rtc", what_.clock->registers.base.value), [&] {
      primecell("arm,pl031", *what_.clock);
      fdt_.cell("clocks", handles_.clock.value);
      fdt_.string("clock-names", "apb_pclk");
    });
  }

  // gpio/pl061-gpio.yaml, input/gpio-keys.yaml
  void power_button() {
    constexpr uint32_t kKeyPower = 116;  // linux/input-event-codes.h
    constexpr uint32_t kActiveHigh = 0;
    const PowerButton& button = *what_.power_button;
    fdt_.node(at_address("gpio", button.gpio.registers.base.value), [&] {
      primecell("arm,pl061", button.gpio);
      fdt_.flag("gpio-controller");
      fdt_.cell("#gpio-cells", 2);
      fdt_.flag("interrupt-controller");
      fdt_.cell("#address-cells", 0);
      fdt_.cell("#interrupt-cells", 2);
      fdt_.cell("clocks", handles_.clock.value);
      fdt_.string("clock-names", "apb_pclk");
      fdt_.phandle(handles_.gpio);
    });
    fdt_.node("gpio-keys", [&] {
      fdt_.string("compatible", "gpio-keys");
      fdt_.node("poweroff", [&] {
        fdt_.string("label", "Power button");
        fdt_.cell("linux,code", kKeyPower);
        fdt_.cells("gpios", {handles_.gpio.value, button.line, kActiveHigh});
      });
    });
  }

  // firmware/qemu,fw-cfg-mmio.yaml
  void fw_cfg() {
    fdt_.node(at_address("fw-cfg", what_.fw_cfg->base.value), [&] {
      fdt_.string("compatible", "qemu,fw-cfg-mmio");
      fdt_.reg(*what_.fw_cfg);
      fdt_.flag("dma-coherent");
    });
  }

  // misc/pvpanic-mmio.txt
  void pvpanic() {
    fdt_.node(at_address("pvpanic", what_.pvpanic->base.value), [&] {
      fdt_.string("compatible", "qemu,pvpanic-mmio");
      fdt_.reg(*what_.pvpanic);
    });
  }

  // mtd/mtd-physmap.yaml
  void flash() {
    constexpr uint32_t kBytesAtOnce = 4;
    fdt_.node(at_address("flash", what_.flash.front().base.value), [&] {
      fdt_.string("compatible", "cfi-flash");
      fdt_.reg(what_.flash);
      fdt_.cell("bank-width", kBytesAtOnce);
    });
  }

  // pci/host-generic-pci.yaml
  void pci() {
    const PciHost& host = *what_.pci;
    constexpr uint64_t kBusSize = kMiB;
    fdt_.node(at_address("pcie", host.ecam.base.value), [&] {
      fdt_.string("compatible", "pci-host-ecam-generic");
      fdt_.string("device_type", "pci");
      fdt_.cell("#address-cells", 3);
      fdt_.cell("#size-cells", 2);
      fdt_.cell("linux,pci-domain", 0);
      fdt_.cells("bus-range", {0, static_cast<uint32_t>(host.ecam.size / kBusSize) - 1});
      fdt_.flag("dma-coherent");
      fdt_.reg(host.ecam);
      pci_windows(host);
      pci_messages();
      pci_pins(host);
    });
  }

  // Devicetree Specification 0.4, 4.5
  void platform_bus() {
    const GuestRange& window = *what_.platform_bus;
    fdt_.node(at_address("platform-bus", window.base.value), [&] {
      fdt_.string("compatible", "simple-bus");
      fdt_.cell("#address-cells", 2);
      fdt_.cell("#size-cells", 2);
      const uint32_t high = high_cell(window.base.value);
      const uint32_t low = low_cell(window.base.value);
      fdt_.cells("ranges", {high, low, high, low, high_cell(window.size), low_cell(window.size)});
    });
  }

  // IEEE 1275 PCI Bus Binding 2.1, 2.2.1.1: the first of the three cells of an address.
  void pci_windows(const PciHost& host) {
    enum Space : uint32_t { kIo = 0x01000000, kMemory32 = 0x02000000, kMemory64 = 0x03000000 };
    std::vector<uint32_t> ranges;
    const auto add = [&](Space space, uint64_t pci_address, const GuestRange& window) {
      ranges.insert(ranges.end(), {space, high_cell(pci_address), low_cell(pci_address),
                                   high_cell(window.base.value), low_cell(window.base.value),
                                   high_cell(window.size), low_cell(window.size)});
    };
    add(kIo, 0, host.io_window);
    add(kMemory32, host.memory32.base.value, host.memory32);
    if (host.memory64) add(kMemory64, host.memory64->base.value, *host.memory64);
    fdt_.cells("ranges", ranges);
  }

  // pci/pci-msi.txt: the device id of a message is the function's number on the bus.
  void pci_messages() {
    constexpr uint32_t kAllFunctions = 0x10000;
    if (const auto* gic = std::get_if<GicV3>(&what_.gic); gic != nullptr && gic->its) {
      fdt_.cells("msi-map", {0, handles_.msi.value, 0, kAllFunctions});
    }
    if (const auto* gic = std::get_if<GicV2>(&what_.gic); gic != nullptr && gic->v2m) {
      fdt_.cell("msi-parent", handles_.msi.value);
    }
  }

  // Devicetree Specification 0.4, 2.4.3: four slots are enough, because the swizzle repeats.
  void pci_pins(const PciHost& host) {
    constexpr uint32_t kPins = 4;
    constexpr unsigned kSlotShift = 11;
    std::vector<uint32_t> map;
    for (uint32_t slot = 0; slot < kPins; ++slot) {
      for (uint32_t pin = 0; pin < kPins; ++pin) {
        const uint32_t interrupt = host.first_interrupt.value + (slot + pin) % kPins;
        // Function (three cells) and pin, the controller, its address (unused), its interrupt.
        map.insert(map.end(), {slot << kSlotShift, 0, 0, pin + 1, handles_.gic.value, 0, 0,
                               kSharedInterrupt, interrupt, kLevelHigh});
      }
    }
    fdt_.cell("#interrupt-cells", 1);
    fdt_.cells("interrupt-map-mask", {(kPins - 1) << kSlotShift, 0, 0, 7});
    fdt_.cells("interrupt-map", map);
  }

  const VirtFdt& what_;
  FdtBuilder fdt_;
  Phandles handles_;
};

void check_pci(const PciHost& pci) {
  constexpr uint64_t kBusSize = kMiB;
  constexpr uint64_t kMaxBuses = 256;
  if (pci.ecam.size == 0 || pci.ecam.size % kBusSize != 0 || pci.ecam.size / kBusSize > kMaxBuses) {
    throw_error("An ECAM range of {:#x} bytes is not 1 to {} MiB", pci.ecam.size, kMaxBuses);
  }
  if (!pci.memory32.valid() || pci.memory32.last() > UINT32_MAX) {
    throw_error("The 32-bit PCI window at {:#x} is empty or ends above 4 GiB",
                pci.memory32.base.value);
  }
  if (!pci.io_window.valid() || (pci.memory64 && !pci.memory64->valid())) {
    throw_error("A PCI window is empty or wraps");
  }
}

void check(const VirtFdt& description) {
  const std::vector<uint64_t>& cpus = description.mpidrs;
  if (cpus.empty()) throw_error("A machine has at least one CPU");
  for (const uint64_t mpidr : cpus) {
    if ((mpidr & ~(kLowAffinity | kAffinity3)) != 0) {
      throw_error("The CPU number {:#x} has more than the four affinity fields", mpidr);
    }
  }
  if (std::set<uint64_t>(cpus.begin(), cpus.end()).size() != cpus.size()) {
    throw_error("Two CPUs have the same affinity fields");
  }
  if (description.topology) {
    const arm64::CpuTopology& topology = *description.topology;
    const uint64_t product = uint64_t{topology.sockets} * topology.cores * topology.threads;
    if (product != cpus.size()) {
      throw_error("{} sockets of {} cores of {} threads are not {} CPUs", topology.sockets,
                  topology.cores, topology.threads, cpus.size());
    }
  }
  if (std::holds_alternative<GicV2>(description.gic) && cpus.size() > kGicV2MaxCpus) {
    throw_error("A GICv2 has {} CPUs at most, not {}", kGicV2MaxCpus, cpus.size());
  }
  if (description.memory.empty()) throw_error("A machine has memory");
  if (description.pci) check_pci(*description.pci);
}

}  // namespace

Bytes build_virt_fdt(const VirtFdt& description) {
  return with_context([] { return "Cannot describe the machine in a device tree"; },
                      [&] {
                        check(description);
                        return Writer(description).write();
                      });
}

}  // namespace lintel::fdt
