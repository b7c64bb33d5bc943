// How a server begins and ends: addresses, local sockets, running out of descriptors, and stopping
// without losing what has been received.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "http/server_testing.h"

namespace wherry::http {
namespace {

bool says_close(const std::string& response) {
  return response.find("Connection: close\r\n") != std::string::npos;
}

struct Blocking : Fixture {
  Gate gate;
  Blocking() {
    handlers.handle = [this](ExchangePtr exchange) {
      if (exchange->request().target == "/slow") gate.pass();
      exchange->respond(describe(exchange->request()));
    };
  }
};

// Once nobody listens any more, the server is draining.
void await_draining(const Server& server) {
  while (Client(server).connected()) std::this_thread::yield();
}

TEST(Stop, UnderLoadLosesNothing) {
  Fixture fixture;
  fixture.options.drain_grace = milliseconds(10'000);
  auto server = fixture.start();
  std::atomic<int> answered{0}, lost{0}, ended_well{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; i++) {
    clients.emplace_back([&] {
      Client client(*server);
      for (;;) {
        client.send(get("/"));
        std::string response = client.response();
        if (!response.ends_with("GET / 0 ")) {
          lost++;
          return;
        }
        answered++;
        if (says_close(response)) {
          ended_well++;
          return;
        }
      }
    });
  }
  while (answered < 1000) std::this_thread::yield();
  server->stop();
  for (auto& client : clients) client.join();
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(ended_well, 8);
}

TEST(Stop, AnswersPipelinedRequestsThatHaveBeenReceived) {
  Blocking fixture;
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/slow") + get("/2"));
  fixture.gate.await_waiting(1);
  client.send(get("/3"));  // in the socket's buffer: nobody reads it now
  std::thread stopper([&] { server->stop(); });
  await_draining(*server);
  fixture.gate.open();
  std::string first = client.response(), second = client.response(), third = client.rest();
  stopper.join();
  EXPECT_TRUE(first.ends_with("GET /slow 0 ") && !says_close(first)) << first;
  EXPECT_TRUE(second.ends_with("GET /2 0 ") && !says_close(second)) << second;
  EXPECT_TRUE(third.ends_with("GET /3 0 ") && says_close(third)) << third;
}

TEST(Stop, ServesConnectionsThatWaitInTheBacklog) {
  Blocking fixture;
  fixture.options.max_connections = 1;
  fixture.options.drain_grace = milliseconds(10'000);
  auto server = fixture.start();
  Client slow(*server);
  slow.send(get("/slow"));
  fixture.gate.await_waiting(1);
  Client sent(*server), silent(*server);
  ASSERT_TRUE(sent.connected() && silent.connected());
  sent.send(get("/sent"));
  std::thread stopper([&] { server->stop(); });
  await_draining(*server);
  silent.send(get("/late"));
  EXPECT_TRUE(sent.rest().ends_with("GET /sent 0 "));
  EXPECT_TRUE(silent.rest().ends_with("GET /late 0 "));
  fixture.gate.open();
  EXPECT_TRUE(slow.rest().ends_with("GET /slow 0 "));
  stopper.join();
}

TEST(Stop, WaitsForSlowWork) {
  Gate gate;
  Fixture fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->post(
        [&, exchange] {
          gate.pass();
          exchange->respond(describe(exchange->request()));
        },
        true);
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/"));
  gate.await_waiting(1);
  std::thread stopper([&] { server->stop(); });
  await_draining(*server);
  gate.open();
  EXPECT_TRUE(client.rest().ends_with("GET / 0 "));
  stopper.join();
  server->stop();  // without effect
}

TEST(LocalSocket, IsForItsOwnerAndGoesWithTheServer) {
  TemporaryDirectory directory = TemporaryDirectory::create().value();
  std::string path = directory.path() + "/socket";
  Fixture fixture;
  fixture.options.listen = "unix:" + path;
  auto server = fixture.start();
  EXPECT_EQ(server->address(), "unix:" + path);
  struct stat file;
  ASSERT_EQ(::stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  Client client(*server);
  client.send(get("/"));
  EXPECT_TRUE(client.response().ends_with("GET / 0 "));
  server.reset();
  EXPECT_NE(::stat(path.c_str(), &file), 0);
}

TEST(LocalSocket, ReplacesOneThatNobodyAnswersOnAndNothingElse) {
  TemporaryDirectory directory = TemporaryDirectory::create().value();
  Fixture fixture;
  std::string path = directory.path() + "/socket";
  fixture.options.listen = "unix:" + path;
  {
    FileDescriptor left_over(::socket(AF_UNIX, SOCK_STREAM, 0));
    SocketAddress where = socket_address(parse_address(fixture.options.listen).value());
    ASSERT_EQ(::bind(left_over.number(), where.get(), where.size), 0);
  }
  auto server = fixture.start();
  auto second = Server::create(fixture.options, fixture.handlers, Log());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message, "cannot listen on unix:" + path + ": Address already in use");
  Client client(*server);
  client.send(get("/"));
  EXPECT_TRUE(client.response().ends_with("GET / 0 "));
  fixture.options.listen = "unix:" + directory.path() + "/file";
  ASSERT_TRUE(write_file_atomically(directory.path() + "/file", as_bytes("keep me")).ok());
  EXPECT_FALSE(Server::create(fixture.options, fixture.handlers, Log()).ok());
  EXPECT_TRUE(read_file(directory.path() + "/file", 100).ok());
}

TEST(Server, ClosesWhatItHasNoDescriptorForAndGoesOn) {
  std::mutex mutex;
  int failures = 0;
  Fixture fixture;
  fixture.log = Log([&](std::string_view line) {
    std::lock_guard lock(mutex);
    if (line.starts_with("accept failed")) failures++;
  });
  auto server = fixture.start();
  SocketAddress where = socket_address(parse_address(server->address()).value());
  FileDescriptor first(::socket(AF_INET, SOCK_STREAM, 0)),
      second(::socket(AF_INET, SOCK_STREAM, 0));
  // No descriptor can be had from here on.
  rlimit old_limit;
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old_limit), 0);
  std::vector<FileDescriptor> fillers;
  rlimit limit{static_cast<rlim_t>(second.number()) + 1, old_limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  for (int filler; (filler = ::dup(0)) >= 0;) fillers.emplace_back(filler);
  char byte;
  for (int socket : {first.number(), second.number()}) {
    EXPECT_EQ(::connect(socket, where.get(), where.size), 0);
    EXPECT_EQ(::recv(socket, &byte, 1, 0), 0);
  }
  fillers.clear();
  ::setrlimit(RLIMIT_NOFILE, &old_limit);
  Client client(*server);
  client.send(get("/"));
  EXPECT_TRUE(client.response().ends_with("GET / 0 "));
  std::lock_guard lock(mutex);
  EXPECT_EQ(failures, 1);
}

// Answers that wait for the round's end find nobody any more.
TEST(Server, SurvivesClientsThatResetWhileTheirAnswersWait) {
  Fixture fixture;
  auto server = fixture.start();
  std::string pipeline;
  for (int i = 0; i < 100; i++) pipeline += get("/");
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; i++) {
    clients.emplace_back([&] {
      for (int round = 0; round < 300; round++) {
        Client client(*server);
        client.send(pipeline);
        client.reset();
      }
    });
  }
  for (auto& client : clients) client.join();
  for (unsigned i = 0; i < fixture.options.loops; i++) {
    Client client(*server);
    client.send(get("/"));
    EXPECT_TRUE(client.response().ends_with("GET / 0 "));
  }
}

TEST(Server, LetsGoOfAClientThatGoesOnAskingAndReadsNothing) {
  Fixture fixture;
  fixture.options.write_timeout = milliseconds(50);
  fixture.handlers.handle = [](ExchangePtr exchange) {
    exchange->respond(text_response(200, std::string(8'000, 'a')));
  };
  auto server = fixture.start();
  for (int requests_at_once : {1, 10, 100}) {
    std::string piece;
    for (int i = 0; i < requests_at_once; i++) piece += get("/");
    Client client(*server);
    while (client.send(piece)) {
    }
    EXPECT_TRUE(errno == ECONNRESET || errno == EPIPE) << errno << " at " << requests_at_once;
  }
}

}  // namespace
}  // namespace wherry::http
