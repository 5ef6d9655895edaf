// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/problem.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "vmm/config/utf8.h"

namespace lintel::config {

namespace {

std::string_view line_of(std::string_view text, uint32_t line) {
  if (line == 0) return {};
  for (; line > 1; --line) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string_view found = text.substr(0, text.find('\n'));
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

std::string code(const Problem& problem) {
  const bool error = problem.severity == Severity::kError;
  return fmt::format("{}[{}{}]", error ? "error" : "warning", error ? 'E' : 'W',
                     static_cast<unsigned>(problem.id));
}

// Blanks as wide as the first `columns` code points of the line; tabs stay tabs.
std::string padding(std::string_view line, uint32_t columns) {
  std::string pad;
  for (const char c : line) {
    if (pad.size() == columns) break;
    if (!utf8::is_continuation(c)) pad += c == '\t' ? '\t' : ' ';
  }
  return pad;
}

std::string indented(std::string_view label, std::string_view text) {
  std::string out = fmt::format("   {}: ", label);
  const std::string continuation(out.size(), ' ');
  for (const char c : text) {
    out += c;
    if (c == '\n') out += continuation;
  }
  return out + '\n';
}

}  // namespace

uint32_t Diagnostics::add_source(std::string name, std::string text) {
  sources_.push_back({std::move(name), std::move(text)});
  return static_cast<uint32_t>(sources_.size() - 1);
}

Problem& Diagnostics::error(ProblemId id, const Origin& origin, std::string_view message) {
  return report(Severity::kError, id, origin, message);
}

Problem& Diagnostics::warning(ProblemId id, const Origin& origin, std::string_view message) {
  return report(Severity::kWarning, id, origin, message);
}

Problem& Diagnostics::report(Severity severity, ProblemId id, const Origin& origin,
                             std::string_view message) {
  if (entries_.size() == kMaxProblems) {
    ++suppressed_;
    return scratch_;
  }
  const Source& source = sources_.at(origin.source);
  Problem problem;
  problem.severity = severity;
  problem.id = id;
  problem.file = source.name;
  problem.line = origin.line;
  problem.column = origin.column;
  problem.length = origin.length;
  problem.source_line = utf8::printable(line_of(source.text, origin.line));
  problem.message = utf8::printable(message);
  entries_.push_back({origin, std::move(problem)});
  return entries_.back().problem;
}

bool Diagnostics::has_errors() const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.problem.severity == Severity::kError; });
}

std::vector<Problem> Diagnostics::take() {
  const auto key = [](const Entry& entry) {
    return std::tie(entry.origin.source, entry.origin.line, entry.origin.column, entry.problem.id,
                    entry.problem.message);
  };
  std::sort(entries_.begin(), entries_.end(),
            [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
  const auto end = std::unique(entries_.begin(), entries_.end(),
                               [&](const Entry& a, const Entry& b) { return key(a) == key(b); });
  std::vector<Problem> problems;
  for (auto entry = entries_.begin(); entry != end; ++entry) {
    problems.push_back(std::move(entry->problem));
  }
  if (suppressed_ != 0) {
    Problem rest;
    rest.id = problems.back().id;
    rest.file = problems.back().file;
    rest.message = fmt::format("{} more problems are not shown", suppressed_);
    problems.push_back(std::move(rest));
  }
  entries_.clear();
  suppressed_ = 0;
  return problems;
}

bool has_errors(const std::vector<Problem>& problems) {
  return std::any_of(problems.begin(), problems.end(),
                     [](const Problem& p) { return p.severity == Severity::kError; });
}

std::string to_text(const Problem& problem) {
  std::string out = problem.file;
  if (problem.line != 0) out += fmt::format(":{}:{}", problem.line, problem.column);
  out += fmt::format(": {}: {}\n", code(problem), problem.message);
  if (problem.line != 0 && !problem.source_line.empty()) {
    const uint32_t before = problem.column > 0 ? problem.column - 1 : 0;
    const auto width = static_cast<uint32_t>(utf8::length(problem.source_line));
    const uint32_t room = width > before ? width - before : 1;
    const uint32_t carets = std::clamp<uint32_t>(problem.length, 1, room);
    out += fmt::format("{:>5} | {}\n", problem.line, problem.source_line);
    out += fmt::format("      | {}{}\n", padding(problem.source_line, before),
                       std::string(carets, '^'));
  }
  for (const std::string& note : problem.notes) out += indented("note", note);
  if (!problem.help.empty()) out += indented("help", problem.help);
  return out;
}

std::string to_text(const std::vector<Problem>& problems) {
  std::string out;
  for (const Problem& problem : problems) out += to_text(problem);
  return out;
}

std::string to_json(const std::vector<Problem>& problems) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Problem& problem : problems) {
    const bool error = problem.severity == Severity::kError;
    nlohmann::ordered_json item;
    item["severity"] = error ? "error" : "warning";
    item["id"] = fmt::format("{}{}", error ? 'E' : 'W', static_cast<unsigned>(problem.id));
    item["file"] = problem.file;
    item["line"] = problem.line;
    item["column"] = problem.column;
    item["length"] = problem.length;
    item["message"] = problem.message;
    item["notes"] = problem.notes;
    item["help"] = problem.help;
    list.push_back(std::move(item));
  }
  return list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace lintel::config
