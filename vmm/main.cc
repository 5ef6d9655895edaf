// SPDX-License-Identifier: Apache-2.0
// Dispatches the command line, and turns whatever ends a command into an exit status.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "passthrough/host/bound_devices.h"
#include "vmm/api/client.h"
#include "vmm/api/reply.h"
#include "vmm/api/socket_file.h"
#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/run_folder.h"
#include "vmm/boards/board.h"
#include "vmm/commands/bind.h"
#include "vmm/commands/devices.h"
#include "vmm/commands/machine_check.h"
#include "vmm/config/cli.h"
#include "vmm/config/doctor.h"
#include "vmm/config/exit_codes.h"
#include "vmm/config/render.h"
#include "vmm/host_devices/host_check.h"
#include "vmm/kvm/system.h"
#include "vmm/machine/run.h"

namespace lintel {
namespace {

// A reader that went away early, as `| head` does, is no error of ours.
int print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  return to_status(ExitCode::kSuccess);
}

void complain(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

int execute(const cli::HelpCommand& help) {
  return print(help.text);
}

int execute(const cli::UsageError& error) {
  complain(fmt::format("lintel: {}\n", error.message));
  return to_status(ExitCode::kHost);
}

unsigned use_kvm() {
  const kvm::System system;
  std::string why;
  if (kvm::runs_a_guest(&why)) return system.max_vcpus();
  throw Error(fmt::format("/dev/kvm is there but runs no ordinary guest: {}", why))
      .with_help("use a host whose CPU virtualisation is not taken, or whose hypervisor nests it");
}

std::string search_path() {
  const char* path = std::getenv("PATH");
  return path != nullptr ? path : "";
}

// The host's devices, if some are to be passed.
void check_devices(const passthrough::host::Tree& tree, const config::Config& config,
                   const config::Places& places, config::Diagnostics& diagnostics) {
  if (config.pcis.empty()) return;
  const passthrough::host::JournalFolder journals(tree, default_run_folder());
  const host_devices::HostView host{
      tree, journals,
      [&](std::span<const GuestRange> usable) { return board_ram(config.memory.size, usable); },
      board_pci_memory32()};
  host_devices::check_host(host, config, places, diagnostics);
}

// Of what else a machine needs, its start says what is wrong, the first thing of it.
config::LoadOptions with_devices(config::LoadOptions options, const passthrough::host::Tree& tree) {
  options.check_host = [&tree](const auto& config, const auto& places, auto& diagnostics) {
    check_devices(tree, config, places, diagnostics);
  };
  return options;
}

config::LoadOptions with_host(config::LoadOptions options, const passthrough::host::Tree& tree) {
  options.check_host = [&tree](const auto& config, const auto& places, auto& diagnostics) {
    commands::check_machine({.tree = tree,
                             .search_path = search_path(),
                             .run_folder = default_run_folder(),
                             .user = geteuid(),
                             .kvm_cpus = use_kvm},
                            config, places, diagnostics);
    check_devices(tree, config, places, diagnostics);
  };
  return options;
}

int execute(const cli::RunCommand& run) {
  const passthrough::host::Tree tree;
  const config::Loaded loaded =
      config::load_file(run.file, run.print ? run.load : with_devices(run.load, tree));
  complain(config::to_text(loaded.problems));
  if (!loaded.ok()) return to_status(ExitCode::kHost);
  if (run.print) return print(config::to_toml(loaded.config));
  log::configure(run.log);
  if (!run.dump_dtb.empty()) {
    dump_device_tree(loaded.config, run.dump_dtb);
    return to_status(ExitCode::kSuccess);
  }
  return run_vm(loaded.config);
}

int execute(const cli::ValidateCommand& validate) {
  const passthrough::host::Tree tree;
  const config::Loaded loaded = config::load_file(
      validate.file, validate.host ? with_host(validate.load, tree) : validate.load);
  if (validate.json) {
    print(config::to_json(loaded.problems));
  } else {
    complain(config::to_text(loaded.problems));
  }
  return to_status(loaded.ok() ? ExitCode::kSuccess : ExitCode::kHost);
}

int execute(const cli::DevicesCommand& devices) {
  return print(commands::show_devices(passthrough::host::Tree(), devices));
}

// Lends `use` the real host.
template <typename Use>
auto with_access(Use&& use) {
  const passthrough::host::Tree tree;
  passthrough::host::ForkingWriter writer(tree, {});
  const passthrough::host::JournalFolder journals(tree, default_run_folder());
  return use(passthrough::host::HostAccess{tree, writer, journals});
}

int execute(const cli::BindCommand& command) {
  return print(with_access([&](const passthrough::host::HostAccess& host) {
    return commands::bind(host, command.devices);
  }));
}

int execute(const cli::RestoreCommand& command) {
  const commands::Restored restored = with_access([&](const passthrough::host::HostAccess& host) {
    return commands::restore(host, command.name);
  });
  print(restored.text);
  for (const std::string& failure : restored.failures) {
    complain(fmt::format("lintel: {}\n", failure));
  }
  return to_status(restored.failures.empty() ? ExitCode::kSuccess : ExitCode::kHost);
}

int execute(const cli::SchemaCommand& schema) {
  return print(schema.man ? config::file_manual() : config::json_schema());
}

int execute(const cli::DoctorCommand& command) {
  const doctor::Host host{.root = "", .search_path = search_path(), .use_kvm = use_kvm};
  const auto findings = doctor::examine(host, command.check);
  const auto shown = command.quiet ? doctor::complaints(findings) : findings;
  print(command.json ? doctor::to_json(shown) : doctor::to_text(shown));
  return to_status(doctor::failed(findings) ? ExitCode::kHost : ExitCode::kSuccess);
}

int execute(const cli::StatusCommand& command) {
  const std::string folder = default_run_folder();
  if (command.names) {
    const std::vector<std::string> names = api::running_machines(folder);
    return print(names.empty() ? "" : fmt::format("{}\n", fmt::join(names, "\n")));
  }
  const std::string status = api::Client(folder, command.vm).ask("GET", "/status");
  return print(command.json ? status : api::status_text(status));
}

int ask(const std::string& vm, std::string_view target, const std::string& body = {}) {
  api::Client client(default_run_folder(), vm);
  const api::Response response = client.request("PUT", target, body);
  if (response.status == 200) {
    const std::string note = api::note_in(response);
    return note.empty() ? to_status(ExitCode::kSuccess) : print(note + "\n");
  }
  complain(fmt::format("lintel: {}\n", api::error_in(response).describe()));
  return to_status(response.status == api::kTimedOut ? ExitCode::kTimeout : ExitCode::kHost);
}

// A socket's path means the same where the machine runs; anything else has no slash.
std::string full_path(const std::string& device) {
  return device.find('/') == std::string::npos ? device
                                               : std::filesystem::absolute(device).string();
}

int execute(const cli::ShutdownCommand& command) {
  return ask(command.vm, "/shutdown");
}
int execute(const cli::KillCommand& command) {
  return ask(command.vm, "/kill");
}
int execute(const cli::PauseCommand& command) {
  return ask(command.vm, "/pause");
}
int execute(const cli::ResumeCommand& command) {
  return ask(command.vm, "/resume");
}

int execute(const cli::AttachCommand& command) {
  return ask(command.vm, "/attach",
             api::body_of(api::AttachRequest{full_path(command.device), command.all_functions}));
}
int execute(const cli::DetachCommand& command) {
  return ask(command.vm, "/detach",
             api::body_of(api::DetachRequest{full_path(command.device), command.force}));
}

int execute(const cli::VersionCommand&) {
  return print("lintel " LINTEL_VERSION "\n");
}

int execute(const cli::CompletionCommand& completion) {
  return print(cli::completion(completion.shell, cli::describe()));
}

int run_main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + (argc > 0 ? 1 : 0), argv + argc);
  try {
    return std::visit([](const auto& command) { return execute(command); }, cli::parse(arguments));
  } catch (const Error& error) {
    complain(fmt::format("lintel: {}\n", error.describe()));
    return to_status(ExitCode::kHost);
  } catch (const std::exception& error) {
    complain(fmt::format("lintel: internal error: {}\n", error.what()));
    return to_status(ExitCode::kInternal);
  }
}

}  // namespace
}  // namespace lintel

int main(int argc, char** argv) {
  return lintel::run_main(argc, argv);
}
