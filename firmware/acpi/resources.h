// SPDX-License-Identifier: Apache-2.0
// Resource descriptors, the content of _CRS. ACPI 6.4, 6.4.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "firmware/acpi/aml.h"
#include "vmm/base/types.h"

namespace lintel::acpi {

// A list of descriptors, without the end tag.
class Resources {
 public:
  Resources() = default;
  Resources(std::initializer_list<Resources> parts) {
    for (const Resources& part : parts) append(part);
  }
  explicit Resources(Bytes bytes) : bytes_(std::move(bytes)) {}

  void append(const Resources& more) { acpi::append(bytes_, more.bytes_); }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

namespace aml {

// What a device itself uses. All of these throw Error for a range that the descriptor cannot hold.
Resources io_ports(GuestRange ports);    // 6.4.2.5: at most 255 ports
Resources isa_interrupt(Gsi interrupt);  // 6.4.2.1: edge, active high, 0 to 15
Resources memory(GuestRange range);      // 6.4.3.4, or above 4 GiB 6.4.3.5.1

// 6.4.3.6: a level, active high, any number.
Resources interrupt(Gsi interrupt);
// 6.4.3.8.1: an edge of a line of the GPIO controller at that path, for an event.
Resources gpio_event(std::string_view controller, uint16_t line);

// What a bridge passes on to the devices behind it.
Resources bus_window(uint8_t first, uint8_t last);  // 6.4.3.5.3
Resources io_window(GuestRange ports);              // 6.4.3.5.3
// Ports that memory accesses reach, port 0 at `memory`: 6.4.3.5.2.
Resources translated_io_window(GuestRange ports, GuestAddress memory);
Resources memory_window(GuestRange range);  // 6.4.3.5.2, or above 4 GiB 6.4.3.5.1

// The buffer that a _CRS names, with its end tag (6.4.2.9).
Aml resource_template(const Resources& resources);

}  // namespace aml
}  // namespace lintel::acpi
