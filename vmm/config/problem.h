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

// The ids are stable: scripts may match them. New ones are added at the end.
enum class ProblemId : uint16_t {
  kSyntax = 1000,         // not TOML
  kType = 1001,           // wrong type, or a size or time without its unit
  kUnknownKey = 1002,     // no such key or section
  kValue = 1003,          // out of range, not one of the choices, malformed
  kMissing = 1004,        // a required key
  kFile = 1005,           // a file that the configuration names
  kConflict = 1006,       // values that cannot stand together
  kConfigFile = 1007,     // the configuration file itself cannot be read
  kProfile = 1008,        // no such profile
  kAssignment = 1009,     // --set without key or value
  kArchitecture = 1010,   // a key or value of another architecture
  kSilentConsole = 1101,  // warning: the kernel would print nothing where the user looks
  // Of this host, `lintel validate --host` and `lintel run`.
  kNoDevice = 2101,     // no such device, or more than one
  kOtherDevice = 2104,  // something else is at that address
  kDeviceBusy = 2105,   // the host uses it
  kDriver = 2106,       // it is on the wrong driver, and bind is "manual"
  kSiblings = 2107,     // warning: functions of the slot stay with the host
  kNetwork = 2108,      // warning: the host's default route goes over it
  kNoIommu = 2109,
  kGroup = 2110,       // the host uses other devices of the IOMMU group
  kAddresses = 2111,   // the IOMMU does not translate where the guest has RAM
  kMemlock = 2112,     // the limit of locked memory is too low
  kWindow = 2113,      // the BARs do not fit below 4 GiB, or below the IOMMU's width
  kReset = 2114,       // no reset of the kind asked for; warning: none, or only with others
  kRom = 2115,         // warning: the option ROM is not one, or of another device
  kPermission = 2116,  // a device node that this user may not open
  kBackend = 2117,     // VFIO, or the kind of it that was asked for, is not there
  kKvm = 2118,         // no KVM, or none that runs a guest
  kCpus = 2119,        // more than KVM has; warning: more than the host
  kHostMemory = 2120,  // too few huge pages; warning: more RAM than the host has
  kConsole = 2121,     // its file or socket cannot be made
  kDisk = 2122,        // cannot be opened, is locked, or used by the host
  kInterface = 2123,   // of the network; warning: it, or its bridge, is down
  kPort = 2124,        // taken, or root's
  kProgram = 2125,     // not installed
  kNode = 2126,        // of the kernel's, not there or not ours
  kSocket = 2127,      // of a vfio-user server; warning: none of our own
  kVga = 2128          // no graphics card where one is asked for
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
