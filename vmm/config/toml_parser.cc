// SPDX-License-Identifier: Apache-2.0
// The only translation unit that sees toml++.
#include <algorithm>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "vmm/config/tree.h"
#include "vmm/config/utf8.h"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 32
#include <toml++/toml.h>

namespace lintel::config {

namespace {

// The library limits how deep values nest, but a key with n dots makes n nested tables, which are
// walked and destroyed recursively.
constexpr int kMaxDots = 32;

// More keys and values than any machine has; what works on the tree may take quadratic time.
constexpr size_t kMaxNodes = 10'000;

// Steps over strings and comments.
class KeyScanner {
 public:
  explicit KeyScanner(std::string_view text) : text_(text) {}

  // The offset of the first dot that makes some key too deep.
  std::optional<size_t> find_deep_key() {
    int dots = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        continue;
      }
      if (c == '"' || c == '\'') {
        skip_string(c);
        continue;
      }
      if (c == '.') {
        if (++dots > kMaxDots) return at_;
      } else if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) {
        dots = 0;
      }
      ++at_;
    }
    return std::nullopt;
  }

 private:
  // A string on several lines may end with two quotes of its own before the closing three.
  void skip_string(char quote) {
    const std::string_view triple = quote == '"' ? R"(""")" : "'''";
    const bool multi_line = text_.substr(at_).starts_with(triple);
    at_ += multi_line ? 3 : 1;
    while (at_ < text_.size()) {
      if (text_[at_] == '\\' && quote == '"') {
        at_ += 2;
      } else if (multi_line && text_.substr(at_).starts_with(triple)) {
        at_ += 3;
        for (int i = 0; i < 2 && at_ < text_.size() && text_[at_] == quote; ++i) ++at_;
        return;
      } else if (!multi_line && (text_[at_] == quote || text_[at_] == '\n')) {
        ++at_;
        return;
      } else {
        ++at_;
      }
    }
  }

  std::string_view text_;
  size_t at_ = 0;
};

Origin origin_at(std::string_view text, size_t offset, uint32_t source) {
  const std::string_view before = text.substr(0, offset);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  return {.source = source,
          .line = static_cast<uint32_t>(1 + std::count(before.begin(), before.end(), '\n')),
          .column = static_cast<uint32_t>(1 + utf8::length(before.substr(line_start))),
          .length = 1};
}

class Converter {
 public:
  explicit Converter(uint32_t source) : source_(source) {}

  Origin origin(const toml::source_region& region) const {
    const bool one_line = region.begin.line == region.end.line;
    const bool sized = one_line && region.end.column > region.begin.column;
    // A region of several lines is marked up to the end of its first one.
    const uint32_t length =
        sized ? region.end.column - region.begin.column : (one_line ? 1 : UINT32_MAX);
    return {source_, region.begin.line, region.begin.column, length};
  }

  bool too_large() const { return nodes_ > kMaxNodes; }

  Node convert(const toml::node& from) {
    Node node;
    if (++nodes_ > kMaxNodes) return node;
    node.origin = origin(from.source());
    if (const auto* table = from.as_table()) {
      node.kind = Node::Kind::kTable;
      node.entries.reserve(table->size());
      for (const auto& [key, value] : *table) {
        node.entries.push_back({std::string(key.str()), origin(key.source()), convert(value)});
      }
    } else if (const auto* array = from.as_array()) {
      node.kind = Node::Kind::kArray;
      node.items.reserve(array->size());
      for (const toml::node& item : *array) node.items.push_back(convert(item));
    } else if (const auto* string = from.as_string()) {
      node.kind = Node::Kind::kString;
      node.text = string->get();
    } else if (const auto* integer = from.as_integer()) {
      node.kind = Node::Kind::kInteger;
      node.integer = integer->get();
    } else if (const auto* boolean = from.as_boolean()) {
      node.kind = Node::Kind::kBoolean;
      node.boolean = boolean->get();
    } else {
      node.kind = Node::Kind::kOther;
      node.text = from.is_floating_point() ? "floating-point number" : "date or time";
    }
    return node;
  }

 private:
  uint32_t source_;
  size_t nodes_ = 0;
};

// "Error while parsing key: ..." without its stock opening.
std::string_view without_preamble(std::string_view description) {
  constexpr std::string_view kPreamble = "Error while parsing ";
  if (description.starts_with(kPreamble)) description.remove_prefix(kPreamble.size());
  return description;
}

}  // namespace

std::optional<Node> parse_toml(uint32_t source, Diagnostics& diagnostics) {
  const std::string& text = diagnostics.source_text(source);
  if (const auto offset = KeyScanner(text).find_deep_key()) {
    diagnostics.error(ProblemId::kSyntax, origin_at(text, *offset, source),
                      "a key has too many parts");
    return std::nullopt;
  }
  const toml::parse_result result = toml::parse(std::string_view(text));
  Converter converter(source);
  if (!result) {
    const toml::parse_error& error = result.error();
    diagnostics.error(ProblemId::kSyntax, converter.origin(error.source()),
                      std::string(without_preamble(error.description())));
    return std::nullopt;
  }
  Node root = converter.convert(result.table());
  if (converter.too_large()) {
    diagnostics.error(ProblemId::kSyntax, {.source = source},
                      fmt::format("more than {} keys and values", kMaxNodes));
    return std::nullopt;
  }
  return root;
}

}  // namespace lintel::config
