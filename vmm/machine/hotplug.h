// SPDX-License-Identifier: Apache-2.0
// Plugs devices of the host into a machine that runs, and unplugs them.
//
// How one comes: a thread checks the host, takes the device, opens and resets it and maps the
// guest's memory for it, which may take seconds; then the control thread puts it into a port, while
// the guest pauses for an instant, and the guest, told by the port's slot, gives it power. How one
// goes: the guest is asked by the slot's button, lets its driver go and takes the power away; the
// control thread takes the device out, and the thread unmaps, resets, closes and gives it back. A
// device that is removed by force is taken out first, and the guest sees an empty slot.
//
// What is in a port when the guest reboots stays in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "passthrough/watch.h"
#include "vmm/api/control.h"
#include "vmm/base/event_loop.h"
#include "vmm/machine/hotplug_ports.h"
#include "vmm/machine/passed_devices.h"

namespace lintel {

// Threads: the control thread, but for `power_changed`. Its own thread alone uses what opens and
// closes in `devices`, and the machine's memory methods, while a job runs.
class Hotplug {
 public:
  using Done = api::Control::Done;

  struct Environment {
    EventLoop& control;
    EventLoop& io_loop;  // of the devices' watches
    PassedDevices& devices;
    // A device reported an uncorrectable error. The host wants one back that cannot leave.
    std::function<void(const std::string& device)> failed;
    std::function<void(const std::string& device)> cannot_leave;
    std::chrono::milliseconds power_patience{20'000};  // until the guest has powered a port
    std::chrono::milliseconds eject_patience{30'000};  // until it has let go; Linux waits 5 s first
  };

  explicit Hotplug(Environment environment);
  Hotplug(const Hotplug&) = delete;
  Hotplug& operator=(const Hotplug&) = delete;

  // The machine of the moment, or null when it was destroyed, not while `busy`. What waits for a
  // guest that is gone is then done without it.
  void use(HotplugPorts* ports);
  // Between two machines: devices whose servers are gone leave, by a job, and the next guest does
  // not find them. Those that cannot are `lost` then.
  void drop_dead();
  const std::vector<std::string>& lost() const { return lost_; }
  // Waits for the jobs that run. For the end: nothing more is asked for.
  void stop() { thread_.reset(); }
  // Whether a job runs. `call` is called once, when none does any more.
  bool busy() const { return jobs_ != 0; }
  void when_idle(std::function<void()> call) { idle_ = std::move(call); }

  // As api::Control has them.
  void attach(const api::AttachRequest& request, Done done);
  void detach(const api::DetachRequest& request, Done done);
  // A device failed: the guest is asked for it, and loses it if it does not let go. False if it is
  // where no device leaves.
  bool unplug_failed(const std::string& device);
  std::vector<api::DeviceStatus> status() const;
  uint32_t free_ports() const;
  // As PassedDevices::waiting, after the last job.
  const std::vector<std::string>& waiting() const { return waiting_; }

  // Threads: any. As often as the guest likes: one task waits at a time.
  void power_changed() { look_(); }

 private:
  enum class Phase : uint8_t {
    kEmpty,
    kOpening,  // a job is at it
    kPlugged,  // the guest has not given power yet, and someone waits for it
    kAttached,
    kDetaching,  // the guest was asked
    kClosing     // a job is at it
  };
  struct Slot {
    Phase phase = Phase::kEmpty;
    Done done;           // who asked for what is under way
    uint64_t timer = 0;  // of its patience; 0: none
    bool wanted_back = false;
    bool failed = false;
    bool is_port = false;  // of the machine of the moment, or the last one
    std::vector<std::unique_ptr<passthrough::DeviceWatch>> watches;
  };
  using Functions = std::vector<PassedDevices::Function>;

  PassedDevices::Slot& contents(size_t slot) const;
  std::optional<size_t> find(const std::string& device) const;
  std::optional<size_t> configured(const std::string& device) const;
  bool is_free(size_t slot) const;
  size_t choose_port(std::optional<size_t> own) const;
  void opened(size_t slot, const config::PciConfig& pci, const Functions& functions);
  void eject(size_t slot);
  void take_out(size_t slot);
  void start_closing(size_t slot);
  void close(size_t slot, bool with_machine, const std::optional<api::Refusal>& refusal = {});
  void answer(size_t slot, const api::Result& result = {});
  void refuse(size_t slot, api::Refusal refusal);
  void set_patience(size_t slot, std::chrono::milliseconds patience, std::function<void()> late);
  bool holds(size_t slot, const std::string& name) const;
  void watch(size_t slot);
  void wanted_back(size_t slot);
  void gave_no_power(size_t slot);
  void did_not_let_go(size_t slot);
  void look_at_power();
  void run_job(std::function<void()> work, std::function<void(std::exception_ptr)> then);

  const Environment environment_;
  HotplugPorts* ports_ = nullptr;
  std::vector<Slot> slots_;  // as those of the devices
  std::vector<std::string> waiting_;
  std::vector<std::string> lost_;
  const std::function<void()> look_;  // at the ports' power, on the control thread
  unsigned jobs_ = 0;
  std::function<void()> idle_;
  std::unique_ptr<EventLoopThread> thread_;  // made for the first job
};

}  // namespace lintel
