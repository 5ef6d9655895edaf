// SPDX-License-Identifier: Apache-2.0
#include "passthrough/pci/region_bar.h"

#include <array>

#include "vmm/base/endian.h"
#include "vmm/pci/config_regs.h"

namespace lintel::passthrough::pci {
namespace {

namespace reg = lintel::pci::reg;

bool inside(const RegionPart& part, uint64_t offset) {
  return offset >= part.offset && offset - part.offset < part.size;
}

}  // namespace

std::optional<lintel::pci::MsixLayout> moved_msix(const lintel::pci::MsixLayout& layout,
                                                  const RegionInfo& table_bar, uint64_t page_size) {
  constexpr uint64_t kMaxOffset = UINT32_MAX & ~7u;
  const bool shares = layout.table_offset % page_size != 0;
  if (!shares || !table_bar.mappable || !table_bar.msix_mappable) return std::nullopt;
  if (table_bar.size < page_size || table_bar.size > kMaxOffset / 2) return std::nullopt;
  const auto moved = lintel::pci::MsixLayout::in_bar(
      layout.table_bar, static_cast<uint32_t>(table_bar.size), layout.vectors);
  if (moved.size() > table_bar.size) return std::nullopt;
  return moved;
}

RegionBar::RegionBar(passthrough::Device& device, uint32_t region, uint64_t size,
                     lintel::pci::Msix* msix, const lintel::pci::MsixLayout* layout,
                     std::function<void()> answered)
    : device_(device),
      region_(region),
      size_(size),
      msix_(msix),
      answered_(std::move(answered)),
      name_(fmt::format("{} BAR {}", device.name(), region)) {
  if (msix == nullptr) return;
  // PCI Local Bus 3.0, 6.8.2: an entry has 16 bytes; pending bits come in whole qwords.
  if (layout->table_bar == region) {
    table_ = {layout->table_offset, uint64_t{layout->vectors} * reg::kMsixEntrySize};
  }
  if (layout->pba_bar == region) {
    pba_ = {layout->pba_offset, uint64_t{(layout->vectors + 63u) / 64} * 8};
  }
}

uint64_t RegionBar::read(uint64_t offset, AccessSize size) {
  accesses_.count(offset);
  const Operation operation(device_);
  if (inside(table_, offset)) return msix_->read_table(offset - table_.offset, size);
  if (inside(pba_, offset)) return msix_->read_pba(offset - pba_.offset, size);
  std::array<std::byte, 8> value;
  const std::span<std::byte> to(value.data(), bytes(size));
  if (offset + bytes(size) > size_ || !device_.read(region_, offset, to)) return all_ones(size);
  answered_();
  return load_le_bytes(value.data(), to.size());
}

void RegionBar::write(uint64_t offset, AccessSize size, uint64_t value) {
  accesses_.count(offset);
  const Operation operation(device_);
  if (inside(table_, offset)) {
    msix_->write_table(offset - table_.offset, size, value);
    return;
  }
  if (inside(pba_, offset) || offset + bytes(size) > size_) return;
  std::array<std::byte, 8> from;
  store_le_bytes(from.data(), value, bytes(size));
  if (device_.write(region_, offset, {from.data(), bytes(size)})) answered_();
}

std::vector<RegionPart> RegionBar::msix_parts() const {
  std::vector<RegionPart> parts;
  for (const RegionPart& part : {table_, pba_}) {
    if (part.size != 0) parts.push_back(part);
  }
  return parts;
}

}  // namespace lintel::passthrough::pci
