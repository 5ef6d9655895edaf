// SPDX-License-Identifier: Apache-2.0
// Where the values of a configuration are written, for who judges them later.
#pragma once

#include <cstddef>
#include <string_view>

#include "vmm/config/problem.h"
#include "vmm/config/tree.h"

namespace lintel::config {

class Places {
 public:
  // `root` outlives it.
  explicit Places(const Node& root) : root_(root) {}

  // Of the value, else of its section, else of the file.
  Origin of(std::string_view section, std::string_view key) const {
    const Entry* entry = root_.find(section);
    return entry == nullptr ? Origin{} : in(*entry, entry->value, key);
  }
  // Of a repeated section.
  Origin of(std::string_view section, size_t index, std::string_view key) const {
    const Entry* entry = root_.find(section);
    if (entry == nullptr || index >= entry->value.items.size()) return {};
    return in(*entry, entry->value.items[index], key);
  }

 private:
  static Origin in(const Entry& section, const Node& table, std::string_view key) {
    const Entry* entry = table.find(key);
    if (entry != nullptr && entry->value.origin.line != 0) return entry->value.origin;
    return table.origin.line != 0 ? table.origin : section.origin;
  }

  const Node& root_;
};

}  // namespace lintel::config
