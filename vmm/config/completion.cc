// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <fmt/format.h>

#include "vmm/config/cli.h"

namespace lintel::cli {

namespace {

// Inside single quotes of a shell.
std::string quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out;
}

bool is_file(const OptionDoc& option) {
  return option.value == "FILE";
}

// A command of a shell that lists the values, for those that are not known before.
std::string_view listing(const OptionDoc& option) {
  return option.value == "VM" ? "lintel status --names" : "";
}

std::string names(const std::vector<VerbDoc>& verbs) {
  std::string out;
  for (const VerbDoc& verb : verbs) out += fmt::format("{}{}", out.empty() ? "" : " ", verb.name);
  return out;
}

// One `case` on "VERB" for the words, one on "VERB OPTION" for the values.
std::string bash(const std::vector<VerbDoc>& verbs) {
  std::string words;
  std::string values;
  for (const VerbDoc& verb : verbs) {
    std::string flags = "--help";
    bool files = false;
    for (const OptionDoc& option : verb.options) {
      for (const std::string& flag : option.flags) {
        flags += ' ' + flag;
        if (option.value.empty()) continue;
        const std::string action = is_file(option)
                                       ? "COMPREPLY=($(compgen -f -- \"$cur\"))"
                                       : fmt::format("COMPREPLY=($(compgen -W '{}' -- \"$cur\"))",
                                                     fmt::join(option.choices(), " "));
        values += fmt::format("    '{} {}') {}; return ;;\n", verb.name, flag, action);
      }
      if (!option.flags.empty()) continue;
      files = files || is_file(option);
      if (!listing(option).empty()) {
        flags += fmt::format(" '\"$({} 2>/dev/null)\"'", listing(option));
      } else if (!is_file(option)) {
        flags += fmt::format(" {}", fmt::join(option.choices(), " "));
      }
    }
    words += fmt::format("    {}) COMPREPLY=($(compgen {}-W '{}' -- \"$cur\")) ;;\n", verb.name,
                         files ? "-f " : "", flags);
  }
  return fmt::format(
      "# bash completion for lintel\n"
      "_lintel() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '{} --help --version' -- \"$cur\"))\n"
      "    return\n"
      "  fi\n"
      "  case \"${{COMP_WORDS[1]}} $prev\" in\n{}  esac\n"
      "  case \"${{COMP_WORDS[1]}}\" in\n{}  esac\n"
      "}}\n"
      "complete -o filenames -F _lintel lintel\n",
      names(verbs), values, words);
}

std::string zsh_value(const OptionDoc& option) {
  if (option.value.empty()) return {};
  const std::string action =
      !listing(option).empty() ? fmt::format("($({} 2>/dev/null))", listing(option))
      : is_file(option)        ? "_files"
                               : fmt::format("({})", fmt::join(option.choices(), " "));
  return fmt::format(":{}:{}", option.choices().empty() ? option.value : "value", action);
}

// Square brackets and colons have meanings in _arguments.
std::string zsh_doc(std::string_view doc) {
  std::string out;
  for (const char c : doc) {
    if (c == '[' || c == ']' || c == ':') out += '\\';
    out += c;
  }
  return quoted(out);
}

std::string zsh(const std::vector<VerbDoc>& verbs) {
  std::string commands;
  std::string cases;
  for (const VerbDoc& verb : verbs) {
    commands += fmt::format("    '{}:{}'\n", verb.name, zsh_doc(verb.summary));
    cases += fmt::format("    {}) _arguments", verb.name);
    unsigned place = 0;
    for (const OptionDoc& option : verb.options) {
      if (option.flags.empty()) {
        ++place;
        const std::string which = option.repeatable ? "*" : fmt::format("{}", place);
        cases += fmt::format(" '{}{}{}'", which, option.required || option.repeatable ? "" : ":",
                             zsh_value(option));
      }
      for (const std::string& flag : option.flags) {
        cases += fmt::format(" '{}{}[{}]{}'", option.repeatable ? "*" : "", flag,
                             zsh_doc(option.doc), zsh_value(option));
      }
    }
    cases += " ;;\n";
  }
  return fmt::format(
      "#compdef lintel\n"
      "_lintel() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $words[1] in\n{}  esac\n"
      "}}\n"
      "compdef _lintel lintel\n",
      commands, cases);
}

std::string fish(const std::vector<VerbDoc>& verbs) {
  std::string out = "# fish completion for lintel\ncomplete -c lintel -f\n";
  for (const VerbDoc& verb : verbs) {
    out += fmt::format("complete -c lintel -n __fish_use_subcommand -a {} -d '{}'\n", verb.name,
                       quoted(verb.summary));
    for (const OptionDoc& option : verb.options) {
      out += fmt::format("complete -c lintel -n '__fish_seen_subcommand_from {}'", verb.name);
      for (const std::string& flag : option.flags) {
        const bool is_long = flag.starts_with("--");
        out += fmt::format(" -{} {}", is_long ? 'l' : 's', flag.substr(is_long ? 2 : 1));
      }
      if (!listing(option).empty()) {
        out += fmt::format(" -a '({} 2>/dev/null)'", listing(option));
      } else if (is_file(option)) {
        out += option.flags.empty() ? " -F" : " -r -F";
      } else if (!option.choices().empty()) {
        out += fmt::format("{} -a '{}'", option.flags.empty() ? "" : " -x",
                           fmt::join(option.choices(), " "));
      } else if (!option.value.empty()) {
        out += " -x";
      }
      out += fmt::format(" -d '{}'\n", quoted(option.doc));
    }
  }
  return out;
}

}  // namespace

std::string completion(std::string_view shell, const std::vector<VerbDoc>& verbs) {
  if (shell == "zsh") return zsh(verbs);
  if (shell == "fish") return fish(verbs);
  return bash(verbs);
}

}  // namespace lintel::cli
