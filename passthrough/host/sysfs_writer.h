// SPDX-License-Identifier: Apache-2.0
// The writes that change the host. A driver may not return from one for minutes, or ever, and then
// no signal ends the process that wrote: so another process writes, and we wait only so long. What
// the kernel shows of a device only when that write is over is read in the same way.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "passthrough/host/tree.h"

namespace lintel::passthrough::host {

// Threads: one at a time. Everything throws Error.
class SysfsWriter {
 public:
  virtual ~SysfsWriter() = default;

  // `path` as in the host's file system, "/sys/...".
  virtual void write(const std::string& path, std::string_view text) = 0;
  // Without white space around it.
  virtual std::string read(const std::string& path) = 0;
  virtual void load_module(const std::string& name) = 0;
};

class ForkingWriter final : public SysfsWriter {
 public:
  struct Options {
    // How long a driver may take to let go of a device or to take it.
    std::chrono::milliseconds deadline{20'000};
    std::string modprobe = "/sbin/modprobe";
  };

  // `tree` outlives it.
  ForkingWriter(const Tree& tree, Options options);

  // Of at most a page, as sysfs has it.
  void write(const std::string& path, std::string_view text) override;
  std::string read(const std::string& path) override;
  void load_module(const std::string& name) override;

 private:
  // `call` is made by a child, which has only `file` open, and returns 0 or an errno.
  void run_in_child(int file, const std::string& what, const std::function<int()>& call);

  const Tree& tree_;
  Options options_;
};

}  // namespace lintel::passthrough::host
