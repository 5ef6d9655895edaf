// SPDX-License-Identifier: Apache-2.0
// The x86_64 board: wires the parts to the addresses of layout.h.
#include "vmm/boards/board.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/timer.h"
#include "vmm/boards/pc/guest_load.h"
#include "vmm/boards/pc/layout.h"
#include "vmm/boards/pc/tables.h"
#include "vmm/boards/pci_pins.h"
#include "vmm/bus/write_sink.h"
#include "vmm/devices/acpi_pm.h"
#include "vmm/devices/debug_ports.h"
#include "vmm/devices/fw_cfg.h"
#include "vmm/devices/pvpanic.h"
#include "vmm/devices/rtc_cmos.h"
#include "vmm/devices/serial_8250.h"
#include "vmm/kvm/x86_64/machine.h"
#include "vmm/memory/address_plan.h"
#include "vmm/pci/cf8.h"
#include "vmm/pci/ecam.h"
#include "vmm/pci/host_bridge.h"
#include "vmm/pci/window.h"

namespace lintel {
namespace {

kvm::FlatSegment to_kvm(const boot::X86Segment& segment) {
  return {segment.selector,  segment.limit, segment.type,    segment.code_or_data,
          segment.long_mode, segment.big,   segment.granular};
}

kvm::EntryRegisters to_kvm(const boot::X86EntryState& state) {
  return {
      .long_mode = state.mode == boot::X86EntryMode::kLong,
      .rip = state.rip,
      .rsp = state.rsp,
      .rsi = state.rsi,
      .rbx = state.rbx,
      .cr3 = state.cr3,
      .gdt_base = state.gdt_base,
      .gdt_limit = state.gdt_limit,
      .code = to_kvm(state.code),
      .data = to_kvm(state.data),
      .task = to_kvm(state.task),
  };
}

CmosConfig cmos_config(const BoardServices& services) {
  std::vector<GuestRange> ram;
  for (const RamRegion& region : services.memory.regions()) ram.push_back(region.range);
  return {.ram_below_4g = pc::ram_from(GuestAddress(0), ram),
          .ram_above_4g = pc::ram_from(pc::kHighRam, ram),
          .cpu_count = services.config.cpu.count};
}

class PcBoard : public Board {
 public:
  explicit PcBoard(const BoardServices& services);
  ~PcBoard() override { ecam_.reset(); }

  Bus& ports() override { return ports_; }
  Bus& memory_bus() override { return memory_bus_; }
  pci::RootComplex& pci() override { return root_complex_; }
  void adopt(pci::FunctionList functions) override { functions_.take(std::move(functions)); }
  std::vector<std::unique_ptr<kvm::Vcpu>> make_vcpus() override;
  void load_guest(kvm::Vcpu& first) override;
  std::vector<std::byte> device_tree() const override { return {}; }
  void press_power_button() override { power_.press_power_button(); }
  std::string describe_vcpu(const kvm::Vcpu& vcpu) const override {
    return kvm::describe_registers(vcpu);
  }

 private:
  void place_devices();
  void delay_port_writes();
  void ignore_config_address();
  kvm::Topology topology() const;
  pci::HostResources pci_resources();
  GuestRange assign_pci_addresses();
  void write_tables(GuestRange pci_memory64);
  bool has_config_ports() const;

  const BoardServices services_;
  // Before the devices: they may raise interrupts from the start.
  struct Irqchip {
    explicit Irqchip(kvm::Vm& vm) {
      kvm::create_irqchip(vm, {pc::kKvmIdentityMap.range.base, pc::kKvmTss.range.base});
    }
  } irqchip_;
  kvm::IrqRouting routing_;
  kvm::KernelMsiSink msi_;
  Bus ports_{"port"};
  Bus memory_bus_{"memory"};
  kvm::KernelIrqLine sci_;
  kvm::KernelIrqLine cmos_irq_;
  kvm::KernelIrqLine com1_irq_;
  PciPins pci_pins_;
  LoopTimer power_timer_;
  LoopTimer cmos_timer_;
  AcpiPm power_;
  ResetControl reset_control_;
  RtcCmos cmos_;
  DebugExit debug_exit_;
  LogSink debug_log_{"guest: "};
  DebugConsole debug_console_;
  Pvpanic pvpanic_;
  FwCfg fw_cfg_;
  std::optional<Serial8250> serial_;
  pci::RootComplex root_complex_;
  pci::Cf8 config_ports_;
  // Nobody reads it: see ignore_config_address().
  std::optional<WriteSink> config_address_sink_;
  pci::HostBridge host_bridge_;
  pci::FunctionList functions_;
  // Made when all functions have their place; gone before them.
  std::unique_ptr<pci::Ecam> ecam_;
};

PcBoard::PcBoard(const BoardServices& services)
    : services_(services),
      irqchip_(services.vm),
      routing_(services.vm, kvm::irqchip_routing(), kvm::kFirstMsiGsi),
      msi_(services.vm, routing_),
      sci_(services.vm, pc::kSciGsi),
      cmos_irq_(services.vm, pc::kCmosGsi),
      com1_irq_(services.vm, pc::kCom1Gsi),
      pci_pins_(pc::kFirstPciGsi, pc::kPciGsiCount,
                [&](Gsi gsi) { return std::make_unique<kvm::KernelIrqLine>(services.vm, gsi); }),
      power_timer_(services.loop),
      cmos_timer_(services.loop),
      power_({services.clock, power_timer_, sci_, services.events}),
      reset_control_(services.events),
      cmos_(cmos_config(services), services.clock, cmos_timer_, cmos_irq_),
      debug_exit_(services.events),
      debug_console_(debug_log_),
      pvpanic_(services.events),
      fw_cfg_(services.memory),
      root_complex_(pci_resources()),
      config_ports_(root_complex_, {has_config_ports(), &reset_control_}),
      host_bridge_(root_complex_.root_bus(), {.ecam = pc::kEcam.range}) {
  if (services.serial != nullptr) serial_.emplace(com1_irq_, *services.serial);
  place_devices();
}

pci::HostResources PcBoard::pci_resources() {
  return {
      .memory = memory_bus_,
      .ports = ports_,
      .msi = msi_,
      .pins =
          [this](unsigned device, pci::Pin pin) {
            return pci_pins_.target(pc::pci_gsi(device, static_cast<unsigned>(pin) - 1));
          },
  };
}

// Linux prefers these ports, with two exits for each access, to the ECAM window, whose reads are
// free; a kernel that is entered directly finds the window in the tables.
bool PcBoard::has_config_ports() const {
  return services_.config.pci_bus.config_ports == config::ConfigPorts::kOn;
}

void PcBoard::place_devices() {
  const auto port = [this](const LayoutEntry& entry, Device& device) {
    ports_.add(entry.range, device);
  };
  port(pc::kPmEvent, power_.event_block());
  port(pc::kPmControl, power_.control_block());
  port(pc::kPmTimer, power_.timer_block());
  port(pc::kCmos, cmos_);
  port(pc::kDebugExit, debug_exit_);
  port(pc::kDebugConsole, debug_console_);
  port(pc::kPvpanic, pvpanic_);
  port(pc::kFwCfg, fw_cfg_.ports());
  port(pc::kPciConfigPorts, config_ports_);
  if (serial_) port(pc::kCom1, *serial_);
  delay_port_writes();
  if (!has_config_ports()) ignore_config_address();
}

// Linux writes there some hundred times before it knows that there are no configuration ports. The
// reset control register is a byte inside the address and still exits.
void PcBoard::ignore_config_address() {
  constexpr uint8_t kAddressWidth = 4;
  config_address_sink_.emplace(
      services_.doorbells,
      Doorbell{AddressSpace::kPort, pc::kPciConfigPorts.range.base, kAddressWidth});
}

void PcBoard::delay_port_writes() {
  // An index that only the next access to the data port beside it uses.
  services_.coalesced.add({pc::kCmos.range.base, 1});
  // Kernels look for the serial ports of a PC by writing to them.
  for (const LayoutEntry& absent : {pc::kCom2, pc::kCom3, pc::kCom4}) {
    services_.coalesced.add(absent.range);
  }
  if (!serial_) services_.coalesced.add(pc::kCom1.range);
}

kvm::Topology PcBoard::topology() const {
  const config::CpuTopology& wanted = services_.config.cpu.topology;
  return {wanted.sockets, wanted.cores, wanted.threads};
}

std::vector<std::unique_ptr<kvm::Vcpu>> PcBoard::make_vcpus() {
  const kvm::System& system = services_.vm.system();
  const config::CpuConfig& cpu = services_.config.cpu;
  const std::vector<kvm::CpuidEntry> supported = kvm::supported_cpuid(system);
  kvm::CpuidRequest request{
      .topology = topology(),
      .model = cpu.model == config::CpuModel::kBaseline ? kvm::CpuModel::kBaseline
                                                        : kvm::CpuModel::kHost,
      .nested = cpu.nested,
      .tsc_deadline_timer = kvm::has_tsc_deadline_timer(system),
  };
  std::vector<std::unique_ptr<kvm::Vcpu>> vcpus;
  for (uint32_t i = 0; i < cpu.count; ++i) {
    request.apic_id = kvm::apic_id(request.topology, i);
    auto vcpu = std::make_unique<kvm::Vcpu>(services_.vm, request.apic_id);
    request.tsc_khz = kvm::tsc_khz(*vcpu);
    const std::vector<kvm::CpuidEntry> cpuid = kvm::guest_cpuid(supported, request);
    kvm::set_cpuid(*vcpu, cpuid);
    kvm::set_boot_state(*vcpu, cpuid);
    vcpus.push_back(std::move(vcpu));
  }
  return vcpus;
}

GuestRange PcBoard::assign_pci_addresses() {
  pc::WindowRequest request{
      .ram_end = services_.memory.regions().back().range.end(),
      .physical_bits = kvm::physical_address_bits(kvm::supported_cpuid(services_.vm.system())),
      .demand = pci::memory64_demand(root_complex_),
      .peer_to_peer = services_.config.passthrough.peer_to_peer};
  const GuestRange window = pc::pci_memory64_window(request, services_.usable);
  std::string reason;
  if (window.size == 0 && request.demand != 0) {
    request.peer_to_peer = false;
    const bool for_iommu = pc::pci_memory64_window(request, services_.usable).size != 0;
    reason = no_window_reason(request.demand, for_iommu);
  }
  pci::assign_resources(root_complex_, {pc::kPciMemory32.range, window, pc::kPciPorts, reason});
  return window;
}

void PcBoard::write_tables(GuestRange pci_memory64) {
  pc::TableRequest request;
  for (uint32_t i = 0; i < services_.config.cpu.count; ++i) {
    request.apic_ids.push_back(kvm::apic_id(topology(), i));
  }
  request.serial = serial_.has_value();
  request.pci_config_ports = has_config_ports();
  request.legacy_vga = config::has_legacy_vga(services_.config.pcis);
  request.pci_memory64 = pci_memory64;
  root_complex_.for_each([&](pci::Function& function) {
    if (const pci::PciBus* behind = function.secondary_bus()) {
      request.pci_buses = std::max(request.pci_buses, behind->number() + 1u);
    }
  });
  const acpi::PlacedTables tables = acpi::build_pc_tables(pc::describe(request), pc::kAcpiTables);
  if (!services_.memory.write(pc::kAcpiTables.base, tables.bytes)) {
    throw_error("The guest's memory of {} bytes has no room for the ACPI tables",
                services_.memory.total_bytes());
  }
}

void PcBoard::load_guest(kvm::Vcpu& first) {
  const GuestRange window = assign_pci_addresses();
  ecam_ = std::make_unique<pci::Ecam>(root_complex_, pc::kEcam.range, memory_bus_,
                                      &services_.memory_map);
  write_tables(window);
  kvm::set_entry(first, to_kvm(services_.guest_load.work().finish()));
}

}  // namespace

bool board_has_device_tree() {
  return false;
}

GuestRange board_addresses(const kvm::System&) {
  return kAllAddresses;
}

std::vector<GuestRange> board_ram(uint64_t size, std::span<const GuestRange> usable) {
  return pc::ram_ranges(size, usable);
}

GuestRange board_pci_memory32() {
  return pc::kPciMemory32.range;
}

std::unique_ptr<Board> make_board(const BoardServices& services) {
  return std::make_unique<PcBoard>(services);
}

}  // namespace lintel
