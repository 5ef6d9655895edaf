// SPDX-License-Identifier: Apache-2.0
// Functions and who owns them: a bridge is added before what is behind it, and goes after it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "vmm/pci/function.h"

namespace lintel::pci {

class FunctionList {
 public:
  FunctionList() = default;
  FunctionList(FunctionList&&) = default;
  FunctionList& operator=(FunctionList&&) = delete;
  ~FunctionList() {
    while (!functions_.empty()) functions_.pop_back();
  }

  void add(std::unique_ptr<Function> function) { functions_.push_back(std::move(function)); }
  void take(FunctionList&& others) {
    for (auto& function : others.functions_) add(std::move(function));
    others.functions_.clear();
  }

 private:
  std::vector<std::unique_ptr<Function>> functions_;
};

}  // namespace lintel::pci
