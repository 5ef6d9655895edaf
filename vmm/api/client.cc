// SPDX-License-Identifier: Apache-2.0
#include "vmm/api/client.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "vmm/api/reply.h"
#include "vmm/api/socket_file.h"
#include "vmm/base/error.h"
#include "vmm/base/text.h"
#include "vmm/base/types.h"

namespace lintel::api {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMaxAnswer = kMiB;

std::string the_only_machine(const std::string& folder) {
  const std::vector<std::string> names = running_machines(folder);
  if (names.size() == 1) return names.front();
  if (names.empty()) {
    throw Error("No machine of yours runs").with_help("`lintel run FILE` starts one");
  }
  throw Error("More than one machine runs: say which").with_help(join(names));
}

void set_patience(int fd, std::chrono::milliseconds patience) {
  const timeval time{.tv_sec = patience.count() / 1000, .tv_usec = patience.count() % 1000 * 1000};
  for (const int option : {SO_RCVTIMEO, SO_SNDTIMEO}) {
    setsockopt(fd, SOL_SOCKET, option, &time, sizeof time);
  }
}

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

// Until the other side has said all, or its patience or ours is at an end.
std::string receive_all(int fd) {
  std::string all;
  std::array<char, 4096> bytes;
  while (all.size() < kMaxAnswer) {
    const ssize_t count = recv(fd, bytes.data(), bytes.size(), 0);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    all.append(bytes.data(), static_cast<size_t>(count));
  }
  return all;
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return "?";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string device_body(const std::string& device, const char* flag, bool on) {
  Json body{{"device", device}};
  if (on) body[flag] = true;
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

uint64_t number_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

}  // namespace

Client::Client(std::string folder, const std::string& name, std::chrono::milliseconds patience)
    : folder_(std::move(folder)),
      name_(name.empty() ? the_only_machine(folder_) : name),
      patience_(patience) {}

Response Client::request(std::string_view method, std::string_view target,
                         const std::string& body) {
  UniqueFd fd;
  try {
    fd = connect_to(socket_path(folder_, name_));
  } catch (Error& error) {
    if (error.errno_value() != ENOENT && error.errno_value() != ECONNREFUSED) throw;
    throw Error(fmt::format("No machine with the name \"{}\" runs", name_))
        .with_help("`lintel status --names` lists those that do");
  }
  set_patience(fd.get(), patience_);
  const Request request{.method = std::string(method), .target = std::string(target), .body = body};
  // A machine that answers before it has read all is listened to all the same.
  send_all(fd.get(), serialize(request));
  const std::optional<Response> response = parse_response(receive_all(fd.get()));
  if (!response) throw_error("The machine \"{}\" gave no answer: it may have ended", name_);
  return *response;
}

std::string Client::ask(std::string_view method, std::string_view target, const std::string& body) {
  Response response = request(method, target, body);
  if (response.status != 200) throw error_in(response);
  return std::move(response.body);
}

std::string body_of(const AttachRequest& request) {
  return device_body(request.device, "all_functions", request.all_functions);
}

std::string body_of(const DetachRequest& request) {
  return device_body(request.device, "force", request.force);
}

std::string note_in(const Response& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  if (!body.is_object()) return {};
  const auto note = body.find("note");
  return note != body.end() && note->is_string() ? note->get<std::string>() : "";
}

namespace {

// The objects of an array; others of its elements are not ours.
std::vector<Json> objects_in(const Json& parent, const char* key) {
  std::vector<Json> found;
  const auto array = parent.find(key);
  if (array == parent.end() || !array->is_array()) return found;
  for (const Json& element : *array) {
    if (element.is_object()) found.push_back(element);
  }
  return found;
}

// What of a BAR is mapped, and where it exits.
std::string bar_line(const Json& bar) {
  std::string line = fmt::format("  BAR {}: {} of {} bytes mapped", text_of(bar, "bar"),
                                 text_of(bar, "mapped"), text_of(bar, "size"));
  std::string_view before = ", not ";
  for (const Json& hole : objects_in(bar, "holes")) {
    line += fmt::format("{}[{:#x}, +{:#x})", std::exchange(before, ", "), number_of(hole, "offset"),
                        number_of(hole, "size"));
  }
  line += fmt::format("; {} exits", text_of(bar, "accesses"));
  before = ": ";
  for (const Json& page : objects_in(bar, "pages")) {
    line += fmt::format("{}{} at {:#x}", std::exchange(before, ", "), text_of(page, "accesses"),
                        number_of(page, "offset"));
  }
  return line;
}

std::string device_line(const Json& device) {
  uint64_t mapped = 0;
  uint64_t exits = number_of(device, "config_accesses");
  for (const Json& bar : objects_in(device, "bars")) {
    mapped += number_of(bar, "mapped");
    exits += number_of(bar, "accesses");
  }
  const uint64_t most = number_of(device, "most_vectors");
  const uint64_t failed = number_of(device, "failed_resets");
  const uint64_t guest = number_of(device, "guest_resets");
  return fmt::format(
      "{}: {} x{}{}, {} KiB of BARs mapped, {} exits, {} resets{}{}", text_of(device, "device"),
      text_of(device, "interrupts"), text_of(device, "vectors"),
      most <= number_of(device, "vectors") ? "" : fmt::format(" (at most {})", most), mapped / kKiB,
      exits, text_of(device, "resets"), failed == 0 ? "" : fmt::format(", {} failed", failed),
      guest == 0 ? "" : fmt::format(", and {} by the guest", guest));
}

std::vector<std::string> passed_lines_of(const Json& status) {
  std::vector<std::string> lines;
  const auto passthrough = status.find("passthrough");
  if (passthrough == status.end() || !passthrough->is_object()) return lines;
  lines.push_back(fmt::format("{} MiB of memory are mapped for DMA",
                              number_of(*passthrough, "dma_mapped") / kMiB));
  for (const Json& device : objects_in(*passthrough, "devices")) {
    lines.push_back(device_line(device));
    for (const Json& bar : objects_in(device, "bars")) lines.push_back(bar_line(bar));
    for (const Json& region : objects_in(device, "regions")) {
      lines.push_back(fmt::format("  region {} of the host's driver, type {:#x}, {:#x}: {} bytes",
                                  text_of(region, "index"), number_of(region, "type"),
                                  number_of(region, "subtype"), text_of(region, "size")));
    }
  }
  return lines;
}

}  // namespace

std::vector<std::string> passed_lines(const std::string& json) {
  return passed_lines_of(Json::parse(json, nullptr, false));
}

std::string status_text(const std::string& json) {
  const Json status = Json::parse(json, nullptr, false);
  if (!status.is_object()) throw_error("The machine's answer is no JSON object");
  std::string text =
      fmt::format("{}: {}, process {}, up {:.1f} s, {} CPUs, {} MiB\n", text_of(status, "name"),
                  text_of(status, "state"), text_of(status, "pid"),
                  static_cast<double>(number_of(status, "uptime_ms")) / 1000,
                  text_of(status, "cpus"), number_of(status, "memory") / kMiB);
  const auto devices = status.find("devices");
  if (devices == status.end() || !devices->is_array()) return text;
  for (const Json& device : *devices) {
    if (!device.is_object()) continue;
    text +=
        fmt::format("  {:<16} {:<8} {:<10} {}\n", text_of(device, "id"), text_of(device, "kind"),
                    text_of(device, "state"), text_of(device, "detail"));
  }
  const auto waiting = status.find("waiting_devices");
  if (waiting != status.end() && waiting->is_array()) {
    for (const Json& device : *waiting) {
      if (!device.is_string()) continue;
      text += fmt::format("  {} has left and stays with vfio-pci until its IOMMU group is free\n",
                          device.get<std::string>());
    }
  }
  for (const std::string& line : passed_lines_of(status)) text += "  " + line + "\n";
  const uint64_t ports = number_of(status, "free_hotplug_ports");
  if (ports != 0) text += fmt::format("  {} free hot-plug ports\n", ports);
  return text;
}

}  // namespace lintel::api
