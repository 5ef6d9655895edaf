// SPDX-License-Identifier: Apache-2.0
// The control socket's requests: no bytes make the reader crash, hang or grow, it does not matter
// how they are cut into pieces, and every request gets one answer. The same bytes as an answer: no
// client is hurt by them.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/unit/api/fake_control.h"
#include "vmm/api/client.h"
#include "vmm/api/http.h"
#include "vmm/api/reply.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lintel::api;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);

  RequestReader whole;
  whole.feed(bytes);
  RequestReader pieces;
  for (size_t at = 0, step = 1; at < bytes.size(); at += step, step = step * 3 % 17 + 1) {
    pieces.feed(bytes.substr(at, step));
  }
  if (whole.state() != pieces.state() || whole.status() != pieces.status()) std::abort();
  if (whole.state() == RequestReader::State::kDone) {
    if (whole.request().body != pieces.request().body) std::abort();
    FakeControl control;
    int answers = 0;
    handle(control, whole.request(), [&](const Response& response) {
      ++answers;
      if (!parse_response(serialize(response))) std::abort();
    });
    if (answers != 1) std::abort();
  }

  if (const auto response = parse_response(bytes)) {
    error_in(*response).describe();
    try {
      status_text(response->body);
    } catch (const lintel::Error&) {
    }
  }
  return 0;
}
