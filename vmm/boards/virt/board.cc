// SPDX-License-Identifier: Apache-2.0
// The arm64 board: wires the parts to the addresses of layout.h.
#include "vmm/boards/board.h"

#include <sys/random.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/timer.h"
#include "vmm/boards/pci_pins.h"
#include "vmm/boards/virt/gic_choice.h"
#include "vmm/boards/virt/guest_load.h"
#include "vmm/boards/virt/layout.h"
#include "vmm/boards/virt/tables.h"
#include "vmm/devices/debug_ports.h"
#include "vmm/devices/fw_cfg.h"
#include "vmm/devices/gic_v2m.h"
#include "vmm/devices/pl011.h"
#include "vmm/devices/pl031.h"
#include "vmm/devices/pl061.h"
#include "vmm/devices/pvpanic.h"
#include "vmm/irq/merged_line.h"
#include "vmm/kvm/arm64/gic.h"
#include "vmm/kvm/arm64/machine.h"
#include "vmm/memory/address_plan.h"
#include "vmm/pci/ecam.h"
#include "vmm/pci/window.h"

namespace lintel {
namespace {

// The window of memory behind which PCI's ports are. The lowest page stays free, so that no BAR
// has the address zero, which means "not assigned" to operating systems.
constexpr GuestRange kPciPortNumbers{GuestAddress(0x1000), 0xf000};

class PortWindow final : public Device {
 public:
  explicit PortWindow(Bus& ports) : ports_(ports) {}
  std::string_view name() const override { return "pci-ports"; }
  uint64_t read(uint64_t offset, AccessSize size) override {
    return ports_.read(GuestAddress(offset), size);
  }
  void write(uint64_t offset, AccessSize size, uint64_t value) override {
    ports_.write(GuestAddress(offset), size, value);
  }
  void reset() override {}

 private:
  Bus& ports_;
};

virt::HostGics host_gics(const kvm::Vm& vm) {
  return {.v2 = kvm::has_gic(vm, kvm::GicVersion::kV2),
          .v3 = kvm::has_gic(vm, kvm::GicVersion::kV3),
          .its = kvm::has_its(vm)};
}

kvm::GicVersion kvm_version(virt::Gic gic) {
  return gic == virt::Gic::kV3 ? kvm::GicVersion::kV3 : kvm::GicVersion::kV2;
}

class VirtBoard : public Board {
 public:
  explicit VirtBoard(const BoardServices& services);
  ~VirtBoard() override { ecam_.reset(); }

  Bus& ports() override { return ports_; }
  Bus& memory_bus() override { return memory_bus_; }
  pci::RootComplex& pci() override { return root_complex_; }
  void adopt(pci::FunctionList functions) override { functions_.take(std::move(functions)); }
  std::vector<std::unique_ptr<kvm::Vcpu>> make_vcpus() override;
  void load_guest(kvm::Vcpu& first) override;
  std::vector<std::byte> device_tree() const override { return device_tree_; }
  void press_power_button() override { gpio_.press(); }
  std::string describe_vcpu(const kvm::Vcpu& vcpu) const override {
    return kvm::describe_registers(vcpu);
  }

 private:
  uint64_t ram_end() const { return services_.memory.regions().back().range.end(); }
  uint32_t cpus() const { return services_.config.cpu.count; }
  virt::HighWindows high_windows(uint64_t pci_demand, bool peer_to_peer) const;
  kvm::GicPlacement gic_placement() const;
  MsiSink& msi_sink() {
    if (gic_version_ == virt::Gic::kV2) return v2m_;
    return kernel_msi_;
  }
  pci::HostResources pci_resources();
  void place_devices();
  virt::TableRequest table_request(const virt::HighWindows& high);

  const BoardServices services_;
  const virt::Gic gic_version_;
  const bool has_its_;
  // Before the devices: they may raise interrupts from the start.
  kvm::Gic gic_;
  kvm::IrqRouting routing_;
  // One of the two takes messages: KVM, which has them translated by the ITS, or the v2m frame.
  kvm::KernelMsiSink kernel_msi_;
  kvm::KernelEdgeInputs edge_inputs_;
  GicV2m v2m_;
  Bus ports_{"port"};
  Bus memory_bus_{"memory"};
  PortWindow port_window_{ports_};
  kvm::KernelIrqLine serial_irq_;
  kvm::KernelIrqLine clock_irq_;
  kvm::KernelIrqLine gpio_irq_;
  PciPins pci_pins_;
  LoopTimer clock_timer_;
  LoopTimer gpio_timer_;
  Pl031 clock_;
  Pl061 gpio_;
  DebugExit debug_exit_;
  Pvpanic pvpanic_;
  FwCfg fw_cfg_;
  std::optional<Pl011> serial_;
  pci::RootComplex root_complex_;
  pci::FunctionList functions_;
  // Made when all functions have their place; gone before them.
  std::unique_ptr<pci::Ecam> ecam_;
  std::vector<std::byte> device_tree_;  // once the guest is loaded
};

VirtBoard::VirtBoard(const BoardServices& services)
    : services_(services),
      gic_version_(virt::choose_gic(services.config.vm.gic, services.config.cpu.count,
                                    host_gics(services.vm))),
      has_its_(gic_version_ == virt::Gic::kV3 && kvm::has_its(services.vm)),
      gic_(services.vm, kvm_version(gic_version_), gic_placement()),
      routing_(services.vm, kvm::gic_routing(virt::kSpiCount), virt::kSpiCount),
      kernel_msi_(services.vm, routing_),
      edge_inputs_(services.vm),
      v2m_({virt::kV2mFrame.registers.base, virt::kV2mFrame.first, virt::kV2mFrame.count},
           edge_inputs_),
      serial_irq_(services.vm, Gsi(virt::kSerialSpi.value)),
      clock_irq_(services.vm, Gsi(virt::kClockSpi.value)),
      gpio_irq_(services.vm, Gsi(virt::kGpioSpi.value)),
      pci_pins_(Gsi(virt::kFirstPciSpi.value), virt::kPciSpiCount,
                [&](Gsi gsi) {
                  auto input = std::make_unique<kvm::KernelIrqLine>(services.vm, gsi);
                  return std::make_unique<MergedLine>(std::move(input), services.loop);
                }),
      clock_timer_(services.loop),
      gpio_timer_(services.loop),
      clock_(services.clock, clock_timer_, clock_irq_),
      gpio_(gpio_irq_, gpio_timer_),
      debug_exit_(services.events),
      pvpanic_(services.events),
      fw_cfg_(services.memory),
      root_complex_(pci_resources()) {
  if (services.serial != nullptr) serial_.emplace(serial_irq_, *services.serial);
  place_devices();
}

virt::HighWindows VirtBoard::high_windows(uint64_t pci_demand, bool peer_to_peer) const {
  return virt::high_windows({.ram_end = ram_end(),
                             .address_bits = kvm::guest_address_bits(services_.vm.system()),
                             .cpus = cpus(),
                             .pci_demand = pci_demand,
                             .peer_to_peer = peer_to_peer},
                            services_.usable);
}

kvm::GicPlacement VirtBoard::gic_placement() const {
  kvm::GicPlacement placement{
      .distributor = virt::kGicDistributor.range.base,
      .cpu_interface = virt::kGicCpuInterface.range.base,
      .redistributors = {virt::kGicRedistributors.range},
      .its = std::nullopt,
      .spi_count = virt::kSpiCount,
  };
  if (cpus() > virt::kLowRedistributors) {
    placement.redistributors.push_back(high_windows(0, false).redistributors);
  }
  if (has_its_) placement.its = virt::kGicIts.range.base;
  return placement;
}

pci::HostResources VirtBoard::pci_resources() {
  return {
      .memory = memory_bus_,
      .ports = ports_,
      .msi = msi_sink(),
      .pins =
          [this](unsigned device, pci::Pin pin) {
            return pci_pins_.target(
                Gsi(virt::pci_spi(device, static_cast<unsigned>(pin) - 1).value));
          },
  };
}

void VirtBoard::place_devices() {
  const auto place = [this](const LayoutEntry& entry, Device& device) {
    memory_bus_.add(entry.range, device);
  };
  place(virt::kClock, clock_);
  place(virt::kGpio, gpio_);
  place(virt::kFwCfg, fw_cfg_.memory_window());
  place(virt::kPvpanic, pvpanic_);
  place(virt::kDebugExit, debug_exit_);
  place(virt::kPciPorts, port_window_);
  if (serial_) place(virt::kSerial, *serial_);
  if (gic_version_ == virt::Gic::kV2) place(virt::kGicV2m, v2m_);
}

std::vector<std::unique_ptr<kvm::Vcpu>> VirtBoard::make_vcpus() {
  std::vector<std::unique_ptr<kvm::Vcpu>> vcpus;
  for (uint32_t i = 0; i < cpus(); ++i) {
    auto vcpu = std::make_unique<kvm::Vcpu>(services_.vm, i);
    kvm::initialise(services_.vm, *vcpu, i != 0);
    if (kvm::affinity(*vcpu) != virt::mpidr(i)) {
      throw_error("KVM gives vCPU {} the affinity {:#x}, not {:#x}", i, kvm::affinity(*vcpu),
                  virt::mpidr(i));
    }
    vcpus.push_back(std::move(vcpu));
  }
  gic_.start();
  if (kvm::has_pmu(services_.vm)) {
    for (const auto& vcpu : vcpus) kvm::start_pmu(*vcpu, virt::kPmuPpi);
  }
  return vcpus;
}

virt::TableRequest VirtBoard::table_request(const virt::HighWindows& high) {
  virt::TableRequest request;
  request.cpus = cpus();
  const config::CpuTopology& topology = services_.config.cpu.topology;
  request.topology = arm64::CpuTopology{topology.sockets, topology.cores, topology.threads};
  request.gic = gic_version_;
  request.its = has_its_;
  for (const RamRegion& region : services_.memory.regions()) {
    request.memory.push_back(region.range);
  }
  request.high = high;
  request.pmu = kvm::has_pmu(services_.vm);
  request.serial = serial_.has_value();
  root_complex_.for_each([&](pci::Function& function) {
    if (const pci::PciBus* behind = function.secondary_bus()) {
      request.pci_buses = std::max(request.pci_buses, behind->number() + 1u);
    }
  });
  return request;
}

void VirtBoard::load_guest(kvm::Vcpu& first) {
  const uint64_t demand = pci::memory64_demand(root_complex_);
  const virt::HighWindows high = high_windows(demand, services_.config.passthrough.peer_to_peer);
  std::string reason;
  if (high.pci_memory64.size == 0 && demand != 0) {
    reason = no_window_reason(demand, high_windows(demand, false).pci_memory64.size != 0);
  }
  pci::assign_resources(root_complex_,
                        {virt::kPciMemory32.range, high.pci_memory64, kPciPortNumbers, reason});
  fdt::VirtFdt tree = virt::describe_fdt(table_request(high));
  ecam_ = std::make_unique<pci::Ecam>(root_complex_, tree.pci->ecam, memory_bus_,
                                      &services_.memory_map);
  // What a boot loader gives a kernel that must be unpredictable from its first instruction on.
  std::array<std::byte, 40> seeds;
  if (getrandom(seeds.data(), seeds.size(), 0) != static_cast<ssize_t>(seeds.size())) {
    throw_errno(errno, "Cannot get random numbers for the guest");
  }
  uint64_t kaslr_seed = 0;
  std::memcpy(&kaslr_seed, seeds.data(), sizeof kaslr_seed);
  const auto loader = services_.guest_load.work().finish();
  tree.chosen = {.command_line = services_.config.boot.cmdline,
                 .initrd = loader->plan().initrd,
                 .kaslr_seed = kaslr_seed,
                 .rng_seed = {seeds.begin() + sizeof kaslr_seed, seeds.end()},
                 .keep_pci_config = true};
  device_tree_ = fdt::build_virt_fdt(tree);
  const boot::Arm64EntryState entry = loader->finish(services_.memory, device_tree_);
  kvm::set_entry(first, entry.pc, entry.x0);
}

}  // namespace

bool board_has_device_tree() {
  return true;
}

GuestRange board_addresses(const kvm::System& system) {
  return {GuestAddress(0), 1ull << kvm::guest_address_bits(system)};
}

std::vector<GuestRange> board_ram(uint64_t size, std::span<const GuestRange> usable) {
  return virt::ram_ranges(size, usable);
}

GuestRange board_pci_memory32() {
  return virt::kPciMemory32.range;
}

std::unique_ptr<Board> make_board(const BoardServices& services) {
  return std::make_unique<VirtBoard>(services);
}

}  // namespace lintel
