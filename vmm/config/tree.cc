// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/tree.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace lintel::config {

namespace {

bool is_array_of_tables(const Node& node) {
  return node.kind == Node::Kind::kArray && !node.items.empty() &&
         std::all_of(node.items.begin(), node.items.end(),
                     [](const Node& item) { return item.kind == Node::Kind::kTable; });
}

const std::string* id_of(const Node& table) {
  const Entry* id = table.find("id");
  return id != nullptr && id->value.kind == Node::Kind::kString ? &id->value.text : nullptr;
}

void merge_items(Node& to, const Node& from) {
  for (const Node& item : from.items) {
    const std::string* id = id_of(item);
    const auto same = std::find_if(to.items.begin(), to.items.end(), [&](const Node& candidate) {
      const std::string* other = id_of(candidate);
      return id != nullptr && other != nullptr && *other == *id;
    });
    if (same == to.items.end()) {
      to.items.push_back(item);
    } else {
      merge(*same, item);
    }
  }
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Entry* Node::find(std::string_view key) {
  return const_cast<Entry*>(std::as_const(*this).find(key));
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kTable: return "a table";
    case Node::Kind::kArray: return "an array";
    case Node::Kind::kString: return fmt::format("the string \"{}\"", node.text);
    case Node::Kind::kInteger: return fmt::format("the integer {}", node.integer);
    case Node::Kind::kBoolean: return node.boolean ? "true" : "false";
    case Node::Kind::kOther: return "a " + node.text;
  }
  return {};
}

void merge(Node& to, const Node& from) {
  if (to.kind == Node::Kind::kTable && from.kind == Node::Kind::kTable) {
    for (const Entry& entry : from.entries) {
      if (Entry* existing = to.find(entry.key)) {
        merge(existing->value, entry.value);
        if (entry.value.kind != Node::Kind::kTable) existing->origin = entry.origin;
      } else {
        to.entries.push_back(entry);
      }
    }
  } else if (is_array_of_tables(to) && is_array_of_tables(from)) {
    merge_items(to, from);
  } else {
    to = from;
  }
}

}  // namespace lintel::config
