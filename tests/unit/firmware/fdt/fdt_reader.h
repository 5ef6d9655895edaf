// SPDX-License-Identifier: Apache-2.0
// Looks into a finished device tree with the library's own reader.
#pragma once

#include <libfdt.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "firmware/fdt/fdt_builder.h"
#include "vmm/base/endian.h"

namespace lintel::fdt {

class FdtReader {
 public:
  explicit FdtReader(Bytes blob) : blob_(std::move(blob)) {
    if (fdt_check_full(blob_.data(), blob_.size()) != 0) throw std::runtime_error("damaged tree");
  }

  size_t size() const { return blob_.size(); }
  bool has_node(const std::string& path) const { return offset(path) >= 0; }
  bool has(const std::string& path, const std::string& name) const {
    return fdt_getprop(blob_.data(), offset(path), name.c_str(), nullptr) != nullptr;
  }

  // The bytes of a property. Throws if it is not there.
  std::string bytes(const std::string& path, const std::string& name) const {
    int size = 0;
    const void* value = fdt_getprop(blob_.data(), offset(path), name.c_str(), &size);
    if (value == nullptr) throw std::runtime_error("no " + name + " in " + path);
    return {static_cast<const char*>(value), static_cast<size_t>(size)};
  }
  std::vector<uint32_t> cells(const std::string& path, const std::string& name) const {
    const std::string value = bytes(path, name);
    std::vector<uint32_t> result;
    for (size_t at = 0; at + 4 <= value.size(); at += 4) {
      result.push_back(load_be<uint32_t>(value.data() + at));
    }
    return result;
  }
  uint32_t cell(const std::string& path, const std::string& name) const {
    return cells(path, name).at(0);
  }
  // Without the zero at its end.
  std::string text(const std::string& path, const std::string& name) const {
    return bytes(path, name).c_str();
  }
  // The path of the node with that phandle.
  std::string path_of(uint32_t phandle) const {
    char path[256];
    const int node = fdt_node_offset_by_phandle(blob_.data(), phandle);
    if (fdt_get_path(blob_.data(), node, path, sizeof path) != 0) return "";
    return path;
  }

 private:
  int offset(const std::string& path) const { return fdt_path_offset(blob_.data(), path.c_str()); }

  Bytes blob_;
};

}  // namespace lintel::fdt
