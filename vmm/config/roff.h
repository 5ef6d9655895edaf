// SPDX-License-Identifier: Apache-2.0
// A manual page in the man(7) macros.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace lintel {

class Roff {
 public:
  Roff(std::string_view title, int section);

  void heading(std::string_view text);
  void subheading(std::string_view text);
  void paragraph(std::string_view text);
  // A term, in bold, and what it means, indented.
  void item(std::string_view term, std::string_view text);
  // The same, with the term's `argument` in italics.
  void item(std::string_view term, std::string_view argument, std::string_view text);
  // A further paragraph of the last item.
  void more(std::string_view text);
  void example(std::string_view text);

  std::string take() && { return std::move(out_); }

 private:
  std::string out_;
};

}  // namespace lintel
