// SPDX-License-Identifier: Apache-2.0
// Spellings that the log, errors, reports and the configuration share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lintel {

std::string join(const std::vector<std::string>& texts, std::string_view between = ", ");

// "512M": the largest unit (K, M, G, T, powers of 1024) of which it is a whole number, as the
// configuration takes it; bytes without a unit else, which that does not take.
std::string format_size(uint64_t bytes);

}  // namespace lintel
