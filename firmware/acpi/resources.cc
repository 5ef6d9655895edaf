// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/resources.h"

#include "vmm/base/error.h"

namespace lintel::acpi::aml {
namespace {

// ACPI 6.4, 6.4.2 and 6.4.3: small items carry their length in the low three bits of the tag, large
// ones in two bytes behind it.
enum Tag : uint8_t {
  kIrqNoFlags = 0x22,
  kIoPort = 0x47,
  kEnd = 0x79,
  kMemory32Fixed = 0x86,
  kDwordAddressSpace = 0x87,
  kWordAddressSpace = 0x88,
  kExtendedInterrupt = 0x89,
  kQwordAddressSpace = 0x8a,
  kGpioConnection = 0x8c,
};

enum class Space : uint8_t { kMemory = 0, kIo = 1, kBus = 2 };

// 6.4.3.5, general flags: both ends are fixed; decoding is positive.
constexpr uint8_t kFixedEnds = 0x0c;
constexpr uint8_t kConsumer = 0x01;
// Type-specific flags: 6.4.3.5.5, read-write and not cacheable; 6.4.3.5.6, ISA and non-ISA ports.
constexpr uint8_t kReadWrite = 0x01;
constexpr uint8_t kEntireRange = 0x03;

struct AddressSpace {
  Space space;
  uint8_t general_flags;
  uint8_t specific_flags;
  uint64_t first;
  uint64_t last;
  uint64_t translation = 0;
};

// `T` is the width of the five address fields.
template <typename T>
Resources address_space(Tag tag, const AddressSpace& what) {
  Bytes fields;
  append(fields, static_cast<uint8_t>(what.space));
  append(fields, what.general_flags);
  append(fields, what.specific_flags);
  append(fields, T{0});  // granularity: none, the ends are fixed
  append(fields, static_cast<T>(what.first));
  append(fields, static_cast<T>(what.last));
  append(fields, static_cast<T>(what.translation));
  append(fields, static_cast<T>(what.last - what.first + 1));
  Bytes out;
  append(out, static_cast<uint8_t>(tag));
  append(out, static_cast<uint16_t>(fields.size()));
  append(out, fields);
  return Resources(std::move(out));
}

void check_range(GuestRange range, uint64_t last, const char* what) {
  if (range.valid() && range.last() <= last) return;
  throw_error("{} at {:#x}, {:#x} long, is empty or ends beyond {:#x}", what, range.base.value,
              range.size, last);
}

// Neither the last address nor the length of all 4 GiB fits otherwise.
bool needs_64_bits(GuestRange range) {
  return range.last() > UINT32_MAX || range.size > UINT32_MAX;
}

}  // namespace

Resources io_ports(GuestRange ports) {
  check_range(ports, UINT16_MAX, "A block of I/O ports");
  if (ports.size > UINT8_MAX) throw_error("A block of {} I/O ports is too large", ports.size);
  constexpr uint8_t kDecodes16Bits = 0x01;
  const auto base = static_cast<uint16_t>(ports.base.value);
  Bytes out;
  append(out, uint8_t{kIoPort});
  append(out, kDecodes16Bits);
  append(out, base);        // the lowest and
  append(out, base);        // the highest place that it can have
  append(out, uint8_t{1});  // alignment
  append(out, static_cast<uint8_t>(ports.size));
  return Resources(std::move(out));
}

Resources isa_interrupt(Gsi interrupt) {
  constexpr uint32_t kIsaInterrupts = 16;
  if (interrupt.value >= kIsaInterrupts) {
    throw_error("Interrupt {} is not one of the ISA bus, 0 to 15", interrupt.value);
  }
  Bytes out;
  append(out, uint8_t{kIrqNoFlags});
  append(out, static_cast<uint16_t>(1u << interrupt.value));
  return Resources(std::move(out));
}

Resources memory(GuestRange range) {
  check_range(range, UINT64_MAX, "A block of memory");
  if (needs_64_bits(range)) {
    return address_space<uint64_t>(kQwordAddressSpace, {.space = Space::kMemory,
                                                        .general_flags = kFixedEnds | kConsumer,
                                                        .specific_flags = kReadWrite,
                                                        .first = range.base.value,
                                                        .last = range.last()});
  }
  constexpr uint16_t kFieldsSize = 9;
  Bytes out;
  append(out, uint8_t{kMemory32Fixed});
  append(out, kFieldsSize);
  append(out, kReadWrite);
  append(out, static_cast<uint32_t>(range.base.value));
  append(out, static_cast<uint32_t>(range.size));
  return Resources(std::move(out));
}

Resources interrupt(Gsi interrupt) {
  constexpr uint8_t kConsumerLevelHigh = 0x01;
  constexpr uint16_t kFieldsSize = 6;
  Bytes out;
  append(out, uint8_t{kExtendedInterrupt});
  append(out, kFieldsSize);
  append(out, kConsumerLevelHigh);
  append(out, uint8_t{1});  // one interrupt
  append(out, interrupt.value);
  return Resources(std::move(out));
}

Resources gpio_event(std::string_view controller, uint16_t line) {
  constexpr uint8_t kRevision = 1;
  constexpr uint8_t kInterruptConnection = 0;
  constexpr uint16_t kConsumerOnly = 1;
  constexpr uint16_t kEdgeHighExclusive = 0x0001;
  constexpr uint8_t kPullUp = 1;
  constexpr uint16_t kLineOffset = 23;  // of the line and the name, from the tag
  constexpr uint16_t kNameOffset = kLineOffset + sizeof line;
  const auto end = static_cast<uint16_t>(kNameOffset + controller.size() + 1);
  Bytes out;
  append(out, uint8_t{kGpioConnection});
  append(out, static_cast<uint16_t>(end - 3));  // behind the length
  append(out, kRevision);
  append(out, kInterruptConnection);
  append(out, kConsumerOnly);
  append(out, kEdgeHighExclusive);
  append(out, kPullUp);
  append(out, uint16_t{0});  // drive strength
  append(out, uint16_t{0});  // debounce timeout
  append(out, kLineOffset);
  append(out, uint8_t{0});  // index of the controller's name
  append(out, kNameOffset);
  append(out, end);          // vendor data: none
  append(out, uint16_t{0});  // and its length
  append(out, line);
  append(out, controller);
  append(out, uint8_t{0});
  return Resources(std::move(out));
}

Resources bus_window(uint8_t first, uint8_t last) {
  if (last < first) throw_error("The bus window {} to {} is empty", first, last);
  return address_space<uint16_t>(kWordAddressSpace, {.space = Space::kBus,
                                                     .general_flags = kFixedEnds,
                                                     .specific_flags = 0,
                                                     .first = first,
                                                     .last = last});
}

Resources io_window(GuestRange ports) {
  // The length field has 16 bits too, so that all 64 Ki ports at once do not fit.
  check_range(ports, UINT16_MAX, "A window of I/O ports");
  if (ports.size > UINT16_MAX) throw_error("A window of {} I/O ports is too large", ports.size);
  return address_space<uint16_t>(kWordAddressSpace, {.space = Space::kIo,
                                                     .general_flags = kFixedEnds,
                                                     .specific_flags = kEntireRange,
                                                     .first = ports.base.value,
                                                     .last = ports.last()});
}

Resources translated_io_window(GuestRange ports, GuestAddress memory) {
  check_range(ports, UINT16_MAX, "A window of I/O ports");
  check_range({memory, ports.end()}, UINT32_MAX, "The memory of I/O ports");
  return address_space<uint32_t>(kDwordAddressSpace, {.space = Space::kIo,
                                                      .general_flags = kFixedEnds,
                                                      .specific_flags = kEntireRange,
                                                      .first = ports.base.value,
                                                      .last = ports.last(),
                                                      .translation = memory.value});
}

Resources memory_window(GuestRange range) {
  check_range(range, UINT64_MAX, "A window of memory");
  const AddressSpace window = {.space = Space::kMemory,
                               .general_flags = kFixedEnds,
                               .specific_flags = kReadWrite,
                               .first = range.base.value,
                               .last = range.last()};
  return needs_64_bits(range) ? address_space<uint64_t>(kQwordAddressSpace, window)
                              : address_space<uint32_t>(kDwordAddressSpace, window);
}

Aml resource_template(const Resources& resources) {
  Bytes content = resources.bytes();
  append(content, uint8_t{kEnd});
  append(content, uint8_t{0});  // a checksum of zero means that there is none
  return buffer(content);
}

}  // namespace lintel::acpi::aml
