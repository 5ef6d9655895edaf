// SPDX-License-Identifier: Apache-2.0
// `lintel status`, `shutdown`, ...: asks a running machine at its control socket.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "vmm/api/control.h"
#include "vmm/api/http.h"

namespace lintel::api {

class Client {
 public:
  // Longer than any request takes: one that plugs a device may have hundreds of GiB pinned for it.
  static constexpr std::chrono::minutes kPatience{10};

  // `name` may be empty if only one machine runs. Throws Error.
  Client(std::string folder, const std::string& name,
         std::chrono::milliseconds patience = kPatience);

  const std::string& name() const { return name_; }

  // The answer's body. Throws Error for whatever is no success.
  std::string ask(std::string_view method, std::string_view target, const std::string& body = {});

  // The same, the machine's refusals included. Throws Error if there is no answer.
  Response request(std::string_view method, std::string_view target, const std::string& body = {});

 private:
  const std::string folder_;
  const std::string name_;
  const std::chrono::milliseconds patience_;
};

// The bodies of PUT /attach and /detach.
std::string body_of(const AttachRequest& request);
std::string body_of(const DetachRequest& request);

// What the machine says of something that it did; empty: nothing.
std::string note_in(const Response& response);

// What people read of the body of GET /status.
std::string status_text(const std::string& json);
// Of it only what is said of the host's devices, a line each.
std::vector<std::string> passed_lines(const std::string& json);

}  // namespace lintel::api
