// SPDX-License-Identifier: Apache-2.0
// The answers that the control socket gives.
#pragma once

#include <string>
#include <string_view>

#include "vmm/api/http.h"
#include "vmm/base/error.h"

namespace lintel::api {

// The statuses of refusals (RFC 9110, 15.5 and 15.6).
inline constexpr int kBadRequest = 400;
inline constexpr int kNotFound = 404;
inline constexpr int kNotAllowed = 405;
inline constexpr int kConflict = 409;  // the machine is in no state for it
inline constexpr int kInternal = 500;  // what should not happen
inline constexpr int kTimedOut = 504;  // the guest did not answer

// {"error": {"message": "...", "causes": [...], "help": "..."}}
Response error_reply(int status, std::string_view message);
Response error_reply(int status, const Error& error);

// The error in an answer that has one; whatever the answer is, an error comes out.
Error error_in(const Response& response);

}  // namespace lintel::api
