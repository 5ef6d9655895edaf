// SPDX-License-Identifier: Apache-2.0
// Finds the user's commands among the keys that are for the guest: Ctrl-a x, Ctrl-a ? and
// Ctrl-a Ctrl-a (a Ctrl-a for the guest). Ctrl-a with any other key goes to the guest as typed.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lintel {

class EscapeFilter {
 public:
  struct Result {
    std::vector<std::byte> keys;  // for the guest
    bool quit = false;
    bool help = false;
  };

  // A command may be split between calls. What follows a quit is not looked at.
  Result feed(std::span<const std::byte> typed);

  static constexpr const char* kHelp =
      "\r\nCtrl-a x       stop the machine\r\n"
      "Ctrl-a Ctrl-a  send Ctrl-a to the guest\r\n"
      "Ctrl-a ?       this help\r\n";

 private:
  bool escaped_ = false;
};

}  // namespace lintel
