// SPDX-License-Identifier: Apache-2.0
// From a tree to the structs, one value at a time. What takes several values to judge is in
// checks.h.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vmm/config/fields.h"
#include "vmm/config/problem.h"
#include "vmm/config/tree.h"

namespace lintel::config {

// A file that must be there, and who says so.
struct FileReference {
  std::string key;
  std::string path;
  Origin origin;
};

class Reader {
 public:
  // `folder` is the TOML file's (source 0); paths from other sources are left as they are.
  Reader(std::string folder, Architecture architecture, Diagnostics& diagnostics)
      : folder_(std::move(folder)), architecture_(architecture), diagnostics_(diagnostics) {}

  // Stores what is right and reports what is wrong. `partial`: required keys may be missing, and
  // another architecture's be there, as in a profile that is not used.
  void read(const Node& root, Config& config, bool partial);

  // Whether something is wrong with a section, so that its values cannot be judged together.
  bool failed(std::string_view section) const { return failed_.contains(section); }
  const std::vector<FileReference>& files() const { return files_; }
  Architecture architecture() const { return architecture_; }

 private:
  void read_section(const Section& section, const Entry& entry, Config& config);
  void read_table(const Section& section, const Node& table, size_t index, Config& config);
  bool is_ours(const Section& section, const Field& field, const Node& node, const Scalar& value);
  void read_value(const Section& section, const Field& field, const Node& node, void* target);
  void require(const Section& section, const Node* table, const Origin& origin);
  void unknown_key(const Section* section, const Entry& entry);
  void add_paths(const Section& section, const Field& field, const Node& node, Scalar& value);
  std::string resolve(const std::string& path, const Origin& origin) const;

  std::string folder_;
  const Architecture architecture_;
  Diagnostics& diagnostics_;
  bool partial_ = false;
  std::set<std::string, std::less<>> failed_;
  std::vector<FileReference> files_;
};

}  // namespace lintel::config
