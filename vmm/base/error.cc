// SPDX-License-Identifier: Apache-2.0
#include "vmm/base/error.h"

#include <cstring>

namespace lintel {

Error::Error(std::string what, int errno_value) : errno_(errno_value) {
  messages_.push_back(std::move(what));
  if (errno_value != 0) messages_.push_back(errno_text(errno_value));
}

Error Error::with_context(std::string outer) && {
  messages_.insert(messages_.begin(), std::move(outer));
  return std::move(*this);
}

Error Error::with_help(std::string help) && {
  help_ = std::move(help);
  return std::move(*this);
}

std::string Error::describe() const {
  std::string text = messages_.front();
  for (size_t i = 1; i < messages_.size(); ++i) text += "\n  caused by: " + messages_[i];
  if (!help_.empty()) text += "\n  help: " + help_;
  return text;
}

void throw_errno_message(int errno_value, std::string what) {
  throw Error(std::move(what), errno_value);
}

std::string errno_text(int errno_value) {
  char buffer[128];
  // The GNU variant: returns the text, which need not be in `buffer`.
  const char* text = strerror_r(errno_value, buffer, sizeof buffer);
  return fmt::format("{} ({})", text, errno_value);
}

}  // namespace lintel
