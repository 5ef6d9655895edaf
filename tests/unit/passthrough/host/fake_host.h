// SPDX-License-Identifier: Apache-2.0
// A host that is a folder, and a kernel that answers writes to its sysfs as the real one does.
#pragma once

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "passthrough/host/inventory.h"
#include "passthrough/host/sysfs_writer.h"
#include "passthrough/host/tree.h"
#include "vmm/base/error.h"

namespace lintel::passthrough::host {

struct FakeFunction {
  std::string address = "0000:01:00.0";
  std::string ids = "10de:2684";
  std::string class_code = "0x030000";
  std::string driver = "nvidia";
  std::optional<int> group = 14;
  std::string reset = "flr bus";
};

class FakeHost {
 public:
  FakeHost() : root_(make_root()), tree_(root_) {
    make_driver("nvidia");
    make_driver("nvme");
    write(fmt::format("/proc/{}/stat", getpid()), stat_line(4711));
  }
  ~FakeHost() { std::filesystem::remove_all(root_); }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  const Tree& tree() const { return tree_; }

  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  void link(const std::string& path, const std::string& target) const {
    const std::filesystem::path file = root_ + path;
    std::filesystem::create_directories(file.parent_path());
    std::filesystem::remove(file);
    std::filesystem::create_symlink(target, file);
  }
  void remove(const std::string& path) const { std::filesystem::remove_all(root_ + path); }
  std::string read(const std::string& path) const { return tree_.word(path).value_or("(none)"); }
  void make_driver(const std::string& name) const { write(driver_folder(name) + "/bind", ""); }

  static std::string folder(const std::string& address) {
    return "/sys/bus/pci/devices/" + address;
  }
  static std::string driver_folder(const std::string& name) {
    return "/sys/bus/pci/drivers/" + name;
  }
  // Field 22 is the start time; the name is as awkward as names may be.
  static std::string stat_line(int start) {
    return fmt::format("7 (a) b) S 1 1 1 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 {} 1 1\n", start);
  }

  // A process that has a file of the host's open.
  void add_holder(int pid, const std::string& name, const std::string& node) const {
    write(fmt::format("/proc/{}/comm", pid), name + "\n");
    link(fmt::format("/proc/{}/fd/5", pid), node);
  }

  void add(const FakeFunction& f) const {
    const std::string path = folder(f.address);
    write(path + "/vendor", "0x" + f.ids.substr(0, 4) + "\n");
    write(path + "/device", "0x" + f.ids.substr(5) + "\n");
    write(path + "/class", f.class_code + "\n");
    write(path + "/driver_override", "(null)\n");
    write(path + "/reset_method", f.reset + "\n");
    write(path + "/d3cold_allowed", "1\n");
    write(path + "/power/control", "on\n");
    write(path + "/power/runtime_status", "active\n");
    write(path + "/native", f.driver);  // which driver's id table has it
    // A BAR of 16 MiB, one of 256 MiB with 64 bits, no more, and the ROM.
    write(path + "/resource",
          "0x00000000f6000000 0x00000000f6ffffff 0x0000000000040200\n"
          "0x0000000fe0000000 0x0000000fefffffff 0x000000000014220c\n" +
              repeat("0x0000000000000000 0x0000000000000000 0x0000000000000000\n", 4) +
              "0x00000000f7000000 0x00000000f707ffff 0x0000000000046200\n");
    if (!f.driver.empty()) {
      make_driver(f.driver);
      link(path + "/driver", "../../../../bus/pci/drivers/" + f.driver);
    }
    if (f.group) join_group(f.address, *f.group);
  }

  void join_group(const std::string& address, int group) const {
    link(folder(address) + "/iommu_group", fmt::format("../../kernel/iommu_groups/{}", group));
    const std::string path = fmt::format("/sys/kernel/iommu_groups/{}", group);
    write(path + "/type", "DMA\n");
    link(fmt::format("{}/devices/{}", path, address), "../../../../devices/x/" + address);
  }

  // A disk below a function, as the block class shows it, with partitions 1 to `parts`.
  void add_disk(const std::string& address, const std::string& name, int parts) const {
    const std::string below = folder(address) + "/nvme/nvme0/" + name;
    link(below + "/subsystem", "../../../../../class/block");
    write(below + "/uevent", "DEVTYPE=disk\nDEVNAME=" + name + "\n");
    write(below + "/dev", "259:0\n");
    for (int i = 1; i <= parts; ++i) {
      const std::string part = fmt::format("{}/{}p{}", below, name, i);
      write(part + "/partition", fmt::format("{}\n", i));
      write(part + "/dev", fmt::format("259:{}\n", i));
      link(fmt::format("/sys/class/block/{}p{}", name, i), root_ + part);
    }
    link("/sys/class/block/" + name, root_ + below);
  }

  std::string driver(const std::string& address) const {
    return tree_.link_name(folder(address) + "/driver").value_or("");
  }

 private:
  static std::string make_root() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lintel-XXXXXX").string();
    return mkdtemp(pattern.data());
  }
  static std::string repeat(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
  }

  std::string root_;
  Tree tree_;
};

// What kill -9 is to the code that it hits: nothing runs after it.
struct Killed {};

class FakeKernel final : public SysfsWriter {
 public:
  explicit FakeKernel(const FakeHost& host) : host_(host) {}

  // Writes to paths that contain the text, and reads of them, fail with the error.
  std::map<std::string, int> fails;
  // What others do before a write to the path, and while a read of it waits.
  std::function<void(const std::string& path)> meanwhile;
  std::function<void(const std::string& path)> during_read;
  // How many more writes succeed before the process is killed.
  std::optional<int> lives;
  std::vector<std::string> log;  // "TEXT > PATH", and "modprobe NAME"
  std::vector<std::string> timed_out;
  // The resets of a function with others on its bus: "bus" is none of them.
  std::optional<std::string> reset_methods;
  // The group that a device gets when its first driver is probed, as on hosts with a device tree.
  std::optional<int> late_group;

  void write(const std::string& path, std::string_view text) override {
    spend(fmt::format("{} > {}", text == "\n" ? "\\n" : text, path));
    if (meanwhile) meanwhile(path);
    fail(path, "Cannot write to ");
    const std::string name(last_part(path));
    const std::string folder = path.substr(0, path.rfind('/'));
    if (name == "unbind") return unbind(std::string(last_part(folder)), std::string(text));
    if (name == "bind") return bind(std::string(last_part(folder)), std::string(text));
    if (name == "drivers_probe") return probe(std::string(text));
    if (name == "driver_override") {
      return host_.write(path, text == "\n" ? "(null)\n" : std::string(text) + "\n");
    }
    if (name == "reset_method" && reset_methods) {
      if (text.find("bus") != std::string_view::npos) throw Error("No reset by " + path, EINVAL);
      return host_.write(path, (text == "default" ? *reset_methods : std::string(text)) + "\n");
    }
    if (name.ends_with("_resize")) return resize(folder, name, std::stoi(std::string(text)));
    if (!host_.tree().exists(path)) throw Error("No file " + path, ENOENT);
    host_.write(path, std::string(text) + "\n");
  }
  std::string read(const std::string& path) override {
    if (during_read) during_read(path);
    fail(path, "Cannot read ");
    return host_.tree().word(path).value_or("");
  }
  void load_module(const std::string& name) override {
    spend("modprobe " + name);
    if (fails.contains("modprobe")) throw Error("no module " + name);
    host_.make_driver(name);
  }

 private:
  void fail(const std::string& path, const std::string& what) {
    for (const auto& [part, error] : fails) {
      if (path.find(part) == std::string::npos) continue;
      if (error == ETIMEDOUT) timed_out.push_back(path);
      throw Error(what + path, error);
    }
  }
  void spend(const std::string& what) {
    if (lives && (*lives)-- == 0) throw Killed{};
    log.push_back(what);
  }
  void unbind(const std::string& driver, const std::string& address) const {
    if (host_.driver(address) != driver) throw Error("unbind", ENODEV);
    host_.remove(FakeHost::folder(address) + "/driver");
    // vfio-pci forbids runtime power management when it goes.
    if (driver == "vfio-pci") host_.write(FakeHost::folder(address) + "/power/control", "on\n");
  }
  void bind(const std::string& driver, const std::string& address) const {
    const std::string folder = FakeHost::folder(address);
    const std::string override = host_.read(folder + "/driver_override");
    if (!host_.driver(address).empty()) throw Error("bind", EBUSY);
    const std::string fits = override == "(null)" ? host_.read(folder + "/native") : override;
    if (driver != fits) throw Error("bind: no match", ENODEV);
    host_.link(folder + "/driver", "../../../../bus/pci/drivers/" + driver);
    if (late_group) host_.join_group(address, *late_group);
    // And allows it when it comes.
    if (driver == "vfio-pci") host_.write(folder + "/power/control", "auto\n");
  }
  void probe(const std::string& address) const {
    const std::string folder = FakeHost::folder(address);
    const std::string override = host_.read(folder + "/driver_override");
    const std::string driver = override == "(null)" ? host_.read(folder + "/native") : override;
    if (host_.tree().exists(FakeHost::driver_folder(driver))) bind(driver, address);
  }
  void resize(const std::string& folder, const std::string& name, int code) const {
    if (host_.tree().is_link(folder + "/driver")) throw Error("resize", EBUSY);
    const int bar = name[std::string_view("resource").size()] - '0';
    std::vector<std::string> lines = host_.tree().lines(folder + "/resource");
    const std::vector<std::string> parts = words(lines.at(bar));
    const uint64_t start = std::stoull(parts[0], nullptr, 16);
    lines[bar] = fmt::format("{} 0x{:016x} {}", parts[0], start + (uint64_t{1} << (20 + code)) - 1,
                             parts[2]);
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    host_.write(folder + "/resource", text);
  }

  const FakeHost& host_;
};

}  // namespace lintel::passthrough::host
