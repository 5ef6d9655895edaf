// SPDX-License-Identifier: Apache-2.0
#include "vmm/machine/run.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/ranges.h>

#include "vmm/api/client.h"
#include "vmm/api/control.h"
#include "vmm/api/server.h"
#include "vmm/api/socket_file.h"
#include "vmm/base/error.h"
#include "vmm/base/event_loop.h"
#include "vmm/base/limits.h"
#include "vmm/base/log.h"
#include "vmm/base/program_pages.h"
#include "vmm/base/types.h"
#include "vmm/base/unique_fd.h"
#include "vmm/boards/board.h"
#include "vmm/machine/console.h"
#include "vmm/machine/control_socket.h"
#include "vmm/machine/error_policy.h"
#include "vmm/machine/hotplug.h"
#include "vmm/machine/machine.h"
#include "vmm/machine/passed_devices.h"

namespace lintel {
namespace {

constexpr size_t kThreadStack = kMiB;

// How long the end waits for servers of devices, to be told of it and to reset them: the machine's
// own, which they may have asked for, and one that the user wants at once.
constexpr std::chrono::seconds kEnd{30};
constexpr std::chrono::seconds kEndAtOnce{5};

// What the process is told by signals. They are blocked in all threads and read from a descriptor.
class Signals {
 public:
  Signals() {
    sigemptyset(&set_);
    for (const int number : {SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGWINCH}) sigaddset(&set_, number);
    pthread_sigmask(SIG_BLOCK, &set_, &previous_);
    signal(SIGPIPE, SIG_IGN);
    fd_ = UniqueFd(signalfd(-1, &set_, SFD_CLOEXEC | SFD_NONBLOCK));
    if (!fd_) throw_errno(errno, "Cannot create a signalfd");
  }
  ~Signals() { pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  int fd() const { return fd_.get(); }
  std::optional<int> next() const {
    signalfd_siginfo info;
    if (::read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
    return static_cast<int>(info.ssi_signo);
  }

 private:
  sigset_t set_{};
  sigset_t previous_{};
  UniqueFd fd_;
};

void log_io_failure(std::exception_ptr error) {
  try {
    std::rethrow_exception(std::move(error));
  } catch (const Error& failure) {
    log::error("An I/O thread failed: {}", failure.describe());
  } catch (const std::exception& failure) {
    log::error("An I/O thread failed: {}", failure.what());
  }
}

api::PassedStatus to_status(const passthrough::pci::FunctionReport& report) {
  api::PassedStatus status{.device = report.device,
                           .interrupts = std::string(report.interrupts.kind),
                           .vectors = report.interrupts.vectors,
                           .most_vectors = report.interrupts.most,
                           .intx_way = std::string(report.interrupts.intx_way),
                           .intx_count = report.interrupts.intx_count,
                           .config_accesses = report.config_accesses,
                           .guest_resets = report.guest_resets,
                           .bars = {}};
  for (const passthrough::pci::BarReport& from : report.bars) {
    api::PassedStatus::Bar& bar = status.bars.emplace_back();
    bar = {
        .index = from.index, .size = from.size, .mapped = from.mapped, .accesses = from.accesses};
    for (const auto& hole : from.holes) bar.holes.push_back({hole.offset, hole.size});
    for (const auto& page : from.pages) bar.pages.push_back({page.offset, page.accesses});
  }
  for (const passthrough::RegionInfo& region : report.regions) {
    const passthrough::RegionType type = region.type.value_or(passthrough::RegionType{});
    status.regions.push_back({region.index, type.type, type.subtype, region.size});
  }
  return status;
}

// The control thread: it owns the machine of the moment and everything that outlives it.
class Run : private api::Control {
 public:
  explicit Run(const config::Config& config)
      : config_(config),
        socket_(make_control_socket(config)),
        io_("io", [this](std::exception_ptr error) { io_failed(std::move(error)); }),
        console_(make_console(config.console, io_.loop(),
                              [this] { control_.post([this] { quit(); }); })),
        passed_(PassedDevices::take(config)) {
    if (passed_) {
      hotplug_ = std::make_unique<Hotplug>(Hotplug::Environment{
          .control = control_,
          .io_loop = io_.loop(),
          .devices = *passed_,
          .failed = [this](const std::string& device) { failed(device); },
          .cannot_leave = [this](const std::string& device) { cannot_leave(device); }});
    }
    if (socket_) {
      server_ = std::make_unique<api::Server>(
          control_, socket_->fd(),
          [this](const api::Request& request, const api::Server::Answer& answer) {
            api::handle(*this, request, answer);
          });
    }
  }

  ~Run() override {
    if (hotplug_) hotplug_->stop();
    machine_.reset();
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  int run() {
    control_.add(signals_.fd(), EPOLLIN, [this](uint32_t) {
      while (const auto number = signals_.next()) on_signal(*number);
    });
    if (config_.vm.timeout) {
      control_.add_timer(*config_.vm.timeout, [this] { end({Outcome::Kind::kTimeout, 0, {}}); });
    }
    start_machine();
    control_.run();
    return status_;
  }

 private:
  void make_machine() {
    machine_ = std::make_unique<Machine>(Machine::Environment{
        config_, *console_, io_.loop(), passed_.get(),
        [this] { control_.post([this] { on_ended(); }); }, [this] { hotplug_->power_changed(); }});
    if (hotplug_) hotplug_->use(machine_.get());
  }

  void start_machine() {
    make_machine();
    machine_->start();
    release_program_pages();
  }

  // The kernel's handler of the error has stopped the device; a driver that goes on would work with
  // what is not true any more.
  void failed(const std::string& device) {
    if (!machine_ || machine_->ending()) return;
    std::string what = fmt::format("{} reported an uncorrectable error (PCI Express AER)", device);
    switch (error_policy_.react(EventLoop::Clock::now().time_since_epoch())) {
      case ErrorPolicy::Reaction::kEnd:
        machine_->end({Outcome::Kind::kFailure, 0, std::move(what)});
        break;
      case ErrorPolicy::Reaction::kRestart:
        if (shutting_down_) {
          machine_->end({Outcome::Kind::kFailure, 0, std::move(what)});
          break;
        }
        log::error("{}: the guest is started anew", what);
        restart_wanted_ = true;
        machine_->end({Outcome::Kind::kReset, 0, std::move(what)});
        break;
      case ErrorPolicy::Reaction::kUnplug:
        if (hotplug_->unplug_failed(device)) {
          device_errors_.error("{}: the guest is asked to let it go", what);
        } else {
          machine_->end({Outcome::Kind::kFailure, 0,
                         what + ", and cannot leave, for it is on the guest's root bus"});
        }
        break;
      case ErrorPolicy::Reaction::kLog: device_errors_.error("{}", what); break;
    }
  }

  // The host wants a device back, and waits for it.
  void cannot_leave(const std::string& device) {
    if (!machine_ || shutting_down_) return;
    log::warn("The host wants {} back: the guest is asked to power off", device);
    shut_down();
  }

  // Between two guests, or when one has just ended to be started again, it is the end that comes.
  void end(const Outcome& outcome) {
    wanted_end_ = outcome;
    if (passed_) passed_->session().end_within(kEndAtOnce);
    if (machine_) machine_->end(outcome);
  }

  void on_ended() {
    // vCPUs, and what ends after them, may wait for a server.
    if (passed_ && !restarts_after(machine_->outcome())) passed_->session().end_within(kEnd);
    const Outcome outcome = machine_->finish();
    // A job uses the machine, and what it has at the host.
    if (hotplug_ && hotplug_->busy()) {
      hotplug_->when_idle([this] { on_ended(); });
      return;
    }
    // Two turns of the I/O loop: what the guest had sent before it ended is out after them.
    io_.loop().run_sync([] {});
    io_.loop().run_sync([] {});
    if (passed_) report_passed();
    machine_.reset();
    if (hotplug_) {
      hotplug_->use(nullptr);
      if (restarts_after(outcome)) hotplug_->drop_dead();
    }
    // What was to leave leaves before the next guest, or the end.
    if (hotplug_ && hotplug_->busy()) {
      hotplug_->when_idle([this, outcome] { after_machine(outcome); });
    } else {
      after_machine(outcome);
    }
  }

  // Whether the guest is to run again, if nobody ended the run meanwhile.
  bool is_restart(const Outcome& outcome) const {
    return outcome.kind == Outcome::Kind::kReset &&
           (restart_wanted_ || config_.vm.on_reboot == config::OnReboot::kRestart);
  }
  bool restarts_after(const Outcome& outcome) const {
    return is_restart(outcome) && !shutting_down_ && !wanted_end_;
  }

  // What became of the host's devices, while the guest that has just ended still has them.
  void report_passed() {
    const std::string json = api::to_text(status());
    for (const std::string& line : api::passed_lines(json)) log::info("At the end: {}", line);
    const std::string& file = config_.passthrough.report;
    if (file.empty()) return;
    std::ofstream out(file, std::ios::trunc);
    out << json << std::flush;
    if (!out) log::warn("Cannot write the report of the passed devices to {}", file);
  }

  void after_machine(const Outcome& outcome) {
    if (restarts_after(outcome)) {
      restart_wanted_ = false;
      restart();
      return;
    }
    status_ = exit_status(is_restart(outcome) ? wanted_end_.value_or(outcome) : outcome);
    control_.stop();
  }

  void restart() {
    try {
      if (hotplug_ && !hotplug_->lost().empty()) {
        throw Error(fmt::format("The server of {} is gone", fmt::join(hotplug_->lost(), ", ")))
            .with_help(
                "start the server and then the machine again; behind a port (pci.root_port "
                "= \"on\") a device can leave the guest");
      }
      log::info("The guest reboots");
      start_machine();
    } catch (const Error& error) {
      log::error("Cannot start the guest again after its reboot: {}", error.describe());
      status_ = to_status(ExitCode::kInternal);
      control_.stop();
    }
  }

  void on_signal(int number) {
    switch (number) {
      case SIGTERM:
      case SIGINT: on_shutdown_signal(number); break;
      case SIGQUIT:
        if (machine_) log::write(log::Level::kError, machine_->describe_vcpus());
        break;
      case SIGWINCH:
        if (machine_) machine_->console_resized();
        break;
      case SIGHUP: quit(); break;
      default: break;
    }
  }

  // The power button first; a deadline, or the same wish again, pulls the plug.
  void on_shutdown_signal(int number) {
    if (shutting_down_ || !machine_) {
      end({Outcome::Kind::kTimeout, 0, "stopped by a second signal"});
      return;
    }
    log::info("Signal {}: pressing the power button", number);
    shut_down();
  }

  void shut_down() {
    shutting_down_ = true;
    machine_->resume();  // a guest that is paused would miss it
    machine_->press_power_button();
    control_.add_timer(config_.vm.shutdown_timeout, [this] {
      end({Outcome::Kind::kTimeout, 0,
           fmt::format("the guest did not power off within {} ms of the power button",
                       config_.vm.shutdown_timeout.count())});
    });
  }

  api::Status status() override {
    api::Status status{.name = config_.vm.name,
                       .state = state(),
                       .pid = getpid(),
                       .uptime = std::chrono::duration_cast<std::chrono::milliseconds>(
                           EventLoop::Clock::now() - started_),
                       .cpus = config_.cpu.count,
                       .memory = config_.memory.size,
                       .devices = fixed_devices(config_)};
    if (hotplug_) {
      status.free_ports = hotplug_->free_ports();
      status.waiting = hotplug_->waiting();
      for (api::DeviceStatus& device : hotplug_->status()) {
        status.devices.push_back(std::move(device));
      }
    }
    if (machine_ && passed_) add_passed(status);
    return status;
  }

  void add_passed(api::Status& status) {
    // While a job opens or closes devices, theirs is what was last seen.
    if (!hotplug_->busy()) look_at_session();
    status.dma_mapped = dma_mapped_;
    for (const passthrough::pci::FunctionReport& report : machine_->report_passed()) {
      api::PassedStatus& passed = status.passed.emplace_back(to_status(report));
      if (const auto resets = resets_.find(report.device); resets != resets_.end()) {
        passed.resets = resets->second.done;
        passed.failed_resets = resets->second.failed;
      }
    }
  }

  void look_at_session() {
    dma_mapped_ = machine_->dma_mapped();
    const passthrough::Session& session = passed_->session();
    resets_.clear();
    for (size_t i = 0; i < session.size(); ++i) resets_[session.device_name(i)] = session.resets(i);
  }

  api::State state() {
    if (!machine_ || machine_->ending()) return api::State::kStopping;
    if (machine_->paused()) return api::State::kPaused;
    return shutting_down_ ? api::State::kShuttingDown : api::State::kRunning;
  }

  Machine& live_machine() {
    if (state() == api::State::kStopping) throw_error("The machine is stopping");
    return *machine_;
  }

  // A guest may have missed the button; the deadline is that of the first time.
  void shutdown() override {
    Machine& machine = live_machine();
    if (shutting_down_) {
      machine.press_power_button();
    } else {
      shut_down();
    }
  }
  // Also between a guest's end and its next start.
  void kill() override { quit(); }
  void pause() override { live_machine().pause(); }
  void resume() override { live_machine().resume(); }

  void attach(const api::AttachRequest& request, Done done) override {
    hotplug().attach(request, std::move(done));
  }
  void detach(const api::DetachRequest& request, Done done) override {
    hotplug().detach(request, std::move(done));
  }

  Hotplug& hotplug() {
    live_machine();
    if (hotplug_) return *hotplug_;
    throw Error("This machine has no port for hot-plug")
        .with_help("pci_bus.hotplug_ports = 1 gives it one, at its next start");
  }

  void quit() { end({Outcome::Kind::kHardStop, 0, {}}); }

  int exit_status(const Outcome& outcome) const {
    switch (outcome.kind) {
      case Outcome::Kind::kPowerOff:
      case Outcome::Kind::kHardStop: return to_status(ExitCode::kSuccess);
      case Outcome::Kind::kDebugExit: return guest_status(outcome.guest_code);
      case Outcome::Kind::kReset:
        log::error("The guest reset the machine; vm.on_reboot is \"exit\"");
        return to_status(ExitCode::kReset);
      case Outcome::Kind::kTripleFault:
        log::error("{}", outcome.detail);
        return to_status(ExitCode::kReset);
      case Outcome::Kind::kPanic:
        log::error("The guest panicked");
        return to_status(ExitCode::kPanic);
      case Outcome::Kind::kTimeout:
        log::error("Timeout: {}", outcome.detail.empty() ? "vm.timeout passed" : outcome.detail);
        return to_status(ExitCode::kTimeout);
      case Outcome::Kind::kFailure: break;
    }
    log::error("{}", outcome.detail);
    return to_status(ExitCode::kInternal);
  }

  void io_failed(std::exception_ptr error) {
    log_io_failure(std::move(error));
    control_.post([this] {
      if (machine_) machine_->end({Outcome::Kind::kFailure, 0, "an I/O thread failed"});
    });
  }

  const config::Config& config_;
  const EventLoop::Clock::time_point started_ = EventLoop::Clock::now();
  // There until everything is cleaned up: who connects meanwhile waits, and sees the end.
  std::unique_ptr<api::SocketFile> socket_;
  Signals signals_;  // before any thread, which inherits the mask
  EventLoop control_;
  std::unique_ptr<api::Server> server_;
  EventLoopThread io_;
  std::unique_ptr<ConsoleIo> console_;
  std::unique_ptr<PassedDevices> passed_;
  std::unique_ptr<Hotplug> hotplug_;  // vCPUs call it; its jobs, which end first, use the machine
  std::unique_ptr<Machine> machine_;
  uint64_t dma_mapped_ = 0;
  std::map<std::string, passthrough::ResetCounts> resets_;  // by the device's name
  ErrorPolicy error_policy_{config_.passthrough.on_error};
  log::RateLimited device_errors_;  // a device may report one after the other
  bool restart_wanted_ = false;     // whatever vm.on_reboot says
  bool shutting_down_ = false;
  std::optional<Outcome> wanted_end_;  // by whoever may end the run, not by the guest
  int status_ = to_status(ExitCode::kInternal);
};

// Memory of the monitor is memory that no guest gets.
void spare_memory() {
  // One heap for all threads: the monitor allocates little.
  mallopt(M_ARENA_MAX, 1);
  // The default stack has 8 MiB, where the kernel may back the first page that is touched with a
  // transparent huge page of 2 MiB.
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kThreadStack);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

}  // namespace

int run_vm(const config::Config& config) {
  spare_memory();
  // Each vector and queue of a device has files. The soft limit is for programs that use select(2),
  // which neither we do nor passt, which raises its own, nor modprobe.
  raise_limit(RLIMIT_NOFILE);
  return Run(config).run();
}

void dump_device_tree(const config::Config& config, const std::string& file) {
  if (!board_has_device_tree()) {
    throw Error("There is no device tree to write: guests of this host find their devices by ACPI")
        .with_help("use --dump-dtb on an arm64 host");
  }
  const UniqueFd output = open_file(file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
  const Signals signals;  // none leaves devices behind
  // What only a guest that runs needs, a socket and a console, is not made.
  config::ConsoleConfig off = config.console;
  off.mode = config::ConsoleMode::kOff;
  EventLoopThread io("io", log_io_failure);
  const std::unique_ptr<ConsoleIo> console = make_console(off, io.loop(), [] {});
  const std::unique_ptr<PassedDevices> passed = PassedDevices::take(config);
  Machine machine({config, *console, io.loop(), passed.get(), [] {}, [] {}});
  write_exactly(output.get(), machine.device_tree(), 0);
}

}  // namespace lintel
