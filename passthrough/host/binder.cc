// SPDX-License-Identifier: Apache-2.0
#include "passthrough/host/binder.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <optional>

#include <fmt/format.h>

#include "vmm/base/error.h"
#include "vmm/base/log.h"
#include "vmm/base/types.h"

namespace lintel::passthrough::host {

namespace {

constexpr std::string_view kDriver = "vfio-pci";
constexpr std::string_view kDrivers = "/sys/bus/pci/drivers";
constexpr std::string_view kProbe = "/sys/bus/pci/drivers_probe";
// What clears driver_override.
constexpr std::string_view kNothing = "\n";

HostFunction must_read(const Tree& tree, PciAddress address) {
  auto function = read_function(tree, address);
  if (!function) throw_error("The PCI device {} is gone", to_string(address));
  return std::move(*function);
}

// 2^code MiB (PCI Express Base 5.0, 7.8.6.3).
unsigned code_of(uint64_t size) {
  return size < kMiB ? 0 : static_cast<unsigned>(std::bit_width(size / kMiB)) - 1;
}

// The kernel shows it with the device's lock held, which a driver keeps that does not let go.
std::string driver_override(SysfsWriter& writer, const HostFunction& function) {
  std::string driver = writer.read(function.folder() + "/driver_override");
  return driver == "(null)" ? std::string() : driver;
}

}  // namespace

OldState old_state(SysfsWriter& writer, const HostFunction& function) {
  OldState old;
  old.address = function.address;
  old.ids = function.ids;
  old.driver = function.driver;
  old.driver_override = driver_override(writer, function);
  old.d3cold_allowed = function.d3cold_allowed;
  old.power_control = function.power_control;
  old.runtime_status = function.runtime_status;
  old.reset_methods = function.reset_method_list();
  for (const HostBar& bar : function.bars) {
    if (bar.sizes == 0) continue;
    old.bar_sizes.push_back({bar.index, static_cast<uint8_t>(code_of(bar.size))});
  }
  return old;
}

void Binder::unbind(const HostFunction& function) {
  if (function.driver.empty()) return;
  try {
    writer_.write(fmt::format("{}/{}/unbind", kDrivers, function.driver),
                  to_string(function.address));
  } catch (const Error& error) {
    if (error.errno_value() == ETIMEDOUT) stuck_.push_back(function.address);
    // Someone may have been faster: who wants a device back from a machine unbinds it, and waits
    // for the machine to let go.
    const auto now = read_function(tree_, function.address);
    if (error.errno_value() != ENODEV || !now || now->driver == function.driver) throw;
  }
}

void Binder::keep_awake(const HostFunction& function) {
  const std::string folder = function.folder();
  if (function.d3cold_allowed.value_or(false)) writer_.write(folder + "/d3cold_allowed", "0");
  if (function.power_control == "auto") writer_.write(folder + "/power/control", "on");
}

void Binder::resize_bar(const HostFunction& function, const HostBar& bar, unsigned code) {
  writer_.write(fmt::format("{}/resource{}_resize", function.folder(), bar.index),
                fmt::format("{}", code));
}

void Binder::resize_bars(const HostFunction& function, const BarResize& resize) {
  if (resize.kind == BarResize::Kind::kKeep) return;
  std::string possible;
  for (const HostBar& bar : function.bars) {
    if (bar.sizes == 0) continue;
    const unsigned now = code_of(bar.size);
    if (resize.kind == BarResize::Kind::kSize) {
      const unsigned code = code_of(resize.size);
      possible += fmt::format("{}BAR {} can have {}", possible.empty() ? "" : "; ", bar.index,
                              size_list(bar, ", "));
      if ((bar.sizes >> code & 1) == 0) continue;
      if (code != now) resize_bar(function, bar, code);
      return;
    }
    // The host's bridges may have no room for the largest.
    for (auto code = static_cast<unsigned>(std::bit_width(bar.sizes)); code-- > now + 1;) {
      if ((bar.sizes >> code & 1) == 0) continue;
      try {
        resize_bar(function, bar, code);
        break;
      } catch (const Error& error) {
        if (error.errno_value() != ENOSPC) throw;
      }
    }
  }
  if (resize.kind == BarResize::Kind::kMax) return;
  throw Error(
      fmt::format("No BAR of {} can have {} MiB", to_string(function.address), resize.size / kMiB))
      .with_help(possible.empty() ? "it has no resizable BAR: remove `rebar`" : possible);
}

// Documentation/ABI/testing/sysfs-bus-pci: the names of the methods, in the order of trying.
void Binder::choose_reset(const HostFunction& function, const std::string& methods) {
  if (methods.empty() || function.reset_method_list() == methods) return;
  const std::string file = function.folder() + "/reset_method";
  try {
    writer_.write(file, methods);
  } catch (const Error&) {
    // A list may be of before the kernel found others on the bus, since when "bus" is refused.
    if (methods.find(' ') == std::string::npos) throw;
    writer_.write(file, "default");
  }
}

void Binder::bind(PciAddress address, const BarResize& resize, const std::string& reset_methods) {
  HostFunction function = must_read(tree_, address);
  const bool is_there = is_vfio_driver(function.driver);
  if (!is_there || resize.kind != BarResize::Kind::kKeep) {
    // A variant driver that someone chose stays the choice.
    const std::string driver = is_there ? function.driver : std::string(kDriver);
    if (!tree_.exists(fmt::format("{}/{}", kDrivers, driver))) writer_.load_module(driver);
    // Before the driver lets go: without one the device may go to D3cold, and some never return.
    keep_awake(function);
    if (driver_override(writer_, function) != driver) {
      writer_.write(function.folder() + "/driver_override", driver);
    }
    unbind(function);
    resize_bars(function, resize);
    writer_.write(std::string(kProbe), to_string(address));
    function = must_read(tree_, address);
    if (function.driver != driver) {
      throw Error(fmt::format("{} took {} instead of {}", to_string(address),
                              function.driver.empty() ? "no driver" : function.driver, driver))
          .with_help("the host's kernel log says why");
    }
  }
  // vfio-pci lets the kernel suspend what no guest has open, which goes through D3.
  keep_awake(function);
  // vfio-pci itself resets what is opened and closed.
  choose_reset(function, reset_methods);
}

void Binder::take_old_driver(const OldState& old) {
  if (old.driver.empty()) return;
  const std::string folder = fmt::format("{}/{}", kDrivers, old.driver);
  if (!tree_.exists(folder)) writer_.load_module(old.driver);
  // Loading the module may have bound it.
  if (must_read(tree_, old.address).driver == old.driver) return;
  writer_.write(folder + "/bind", to_string(old.address));
}

std::vector<std::string> Binder::restore(const OldState& old) {
  std::vector<std::string> failures;
  const auto attempt = [&](auto&& step) {
    try {
      step();
    } catch (const Error& error) {
      failures.push_back(fmt::format("{}: {}", to_string(old.address), error.describe()));
    }
  };
  if (std::ranges::find(stuck_, old.address) != stuck_.end()) {
    return {fmt::format("{}: its driver still does not let go of it; `lintel restore` when it has",
                        to_string(old.address))};
  }
  auto function = read_function(tree_, old.address);
  // Pulled out, or another card is in the slot: nothing of the old state is left.
  const auto is_gone = [&] { return !function || function->ids != old.ids; };
  if (is_gone()) return failures;
  std::string override_now;
  attempt([&] { override_now = driver_override(writer_, *function); });
  // As long as its driver does not let go nothing else of this makes sense.
  if (!failures.empty()) return failures;
  // That may have waited for a probe, which the child of a killed process goes on with.
  function = read_function(tree_, old.address);
  if (is_gone()) return failures;
  const bool other_driver = function->driver != old.driver;
  const bool ours = function->driver.empty() || is_vfio_driver(function->driver);
  if (other_driver && !ours) {
    log::warn("{} has {} now, which somebody else gave it: it keeps that", to_string(old.address),
              function->driver);
    attempt([&] { take_back_settings(*function, old); });
    return failures;
  }
  const std::string folder = function->folder();
  std::vector<std::pair<HostBar, unsigned>> sizes;
  for (const OldBarSize& size : old.bar_sizes) {
    for (const HostBar& bar : function->bars) {
      if (bar.index == size.bar && code_of(bar.size) != size.code)
        sizes.emplace_back(bar, size.code);
    }
  }
  const bool resize = !sizes.empty() && ours;
  if (other_driver || resize) attempt([&] { unbind(*function); });
  if (!failures.empty()) return failures;
  if (override_now != old.driver_override) {
    attempt([&] {
      writer_.write(folder + "/driver_override",
                    old.driver_override.empty() ? kNothing : std::string_view(old.driver_override));
    });
  }
  if (resize) {
    for (const auto& [bar, code] : sizes) {
      attempt([&, &changed = bar, wanted = code] { resize_bar(*function, changed, wanted); });
    }
  }
  if (other_driver || resize) attempt([&] { take_old_driver(old); });
  function = read_function(tree_, old.address);
  if (!function) return failures;
  if (old.d3cold_allowed && function->d3cold_allowed != old.d3cold_allowed) {
    attempt([&] { writer_.write(folder + "/d3cold_allowed", *old.d3cold_allowed ? "1" : "0"); });
  }
  if (!old.power_control.empty() && function->power_control != old.power_control) {
    attempt([&] { writer_.write(folder + "/power/control", old.power_control); });
  }
  attempt([&] { choose_reset(*function, old.reset_methods); });
  if (function->driver != old.driver && failures.empty()) {
    failures.push_back(fmt::format("{}: it had {} and now has {}", to_string(old.address),
                                   old.driver.empty() ? "no driver" : old.driver,
                                   function->driver.empty() ? "none" : function->driver));
  }
  return failures;
}

// What is as we left it: anything else is somebody's choice.
void Binder::take_back_settings(const HostFunction& now, const OldState& old) {
  if (old.d3cold_allowed == true && now.d3cold_allowed == false) {
    writer_.write(now.folder() + "/d3cold_allowed", "1");
  }
  if (old.power_control == "auto" && now.power_control == "on") {
    writer_.write(now.folder() + "/power/control", old.power_control);
  }
  const bool one_of_the_old =
      now.reset_methods.size() == 1 &&
      std::ranges::count(words(old.reset_methods), now.reset_methods.front()) != 0;
  if (one_of_the_old) choose_reset(now, old.reset_methods);
}

std::vector<std::string> Binder::restore_reset(const OldState& old) {
  const auto function = read_function(tree_, old.address);
  if (!function || function->ids != old.ids) return {};
  try {
    choose_reset(*function, old.reset_methods);
    return {};
  } catch (const Error& error) {
    return {fmt::format("{}: {}", to_string(old.address), error.describe())};
  }
}

}  // namespace lintel::passthrough::host
