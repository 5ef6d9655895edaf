// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/cli.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vmm/config/exit_codes.h"

namespace lintel::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Command parse_words(std::initializer_list<std::string_view> words) {
  const std::vector<std::string_view> arguments(words);
  return parse(arguments);
}

template <typename T>
T expect(std::initializer_list<std::string_view> words) {
  Command command = parse_words(words);
  if (const auto* error = std::get_if<UsageError>(&command)) ADD_FAILURE() << error->message;
  return std::holds_alternative<T>(command) ? std::get<T>(command) : T{};
}

std::string usage_error(std::initializer_list<std::string_view> words) {
  const Command command = parse_words(words);
  const auto* error = std::get_if<UsageError>(&command);
  return error != nullptr ? error->message : "no error";
}

TEST(Cli, run_takes_options_before_and_behind_the_file) {
  const auto run = expect<RunCommand>({"run", "--set", "cpu.count=4", "vm.toml", "-s", "a=[1,2]",
                                       "--profile", "big", "-p", "small", "--print"});
  EXPECT_EQ(run.file, "vm.toml");
  EXPECT_THAT(run.load.assignments, ElementsAre("cpu.count=4", "a=[1,2]"));
  EXPECT_THAT(run.load.profiles, ElementsAre("big", "small"));
  EXPECT_TRUE(run.print);
  EXPECT_TRUE(run.load.check_files);
}

TEST(Cli, timeout_is_an_assignment) {
  EXPECT_THAT(expect<RunCommand>({"run", "vm.toml", "--timeout=10s"}).load.assignments,
              ElementsAre("vm.timeout=10s"));
}

TEST(Cli, the_device_tree_goes_to_a_file_instead_of_a_run) {
  EXPECT_EQ(expect<RunCommand>({"run", "f", "--dump-dtb", "a.dtb"}).dump_dtb, "a.dtb");
  EXPECT_EQ(usage_error({"run", "f", "--dump-dtb", "a.dtb", "--print"}),
            "--print excludes --dump-dtb; see lintel run --help");
}

TEST(Cli, each_verbose_lowers_the_level_and_log_level_sets_it) {
  const auto level = [](auto... words) {
    return expect<RunCommand>({"run", "f", words...}).log.level;
  };
  EXPECT_EQ(level(), log::Level::kWarn);
  EXPECT_EQ(level("-v"), log::Level::kInfo);
  EXPECT_EQ(level("-vv"), log::Level::kDebug);
  EXPECT_EQ(level("-vvvvvv"), log::Level::kTrace);
  EXPECT_EQ(level("--log-level", "error"), log::Level::kError);
  EXPECT_EQ(level("-v", "--log-level", "off"), log::Level::kOff);
}

TEST(Cli, log_goes_where_it_is_sent) {
  const auto run =
      expect<RunCommand>({"run", "f", "--log-format", "json", "--log-file", "lintel.log"});
  EXPECT_EQ(run.log.format, log::Format::kJson);
  EXPECT_EQ(run.log.file, "lintel.log");
}

TEST(Cli, other_verbs_have_their_options) {
  EXPECT_TRUE(expect<ValidateCommand>({"validate", "--json", "f"}).json);
  EXPECT_TRUE(expect<SchemaCommand>({"schema", "--man"}).man);
  EXPECT_EQ(expect<DoctorCommand>({"doctor", "-q", "--check", "kvm"}).check, "kvm");
  EXPECT_TRUE(expect<ValidateCommand>({"validate", "--host", "f"}).host);
  const auto devices = expect<DevicesCommand>({"devices", "--json", "-u", "01:00.0", "02:00.0"});
  EXPECT_TRUE(devices.json);
  EXPECT_TRUE(devices.users);
  EXPECT_EQ(devices.devices, (std::vector<std::string>{"01:00.0", "02:00.0"}));
  EXPECT_EQ(expect<DevicesCommand>({"devices", "--toml", "01:00.0"}).toml, "01:00.0");
  EXPECT_EQ(expect<BindCommand>({"bind", "01:00.0", "01:00.1"}).devices.size(), 2U);
  const auto attach = expect<AttachCommand>({"attach", "win11", "01:00.0", "-a"});
  EXPECT_EQ(attach.vm, "win11");
  EXPECT_EQ(attach.device, "01:00.0");
  EXPECT_TRUE(attach.all_functions);
  EXPECT_TRUE(expect<DetachCommand>({"detach", "--force", "win11", "gpu"}).force);
  EXPECT_EQ(expect<DetachCommand>({"detach", "win11", "gpu"}).device, "gpu");
  EXPECT_EQ(expect<RestoreCommand>({"restore"}).name, "");
  EXPECT_EQ(expect<RestoreCommand>({"restore", "win11"}).name, "win11");
  EXPECT_THAT(usage_error({"bind"}), HasSubstr("DEVICE"));
  EXPECT_TRUE(expect<StatusCommand>({"status", "--json"}).json);
  EXPECT_EQ(expect<StatusCommand>({"status", "box"}).vm, "box");
  EXPECT_EQ(expect<ShutdownCommand>({"shutdown"}).vm, "");
  EXPECT_EQ(expect<CompletionCommand>({"completion", "fish"}).shell, "fish");
  expect<VersionCommand>({"version"});
  expect<VersionCommand>({"--version"});
}

TEST(Cli, help_is_given_wherever_it_is_asked_for) {
  EXPECT_THAT(expect<HelpCommand>({"--help"}).text, HasSubstr("Commands:"));
  EXPECT_THAT(expect<HelpCommand>({"help", "run"}).text, HasSubstr("--profile"));
  EXPECT_THAT(expect<HelpCommand>({"run", "f", "--help"}).text, HasSubstr("--profile"));
}

TEST(Cli, misuse_is_one_sentence) {
  EXPECT_EQ(usage_error({}), "a command is missing; see lintel --help");
  EXPECT_EQ(usage_error({"rnu"}), "unknown command `rnu`; did you mean `run`?");
  EXPECT_EQ(usage_error({"a.toml"}),
            "unknown command `a.toml`; to run the machine: lintel run a.toml");
  EXPECT_EQ(usage_error({"run"}), "FILE is required; see lintel run --help");
  EXPECT_EQ(usage_error({"run", "a", "b"}), "unexpected argument b; see lintel run --help");
  EXPECT_EQ(usage_error({"run", "a", "--pritn"}), "unknown option --pritn; did you mean --print?");
  EXPECT_EQ(usage_error({"run", "a", "--set"}), "--set needs a value; see lintel run --help");
  EXPECT_THAT(usage_error({"run", "a", "--log-level", "loud"}), HasSubstr("(got loud)"));
  EXPECT_THAT(usage_error({"completion", "tcsh"}), HasSubstr("bash|zsh|fish"));
  for (const std::string_view odd : {"", "-", "--", "---", "-x", "--=", "{", "\xff"}) {
    EXPECT_NE(usage_error({odd}), "no error") << odd;
    EXPECT_NE(usage_error({"run", "f", odd, odd}), "no error") << odd;
  }
}

TEST(ExitCode, of_a_guest_cannot_pass_for_ours) {
  EXPECT_EQ(guest_status(7), 7);
  EXPECT_EQ(guest_status(119), 119);
  EXPECT_EQ(guest_status(124), 119);
  EXPECT_EQ(guest_status(UINT32_MAX), 119);
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string out;
  char buffer[256];
  while (pipe && std::fgets(buffer, sizeof buffer, pipe.get()) != nullptr) out += buffer;
  return out;
}

TEST(Completion, of_bash_completes_verbs_options_and_values) {
  std::string pattern = (std::filesystem::temp_directory_path() / "lintel-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(pattern.data());
  std::ofstream(folder / "completion") << completion("bash", describe());
  const auto complete = [&](const std::string& words, int current) {
    return output_of("bash -c '. " + (folder / "completion").string() + "; COMP_WORDS=(" + words +
                     "); COMP_CWORD=" + std::to_string(current) +
                     "; _lintel; echo ${COMPREPLY[@]}'");
  };
  EXPECT_EQ(complete("lintel va", 1), "validate\n");
  EXPECT_EQ(complete("lintel run --pro", 2), "--profile\n");
  EXPECT_EQ(complete("lintel run --log-format j", 3), "json\n");
  EXPECT_EQ(complete("lintel completion f", 2), "fish\n");
  std::filesystem::remove_all(folder);
}

TEST(Completion, of_each_shell_knows_every_verb_and_option) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const std::string script = completion(shell, describe());
    for (const VerbDoc& verb : describe()) {
      EXPECT_THAT(script, HasSubstr(std::string(verb.name)));
      for (const OptionDoc& option : verb.options) {
        for (const std::string& flag : option.flags) {
          EXPECT_THAT(script, HasSubstr(flag.substr(flag.find_first_not_of('-')))) << shell;
        }
      }
    }
  }
}

}  // namespace
}  // namespace lintel::cli
