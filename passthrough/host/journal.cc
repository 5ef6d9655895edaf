// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/journal.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <span>
#include <string_view>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/run_folder.h"

namespace lintel::passthrough::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr std::string_view kMachineFile = "restore.json";
constexpr std::string_view kBoundFile = "bound.json";

Json device_json(const OldState& state) {
  Json item;
  item["device"] = to_string(state.address);
  item["ids"] = to_string(state.ids);
  item["driver"] = state.driver;
  item["driver_override"] = state.driver_override;
  if (state.d3cold_allowed) item["d3cold_allowed"] = *state.d3cold_allowed;
  item["power_control"] = state.power_control;
  item["runtime_status"] = state.runtime_status;
  if (!state.reset_methods.empty()) item["reset_methods"] = state.reset_methods;
  item["bar_sizes"] = Json::array();
  for (const OldBarSize& size : state.bar_sizes) {
    item["bar_sizes"].push_back({{"bar", size.bar}, {"code", size.code}});
  }
  return item;
}

OldState device_of(const Json& item) {
  OldState state;
  const std::string device = item.at("device").get<std::string>();
  const std::string id_text = item.at("ids").get<std::string>();
  const auto address = parse_address(device);
  const auto ids = parse_ids(id_text);
  if (!address || !ids) throw_error("\"{}\" with \"{}\" is no PCI device", device, id_text);
  state.address = *address;
  state.ids = *ids;
  // These become parts of paths, and of what is written to sysfs.
  for (const auto& [key, member] : {std::pair{"driver", &state.driver},
                                    {"driver_override", &state.driver_override},
                                    {"power_control", &state.power_control},
                                    {"runtime_status", &state.runtime_status},
                                    {"reset_methods", &state.reset_methods}}) {
    // Journals of older versions have none of the last.
    if (member == &state.reset_methods && !item.contains(key)) continue;
    *member = item.at(key).get<std::string>();
    if (member->find_first_of("/\n") != std::string::npos || *member == "..") {
      throw_error("\"{}\" is no {}", *member, key);
    }
  }
  if (item.contains("d3cold_allowed")) state.d3cold_allowed = item["d3cold_allowed"].get<bool>();
  for (const Json& size : item.at("bar_sizes")) {
    state.bar_sizes.push_back({size.at("bar").get<uint8_t>(), size.at("code").get<uint8_t>()});
  }
  return state;
}

void make_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return;
  throw_errno(errno, "Cannot make the folder {}", path);
}

void sync_folder(const std::string& path) {
  const UniqueFd fd = open_file(path, O_RDONLY | O_DIRECTORY);
  if (fsync(fd.get()) != 0) throw_errno(errno, "Cannot flush the folder {}", path);
}

// "pid:[4026531836]"; 0 if it is not to be seen.
uint64_t own_namespace(const Tree& tree) {
  constexpr std::string_view kKind = "pid:[";
  const std::string link = tree.link("/proc/self/ns/pid").value_or("");
  uint64_t inode = 0;
  if (link.starts_with(kKind)) {
    std::from_chars(link.data() + kKind.size(), link.data() + link.size(), inode);
  }
  return inode;
}

// Whoever has the lock has written its number there.
std::string holder_in(int fd) {
  std::array<char, 16> text{};
  const ssize_t count = pread(fd, text.data(), text.size(), 0);
  const std::string_view pid =
      trimmed(std::string_view(text.data(), static_cast<size_t>(std::max<ssize_t>(count, 0))));
  return pid.empty() ? "another process" : fmt::format("process {}", pid);
}

}  // namespace

std::optional<ProcessId> identify(const Tree& tree, int pid) {
  // The name in brackets may hold anything; the state comes behind the last bracket, the start time
  // 19 fields later.
  const std::string text = tree.text(fmt::format("/proc/{}/stat", pid));
  const size_t bracket = text.rfind(')');
  if (bracket == std::string::npos) return std::nullopt;
  const std::vector<std::string> fields = words(std::string_view(text).substr(bracket + 1));
  constexpr size_t kStart = 19;
  if (fields.size() <= kStart) return std::nullopt;
  if (fields[0] == "Z" || fields[0] == "X") return std::nullopt;  // it has let go of everything
  ProcessId id{.pid = pid, .pid_namespace = own_namespace(tree)};
  const std::string& start = fields[kStart];
  const auto result = std::from_chars(start.data(), start.data() + start.size(), id.start);
  if (result.ec != std::errc{}) return std::nullopt;
  return id;
}

std::string to_json(const Journal& journal) {
  Json root;
  root["version"] = kVersion;
  root["name"] = journal.name;
  if (journal.owner) {
    root["process"] = {{"pid", journal.owner->pid}, {"start", journal.owner->start}};
    if (journal.owner->pid_namespace != 0) {
      root["process"]["pid_namespace"] = journal.owner->pid_namespace;
    }
  }
  root["devices"] = Json::array();
  for (const OldState& state : journal.devices) root["devices"].push_back(device_json(state));
  return root.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Journal parse_journal(const std::string& text) {
  try {
    const Json root = Json::parse(text);
    if (root.at("version").get<int>() != kVersion) {
      throw_error("Its version is not {}", kVersion);
    }
    Journal journal;
    journal.name = root.at("name").get<std::string>();
    if (root.contains("process")) {
      const Json& process = root["process"];
      journal.owner = ProcessId{process.at("pid").get<int>(), process.at("start").get<uint64_t>()};
      // Journals of older versions do not say.
      if (process.contains("pid_namespace")) {
        journal.owner->pid_namespace = process["pid_namespace"].get<uint64_t>();
      }
    }
    for (const Json& item : root.at("devices")) journal.devices.push_back(device_of(item));
    return journal;
  } catch (const Json::exception& error) {
    throw Error(error.what());
  }
}

JournalFolder::JournalFolder(const Tree& tree, std::string folder,
                             std::chrono::milliseconds patience)
    : tree_(tree), folder_(std::move(folder)), patience_(patience) {}

std::string JournalFolder::folder_of(const std::string& name) const {
  if (name.empty()) return folder_;
  if (name == "." || name == ".." || name.find('/') != std::string::npos) {
    throw_error("\"{}\" is no name of a machine", name);
  }
  return fmt::format("{}/{}", folder_, name);
}

std::string JournalFolder::file(const std::string& name) const {
  return fmt::format("{}/{}", folder_of(name), name.empty() ? kBoundFile : kMachineFile);
}

UniqueFd JournalFolder::lock() const {
  if (folder_.empty()) {
    throw Error("There is no folder for the list of bound devices")
        .with_help("run as root, or in a session with XDG_RUNTIME_DIR");
  }
  make_run_folder(tree_.at(folder_));
  UniqueFd fd = open_file(tree_.at(folder_ + "/lock"), O_RDWR | O_CREAT, 0600);
  constexpr std::chrono::milliseconds kStep{20};
  std::chrono::milliseconds waited{0};
  while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) throw_errno(errno, "Cannot lock {}/lock", folder_);
    if (waited >= patience_) {
      throw Error(fmt::format("Cannot lock {}/lock: {} has had it for {} s", folder_,
                              holder_in(fd.get()), patience_.count() / 1000))
          .with_help(
              "it binds devices or gives them back; `lintel devices --users` and the host's "
              "kernel log may say what keeps it");
    }
    if (waited == std::chrono::milliseconds(1000)) {
      log::info("Waiting for {}, which binds devices or gives them back", holder_in(fd.get()));
    }
    std::this_thread::sleep_for(kStep);
    waited += kStep;
  }
  const std::string pid = fmt::format("{}\n", getpid());
  if (ftruncate(fd.get(), 0) != 0) throw_errno(errno, "Cannot write {}/lock", folder_);
  write_exactly(fd.get(), std::as_bytes(std::span(pid)), 0);
  return fd;
}

std::optional<Journal> JournalFolder::load(const std::string& name) const {
  const std::string path = file(name);
  if (!tree_.exists(path)) return std::nullopt;
  try {
    return parse_journal(read_whole_file(tree_.at(path), 1 << 20));
  } catch (Error& error) {
    throw std::move(error)
        .with_context(fmt::format("Cannot use {}, the list of bound devices", path))
        .with_help("move it away; the devices in it stay with vfio-pci, for a hand to give back");
  }
}

void JournalFolder::store(const Journal& journal) const {
  const std::string folder = tree_.at(folder_of(journal.name));
  const std::string path = tree_.at(file(journal.name));
  make_run_folder(tree_.at(folder_));
  if (journal.devices.empty()) {
    if (unlink(path.c_str()) != 0 && errno != ENOENT) throw_errno(errno, "Cannot remove {}", path);
    if (!journal.name.empty()) rmdir(folder.c_str());  // others may have files in it
    return;
  }
  make_folder(folder);
  const std::string fresh = path + ".new";
  {
    const UniqueFd fd = open_file(fresh, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const std::string text = to_json(journal);
    write_exactly(fd.get(), std::as_bytes(std::span(text.data(), text.size())), 0);
    if (fsync(fd.get()) != 0) throw_errno(errno, "Cannot flush {}", fresh);
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) throw_errno(errno, "Cannot rename {}", fresh);
  sync_folder(folder);
  sync_folder(tree_.at(folder_));
}

std::vector<std::string> JournalFolder::names() const {
  std::vector<std::string> out;
  if (folder_.empty()) return out;
  if (tree_.exists(file({}))) out.emplace_back();
  for (const std::string& name : tree_.folders(folder_)) {
    if (tree_.exists(file(name))) out.push_back(name);
  }
  return out;
}

bool JournalFolder::is_stale(const Journal& journal) const {
  if (!journal.owner) return true;
  if (is_elsewhere(*journal.owner)) return false;
  const auto now = identify(tree_, journal.owner->pid);
  return !now || now->start != journal.owner->start;
}

bool JournalFolder::is_elsewhere(const ProcessId& owner) const {
  const uint64_t here = own_namespace(tree_);
  return here != 0 && owner.pid_namespace != 0 && here != owner.pid_namespace;
}

Error JournalFolder::in_use(const Journal& journal, std::string help) const {
  if (!is_elsewhere(*journal.owner)) {
    return Error(fmt::format("The machine {} still runs, as process {}", journal.name,
                             journal.owner->pid))
        .with_help(std::move(help));
  }
  return Error(fmt::format("The machine {} was started as process {} of another PID namespace (a "
                           "container): whether it still runs is not to be seen from here",
                           journal.name, journal.owner->pid))
      .with_help(fmt::format("`lintel restore` in there knows; if that container is gone, remove "
                             "\"process\" from {}",
                             file(journal.name)));
}

}  // namespace lintel::passthrough::host
