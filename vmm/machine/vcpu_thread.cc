// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/vcpu_thread.h"

#include <pthread.h>

#include "vmm/base/error.h"
#include "vmm/base/event_loop.h"
#include "vmm/machine/exit_dispatch.h"

namespace lintel {
namespace {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace

VcpuThread::VcpuThread(std::unique_ptr<kvm::Vcpu> vcpu, Environment environment)
    : vcpu_(std::move(vcpu)),
      environment_(std::move(environment)),
      removals_(environment_.memory_map),
      thread_([this] { run(); }) {}

VcpuThread::~VcpuThread() {
  kick();
  thread_.join();
}

void VcpuThread::kick() {
  vcpu_->request_exit();
  pthread_kill(thread_.native_handle(), kvm::vcpu_signal());
}

// The thread's one catch: whatever fails here ends the machine in good order.
void VcpuThread::run() {
  set_thread_name(fmt::format("vcpu{}", vcpu_->id()));
  try {
    loop();
  } catch (const Error& error) {
    environment_.end({Outcome::Kind::kFailure, 0, error.describe()});
  } catch (const std::exception& error) {
    environment_.end({Outcome::Kind::kFailure, 0, error.what()});
  }
}

void VcpuThread::loop() {
  const auto parked = [this] { vcpu_->note_paused(); };
  while (environment_.state.enter(parked)) handle(vcpu_->run());
}

void VcpuThread::handle(const kvm::Exit& exit) {
  environment_.coalesced.drain(*vcpu_);
  std::visit(
      Overloaded{
          [&](const kvm::PortExit& port) { dispatch(environment_.ports, port); },
          [&](const kvm::MmioExit& mmio) { dispatch(environment_.memory, mmio); },
          // Cleared before the state is looked at again: a kick that comes later sets it anew.
          [&](const kvm::Interrupted&) { vcpu_->clear_exit_request(); },
          [&](const kvm::CpuShutdown&) {
            environment_.end({Outcome::Kind::kTripleFault, 0,
                              fmt::format("vCPU {} shut down (triple fault): {}", vcpu_->id(),
                                          environment_.describe(*vcpu_))});
          },
          [&](const kvm::SystemEvent& event) {
            using Kind = kvm::SystemEvent::Kind;
            const auto kind = event.kind == Kind::kShutdown ? Outcome::Kind::kPowerOff
                              : event.kind == Kind::kReset  ? Outcome::Kind::kReset
                                                            : Outcome::Kind::kPanic;
            environment_.end({kind, 0, {}});
          },
          [&](const kvm::MemoryFault&) {
            environment_.trap_devices();
            // Gone by this or by another thread's doing.
            if (removals_.any()) return;
            environment_.end({Outcome::Kind::kFailure, 0,
                              fmt::format("vCPU {} touched memory that the host cannot reach; {}",
                                          vcpu_->id(), environment_.describe(*vcpu_))});
          },
          [&](const kvm::Failure& failure) {
            environment_.end({Outcome::Kind::kFailure, 0,
                              fmt::format("{}; {}", failure.what, environment_.describe(*vcpu_))});
          },
      },
      exit);
}

}  // namespace lintel
