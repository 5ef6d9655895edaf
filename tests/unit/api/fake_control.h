// SPDX-License-Identifier: Apache-2.0
// A machine that notes what is asked of it.
#pragma once

#include <future>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "vmm/api/control.h"

namespace lintel::api {

class FakeControl final : public Control {
 public:
  Status status() override { return answer; }
  void shutdown() override { note("shutdown"); }
  void kill() override { note("kill"); }
  void pause() override { note("pause"); }
  void resume() override { note("resume"); }
  void attach(const AttachRequest& request, Done done) override {
    note((request.all_functions ? "attach all of " : "attach ") + request.device);
    done({refusal});
  }
  void detach(const DetachRequest& request, Done done) override {
    note((request.force ? "force out " : "detach ") + request.device);
    if (later) {
      waiting = std::move(done);
      asked.set_value();
    } else {
      done({refusal, remark});
    }
  }

  Status answer{.name = "box",
                .state = State::kPaused,
                .pid = 42,
                .uptime = std::chrono::milliseconds(1500),
                .cpus = 2,
                .memory = 512u << 20,
                .free_ports = 1,
                .devices = {{"root", "disk", "/disk.img", "attached"}}};
  std::vector<std::string> calls;
  bool throws = false;
  bool breaks = false;
  std::optional<Refusal> refusal;
  std::string remark;  // on a detach
  bool later = false;
  Done waiting;  // of a detach
  std::promise<void> asked;

 private:
  void note(std::string call) {
    if (throws) throw Error("stopping");
    if (breaks) throw std::runtime_error("no thread");
    calls.push_back(std::move(call));
  }
};

}  // namespace lintel::api
