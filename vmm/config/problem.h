// SPDX-License-Identifier: Apache-2.0
// What is wrong with a configuration, and where. A load collects every problem before it gives up,
// so that one round trip shows them all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lintel::config {

enum class Severity : uint8_t { kWarning, kError };

// The ids are stable: scripts may match them. New ones are added at the end; problem_docs.h says
// what each means.
enum class ProblemId : uint16_t {
  kSyntax = 1000,
  kType = 1001,
  kUnknownKey = 1002,
  kValue = 1003,
  kMissing = 1004,
  kFile = 1005,
  kConflict = 1006,
  kConfigFile = 1007,
  kProfile = 1008,
  kAssignment = 1009,
  kArchitecture = 1010,
  kSilentConsole = 1101,
  // Of this host, `lintel validate --host` and `lintel run`.
  kNoDevice = 2101,
  kOtherDevice = 2104,
  kDeviceBusy = 2105,
  kDriver = 2106,
  kSiblings = 2107,
  kNetwork = 2108,
  kNoIommu = 2109,
  kGroup = 2110,
  kAddresses = 2111,
  kMemlock = 2112,
  kWindow = 2113,
  kReset = 2114,
  kRom = 2115,
  kPermission = 2116,
  kBackend = 2117,
  kKvm = 2118,
  kCpus = 2119,
  kHostMemory = 2120,
  kConsole = 2121,
  kDisk = 2122,
  kInterface = 2123,
  kPort = 2124,
  kProgram = 2125,
  kNode = 2126,
  kSocket = 2127,
  kVga = 2128
};

// Where a key or a value was written. Lines and columns count from 1, columns and length in code
// points; line 0 is the source as a whole.
struct Origin {
  uint32_t source = 0;  // index into Diagnostics' sources
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t length = 0;
};

struct Problem {
  Severity severity = Severity::kError;
  ProblemId id = ProblemId::kSyntax;
  std::string file;  // or "--set" for the command line
  uint32_t line = 0;
  uint32_t column = 0;
  uint32_t length = 0;
  std::string source_line;
  std::string message;
  std::vector<std::string> notes;
  std::string help;
};

class Diagnostics {
 public:
  // Returns the index for Origin::source.
  uint32_t add_source(std::string name, std::string text);
  const std::string& source_text(uint32_t source) const { return sources_[source].text; }

  // The reference is valid until the next call.
  Problem& error(ProblemId id, const Origin& origin, std::string_view message);
  Problem& warning(ProblemId id, const Origin& origin, std::string_view message);

  bool has_errors() const;
  // In the order of the sources, without repetitions; empties the collection. Of a hopeless file
  // the first hundred, and a last one that counts the rest.
  std::vector<Problem> take();

 private:
  struct Source {
    std::string name;
    std::string text;
  };
  struct Entry {
    Origin origin;
    Problem problem;
  };

  Problem& report(Severity severity, ProblemId id, const Origin& origin, std::string_view message);

  static constexpr size_t kMaxProblems = 100;

  std::vector<Source> sources_;
  std::vector<Entry> entries_;
  size_t suppressed_ = 0;
  Problem scratch_;  // what a suppressed report is written to
};

bool has_errors(const std::vector<Problem>& problems);

// file:line:column: error[E1002]: message, the source line with a caret, notes and help.
std::string to_text(const Problem& problem);
std::string to_text(const std::vector<Problem>& problems);
// An array of objects for `lintel validate --json`.
std::string to_json(const std::vector<Problem>& problems);

}  // namespace lintel::config
