// SPDX-License-Identifier: Apache-2.0
// A tap interface of the host, which must exist: making one needs rights that running a guest does
// not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "vmm/base/unique_fd.h"
#include "vmm/virtio/backend/packet_port.h"

namespace lintel::virtio {

class Tap final : public PacketPort {
 public:
  // Throws Error that says what is wrong with the interface: missing, not ours, in use, no tap.
  explicit Tap(const std::string& interface);

  std::string_view name() const override { return name_; }
  uint64_t features() const override;
  void negotiated(uint64_t features) override;
  size_t largest() const override;
  int fd() const override { return fd_.get(); }
  Received receive(std::span<const iovec> to) override;
  Status send(std::span<const iovec> packet) override;

 private:
  const std::string name_;
  UniqueFd fd_;
  size_t largest_unsegmented_;
  bool segments_ = false;      // the interface may hand over what is still to be segmented
  std::vector<iovec> pieces_;  // of one `receive`
  std::unique_ptr<std::byte[]> excess_;  // takes what the guest's buffers do not
};

}  // namespace lintel::virtio
