// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/machine.h"

#include <algorithm>
#include <span>

#include "passthrough/dma.h"
#include "passthrough/pci/function.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/machine/exit_dispatch.h"
#include "vmm/memory/address_plan.h"
#include "vmm/pci/legacy_vga.h"
#include "vmm/pci/root_port.h"
#include "vmm/virtio/console.h"

namespace lintel {
namespace {

// Where the guest, and devices of the host, reach memory.
std::vector<GuestRange> usable_addresses(const kvm::System& system, PassedDevices* passed) {
  std::vector<GuestRange> all{board_addresses(system)};
  if (passed == nullptr) return all;
  const std::vector<GuestRange> usable = intersect(all, passed->session().usable_addresses());
  for (const GuestRange& range : usable) {
    log::debug("The host's devices reach [{:#x}, {:#x}]", range.base.value, range.last());
  }
  return usable;
}

// Devices of the host's pin all memory, one page after the other and clearing each: so it is
// allocated before, by several threads. Not for ports that are empty, or devices of other
// processes.
MemoryBacking backing(const Machine::Environment& environment) {
  MemoryBacking backing = environment.config.memory.backing;
  if (environment.passed != nullptr && environment.passed->session().pinning_space() != nullptr) {
    backing.prefault = true;
  }
  return backing;
}

// Where the guest has RAM, if it has any there. A card that answers at VGA's addresses takes them.
std::vector<GuestRange> shown_ram(const config::Config& config) {
  if (!config::has_legacy_vga(config.pcis)) return {kAllAddresses};
  const GuestRange hole = pci::kVgaMemory;
  return {{GuestAddress(0), hole.base.value},
          {GuestAddress(hole.end()), kAllAddresses.last() - hole.end()}};
}

}  // namespace

Machine::Machine(const Environment& environment)
    : environment_(environment),
      usable_(usable_addresses(system_, environment.passed)),
      memory_(board_ram(environment.config.memory.size, usable_), backing(environment)),
      guest_load_(environment.config, memory_),
      vm_(system_),
      kvm_vfio_(vm_),
      coalesced_(vm_, [this](const kvm::PortExit& exit) { dispatch(board_->ports(), exit); }),
      slots_(vm_, memory_map_),
      doorbells_(vm_),
      state_(environment.config.cpu.count) {
  add_ram();
  const bool serial = environment_.config.console.type == config::ConsoleType::kSerial;
  board_ = make_board({environment_.config, vm_, memory_, guest_load_, memory_map_, doorbells_,
                       coalesced_, environment_.io_loop, *this, clock_,
                       serial ? &environment_.console : nullptr, usable_});
  std::vector<std::unique_ptr<kvm::Vcpu>> vcpus = board_->make_vcpus();
  add_devices();
  board_->load_guest(*vcpus.front());
  make_threads(std::move(vcpus));
}

Machine::~Machine() {
  stop_threads();
}

void Machine::add_ram() {
  if (environment_.passed != nullptr) {
    environment_.passed->session().reset();
    map_for_devices();
  }
  const std::vector<GuestRange> shown = shown_ram(environment_.config);
  for (const RamRegion& region : memory_.regions()) {
    for (const GuestRange part : intersect(std::span(&region.range, 1), shown)) {
      const uint64_t offset = part.base.value - region.range.base.value;
      memory_map_.add({part, region.mapping.data() + offset, MemoryKind::kRam, region.memfd.get(),
                       region.memfd_offset + offset});
    }
  }
}

void Machine::add_devices() {
  DeviceServices services{
      .config = environment_.config,
      .memory = memory_,
      .memory_map = memory_map_,
      .console = environment_.console,
      .io_loop = environment_.io_loop,
      .clock = clock_,
      .own_loop = [this](const std::string& name) -> EventLoop& { return own_loop(name); },
      .root_bus = board_->pci().root_bus(),
      .passed = environment_.passed,
      .doorbells = doorbells_,
  };
  Devices devices = make_devices(services);
  console_ = devices.console;
  passed_ = std::move(devices.passed);
  for (PassedSlot& slot : passed_) {
    if (slot.port != nullptr) slot.port->slot()->on_power_change(environment_.power_changed);
  }
  board_->adopt(std::move(devices.functions));
}

void Machine::make_threads(std::vector<std::unique_ptr<kvm::Vcpu>> vcpus) {
  kvm::install_vcpu_signal();
  for (auto& vcpu : vcpus) {
    threads_.push_back(std::make_unique<VcpuThread>(
        std::move(vcpu),
        VcpuThread::Environment{
            board_->ports(), board_->memory_bus(), memory_map_, coalesced_, state_,
            [this](Outcome outcome) { end(std::move(outcome)); }, [this] { trap_devices(); },
            [this](const kvm::Vcpu& broken) { return board_->describe_vcpu(broken); }}));
  }
}

EventLoop& Machine::own_loop(const std::string& thread_name) {
  loops_.push_back(std::make_unique<EventLoopThread>(thread_name, [this](std::exception_ptr error) {
    try {
      std::rethrow_exception(std::move(error));
    } catch (const Error& failure) {
      end({Outcome::Kind::kFailure, 0, failure.describe()});
    } catch (const std::exception& failure) {
      end({Outcome::Kind::kFailure, 0, failure.what()});
    }
  }));
  return loops_.back()->loop();
}

void Machine::start() {
  resume();
}

void Machine::pause() {
  if (paused_) return;
  paused_ = true;
  state_.pause();
  kick_all();
  state_.wait_parked();
}

void Machine::resume() {
  paused_ = false;
  state_.resume();
}

bool Machine::ending() {
  MutexLock lock(mutex_);
  return outcome_.has_value();
}

void Machine::console_resized() {
  const auto size = environment_.console.terminal_size();
  if (console_ != nullptr && size) console_->resize(*size);
}

void Machine::press_power_button() {
  board_->press_power_button();
}

void Machine::end(Outcome outcome) {
  {
    MutexLock lock(mutex_);
    if (outcome_) return;
    outcome_ = std::move(outcome);
  }
  // The vCPU that calls leaves at once; the others run until the control thread kicks them.
  state_.stop();
  environment_.ended();
}

Outcome Machine::finish() {
  stop_threads();
  return outcome();
}

Outcome Machine::outcome() {
  MutexLock lock(mutex_);
  return outcome_.value_or(Outcome{Outcome::Kind::kHardStop, 0, {}});
}

void Machine::trap_devices() {
  for (const PassedSlot& slot : passed_) {
    for (const auto& function : slot.functions) function->trap_everything();
  }
}

std::string Machine::describe_vcpus() {
  const bool was_paused = paused_;
  pause();
  std::string text;
  for (const auto& thread : threads_) {
    text +=
        fmt::format("vCPU {}: {}\n", thread->vcpu().id(), board_->describe_vcpu(thread->vcpu()));
  }
  if (!was_paused) resume();
  return text;
}

// Pauses the guest if it runs. Functions come to and leave a bus, and devices their addresses,
// while no vCPU runs.
class Machine::Paused {
 public:
  explicit Paused(Machine& machine) : machine_(machine), was_(machine.paused_) {
    machine_.pause();
    // A machine that has ended does not pause: its vCPUs are to be gone.
    if (machine_.state_.stopping()) machine_.stop_threads();
  }
  ~Paused() {
    if (!was_) machine_.resume();
  }
  Paused(const Paused&) = delete;
  Paused& operator=(const Paused&) = delete;

 private:
  Machine& machine_;
  const bool was_;
};

bool Machine::powered(size_t slot) {
  return passed_[slot].port->slot()->powered();
}

void Machine::press_attention(size_t slot) {
  passed_[slot].port->slot()->press_attention();
}

void Machine::plug(size_t slot) {
  const Paused paused(*this);
  fill(passed_[slot], environment_.passed->slots()[slot],
       {memory_map_, environment_.io_loop, clock_});
  passed_[slot].port->slot()->insert();
}

void Machine::unplug(size_t slot) {
  const Paused paused(*this);
  passed_[slot].functions.clear();
  passed_[slot].port->slot()->remove();
}

std::vector<GuestRange> Machine::ram() {
  std::vector<GuestRange> ranges;
  for (const RamRegion& region : memory_.regions()) ranges.push_back(region.range);
  return ranges;
}

bool Machine::is_shared_with(const passthrough::DmaSpace* space) const {
  return std::any_of(dma_shares_.begin(), dma_shares_.end(),
                     [&](const DmaShare& share) { return share.space == space; });
}

// What `backing` does at the start, for the first device that comes later.
void Machine::share_memory() {
  const passthrough::DmaSpace* const pinning = environment_.passed->session().pinning_space();
  if (pinning != nullptr && !is_shared_with(pinning)) {
    log::debug("The guest's memory is allocated, for its first device");
    memory_.populate([this] { return ending(); });
  }
  map_for_devices();
}

void Machine::map_for_devices() {
  passthrough::Session& session = environment_.passed->session();
  for (const int file : session.kvm_files()) {
    const auto known = [&](const KvmFile& other) { return other.file == file; };
    if (std::any_of(kvm_files_.begin(), kvm_files_.end(), known)) continue;
    kvm_files_.push_back({file, kvm_vfio_.add(file)});
  }
  const passthrough::DmaMappings::Options options{.peer_to_peer =
                                                      environment_.config.passthrough.peer_to_peer};
  for (passthrough::DmaSpace* const space : session.dma_spaces()) {
    if (is_shared_with(space)) continue;
    dma_shares_.push_back(
        {space, std::make_unique<passthrough::DmaMappings>(*space, memory_map_, options)});
  }
}

void Machine::withdraw_memory(std::span<passthrough::Device* const> devices) {
  const passthrough::Session& session = environment_.passed->session();
  const auto is_in = [](const auto& all, auto one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  const auto spaces = session.dma_spaces_without(devices);
  std::erase_if(dma_shares_, [&](const DmaShare& share) { return !is_in(spaces, share.space); });
  const auto files = session.kvm_files_without(devices);
  std::erase_if(kvm_files_, [&](const KvmFile& file) { return !is_in(files, file.file); });
}

std::vector<passthrough::pci::FunctionReport> Machine::report_passed() {
  std::vector<passthrough::pci::FunctionReport> reports;
  for (const PassedSlot& slot : passed_) {
    for (const auto& function : slot.functions) reports.push_back(function->report());
  }
  return reports;
}

uint64_t Machine::dma_mapped() const {
  uint64_t sum = 0;
  for (const DmaShare& share : dma_shares_) sum += share.mappings->size();
  return sum;
}

void Machine::guest_crash_loaded() {
  log::warn("The guest crashed and runs its crash kernel");
}

void Machine::guest_shutting_down() {
  log::debug("The guest is about to shut down");
}

void Machine::kick_all() {
  for (const auto& thread : threads_) thread->kick();
}

void Machine::stop_threads() {
  state_.stop();
  // All first, so that they stop together and not one after the other.
  kick_all();
  threads_.clear();
}

}  // namespace lintel
