// SPDX-License-Identifier: Apache-2.0
#include "firmware/fdt/fdt_builder.h"

#include <libfdt.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "vmm/base/endian.h"
#include "vmm/base/error.h"

namespace lintel::fdt {
namespace {

constexpr size_t kFirstSize = 4 * kKiB;
// Devicetree Specification 0.4, 2.2.1 and 2.2.4.1: at most 31 characters, before the unit address
// of a node.
constexpr size_t kMaxName = 31;

void append_be32(Bytes& to, uint32_t value) {
  to.resize(to.size() + sizeof value);
  store_be(to.data() + to.size() - sizeof value, value);
}

bool is_name(std::string_view name, std::string_view allowed) {
  return !name.empty() && name.size() <= kMaxName &&
         std::all_of(name.begin(), name.end(), [&](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  allowed.find(c) != std::string_view::npos;
         });
}

bool is_node_name(std::string_view name) {
  constexpr std::string_view kAllowed = ",._+-";
  const size_t unit = name.find('@');
  if (unit == std::string_view::npos) return is_name(name, kAllowed);
  return is_name(name.substr(0, unit), kAllowed) && is_name(name.substr(unit + 1), kAllowed);
}

}  // namespace

// Runs a step of libfdt, with more room whenever it has too little.
template <typename Step>
void FdtBuilder::write(std::string_view what, Step&& step) {
  int result = step();
  while (result == -FDT_ERR_NOSPACE) {
    if (buffer_.size() >= kMaxTreeSize) {
      throw_error("Cannot write {} of {}: the device tree has more than {} KiB", what, path(),
                  kMaxTreeSize / kKiB);
    }
    Bytes larger(2 * buffer_.size());
    result = fdt_resize(buffer_.data(), larger.data(), static_cast<int>(larger.size()));
    if (result != 0) break;
    buffer_ = std::move(larger);
    result = step();
  }
  if (result != 0) throw_error("Cannot write {} of {}: {}", what, path(), fdt_strerror(result));
}

FdtBuilder::FdtBuilder() : buffer_(kFirstSize) {
  write("the header", [&] { return fdt_create(buffer_.data(), static_cast<int>(buffer_.size())); });
  write("the reservations", [&] { return fdt_finish_reservemap(buffer_.data()); });
  write("the root", [&] { return fdt_begin_node(buffer_.data(), ""); });
  open_.emplace_back();
}

std::string FdtBuilder::path() const {
  if (open_.size() <= 1) return "/";
  return fmt::format("{}", fmt::join(open_, "/"));
}

void FdtBuilder::begin_node(std::string_view name) {
  if (!is_node_name(name)) throw_error("'{}' is no name for a node below {}", name, path());
  std::string terminated(name);
  write("a node", [&] { return fdt_begin_node(buffer_.data(), terminated.c_str()); });
  open_.push_back(std::move(terminated));
  has_nodes_ = false;
}

void FdtBuilder::end_node() {
  write("the end", [&] { return fdt_end_node(buffer_.data()); });
  open_.pop_back();
  has_nodes_ = true;
}

void FdtBuilder::bytes(std::string_view name, std::span<const std::byte> value) {
  if (!is_name(name, ",._+-?#")) throw_error("'{}' is no name for a property of {}", name, path());
  if (has_nodes_) throw_error("The property {} of {} comes after a node", name, path());
  if (value.size() > kMaxTreeSize) {
    throw_error("The property {} of {} has {} bytes", name, path(), value.size());
  }
  const std::string terminated(name);
  write(terminated, [&] {
    return fdt_property(buffer_.data(), terminated.c_str(), value.data(),
                        static_cast<int>(value.size()));
  });
}

void FdtBuilder::cells(std::string_view name, std::span<const uint32_t> values) {
  Bytes value;
  value.reserve(values.size_bytes());
  for (const uint32_t cell : values) append_be32(value, cell);
  bytes(name, value);
}

void FdtBuilder::u64(std::string_view name, uint64_t value) {
  cells(name, {high_cell(value), low_cell(value)});
}

void FdtBuilder::strings(std::string_view name, std::initializer_list<std::string_view> values) {
  Bytes value;
  for (const std::string_view text : values) {
    if (text.find('\0') != std::string_view::npos) {
      throw_error("The property {} of {} has a string with a zero byte", name, path());
    }
    const auto characters = std::as_bytes(std::span(text));
    value.insert(value.end(), characters.begin(), characters.end());
    value.push_back(std::byte{0});
  }
  bytes(name, value);
}

void FdtBuilder::reg(std::span<const GuestRange> ranges) {
  std::vector<uint32_t> values;
  for (const GuestRange& range : ranges) {
    if (!range.valid()) {
      throw_error("{} has an empty or wrapping range, {:#x} bytes at {:#x}", path(), range.size,
                  range.base.value);
    }
    values.insert(values.end(), {high_cell(range.base.value), low_cell(range.base.value),
                                 high_cell(range.size), low_cell(range.size)});
  }
  cells("reg", values);
}

Bytes FdtBuilder::finish() && {
  if (open_.size() != 1) throw_error("The node {} is still open", path());
  end_node();
  write("the end", [&] { return fdt_finish(buffer_.data()); });
  fdt_header header;
  std::memcpy(&header, buffer_.data(), sizeof header);
  buffer_.resize(fdt_totalsize(&header));
  return std::move(buffer_);
}

}  // namespace lintel::fdt
