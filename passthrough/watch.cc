// SPDX-License-Identifier: Apache-2.0
#include "passthrough/watch.h"

#include <sys/epoll.h>

#include <array>

#include "vmm/base/error.h"
#include "vmm/base/log.h"

namespace lintel::passthrough {

DeviceWatch::DeviceWatch(Device& device, EventLoop& loop, Events events)
    : device_(device), loop_(loop), events_(std::move(events)) {
  watch(pci_irq::kError, error_, events_.failed);
  watch(pci_irq::kRequest, request_, events_.wanted_back);
}

DeviceWatch::~DeviceWatch() {
  end(request_);
  end(error_);
}

void DeviceWatch::watch(uint32_t index, std::optional<Watched>& watched,
                        const std::function<void()>& call) {
  if (index >= device_.info().irqs || device_.irq(index).count == 0) return;
  watched.emplace(Watched{index, {}});
  const EventFd& event = watched->event;
  loop_.run_sync([&] {
    loop_.add(event.get(), EPOLLIN, [&event, &call](uint32_t) {
      if (event.consume()) call();
    });
  });
  try {
    device_.set_triggers(index, 0, std::array{event.get()});
  } catch (const Error& error) {
    log::warn("{}: {}", device_.name(), error.describe());
  }
}

void DeviceWatch::end(std::optional<Watched>& watched) {
  if (!watched) return;
  try {
    device_.disable_irqs(watched->index);
  } catch (const Error& error) {
    log::debug("{}: {}", device_.name(), error.describe());
  }
  loop_.run_sync([&] { loop_.remove(watched->event.get()); });
}

}  // namespace lintel::passthrough
