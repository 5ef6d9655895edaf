// SPDX-License-Identifier: Apache-2.0
// Numbers of the network device (VIRTIO 1.2, 5.1).
#pragma once

#include <cstddef>
#include <cstdint>

namespace lintel::virtio::net {

// 5.1.3
inline constexpr uint64_t kFeatureCsum = 1ull << 0;
inline constexpr uint64_t kFeatureGuestCsum = 1ull << 1;
inline constexpr uint64_t kFeatureMtu = 1ull << 3;
inline constexpr uint64_t kFeatureMac = 1ull << 5;
inline constexpr uint64_t kFeatureGuestTso4 = 1ull << 7;
inline constexpr uint64_t kFeatureGuestTso6 = 1ull << 8;
inline constexpr uint64_t kFeatureHostTso4 = 1ull << 11;
inline constexpr uint64_t kFeatureHostTso6 = 1ull << 12;
inline constexpr uint64_t kFeatureMergeableBuffers = 1ull << 15;
inline constexpr uint64_t kFeatureStatus = 1ull << 16;

// 5.1.2, without multiqueue and the control queue.
inline constexpr uint16_t kReceiveQueue = 0;
inline constexpr uint16_t kTransmitQueue = 1;

// 5.1.6: struct virtio_net_hdr as VERSION_1 has it, in front of every packet both ways.
inline constexpr size_t kHeaderBytes = 12;
inline constexpr size_t kHeaderNumBuffers = 10;  // le16, last

// IEEE 802.3: two addresses and a type, and a tag of 802.1Q.
inline constexpr size_t kEthernetHeaderBytes = 14;
inline constexpr size_t kVlanTagBytes = 4;
// The largest frame that segmentation offload makes: an IP packet of 64 KiB.
inline constexpr size_t kMaxFrame = kEthernetHeaderBytes + kVlanTagBytes + 65535;
inline constexpr uint32_t kDefaultMtu = 1500;

}  // namespace lintel::virtio::net
