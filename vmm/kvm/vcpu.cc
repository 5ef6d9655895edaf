// SPDX-License-Identifier: Apache-2.0
#include "vmm/kvm/vcpu.h"

#include <linux/kvm.h>
#include <sys/mman.h>

#include <atomic>
#include <cerrno>

#include "vmm/base/error.h"
#include "vmm/base/ioctl.h"
#include "vmm/kvm/arch.h"

namespace lintel::kvm {

Vcpu::Vcpu(const Vm& vm, uint32_t id)
    : id_(id),
      fd_(with_context([&] { return fmt::format("Cannot create vCPU {}", id); },
                       [&] {
                         return UniqueFd(
                             checked_ioctl(vm.fd(), KVM_CREATE_VCPU, "KVM_CREATE_VCPU", id));
                       })),
      mapping_(MmapRegion::map(vm.system().run_size(), PROT_READ | PROT_WRITE, MAP_SHARED,
                               fd_.get(), 0)),
      run_(reinterpret_cast<kvm_run*>(mapping_.data())) {}

Exit Vcpu::run() {
  if (::ioctl(fd_.get(), KVM_RUN, 0) != 0) {
    // ENXIO and EAGAIN: the vCPU was not ready yet (an AP that got an INIT meanwhile).
    if (errno == EINTR || errno == EAGAIN) return Interrupted{};
    if (errno == EFAULT) return MemoryFault{};
    return Failure{fmt::format("KVM_RUN failed on vCPU {}: {}", id_, errno_text(errno))};
  }
  switch (run_->exit_reason) {
    case KVM_EXIT_IO: {
      const auto size = access_size(run_->io.size);
      if (!size ||
          run_->io.data_offset + uint64_t{run_->io.size} * run_->io.count > mapping_.size()) {
        return decode_failure();
      }
      return PortExit{
          run_->io.port, *size, run_->io.direction == KVM_EXIT_IO_OUT,
          mapping_.bytes().subspan(run_->io.data_offset, size_t{run_->io.size} * run_->io.count)};
    }
    case KVM_EXIT_MMIO: {
      if (run_->mmio.len == 0 || run_->mmio.len > sizeof run_->mmio.data) return decode_failure();
      return MmioExit{GuestAddress(run_->mmio.phys_addr), run_->mmio.is_write != 0,
                      std::as_writable_bytes(std::span(run_->mmio.data, run_->mmio.len))};
    }
    case KVM_EXIT_INTR:
    case KVM_EXIT_HLT: return Interrupted{};
    case KVM_EXIT_SHUTDOWN: return CpuShutdown{};
    case KVM_EXIT_SYSTEM_EVENT:
      switch (run_->system_event.type) {
        case KVM_SYSTEM_EVENT_SHUTDOWN: return SystemEvent{SystemEvent::Kind::kShutdown};
        case KVM_SYSTEM_EVENT_RESET: return SystemEvent{SystemEvent::Kind::kReset};
        case KVM_SYSTEM_EVENT_CRASH: return SystemEvent{SystemEvent::Kind::kCrash};
        default: return decode_failure();
      }
    default:
      if (auto exit = handle_exit(*this, *run_)) return std::move(*exit);
      return decode_failure();
  }
}

Exit Vcpu::decode_failure() const {
  switch (run_->exit_reason) {
    case KVM_EXIT_FAIL_ENTRY:
      return Failure{
          fmt::format("the CPU refused to enter the guest on vCPU {}: hardware reason {:#x}", id_,
                      static_cast<uint64_t>(run_->fail_entry.hardware_entry_failure_reason))};
    case KVM_EXIT_INTERNAL_ERROR: {
      std::string text = fmt::format("KVM internal error on vCPU {}: suberror {}", id_,
                                     static_cast<uint32_t>(run_->internal.suberror));
      const uint32_t count = std::min<uint32_t>(run_->internal.ndata, 16);
      for (uint32_t i = 0; i < count; ++i) {
        text += fmt::format(" {:#x}", static_cast<uint64_t>(run_->internal.data[i]));
      }
      return Failure{std::move(text)};
    }
    default:
      return Failure{fmt::format("KVM left vCPU {} with exit reason {}, which Lintel does not know",
                                 id_, static_cast<uint32_t>(run_->exit_reason))};
  }
}

void Vcpu::request_exit() {
  std::atomic_ref<uint8_t>(run_->immediate_exit).store(1, std::memory_order_release);
}

void Vcpu::clear_exit_request() {
  std::atomic_ref<uint8_t>(run_->immediate_exit).store(0, std::memory_order_release);
}

void Vcpu::note_paused() {
  ::ioctl(fd_.get(), KVM_KVMCLOCK_CTRL, 0);
}

int vcpu_signal() {
  return SIGRTMIN;
}

void install_vcpu_signal() {
  struct sigaction action{};
  action.sa_handler = [](int) {};
  sigemptyset(&action.sa_mask);
  sigaction(vcpu_signal(), &action, nullptr);
}

}  // namespace lintel::kvm
