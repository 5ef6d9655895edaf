// SPDX-License-Identifier: Apache-2.0
// A parsed TOML document whose every key and value knows where it was written, also after profiles
// and `--set` have been merged into it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/config/problem.h"

namespace lintel::config {

struct Entry;

struct Node {
  // kOther: floating point numbers, dates and times, of which the configuration has none.
  enum class Kind : uint8_t { kTable, kArray, kString, kInteger, kBoolean, kOther };

  Kind kind = Kind::kTable;
  Origin origin;
  bool boolean = false;
  int64_t integer = 0;
  std::string text;            // kString: the value; kOther: what it is, such as "float"
  std::vector<Entry> entries;  // of a table
  std::vector<Node> items;     // of an array

  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
};

struct Entry {
  std::string key;
  Origin origin;  // of the key
  Node value;
};

// "a string", "the integer 1024": for messages.
std::string describe(const Node& node);

// Merges `from` into `to`: tables key by key; arrays of tables by their `id`s, what has none or a
// new one is appended; anything else is replaced.
void merge(Node& to, const Node& from);

// Parses the text of a source that `diagnostics` knows. On a syntax error reports it and returns
// nothing.
std::optional<Node> parse_toml(uint32_t source, Diagnostics& diagnostics);

}  // namespace lintel::config
