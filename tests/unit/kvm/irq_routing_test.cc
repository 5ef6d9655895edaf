// SPDX-License-Identifier: Apache-2.0
#include <linux/kvm.h>

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/fakes/log_capture.h"
#include "vmm/base/error.h"
#include "vmm/kvm/vm.h"

namespace lintel::kvm {
namespace {

constexpr uint32_t kFirst = 24;
constexpr uint64_t kAddress = 0xfee00000;
constexpr uint32_t kRefused = 0xbad;

// Keeps the table that is in force, and what was called.
class FakeKernel final : public MessageInterrupts {
 public:
  bool msi_has_device_ids() const override { return true; }
  bool signal_msi(const MsiMessage&, uint16_t) override { return true; }
  void set_routes(std::span<const kvm_irq_routing_entry> entries) override {
    std::map<uint32_t, uint32_t> next;
    for (const kvm_irq_routing_entry& entry : entries) {
      if (entry.type != KVM_IRQ_ROUTING_MSI) continue;
      if (entry.u.msi.data == kRefused) throw Error("KVM refuses");
      next[entry.gsi] = entry.u.msi.data;
      requester = entry.u.msi.devid;
    }
    data = std::move(next);
    fixed = entries.size() - data.size();
    calls.emplace_back("table");
  }
  void assign_irqfd(int, Gsi gsi) override {
    calls.push_back(fmt::format("irqfd {} sends {}", gsi.value,
                                data.contains(gsi.value) ? data.at(gsi.value) : 0));
  }
  void deassign_irqfd(int, Gsi gsi) override {
    calls.push_back(fmt::format("no irqfd {}", gsi.value));
  }

  std::vector<std::string> take() { return std::exchange(calls, {}); }

  std::map<uint32_t, uint32_t> data;  // of the messages, by GSI
  size_t fixed = 0;
  uint32_t requester = 0;
  std::vector<std::string> calls;
};

using Calls = std::vector<std::string>;
using Data = std::map<uint32_t, uint32_t>;

struct IrqRoutingTest : testing::Test {
  FakeKernel kernel;
  IrqRouting routing{kernel, {{.gsi = 0, .chip = 0, .pin = 0}}, kFirst};
  KernelMsiSink sink{kernel, routing};
  std::vector<std::unique_ptr<MsiVector>> vectors;

  void make(unsigned count, bool with_eventfds = true) {
    for (unsigned i = 0; i < count; ++i) {
      vectors.push_back(sink.make_vector(0x18));
      if (with_eventfds) vectors.back()->event_fd();
    }
  }
  void route(const std::vector<uint32_t>& messages) {
    std::vector<MsiRoute> routes;
    for (size_t i = 0; i < messages.size(); ++i) {
      routes.push_back({vectors[i].get(), MsiMessage{kAddress, messages[i]}});
    }
    sink.route(routes);
  }
};

TEST_F(IrqRoutingTest, ManyVectors_areOneTableBeforeTheFirstIrqfd) {
  make(3);
  EXPECT_EQ(kernel.take(), Calls{}) << "nothing is routed";
  route({41, 42, 43});
  EXPECT_EQ(kernel.take(),
            (Calls{"table", "irqfd 24 sends 41", "irqfd 25 sends 42", "irqfd 26 sends 43"}));
  EXPECT_EQ(kernel.fixed, 1u);
  EXPECT_EQ(kernel.requester, 0x18u);
}

TEST_F(IrqRoutingTest, NewMessagesOfAttachedVectors_areOneTable) {
  make(3);
  route({41, 42, 43});
  kernel.take();
  route({51, 42, 53});
  EXPECT_EQ(kernel.take(), Calls{"table"});
  EXPECT_EQ(kernel.data, (Data{{24, 51}, {25, 42}, {26, 53}}));
}

TEST_F(IrqRoutingTest, MaskedVectors_comeBackWithoutATable) {
  make(2);
  route({41, 42});
  kernel.take();
  sink.route(std::array{MsiRoute{vectors[0].get(), std::nullopt},
                        MsiRoute{vectors[1].get(), std::nullopt}});
  EXPECT_EQ(kernel.take(), (Calls{"no irqfd 24", "no irqfd 25"}));
  route({41, 42});
  EXPECT_EQ(kernel.take(), (Calls{"irqfd 24 sends 41", "irqfd 25 sends 42"}));
}

TEST_F(IrqRoutingTest, VectorsWithoutEventfds_needNoTable) {
  make(2, false);
  route({41, 42});
  EXPECT_EQ(kernel.take(), Calls{});
  vectors[1]->event_fd();
  EXPECT_EQ(kernel.take(), (Calls{"table", "irqfd 24 sends 42"}));
}

TEST_F(IrqRoutingTest, MessageThatKvmRefuses_isLostAlone) {
  LogCapture log(log::Level::kWarn);
  make(3);
  route({41, kRefused, 43});
  EXPECT_EQ(kernel.take(), (Calls{"table", "irqfd 24 sends 41", "table", "irqfd 26 sends 43"}));
  EXPECT_NE(log.text().find("KVM refuses"), std::string::npos);
  route({61, 62, 63});
  EXPECT_EQ(kernel.take(), (Calls{"table", "irqfd 25 sends 62"}));
  EXPECT_EQ(kernel.data, (Data{{24, 61}, {25, 62}, {26, 63}}));
}

TEST_F(IrqRoutingTest, RefusedTable_leavesTheOneBefore) {
  const Gsi first = routing.allocate();
  const Gsi second = routing.allocate();
  routing.route(std::array{IrqRouting::Route{first, {kAddress, 41}, 0}});
  EXPECT_THROW(routing.route(std::array{IrqRouting::Route{first, {kAddress, 51}, 0},
                                        IrqRouting::Route{second, {kAddress, kRefused}, 0}}),
               Error);
  routing.route(std::array{IrqRouting::Route{second, {kAddress, 42}, 0}});
  EXPECT_EQ(kernel.data, (Data{{24, 41}, {25, 42}}));
}

TEST_F(IrqRoutingTest, ReleasedGsi_comesBackWithoutItsMessage) {
  const Gsi first = routing.allocate();
  const Gsi second = routing.allocate();
  routing.route(std::array{IrqRouting::Route{first, {kAddress, 41}, 0},
                           IrqRouting::Route{second, {kAddress, 42}, 0}});
  routing.release(first);
  EXPECT_EQ(routing.allocate(), first);
  EXPECT_NE(routing.allocate(), second);
  routing.route(std::array{IrqRouting::Route{second, {kAddress, 52}, 0}});
  EXPECT_EQ(kernel.data, (Data{{25, 52}}));
}

}  // namespace
}  // namespace lintel::kvm
