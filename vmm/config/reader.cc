// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/reader.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "vmm/config/suggest.h"
#include "vmm/config/values.h"

namespace lintel::config {

namespace {

bool is_for_others(const Entry& entry) {
  return entry.key.starts_with("x-");
}

std::string heading(const Section& section) {
  return section.repeated ? fmt::format("[[{}]]", section.path) : fmt::format("[{}]", section.path);
}

bool is_nested(const Section& section) {
  return section.path.find('.') != std::string_view::npos;
}

std::string_view top_of(std::string_view path) {
  return path.substr(0, path.find('.'));
}

// The keys and subsections of a section, or the names of the sections.
std::vector<std::string_view> keys_in(const Section* section) {
  std::vector<std::string_view> keys;
  if (section != nullptr) {
    for (const Field& field : section->fields) keys.push_back(field.key);
  } else {
    keys.push_back("profile");
  }
  for (const Section& other : sections()) {
    if (section == nullptr && !is_nested(other)) keys.push_back(other.path);
    if (section != nullptr && is_nested(other) && top_of(other.path) == section->path) {
      keys.push_back(other.path.substr(section->path.size() + 1));
    }
  }
  return keys;
}

// "`size` is a key of [memory]", if it is one.
std::string elsewhere(std::string_view key) {
  std::string places;
  for (const Section& section : sections()) {
    if (find_field(section, key) == nullptr) continue;
    if (!places.empty()) places += " and ";
    places += heading(section);
  }
  return places.empty() ? "" : fmt::format("`{}` is a key of {}", key, places);
}

std::string list(const std::vector<std::string_view>& keys) {
  return fmt::format("there are {}", fmt::join(keys, ", "));
}

}  // namespace

void Reader::read(const Node& root, Config& config, bool partial) {
  partial_ = partial;
  for (const Entry& entry : root.entries) {
    if (is_for_others(entry)) continue;
    const Section* section = find_section(entry.key);
    if (section == nullptr || is_nested(*section)) {
      unknown_key(nullptr, entry);
    } else {
      read_section(*section, entry, config);
    }
  }
  for (const Section& section : sections()) {
    if (!section.repeated && root.find(section.path) == nullptr) require(section, nullptr, {});
  }
}

void Reader::read_section(const Section& section, const Entry& entry, Config& config) {
  const Node& node = entry.value;
  if (!section.repeated) {
    if (node.kind == Node::Kind::kTable) {
      read_table(section, node, 0, config);
      require(section, &node, entry.origin);
      return;
    }
    failed_.emplace(section.path);
    diagnostics_
        .error(ProblemId::kType, node.origin,
               fmt::format("{} must be a table (got {})", section.path, describe(node)))
        .help = fmt::format("write [{}] on a line of its own", section.path);
    return;
  }
  if (node.kind != Node::Kind::kArray) {
    failed_.emplace(section.path);
    diagnostics_
        .error(
            ProblemId::kType, entry.origin,
            fmt::format("{0} must be an array of tables (got {1})", section.path, describe(node)))
        .help = fmt::format("there may be several: write [[{}]]", section.path);
    return;
  }
  if (node.items.size() > kMaxRepeats) {
    failed_.emplace(section.path);
    diagnostics_.error(ProblemId::kValue, node.items[kMaxRepeats].origin,
                       fmt::format("there are {} [[{}]], at most {} are possible",
                                   node.items.size(), section.path, kMaxRepeats));
    return;
  }
  for (size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    section.at(config, i);
    if (item.kind == Node::Kind::kTable) {
      read_table(section, item, i, config);
      require(section, &item, item.origin);
    } else {
      failed_.emplace(section.path);
      diagnostics_.error(
          ProblemId::kType, item.origin,
          fmt::format("each {} must be a table (got {})", section.path, describe(item)));
    }
  }
}

void Reader::read_table(const Section& section, const Node& table, size_t index, Config& config) {
  void* target = section.at(config, index);
  for (const Entry& entry : table.entries) {
    if (is_for_others(entry)) continue;
    if (const Field* field = find_field(section, entry.key)) {
      read_value(section, *field, entry.value, target);
    } else if (const Section* nested =
                   find_section(fmt::format("{}.{}", section.path, entry.key))) {
      read_section(*nested, entry, config);
    } else {
      unknown_key(&section, entry);
    }
  }
}

// Reports why not.
bool Reader::is_ours(const Section& section, const Field& field, const Node& node,
                     const Scalar& value) {
  if (partial_ || field.only.value_or(architecture_) == architecture_) return true;
  Config defaults;
  if (value == field.load(section.at(defaults, 0))) return true;
  diagnostics_
      .error(
          ProblemId::kArchitecture, node.origin,
          fmt::format("{}.{} = {} is for {} only, and this machine is {}", section.path, field.key,
                      toml_value(field, value), name_of(*field.only), name_of(architecture_)))
      .help = fmt::format("remove it, or keep it in a profile for {}", name_of(*field.only));
  return false;
}

void Reader::read_value(const Section& section, const Field& field, const Node& node,
                        void* target) {
  const std::string name = fmt::format("{}.{}", section.path, field.key);
  std::optional<Scalar> value = to_scalar(name, field, node, diagnostics_);
  if (!value || !is_ours(section, field, node, *value)) {
    failed_.emplace(section.path);
    return;
  }
  add_paths(section, field, node, *value);
  field.store(target, *value);
}

void Reader::require(const Section& section, const Node* table, const Origin& origin) {
  if (partial_) return;
  for (const Field& field : section.fields) {
    if (!field.required || (table != nullptr && table->find(field.key) != nullptr)) continue;
    failed_.emplace(section.path);
    diagnostics_
        .error(ProblemId::kMissing, origin,
               fmt::format("{}.{} is missing", section.path, field.key))
        .help = fmt::format("add {} = {} under {}", field.key, field.example, heading(section));
  }
}

void Reader::unknown_key(const Section* section, const Entry& entry) {
  const std::vector<std::string_view> keys = keys_in(section);
  const std::string_view meant = closest(entry.key, keys);
  std::string message = section == nullptr
                            ? fmt::format("unknown section `{}`", entry.key)
                            : fmt::format("unknown key `{}` in {}", entry.key, heading(*section));
  if (!meant.empty()) message += fmt::format("; did you mean `{}`?", meant);
  Problem& problem = diagnostics_.error(ProblemId::kUnknownKey, entry.origin, message);
  if (!meant.empty()) return;
  problem.help = elsewhere(entry.key);
  if (problem.help.empty()) problem.help = list(keys);
}

std::string Reader::resolve(const std::string& path, const Origin& origin) const {
  if (origin.source != 0 || path.starts_with('/')) return path;
  return (std::filesystem::path(folder_) / path).lexically_normal().string();
}

void Reader::add_paths(const Section& section, const Field& field, const Node& node,
                       Scalar& value) {
  const bool must_exist = field.kind == Kind::kFile || field.kind == Kind::kFiles;
  if (!must_exist && field.kind != Kind::kPath) return;
  const auto add = [&](std::string& path, const Origin& origin) {
    path = resolve(path, origin);
    if (!must_exist) return;
    files_.push_back({fmt::format("{}.{}", section.path, field.key), path, origin});
  };
  if (auto* path = std::get_if<std::string>(&value)) {
    add(*path, node.origin);
  } else if (auto* paths = std::get_if<std::vector<std::string>>(&value)) {
    for (size_t i = 0; i < paths->size(); ++i) {
      add((*paths)[i], node.items.empty() ? node.origin : node.items[i].origin);
    }
  }
}

}  // namespace lintel::config
