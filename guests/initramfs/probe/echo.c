// SPDX-License-Identifier: Apache-2.0
// echo tcp ADDRESS PORT MIB [AHEAD_KIB] | echo vsock CID PORT MIB [AHEAD_KIB]: sends a pattern to a
// server that sends back what it gets, while reading: both directions at once, every byte compared.
// With AHEAD_KIB, it sends no more than that much ahead of what is back. Ends its direction only
// when all is back: after the guest's FIN, passt of Debian 12 takes acknowledged data for
// data still to be sent, and puts old bytes under new sequence numbers.
#include <arpa/inet.h>
#include <errno.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "probe.h"

enum { kBlock = 64 * 1024, kSeed = 7, kTimeoutMs = 60000 };

static int connect_tcp(const char* address, const char* port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(port))};
  if (inet_pton(AF_INET, address, &to.sin_addr) != 1) return errno = EINVAL, -1;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr*)&to, sizeof(to)) != 0) return close(fd), -1;
  return fd;
}

static int connect_vsock(const char* cid, const char* port) {
  struct sockaddr_vm to = {
      .svm_family = AF_VSOCK, .svm_cid = strtoul(cid, NULL, 0), .svm_port = strtoul(port, NULL, 0)};
  int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd >= 0 && connect(fd, (struct sockaddr*)&to, sizeof(to)) != 0) return close(fd), -1;
  return fd;
}

struct stream {
  int fd;
  uint64_t total;
  uint64_t ahead;
  uint64_t sent;
  uint64_t received;
};

// Where sending stops for now, on the pattern's 8-byte steps.
static uint64_t send_limit(const struct stream* stream) {
  uint64_t left = stream->total - stream->received;
  return (stream->received + (left < stream->ahead ? left : stream->ahead)) & ~(uint64_t)7;
}

// A block is sent from where the last short write ended, so blocks are made on 8-byte steps.
static int send_some(struct stream* stream) {
  static char block[kBlock];
  uint64_t begin = stream->sent & ~(uint64_t)7;
  uint64_t end = send_limit(stream);
  size_t size = end - begin < kBlock ? end - begin : kBlock;
  fill_pattern(block, size, kSeed, begin / 8);
  size_t skip = stream->sent - begin;
  ssize_t done = send(stream->fd, block + skip, size - skip, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (done < 0) return errno == EAGAIN ? 0 : failed("send");
  stream->sent += done;
  return 0;
}

static int receive_some(struct stream* stream) {
  static char got[kBlock];
  static char want[kBlock + 8];
  ssize_t done = recv(stream->fd, got, sizeof(got), MSG_DONTWAIT);
  if (done < 0) return errno == EAGAIN ? 0 : failed("receive");
  if (done == 0) {
    printf("connection closed after %llu of %llu bytes\n", (unsigned long long)stream->received,
           (unsigned long long)stream->total);
    return 1;
  }
  uint64_t begin = stream->received & ~(uint64_t)7;
  fill_pattern(want, sizeof(want), kSeed, begin / 8);
  if (memcmp(got, want + (stream->received - begin), done) != 0) {
    printf("wrong data after %llu bytes\n", (unsigned long long)stream->received);
    return 1;
  }
  stream->received += done;
  return 0;
}

// The server has sent all that it got: it ends its direction, too, and nothing more comes.
static int finish(struct stream* stream) {
  if (shutdown(stream->fd, SHUT_WR) != 0) return failed("shutdown");
  struct pollfd poll_fd = {.fd = stream->fd, .events = POLLIN};
  int ready = poll(&poll_fd, 1, kTimeoutMs);
  if (ready == 0) errno = ETIMEDOUT;
  if (ready <= 0) return failed("poll for the end");
  char extra;
  ssize_t done = recv(stream->fd, &extra, 1, MSG_DONTWAIT);
  if (done < 0) return failed("receive the end");
  if (done == 0) return 0;
  puts("more came back than was sent");
  return 1;
}

int probe_echo(int argc, char** argv) {
  if (argc < 5) return fputs("usage: echo tcp|vsock ADDRESS PORT MIB [AHEAD_KIB]\n", stderr), 2;
  struct stream stream = {.total = strtoull(argv[4], NULL, 0) << 20, .ahead = UINT64_MAX};
  if (argc > 5) stream.ahead = strtoull(argv[5], NULL, 0) << 10;
  stream.fd = strcmp(argv[1], "vsock") == 0 ? connect_vsock(argv[2], argv[3])
                                            : connect_tcp(argv[2], argv[3]);
  if (stream.fd < 0) return failed("connect");
  double begin = seconds();
  while (stream.received < stream.total) {
    struct pollfd poll_fd = {.fd = stream.fd, .events = POLLIN};
    if (stream.sent < send_limit(&stream)) poll_fd.events |= POLLOUT;
    int ready = poll(&poll_fd, 1, kTimeoutMs);
    if (ready == 0) errno = ETIMEDOUT;
    if (ready <= 0) return failed("poll");
    if ((poll_fd.revents & POLLOUT) && send_some(&stream) != 0) return 1;
    if ((poll_fd.revents & (POLLIN | POLLHUP | POLLERR)) && receive_some(&stream) != 0) return 1;
  }
  double elapsed = seconds() - begin;
  if (finish(&stream) != 0) return 1;
  printf("%s: %llu bytes each way, %.1f MiB/s\n", argv[1], (unsigned long long)stream.total,
         elapsed > 0 ? stream.total / elapsed / (1 << 20) : 0);
  return 0;
}
