// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "vmm/config/fields.h"
#include "vmm/config/render.h"

namespace lintel::config {

namespace {

std::string absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

Scalar printable_value(const Field& field, const void* section) {
  Scalar value = field.load(section);
  if (field.kind != Kind::kPath && field.kind != Kind::kFile && field.kind != Kind::kFiles) {
    return value;
  }
  if (auto* path = std::get_if<std::string>(&value)) *path = absolute(*path);
  if (auto* paths = std::get_if<std::vector<std::string>>(&value)) {
    for (std::string& path : *paths) path = absolute(path);
  }
  return value;
}

// Nothing for a value that is not set and has no default.
std::string line(const Field& field, const void* section) {
  const Scalar value = printable_value(field, section);
  const auto* text = std::get_if<std::string>(&value);
  const bool unset = std::holds_alternative<std::monostate>(value) ||
                     (text != nullptr && text->empty() && !field.fallback.empty());
  return unset ? "" : fmt::format("{} = {}\n", field.key, toml_value(field, value));
}

}  // namespace

std::string to_toml(const Config& config) {
  std::string out;
  Config copy = config;  // Section::at gives access for writing; nothing is added below count()
  for (const Section& section : sections()) {
    for (size_t i = 0; i < section.count(copy); ++i) {
      std::string body;
      for (const Field& field : section.fields) body += line(field, section.at(copy, i));
      if (body.empty()) continue;
      if (!out.empty()) out += '\n';
      out += fmt::format("{0}{1}{2}\n", section.repeated ? "[[" : "[", section.path,
                         section.repeated ? "]]" : "]");
      out += body;
    }
  }
  return out;
}

}  // namespace lintel::config
