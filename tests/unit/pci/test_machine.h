// SPDX-License-Identifier: Apache-2.0
// A root complex on fake interrupts, and a function whose hooks are recorded.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "tests/fakes/fake_irq.h"
#include "vmm/bus/bus.h"
#include "vmm/pci/config_regs.h"
#include "vmm/pci/function.h"
#include "vmm/pci/root_complex.h"

namespace lintel::pci {

// Remembers accesses; reads give `value`.
class RecordingDevice final : public Device {
 public:
  explicit RecordingDevice(uint64_t read_value = 0) : value(read_value) {}
  std::string_view name() const override { return "recording"; }
  uint64_t read(uint64_t offset, AccessSize) override {
    last_offset = offset;
    ++reads;
    return value;
  }
  void write(uint64_t offset, AccessSize, uint64_t written) override {
    last_offset = offset;
    value = written;
    ++writes;
  }
  void reset() override {}

  uint64_t value;
  uint64_t last_offset = UINT64_MAX;
  unsigned reads = 0;
  unsigned writes = 0;
};

struct TestMachine {
  explicit TestMachine(size_t page_size = host_page_size()) : page_size_of_host(page_size) {
    root.bar_space().set_windows({.memory = {kMemory32, kMemory64}, .ports = {kPorts}});
  }

  static constexpr GuestRange kMemory32{GuestAddress(0xc0000000), 0x10000000};
  static constexpr GuestRange kMemory64{GuestAddress(0x800000000), 0x400000000};
  static constexpr GuestRange kPorts{GuestAddress(0xc000), 0x4000};

  const size_t page_size_of_host;
  Bus memory{"memory"};
  Bus ports{"port"};
  FakeMsiSink msi;
  std::array<FakeIrqLine, 4> lines;
  RootComplex root{HostResources{.memory = memory,
                                 .ports = ports,
                                 .msi = msi,
                                 .pins =
                                     [this](unsigned device, Pin pin) {
                                       const unsigned input =
                                           (device + static_cast<unsigned>(pin) - 1) % 4;
                                       return PinTarget{&lines[input], Gsi(16 + input)};
                                     },
                                 .page_size = page_size_of_host}};

  void write(Bdf bdf, uint16_t offset, unsigned size, uint64_t value) {
    root.config_write(bdf, offset, size, value);
  }
  uint64_t read(Bdf bdf, uint16_t offset, unsigned size) {
    return root.config_read(bdf, offset, size);
  }
};

class TestFunction : public Function {
 public:
  TestFunction(PciBus& bus, Devfn devfn, Pin pin = Pin::kNone, bool memory_backed = true)
      : Function(bus, devfn,
                 {.ids = {.vendor = 0x1af4, .device = 0x1041, .class_code = 0x020000}, .pin = pin}),
        memory_backed_(memory_backed) {}
  ~TestFunction() override { unmap_bars(); }

  std::string_view name() const override { return "test-function"; }
  bool config_is_memory() const override { return memory_backed_; }
  void reset() override {
    ++resets;
    Function::reset();
  }
  using Function::add_bar;

  std::vector<std::string> events;
  unsigned resets = 0;

 protected:
  void bar_mapped(unsigned index, GuestAddress address) override {
    events.push_back(fmt::format("map {} {:#x}", index, address.value));
  }
  void bar_unmapped(unsigned index, GuestAddress address) override {
    events.push_back(fmt::format("unmap {} {:#x}", index, address.value));
  }

 private:
  const bool memory_backed_;
};

inline constexpr Bdf at(uint8_t bus, unsigned device, unsigned function = 0) {
  return {bus, Devfn(device, function)};
}

}  // namespace lintel::pci
