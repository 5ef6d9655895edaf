// SPDX-License-Identifier: Apache-2.0
// Ties a row of the field table to a member of Config, with the conversion that its type needs.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "passthrough/host/address.h"
#include "vmm/config/fields.h"
#include "vmm/config/units.h"

namespace lintel::config::slot {

inline void put(bool& to, const Scalar& from) {
  to = std::get<bool>(from);
}
inline void put(std::string& to, const Scalar& from) {
  to = std::get<std::string>(from);
}
inline void put(std::vector<std::string>& to, const Scalar& from) {
  to = std::get<std::vector<std::string>>(from);
}
inline void put(Milliseconds& to, const Scalar& from) {
  to = Milliseconds(std::get<uint64_t>(from));
}
inline void put(std::vector<PortForward>& to, const Scalar& from) {
  to.clear();
  for (const std::string& text : std::get<std::vector<std::string>>(from)) {
    to.push_back(parse_forward(text).value());
  }
}
inline void put(std::optional<MacAddress>& to, const Scalar& from) {
  to = parse_mac(std::get<std::string>(from));  // "auto" is none, and is filled in later
}
inline void put(std::optional<passthrough::host::DeviceName>& to, const Scalar& from) {
  to = passthrough::host::parse_device(std::get<std::string>(from));
}
inline void put(std::optional<passthrough::host::PciIds>& to, const Scalar& from) {
  to = passthrough::host::parse_ids(std::get<std::string>(from));
}
template <typename T>
  requires std::is_integral_v<T> || std::is_enum_v<T>
void put(T& to, const Scalar& from) {
  to = static_cast<T>(std::get<uint64_t>(from));
}
template <typename T>
void put(std::optional<T>& to, const Scalar& from) {
  put(to.emplace(), from);
}

inline Scalar take(bool from) {
  return from;
}
inline Scalar take(const std::string& from) {
  return from;
}
inline Scalar take(const std::vector<std::string>& from) {
  return from;
}
inline Scalar take(const Milliseconds& from) {
  return static_cast<uint64_t>(from.count());
}
inline Scalar take(const std::vector<PortForward>& from) {
  std::vector<std::string> texts;
  texts.reserve(from.size());
  for (const PortForward& forward : from) texts.push_back(format_forward(forward));
  return texts;
}
inline Scalar take(const MacAddress& from) {
  return format_mac(from);
}
inline Scalar take(const passthrough::host::DeviceName& from) {
  return to_string(from);
}
inline Scalar take(const passthrough::host::PciIds& from) {
  return to_string(from);
}
template <typename T>
  requires(std::is_integral_v<T> && !std::is_same_v<T, bool>) || std::is_enum_v<T>
Scalar take(T from) {
  return static_cast<uint64_t>(from);
}
template <typename T>
Scalar take(const std::optional<T>& from) {
  return from ? take(*from) : Scalar();
}

template <typename>
struct OwnerOf;
template <typename Owner, typename Member>
struct OwnerOf<Member Owner::*> {
  using Type = Owner;
};

// field<&MemoryConfig::backing, &MemoryBacking::shared>({...}): the path of members from the
// section's struct to the value.
template <auto first, auto... rest>
constexpr Field field(Field spec) {
  using Owner = typename OwnerOf<decltype(first)>::Type;
  spec.store = [](void* section, const Scalar& value) {
    put(((static_cast<Owner*>(section)->*first).*....*rest), value);
  };
  spec.load = [](const void* section) {
    return take(((static_cast<const Owner*>(section)->*first).*....*rest));
  };
  return spec;
}

}  // namespace lintel::config::slot
