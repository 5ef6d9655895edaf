// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/journal.h"

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/passthrough/host/fake_host.h"

namespace lintel::passthrough::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Journal example(const std::string& name) {
  Journal journal;
  journal.name = name;
  journal.owner = ProcessId{7, 4711};
  OldState old;
  old.address = *parse_address("0000:01:00.0");
  old.ids = {0x10de, 0x2684};
  old.driver = "nvidia";
  old.d3cold_allowed = true;
  old.power_control = "auto";
  old.runtime_status = "active";
  old.bar_sizes = {{1, 8}};
  journal.devices = {old,
                     {.address = *parse_address("0000:01:00.1"),
                      .ids = {},
                      .driver = {},
                      .driver_override = "x",
                      .d3cold_allowed = {},
                      .power_control = {},
                      .reset_methods = "flr bus",
                      .runtime_status = {},
                      .bar_sizes = {}}};
  return journal;
}

class Journals : public ::testing::Test {
 protected:
  FakeHost host_;
  JournalFolder folder_{host_.tree(), "/lintel"};
};

TEST_F(Journals, come_back_as_they_were) {
  const UniqueFd lock = folder_.lock();
  folder_.store(example("win11"));
  const auto journal = folder_.load("win11");
  ASSERT_TRUE(journal);
  EXPECT_EQ(journal->name, "win11");
  EXPECT_EQ(journal->owner, example("").owner);
  EXPECT_EQ(journal->devices, example("").devices);
  EXPECT_FALSE(folder_.load("other"));
  EXPECT_EQ(folder_.file("win11"), "/lintel/win11/restore.json");
}

// Who can open the lock can hold up every start.
TEST_F(Journals, are_for_their_user_alone) {
  const UniqueFd lock = folder_.lock();
  folder_.store(example("win11"));
  const auto mode = [&](const std::string& path) {
    struct stat status{};
    EXPECT_EQ(stat(host_.tree().at(path).c_str(), &status), 0) << path;
    return status.st_mode & 07777;
  };
  EXPECT_EQ(mode("/lintel"), 0700U);
  EXPECT_EQ(mode("/lintel/lock"), 0600U);
  EXPECT_EQ(mode("/lintel/win11"), 0700U);
  EXPECT_EQ(mode("/lintel/win11/restore.json"), 0600U);
}

TEST_F(Journals, without_devices_are_gone) {
  const UniqueFd lock = folder_.lock();
  folder_.store(example("win11"));
  folder_.store(example(""));
  EXPECT_THAT(folder_.names(), ElementsAre("", "win11"));
  Journal empty = example("win11");
  empty.devices.clear();
  folder_.store(empty);
  folder_.store(empty);
  EXPECT_THAT(folder_.names(), ElementsAre(""));
  EXPECT_FALSE(host_.tree().exists("/lintel/win11"));
}

TEST_F(Journals, names_are_no_paths) {
  for (const char* name : {".", "..", "a/b", "../x"}) {
    EXPECT_THROW(folder_.file(name), Error) << name;
  }
}

TEST_F(Journals, that_are_broken_say_so) {
  const std::string good = to_json(example("a"));
  EXPECT_EQ(parse_journal(good).devices.size(), 2U);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return text;
  };
  EXPECT_THROW(parse_journal(""), Error);
  EXPECT_THROW(parse_journal(good.substr(0, good.size() / 2)), Error);
  EXPECT_THROW(parse_journal(with("\"version\": 1", "\"version\": 2")), Error);
  EXPECT_THROW(parse_journal(with("0000:01:00.0", "../../x")), Error);
  EXPECT_THROW(parse_journal(with("\"nvidia\"", "\"../nvidia\"")), Error);
  EXPECT_THROW(parse_journal(with("\"nvidia\"", "7")), Error);
  host_.write("/lintel/a/restore.json", "{");
  try {
    folder_.load("a");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.describe(), HasSubstr("/lintel/a/restore.json"));
  }
}

TEST_F(Journals, are_stale_when_their_process_is_gone_or_another_one) {
  Journal journal = example("a");
  EXPECT_TRUE(folder_.is_stale(journal));
  host_.write("/proc/7/stat", FakeHost::stat_line(4711));
  EXPECT_FALSE(folder_.is_stale(journal));
  host_.write("/proc/7/stat", FakeHost::stat_line(4712));
  EXPECT_TRUE(folder_.is_stale(journal));
  std::string zombie = FakeHost::stat_line(4711);
  zombie.replace(zombie.find(") S"), 3, ") Z");
  host_.write("/proc/7/stat", zombie);
  EXPECT_TRUE(folder_.is_stale(journal));
  journal.owner.reset();
  EXPECT_TRUE(folder_.is_stale(journal));
}

TEST_F(Journals, of_another_pid_namespace_are_never_stale) {
  host_.link("/proc/self/ns/pid", "pid:[4026531836]");
  Journal journal = example("a");
  journal.owner->pid_namespace = 4026532001;
  EXPECT_EQ(parse_journal(to_json(journal)).owner, journal.owner);
  EXPECT_FALSE(folder_.is_stale(journal));
  EXPECT_THAT(folder_.in_use(journal).describe(), HasSubstr("process 7 of another PID namespace"));
  EXPECT_THAT(folder_.in_use(journal).help(), HasSubstr("from /lintel/a/restore.json"));
  journal.owner->pid_namespace = 4026531836;
  EXPECT_TRUE(folder_.is_stale(journal));
  host_.write("/proc/7/stat", FakeHost::stat_line(4711));
  EXPECT_FALSE(folder_.is_stale(journal));
  EXPECT_EQ(identify(host_.tree(), 7), journal.owner);
  EXPECT_EQ(folder_.in_use(journal).describe(), "The machine a still runs, as process 7");
  journal.owner->pid_namespace = 0;
  EXPECT_FALSE(folder_.is_stale(journal)) << "of an older version";
  journal.owner->start = 1;
  EXPECT_TRUE(folder_.is_stale(journal));
}

TEST_F(Journals, lock_is_waited_for_no_longer_than_patience_lasts) {
  const JournalFolder hasty(host_.tree(), "/lintel", std::chrono::milliseconds(0));
  UniqueFd lock = folder_.lock();
  try {
    const UniqueFd second = hasty.lock();
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr(fmt::format("/lintel/lock: process {} has", getpid())));
  }
  lock.reset();
  EXPECT_TRUE(hasty.lock());
}

TEST(Process, of_this_test_is_known) {
  const auto self = identify(Tree(), getpid());
  ASSERT_TRUE(self);
  EXPECT_EQ(self->pid, getpid());
  EXPECT_GT(self->start, 0U);
  EXPECT_FALSE(identify(Tree(), 0));
}

TEST(JournalFolder, without_a_place_fails_when_it_is_needed) {
  FakeHost host;
  const JournalFolder folder(host.tree(), "");
  EXPECT_THAT(folder.names(), IsEmpty());
  EXPECT_THROW(static_cast<void>(folder.lock()), Error);
}

}  // namespace
}  // namespace lintel::passthrough::host
