// SPDX-License-Identifier: Apache-2.0
#include "firmware/acpi/aml.h"

#include <algorithm>
#include <array>

#include "vmm/base/error.h"

namespace lintel::acpi::aml {
namespace {

// ACPI 6.4, 20.3, table 20.2: byte codes. The two-byte ones begin with kExtended.
enum Opcode : uint8_t {
  kZero = 0x00,
  kOne = 0x01,
  kName = 0x08,
  kBytePrefix = 0x0a,
  kWordPrefix = 0x0b,
  kDwordPrefix = 0x0c,
  kStringPrefix = 0x0d,
  kQwordPrefix = 0x0e,
  kScope = 0x10,
  kBuffer = 0x11,
  kPackage = 0x12,
  kMethod = 0x14,
  kDualNamePrefix = 0x2e,
  kMultiNamePrefix = 0x2f,
  kExtended = 0x5b,
  kLocal0 = 0x60,
  kArgument0 = 0x68,
  kStore = 0x70,
  kAnd = 0x7b,
  kOr = 0x7d,
  kNotify = 0x86,
  kExtendedDevice = 0x82,
  kCreateDwordField = 0x8a,
  kLogicalNot = 0x92,
  kLogicalEqual = 0x93,
  kIf = 0xa0,
  kElse = 0xa1,
  kReturn = 0xa4,
};

constexpr size_t kSegmentSize = 4;
constexpr size_t kMaxSegments = 255;
constexpr size_t kMaxElements = 255;

Bytes opcode(uint8_t code) {
  return {std::byte{code}};
}

Aml term(uint8_t code, std::initializer_list<Aml> operands) {
  Bytes out = opcode(code);
  for (const Aml& operand : operands) append(out, operand.bytes());
  return Aml(std::move(out));
}

// An opcode whose operands are counted by a package length.
Aml counted(Bytes code, std::initializer_list<Aml> operands) {
  const Aml content(operands);
  append(code, package_length(content.bytes().size()));
  append(code, content.bytes());
  return Aml(std::move(code));
}

bool is_lead_character(char c) {
  return (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name_character(char c) {
  return is_lead_character(c) || (c >= '0' && c <= '9');
}

void append_segment(Bytes& out, std::string_view segment, std::string_view whole) {
  if (segment.empty() || segment.size() > kSegmentSize || !is_lead_character(segment.front()) ||
      !std::all_of(segment.begin(), segment.end(), is_name_character)) {
    throw_error("'{}' is not an ACPI name: '{}' is not one to four of A-Z, _ and 0-9", whole,
                segment);
  }
  append(out, segment);
  for (size_t i = segment.size(); i < kSegmentSize; ++i) append(out, uint8_t{'_'});
}

unsigned hex_digit(char c, std::string_view whole) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  throw_error("'{}' has '{}' where a hexadecimal digit belongs", whole, c);
}

Aml raw(std::span<const std::byte> content) {
  return Aml(Bytes(content.begin(), content.end()));
}

Aml byte(uint8_t value) {
  return Aml(opcode(value));
}

}  // namespace

Bytes package_length(size_t content_size) {
  // One byte holds six bits. With one to three more bytes the first holds four bits, the rest
  // eight each, and its top two bits say how many more there are.
  constexpr size_t kOneByteLimit = 1u << 6;
  if (content_size + 1 < kOneByteLimit) return opcode(static_cast<uint8_t>(content_size + 1));
  for (unsigned more = 1; more <= 3; ++more) {
    const size_t length = content_size + 1 + more;
    if (length >= size_t{1} << (4 + 8 * more)) continue;
    Bytes out = opcode(static_cast<uint8_t>((more << 6) | (length & 0xf)));
    for (unsigned i = 0; i < more; ++i) append(out, static_cast<uint8_t>(length >> (4 + 8 * i)));
    return out;
  }
  throw_error("An AML package of {} bytes is longer than 256 MiB", content_size);
}

Aml path(std::string_view path) {
  Bytes out;
  std::string_view rest = path;
  if (rest.starts_with('\\')) {
    append(out, rest.substr(0, 1));
    rest.remove_prefix(1);
  }
  while (rest.starts_with('^')) {
    append(out, rest.substr(0, 1));
    rest.remove_prefix(1);
  }
  const auto dots = static_cast<size_t>(std::count(rest.begin(), rest.end(), '.'));
  const size_t segments = rest.empty() ? 0 : dots + 1;
  if (segments > kMaxSegments) throw_error("An ACPI path has {} segments", segments);
  if (segments == 0) append(out, uint8_t{0});
  if (segments == 2) append(out, uint8_t{kDualNamePrefix});
  if (segments > 2) {
    append(out, uint8_t{kMultiNamePrefix});
    append(out, static_cast<uint8_t>(segments));
  }
  for (size_t i = 0; i < segments; ++i) {
    const std::string_view segment = rest.substr(0, rest.find('.'));
    append_segment(out, segment, path);
    rest.remove_prefix(std::min(segment.size() + 1, rest.size()));
  }
  return Aml(std::move(out));
}

Aml integer(uint64_t value) {
  if (value == 0) return byte(kZero);
  if (value == 1) return byte(kOne);
  Bytes out;
  if (value <= UINT8_MAX) {
    out = opcode(kBytePrefix);
    append(out, static_cast<uint8_t>(value));
  } else if (value <= UINT16_MAX) {
    out = opcode(kWordPrefix);
    append(out, static_cast<uint16_t>(value));
  } else if (value <= UINT32_MAX) {
    out = opcode(kDwordPrefix);
    append(out, static_cast<uint32_t>(value));
  } else {
    out = opcode(kQwordPrefix);
    append(out, value);
  }
  return Aml(std::move(out));
}

Aml string(std::string_view text) {
  for (const char c : text) {
    if (c <= 0) throw_error("An AML string may hold only the ASCII characters 1 to 127");
  }
  Bytes out = opcode(kStringPrefix);
  append(out, text);
  append(out, uint8_t{0});
  return Aml(std::move(out));
}

Aml buffer(std::span<const std::byte> content) {
  return counted(opcode(kBuffer), {integer(content.size()), raw(content)});
}

Aml eisa_id(std::string_view id) {
  constexpr size_t kLetters = 3;
  constexpr size_t kDigits = 4;
  if (id.size() != kLetters + kDigits) throw_error("'{}' is not an EISA id like PNP0A03", id);
  uint32_t value = 0;
  for (const char c : id.substr(0, kLetters)) {
    if (c < 'A' || c > 'Z') throw_error("'{}' is not an EISA id like PNP0A03", id);
    value = (value << 5) | static_cast<uint32_t>(c - 'A' + 1);
  }
  for (const char c : id.substr(kLetters)) value = (value << 4) | hex_digit(c, id);
  // The id's most significant byte comes first in memory.
  Bytes out = opcode(kDwordPrefix);
  append(out, byte_swap(value));
  return Aml(std::move(out));
}

Aml uuid(std::string_view text) {
  // The first three groups are little-endian numbers (19.6.142, table 19.36).
  constexpr std::array<size_t, 16> kPlaceOfByte = {6,  4,  2,  0,  11, 9,  16, 14,
                                                   19, 21, 24, 26, 28, 30, 32, 34};
  constexpr std::array<size_t, 4> kDashes = {8, 13, 18, 23};
  constexpr size_t kSize = 36;
  if (text.size() != kSize || !std::all_of(kDashes.begin(), kDashes.end(),
                                           [&](size_t place) { return text[place] == '-'; })) {
    throw_error("'{}' is not a UUID", text);
  }
  Bytes content;
  for (const size_t place : kPlaceOfByte) {
    append(content, static_cast<uint8_t>((hex_digit(text[place], text) << 4) |
                                         hex_digit(text[place + 1], text)));
  }
  return buffer(content);
}

Aml package(const std::vector<Aml>& elements) {
  if (elements.size() > kMaxElements) {
    throw_error("An AML package has {} elements; the limit is {}", elements.size(), kMaxElements);
  }
  Aml content = byte(static_cast<uint8_t>(elements.size()));
  for (const Aml& element : elements) content.append(element);
  return counted(opcode(kPackage), {content});
}

Aml name(std::string_view path, const Aml& value) {
  return term(kName, {aml::path(path), value});
}

Aml scope(std::string_view path, const Aml& body) {
  return counted(opcode(kScope), {aml::path(path), body});
}

Aml device(std::string_view path, const Aml& body) {
  return counted({std::byte{kExtended}, std::byte{kExtendedDevice}}, {aml::path(path), body});
}

Aml create_dword_field(const Aml& buffer, uint64_t byte_index, std::string_view field) {
  return term(kCreateDwordField, {buffer, integer(byte_index), path(field)});
}

Aml method(std::string_view path, MethodKind kind, const Aml& body) {
  constexpr unsigned kMaxArguments = 7;
  if (kind.arguments > kMaxArguments) {
    throw_error("The AML method {} has {} arguments", path, kind.arguments);
  }
  // MethodFlags: bits 0-2 count the arguments, bit 3 serializes.
  const auto flags =
      static_cast<uint8_t>(kind.arguments | (static_cast<unsigned>(kind.concurrency) << 3));
  return counted(opcode(kMethod), {aml::path(path), byte(flags), body});
}

Aml if_then(const Aml& predicate, const Aml& body) {
  return counted(opcode(kIf), {predicate, body});
}

Aml if_else(const Aml& predicate, const Aml& body, const Aml& otherwise) {
  return {if_then(predicate, body), counted(opcode(kElse), {otherwise})};
}

Aml return_value(const Aml& value) {
  return term(kReturn, {value});
}

Aml notify(const Aml& object, uint64_t value) {
  return term(kNotify, {object, integer(value)});
}

Aml store(const Aml& value, const Aml& target) {
  return term(kStore, {value, target});
}

Aml bit_and(const Aml& left, const Aml& right, const Aml& target) {
  return term(kAnd, {left, right, target});
}

Aml bit_or(const Aml& left, const Aml& right, const Aml& target) {
  return term(kOr, {left, right, target});
}

Aml equal(const Aml& left, const Aml& right) {
  return term(kLogicalEqual, {left, right});
}

Aml logical_not(const Aml& operand) {
  return term(kLogicalNot, {operand});
}

Aml argument(unsigned index) {
  constexpr unsigned kLast = 6;
  if (index > kLast) throw_error("AML has no Arg{}", index);
  return byte(static_cast<uint8_t>(kArgument0 + index));
}

Aml local(unsigned index) {
  constexpr unsigned kLast = 7;
  if (index > kLast) throw_error("AML has no Local{}", index);
  return byte(static_cast<uint8_t>(kLocal0 + index));
}

}  // namespace lintel::acpi::aml
