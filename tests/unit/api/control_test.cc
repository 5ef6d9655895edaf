// SPDX-License-Identifier: Apache-2.0
#include "vmm/api/control.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/api/fake_control.h"
#include "vmm/api/client.h"
#include "vmm/api/reply.h"

namespace lintel::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Response answer_to(FakeControl& control, const Request& request) {
  std::vector<Response> answers;
  handle(control, request, [&](const Response& response) { answers.push_back(response); });
  EXPECT_EQ(answers.size(), 1u) << request.target;
  return answers.empty() ? Response{} : answers.front();
}

TEST(Control, Requests_reach_the_machine) {
  FakeControl control;
  for (const char* target : {"/shutdown", "/kill", "/pause", "/resume"}) {
    EXPECT_EQ(answer_to(control, {"PUT", target, ""}).status, 200) << target;
  }
  EXPECT_EQ(answer_to(control, {"PUT", "/attach", body_of(AttachRequest{"a"})}).status, 200);
  EXPECT_EQ(answer_to(control, {"PUT", "/detach", body_of(DetachRequest{"b"})}).status, 200);
  EXPECT_EQ(answer_to(control, {"PUT", "/detach", body_of(DetachRequest{"c", true})}).status, 200);
  EXPECT_EQ(answer_to(control, {"PUT", "/attach", body_of(AttachRequest{"d", true})}).status, 200);
  EXPECT_THAT(control.calls, ElementsAre("shutdown", "kill", "pause", "resume", "attach a",
                                         "detach b", "force out c", "attach all of d"));
}

TEST(Control, Status_is_json_and_text) {
  FakeControl control;
  const Response response = answer_to(control, {"GET", "/status", ""});
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("\"state\": \"paused\""));
  EXPECT_THAT(response.body, HasSubstr("\"memory\": 536870912"));
  const std::string text = status_text(response.body);
  EXPECT_THAT(text, HasSubstr("box: paused, process 42, up 1.5 s, 2 CPUs, 512 MiB\n"));
  EXPECT_THAT(text, HasSubstr("root"));
  EXPECT_THAT(text, HasSubstr("/disk.img"));
}

TEST(Control, Passed_devices_are_in_the_status) {
  FakeControl control;
  EXPECT_THAT(answer_to(control, {"GET", "/status", ""}).body,
              ::testing::Not(HasSubstr("passthrough")));
  control.answer.dma_mapped = 536870912;
  control.answer.passed = {{.device = "0000:01:00.0",
                            .interrupts = "INTx",
                            .vectors = 1,
                            .most_vectors = 1,
                            .intx_way = "kernel",
                            .intx_count = 7,
                            .config_accesses = 40,
                            .resets = 2,
                            .bars = {{.index = 1,
                                      .size = 16384,
                                      .mapped = 12288,
                                      .holes = {{.offset = 8192, .size = 4096}},
                                      .accesses = 5,
                                      .pages = {{.offset = 8192, .accesses = 5}}}},
                            .regions = {{9, 0x80008086, 1, 8192}}}};
  const Response response = answer_to(control, {"GET", "/status", ""});
  const auto json = nlohmann::json::parse(response.body);
  const auto expected = nlohmann::json::parse(R"({"dma_mapped": 536870912, "devices": [
      {"device": "0000:01:00.0", "interrupts": "INTx", "vectors": 1, "most_vectors": 1,
       "intx": {"way": "kernel", "count": 7}, "config_accesses": 40, "resets": 2,
       "failed_resets": 0, "guest_resets": 0,
       "bars": [{"bar": 1, "size": 16384, "mapped": 12288,
                 "holes": [{"offset": 8192, "size": 4096}], "accesses": 5,
                 "pages": [{"offset": 8192, "accesses": 5}]}],
       "regions": [{"index": 9, "type": 2147516550, "subtype": 1, "size": 8192}]}]})");
  EXPECT_EQ(json.at("passthrough"), expected);
  EXPECT_THAT(
      status_text(response.body),
      HasSubstr("  512 MiB of memory are mapped for DMA\n"
                "  0000:01:00.0: INTx x1, 12 KiB of BARs mapped, 45 exits, 2 resets\n"
                "    BAR 1: 12288 of 16384 bytes mapped, not [0x2000, +0x1000); 5 exits: 5 at "
                "0x2000\n"
                "    region 9 of the host's driver, type 0x80008086, 0x1: 8192 bytes\n"));
  control.answer.passed.front().failed_resets = 3;
  EXPECT_THAT(status_text(answer_to(control, {"GET", "/status", ""}).body),
              HasSubstr("2 resets, 3 failed\n"));
  control.answer.passed.front().guest_resets = 4;
  EXPECT_THAT(status_text(answer_to(control, {"GET", "/status", ""}).body),
              HasSubstr("2 resets, 3 failed, and 4 by the guest\n"));
  control.answer.passed.front().most_vectors = 6;
  EXPECT_THAT(passed_lines(answer_to(control, {"GET", "/status", ""}).body).at(1),
              HasSubstr("INTx x1 (at most 6), 12 KiB"));
  control.answer.passed.front().intx_count.reset();
  EXPECT_THAT(answer_to(control, {"GET", "/status", ""}).body, HasSubstr("\"count\": null"));
}

TEST(Control, Functions_that_wait_for_their_group_are_in_the_status) {
  FakeControl control;
  EXPECT_THAT(answer_to(control, {"GET", "/status", ""}).body,
              ::testing::Not(HasSubstr("waiting_devices")));
  control.answer.waiting = {"0000:01:00.1"};
  const std::string body = answer_to(control, {"GET", "/status", ""}).body;
  EXPECT_EQ(nlohmann::json::parse(body).at("waiting_devices").at(0), "0000:01:00.1");
  EXPECT_THAT(status_text(body), HasSubstr("0000:01:00.1 has left and stays with vfio-pci"));
}

TEST(Control, Note_on_what_was_done_is_in_the_answer) {
  FakeControl control;
  const Request request{"PUT", "/detach", body_of(DetachRequest{"b"})};
  EXPECT_EQ(note_in(answer_to(control, request)), "");
  control.remark = "it waits";
  const Response response = answer_to(control, request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(note_in(response), "it waits");
}

TEST(Control, Names_that_are_no_utf8_do_not_break_the_answer) {
  FakeControl control;
  control.answer.devices.front().detail = "/\xff.img";
  EXPECT_EQ(answer_to(control, {"GET", "/status", ""}).status, 200);
}

TEST(Control, Unknown_requests_are_refused_with_what_there_is) {
  FakeControl control;
  const Response missing = answer_to(control, {"GET", "/metrics", ""});
  EXPECT_EQ(missing.status, 404);
  EXPECT_THAT(error_in(missing).help(), HasSubstr("PUT /shutdown"));
  const Response method = answer_to(control, {"POST", "/kill", ""});
  EXPECT_EQ(method.status, 405);
  EXPECT_EQ(method.allow, "PUT");
  EXPECT_TRUE(control.calls.empty());
}

TEST(Control, Device_must_be_named_and_nothing_else) {
  FakeControl control;
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("{}"), std::string("null"),
        std::string("{\"device\": 1}"), std::string("{\"device\": \"\"}"),
        std::string("{\"device\": \"a\", \"x\": 1}"), std::string("{\"device\": \"a\"} x"),
        std::string("{\"device\": \"a\", \"force\": true}"), std::string("{\"force\": true}"),
        std::string("\xff"), std::string(RequestReader::kMaxBody, '[')}) {
    EXPECT_EQ(answer_to(control, {"PUT", "/attach", body}).status, 400) << body.substr(0, 40);
  }
  EXPECT_TRUE(control.calls.empty());
}

TEST(Control, Force_is_a_boolean_of_detach) {
  FakeControl control;
  for (const char* body : {R"({"device": "a", "force": 1})", R"({"force": true})"}) {
    EXPECT_EQ(answer_to(control, {"PUT", "/detach", body}).status, 400) << body;
  }
  EXPECT_TRUE(control.calls.empty());
}

TEST(Control, Refusals_keep_their_causes_and_help) {
  FakeControl control;
  control.refusal = Refusal{kTimedOut, Error("inner").with_context("outer").with_help("try")};
  const Response late = answer_to(control, {"PUT", "/detach", body_of(DetachRequest{"a"})});
  EXPECT_EQ(late.status, kTimedOut);
  EXPECT_EQ(error_in(late).describe(), "outer\n  caused by: inner\n  help: try");
  control.throws = true;
  const Response refused = answer_to(control, {"PUT", "/pause", ""});
  EXPECT_EQ(refused.status, kConflict);
  EXPECT_EQ(error_in(refused).describe(), "stopping");
}

TEST(Control, What_should_not_happen_is_answered_too) {
  FakeControl control;
  control.breaks = true;
  const Response answer = answer_to(control, {"PUT", "/pause", ""});
  EXPECT_EQ(answer.status, kInternal);
  EXPECT_EQ(error_in(answer).describe(), "no thread");
}

TEST(Control, Answers_that_are_no_errors_are_still_errors_to_who_wanted_one) {
  for (const char* body : {"", "[]", "{}", "{\"error\": []}", "{\"error\": {\"message\": 1}}"}) {
    EXPECT_THAT(error_in({.status = 500, .body = body}).what(), HasSubstr("500")) << body;
  }
}

}  // namespace
}  // namespace lintel::api
