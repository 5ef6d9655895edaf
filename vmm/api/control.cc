// SPDX-License-Identifier: Apache-2.0
#include "vmm/api/control.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "vmm/api/reply.h"

namespace lintel::api {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(const Json& body) {
  return body.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Response reply(const Json& body) {
  return {.status = 200, .body = text_of(body)};
}

Json to_json(const PassedStatus& passed) {
  Json bars = Json::array();
  for (const PassedStatus::Bar& bar : passed.bars) {
    Json pages = Json::array();
    for (const PassedStatus::Page& page : bar.pages) {
      pages.push_back({{"offset", page.offset}, {"accesses", page.accesses}});
    }
    Json holes = Json::array();
    for (const PassedStatus::Part& hole : bar.holes) {
      holes.push_back({{"offset", hole.offset}, {"size", hole.size}});
    }
    bars.push_back({{"bar", bar.index},
                    {"size", bar.size},
                    {"mapped", bar.mapped},
                    {"holes", std::move(holes)},
                    {"accesses", bar.accesses},
                    {"pages", std::move(pages)}});
  }
  Json regions = Json::array();
  for (const PassedStatus::Region& region : passed.regions) {
    regions.push_back({{"index", region.index},
                       {"type", region.type},
                       {"subtype", region.subtype},
                       {"size", region.size}});
  }
  Json json = {{"device", passed.device},
               {"interrupts", passed.interrupts},
               {"vectors", passed.vectors},
               {"most_vectors", passed.most_vectors}};
  if (!passed.intx_way.empty()) {
    json["intx"] = {{"way", passed.intx_way}, {"count", nullptr}};
    if (passed.intx_count) json["intx"]["count"] = *passed.intx_count;
  }
  json["config_accesses"] = passed.config_accesses;
  json["resets"] = passed.resets;
  json["failed_resets"] = passed.failed_resets;
  json["guest_resets"] = passed.guest_resets;
  json["bars"] = std::move(bars);
  json["regions"] = std::move(regions);
  return json;
}

Json to_json(const Status& status) {
  Json devices = Json::array();
  for (const DeviceStatus& device : status.devices) {
    devices.push_back({{"id", device.id},
                       {"kind", device.kind},
                       {"detail", device.detail},
                       {"state", device.state}});
  }
  Json json = {{"name", status.name},
               {"version", LINTEL_VERSION},
               {"state", to_string(status.state)},
               {"pid", status.pid},
               {"uptime_ms", status.uptime.count()},
               {"cpus", status.cpus},
               {"memory", status.memory},
               {"free_hotplug_ports", status.free_ports},
               {"devices", std::move(devices)}};
  if (!status.waiting.empty()) json["waiting_devices"] = status.waiting;
  if (status.passed.empty()) return json;
  Json passed = Json::array();
  for (const PassedStatus& device : status.passed) passed.push_back(to_json(device));
  json["passthrough"] = {{"dma_mapped", status.dma_mapped}, {"devices", std::move(passed)}};
  return json;
}

struct DeviceRequest {
  std::string device;
  bool flag = false;
};

// The body is {"device": "..."}, and perhaps has a boolean of this name; nothing if it is not.
std::optional<DeviceRequest> device_in(const Request& request, std::string_view flag) {
  // Depth is bounded by the body's size, and a parse needs no stack for it.
  const Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object()) return std::nullopt;
  DeviceRequest found;
  for (const auto& [key, value] : body.items()) {
    if (key == "device" && value.is_string()) {
      found.device = value.get<std::string>();
    } else if (key == flag && value.is_boolean()) {
      found.flag = value.get<bool>();
    } else {
      return std::nullopt;
    }
  }
  if (found.device.empty()) return std::nullopt;
  return found;
}

Response no_device(std::string_view flag) {
  return error_reply(
      kBadRequest,
      Error("The body is not {\"device\": \"ADDRESS\"}")
          .with_help(fmt::format("an address is \"0000:01:00.0\"; \"{}\": true may stand beside it",
                                 flag)));
}

void get_status(Control& control, const Request&, const Server::Answer& answer) {
  answer(reply(to_json(control.status())));
}

template <void (Control::*act)()>
void act_at_once(Control& control, const Request&, const Server::Answer& answer) {
  (control.*act)();
  answer(reply({{"state", to_string(control.status().state)}}));
}

Control::Done answer_for(const std::string& device, const Server::Answer& answer) {
  return [answer, device](const Result& result) {
    if (result.refusal) {
      answer(error_reply(result.refusal->status, result.refusal->error));
      return;
    }
    Json body{{"device", device}};
    if (!result.note.empty()) body["note"] = result.note;
    answer(reply(body));
  };
}

void attach(Control& control, const Request& request, const Server::Answer& answer) {
  constexpr std::string_view kFlag = "all_functions";
  const auto wanted = device_in(request, kFlag);
  if (!wanted) return answer(no_device(kFlag));
  control.attach({wanted->device, wanted->flag}, answer_for(wanted->device, answer));
}

void detach(Control& control, const Request& request, const Server::Answer& answer) {
  constexpr std::string_view kFlag = "force";
  const auto wanted = device_in(request, kFlag);
  if (!wanted) return answer(no_device(kFlag));
  control.detach({wanted->device, wanted->flag}, answer_for(wanted->device, answer));
}

struct Route {
  std::string_view method;
  std::string_view target;
  void (*serve)(Control& control, const Request& request, const Server::Answer& answer);
};

constexpr std::array kRoutes{
    Route{"GET", "/status", get_status},
    Route{"PUT", "/shutdown", act_at_once<&Control::shutdown>},
    Route{"PUT", "/kill", act_at_once<&Control::kill>},
    Route{"PUT", "/pause", act_at_once<&Control::pause>},
    Route{"PUT", "/resume", act_at_once<&Control::resume>},
    Route{"PUT", "/attach", attach},
    Route{"PUT", "/detach", detach},
};

Response no_such_target(const Request& request) {
  std::string targets;
  for (const Route& route : kRoutes) {
    targets += fmt::format("{}{} {}", targets.empty() ? "" : ", ", route.method, route.target);
  }
  return error_reply(kNotFound,
                     Error(fmt::format("There is no {}", request.target)).with_help(targets));
}

}  // namespace

std::string to_text(const Status& status) {
  return text_of(to_json(status));
}

void handle(Control& control, const Request& request, const Server::Answer& answer) {
  const auto* const route = std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& each) {
    return each.target == request.target;
  });
  if (route == kRoutes.end()) {
    answer(no_such_target(request));
    return;
  }
  if (route->method != request.method) {
    Response response = error_reply(kNotAllowed, fmt::format("{} takes {}, not {}", route->target,
                                                             route->method, request.method));
    response.allow = route->method;
    answer(response);
    return;
  }
  try {
    route->serve(control, request, answer);
  } catch (const Error& error) {
    answer(error_reply(kConflict, error));
  } catch (const std::exception& error) {
    answer(error_reply(kInternal, error.what()));
  }
}

std::string_view to_string(State state) {
  switch (state) {
    case State::kRunning: return "running";
    case State::kPaused: return "paused";
    case State::kShuttingDown: return "shutting-down";
    case State::kStopping: return "stopping";
  }
  return "";
}

}  // namespace lintel::api
