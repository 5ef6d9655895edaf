// SPDX-License-Identifier: Apache-2.0
// A console that keeps what was printed and types what the test says.
#pragma once

#include <string>
#include <string_view>

#include "vmm/base/sync.h"
#include "vmm/devices/byte_sink.h"

namespace lintel {

class FakeConsole final : public ConsoleIo {
 public:
  void output(std::span<const std::byte> bytes) override {
    MutexLock lock(mutex_);
    printed_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  }
  void attach(ByteReceiver* receiver) override { receiver_ = receiver; }
  void input_room() override {
    MutexLock lock(mutex_);
    ++room_calls_;
  }

  // Returns how many the receiver took.
  size_t type(std::string_view text) {
    return receiver_ == nullptr ? 0 : receiver_->receive(std::as_bytes(std::span(text)));
  }
  std::string printed() {
    MutexLock lock(mutex_);
    return printed_;
  }
  unsigned room_calls() {
    MutexLock lock(mutex_);
    return room_calls_;
  }
  bool attached() const { return receiver_ != nullptr; }

 private:
  ByteReceiver* receiver_ = nullptr;
  Mutex mutex_;
  std::string printed_ GUARDED_BY(mutex_);
  unsigned room_calls_ GUARDED_BY(mutex_) = 0;
};

}  // namespace lintel
