// SPDX-License-Identifier: Apache-2.0
// Both ends of the socket: the server on a thread's loop, clients here.
#include "vmm/api/client.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/api/fake_control.h"
#include "vmm/api/reply.h"
#include "vmm/api/server.h"
#include "vmm/api/socket_file.h"

namespace lintel::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ApiTest : public ::testing::Test {
 protected:
  static std::filesystem::path make_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "lintel-XXXXXX").string();
    return mkdtemp(pattern.data());
  }
  ~ApiTest() override {
    loop_.loop().run_sync([this] { server_.reset(); });
    std::filesystem::remove_all(folder_);
  }

  void serve(Server::Limits limits = {}) {
    loop_.loop().run_sync([&] {
      server_ = std::make_unique<Server>(
          loop_.loop(), file_.fd(),
          [this](const Request& request, const Server::Answer& answer) {
            handle(control_, request, answer);
          },
          limits);
    });
  }

  // What the server says to these bytes, until it hangs up.
  static std::string say(int fd, const std::string& bytes) {
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    return hear(fd);
  }
  static std::string hear(int fd) {
    std::string all;
    char buffer[512];
    ssize_t count = 0;
    while ((count = recv(fd, buffer, sizeof buffer, 0)) > 0) {
      all.append(buffer, static_cast<size_t>(count));
    }
    return all;
  }

  const std::filesystem::path folder_ = make_folder();
  FakeControl control_;
  SocketFile file_{(folder_ / "run").string(), "box"};
  EventLoopThread loop_{"test", [](std::exception_ptr) { ADD_FAILURE() << "the loop threw"; }};
  std::unique_ptr<Server> server_;
};

TEST_F(ApiTest, Socket_is_its_users_alone) {
  struct stat status{};
  ASSERT_EQ(stat(file_.path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  ASSERT_EQ(stat((folder_ / "run").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0700u);
}

TEST_F(ApiTest, Second_machine_of_a_name_is_refused_until_the_first_is_gone) {
  const std::string run = (folder_ / "run").string();
  try {
    const SocketFile second(run, "box");
    FAIL() << "two machines of one name";
  } catch (const Error& error) {
    EXPECT_EQ(error.errno_value(), EADDRINUSE);
    EXPECT_THAT(error.describe(), HasSubstr("\"box\" runs already"));
  }
  {
    const SocketFile other(run, "other");
  }
  const SocketFile again(run, "other");
  EXPECT_THAT(running_machines(run), ElementsAre("box", "other"));
}

TEST_F(ApiTest, Stale_socket_is_replaced) {
  const std::string run = (folder_ / "run").string();
  const std::string path = socket_path(run, "stale");
  {
    // As a process that was killed leaves it.
    const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  EXPECT_THAT(running_machines(run), ElementsAre("box"));
  const SocketFile fresh(run, "stale");
  EXPECT_THAT(running_machines(run), ElementsAre("box", "stale"));
}

TEST_F(ApiTest, File_in_the_sockets_place_is_left_alone) {
  const std::string run = (folder_ / "run").string();
  std::filesystem::create_directory(socket_path(run, "folder"));
  EXPECT_THROW(SocketFile(run, "folder"), Error);
  EXPECT_TRUE(std::filesystem::exists(socket_path(run, "folder")));
}

TEST_F(ApiTest, Names_that_are_no_files_or_too_long_are_refused) {
  for (const std::string& name : {std::string(), std::string("."), std::string(".."),
                                  std::string("a/b"), std::string(108, 'a')}) {
    EXPECT_THROW(socket_path("/run/lintel", name), Error) << name;
  }
}

TEST_F(ApiTest, Client_finds_the_only_machine) {
  serve();
  const std::string run = (folder_ / "run").string();
  Client client(run, "");
  EXPECT_EQ(client.name(), "box");
  EXPECT_THAT(client.ask("GET", "/status"), HasSubstr("paused"));
  const SocketFile other(run, "other");
  EXPECT_THROW(Client(run, ""), Error);
  EXPECT_THROW(Client((folder_ / "nothing").string(), ""), Error);
  EXPECT_THROW(Client(run, "third").ask("GET", "/status"), Error);
}

TEST_F(ApiTest, Refusal_reaches_the_client) {
  serve();
  control_.refusal = Refusal{kConflict, Error("no port").with_help("add one")};
  Client client((folder_ / "run").string(), "box");
  try {
    client.ask("PUT", "/attach", body_of(AttachRequest{"0000:01:00.0"}));
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.describe(), "no port\n  help: add one");
  }
}

TEST_F(ApiTest, Answer_may_come_later) {
  serve();
  control_.later = true;
  Client client((folder_ / "run").string(), "box");
  auto asked = std::async(std::launch::async, [&] {
    return client.ask("PUT", "/detach", body_of(DetachRequest{"a"}));
  });
  control_.asked.get_future().wait();
  // Others are served meanwhile.
  EXPECT_THAT(Client((folder_ / "run").string(), "box").ask("GET", "/status"), HasSubstr("box"));
  loop_.loop().run_sync([&] { control_.waiting({}); });
  EXPECT_THAT(asked.get(), HasSubstr("\"device\": \"a\""));
}

TEST_F(ApiTest, Answer_to_who_is_gone_is_dropped) {
  serve();
  control_.later = true;
  {
    const UniqueFd fd = connect_to(file_.path());
    const std::string bytes = serialize(Request{"PUT", "/detach", body_of(DetachRequest{"a"})});
    ASSERT_EQ(send(fd.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    control_.asked.get_future().wait();
  }
  // Through the loop once, so that it sees the end.
  Client((folder_ / "run").string(), "box").ask("GET", "/status");
  loop_.loop().run_sync([&] { control_.waiting({}); });
  EXPECT_THAT(Client((folder_ / "run").string(), "box").ask("GET", "/status"), HasSubstr("box"));
}

TEST_F(ApiTest, Nonsense_is_answered_and_hung_up_on) {
  serve();
  const UniqueFd fd = connect_to(file_.path());
  EXPECT_THAT(say(fd.get(), "GET\r\n\r\n"), HasSubstr("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(ApiTest, Slow_request_is_hung_up_on) {
  serve({.connections = 16, .io = std::chrono::milliseconds(1)});
  const UniqueFd fd = connect_to(file_.path());
  EXPECT_THAT(hear(fd.get()), IsEmpty());
}

TEST_F(ApiTest, Connections_beyond_the_limit_wait) {
  serve({.connections = 1, .io = std::chrono::hours(1)});
  UniqueFd first = connect_to(file_.path());
  const UniqueFd second = connect_to(file_.path());
  const std::string bytes = serialize(Request{"GET", "/status", ""});
  ASSERT_EQ(send(second.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  first.reset();
  EXPECT_THAT(hear(second.get()), HasSubstr("HTTP/1.1 200 OK"));
}

}  // namespace
}  // namespace lintel::api
