// SPDX-License-Identifier: Apache-2.0
// The lines of the log. Made before there are threads that log, and destroyed after them.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "vmm/base/log.h"
#include "vmm/base/unique_fd.h"

namespace lintel {

class LogCapture {
 public:
  explicit LogCapture(log::Level level = log::Level::kError)
      : path_(fmt::format("{}/log.{}", testing::TempDir(), getpid())) {
    std::filesystem::remove(path_);
    log::configure({.level = level, .format = log::Format::kText, .file = path_});
  }
  ~LogCapture() {
    log::configure({.level = log::Level::kWarn, .format = log::Format::kText, .file = {}});
    std::filesystem::remove(path_);
  }
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  std::string text() const { return read_whole_file(path_); }

 private:
  const std::string path_;
};

}  // namespace lintel
