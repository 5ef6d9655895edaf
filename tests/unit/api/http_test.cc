// SPDX-License-Identifier: Apache-2.0
#include "vmm/api/http.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace lintel::api {
namespace {

using State = RequestReader::State;

struct Hostile {
  std::string what;
  std::string bytes;
  int status;
};

std::string get(std::string_view fields) {
  return "GET /status HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}

std::vector<Hostile> hostile() {
  const std::string nul("\0", 1);
  return {
      {"nothing", "\r\n\r\n", 400},
      {"no target", "GET HTTP/1.1\r\n\r\n", 400},
      {"no version", "GET /status\r\n\r\n", 400},
      {"an old version", "GET /status HTTP/0.9\r\n\r\n", 505},
      {"a new version", "PRI /status HTTP/2.0\r\n\r\n", 505},
      {"another protocol", "GET /status SMTP/1.1\r\n\r\n", 400},
      {"a bare line feed", "GET /status HTTP/1.1\n\r\n\r\n", 505},
      {"two spaces", "GET  /status HTTP/1.1\r\n\r\n", 400},
      {"a space in the target", "GET /a b HTTP/1.1\r\n\r\n", 400},
      {"a target that is no path", "GET http://x/ HTTP/1.1\r\n\r\n", 400},
      {"a NUL in the target", "GET /" + nul + " HTTP/1.1\r\n\r\n", 400},
      {"a method that is no token", "G{T /status HTTP/1.1\r\n\r\n", 400},
      {"a long method", std::string(17, 'A') + " /status HTTP/1.1\r\n\r\n", 400},
      {"a field without a colon", get("Host\r\n"), 400},
      {"a field without a name", get(": x\r\n"), 400},
      {"a space before the colon", get("Host : x\r\n"), 400},
      {"a folded field", get("Host: x\r\n y\r\n"), 400},
      {"a control character", get("Host: \x01\r\n"), 400},
      {"a NUL", get("Host: " + nul + "\r\n"), 400},
      {"a lone carriage return", get("Host: a\rb\r\n"), 400},
      {"a negative length", get("Content-Length: -1\r\n"), 400},
      {"a signed length", get("Content-Length: +1\r\n"), 400},
      {"an empty length", get("Content-Length:\r\n"), 400},
      {"two lengths", get("Content-Length: 1\r\ncontent-length: 1\r\n"), 400},
      {"a list of lengths", get("Content-Length: 1, 1\r\n"), 400},
      {"a length beyond 64 bits", get("Content-Length: 99999999999999999999\r\n"), 400},
      {"a length beyond the limit", get("Content-Length: 16385\r\n"), 413},
      {"chunks", get("Transfer-Encoding: chunked\r\n"), 501},
      {"chunks and a length", get("Content-Length: 1\r\ntransfer-encoding: chunked\r\n"), 501},
      {"a head without an end", "GET /" + std::string(RequestReader::kMaxHead, 'a'), 431},
      {"a long field", get("A: " + std::string(RequestReader::kMaxHead, 'a') + "\r\n"), 431},
  };
}

TEST(RequestReader, Request_with_a_body_is_read) {
  RequestReader reader;
  EXPECT_EQ(reader.feed("PUT /attach?x HTTP/1.1\r\nhost: a\r\ncontent-LENGTH:  4 \r\n\r\nbodyrest"),
            State::kDone);
  EXPECT_EQ(reader.request().method, "PUT");
  EXPECT_EQ(reader.request().target, "/attach");
  EXPECT_EQ(reader.request().body, "body");
}

TEST(RequestReader, Request_is_the_same_byte_by_byte) {
  const std::string bytes = serialize(Request{"PUT", "/detach", "{\"device\": 1}"});
  RequestReader reader;
  for (size_t i = 0; i + 1 < bytes.size(); ++i) {
    ASSERT_EQ(reader.feed({&bytes[i], 1}), State::kMore) << i;
  }
  ASSERT_EQ(reader.feed({&bytes.back(), 1}), State::kDone);
  EXPECT_EQ(reader.request().body, "{\"device\": 1}");
}

TEST(RequestReader, Largest_body_is_taken) {
  RequestReader reader;
  reader.feed(get("Content-Length: 16384\r\n"));
  EXPECT_EQ(reader.feed(std::string(RequestReader::kMaxBody, 'x')), State::kDone);
  EXPECT_EQ(reader.request().body.size(), RequestReader::kMaxBody);
}

TEST(RequestReader, Largest_head_and_body_are_taken_in_one_piece) {
  std::string head = get("Content-Length: 16384\r\nA: \r\n");
  const size_t end = 4;  // not counted
  head.insert(head.size() - end, RequestReader::kMaxHead + end - head.size(), 'a');
  RequestReader reader;
  EXPECT_EQ(reader.feed(head + std::string(RequestReader::kMaxBody, 'x')), State::kDone);
  EXPECT_EQ(reader.request().body.size(), RequestReader::kMaxBody);
}

TEST(RequestReader, Hostile_input_is_refused) {
  for (const Hostile& each : hostile()) {
    RequestReader whole;
    EXPECT_EQ(whole.feed(each.bytes), State::kBad) << each.what;
    EXPECT_EQ(whole.status(), each.status) << each.what << ": " << whole.problem();
    EXPECT_FALSE(whole.problem().empty()) << each.what;
    RequestReader bytewise;
    for (const char byte : each.bytes) bytewise.feed({&byte, 1});
    EXPECT_EQ(bytewise.state(), State::kBad) << each.what;
    EXPECT_EQ(bytewise.status(), each.status) << each.what;
  }
}

TEST(RequestReader, What_is_cut_off_waits) {
  RequestReader reader;
  EXPECT_EQ(reader.feed(""), State::kMore);
  EXPECT_EQ(reader.feed("GET /status HTTP/1.1\r\n"), State::kMore);
  EXPECT_EQ(reader.feed("Content-Length: 2\r\n\r\na"), State::kMore);
}

TEST(Response, Survives_its_serialization) {
  const auto response = parse_response(serialize(Response{.status = 409, .body = "{}"}) + "more");
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 409);
  EXPECT_EQ(response->body, "{}");
}

TEST(Response, That_is_cut_off_or_is_none_is_not_taken) {
  const std::string whole = serialize(Response{.status = 200, .body = "{}"});
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_response(whole.substr(0, size)).has_value()) << size;
  }
  for (const std::string_view odd :
       {"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length\r\n\r\n", "HTTP/1.1 \r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n"}) {
    EXPECT_FALSE(parse_response(odd).has_value()) << odd;
  }
}

}  // namespace
}  // namespace lintel::api
