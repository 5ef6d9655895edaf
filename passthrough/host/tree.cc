// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/tree.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "vmm/base/unique_fd.h"

namespace lintel::passthrough::host {

namespace {

constexpr size_t kMaxText = size_t{8} << 20;
constexpr std::string_view kBlanks = " \t\r\n";

template <typename Wanted>
std::vector<std::string> list(const std::string& folder, Wanted wanted) {
  std::vector<std::string> out;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error);
  while (!error && entry != std::filesystem::directory_iterator()) {
    if (wanted(*entry)) out.push_back(entry->path().filename().string());
    entry.increment(error);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

bool Tree::exists(std::string_view path) const {
  return access(at(path).c_str(), F_OK) == 0;
}

bool Tree::is_readable(std::string_view path) const {
  return access(at(path).c_str(), R_OK) == 0;
}

bool Tree::is_writable(std::string_view path) const {
  return access(at(path).c_str(), W_OK) == 0;
}

std::string Tree::text(std::string_view path) const {
  std::string text;
  const UniqueFd fd(open(at(path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return text;
  std::array<char, 4096> chunk;
  while (text.size() < kMaxText) {
    const ssize_t got = read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    text.append(chunk.data(), static_cast<size_t>(got));
  }
  return text;
}

std::vector<std::string> Tree::lines(std::string_view path) const {
  std::vector<std::string> out;
  const std::string whole = text(path);
  std::string_view rest = whole;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!trimmed(line).empty()) out.emplace_back(line);
  }
  return out;
}

std::optional<std::string> Tree::word(std::string_view path) const {
  if (!exists(path)) return std::nullopt;
  return std::string(trimmed(text(path)));
}

std::optional<uint64_t> Tree::number(std::string_view path) const {
  const std::string whole = text(path);
  std::string_view digits = trimmed(whole);
  const bool hex = digits.starts_with("0x");
  if (hex) digits.remove_prefix(2);
  uint64_t value = 0;
  const auto result =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (result.ec != std::errc{} || result.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::vector<std::string> Tree::names(std::string_view path) const {
  return list(at(path), [](const std::filesystem::directory_entry&) { return true; });
}

std::vector<std::string> Tree::folders(std::string_view path) const {
  return list(at(path), [](const std::filesystem::directory_entry& entry) {
    std::error_code error;
    return std::filesystem::is_directory(entry.symlink_status(error));
  });
}

std::optional<std::string> Tree::link(std::string_view path) const {
  std::array<char, 4096> target;
  const ssize_t length = readlink(at(path).c_str(), target.data(), target.size());
  if (length < 0) return std::nullopt;
  return std::string(target.data(), static_cast<size_t>(length));
}

std::optional<std::string> Tree::link_name(std::string_view path) const {
  const auto target = link(path);
  if (!target) return std::nullopt;
  return std::string(last_part(*target));
}

bool Tree::is_claimed(std::string_view block_device) const {
  const UniqueFd fd(open(at(block_device).c_str(), O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC));
  return !fd && errno == EBUSY;
}

std::vector<std::string> words(std::string_view line) {
  std::vector<std::string> out;
  while (true) {
    const size_t start = line.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) return out;
    line.remove_prefix(start);
    const std::string_view word = line.substr(0, line.find_first_of(kBlanks));
    out.emplace_back(word);
    line.remove_prefix(word.size());
  }
}

std::string_view trimmed(std::string_view text) {
  const size_t start = text.find_first_not_of(kBlanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(kBlanks) - start + 1);
}

std::string_view last_part(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);
}

}  // namespace lintel::passthrough::host
