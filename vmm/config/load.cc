// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/load.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "vmm/base/error.h"
#include "vmm/base/run_folder.h"
#include "vmm/base/unique_fd.h"
#include "vmm/config/assignment.h"
#include "vmm/config/checks.h"
#include "vmm/config/fields.h"
#include "vmm/config/reader.h"
#include "vmm/config/suggest.h"
#include "vmm/config/tree.h"

namespace lintel::config {

namespace {

constexpr size_t kMaxFileSize = size_t{1} << 20;

// Reports and returns nothing if the file cannot be read.
std::optional<std::string> read_text(const std::string& path, Diagnostics& diagnostics) {
  const auto fail = [&](const std::string& message) {
    diagnostics.error(ProblemId::kConfigFile, {}, message);
    return std::nullopt;
  };
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail(fmt::format("cannot open the file: {}", errno_text(errno)));
  std::string text;
  for (;;) {
    constexpr size_t kChunk = 16 * 1024;
    const size_t size = text.size();
    text.resize(size + kChunk);
    const ssize_t got = read(fd.get(), text.data() + size, kChunk);
    if (got < 0 && errno == EINTR) {
      text.resize(size);
      continue;
    }
    if (got < 0) return fail(fmt::format("cannot read the file: {}", errno_text(errno)));
    text.resize(size + static_cast<size_t>(got));
    if (got == 0) return text;
    if (text.size() > kMaxFileSize) return fail("the file is larger than 1 MiB");
  }
}

// A name for the machine from the file's, which nobody chose for a machine: what is not allowed in
// names becomes '-'.
std::string default_name(const std::string& file) {
  std::string name = std::filesystem::path(file).stem().string().substr(0, 64);
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && c != '.' && c != '_' && c != '-') c = '-';
  }
  if (name.empty()) return "vm";
  if (can_name_machine(name)) return name;
  std::ranges::replace(name, '.', '-');
  return ("vm-" + name).substr(0, 64);
}

class Loader {
 public:
  Loader(const std::string& name, const LoadOptions& options, Diagnostics& diagnostics)
      : name_(name),
        folder_(std::filesystem::path(name).parent_path().string()),
        options_(options),
        diagnostics_(diagnostics) {}

  Config run() {
    Config config;
    std::optional<Node> root = parse_toml(0, diagnostics_);
    if (!root) return config;
    take_profiles(*root);
    for (const std::string& profile : options_.profiles) apply_profile(*root, profile);
    for (const std::string& assignment : options_.assignments) {
      assign(*root, assignment, diagnostics_);
    }
    Reader reader(folder_, options_.architecture, diagnostics_);
    reader.read(*root, config, /*partial=*/false);
    fill_automatic(config, default_name(name_));
    const Places places(*root);
    check_conflicts(config, places, reader, diagnostics_);
    if (options_.check_files) check_files(reader.files(), diagnostics_);
    if (options_.check_host && !diagnostics_.has_errors()) {
      options_.check_host(config, places, diagnostics_);
    }
    return config;
  }

 private:
  // Also the profiles that are not used now are checked for what can be judged alone.
  void take_profiles(Node& root) {
    const auto found = std::find_if(root.entries.begin(), root.entries.end(),
                                    [](const Entry& entry) { return entry.key == "profile"; });
    if (found == root.entries.end()) return;
    profiles_ = std::move(found->value);
    root.entries.erase(found);
    if (profiles_.kind != Node::Kind::kTable) {
      diagnostics_.error(ProblemId::kType, profiles_.origin,
                         "profile must be a table of profiles, [profile.NAME.SECTION]");
      profiles_ = {};
    }
    for (const Entry& profile : profiles_.entries) {
      if (profile.value.kind != Node::Kind::kTable) {
        diagnostics_.error(ProblemId::kType, profile.value.origin,
                           fmt::format("profile.{} must be a table", profile.key));
        continue;
      }
      Config scratch;
      Reader(folder_, options_.architecture, diagnostics_)
          .read(profile.value, scratch, /*partial=*/true);
    }
  }

  void apply_profile(Node& root, const std::string& name) {
    const Entry* profile = profiles_.find(name);
    if (profile != nullptr) {
      merge(root, profile->value);
      return;
    }
    std::vector<std::string_view> names;
    names.reserve(profiles_.entries.size());
    for (const Entry& entry : profiles_.entries) names.emplace_back(entry.key);
    const uint32_t source = diagnostics_.add_source("--profile", name);
    const Origin origin{source, 1, 1, static_cast<uint32_t>(name.size())};
    Problem& problem = diagnostics_.error(ProblemId::kProfile, origin,
                                          fmt::format("{} has no profile `{}`", name_, name));
    const std::string_view meant = closest(name, names);
    if (!meant.empty()) {
      problem.help = fmt::format("did you mean `{}`?", meant);
    } else if (!names.empty()) {
      problem.help = fmt::format("it has {}", fmt::join(names, ", "));
    }
  }

  const std::string& name_;
  std::string folder_;
  const LoadOptions& options_;
  Diagnostics& diagnostics_;
  Node profiles_;
};

}  // namespace

Architecture host_architecture() {
  return LINTEL_ARCH == name_of(Architecture::kArm64) ? Architecture::kArm64
                                                      : Architecture::kX86_64;
}

Loaded load_file(const std::string& path, const LoadOptions& options) {
  Diagnostics diagnostics;
  diagnostics.add_source(path, {});
  std::optional<std::string> text = read_text(path, diagnostics);
  if (!text) return {{}, diagnostics.take()};
  return load_text(path, std::move(*text), options);
}

Loaded load_text(const std::string& name, std::string text, const LoadOptions& options) {
  Diagnostics diagnostics;
  diagnostics.add_source(name, std::move(text));
  Loaded loaded;
  loaded.config = Loader(name, options, diagnostics).run();
  loaded.problems = diagnostics.take();
  return loaded;
}

}  // namespace lintel::config
