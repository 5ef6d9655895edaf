// SPDX-License-Identifier: Apache-2.0
// Numbers that the VIRTIO 1.2 specification assigns.
#pragma once

#include <cstdint>

namespace lintel::virtio {

// Chapter 5.
enum class DeviceType : uint16_t {
  kNet = 1,
  kBlock = 2,
  kConsole = 3,
  kEntropy = 4,
  kBalloon = 5,
  kVsock = 19,
};

// 2.1, device status field.
inline constexpr uint8_t kStatusAcknowledge = 1;
inline constexpr uint8_t kStatusDriver = 2;
inline constexpr uint8_t kStatusDriverOk = 4;
inline constexpr uint8_t kStatusFeaturesOk = 8;
inline constexpr uint8_t kStatusNeedsReset = 64;
inline constexpr uint8_t kStatusFailed = 128;

// Chapter 6, reserved feature bits.
inline constexpr uint64_t kFeatureIndirectDesc = 1ull << 28;
inline constexpr uint64_t kFeatureEventIdx = 1ull << 29;
inline constexpr uint64_t kFeatureVersion1 = 1ull << 32;

}  // namespace lintel::virtio
