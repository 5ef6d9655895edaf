// SPDX-License-Identifier: Apache-2.0
// The one table of what may stand in a configuration. The TOML reader, `--set`, `--print`, the
// JSON Schema, lintel.toml(5) and the suggestions for misspelt keys all come from it; a key's
// default is what its member of Config holds when nothing is written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vmm/config/config.h"

namespace lintel::config {

enum class Kind : uint8_t {
  kBoolean,
  kInteger,
  kSize,      // a string with a unit; bytes
  kDuration,  // a string with a unit; milliseconds
  kChoice,
  kText,
  kName,      // letters, digits, '.', '_' and '-'
  kPath,      // relative to the TOML file
  kFile,      // a path of something that must be there
  kFiles,     // one path or an array of them
  kMac,       // or "auto"
  kPattern,   // text of a form of its own, see Field::form
  kForwards,  // an array of port forwards
  kTexts      // one text or an array of them, of Field::choices if there are some
};

// How a value travels between TOML and Config; which alternative, the kind says: booleans;
// integers, sizes, durations and choices; text; arrays. std::monostate: not set.
using Scalar = std::variant<std::monostate, bool, uint64_t, std::string, std::vector<std::string>>;

struct Choice {
  std::string_view text = {};
  uint64_t value = 0;
  std::string_view doc = {};
};

// Texts of a form that only one or two keys have.
struct TextForm {
  std::string_view expected;  // "an address such as \"0000:01:00.0\"", for messages
  std::string_view pattern;   // the same as a regular expression of JSON Schema
  bool (*fits)(std::string_view text);
};

struct Field {
  std::string_view key = {};
  Kind kind = Kind::kText;
  bool required = false;
  uint64_t min = 0;  // of the value; of texts: of the length in bytes
  uint64_t max = UINT64_MAX;
  std::span<const Choice> choices = {};
  const TextForm* form = nullptr;  // of kPattern
  // Whose key it is, if not everyone's: on other architectures only the default may be written, so
  // that what `--print` shows is right everywhere.
  std::optional<Architecture> only = {};
  std::string_view fallback =
      {};                         // what an unset value means, where the default alone does not say
  std::string_view example = {};  // as in TOML
  std::string_view doc = {};
  void (*store)(void* section, const Scalar& value) = nullptr;
  Scalar (*load)(const void* section) = nullptr;
};

struct Section {
  std::string_view path = {};  // "cpu" or "cpu.topology"
  bool repeated = false;       // [[disk]], at most kMaxRepeats of them
  std::string_view doc = {};
  std::span<const Field> fields = {};
  // The struct of this section; of a repeated one, the index-th, added if it is the next.
  void* (*at)(Config& config, size_t index) = nullptr;
  size_t (*count)(const Config& config) = nullptr;
};

// More would not find a slot on the PCI bus.
constexpr size_t kMaxRepeats = 24;

std::span<const Section> sections();

// Null if there is none.
const Section* find_section(std::string_view path);
const Field* find_field(const Section& section, std::string_view key);

// "x86_64"
std::string_view name_of(Architecture architecture);

// As TOML writes it: "4G" with its quotes, 2, ["a", "b"].
std::string toml_value(const Field& field, const Scalar& value);
std::string toml_string(std::string_view text);

}  // namespace lintel::config
