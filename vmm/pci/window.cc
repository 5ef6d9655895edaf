// SPDX-License-Identifier: Apache-2.0
#include "vmm/pci/window.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>

#include "vmm/base/error.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/function.h"

namespace lintel::pci {
namespace {

enum class Pool : uint8_t { kMemory32, kMemory64, kPorts };

// PCI-to-PCI Bridge 1.2, 3.2.5.6 and 3.2.5.8: what a bridge's windows are multiples of.
constexpr uint64_t granularity(Pool pool) {
  return pool == Pool::kPorts ? 4 * kKiB : kMiB;
}

std::string_view name_of(Pool pool) {
  switch (pool) {
    case Pool::kMemory32: return "32-bit memory";
    case Pool::kMemory64: return "64-bit memory";
    case Pool::kPorts: return "port";
  }
  return "";
}

// One BAR, or all that is behind one bridge.
struct Item {
  Function* function = nullptr;
  unsigned bar = 0;
  PciBus* behind = nullptr;
  uint64_t size = 0;
  uint64_t alignment = 1;
  uint64_t offset = 0;
};

struct Layout {
  std::vector<Item> items;
  uint64_t size = 0;
  uint64_t alignment = 1;
};

class Assigner {
 public:
  explicit Assigner(bool has_memory64) : has_memory64_(has_memory64) {}

  // Largest alignment first, which leaves no gaps between powers of two.
  Layout lay_out(const PciBus& bus, Pool pool) const {
    Layout layout;
    bus.for_each([&](Function& function) { collect(function, pool, layout.items); });
    for (Item& item : layout.items) {
      item.offset = align_up(layout.size, item.alignment);
      layout.size = item.offset + item.size;
      layout.alignment = std::max(layout.alignment, item.alignment);
    }
    return layout;
  }

  void place(const PciBus& bus, Pool pool, uint64_t base) const;

 private:
  Pool pool_of(const BarSpec& spec) const {
    if (spec.kind == BarKind::kPort) return Pool::kPorts;
    // A bridge forwards 64-bit addresses through its prefetchable window only.
    const bool high = has_memory64_ && spec.kind == BarKind::kMemory64 && spec.prefetchable;
    return high ? Pool::kMemory64 : Pool::kMemory32;
  }

  void collect(Function& function, Pool pool, std::vector<Item>& items) const {
    for (const auto& bar : function.bars()) {
      if (pool_of(bar.spec) != pool) continue;
      insert(items, {.function = &function,
                     .bar = bar.spec.index,
                     .size = bar.spec.size,
                     .alignment = bar.spec.size});
    }
    PciBus* const behind = function.secondary_bus();
    if (behind == nullptr) return;
    const Layout inner = lay_out(*behind, pool);
    const uint64_t reserve = reserve_of(function, pool);
    // What will be in the reserve is aligned to its own size, which is at most all of it.
    const uint64_t alignment = reserve == 0 ? 1 : uint64_t{1} << (63 - std::countl_zero(reserve));
    insert(items, {.function = &function,
                   .behind = behind,
                   .size = std::max(align_up(inner.size, granularity(pool)), reserve),
                   .alignment = std::max({inner.alignment, granularity(pool), alignment})});
  }

  uint64_t reserve_of(const Function& bridge, Pool pool) const {
    const WindowReserve reserve = bridge.window_reserve();
    if (pool == Pool::kMemory32) return reserve.memory32;
    return pool == Pool::kMemory64 && has_memory64_ ? reserve.memory64 : 0;
  }

  static void insert(std::vector<Item>& items, const Item& item) {
    const auto less_aligned = std::find_if(items.begin(), items.end(), [&](const Item& other) {
      return other.alignment < item.alignment;
    });
    items.insert(less_aligned, item);
  }

  const bool has_memory64_;
};

// PCI-to-PCI Bridge 1.2, 3.2.5: limits name the last unit; a base above the limit closes a window.
void program_window(Function& bridge, Pool pool, uint64_t base, uint64_t size) {
  const bool open = size != 0;
  const uint64_t last = open ? base + size - 1 : 0;
  const auto write = [&](uint16_t offset, unsigned bytes, uint64_t value) {
    bridge.config_write(offset, bytes, static_cast<uint32_t>(value));
  };
  switch (pool) {
    case Pool::kPorts:
      write(reg::kIoBase, 1, open ? base >> 8 & 0xf0 : 0xf0);
      write(reg::kIoLimit, 1, last >> 8 & 0xf0);
      break;
    case Pool::kMemory32:
      write(reg::kMemoryBase, 2, open ? base >> 16 & 0xfff0 : 0xfff0);
      write(reg::kMemoryLimit, 2, last >> 16 & 0xfff0);
      break;
    case Pool::kMemory64:
      write(reg::kPrefetchBase, 2, open ? base >> 16 & 0xfff0 : 0xfff0);
      write(reg::kPrefetchLimit, 2, last >> 16 & 0xfff0);
      write(reg::kPrefetchBaseUpper, 4, base >> 32);
      write(reg::kPrefetchLimitUpper, 4, last >> 32);
      break;
  }
}

void Assigner::place(const PciBus& bus, Pool pool, uint64_t base) const {
  for (const Item& item : lay_out(bus, pool).items) {
    const uint64_t address = base + item.offset;
    if (item.behind == nullptr) {
      item.function->assign_bar(item.bar, GuestAddress(address));
    } else {
      program_window(*item.function, pool, item.size == 0 ? 0 : address, item.size);
      place(*item.behind, pool, address);
    }
  }
}

// Depth first, so that what is behind a bridge has consecutive numbers. Returns the highest given.
unsigned number_buses(const PciBus& bus, unsigned highest) {
  const unsigned primary = bus.number();
  bus.for_each([&](Function& function) {
    const PciBus* const behind = function.secondary_bus();
    if (behind == nullptr) return;
    const unsigned secondary = ++highest;
    if (secondary > UINT8_MAX) throw_error("More than 255 PCI buses");
    function.config_write(reg::kPrimaryBus, 1, primary);
    // All numbers, until it is known how many: a bridge must forward to be configured through.
    function.config_write(reg::kSubordinateBus, 1, UINT8_MAX);
    function.config_write(reg::kSecondaryBus, 1, secondary);
    highest = number_buses(*behind, highest);
    function.config_write(reg::kSubordinateBus, 1, highest);
  });
  return highest;
}

// `instead`: why BARs of another pool are in this one; empty: none are.
void assign_pool(const Assigner& assigner, const PciBus& root, Pool pool, GuestRange window,
                 std::string_view instead = {}) {
  const Layout layout = assigner.lay_out(root, pool);
  const uint64_t base = align_up(window.base.value, layout.alignment);
  if (layout.size != 0 &&
      (base < window.base.value || !window.contains(GuestAddress(base), layout.size))) {
    const Item& largest = layout.items.front();
    Error error(fmt::format(
        "The {} window at [{:#x}, +{:#x}) has no room for the {:#x} bytes that PCI devices need "
        "({} alone: {:#x})",
        name_of(pool), window.base.value, window.size, layout.size, largest.function->name(),
        largest.size));
    if (instead.empty()) throw error;
    throw std::move(error).with_context(
        fmt::format("There is no 64-bit window for PCI devices: {}", instead));
  }
  assigner.place(root, pool, base);
}

}  // namespace

void assign_resources(RootComplex& root_complex, const AddressWindows& windows) {
  root_complex.bar_space().set_windows({{windows.memory32, windows.memory64}, {windows.ports}});
  const PciBus& root = root_complex.root_bus();
  number_buses(root, 0);
  const Assigner assigner(windows.memory64.size != 0);
  assign_pool(assigner, root, Pool::kMemory32, windows.memory32, windows.no_memory64);
  assign_pool(assigner, root, Pool::kMemory64, windows.memory64);
  assign_pool(assigner, root, Pool::kPorts, windows.ports);
}

uint64_t memory64_demand(RootComplex& root_complex) {
  const Layout layout = Assigner(true).lay_out(root_complex.root_bus(), Pool::kMemory64);
  return layout.size == 0 ? 0 : align_up(layout.size, layout.alignment);
}

}  // namespace lintel::pci
