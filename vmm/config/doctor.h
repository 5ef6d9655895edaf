// SPDX-License-Identifier: Apache-2.0
// `lintel doctor`: what this host has and lacks, and what to do about it. Changes nothing.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace lintel::doctor {

enum class Verdict { kOk, kWarn, kFail };

struct Finding {
  std::string name;
  Verdict verdict = Verdict::kOk;
  std::string message;
  std::string help = {};
};

// Where the checks look.
struct Host {
  std::string root;               // in front of /dev and /sys
  std::string search_path;        // of programs, with colons
  std::function<void()> use_kvm;  // throws Error unless KVM runs a guest
};

// "kvm|nested|...", the names of the checks.
std::string check_names();

// All checks, or the one that `only` names.
std::vector<Finding> examine(const Host& host, std::string_view only);

// Without those that are well.
std::vector<Finding> complaints(std::vector<Finding> findings);
bool failed(const std::vector<Finding>& findings);
std::string to_text(const std::vector<Finding>& findings);
std::string to_json(const std::vector<Finding>& findings);

}  // namespace lintel::doctor
