// SPDX-License-Identifier: Apache-2.0
// ACPI machine language, built as values: each function returns the encoding of one term, and terms
// nest as they do in ASL. ACPI 6.4, chapter 20; the comments name its sections.
//
//   Aml device = aml::device("COM1", {aml::name("_HID", aml::eisa_id("PNP0501")),
//                                     aml::name("_UID", aml::integer(1))});
//
// A name, id or size that the language cannot express throws Error.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "firmware/acpi/bytes.h"

namespace lintel::acpi {

class Aml {
 public:
  Aml() = default;
  // One term after the other: the body of a scope, device or method.
  Aml(std::initializer_list<Aml> terms) {
    for (const Aml& term : terms) append(term);
  }
  explicit Aml(Bytes bytes) : bytes_(std::move(bytes)) {}

  void append(const Aml& term) { acpi::append(bytes_, term.bytes_); }
  const Bytes& bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

namespace aml {

// 20.2.4: the length of a package, which counts its own encoding.
Bytes package_length(size_t content_size);

// 20.2.2: "\\_SB.PCI0", "^^_CRS", "_HID". Segments shorter than four characters are padded.
Aml path(std::string_view path);

// 20.2.3, data objects.
Aml integer(uint64_t value);
Aml string(std::string_view text);
Aml buffer(std::span<const std::byte> content);
// "PNP0A03" as the compressed integer that _HID and _CID take (19.6.37).
Aml eisa_id(std::string_view id);
// "33db4d5b-1ff7-401c-9657-7441c03dd766" as a buffer (19.6.142).
Aml uuid(std::string_view text);
// 20.2.5.4: at most 255 elements.
Aml package(const std::vector<Aml>& elements);

// 20.2.5.1 and 20.2.5.2, names and what opens a scope.
Aml name(std::string_view path, const Aml& value);
Aml scope(std::string_view path, const Aml& body);
Aml device(std::string_view path, const Aml& body);
Aml create_dword_field(const Aml& buffer, uint64_t byte_index, std::string_view field);

// A method that creates names must be serialized: two runs at once would create them twice.
enum class Concurrency : uint8_t { kNotSerialized = 0, kSerialized = 1 };
struct MethodKind {
  unsigned arguments = 0;  // at most 7
  Concurrency concurrency = Concurrency::kNotSerialized;
};
Aml method(std::string_view path, MethodKind kind, const Aml& body);

// 20.2.5.3 and 20.2.5.4, statements and expressions. `target` is a name, local or argument.
Aml if_then(const Aml& predicate, const Aml& body);
Aml if_else(const Aml& predicate, const Aml& body, const Aml& otherwise);
Aml return_value(const Aml& value);
Aml notify(const Aml& object, uint64_t value);
Aml store(const Aml& value, const Aml& target);
Aml bit_and(const Aml& left, const Aml& right, const Aml& target);
Aml bit_or(const Aml& left, const Aml& right, const Aml& target);
Aml equal(const Aml& left, const Aml& right);
Aml logical_not(const Aml& operand);

// 20.2.6: Arg0 to Arg6, Local0 to Local7.
Aml argument(unsigned index);
Aml local(unsigned index);

}  // namespace aml
}  // namespace lintel::acpi
