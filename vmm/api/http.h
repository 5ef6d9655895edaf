// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 (RFC 9112), as much of it as a control socket needs: one request and one answer for each
// connection, bodies with a length. What the other side sends is data: every size is bounded, and
// what is not understood is refused.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lintel::api {

struct Request {
  std::string method;  // "GET"
  std::string target;  // "/status", without a query
  std::string body;
};

struct Response {
  int status = 200;
  std::string body;        // JSON
  std::string allow = {};  // the methods that a 405 tells of
};

// Collects the bytes of one request.
class RequestReader {
 public:
  static constexpr size_t kMaxHead = 8 * 1024;
  static constexpr size_t kMaxBody = 16 * 1024;

  enum class State { kMore, kDone, kBad };

  // Once done or bad it stays so, and further bytes are dropped.
  State feed(std::string_view bytes);
  State state() const { return state_; }
  // Of state kDone.
  const Request& request() const { return request_; }
  // Of state kBad: the status to answer with, and what is wrong in one sentence.
  int status() const { return status_; }
  const std::string& problem() const { return problem_; }

 private:
  void read_head(std::string_view head);
  bool read_request_line(std::string_view line);
  bool read_field(std::string_view line);
  bool fail(int status, std::string_view problem);

  State state_ = State::kMore;
  std::string buffer_;
  bool has_head_ = false;
  std::optional<size_t> length_;  // of the body
  Request request_;
  int status_ = 0;
  std::string problem_;
};

// The whole answer, with "Connection: close".
std::string serialize(const Response& response);
std::string serialize(const Request& request);

// The answer in what a connection brought until its end; empty if it is none, or is cut off.
std::optional<Response> parse_response(std::string_view bytes);

}  // namespace lintel::api
