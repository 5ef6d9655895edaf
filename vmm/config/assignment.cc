// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/assignment.h"

#include <charconv>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "vmm/config/fields.h"

namespace lintel::config {

namespace {

struct Part {
  std::string text;
  Origin origin;
};

Node empty_table(const Origin& origin) {
  Node table;
  table.origin = origin;
  return table;
}

class Assignment {
 public:
  Assignment(const std::string& text, Diagnostics& diagnostics)
      : text_(text), diagnostics_(diagnostics), source_(diagnostics.add_source("--set", text)) {}

  void apply(Node& root) {
    if (!split()) return;
    std::optional<Node> value = make_value();
    if (!value) return;
    Node* node = &root;
    for (size_t i = 0; i < parts_.size(); ++i) {
      if (node->kind == Node::Kind::kArray) {
        node = item(*node, i);
      } else {
        node = child(*node, i);
      }
      if (node == nullptr) return;
    }
    if (node->kind == Node::Kind::kTable && value->kind == Node::Kind::kTable) {
      merge(*node, *value);
    } else {
      *node = std::move(*value);
    }
  }

 private:
  Origin at(size_t offset, size_t length) const {
    return {source_, 1, static_cast<uint32_t>(offset + 1), static_cast<uint32_t>(length)};
  }

  bool split() {
    const size_t equals = text_.find('=');
    if (equals == std::string::npos || equals == 0) {
      diagnostics_.error(ProblemId::kAssignment, at(0, text_.size()), "expected KEY=VALUE").help =
          "for example --set cpu.count=4";
      return false;
    }
    value_at_ = equals + 1;
    size_t start = 0;
    while (start <= equals) {
      const size_t end = std::min(text_.find('.', start), equals);
      parts_.push_back({text_.substr(start, end - start), at(start, end - start)});
      if (end == start) {
        diagnostics_.error(ProblemId::kAssignment, at(start, 1), "a part of the key is empty");
        return false;
      }
      start = end + 1;
    }
    if (parts_.size() > kMaxParts) {
      diagnostics_.error(ProblemId::kUnknownKey, at(0, equals), "no key has so many parts");
      return false;
    }
    return true;
  }

  // Null for keys that do not exist; the reader will say so.
  const Field* field() const {
    const Section* section = find_section(parts_[0].text);
    if (section == nullptr) return nullptr;
    size_t next = section->repeated ? 2 : 1;
    if (parts_.size() > next + 1) {
      section = find_section(fmt::format("{}.{}", section->path, parts_[next++].text));
    }
    if (section == nullptr || parts_.size() != next + 1) return nullptr;
    return find_field(*section, parts_[next].text);
  }

  std::optional<Node> make_value() {
    const std::string_view text = std::string_view(text_).substr(value_at_);
    if (!text.empty() && std::string_view("\"'[{").find(text[0]) != std::string_view::npos) {
      return parse_value();
    }
    Node node;
    node.origin = at(value_at_, std::max<size_t>(text.size(), 1));
    node.kind = Node::Kind::kString;
    node.text = text;
    const Field* known = field();
    if (known == nullptr) return node;
    if (known->kind == Kind::kBoolean && (text == "true" || text == "false")) {
      node.kind = Node::Kind::kBoolean;
      node.boolean = text == "true";
    } else if (known->kind == Kind::kInteger) {
      const auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), node.integer);
      if (error == std::errc{} && end == text.data() + text.size()) {
        node.kind = Node::Kind::kInteger;
      }
    }
    return node;
  }

  // The whole argument is TOML then, with the right columns in what the parser reports.
  std::optional<Node> parse_value() {
    std::optional<Node> tree = parse_toml(source_, diagnostics_);
    if (!tree) return std::nullopt;
    const Node* node = &*tree;
    for (const Part& part : parts_) {
      const Entry* entry = node->find(part.text);
      if (entry == nullptr) return std::nullopt;  // a key with quotes; no key of ours needs them
      node = &entry->value;
    }
    return *node;
  }

  Node* child(Node& table, size_t part) {
    const Part& key = parts_[part];
    if (table.kind != Node::Kind::kTable) table = empty_table(key.origin);
    if (Entry* entry = table.find(key.text)) {
      if (part + 1 == parts_.size()) entry->origin = key.origin;
      return &entry->value;
    }
    Node value = empty_table(key.origin);
    const Section* section = part == 0 ? find_section(key.text) : nullptr;
    if (section != nullptr && section->repeated && parts_.size() > 1) {
      value.kind = Node::Kind::kArray;
    }
    table.entries.push_back({key.text, key.origin, std::move(value)});
    return &table.entries.back().value;
  }

  // By number or by id; the number behind the last one adds an item.
  Node* item(Node& array, size_t part) {
    const Part& key = parts_[part];
    for (size_t i = 0; i < array.items.size(); ++i) {
      const Entry* id = array.items[i].find("id");
      const bool same_id = id != nullptr ? id->value.text == key.text
                                         : fmt::format("{}{}", parts_[0].text, i) == key.text;
      if (same_id || fmt::format("{}", i) == key.text) return &array.items[i];
    }
    if (key.text == fmt::format("{}", array.items.size())) {
      array.items.push_back(empty_table(key.origin));
      return &array.items.back();
    }
    diagnostics_
        .error(ProblemId::kAssignment, key.origin,
               fmt::format("no [[{}]] has the id or the number {}", parts_[0].text, key.text))
        .help = fmt::format("numbers count from 0; {} adds one", array.items.size());
    return nullptr;
  }

  static constexpr size_t kMaxParts = 8;

  const std::string& text_;
  Diagnostics& diagnostics_;
  uint32_t source_;
  std::vector<Part> parts_;
  size_t value_at_ = 0;
};

}  // namespace

void assign(Node& root, const std::string& assignment, Diagnostics& diagnostics) {
  Assignment(assignment, diagnostics).apply(root);
}

}  // namespace lintel::config
