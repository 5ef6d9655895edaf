// SPDX-License-Identifier: Apache-2.0
// A flattened device tree (Devicetree Specification 0.4, chapter 5), written from the root down in
// the order of the calls:
//
//   FdtBuilder fdt;
//   fdt.node("cpus", [&] {
//     fdt.cell("#address-cells", 1);
//     fdt.node("cpu@0", [&] { fdt.string("device_type", "cpu"); });
//   });
//   Bytes blob = std::move(fdt).finish();
//
// The root node is open from the start. In a node, properties come before the nodes below it. All
// of these throw Error, with the node's path, for a name or value that a tree cannot hold, and if
// the tree grows beyond what arm64 kernels take.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vmm/base/types.h"

namespace lintel::fdt {

using Bytes = std::vector<std::byte>;

// Linux Documentation/arch/arm64/booting.rst, "Setup the device tree".
inline constexpr size_t kMaxTreeSize = 2 * kMiB;

// What another node names a node by (2.3.3).
struct Phandle {
  uint32_t value = 0;
};

class FdtBuilder {
 public:
  FdtBuilder();

  // `name` with its unit address: "serial@9000000". If `body` throws, the tree is of no use.
  template <typename Body>
  void node(std::string_view name, Body&& body) {
    begin_node(name);
    std::forward<Body>(body)();
    end_node();
  }

  // Properties of the open node; 2.2.4 has the kinds of values.
  void flag(std::string_view name) { bytes(name, {}); }
  void cell(std::string_view name, uint32_t value) { cells(name, {value}); }
  void cells(std::string_view name, std::span<const uint32_t> values);
  void cells(std::string_view name, std::initializer_list<uint32_t> values) {
    cells(name, std::span(values.begin(), values.size()));
  }
  void u64(std::string_view name, uint64_t value);
  void string(std::string_view name, std::string_view value) { strings(name, {value}); }
  void strings(std::string_view name, std::initializer_list<std::string_view> values);
  // Where the node above has two cells for addresses and two for sizes.
  void reg(std::span<const GuestRange> ranges);
  void reg(const GuestRange& range) { reg(std::span(&range, 1)); }
  void bytes(std::string_view name, std::span<const std::byte> value);

  // A number that no node has yet, to be given to one node by `phandle`.
  Phandle new_phandle() { return Phandle{++last_phandle_}; }
  void phandle(Phandle value) { cell("phandle", value.value); }

  // The path of the open node: "/cpus/cpu@0".
  std::string path() const;

  // Closes the root. The blob has no room to grow.
  Bytes finish() &&;

 private:
  void begin_node(std::string_view name);
  void end_node();
  template <typename Step>
  void write(std::string_view what, Step&& step);

  Bytes buffer_;
  std::vector<std::string> open_;  // names from the root down; the root's is empty
  bool has_nodes_ = false;         // the open node, already
  uint32_t last_phandle_ = 0;
};

// An address or size as the two cells that it takes.
constexpr uint32_t high_cell(uint64_t value) {
  return static_cast<uint32_t>(value >> 32);
}
constexpr uint32_t low_cell(uint64_t value) {
  return static_cast<uint32_t>(value);
}

}  // namespace lintel::fdt
