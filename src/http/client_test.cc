#include "http/client.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <thread>

#include "http/listener.h"
#include "http/server_testing.h"

namespace wherry::http {
namespace {

constexpr milliseconds kPatience{10'000};

// Answers one connection with these bytes, whatever it says.
class Canned {
 public:
  explicit Canned(std::string answer)
      : listener_(Listener::create("127.0.0.1:0").value()),
        thread_([this, answer = std::move(answer)] {
          pollfd ready{listener_.number(), POLLIN, 0};
          ::poll(&ready, 1, 10'000);
          FileDescriptor client = std::move(listener_.accept().socket);
          ::send(client.number(), answer.data(), answer.size(), MSG_NOSIGNAL);
          ::shutdown(client.number(), SHUT_WR);
          char buffer[1000];
          pollfd more{client.number(), POLLIN, 0};
          while (::poll(&more, 1, 10'000) > 0 &&
                 ::recv(client.number(), buffer, sizeof buffer, 0) > 0) {
          }
        }) {}
  ~Canned() { thread_.join(); }
  std::string address() const { return to_text(listener_.address()); }

 private:
  Listener listener_;
  std::thread thread_;
};

std::string fetched(std::string answer, std::string method = "GET") {
  Canned server(std::move(answer));
  auto response = fetch(server.address(), {std::move(method), "/", {}, ""}, kPatience);
  if (!response.ok()) return name_of(response.error().kind);
  return std::to_string(response->status) + " " + response->body;
}

TEST(Client, FetchesFromTheServer) {
  auto server = Fixture().start();
  auto response = fetch(server->address(), {"POST", "/a?b", {{"X", "y"}}, "hello"}, kPatience);
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->status, 200u);
  EXPECT_EQ(response->body, "POST /a?b 5 hello");
  EXPECT_EQ(*response->find_header("content-type"), "text/plain; charset=utf-8");
}

TEST(Client, FetchesFromALocalSocket) {
  TemporaryDirectory directory = TemporaryDirectory::create().value();
  Fixture fixture;
  fixture.options.listen = "unix:" + directory.path() + "/socket";
  auto server = fixture.start();
  auto response = fetch(server->address(), {"GET", "/a", {}, ""}, kPatience);
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_EQ(response->body, "GET /a 0 ");
}

TEST(Client, ReadsEveryKindOfBody) {
  EXPECT_EQ(fetched("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd"), "200 abc");
  EXPECT_EQ(fetched("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
            "200 abc");
  EXPECT_EQ(fetched("HTTP/1.0 200 OK\r\n\r\nuntil the end"), "200 until the end");
  EXPECT_EQ(fetched("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"), "204 ");
  EXPECT_EQ(fetched("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "HEAD"), "200 ");
}

TEST(Client, ReportsAnswersThatAreNone) {
  EXPECT_EQ(fetched(""), name_of(ErrorKind::kIo));
  EXPECT_EQ(fetched("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), name_of(ErrorKind::kIo));
  EXPECT_EQ(fetched("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"),
            name_of(ErrorKind::kIo));
  EXPECT_EQ(fetched("SSH-2.0-OpenSSH\r\n"), name_of(ErrorKind::kInvalid));
  EXPECT_EQ(fetched("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
            name_of(ErrorKind::kInvalid));
  EXPECT_EQ(fetched("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
            name_of(ErrorKind::kLimit));
}

TEST(Client, SaysWhatItCannotReach) {
  std::string address;
  {
    auto server = Fixture().start();
    address = server->address();
  }
  auto refused = fetch(address, {"GET", "/", {}, ""}, kPatience);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "cannot reach " + address + ": connect: Connection refused");
  EXPECT_EQ(refused.error().kind, ErrorKind::kIo);
  EXPECT_EQ(fetch("example", {"GET", "/", {}, ""}, kPatience).error().kind, ErrorKind::kInvalid);
  EXPECT_EQ(fetch(address, {"GET", "/ HTTP/1.1\r\nA: b", {}, ""}, kPatience).error().kind,
            ErrorKind::kInvalid);
}

TEST(Client, GivesUpWhenItsTimeIsOver) {
  Gate gate;
  Fixture fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    gate.pass();
    exchange->respond(text_response(200, ""));
  };
  auto server = fixture.start();
  auto late = fetch(server->address(), {"GET", "/", {}, ""}, milliseconds(20));
  gate.open();
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().message, server->address() + ": no answer within 20 ms");
}

TEST(Client, HandsPiecesOverAsTheyComeUntilItHasEnough) {
  Gate gone;
  gone.open();
  Fixture fixture;
  std::function<void(ExchangePtr)> drip = [&](ExchangePtr exchange) {
    if (exchange->write(as_bytes("line\n")) == Exchange::State::kBroken) return gone.pass();
    exchange->flush();
    exchange->post([&, exchange] { drip(exchange); }, false);
  };
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->start(text_response(200, ""), std::nullopt);
    drip(exchange);
  };
  auto server = fixture.start();
  size_t bytes = 0;
  auto response = fetch_pieces(server->address(), {"GET", "/", {}, ""}, kPatience,
                               [&](const Response& head, std::string_view piece) {
                                 EXPECT_EQ(head.status, 200u);
                                 bytes += piece.size();
                                 return bytes < 100;
                               });
  ASSERT_TRUE(response.ok()) << response.error().message;
  EXPECT_GE(bytes, 100u);
  gone.await_waiting(1);
}

}  // namespace
}  // namespace wherry::http
