// SPDX-License-Identifier: Apache-2.0
#include "firmware/boot/sha256.h"

#include <bit>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "vmm/base/endian.h"

namespace lintel::boot {
namespace {

constexpr size_t kBlock = 64;
using State = std::array<uint32_t, 8>;

// FIPS 180-4, 5.3.3: the fractional parts of the square roots of the first eight primes.
constexpr State kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// FIPS 180-4, 4.2.2: those of the cube roots of the first 64 primes.
constexpr std::array<uint32_t, 64> kRound = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// One of the eight rounds that differ in who is a, b, ... h only: instead of moving the variables
// along, the next round sees them under other names.
template <size_t kTurn>
void add_word(State& variables, uint32_t word) {
  const auto variable = [&](size_t i) -> uint32_t& { return variables[(i + 8 - kTurn) % 8]; };
  const uint32_t a = variable(0);
  const uint32_t b = variable(1);
  const uint32_t c = variable(2);
  const uint32_t e = variable(4);
  const uint32_t f = variable(5);
  const uint32_t g = variable(6);
  const uint32_t sum1 = std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25);
  const uint32_t t1 = variable(7) + sum1 + (g ^ (e & (f ^ g))) + word;
  const uint32_t sum0 = std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22);
  variable(3) += t1;
  variable(7) = t1 + sum0 + ((a & b) | (c & (a | b)));
}

template <size_t... kTurns>
void add_words(State& variables, const uint32_t* w, const uint32_t* round,
               std::index_sequence<kTurns...>) {
  (add_word<kTurns>(variables, w[kTurns] + round[kTurns]), ...);
}

// FIPS 180-4, 6.2.2.
void add_block(State& state, const std::byte* block) {
  std::array<uint32_t, 64> w;
  for (size_t i = 0; i < 16; ++i) w[i] = load_be<uint32_t>(block + 4 * i);
  for (size_t i = 16; i < w.size(); ++i) {
    const uint32_t s0 = std::rotr(w[i - 15], 7) ^ std::rotr(w[i - 15], 18) ^ (w[i - 15] >> 3);
    const uint32_t s1 = std::rotr(w[i - 2], 17) ^ std::rotr(w[i - 2], 19) ^ (w[i - 2] >> 10);
    w[i] = w[i - 16] + s0 + w[i - 7] + s1;
  }
  State added = state;
  for (size_t i = 0; i < w.size(); i += 8) {
    add_words(added, &w[i], &kRound[i], std::make_index_sequence<8>{});
  }
  for (size_t i = 0; i < state.size(); ++i) state[i] += added[i];
}

}  // namespace

Sha256Digest sha256(std::span<const std::byte> bytes) {
  State state = kInitial;
  size_t at = 0;
  for (; bytes.size() - at >= kBlock; at += kBlock) add_block(state, bytes.data() + at);

  // 5.1.1: a one bit, zeros, and the length in bits at the end of a block.
  std::array<std::byte, 2 * kBlock> tail{};
  const size_t rest = bytes.size() - at;
  if (rest != 0) std::memcpy(tail.data(), bytes.data() + at, rest);
  tail[rest] = std::byte{0x80};
  const size_t tail_size = rest + 9 <= kBlock ? kBlock : 2 * kBlock;
  store_be<uint64_t>(tail.data() + tail_size - 8, uint64_t{bytes.size()} * 8);
  for (size_t i = 0; i < tail_size; i += kBlock) add_block(state, tail.data() + i);

  Sha256Digest digest;
  for (size_t i = 0; i < state.size(); ++i) store_be(&digest[4 * i], state[i]);
  return digest;
}

std::string hex(const Sha256Digest& digest) {
  return fmt::format("{:02x}", fmt::join(digest, ""));
}

}  // namespace lintel::boot
