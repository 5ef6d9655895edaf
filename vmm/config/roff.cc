// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/roff.h"

#include <algorithm>

#include <fmt/format.h>

namespace lintel {

namespace {

// Text that no macro and no escape hides in (man(7), "Font style macros" and groff(7), "Escapes").
std::string escape(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

}  // namespace

Roff::Roff(std::string_view title, int section) {
  std::string upper(title);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  out_ =
      fmt::format(".TH \"{}\" {} \"\" \"lintel {}\"\n.nh\n.ad l\n", upper, section, LINTEL_VERSION);
}

void Roff::heading(std::string_view text) {
  out_ += fmt::format(".SH {}\n", escape(text));
}

void Roff::subheading(std::string_view text) {
  out_ += fmt::format(".SS {}\n", escape(text));
}

void Roff::paragraph(std::string_view text) {
  out_ += fmt::format(".PP\n{}\n", escape(text));
}

void Roff::item(std::string_view term, std::string_view text) {
  item(term, "", text);
}

void Roff::item(std::string_view term, std::string_view argument, std::string_view text) {
  out_ += fmt::format(".TP\n\\fB{}\\fR", escape(term));
  if (!argument.empty()) out_ += fmt::format(" \\fI{}\\fR", escape(argument));
  out_ += fmt::format("\n{}\n", escape(text));
}

void Roff::more(std::string_view text) {
  out_ += fmt::format(".IP\n{}\n", escape(text));
}

void Roff::example(std::string_view text) {
  out_ += fmt::format(".PP\n.nf\n.RS\n{}\n.RE\n.fi\n", escape(text));
}

}  // namespace lintel
