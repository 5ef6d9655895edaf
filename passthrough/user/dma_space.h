// SPDX-License-Identifier: Apache-2.0
// The guest's memory as a vfio-user server sees it ("VFIO_USER_DMA_MAP"): it gets the files that
// the memory lies in. Nobody but us stands between it and that memory, so it can reach all of the
// file for as long as it keeps it, unmapped or not: as a process it is trusted with the guest's
// memory.
#pragma once

#include <memory>
#include <string>

#include "passthrough/dma.h"
#include "passthrough/user/session.h"

namespace lintel::passthrough::user {

class UserDmaSpace final : public DmaSpace {
 public:
  explicit UserDmaSpace(std::shared_ptr<Session> session) : session_(std::move(session)) {}

  const std::string& name() const override { return session_->name(); }
  DmaGeometry geometry() override;
  // Memory without a file is an Error whose help is the key to set.
  void map(const MappedMemory& memory) override;
  // The server has let go of the range when this returns, or is gone.
  void unmap(GuestRange range) override;

 private:
  const std::shared_ptr<Session> session_;
};

}  // namespace lintel::passthrough::user
