// SPDX-License-Identifier: Apache-2.0
// The only translation unit that sees toml++.
#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "vmm/config/tree.h"
#include "vmm/config/utf8.h"

namespace {
// Some malformed texts run into assertions of the parser (3.3: "[!]"). Where assertions are off it
// takes them as promises to the compiler, so they are made to throw in every build.
struct FailedAssertion {};

[[noreturn]] void fail_assertion() {
  throw FailedAssertion();
}
}  // namespace

#undef NDEBUG
#define TOML_ASSERT(condition) ((condition) ? static_cast<void>(0) : fail_assertion())
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 1
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

// Finds what the parser cannot be trusted with, stepping over strings and comments.
class Scanner {
 public:
  struct Finding {
    size_t offset;
    std::string_view message;
  };

  explicit Scanner(std::string_view text) : text_(text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  std::optional<Finding> run() {
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
      // TOML has none there, and the parser's Unicode tables end in unreachable code for some.
      if (static_cast<unsigned char>(c) >= 0x80) {
        return Finding{at_, "only strings and comments may have characters beyond ASCII"};
      }
      if (c == '.') {
        if (++dots > kMaxDots) return Finding{at_, "a key has too many parts"};
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

bool fails_assertion(std::string_view text) {
  try {
    static_cast<void>(toml::parse(text));
    return false;
  } catch (const FailedAssertion&) {
    return true;
  } catch (const toml::parse_error&) {
    return false;
  }
}

// The parser does not say where an assertion failed. It goes from line to line, so this is the
// last line of the shortest beginning of the text with the same failure.
Origin failed_line(std::string_view text, uint32_t source) {
  std::vector<size_t> ends;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') ends.push_back(i);
  }
  ends.push_back(text.size());
  const auto first = std::partition_point(ends.begin(), ends.end() - 1, [&](size_t end) {
    return !fails_assertion(text.substr(0, end));
  });
  const auto line = static_cast<uint32_t>(first - ends.begin() + 1);
  return {.source = source, .line = line, .column = 1, .length = UINT32_MAX};
}

// Reports a syntax error and returns nothing.
std::optional<toml::table> parse(uint32_t source, Diagnostics& diagnostics) {
  const std::string& text = diagnostics.source_text(source);
  if (const auto finding = Scanner(text).run()) {
    diagnostics.error(ProblemId::kSyntax, origin_at(text, finding->offset, source),
                      std::string(finding->message));
    return std::nullopt;
  }
  try {
    return toml::parse(std::string_view(text));
  } catch (const toml::parse_error& error) {
    diagnostics.error(ProblemId::kSyntax, Converter(source).origin(error.source()),
                      std::string(without_preamble(error.description())));
  } catch (const FailedAssertion&) {
    diagnostics.error(ProblemId::kSyntax, failed_line(text, source), "this line is not TOML");
  }
  return std::nullopt;
}

}  // namespace

std::optional<Node> parse_toml(uint32_t source, Diagnostics& diagnostics) {
  const std::optional<toml::table> table = parse(source, diagnostics);
  if (!table) return std::nullopt;
  Converter converter(source);
  Node root = converter.convert(*table);
  if (converter.too_large()) {
    diagnostics.error(ProblemId::kSyntax, {.source = source},
                      fmt::format("more than {} keys and values", kMaxNodes));
    return std::nullopt;
  }
  return root;
}

}  // namespace lintel::config
