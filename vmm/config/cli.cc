// SPDX-License-Identifier: Apache-2.0
// The only translation unit that sees CLI11. Only the verb that is asked for is built: the start
// of a machine does not pay for the options of the others.
#include "vmm/config/cli.h"

#include <algorithm>
#include <array>
#include <optional>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "vmm/config/doctor.h"
#include "vmm/config/suggest.h"

namespace lintel::cli {

namespace {

CLI::Option* one_of(CLI::Option* option, const std::string& alternatives) {
  // Shown as the value's name, and checked.
  return option->type_name(alternatives)->check([alternatives](const std::string& value) {
    size_t start = 0;
    while (start <= alternatives.size()) {
      const size_t end = std::min(alternatives.find('|', start), alternatives.size());
      if (std::string_view(alternatives).substr(start, end - start) == value) return std::string();
      start = end + 1;
    }
    return fmt::format("must be one of {} (got {})", alternatives, value);
  });
}

void add_load_options(CLI::App& app, std::string& file, config::LoadOptions& load) {
  app.add_option("FILE", file, "The TOML file of the machine, see lintel.toml(5)")
      ->required()
      ->type_name("FILE");
  app.add_option("-s,--set", load.assignments, "Change a value, such as cpu.count=4")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  app.add_option("-p,--profile", load.profiles, "Merge [profile.NAME] of the file")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

void add_log_options(CLI::App& app, log::Options& options) {
  app.add_flag_function(
      "-v,--verbose",
      [&options](int64_t count) {
        const int64_t level = static_cast<int64_t>(log::Level::kWarn) - count;
        options.level = static_cast<log::Level>(std::max<int64_t>(level, 0));
      },
      "Log more: -v what happens, -vv details, -vvv everything");
  one_of(app.add_option_function<std::string>(
             "--log-level",
             [&options](const std::string& name) {
               constexpr std::array<std::string_view, 6> kNames{"trace", "debug", "info",
                                                                "warn",  "error", "off"};
               const auto* found = std::find(kNames.begin(), kNames.end(), name);
               options.level = static_cast<log::Level>(found - kNames.begin());
             },
             "Log from this level on"),
         "trace|debug|info|warn|error|off");
  one_of(app.add_option_function<std::string>(
             "--log-format",
             [&options](const std::string& name) {
               options.format = name == "json" ? log::Format::kJson : log::Format::kText;
             },
             "How log lines look"),
         "text|json");
  app.add_option("--log-file", options.file, "Append the log to a file instead of stderr")
      ->type_name("FILE");
}

void bind(CLI::App& app, RunCommand& run) {
  add_load_options(app, run.file, run.load);
  app.add_option_function<std::string>(
         "-t,--timeout",
         [&run](const std::string& time) { run.load.assignments.push_back("vm.timeout=" + time); },
         "Stop the machine after this time, with exit status 124; the same as "
         "--set vm.timeout=TIME")
      ->type_name("TIME");
  CLI::Option* print = app.add_flag("--print", run.print,
                                    "Show the machine as TOML with all defaults, and do not run");
  app.add_option("--dump-dtb", run.dump_dtb,
                 "Write the device tree that the guest would get, and do not run; on arm64 hosts. "
                 "The devices of [[pci]] are taken and given back as for a run")
      ->type_name("FILE")
      ->excludes(print);
  add_log_options(app, run.log);
}

void bind(CLI::App& app, ValidateCommand& validate) {
  add_load_options(app, validate.file, validate.load);
  app.add_flag("--json", validate.json, "Report as a JSON array");
  app.add_flag("--host", validate.host,
               "Also report why this host could not run it; changes nothing");
}

constexpr const char* kDeviceName = "DEVICE";

void bind(CLI::App& app, DevicesCommand& devices) {
  app.add_option("DEVICE", devices.devices, "Show these only, with details: 0000:01:00.0")
      ->type_name(kDeviceName);
  app.add_flag("--json", devices.json, "Report as a JSON array");
  app.add_flag("-u,--users", devices.users, "Also show which programs have a device open");
  app.add_option("--toml", devices.toml, "Print a [[pci]] block for the configuration")
      ->type_name(kDeviceName);
  CLI::Option* config =
      app.add_option("--config", devices.config,
                     "Print which capabilities a guest would see, why not all, and the bytes")
          ->type_name(kDeviceName);
  app.add_option("--from", devices.from,
                 "With --config: as its [[pci]] in this configuration has it (hide, show, patch)")
      ->type_name("FILE")
      ->needs(config);
}

void bind(CLI::App& app, BindCommand& command) {
  app.add_option("DEVICE", command.devices, "The devices: 0000:01:00.0, or 10de:2684")
      ->required()
      ->type_name(kDeviceName);
}

void bind(CLI::App& app, RestoreCommand& restore) {
  app.add_option("NAME", restore.name,
                 "Only the devices of this machine; else all that were left behind, and those "
                 "of lintel bind")
      ->type_name("NAME");
}

void bind(CLI::App& app, SchemaCommand& schema) {
  app.add_flag("--man", schema.man, "Print lintel.toml(5) instead");
}

void bind(CLI::App& app, DoctorCommand& doctor) {
  app.add_flag("--json", doctor.json, "Report as a JSON array");
  app.add_flag("-q,--quiet", doctor.quiet, "Report only what is not well");
  one_of(app.add_option("--check", doctor.check, "Check one thing only"), doctor::check_names());
}

void add_vm_option(CLI::App& app, std::string& vm) {
  app.add_option("VM", vm, "The machine's name (vm.name); may be left out if only one runs")
      ->type_name("VM");
}

void add_named_vm(CLI::App& app, std::string& vm) {
  app.add_option("VM", vm, "The machine's name (vm.name)")->required()->type_name("VM");
}

void bind(CLI::App& app, StatusCommand& status) {
  add_vm_option(app, status.vm);
  app.add_flag("--json", status.json, "Report as JSON");
  app.add_flag("--names", status.names, "Print only the names of all machines that run");
}

void bind(CLI::App& app, ShutdownCommand& command) {
  add_vm_option(app, command.vm);
}
void bind(CLI::App& app, KillCommand& command) {
  add_vm_option(app, command.vm);
}
void bind(CLI::App& app, PauseCommand& command) {
  add_vm_option(app, command.vm);
}
void bind(CLI::App& app, ResumeCommand& command) {
  add_vm_option(app, command.vm);
}

void bind(CLI::App& app, AttachCommand& command) {
  add_named_vm(app, command.vm);
  app.add_option("DEVICE", command.device,
                 "The host's device: 0000:01:00.0, or 10de:2684, the path of a vfio-user "
                 "server's socket, or the id of a [[pci]] that was detached")
      ->required()
      ->type_name(kDeviceName);
  app.add_flag("-a,--all-functions", command.all_functions,
               "All functions of its slot, such as a graphics card's sound");
}
void bind(CLI::App& app, DetachCommand& command) {
  add_named_vm(app, command.vm);
  app.add_option("DEVICE", command.device,
                 "As it was attached, or the id of a [[pci]]; lintel status lists them")
      ->required()
      ->type_name(kDeviceName);
  app.add_flag("-f,--force", command.force,
               "Take it out without asking the guest, whose driver may not bear that");
}

void bind(CLI::App&, VersionCommand&) {}

void bind(CLI::App& app, CompletionCommand& completion) {
  one_of(app.add_option("SHELL", completion.shell, "For which shell")->required(), "bash|zsh|fish");
}

// Calls `use(app, command)` between the making of a verb's options and their end.
using Use = void (*)(CLI::App& app, Command& command, void* context);

template <typename T>
void build(Use use, void* context) {
  Command command{T{}};
  CLI::App app;
  app.set_help_flag();
  bind(app, std::get<T>(command));
  use(app, command, context);
}

struct Verb {
  std::string_view name;
  std::string_view summary;
  void (*build)(Use use, void* context);
};

constexpr std::array kVerbs{
    Verb{"run", "Run a machine until it powers off.", build<RunCommand>},
    Verb{"validate", "Report everything that is wrong with a file.", build<ValidateCommand>},
    Verb{"devices", "List the host's PCI devices, what they are and who has them.",
         build<DevicesCommand>},
    Verb{"bind", "Take devices from their drivers, for guests, until lintel restore.",
         build<BindCommand>},
    Verb{"restore", "Give devices back to the drivers that they had.", build<RestoreCommand>},
    Verb{"schema", "Print the JSON Schema of lintel.toml, for editors.", build<SchemaCommand>},
    Verb{"doctor", "Say what this host has and lacks.", build<DoctorCommand>},
    Verb{"status", "Show a machine that runs.", build<StatusCommand>},
    Verb{"shutdown", "Press a machine's power button.", build<ShutdownCommand>},
    Verb{"kill", "Stop a machine at once.", build<KillCommand>},
    Verb{"pause", "Stop a machine's CPUs until it is resumed.", build<PauseCommand>},
    Verb{"resume", "Let a paused machine go on.", build<ResumeCommand>},
    Verb{"attach", "Plug a device of the host into a machine that runs.", build<AttachCommand>},
    Verb{"detach", "Unplug one, and give it back to the host.", build<DetachCommand>},
    Verb{"version", "Print the version.", build<VersionCommand>},
    Verb{"completion", "Print a completion script for a shell.", build<CompletionCommand>}};

VerbDoc describe(const Verb& verb) {
  VerbDoc doc{verb.name, verb.summary, {}};
  verb.build(
      [](CLI::App& app, Command&, void* context) {
        for (const CLI::Option* option : app.get_options()) {
          OptionDoc entry;
          for (const std::string& name : option->get_snames()) entry.flags.push_back("-" + name);
          for (const std::string& name : option->get_lnames()) entry.flags.push_back("--" + name);
          const bool flag = option->get_items_expected_max() == 0;
          if (!flag) entry.value = option->get_type_name();
          entry.doc = option->get_description();
          entry.repeatable =
              option->get_items_expected_max() > 1 || (flag && entry.flags.front() == "-v");
          entry.required = option->get_required();
          static_cast<VerbDoc*>(context)->options.push_back(std::move(entry));
        }
      },
      &doc);
  return doc;
}

const Verb* find_verb(std::string_view name) {
  const auto* found = std::find_if(kVerbs.begin(), kVerbs.end(),
                                   [&](const Verb& verb) { return verb.name == name; });
  return found == kVerbs.end() ? nullptr : found;
}

UsageError unknown_verb(std::string_view word) {
  std::vector<std::string_view> names;
  names.reserve(kVerbs.size());
  for (const Verb& verb : kVerbs) names.push_back(verb.name);
  const std::string_view meant = config::closest(word, names);
  if (!meant.empty()) {
    return {fmt::format("unknown command `{}`; did you mean `{}`?", word, meant)};
  }
  if (word.ends_with(".toml")) {
    return {fmt::format("unknown command `{0}`; to run the machine: lintel run {0}", word)};
  }
  return {fmt::format("unknown command `{}`; see lintel --help", word)};
}

// CLI11 says that there was something left over; we also say what it may have been meant for.
UsageError unexpected(const Verb& verb, std::string_view argument) {
  const VerbDoc doc = describe(verb);
  std::vector<std::string_view> flags{"--help"};
  for (const OptionDoc& option : doc.options) {
    flags.insert(flags.end(), option.flags.begin(), option.flags.end());
  }
  const std::string_view meant =
      argument.starts_with("--") ? config::closest(argument.substr(0, argument.find('=')), flags)
                                 : std::string_view();
  if (!meant.empty()) {
    return {fmt::format("unknown option {}; did you mean {}?", argument, meant)};
  }
  return {fmt::format("unexpected argument {}; see lintel {} --help", argument, verb.name)};
}

struct Parse {
  const Verb& verb;
  std::vector<std::string> arguments;  // in reverse, as CLI11 wants them
  Command result;
};

void parse_verb(CLI::App& app, Command& command, void* context) {
  Parse& parse = *static_cast<Parse*>(context);
  const auto usage = [&](std::string_view what) {
    return UsageError{fmt::format("{}; see lintel {} --help", what, parse.verb.name)};
  };
  try {
    app.parse(parse.arguments);
    parse.result = std::move(command);
  } catch (const CLI::ExtrasError&) {
    // parse() has left in place what it did not take.
    const std::vector<std::string> rest = app.remaining();
    parse.result = unexpected(parse.verb, rest.empty() ? "" : rest.front());
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string_view what = error.what();
    parse.result = usage(fmt::format("{} needs a value", what.substr(0, what.find(':'))));
  } catch (const CLI::ParseError& error) {
    parse.result = usage(error.what());
  }
}

bool asks_for_help(std::span<const std::string_view> arguments) {
  return std::any_of(arguments.begin(), arguments.end(), [](std::string_view argument) {
    return argument == "--help" || argument == "-h";
  });
}

}  // namespace

std::vector<VerbDoc> describe() {
  std::vector<VerbDoc> docs;
  docs.reserve(kVerbs.size());
  for (const Verb& verb : kVerbs) docs.push_back(describe(verb));
  return docs;
}

Command parse(std::span<const std::string_view> arguments) {
  if (arguments.empty()) return UsageError{"a command is missing; see lintel --help"};
  const std::string_view first = arguments.front();
  if (first == "--version" || first == "-V") return VersionCommand{};
  if (first == "--help" || first == "-h" || first == "help") {
    const Verb* verb = arguments.size() > 1 ? find_verb(arguments[1]) : nullptr;
    return HelpCommand{verb != nullptr ? help(describe(*verb)) : help(describe())};
  }
  const Verb* verb = find_verb(first);
  if (verb == nullptr) return unknown_verb(first);
  if (asks_for_help(arguments.subspan(1))) return HelpCommand{help(describe(*verb))};
  Parse parse{*verb, {arguments.rbegin(), arguments.rend() - 1}, {}};
  verb->build(parse_verb, &parse);
  return std::move(parse.result);
}

}  // namespace lintel::cli
