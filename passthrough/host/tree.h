// SPDX-License-Identifier: Apache-2.0
// The host's /sys, /proc, /dev and /run as files below a root, which tests put elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lintel::passthrough::host {

// Threads: any; it holds nothing but the root. What is not there, or may not be read, is absent:
// devices come and go while we look.
class Tree {
 public:
  explicit Tree(std::string root = {}) : root_(std::move(root)) {}

  // Where a path of the host's, "/sys/...", really is.
  std::string at(std::string_view path) const { return root_ + std::string(path); }

  bool exists(std::string_view path) const;
  bool is_readable(std::string_view path) const;
  bool is_writable(std::string_view path) const;
  // The whole file, at most 8 MiB of it; empty if there is none.
  std::string text(std::string_view path) const;
  // Its lines; empty lines are left out.
  std::vector<std::string> lines(std::string_view path) const;
  // Without white space around it.
  std::optional<std::string> word(std::string_view path) const;
  // Hexadecimal with 0x in front, or decimal.
  std::optional<uint64_t> number(std::string_view path) const;
  // The names in a folder, sorted; none if it is no folder.
  std::vector<std::string> names(std::string_view path) const;
  // Those that are folders themselves, not links to some.
  std::vector<std::string> folders(std::string_view path) const;
  // Where a symbolic link points, as it is written, and the last part of that.
  std::optional<std::string> link(std::string_view path) const;
  std::optional<std::string> link_name(std::string_view path) const;
  // Whether the path itself is a symbolic link.
  bool is_link(std::string_view path) const { return link(path).has_value(); }
  // Whether someone in the kernel or a program has exclusive use of a block device: opening it
  // with O_EXCL fails with EBUSY (open(2)).
  bool is_claimed(std::string_view block_device) const;

 private:
  std::string root_;
};

// Split at spaces and tabs.
std::vector<std::string> words(std::string_view line);
std::string_view trimmed(std::string_view text);
std::string_view last_part(std::string_view path);

}  // namespace lintel::passthrough::host
