// SPDX-License-Identifier: Apache-2.0
// What people and shells read about the command line.
#include <algorithm>

#include <fmt/format.h>

#include "vmm/config/cli.h"
#include "vmm/config/exit_codes.h"
#include "vmm/config/roff.h"

namespace lintel::cli {

namespace {

constexpr std::string_view kTagline = "Lintel runs a virtual machine that a TOML file describes.";

bool is_positional(const OptionDoc& option) {
  return option.flags.empty();
}

std::string usage(const VerbDoc& verb) {
  std::string out = fmt::format("lintel {}", verb.name);
  const bool has_flags =
      std::any_of(verb.options.begin(), verb.options.end(),
                  [](const OptionDoc& option) { return !is_positional(option); });
  if (has_flags) out += " [OPTION]...";
  for (const OptionDoc& option : verb.options) {
    if (!is_positional(option)) continue;
    const std::string value = option.value + (option.repeatable ? "..." : "");
    out += option.required ? ' ' + value : fmt::format(" [{}]", value);
  }
  return out;
}

std::string term(const OptionDoc& option) {
  if (is_positional(option)) return option.value;
  std::string out = fmt::format("{}", fmt::join(option.flags, ", "));
  if (!option.value.empty()) out += ' ' + option.value;
  return out;
}

// "  term            text", the text on a line of its own if the term is long.
std::string row(std::string_view term, std::string_view text) {
  constexpr size_t kColumn = 26;
  if (term.size() + 4 > kColumn) {
    return fmt::format("  {}\n{:{}}{}\n", term, "", kColumn, text);
  }
  return fmt::format("  {:<{}}{}\n", term, kColumn - 2, text);
}

}  // namespace

std::vector<std::string> OptionDoc::choices() const {
  std::vector<std::string> out;
  if (value.find('|') == std::string::npos) return out;
  size_t start = 0;
  while (start <= value.size()) {
    const size_t end = std::min(value.find('|', start), value.size());
    out.push_back(value.substr(start, end - start));
    start = end + 1;
  }
  return out;
}

std::string help(const std::vector<VerbDoc>& verbs) {
  std::string out = fmt::format("{}\n\nUsage: lintel COMMAND [OPTION]...\n\nCommands:\n", kTagline);
  for (const VerbDoc& verb : verbs) out += row(verb.name, verb.summary);
  out += "\nlintel COMMAND --help shows a command's options.\n";
  out += "lintel(1) and lintel.toml(5) tell the rest.\n";
  return out;
}

std::string help(const VerbDoc& verb) {
  std::string out = fmt::format("{}\n\nUsage: {}\n\n", verb.summary, usage(verb));
  for (const OptionDoc& option : verb.options) out += row(term(option), option.doc);
  return out + row("-h, --help", "Show this text");
}

std::string command_manual(const std::vector<VerbDoc>& verbs) {
  Roff page("lintel", 1);
  page.heading("NAME");
  page.paragraph("lintel - run a virtual machine that a TOML file describes");
  page.heading("SYNOPSIS");
  for (const VerbDoc& verb : verbs) page.example(usage(verb));
  page.heading("DESCRIPTION");
  page.paragraph(
      "Lintel boots a machine under KVM and stays in the foreground until the machine powers "
      "off. The file is described in lintel.toml(5). Standard output is the guest's console, "
      "standard error is the log.");
  page.heading("COMMANDS");
  for (const VerbDoc& verb : verbs) {
    page.subheading(usage(verb));
    page.paragraph(verb.summary);
    for (const OptionDoc& option : verb.options) {
      std::string text = option.doc + '.';
      if (option.repeatable) text += " May be repeated.";
      page.item(
          is_positional(option) ? option.value : fmt::format("{}", fmt::join(option.flags, ", ")),
          is_positional(option) ? "" : option.value, text);
    }
  }
  page.heading("CONSOLE");
  page.paragraph(
      "With console.mode \"stdio\" on a terminal, keys go to the guest. Ctrl-a x quits, "
      "Ctrl-a Ctrl-a is one Ctrl-a for the guest, Ctrl-a ? shows help. The terminal is put "
      "back on every way out.");
  page.heading("SIGNALS");
  page.item("SIGTERM, SIGINT",
            "Press the guest's power button. After vm.shutdown_timeout, or at a second signal, "
            "the machine is stopped hard, with exit status 124.");
  page.item("SIGHUP", "Stops the machine at once, with exit status 0.");
  page.item("SIGQUIT", "Writes the machine's state to the log.");
  page.heading("EXIT STATUS");
  page.item(
      "0-119",
      "The guest powered off; by default with 0, or with a code of its own, of which 119 stands "
      "for all above. Ctrl-a x, lintel kill and SIGHUP end a run with 0 as well. Of all other "
      "commands: 0, it is done.");
  for (const ExitCodeDoc& code : kExitCodes) {
    page.item(fmt::format("{}", to_status(code.code)), code.doc);
  }
  page.heading("FILES");
  page.item("/run/lintel, $XDG_RUNTIME_DIR/lintel",
            "The files of one user's machines: the first is root's, the second of everybody else. "
            "Nobody else may look into it.");
  page.item("NAME.sock", "The control socket of a machine that runs (mode 0600), by vm.name.");
  page.item("NAME/restore.json",
            "How the devices of a machine were on the host: the journal by which they are given "
            "back at its end, by lintel restore, or by the machine's next start. It is there as "
            "long as something is to be given back.");
  page.item("bound.json", "The same for lintel bind and for bind = \"keep\".");
  page.item("lock", "Locked while devices change hands.");
  page.item("$XDG_CACHE_HOME/lintel, ~/.cache/lintel",
            "Unpacked kernels, by their contents; it may be removed at any time.");
  page.heading("SEE ALSO");
  page.paragraph("lintel.toml(5)");
  return std::move(page).take();
}

}  // namespace lintel::cli
