// SPDX-License-Identifier: Apache-2.0
#include "vmm/api/http.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace lintel::api {
namespace {

constexpr std::string_view kEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr size_t kMaxMethod = 16;

// RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// Visible ASCII; in a field's value also spaces, tabs and what is above ASCII (RFC 9110, 5.5).
bool is_visible(char c) {
  return c > ' ' && c < 0x7f;
}
bool is_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_visible(c) || c == ' ' || c == '\t' || (c & 0x80) != 0;
  });
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  const size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool same_name(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

// Digits and nothing else.
std::optional<size_t> parse_number(std::string_view text) {
  size_t value = 0;
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (text.empty() || !digits) return std::nullopt;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc()) return std::nullopt;
  return value;
}

// Takes a line off the front, without its end.
std::string_view take_line(std::string_view& text) {
  const size_t end = std::min(text.find(kEnd), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + kEnd.size(), text.size()));
  return line;
}

std::string_view reason(int status) {
  switch (status) {
    case 200: return "OK";
    case 400: return "Bad Request";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "";
  }
}

}  // namespace

RequestReader::State RequestReader::feed(std::string_view bytes) {
  if (state_ != State::kMore) return state_;
  const size_t most = has_head_ ? *length_ : kMaxHead + kHeadEnd.size() + kMaxBody;
  const size_t room = most - buffer_.size();
  const size_t searched = buffer_.size() < kHeadEnd.size() ? 0 : buffer_.size() - kHeadEnd.size();
  buffer_.append(bytes.substr(0, room));
  if (!has_head_) {
    const size_t end = buffer_.find(kHeadEnd, searched);
    if (std::min(end, buffer_.size()) > kMaxHead) {
      fail(431, "The request's head is too long");
      return state_;
    }
    if (end == std::string::npos) return state_;
    read_head(std::string_view(buffer_).substr(0, end));
    if (state_ == State::kBad) return state_;
    has_head_ = true;
    buffer_.erase(0, end + kHeadEnd.size());
    buffer_.resize(std::min(buffer_.size(), *length_));
  }
  if (buffer_.size() == *length_) {
    request_.body = std::move(buffer_);
    state_ = State::kDone;
  }
  return state_;
}

void RequestReader::read_head(std::string_view head) {
  if (!read_request_line(take_line(head))) return;
  while (!head.empty()) {
    if (!read_field(take_line(head))) return;
  }
  if (!length_) length_ = 0;
}

bool RequestReader::read_request_line(std::string_view line) {
  const size_t first = line.find(' ');
  const size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) {
    return fail(400, "The request line is not METHOD TARGET HTTP/1.1");
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || method.size() > kMaxMethod) return fail(400, "The method is no token");
  if (!target.starts_with('/') || !std::all_of(target.begin(), target.end(), is_visible)) {
    return fail(400, "The target is no path");
  }
  if (!version.starts_with("HTTP/")) return fail(400, "The request is not HTTP");
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return fail(505, "The version is not 1.1");
  request_.method = method;
  request_.target = target.substr(0, target.find('?'));
  return true;
}

bool RequestReader::read_field(std::string_view line) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    return fail(400, "A header field has no name");
  }
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_value(value)) return fail(400, "A header field has control characters");
  if (same_name(name, "Transfer-Encoding")) {
    return fail(501, "The body must come with a Content-Length");
  }
  if (!same_name(name, "Content-Length")) return true;
  const std::optional<size_t> length = parse_number(value);
  // Two lengths, or none that is a number: nobody knows where the body ends (RFC 9112, 6.3).
  if (!length || length_) return fail(400, "The Content-Length is not one number");
  if (*length > kMaxBody) return fail(413, "The body is too long");
  length_ = length;
  return true;
}

bool RequestReader::fail(int status, std::string_view problem) {
  state_ = State::kBad;
  status_ = status;
  problem_ = problem;
  buffer_ = {};
  return false;
}

std::string serialize(const Response& response) {
  const std::string allow =
      response.allow.empty() ? "" : fmt::format("Allow: {}\r\n", response.allow);
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{}"
      "Connection: close\r\n\r\n{}",
      response.status, reason(response.status), response.body.size(), allow, response.body);
}

std::string serialize(const Request& request) {
  return fmt::format(
      "{} {} HTTP/1.1\r\nHost: lintel\r\nContent-Type: application/json\r\nContent-Length: {}\r\n"
      "Connection: close\r\n\r\n{}",
      request.method, request.target, request.body.size(), request.body);
}

std::optional<Response> parse_response(std::string_view bytes) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  const size_t end = bytes.find(kHeadEnd);
  if (end == std::string_view::npos || !bytes.starts_with(kVersion)) return std::nullopt;
  std::string_view head = bytes.substr(0, end);
  const std::string_view body = bytes.substr(end + kHeadEnd.size());
  const std::optional<size_t> status = parse_number(take_line(head).substr(kVersion.size(), 3));
  if (!status) return std::nullopt;
  while (!head.empty()) {
    const std::string_view line = take_line(head);
    const size_t colon = std::min(line.find(':'), line.size());
    if (!same_name(line.substr(0, colon), "Content-Length")) continue;
    const std::optional<size_t> length =
        parse_number(trim(line.substr(std::min(colon + 1, line.size()))));
    if (!length || *length > body.size()) return std::nullopt;
    return Response{.status = static_cast<int>(*status), .body = std::string(body, 0, *length)};
  }
  return std::nullopt;
}

}  // namespace lintel::api
