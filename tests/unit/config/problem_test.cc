// SPDX-License-Identifier: Apache-2.0
#include "vmm/config/problem.h"

#include <cctype>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "vmm/base/unique_fd.h"
#include "vmm/config/problem_docs.h"

namespace lintel::config {
namespace {

TEST(Problem, shows_its_line_with_carets_and_what_to_do) {
  Diagnostics diagnostics;
  diagnostics.add_source("vm.toml", "[vm]\nname = 7\n");
  Problem& problem = diagnostics.error(ProblemId::kType, {0, 2, 8, 1}, "must be a string");
  problem.notes = {"first\nsecond"};
  problem.help = "quote it";
  EXPECT_EQ(to_text(diagnostics.take()),
            "vm.toml:2:8: error[E1001]: must be a string\n"
            "    2 | name = 7\n"
            "      |        ^\n"
            "   note: first\n"
            "         second\n"
            "   help: quote it\n");
}

TEST(Problem, without_a_line_shows_the_file_alone) {
  Diagnostics diagnostics;
  diagnostics.add_source("vm.toml", "");
  diagnostics.error(ProblemId::kConfigFile, {}, "cannot open");
  EXPECT_EQ(to_text(diagnostics.take()), "vm.toml: error[E1007]: cannot open\n");
}

TEST(Problem, carets_follow_tabs_and_wide_characters_and_stop_at_the_line_end) {
  Diagnostics diagnostics;
  diagnostics.add_source("vm.toml", "\tä = x\n");
  diagnostics.error(ProblemId::kValue, {0, 1, 6, 1000}, "bad");
  EXPECT_EQ(to_text(diagnostics.take()),
            "vm.toml:1:6: error[E1003]: bad\n"
            "    1 | \tä = x\n"
            "      | \t    ^\n");
}

TEST(Problem, control_characters_of_the_file_do_not_reach_the_terminal) {
  Diagnostics diagnostics;
  diagnostics.add_source("vm.toml", "a\x1b[2Jb\xff\xc2\x9b");
  diagnostics.error(ProblemId::kSyntax, {0, 1, 1, 1}, "bad \x1b");
  const std::vector<Problem> problems = diagnostics.take();
  EXPECT_EQ(problems[0].source_line, "a?[2Jb??");
  EXPECT_EQ(problems[0].message, "bad ?");
}

TEST(Diagnostics, sorts_by_place_and_drops_repetitions) {
  Diagnostics diagnostics;
  diagnostics.add_source("vm.toml", "one\ntwo\n");
  diagnostics.error(ProblemId::kValue, {0, 2, 1, 1}, "second");
  diagnostics.warning(ProblemId::kSilentConsole, {0, 1, 1, 1}, "first");
  diagnostics.error(ProblemId::kValue, {0, 2, 1, 1}, "second");
  EXPECT_TRUE(diagnostics.has_errors());
  const std::vector<Problem> problems = diagnostics.take();
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_EQ(problems[0].message, "first");
  EXPECT_EQ(problems[1].message, "second");
}

TEST(Diagnostics, a_hopeless_file_gives_a_bounded_report) {
  Diagnostics diagnostics;
  diagnostics.add_source("vm.toml", "x\n");
  for (uint32_t i = 0; i < 1000; ++i) {
    diagnostics.error(ProblemId::kValue, {0, 1, i, 1}, "bad").help = "more";
  }
  const std::vector<Problem> problems = diagnostics.take();
  ASSERT_EQ(problems.size(), 101U);
  EXPECT_EQ(problems.back().message, "900 more problems are not shown");
}

TEST(Problem, json_carries_every_member) {
  Diagnostics diagnostics;
  diagnostics.add_source("vm.toml", "a\n");
  diagnostics.warning(ProblemId::kSilentConsole, {0, 1, 1, 1}, "silent \"x\"").help = "add it";
  EXPECT_EQ(to_json(diagnostics.take()),
            "[\n"
            "  {\n"
            "    \"severity\": \"warning\",\n"
            "    \"id\": \"W1101\",\n"
            "    \"file\": \"vm.toml\",\n"
            "    \"line\": 1,\n"
            "    \"column\": 1,\n"
            "    \"length\": 1,\n"
            "    \"message\": \"silent \\\"x\\\"\",\n"
            "    \"notes\": [],\n"
            "    \"help\": \"add it\"\n"
            "  }\n"
            "]\n");
}

// By number, the letters that stand before it in a text: "error[E1002]", "| E2114, W2115 |".
std::map<std::string, std::set<char>> codes_in(std::string_view text) {
  std::map<std::string, std::set<char>> out;
  for (size_t i = 0; i + 5 <= text.size(); ++i) {
    const std::string_view number = text.substr(i + 1, 4);
    const bool code =
        (text[i] == 'E' || text[i] == 'W') &&
        number.find_first_not_of("0123456789") == std::string_view::npos &&
        (i == 0 || std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0) &&
        (i + 5 == text.size() || std::isalnum(static_cast<unsigned char>(text[i + 5])) == 0);
    if (code) out[std::string(number)].insert(text[i]);
  }
  return out;
}

std::map<std::string, std::set<char>> documented() {
  std::map<std::string, std::set<char>> out;
  for (const ProblemDoc& doc : kProblemDocs) {
    const bool fresh = out.try_emplace(std::to_string(static_cast<int>(doc.id)),
                                       doc.letters.begin(), doc.letters.end())
                           .second;
    EXPECT_TRUE(fresh) << "twice: " << static_cast<int>(doc.id);
    EXPECT_FALSE(doc.doc.empty());
  }
  return out;
}

TEST(ProblemDocs, have_every_problem_and_no_other) {
  const std::string header = read_whole_file(LINTEL_SOURCE_DIR "/vmm/config/problem.h");
  std::set<std::string> declared;
  const size_t begin = header.find("enum class ProblemId");
  const size_t end = header.find("};", begin);
  for (size_t at = header.find(" = ", begin); at < end; at = header.find(" = ", at + 1)) {
    declared.insert(header.substr(at + 3, 4));
  }
  std::set<std::string> told;
  for (const auto& [number, letters] : documented()) told.insert(number);
  EXPECT_EQ(told, declared);
}

TEST(ProblemDocs, of_the_host_are_those_of_the_guide) {
  std::map<std::string, std::set<char>> of_the_host = documented();
  std::erase_if(of_the_host, [](const auto& code) { return code.first < "2000"; });
  EXPECT_EQ(codes_in(read_whole_file(LINTEL_SOURCE_DIR "/docs/passthrough.md")), of_the_host);
}

}  // namespace
}  // namespace lintel::config
