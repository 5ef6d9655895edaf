// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/values.h"

#include <algorithm>

#include <fmt/format.h>

#include "vmm/base/text.h"
#include "vmm/config/suggest.h"
#include "vmm/config/units.h"

namespace lintel::config {

namespace {

constexpr std::string_view kNameCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";

class Conversion {
 public:
  Conversion(std::string_view name, const Field& field, Diagnostics& diagnostics)
      : name_(name), field_(field), diagnostics_(diagnostics) {}

  std::optional<Scalar> run(const Node& node) {
    switch (field_.kind) {
      case Kind::kBoolean:
        if (node.kind != Node::Kind::kBoolean) return wrong_type(node, "true or false");
        return node.boolean;
      case Kind::kInteger: return integer(node);
      case Kind::kSize: return quantity(node, {parse_size, format_size, suggest_size, "1G"});
      case Kind::kDuration:
        return quantity(node, {parse_duration, format_duration, suggest_duration, "30s"});
      case Kind::kChoice: return choice(node);
      case Kind::kText:
      case Kind::kName:
      case Kind::kPath:
      case Kind::kFile:
      case Kind::kPattern:
      case Kind::kMac: return text(node);
      case Kind::kFiles:
      case Kind::kForwards:
      case Kind::kTexts: return texts(node);
    }
    return {};
  }

 private:
  // How a kind of quantity is spelled.
  struct Spelling {
    std::optional<uint64_t> (*parse)(std::string_view);
    std::string (*format)(uint64_t);
    std::string (*suggest)(std::string_view);
    std::string_view example;
  };

  std::nullopt_t wrong_type(const Node& node, std::string_view expected, std::string help = {}) {
    diagnostics_
        .error(ProblemId::kType, node.origin,
               fmt::format("{} must be {} (got {})", name_, expected, describe(node)))
        .help = std::move(help);
    return std::nullopt;
  }

  std::nullopt_t bad_value(const Node& node, std::string_view what, std::string help = {}) {
    diagnostics_.error(ProblemId::kValue, node.origin, fmt::format("{} {}", name_, what)).help =
        std::move(help);
    return std::nullopt;
  }

  std::optional<Scalar> integer(const Node& node) {
    if (node.kind != Node::Kind::kInteger) {
      const bool quoted = node.kind == Node::Kind::kString && !node.text.empty() &&
                          node.text.find_first_not_of("0123456789") == std::string::npos;
      return wrong_type(node, "an integer",
                        quoted ? fmt::format("write {} without quotes", node.text) : "");
    }
    const bool fits = node.integer >= 0 && static_cast<uint64_t>(node.integer) >= field_.min &&
                      static_cast<uint64_t>(node.integer) <= field_.max;
    if (!fits) {
      return bad_value(
          node, fmt::format("must be {} to {} (got {})", field_.min, field_.max, node.integer));
    }
    return static_cast<uint64_t>(node.integer);
  }

  std::optional<Scalar> quantity(const Node& node, const Spelling& spelling) {
    const std::string expected =
        fmt::format("a string with a unit, such as \"{}\"", spelling.example);
    if (node.kind != Node::Kind::kString) return wrong_type(node, expected, bare_number(node));
    const auto value = spelling.parse(node.text);
    if (!value) {
      const std::string meant = spelling.suggest(node.text);
      return wrong_type(node, expected,
                        meant.empty() ? unit_list() : fmt::format("write \"{}\"", meant));
    }
    if (*value < field_.min || *value > field_.max) {
      return bad_value(node, fmt::format("must be {} to {} (got {})", spelling.format(field_.min),
                                         spelling.format(field_.max), node.text));
    }
    return *value;
  }

  std::string bare_number(const Node& node) const {
    if (node.kind != Node::Kind::kInteger || node.integer < 0) return unit_list();
    if (field_.kind == Kind::kSize) {
      return fmt::format("write \"{0}M\" if that meant MiB, \"{0}G\" if it meant GiB",
                         node.integer);
    }
    return fmt::format("write \"{0}s\" if that meant seconds, \"{0}ms\" if it meant milliseconds",
                       node.integer);
  }

  std::string unit_list() const {
    return field_.kind == Kind::kSize ? "the units are K, M, G and T, powers of 1024"
                                      : "the units are ms, s, m and h";
  }

  std::optional<Scalar> choice(const Node& node) {
    std::vector<std::string_view> names;
    std::string list;
    for (const Choice& choice : field_.choices) {
      if (node.kind == Node::Kind::kString && node.text == choice.text) return choice.value;
      names.push_back(choice.text);
      if (!list.empty()) list += &choice == &field_.choices.back() ? " or " : ", ";
      list += toml_string(choice.text);
    }
    if (node.kind != Node::Kind::kString) return wrong_type(node, list);
    const std::string_view meant = closest(node.text, names);
    return bad_value(node, fmt::format("must be {} (got \"{}\")", list, node.text),
                     meant.empty() ? "" : fmt::format("did you mean \"{}\"?", meant));
  }

  std::optional<Scalar> text(const Node& node) {
    if (node.kind != Node::Kind::kString) return wrong_type(node, "a string");
    return check_text(node) ? std::optional<Scalar>(node.text) : std::nullopt;
  }

  std::optional<Scalar> texts(const Node& node) {
    std::vector<std::string> list;
    if (node.kind == Node::Kind::kString) {
      if (!check_text(node)) return {};
      list.push_back(node.text);
      return list;
    }
    if (node.kind != Node::Kind::kArray) {
      return wrong_type(node, "a string or an array of strings");
    }
    bool good = true;
    for (const Node& item : node.items) {
      if (item.kind != Node::Kind::kString) {
        wrong_type(item, "a string or an array of strings");
        good = false;
      } else {
        good = check_text(item) && good;
        list.push_back(item.text);
      }
    }
    return good ? std::optional<Scalar>(std::move(list)) : std::nullopt;
  }

  // Reports why not.
  bool check_text(const Node& node) {
    const std::string& value = node.text;
    if (value.find('\0') != std::string::npos) {
      bad_value(node, "must not contain a zero byte");
      return false;
    }
    switch (field_.kind) {
      case Kind::kName:
        if (value.find_first_not_of(kNameCharacters) != std::string::npos) {
          bad_value(node,
                    fmt::format("may have letters, digits, '.', '_' and '-' (got \"{}\")", value));
          return false;
        }
        break;
      case Kind::kMac:
        if (value == "auto" || parse_mac(value)) return true;
        bad_value(node,
                  fmt::format("must be \"auto\" or a station's address such as "
                              "\"52:54:00:12:34:56\" (got \"{}\")",
                              value),
                  "the first byte must be even: an odd one is a multicast address");
        return false;
      case Kind::kPattern:
        if (field_.form->fits(value)) return true;
        bad_value(node, fmt::format("must be {} (got \"{}\")", field_.form->expected, value));
        return false;
      case Kind::kForwards:
        if (parse_forward(value)) return true;
        bad_value(node, fmt::format("must be [ADDRESS:]HOST_PORT:GUEST_PORT[/tcp|/udp], such as "
                                    "\"2222:22\" (got \"{}\")",
                                    value));
        return false;
      case Kind::kPath:
      case Kind::kFile:
      case Kind::kFiles:
        if (!value.empty()) break;
        bad_value(node, "must not be empty");
        return false;
      case Kind::kTexts:
        if (!field_.choices.empty()) return choice(node).has_value();
        break;
      default: break;
    }
    if (value.size() >= field_.min && value.size() <= field_.max) return true;
    bad_value(node, fmt::format("must have {} to {} bytes (got {})", field_.min, field_.max,
                                value.size()));
    return false;
  }

  std::string_view name_;
  const Field& field_;
  Diagnostics& diagnostics_;
};

}  // namespace

std::optional<Scalar> to_scalar(std::string_view name, const Field& field, const Node& node,
                                Diagnostics& diagnostics) {
  return Conversion(name, field, diagnostics).run(node);
}

}  // namespace lintel::config
