// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/hotplug.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/ranges.h>

#include "passthrough/host/choose.h"
#include "passthrough/pci/function.h"
#include "vmm/api/reply.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel {
namespace {

constexpr std::string_view kForce = "`lintel detach --force` takes it out without asking the guest";

std::string shown(const config::PciConfig& pci) {
  return pci.device ? to_string(*pci.device) : pci.socket;
}

// What is not configured: an address, ids, or the path of a socket. Throws Error for all else.
config::PciConfig pci_of(const std::string& device) {
  config::PciConfig pci;
  if (device.find('/') != std::string::npos) {
    pci.socket = device;
  } else {
    pci.device = passthrough::host::device_named(device);
  }
  pci.id = shown(pci);
  return pci;
}

bool is_meant(const config::PciConfig& pci, const std::string& device) {
  if (pci.id == device) return true;
  return pci.device ? pci.device == passthrough::host::parse_device(device) : pci.socket == device;
}

api::Refusal refusal_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const Error& error) {
    return {api::kConflict, error};
  } catch (const std::exception& error) {
    return {api::kConflict, Error(error.what())};
  }
}

}  // namespace

Hotplug::Hotplug(Environment environment)
    : environment_(std::move(environment)),
      slots_(environment_.devices.slots().size()),
      look_(environment_.control.posting_once([this] { look_at_power(); })) {
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if (contents(slot).functions.empty()) continue;
    slots_[slot].phase = Phase::kAttached;
    watch(slot);
  }
}

PassedDevices::Slot& Hotplug::contents(size_t slot) const {
  return environment_.devices.slots()[slot];
}

void Hotplug::use(HotplugPorts* ports) {
  ports_ = ports;
  if (ports_ != nullptr) {
    for (size_t slot = 0; slot < slots_.size(); ++slot) slots_[slot].is_port = ports->is_port(slot);
    return;
  }
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    switch (slots_[slot].phase) {
      // The next guest finds it at its start.
      case Phase::kPlugged:
        slots_[slot].phase = Phase::kAttached;
        answer(slot);
        break;
      case Phase::kDetaching: take_out(slot); break;
      default: break;
    }
  }
}

void Hotplug::drop_dead() {
  std::vector<std::pair<size_t, std::vector<passthrough::Device*>>> served;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    const bool is_served = !contents(slot).pci.socket.empty();
    if (slots_[slot].phase != Phase::kAttached || !is_served) continue;
    served.emplace_back(slot, devices_of(contents(slot).functions));
  }
  if (served.empty()) return;
  const auto dead = std::make_shared<std::vector<size_t>>();
  run_job(
      [served = std::move(served), dead] {
        for (const auto& [slot, devices] : served) {
          const auto is_alive = [](passthrough::Device* device) {
            return passthrough::pci::alive(*device);
          };
          if (!std::ranges::all_of(devices, is_alive)) dead->push_back(slot);
        }
      },
      [this, dead](const std::exception_ptr&) {
        for (const size_t slot : *dead) {
          const std::string device = shown(contents(slot).pci);
          if (!slots_[slot].is_port) {
            lost_.push_back(device);
            continue;
          }
          log::warn("{} leaves the guest, which reboots: its server is gone", device);
          close(slot, false);
        }
      });
}

std::optional<size_t> Hotplug::find(const std::string& device) const {
  const auto name = passthrough::host::parse_device(device);
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].phase == Phase::kEmpty) continue;
    const PassedDevices::Slot& there = contents(slot);
    if (is_meant(there.pci, device)) return slot;
    for (const PassedDevices::Function& function : there.functions) {
      if (function.address && name == passthrough::host::DeviceName(*function.address)) return slot;
    }
  }
  return std::nullopt;
}

// One that comes back has the keys of its [[pci]], and its port.
std::optional<size_t> Hotplug::configured(const std::string& device) const {
  const auto& pcis = environment_.devices.config().pcis;
  for (size_t i = 0; i < pcis.size(); ++i) {
    if (is_meant(pcis[i], device)) return i;
  }
  return std::nullopt;
}

bool Hotplug::is_free(size_t slot) const {
  return slots_[slot].phase == Phase::kEmpty && ports_->is_port(slot);
}

// Its own, else one that is there for what comes, else one that another device has left.
size_t Hotplug::choose_port(std::optional<size_t> own) const {
  if (own && is_free(*own)) return *own;
  std::optional<size_t> left;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if (!is_free(slot)) continue;
    if (contents(slot).reserved) return slot;
    left = slot;
  }
  if (left) return *left;
  throw Error("This machine has no free port for a device")
      .with_help(
          "`lintel detach` frees one; pci_bus.hotplug_ports says how many a machine starts with");
}

void Hotplug::attach(const api::AttachRequest& request, Done done) {
  if (find(request.device)) throw_error("The guest has {} already", request.device);
  const std::optional<size_t> own = configured(request.device);
  config::PciConfig pci = own ? environment_.devices.config().pcis[*own] : pci_of(request.device);
  const size_t slot = choose_port(own);
  if (request.all_functions) pci.functions = config::PciFunctions::kAll;
  slots_[slot].phase = Phase::kOpening;
  slots_[slot].done = std::move(done);
  contents(slot).pci = pci;
  const auto functions = std::make_shared<Functions>();
  run_job(
      [this, pci, functions] {
        *functions = environment_.devices.open(pci, ports_->ram());
        try {
          ports_->share_memory();
        } catch (...) {
          ports_->withdraw_memory(devices_of(*functions));
          environment_.devices.close(*functions);
          throw;
        }
      },
      [this, slot, pci, functions](const std::exception_ptr& failure) {
        if (failure == nullptr) {
          opened(slot, pci, *functions);
          return;
        }
        slots_[slot].phase = Phase::kEmpty;
        refuse(slot, refusal_of(failure));
      });
}

void Hotplug::opened(size_t slot, const config::PciConfig& pci, const Functions& functions) {
  contents(slot).functions = functions;
  try {
    ports_->plug(slot);
    // Whatever it is, a reboot finds it behind the same port.
    contents(slot).reserved = true;
  } catch (...) {
    const api::Refusal refusal = refusal_of(std::current_exception());
    log::warn("{} cannot be plugged into the guest: {}", shown(pci), refusal.error.describe());
    close(slot, true, refusal);
    return;
  }
  log::info("{} is plugged into the guest", shown(pci));
  try {
    watch(slot);
  } catch (const Error& error) {
    log::warn("The host cannot ask for {}: {}", shown(pci), error.describe());
  }
  slots_[slot].phase = Phase::kPlugged;
  set_patience(slot, environment_.power_patience, [this, slot] { gave_no_power(slot); });
  look_at_power();
}

void Hotplug::gave_no_power(size_t slot) {
  slots_[slot].phase = Phase::kAttached;
  refuse(slot,
         {api::kTimedOut,
          Error(fmt::format("{} is in its port, and the guest has not powered the port "
                            "within {} s",
                            shown(contents(slot).pci), environment_.power_patience.count() / 1000))
              .with_help("a guest without PCI Express hot-plug finds it when it boots; "
                         "`lintel detach` takes it out again")});
}

void Hotplug::detach(const api::DetachRequest& request, Done done) {
  const auto& [device, force] = request;
  const std::optional<size_t> slot = find(device);
  if (!slot) {
    done(
        {.refusal = api::Refusal{
             api::kNotFound, Error(fmt::format("The guest has no device of the host with the id or "
                                               "address {}",
                                               device))
                                 .with_help("`lintel status` lists what it has")}});
    return;
  }
  Slot& state = slots_[*slot];
  if (!ports_->is_port(*slot)) {
    throw Error(fmt::format("{} is on the guest's root bus, which it cannot leave", device))
        .with_help("pci.root_port = \"on\" puts it behind a port, at the machine's next start");
  }
  if (state.phase == Phase::kDetaching && force) {
    refuse(*slot, {api::kConflict, Error("It was taken out by force meanwhile")});
  } else if (state.phase != Phase::kAttached && state.phase != Phase::kPlugged) {
    throw_error("{} is being {} already", device,
                state.phase == Phase::kOpening ? "attached" : "detached");
  } else if (state.phase == Phase::kPlugged) {
    refuse(*slot, {api::kConflict, Error("It was detached meanwhile")});
  }
  state.done = std::move(done);
  if (force) {
    log::warn("{} is taken out of the guest by force", device);
    take_out(*slot);
  } else {
    eject(*slot);
  }
}

void Hotplug::eject(size_t slot) {
  slots_[slot].phase = Phase::kDetaching;
  if (ports_->powered(slot)) {
    set_patience(slot, environment_.eject_patience, [this, slot] { did_not_let_go(slot); });
    ports_->press_attention(slot);
  }
  look_at_power();
}

void Hotplug::did_not_let_go(size_t slot) {
  Slot& state = slots_[slot];
  const std::string device = shown(contents(slot).pci);
  const bool is_served = !contents(slot).pci.socket.empty();
  state.phase = Phase::kAttached;
  refuse(slot,
         {api::kTimedOut, Error(fmt::format("The guest has not let go of {} within {} s", device,
                                            environment_.eject_patience.count() / 1000))
                              .with_help(std::string(kForce))});
  const bool wanted_back = std::exchange(state.wanted_back, false);
  if (state.failed || (wanted_back && is_served)) {
    // There is nothing left that could be harmed.
    log::warn("{} is taken out of the guest by force", device);
    take_out(slot);
  } else if (wanted_back) {
    environment_.cannot_leave(device);
  }
}

// The devices are asked for a sign of life while the guest runs: a server that gives none is gone
// from then on, and costs no time when the guest is paused to be rid of it.
void Hotplug::take_out(size_t slot) {
  if (ports_ == nullptr) {
    close(slot, false);
    return;
  }
  start_closing(slot);
  run_job(
      [devices = devices_of(contents(slot).functions)] {
        for (passthrough::Device* const device : devices) passthrough::pci::alive(*device);
      },
      [this, slot](const std::exception_ptr&) {
        ports_->unplug(slot);
        close(slot, true);
      });
}

void Hotplug::start_closing(size_t slot) {
  Slot& state = slots_[slot];
  state.phase = Phase::kClosing;
  if (state.timer != 0) environment_.control.cancel_timer(std::exchange(state.timer, 0));
}

// `refusal`: why it never was in the guest, if it was not.
void Hotplug::close(size_t slot, bool with_machine, const std::optional<api::Refusal>& refusal) {
  start_closing(slot);
  slots_[slot].watches.clear();
  const auto functions = std::make_shared<Functions>(std::exchange(contents(slot).functions, {}));
  const auto report = std::make_shared<passthrough::host::ReleaseReport>();
  run_job(
      [this, functions, report, with_machine] {
        if (with_machine) ports_->withdraw_memory(devices_of(*functions));
        *report = environment_.devices.close(*functions);
      },
      [this, slot, report, refusal](const std::exception_ptr& failure) {
        const std::string device = shown(contents(slot).pci);
        slots_[slot].phase = Phase::kEmpty;
        slots_[slot].wanted_back = false;
        slots_[slot].failed = false;
        if (refusal) {
          refuse(slot, *refusal);
        } else if (failure != nullptr) {
          refuse(slot, refusal_of(failure));
        } else if (!report->failures.empty()) {
          refuse(slot, {api::kConflict,
                        Error(fmt::format("{}", fmt::join(report->failures, "; ")))
                            .with_context(fmt::format("The guest has let go of {}, but not "
                                                      "all is as it was",
                                                      device))
                            .with_help("`lintel restore` tries again when the machine has "
                                       "ended")});
        } else {
          log::info("{} is unplugged from the guest", device);
          answer(slot, {.note = fmt::format("{}", fmt::join(report->waiting, "; "))});
        }
      });
}

void Hotplug::answer(size_t slot, const api::Result& result) {
  Slot& state = slots_[slot];
  if (state.timer != 0) environment_.control.cancel_timer(std::exchange(state.timer, 0));
  if (const Done done = std::exchange(state.done, nullptr)) done(result);
}

void Hotplug::refuse(size_t slot, api::Refusal refusal) {
  answer(slot, {.refusal = std::move(refusal)});
}

void Hotplug::set_patience(size_t slot, std::chrono::milliseconds patience,
                           std::function<void()> late) {
  slots_[slot].timer =
      environment_.control.add_timer(patience, [this, slot, late = std::move(late)] {
        slots_[slot].timer = 0;
        late();
      });
}

std::vector<api::DeviceStatus> Hotplug::status() const {
  std::vector<api::DeviceStatus> devices;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    const config::PciConfig& pci = contents(slot).pci;
    std::string state;
    switch (slots_[slot].phase) {
      case Phase::kEmpty: continue;
      case Phase::kOpening:
      case Phase::kPlugged: state = "attaching"; break;
      case Phase::kAttached: state = "attached"; break;
      case Phase::kDetaching:
      case Phase::kClosing: state = "detaching"; break;
    }
    devices.push_back({pci.id, "pci", shown(pci), std::move(state)});
  }
  return devices;
}

uint32_t Hotplug::free_ports() const {
  uint32_t count = 0;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].phase == Phase::kEmpty && slots_[slot].is_port) ++count;
  }
  return count;
}

void Hotplug::look_at_power() {
  if (ports_ == nullptr) return;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    Slot& state = slots_[slot];
    if (state.phase == Phase::kPlugged && ports_->powered(slot)) {
      state.phase = Phase::kAttached;
      answer(slot);
    } else if (state.phase == Phase::kDetaching && !ports_->powered(slot)) {
      take_out(slot);
    }
  }
}

bool Hotplug::holds(size_t slot, const std::string& name) const {
  const Functions& there = contents(slot).functions;
  return std::any_of(there.begin(), there.end(), [&](const PassedDevices::Function& function) {
    return function.device->name() == name;
  });
}

void Hotplug::watch(size_t slot) {
  for (const PassedDevices::Function& function : contents(slot).functions) {
    const std::string name = function.device->name();
    // The loop's thread calls; by the time that the control thread hears of it the device may be
    // gone, and another one in the slot. The server of a device may signal without end.
    slots_[slot].watches.push_back(std::make_unique<passthrough::DeviceWatch>(
        *function.device, environment_.io_loop,
        passthrough::DeviceWatch::Events{
            .failed = environment_.control.posting_once([this, slot, name] {
              if (holds(slot, name)) environment_.failed(name);
            }),
            .wanted_back = environment_.control.posting_once([this, slot, name] {
              if (holds(slot, name)) wanted_back(slot);
            })}));
  }
}

// The kernel repeats its wish until it is fulfilled.
void Hotplug::wanted_back(size_t slot) {
  Slot& state = slots_[slot];
  if (ports_ == nullptr || std::exchange(state.wanted_back, true)) return;
  const std::string device = shown(contents(slot).pci);
  if (!ports_->is_port(slot)) {
    environment_.cannot_leave(device);
    return;
  }
  if (state.phase != Phase::kAttached && state.phase != Phase::kPlugged) return;
  log::warn("The host wants {} back: the guest is asked to let it go", device);
  refuse(slot, {api::kConflict, Error("The host wants it back")});
  eject(slot);
}

// One that is asked for already is not asked for again, but leaves by force then.
bool Hotplug::unplug_failed(const std::string& device) {
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    if (!holds(slot, device)) continue;
    if (!ports_->is_port(slot)) return false;
    Slot& state = slots_[slot];
    state.failed = true;
    if (state.phase != Phase::kAttached && state.phase != Phase::kPlugged) break;
    refuse(slot, {api::kConflict, Error("It reported an uncorrectable error")});
    eject(slot);
    break;
  }
  return true;
}

// The failure moves on to the control thread, whose alone it is then: what it says is read there.
void Hotplug::run_job(std::function<void()> work, std::function<void(std::exception_ptr)> then) {
  ++jobs_;
  auto ended = [this, then = std::move(then)](std::exception_ptr failure) mutable {
    environment_.control.post([this, then = std::move(then), failure = std::move(failure),
                               waiting = environment_.devices.waiting()]() mutable {
      --jobs_;
      waiting_ = std::move(waiting);
      then(std::move(failure));
      if (jobs_ == 0 && idle_) std::exchange(idle_, nullptr)();
    });
  };
  try {
    if (!thread_) thread_ = std::make_unique<EventLoopThread>("hotplug", nullptr);
  } catch (const std::system_error&) {
    ended(std::current_exception());
    return;
  }
  thread_->loop().post([work = std::move(work), ended = std::move(ended)]() mutable {
    std::exception_ptr failure;
    try {
      work();
    } catch (...) {
      failure = std::current_exception();
    }
    ended(std::move(failure));
  });
}

}  // namespace lintel
