// SPDX-License-Identifier: Apache-2.0
//
// The lab's agent: first process of the host. It takes one command at a time over a virtio-serial
// port, runs it in a fresh view of the machine's root file system, and sends back its output and
// exit status. channel.py is the other end and lists the frames.

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

constexpr std::string_view kPortName = "lintel.lab";
constexpr std::string_view kMagic("\0LINTEL-LAB\0", 12);
constexpr size_t kChunk = 32 * 1024;            // what the virtio console driver takes at once
constexpr size_t kMaxStdinBacklog = 1 << 20;    // then the port is left unread
constexpr size_t kMaxLastOutput = 4 << 20;      // a leftover child may write for ever
constexpr std::chrono::seconds kLongestGap{5};  // between two lab programs

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what + ": " + std::strerror(errno));
}

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() { reset(); }
  int get() const { return fd_; }
  bool open() const { return fd_ >= 0; }
  void reset() {
    if (fd_ >= 0) close(std::exchange(fd_, -1));
  }

 private:
  int fd_ = -1;
};

void set_nonblocking(const Fd& fd) {
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

std::pair<Fd, Fd> make_pipe() {
  std::array<int, 2> fds;
  if (pipe2(fds.data(), O_CLOEXEC) != 0) fail("pipe");
  return {Fd(fds[0]), Fd(fds[1])};
}

std::string read_file(const std::string& path) {
  Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::array<char, 4096> data;
  const ssize_t n = fd.open() ? read(fd.get(), data.data(), data.size()) : 0;
  return std::string(data.data(), n > 0 ? static_cast<size_t>(n) : 0);
}

bool write_file(const std::string& path, std::string_view text) {
  Fd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return fd.open() &&
         write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

struct Frame {
  char type;
  std::string body;
};

// The virtio-serial port. The lab program may go at any time and another may connect, sometimes
// before its going is noticed here. Each one starts with kMagic, whose first byte is no frame's
// type, and what comes before it is left over from an earlier one.
//
// That a program has gone or come is said by another queue of the device than what it sends, and
// may be learned of later: the hangup of one when the next has already been answered. So a hangup
// ends nothing before it has lasted.
class Port {
  using Clock = std::chrono::steady_clock;

 public:
  Port() : fd_(open(find().c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
    if (!fd_.open()) fail("open the lab's port");
    // The driver sends SIGIO when the other end connects; poll alone would spin on POLLHUP.
    fcntl(fd_.get(), F_SETOWN, getpid());
    fcntl(fd_.get(), F_SETFL, O_NONBLOCK | O_ASYNC);
  }

  int fd() const { return fd_.get(); }

  // Reads what is there. False: the other end has gone.
  bool fill() {
    std::array<char, kChunk> data;
    for (;;) {
      const ssize_t n = read(fd_.get(), data.data(), data.size());
      if (n > 0) {
        in_.append(data.data(), static_cast<size_t>(n));
        continue;
      }
      const bool is_there = n < 0 && (errno == EAGAIN || errno == EINTR);
      note(is_there);
      return is_there;
    }
  }

  // What was seen of the other end.
  void note(bool is_there) {
    if (is_there) {
      gone_since_.reset();
    } else if (!gone_since_) {
      gone_since_ = Clock::now();
    }
  }
  // Gone for longer than it takes another to come.
  bool is_abandoned() const { return gone_since_ && Clock::now() - *gone_since_ >= kLongestGap; }
  // Milliseconds until it may be, as poll() takes them.
  int patience() const {
    if (!gone_since_ || is_abandoned()) return -1;
    const auto left = kLongestGap - (Clock::now() - *gone_since_);
    return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
  }

  // The session is over: skips what is left of it.
  void end_session() { synced_ = false; }

  std::optional<Frame> next() {
    if (!synced_) {
      const size_t at = in_.find(kMagic);
      if (at == std::string::npos) {
        in_.erase(0, in_.size() - std::min(in_.size(), kMagic.size() - 1));
        return std::nullopt;
      }
      in_.erase(0, at + kMagic.size());
      synced_ = true;
    }
    if (!in_.empty() && in_[0] == kMagic[0]) return Frame{in_[0], {}};
    uint32_t size;
    if (in_.size() < 1 + sizeof(size)) return std::nullopt;
    std::memcpy(&size, in_.data() + 1, sizeof(size));
    if (in_.size() < 1 + sizeof(size) + size) return std::nullopt;
    Frame frame{in_[0], in_.substr(1 + sizeof(size), size)};
    in_.erase(0, 1 + sizeof(size) + size);
    return frame;
  }

  // Blocks while the other end does not read. What is sent to nobody is lost: the caller learns of
  // the hangup from is_abandoned().
  void send(char type, std::string_view body) {
    const auto size = static_cast<uint32_t>(body.size());
    std::string data(1, type);
    data.append(reinterpret_cast<const char*>(&size), sizeof(size)).append(body);
    for (size_t done = 0; done < data.size();) {
      const ssize_t n = write(fd_.get(), data.data() + done, data.size() - done);
      if (n > 0) {
        done += static_cast<size_t>(n);
        continue;
      }
      if (n < 0 && errno != EAGAIN && errno != EINTR) return;
      pollfd p{fd_.get(), POLLOUT, 0};
      poll(&p, 1, -1);
      note((p.revents & POLLHUP) == 0);
      if (is_abandoned()) return;
      if (p.revents & POLLHUP) usleep(10'000);  // poll does not wait for a hangup to end
    }
  }

 private:
  static std::string find() {
    const std::string base = "/sys/class/virtio-ports/";
    if (DIR* dir = opendir(base.c_str())) {
      while (const dirent* entry = readdir(dir)) {
        if (read_file(base + entry->d_name + "/name") == std::string(kPortName) + "\n") {
          return std::string("/dev/") + entry->d_name;
        }
      }
      closedir(dir);
    }
    throw std::runtime_error("no virtio-serial port named " + std::string(kPortName));
  }

  Fd fd_;
  std::string in_;
  bool synced_ = false;
  std::optional<Clock::time_point> gone_since_;
};

struct Request {
  std::string directory = "/";
  std::string root = "/";          // folder of the machine that is the view's "/"
  std::vector<std::string> shown;  // more folders of the machine, if that is not all of it
  std::string modules;             // on the machine, to appear as /lib/modules/VERSION
  std::string output;              // path of the output folder in the view
  std::string output_source;       // the same below /output
  std::vector<std::string> args;
  std::vector<std::string> env;
  std::optional<winsize> tty;
  bool has_stdin = false;
};

winsize parse_window(const std::string& body) {
  winsize size{};
  if (body.size() == 4) std::memcpy(&size, body.data(), 4);  // ws_row, ws_col
  return size;
}

void do_mount(const char* source, const std::string& target, const char* type, unsigned long flags,
              const char* options) {
  if (mount(source, target.c_str(), type, flags, options) != 0) {
    fail(std::string("mount ") + (source ? source : "") + " on " + target);
  }
}

void make_directories(const std::string& path) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    mkdir(path.substr(0, at).c_str(), 0755);
  }
  mkdir(path.c_str(), 0755);
}

// A 9p channel carries one mount, so there are several, for views that leftover processes hold.
void mount_machine(const std::string& target) {
  constexpr const char* kOptions =
      "trans=virtio,version=9p2000.L,cache=loose,msize=1048576,access=any";
  for (const char* tag : {"lab-root0", "lab-root1", "lab-root2", "lab-root3"}) {
    if (mount(tag, target.c_str(), "9p", MS_RDONLY, kOptions) == 0) return;
    if (errno != EBUSY) break;
  }
  if (errno == EBUSY || errno == ENOENT) {
    throw std::runtime_error("processes of earlier commands hold all views of the file system");
  }
  fail("mount the machine's root over 9p");
}

// Shows a folder of the machine at TARGET; what is written there goes to memory. A bind mount
// first, because an overlay's options cannot name every path.
void mount_discarding(const std::string& folder, const std::string& target, size_t number) {
  const std::string layer = "/view/layer" + std::to_string(number);
  const std::string writes = "/view/writes/" + std::to_string(number);
  for (const std::string& made : {layer, writes, writes + "/upper", writes + "/work"}) {
    mkdir(made.c_str(), 0755);
  }
  do_mount(("/view/machine" + folder).c_str(), layer, nullptr, MS_BIND, nullptr);
  // The folder itself is seen as the upper layer has it.
  struct stat seen;
  if (stat(layer.c_str(), &seen) != 0) fail("stat " + folder);
  if (chown((writes + "/upper").c_str(), seen.st_uid, seen.st_gid) != 0 ||
      chmod((writes + "/upper").c_str(), seen.st_mode & 07777) != 0) {
    fail("show " + folder);
  }
  const std::string options =
      "lowerdir=" + layer + ",upperdir=" + writes + "/upper,workdir=" + writes + "/work,volatile";
  do_mount("view", target, "overlay", 0, options.c_str());
}

// Makes a fresh view of the machine the root of a new mount namespace. It is moved onto "/" as
// switch_root does, because a mere chroot could not create user namespaces.
void enter_view(const Request& request) {
  if (unshare(CLONE_NEWNS) != 0) fail("unshare");
  do_mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
  mount_machine("/view/machine");
  do_mount("writes", "/view/writes", "tmpfs", 0, "size=90%,mode=755");
  mount_discarding(request.root, "/view/root", 0);
  for (size_t i = 0; i < request.shown.size(); ++i) {
    make_directories("/view/root" + request.shown[i]);
    mount_discarding(request.shown[i], "/view/root" + request.shown[i], i + 1);
  }
  for (const std::string dir : {"/proc", "/sys", "/dev", "/run"}) {
    make_directories("/view/root" + dir);
    do_mount(dir.c_str(), "/view/root" + dir, nullptr, MS_BIND | MS_REC, nullptr);
  }
  if (!request.output.empty()) {
    const std::string source = "/output/" + request.output_source;
    make_directories("/view/root" + request.output);
    do_mount(source.c_str(), "/view/root" + request.output, nullptr, MS_BIND, nullptr);
  }
  if (chdir("/view/root") != 0) fail("chdir");
  do_mount(".", "/", nullptr, MS_MOVE, nullptr);
  if (chroot(".") != 0) fail("chroot");

  utsname host;
  uname(&host);
  const std::string modules = std::string("/lib/modules/") + host.release;
  make_directories(modules);
  do_mount(request.modules.c_str(), modules, nullptr, MS_BIND, nullptr);
  if (chdir(request.directory.c_str()) != 0) fail("change to " + request.directory);
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

// The child's half of Job: never returns.
struct ChildFds {
  int in, out, err;  // -1: /dev/null
  int report;        // the reason, when the command could not be started at all
  bool tty;
};

[[noreturn]] void become_command(Request request, const ChildFds& fds, const std::string& cgroup) {
  try {
    write_file(cgroup + "/cgroup.procs", "0");
    enter_view(request);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    setsid();
    const rlimit files{1024, 524288};
    setrlimit(RLIMIT_NOFILE, &files);
    const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(fds.in < 0 ? null : fds.in, 0);
    dup2(fds.out, 1);
    dup2(fds.err, 2);
    if (fds.tty) ioctl(0, TIOCSCTTY, 0);
    const auto args = pointers(request.args);
    std::vector<char*> env = pointers(request.env);
    environ = env.data();
    execvp(args[0], args.data());
    const int error = errno;
    std::fprintf(stderr, "lab: %s: %s\n", args[0], std::strerror(error));
    std::fflush(stderr);
    _exit(error == ENOENT || error == ENOTDIR ? 127 : 126);
  } catch (const std::exception& e) {
    (void)!write(fds.report, e.what(), std::strlen(e.what()));
    _exit(125);
  }
}

// A running command: its pipes or terminal, and the cgroup that holds all of its processes.
class Job {
 public:
  Job(const Request& request, unsigned number)
      : cgroup_("/sys/fs/cgroup/lab-" + std::to_string(number)), is_tty_(request.tty.has_value()) {
    mkdir(cgroup_.c_str(), 0755);
    auto [report_read, report_write] = make_pipe();
    Fd child_in, child_out, child_err;
    if (is_tty_) {
      out_ = Fd(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
      if (!out_.open() || unlockpt(out_.get()) != 0) fail("open a terminal");
      ioctl(out_.get(), TIOCSWINSZ, &*request.tty);
      child_in = Fd(ioctl(out_.get(), TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC));
      in_ = Fd(fcntl(out_.get(), F_DUPFD_CLOEXEC, 0));
    } else {
      std::tie(out_, child_out) = make_pipe();
      std::tie(err_, child_err) = make_pipe();
      if (request.has_stdin) std::tie(child_in, in_) = make_pipe();
    }
    const ChildFds fds{child_in.get(), is_tty_ ? child_in.get() : child_out.get(),
                       is_tty_ ? child_in.get() : child_err.get(), report_write.get(), is_tty_};
    pid_ = fork();
    if (pid_ < 0) fail("fork");
    if (pid_ == 0) become_command(request, fds, cgroup_);
    report_ = std::move(report_read);
    for (const Fd* fd : {&out_, &err_, &in_, &report_}) {
      if (fd->open()) set_nonblocking(*fd);
    }
  }
  ~Job() { rmdir(cgroup_.c_str()); }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  pid_t pid() const { return pid_; }
  int out() const { return out_.get(); }
  int err() const { return err_.get(); }
  int in() const { return backlog_.empty() ? -1 : in_.get(); }
  bool wants_input() const { return backlog_.size() < kMaxStdinBacklog; }

  void kill_all() const { write_file(cgroup_ + "/cgroup.kill", "1"); }
  void resize(const winsize& size) const {
    if (is_tty_) ioctl(out_.get(), TIOCSWINSZ, &size);
  }

  // An empty frame is the end of the input.
  void give_input(const std::string& data) {
    backlog_ += data;
    if (data.empty()) at_end_ = true;
    feed();
  }

  void feed() {
    while (in_.open() && !backlog_.empty()) {
      const ssize_t n = write(in_.get(), backlog_.data(), backlog_.size());
      if (n < 0) {
        if (errno == EAGAIN) return;
        at_end_ = true;
        backlog_.clear();
        break;
      }
      backlog_.erase(0, static_cast<size_t>(n));
    }
    if (at_end_ && backlog_.empty() && !is_tty_) in_.reset();
  }

  // Forwards one chunk of output. False: nothing there now.
  bool forward(Port& port, char type) {
    Fd& fd = type == 'o' ? out_ : err_;
    if (!fd.open()) return false;
    std::array<char, kChunk> data;
    const ssize_t n = read(fd.get(), data.data(), data.size());
    if (n > 0) {
      port.send(type, {data.data(), static_cast<size_t>(n)});
      return true;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (!is_tty_) fd.reset();  // a terminal reads EIO while nobody has it open
    return false;
  }

  void finish(Port& port, int wait_status) {
    for (const char type : {'o', 'e'}) {
      for (size_t done = 0; done < kMaxLastOutput && forward(port, type); done += kChunk) {
      }
    }
    sync();
    std::array<char, 1024> why;
    const ssize_t n = read(report_.get(), why.data(), why.size());
    if (n > 0) {
      port.send('f', {why.data(), static_cast<size_t>(n)});
      return;
    }
    const uint32_t code =
        WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
    port.send('x', {reinterpret_cast<const char*>(&code), sizeof(code)});
  }

 private:
  std::string cgroup_;
  bool is_tty_;
  bool at_end_ = false;
  pid_t pid_ = -1;
  Fd out_, err_, in_, report_;
  std::string backlog_;
};

class Agent {
 public:
  Agent() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGIO);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    signals_ = Fd(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
  }

  [[noreturn]] void run() {
    for (;;) {
      std::array<pollfd, 5> fds{
          pollfd{signals_.get(), POLLIN, 0},
          pollfd{connected_ ? port_.fd() : -1, port_events(), 0},
          pollfd{job_ ? job_->out() : -1, POLLIN, 0},
          pollfd{job_ ? job_->err() : -1, POLLIN, 0},
          pollfd{job_ ? job_->in() : -1, POLLOUT, 0},
      };
      poll(fds.data(), fds.size(), port_.patience());
      if (fds[1].revents) {
        serve_port();
      } else if (connected_) {
        port_.note(true);
      }
      if (port_.is_abandoned()) end_session();
      if (job_ && fds[2].revents) job_->forward(port_, 'o');
      if (job_ && fds[3].revents) job_->forward(port_, 'e');
      if (job_ && fds[4].revents) job_->feed();
      if (fds[0].revents) serve_signals();
    }
  }

 private:
  short port_events() const { return !job_ || job_->wants_input() ? POLLIN : 0; }

  void serve_port() {
    connected_ = port_.fill();  // if not: until SIGIO
    while (auto frame = port_.next()) handle(*frame);
  }

  void end_session() {
    port_.end_session();
    request_ = Request{};
    if (job_) {
      job_->kill_all();
      waitpid(job_->pid(), nullptr, 0);
      job_.reset();
    }
  }

  void handle(const Frame& frame) {
    switch (frame.type) {
      case kMagic[0]: end_session(); break;
      case 'n': port_.send('h', frame.body); break;
      case 'd': request_.directory = frame.body; break;
      case 'r': request_.root = frame.body; break;
      case 'v': request_.shown.push_back(frame.body); break;
      case 'm': request_.modules = frame.body; break;
      case 'p': request_.output = frame.body; break;
      case 's': request_.output_source = frame.body; break;
      case 'a': request_.args.push_back(frame.body); break;
      case 'e': request_.env.push_back(frame.body); break;
      case 't': request_.tty = parse_window(frame.body); break;
      case 'l': request_.has_stdin = true; break;
      case 'x': start(); break;
      case 'i':
        if (job_) job_->give_input(frame.body);
        break;
      case 'w':
        if (job_) job_->resize(parse_window(frame.body));
        break;
      default: break;  // no such frame: its sender is ahead of this agent
    }
  }

  void start() {
    Request request = std::exchange(request_, Request{});
    if (job_ || request.args.empty()) {
      port_.send('f', job_ ? "a command is still running" : "no command");
      return;
    }
    try {
      job_.emplace(request, ++count_);
    } catch (const std::exception& e) {
      port_.send('f', e.what());
    }
  }

  void serve_signals() {
    signalfd_siginfo info;
    while (read(signals_.get(), &info, sizeof(info)) > 0) {
    }
    connected_ = true;  // perhaps: the next read tells
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      if (job_ && pid == job_->pid()) {
        job_->finish(port_, status);
        job_.reset();
      }
    }
  }

  Port port_;
  Fd signals_;
  bool connected_ = true;
  Request request_;
  std::optional<Job> job_;
  unsigned count_ = 0;
};

}  // namespace

int main() {
  try {
    Agent().run();
  } catch (const std::exception& e) {
    std::fprintf(stderr, "lab agent: %s\n", e.what());
    return 1;  // the kernel panics, and the emulator ends
  }
}
