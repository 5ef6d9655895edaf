// SPDX-License-Identifier: Apache-2.0
// The command line: what was asked for, as one struct for each verb. Completion, `--help` and
// lintel(1) are made from the same options that the parser uses.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "vmm/base/log.h"
#include "vmm/config/load.h"

namespace lintel::cli {

struct RunCommand {
  std::string file;
  config::LoadOptions load;
  bool print = false;    // the resolved configuration, instead of running it
  std::string dump_dtb;  // a file for the guest's device tree, instead of running it
  log::Options log;
};

struct ValidateCommand {
  std::string file;
  config::LoadOptions load;
  bool json = false;
  bool host = false;  // also whether this host can run it
};

struct DevicesCommand {
  std::vector<std::string> devices;  // only these, with details
  bool json = false;
  bool users = false;  // also who uses them
  std::string toml;    // a [[pci]] block for this one, and nothing else
  std::string config;  // what a guest would see of this one's configuration space
  std::string from;    // as the [[pci]] of this configuration has it
};

struct BindCommand {
  std::vector<std::string> devices;
};

struct RestoreCommand {
  std::string name;  // of a machine; empty: all that were left behind, and `lintel bind`'s
};

struct SchemaCommand {
  bool man = false;
};

struct DoctorCommand {
  bool json = false;
  bool quiet = false;  // only what is not well
  std::string check;   // only this one
};

// Of a machine that runs; `vm` is empty if the only one is meant.
struct StatusCommand {
  std::string vm;
  bool json = false;
  bool names = false;  // only the names of all machines
};
struct ShutdownCommand {
  std::string vm;
};
struct KillCommand {
  std::string vm;
};
struct PauseCommand {
  std::string vm;
};
struct ResumeCommand {
  std::string vm;
};
// A device of the host: its address, vendor:device, or the path of a vfio-user server's socket.
struct AttachCommand {
  std::string vm;
  std::string device;
  bool all_functions = false;
};
struct DetachCommand {
  std::string vm;
  std::string device;  // or the id of a [[pci]]
  bool force = false;
};
struct VersionCommand {};

struct CompletionCommand {
  std::string shell;
};

struct HelpCommand {
  std::string text;
};

// One sentence for stderr; the exit status is ExitCode::kHost.
struct UsageError {
  std::string message;
};

using Command =
    std::variant<HelpCommand, UsageError, RunCommand, ValidateCommand, DevicesCommand, BindCommand,
                 RestoreCommand, SchemaCommand, DoctorCommand, StatusCommand, ShutdownCommand,
                 KillCommand, PauseCommand, ResumeCommand, AttachCommand, DetachCommand,
                 VersionCommand, CompletionCommand>;

// The arguments without the program's name. Does not throw for anything in them.
Command parse(std::span<const std::string_view> arguments);

struct OptionDoc {
  std::vector<std::string> flags;  // "-v", "--verbose"; none for a positional argument
  std::string value;               // "FILE" or "text|json"; none for a flag
  std::string doc;
  bool repeatable = false;
  bool required = false;

  // The alternatives of a value such as "text|json".
  std::vector<std::string> choices() const;
};

struct VerbDoc {
  std::string_view name;
  std::string_view summary;
  std::vector<OptionDoc> options;
};

std::vector<VerbDoc> describe();

// The text of `lintel --help` and of `lintel VERB --help`.
std::string help(const std::vector<VerbDoc>& verbs);
std::string help(const VerbDoc& verb);

// A completion script for "bash", "zsh" or "fish".
std::string completion(std::string_view shell, const std::vector<VerbDoc>& verbs);

// lintel(1).
std::string command_manual(const std::vector<VerbDoc>& verbs);

}  // namespace lintel::cli
