// SPDX-License-Identifier: Apache-2.0
#include "tests/fakes/vfio_user_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "passthrough/capability_chain.h"
#include "passthrough/user/socket.h"
#include "vmm/base/error.h"

namespace lintel {

namespace user = passthrough::user;
using user::Command;

namespace {

constexpr uint32_t kRegions = 9;
constexpr uint32_t kIrqs = 5;
constexpr uint32_t kIntx = 0;
constexpr uint32_t kMsix = 2;
constexpr uint32_t kConfigRegion = 7;

template <typename T>
void append(std::vector<std::byte>& to, const T& value) {
  const auto bytes = user::bytes_of(value);
  to.insert(to.end(), bytes.begin(), bytes.end());
}

template <typename T>
std::vector<std::byte> as_vector(const T& value) {
  std::vector<std::byte> bytes;
  append(bytes, value);
  return bytes;
}

// False if the payload is shorter.
template <typename T>
bool load(std::span<const std::byte> payload, T& value) {
  if (payload.size() < sizeof value) return false;
  std::memcpy(&value, payload.data(), sizeof value);
  return true;
}

void signal(const UniqueFd& event) {
  if (event) eventfd_write(event.get(), 1);
}

}  // namespace

void VfioUserServer::serve(UniqueFd socket) {
  main_.socket = std::move(socket);
  while (true) {
    if (deferred_.empty()) {
      auto request = receive(main_);
      if (!request) break;
      deferred_.push_back(std::move(*request));
    }
    Message request = std::move(deferred_.front());
    deferred_.pop_front();
    if (!handle(request)) break;
    device_.work();
  }
  main_ = {};
  twin_ = {};
  deferred_.clear();
  memory_ = {};
  for (UniqueFd& vector : msix_) vector.reset();
  intx_.reset();
  unmask_.reset();
}

bool VfioUserServer::wait_readable(int socket) {
  while (true) {
    std::array<pollfd, 3> waiting = {{{.fd = socket, .events = POLLIN, .revents = 0},
                                      {.fd = stop_.get(), .events = POLLIN, .revents = 0},
                                      {.fd = unmask_.get(), .events = POLLIN, .revents = 0}}};
    if (poll(waiting.data(), waiting.size(), -1) < 0) continue;
    if (waiting[1].revents != 0) return false;
    eventfd_t value = 0;
    if (waiting[2].revents != 0 && eventfd_read(unmask_.get(), &value) == 0) {
      masked_ = false;
      raise_pin();
    }
    if (waiting[0].revents != 0) return true;
  }
}

std::optional<VfioUserServer::Message> VfioUserServer::receive(Peer& peer) {
  std::vector<UniqueFd> fds;
  while (wait_readable(peer.socket.get())) {
    size_t count = 0;
    const auto result = user::receive_some(peer.socket.get(), peer.in.space(), count, fds);
    if (result == user::ReceiveResult::kNothing) continue;
    if (result != user::ReceiveResult::kReceived) return std::nullopt;
    switch (peer.in.received(count)) {
      case user::FrameReader::State::kIncomplete: break;
      case user::FrameReader::State::kMalformed: return std::nullopt;
      case user::FrameReader::State::kComplete: {
        const auto payload = peer.in.payload();
        Message message{peer.in.header(), {payload.begin(), payload.end()}, std::move(fds)};
        peer.in.next();
        return message;
      }
    }
  }
  return std::nullopt;
}

bool VfioUserServer::send(int socket, const Reply& reply) {
  std::vector<std::byte> bytes;
  append(bytes, reply.header);
  bytes.insert(bytes.end(), reply.payload.begin(), reply.payload.end());
  const size_t size = reply.action == Reply::Action::kSendHalf ? bytes.size() / 2 : bytes.size();
  iovec vector{.iov_base = bytes.data(), .iov_len = size};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int) * 64)> control{};
  if (!reply.fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * reply.fds.size());
    cmsghdr* head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int) * reply.fds.size());
    std::memcpy(CMSG_DATA(head), reply.fds.data(), sizeof(int) * reply.fds.size());
  }
  for (size_t sent = 0; sent < size;) {
    const ssize_t result = sendmsg(socket, &message, MSG_NOSIGNAL);
    if (result < 0) return false;
    sent += static_cast<size_t>(result);
    vector = {.iov_base = bytes.data() + sent, .iov_len = size - sent};
    message.msg_control = nullptr;
    message.msg_controllen = 0;
  }
  return true;
}

bool VfioUserServer::answer(const Message& request, uint32_t error, std::vector<std::byte> payload,
                            std::vector<int> fds) {
  if ((request.header.flags & user::kFlagNoReply) != 0) return true;
  Reply reply;
  reply.payload = error == 0 ? std::move(payload) : std::vector<std::byte>{};
  reply.fds = std::move(fds);
  reply.header = {.id = request.header.id,
                  .command = request.header.command,
                  .size = static_cast<uint32_t>(sizeof(user::Header) + reply.payload.size()),
                  .flags = user::kTypeReply | (error != 0 ? user::kFlagError : 0),
                  .error = error};
  if (options_.tamper) options_.tamper(reply);
  switch (reply.action) {
    case Reply::Action::kDrop: return true;
    case Reply::Action::kHangUp: return false;
    case Reply::Action::kSend:
    case Reply::Action::kSendHalf: break;
  }
  return send(main_.socket.get(), reply);
}

bool VfioUserServer::handle(Message& request) {
  counts_[request.header.command % counts_.size()].fetch_add(1);
  switch (static_cast<Command>(request.header.command)) {
    case Command::kVersion: return version(request);
    case Command::kDmaMap: return answer(request, dma_map(request), {});
    case Command::kDmaUnmap: return answer(request, dma_unmap(request), request.payload);
    case Command::kDeviceGetInfo:
      return answer(
          request, 0,
          as_vector(user::DeviceInfoMessage{
              .flags = user::kDeviceReset | user::kDevicePci, .regions = kRegions, .irqs = kIrqs}));
    case Command::kDeviceGetRegionInfo: return region_info(request);
    case Command::kDeviceGetIrqInfo: return irq_info(request);
    case Command::kDeviceSetIrqs: return answer(request, set_irqs(request), {});
    case Command::kRegionRead:
    case Command::kRegionWrite: return region_access(request);
    case Command::kDeviceReset: device_.reset(); return answer(request, 0, {});
    case Command::kDmaRead:
    case Command::kDmaWrite: break;
  }
  return answer(request, EOPNOTSUPP, {});
}

bool VfioUserServer::version(const Message& request) {
  std::string capabilities = options_.capabilities;
  std::vector<int> fds;
  UniqueFd client_end;
  if (capabilities.empty()) {
    std::string twin;
    if (options_.twin_socket) {
      std::array<int, 2> pair{};
      if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) return false;
      twin_.socket = UniqueFd(pair[0]);
      client_end = UniqueFd(pair[1]);
      fds = {client_end.get()};
      twin = R"(,"twin_socket":{"supported":true,"fd_index":0})";
    }
    capabilities = fmt::format(
        R"({{"capabilities":{{"max_msg_fds":{},"max_data_xfer_size":{},"pgsizes":4096{}}}}})",
        options_.max_fds, options_.max_transfer, twin);
  }
  auto payload = as_vector(user::VersionMessage{});
  for (const char c : capabilities) payload.push_back(static_cast<std::byte>(c));
  payload.push_back(std::byte{0});
  return answer(request, 0, std::move(payload), std::move(fds));
}

bool VfioUserServer::region_info(const Message& request) {
  user::RegionInfoMessage asked;
  if (!load(request.payload, asked) || asked.index >= kRegions) return answer(request, EINVAL, {});
  user::RegionInfoMessage info{.argsz = sizeof info, .index = asked.index};
  std::vector<std::byte> capabilities;
  std::vector<int> fds;
  constexpr uint32_t kReadWrite = user::kRegionReadable | user::kRegionWritable;
  if (asked.index == kConfigRegion) {
    info.flags = kReadWrite;
    info.size = CopyDevice::kConfigSize;
  } else if (asked.index == 2) {
    info.flags = kReadWrite | user::kRegionMappable;
    info.size = CopyDevice::kBar2Size;
    info.offset = CopyDevice::kBar2FileOffset;
    fds = {device_.memory_fd()};
  } else if (asked.index == 0) {
    info.flags = kReadWrite | user::kRegionMappable | user::kRegionHasCapabilities;
    info.size = CopyDevice::kBar0Size;
    fds = {device_.memory_fd()};
    info.cap_offset = sizeof info;
    // One that nobody knows comes first.
    constexpr uint32_t kSparseAt = sizeof info + sizeof(passthrough::CapabilityHeader);
    append(capabilities,
           passthrough::CapabilityHeader{.id = 0x7fff, .version = 1, .next = kSparseAt});
    append(capabilities, passthrough::CapabilityHeader{
                             .id = user::kCapabilitySparseMmap, .version = 1, .next = 0});
    append(capabilities, user::SparseMmapHead{.count = CopyDevice::kMappable.size()});
    for (const auto& area : CopyDevice::kMappable) {
      append(capabilities, user::SparseMmapArea{.offset = area.offset, .size = area.size});
    }
    info.argsz += static_cast<uint32_t>(capabilities.size());
  }
  auto payload = as_vector(info);
  payload.insert(payload.end(), capabilities.begin(), capabilities.end());
  if (payload.size() > asked.argsz) payload.resize(sizeof info);
  return answer(request, 0, std::move(payload), std::move(fds));
}

bool VfioUserServer::irq_info(const Message& request) {
  user::IrqInfoMessage info;
  if (!load(request.payload, info) || info.index >= kIrqs) return answer(request, EINVAL, {});
  info = {.index = info.index};
  if (info.index == kIntx) {
    info.flags = user::kIrqEventfd | user::kIrqMaskable | user::kIrqAutomasked;
    info.count = 1;
  } else if (info.index == kMsix) {
    info.flags = user::kIrqEventfd;
    info.count = CopyDevice::kVectors;
  }
  return answer(request, 0, as_vector(info));
}

uint32_t VfioUserServer::set_irqs(Message& request) {
  user::SetIrqsMessage set;
  if (!load(request.payload, set)) return EINVAL;
  {
    MutexLock lock(mutex_);
    irq_requests_.push_back({set, request.fds.size()});
  }
  const bool is_intx = set.index == kIntx;
  const uint32_t vectors = is_intx ? 1 : set.index == kMsix ? CopyDevice::kVectors : 0;
  if (set.start > vectors || set.count > vectors - set.start) return EINVAL;
  const bool with_fds = (set.flags & user::kIrqDataEventfd) != 0;
  if (with_fds && !request.fds.empty() && request.fds.size() != set.count) return EINVAL;
  const auto take = [&](uint32_t i) {
    return i < request.fds.size() ? std::move(request.fds[i]) : UniqueFd();
  };
  if ((set.flags & user::kIrqActionTrigger) != 0) {
    const uint32_t count = with_fds ? set.count : vectors;
    for (uint32_t i = 0; i < count; ++i) {
      (is_intx ? intx_ : msix_[set.start + i]) = with_fds ? take(i) : UniqueFd();
    }
    if (is_intx) {
      masked_ = false;
      raise_pin();
    }
    return 0;
  }
  if (!is_intx || set.count != 1) return EINVAL;
  if ((set.flags & user::kIrqActionMask) != 0) {
    masked_ = true;
  } else if (with_fds) {
    unmask_ = take(0);
  } else {
    masked_ = false;
    raise_pin();
  }
  return 0;
}

bool VfioUserServer::region_access(const Message& request) {
  user::RegionAccessMessage access;
  if (!load(request.payload, access)) return answer(request, EINVAL, {});
  if (access.count > options_.max_transfer) return answer(request, E2BIG, {});
  const auto data = std::span(request.payload).subspan(sizeof access);
  auto reply = as_vector(access);
  bool done = false;
  if (request.header.command == static_cast<uint16_t>(Command::kRegionRead)) {
    reply.resize(sizeof access + access.count);
    const auto to = std::span(reply).subspan(sizeof access);
    done = access.region == kConfigRegion ? device_.read_config(access.offset, to)
                                          : device_.read_bar(access.region, access.offset, to);
  } else if (data.size() == access.count) {
    done = access.region == kConfigRegion ? device_.write_config(access.offset, data)
                                          : device_.write_bar(access.region, access.offset, data);
  }
  return answer(request, done ? 0 : EINVAL, std::move(reply));
}

uint32_t VfioUserServer::dma_map(Message& request) {
  user::DmaMapMessage map;
  if (!load(request.payload, map) || request.fds.size() > 1) return EINVAL;
  auto mapped = std::make_shared<Mapped>();
  mapped->mapping = {.range = {GuestAddress(map.address), map.size},
                     .file_offset = map.offset,
                     .flags = map.flags,
                     .has_file = !request.fds.empty()};
  if (mapped->mapping.has_file) {
    try {
      mapped->memory = MmapRegion::map(map.size, PROT_READ | PROT_WRITE, MAP_SHARED,
                                       request.fds[0].get(), map.offset);
    } catch (const Error& error) {
      return static_cast<uint32_t>(error.errno_value());
    }
  }
  if (!memory_.insert(mapped->mapping.range, mapped)) return EEXIST;
  MutexLock lock(mutex_);
  mappings_.push_back(mapped->mapping);
  return 0;
}

uint32_t VfioUserServer::dma_unmap(const Message& request) {
  user::DmaUnmapMessage unmap;
  if (!load(request.payload, unmap)) return EINVAL;
  const GuestRange range{GuestAddress(unmap.address), unmap.size};
  if (!memory_.erase(range)) return ENOENT;
  MutexLock lock(mutex_);
  std::erase_if(mappings_, [&](const Mapping& mapping) { return mapping.range == range; });
  return 0;
}

std::optional<VfioUserServer::Message> VfioUserServer::ask(Command command,
                                                           std::vector<std::byte> payload) {
  Peer& peer = twin_.socket ? twin_ : main_;
  Reply message;
  message.header = {.id = next_id_++,
                    .command = static_cast<uint16_t>(command),
                    .size = static_cast<uint32_t>(sizeof(user::Header) + payload.size()),
                    .flags = user::kTypeCommand};
  message.payload = std::move(payload);
  if (!send(peer.socket.get(), message)) return std::nullopt;
  while (auto received = receive(peer)) {
    if ((received->header.flags & user::kTypeMask) == user::kTypeCommand) {
      deferred_.push_back(std::move(*received));
      continue;
    }
    if (received->header.id != message.header.id || received->header.error != 0)
      return std::nullopt;
    return received;
  }
  return std::nullopt;
}

std::span<std::byte> VfioUserServer::mapped(uint64_t address, size_t size) {
  const auto* entry = memory_.find(GuestAddress(address));
  if (entry == nullptr || !entry->value->memory) return {};
  const uint64_t offset = address - entry->range.base.value;
  return entry->value->memory.bytes().subspan(offset,
                                              std::min<uint64_t>(size, entry->range.size - offset));
}

bool VfioUserServer::dma_read(uint64_t address, std::span<std::byte> to, bool messages) {
  while (!to.empty()) {
    size_t count = 0;
    if (messages) {
      count = std::min(to.size(), user::kMaxTransfer);
      const auto reply = ask(Command::kDmaRead, as_vector(user::DmaAccessMessage{address, count}));
      if (!reply || reply->payload.size() != sizeof(user::DmaAccessMessage) + count) return false;
      std::ranges::copy(std::span(reply->payload).subspan(sizeof(user::DmaAccessMessage)),
                        to.begin());
    } else {
      const auto memory = mapped(address, to.size());
      if (memory.empty()) return false;
      std::ranges::copy(memory, to.begin());
      count = memory.size();
    }
    to = to.subspan(count);
    address += count;
  }
  return true;
}

bool VfioUserServer::dma_write(uint64_t address, std::span<const std::byte> from, bool messages) {
  while (!from.empty()) {
    size_t count = 0;
    if (messages) {
      count = std::min(from.size(), user::kMaxTransfer);
      auto payload = as_vector(user::DmaAccessMessage{address, count});
      payload.insert(payload.end(), from.begin(), from.begin() + static_cast<ptrdiff_t>(count));
      if (!ask(Command::kDmaWrite, std::move(payload))) return false;
    } else {
      const auto memory = mapped(address, from.size());
      if (memory.empty()) return false;
      std::ranges::copy(from.first(memory.size()), memory.begin());
      count = memory.size();
    }
    from = from.subspan(count);
    address += count;
  }
  return true;
}

void VfioUserServer::fire(uint32_t vector) {
  if (vector < msix_.size()) signal(msix_[vector]);
}

void VfioUserServer::set_pin(bool level) {
  level_ = level;
  raise_pin();
}

// A level interrupt, which masks itself when it fires.
void VfioUserServer::raise_pin() {
  if (!level_ || masked_ || !intx_) return;
  masked_ = true;
  signal(intx_);
}

std::vector<VfioUserServer::IrqRequest> VfioUserServer::irq_requests() {
  MutexLock lock(mutex_);
  return irq_requests_;
}

std::vector<VfioUserServer::Mapping> VfioUserServer::mappings() {
  MutexLock lock(mutex_);
  return mappings_;
}

VfioUserServerThread::VfioUserServerThread(VfioUserServer::Options options)
    : server_(std::move(options)) {
  std::array<int, 2> pair{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    throw_errno(errno, "Cannot create a pair of sockets");
  }
  client_ = UniqueFd(pair[0]);
  thread_ = std::thread(
      [this, socket = UniqueFd(pair[1])]() mutable { server_.serve(std::move(socket)); });
}

VfioUserServerThread::~VfioUserServerThread() {
  server_.stop();
  thread_.join();
}

}  // namespace lintel
