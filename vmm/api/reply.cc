// SPDX-License-Identifier: Apache-2.0
#include "vmm/api/reply.h"

#include <nlohmann/json.hpp>

namespace lintel::api {
namespace {

using Json = nlohmann::ordered_json;

// Null where it is absent, or is no string.
std::string text_in(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Response error_reply(int status, std::string_view message) {
  return error_reply(status, Error(std::string(message)));
}

Response error_reply(int status, const Error& error) {
  Json causes = Json::array();
  for (size_t i = 1; i < error.messages().size(); ++i) causes.push_back(error.messages()[i]);
  Json body;
  body["message"] = error.what();
  body["causes"] = std::move(causes);
  body["help"] = error.help();
  return {
      .status = status,
      .body = Json{{"error", std::move(body)}}.dump(2, ' ', false, Json::error_handler_t::replace) +
              '\n'};
}

Error error_in(const Response& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  const Json& error = body.is_object() && body.contains("error") ? body["error"] : body;
  if (!error.is_object() || text_in(error, "message").empty()) {
    return Error(fmt::format("The machine answered with status {}", response.status));
  }
  std::vector<std::string> messages{text_in(error, "message")};
  if (const auto causes = error.find("causes"); causes != error.end() && causes->is_array()) {
    for (const Json& cause : *causes) {
      if (cause.is_string()) messages.push_back(cause.get<std::string>());
    }
  }
  Error result(messages.back());
  messages.pop_back();
  while (!messages.empty()) {
    result = std::move(result).with_context(messages.back());
    messages.pop_back();
  }
  return std::move(result).with_help(text_in(error, "help"));
}

}  // namespace lintel::api
