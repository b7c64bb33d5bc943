// The server against raw sockets: what arrives on the wire, byte by byte.
#include "http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/files.h"
#include "http/address.h"

namespace wherry::http {
namespace {

using std::chrono::milliseconds;

// A plain blocking client; every wait ends after 10 s so that a broken server fails the test.
class Client {
 public:
  explicit Client(const Server& server) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    Address address = parse_address(server.address()).value();
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(address.port);
    ::inet_pton(AF_INET, address.ip.c_str(), &where.sin_addr);
    connected_ =
        ::connect(socket_.number(), reinterpret_cast<sockaddr*>(&where), sizeof where) == 0;
    timeval limit{10, 0};
    ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  bool connected() const { return connected_; }

  void send(std::string_view text) {
    while (!text.empty()) {
      ssize_t put = ::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL);
      if (put <= 0) return;
      text.remove_prefix(static_cast<size_t>(put));
    }
  }

  void half_close() { ::shutdown(socket_.number(), SHUT_WR); }

  // Reads until `end` has arrived; what came so far if the connection ends or nothing comes.
  std::string read_until(std::string_view end) {
    std::string text;
    char c;
    while (!text.ends_with(end) && ::recv(socket_.number(), &c, 1, 0) == 1) text.push_back(c);
    return text;
  }

  // One response: head, and a body of Content-Length bytes.
  std::string response(bool has_body = true) {
    std::string text = read_until("\r\n\r\n");
    size_t at = text.find("Content-Length: ");
    size_t length = at == std::string::npos || !has_body ? 0 : std::stoul(text.substr(at + 16));
    std::string body(length, '\0');
    if (length > 0 && ::recv(socket_.number(), body.data(), length, MSG_WAITALL) < 0) body.clear();
    return text + body;
  }

  // What comes until the server closes.
  std::string rest() {
    std::string text;
    char buffer[4096];
    for (ssize_t got; (got = ::recv(socket_.number(), buffer, sizeof buffer, 0)) > 0;) {
      text.append(buffer, static_cast<size_t>(got));
    }
    return text;
  }

 private:
  FileDescriptor socket_;
  bool connected_ = false;
};

std::string status_of(const std::string& response) {
  return response.substr(0, response.find("\r\n"));
}

Response describe(const Request& request) {
  return text_response(200, request.method + " " + request.target + " " +
                                std::to_string(request.body.size()) + " " +
                                request.body.substr(0, 20));
}

struct Fixture {
  ServerOptions options{.listen = "127.0.0.1:0", .workers = 2};
  Handlers handlers{describe, [](const Request&) { return uint64_t{1000}; }};

  std::unique_ptr<Server> start() {
    auto server = Server::create(options, handlers, Log());
    EXPECT_TRUE(server.ok()) << server.error().message;
    return std::move(server).value();
  }
};

// Lets handlers wait until the test says go.
class Gate {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    waiting_++;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void await_waiting(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

TEST(Server, KeepsTheConnectionAndAnswersPipelinedRequestsInOrder) {
  auto server = Fixture().start();
  Client client(*server);
  client.send("POST /a?b=c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  EXPECT_EQ(client.response(),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 17\r\n"
            "Connection: keep-alive\r\n\r\nPOST /a?b=c 3 abc");
  client.send(
      "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
      "POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nhe\r\n3;extension=1\r\nllo\r\n0\r\n\r\nGET /4 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.response().ends_with("GET /1 0 "));
  EXPECT_TRUE(client.response().ends_with("GET /2 0 "));
  EXPECT_TRUE(client.response().ends_with("POST /3 5 hello"));
  EXPECT_TRUE(client.response().ends_with("GET /4 0 "));
}

TEST(Server, TakesARequestByteByByte) {
  auto server = Fixture().start();
  Client client(*server);
  for (char c : std::string_view("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok")) {
    client.send(std::string_view(&c, 1));
  }
  EXPECT_TRUE(client.response().ends_with("POST / 2 ok"));
}

TEST(Server, HonoursConnectionCloseAndHttp10) {
  auto server = Fixture().start();
  Client closing(*server);
  closing.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string response = closing.rest();
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << response;
  Client old(*server);
  old.send("GET / HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(old.rest().ends_with("GET / 0 "));
}

TEST(Server, AnswersHeadWithTheLengthAndWithoutTheBody) {
  auto server = Fixture().start();
  Client client(*server);
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.response(false).find("Content-Length: 9\r\n"), std::string::npos);
  EXPECT_TRUE(client.response().ends_with("GET /next 0 "));
}

TEST(Server, SendsContinueWhenAsked) {
  auto server = Fixture().start();
  Client client(*server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_TRUE(client.response().ends_with("POST / 4 body"));
  client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(status_of(client.rest()), "HTTP/1.1 417 Expectation Failed");
}

TEST(Server, RefusesMalformedRequestsAndCloses) {
  auto server = Fixture().start();
  const std::pair<const char*, const char*> cases[] = {
      {"\r\n\r\nnonsense\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", "HTTP/1.1 505 HTTP Version Not Supported"},
      {"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"GET / HTTP/1.1\r\nHost: x\r\nA: \x01\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
       "HTTP/1.1 400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "HTTP/1.1 400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
       "HTTP/1.1 400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
       "HTTP/1.1 400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n",
       "HTTP/1.1 413 Content Too Large"},
      {"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 18446744073709551615\r\n\r\n",
       "HTTP/1.1 413 Content Too Large"},
      {"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n400\r\n",
       "HTTP/1.1 413 Content Too Large"},
  };
  for (auto [request, status] : cases) {
    Client client(*server);
    client.send(request);
    client.half_close();
    std::string response = client.rest();
    EXPECT_EQ(status_of(response), status) << request;
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << request;
    EXPECT_NE(response.find("{\"error\":"), std::string::npos) << request;
  }
  Client still(*server);
  still.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(still.response()), "HTTP/1.1 200 OK");
}

TEST(Server, RefusesOversizedHeadersWhetherOrNotTheyEnd) {
  auto server = Fixture().start();
  Client ends(*server);
  ends.send("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(20'000, 'a') + "\r\n\r\n");
  EXPECT_EQ(status_of(ends.rest()), "HTTP/1.1 431 Request Header Fields Too Large");
  Client endless(*server);
  endless.send("GET /" + std::string(100'000, 'a'));
  EXPECT_EQ(status_of(endless.rest()), "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST(Server, RefusesEndlessChunkExtensions) {
  auto server = Fixture().start();
  Client client(*server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
              std::string(100'000, 'a'));
  EXPECT_TRUE(status_of(client.rest()).starts_with("HTTP/1.1 4"));
}

TEST(Server, AnswersBeforeAnOversizedBodyHasBeenSent) {
  auto server = Fixture().start();
  Client client(*server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n" +
              std::string(2'000'000, 'b'));
  EXPECT_EQ(status_of(client.rest()), "HTTP/1.1 413 Content Too Large");
}

TEST(Server, TimesOutSlowHeadersBodiesAndIdleConnections) {
  Fixture fixture;
  fixture.options.header_timeout = milliseconds(30);
  fixture.options.body_timeout = milliseconds(30);
  fixture.options.idle_timeout = milliseconds(30);
  auto server = fixture.start();
  Client header(*server);
  header.send("GET / HT");
  EXPECT_EQ(status_of(header.rest()), "HTTP/1.1 408 Request Timeout");
  Client body(*server);
  body.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(status_of(body.rest()), "HTTP/1.1 408 Request Timeout");
  Client idle(*server);
  EXPECT_EQ(idle.rest(), "");
}

TEST(Server, AnswersAClientThatStopsSendingHalfWay) {
  auto server = Fixture().start();
  Client client(*server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");
  client.half_close();
  EXPECT_EQ(status_of(client.rest()), "HTTP/1.1 400 Bad Request");
}

TEST(Server, RefusesWith429WhenWorkersAndQueueAreFull) {
  Gate gate;
  Fixture fixture;
  fixture.options.workers = 1;
  fixture.options.queue_limit = 1;
  fixture.handlers.answer = [&](const Request& request) {
    gate.pass();
    return describe(request);
  };
  auto server = fixture.start();
  Client working(*server), queued(*server), refused(*server);
  working.send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n");
  gate.await_waiting(1);
  // Which of the two is queued is not ours to say: one is answered at once, the other at the end.
  queued.send("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  refused.send("GET /3 HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string second, third;
  std::thread read_second([&] {
    second = queued.response();
    gate.open();
  });
  third = refused.response();
  gate.open();
  read_second.join();
  std::string both = status_of(second) + status_of(third);
  EXPECT_TRUE(both.find("200 OK") != std::string::npos &&
              both.find("429 Too Many Requests") != std::string::npos)
      << both;
  EXPECT_NE((second + third).find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_EQ(status_of(working.response()), "HTTP/1.1 200 OK");
}

TEST(Server, DrainsRequestsInFlightAndClosesIdleConnections) {
  Gate gate;
  Fixture fixture;
  fixture.handlers.answer = [&](const Request& request) {
    if (request.target == "/slow") gate.pass();
    return describe(request);
  };
  auto server = fixture.start();
  Client idle(*server), slow(*server);
  idle.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(idle.response()), "HTTP/1.1 200 OK");
  slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  gate.await_waiting(1);
  std::thread stopper([&] { server->stop(); });
  EXPECT_EQ(idle.rest(), "");  // closed while the other is still being answered
  Client late(*server);
  EXPECT_EQ(late.rest(), "");
  gate.open();
  std::string response = slow.rest();
  EXPECT_EQ(status_of(response), "HTTP/1.1 200 OK");
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
  stopper.join();
}

TEST(Server, ClosesWhatOutlivesTheDrainTimeout) {
  Gate gate;
  Fixture fixture;
  fixture.options.drain_timeout = milliseconds(10);
  fixture.handlers.answer = [&](const Request& request) {
    gate.pass();
    return describe(request);
  };
  auto server = fixture.start();
  Client slow(*server);
  slow.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  gate.await_waiting(1);
  std::thread stopper([&] { server->stop(); });
  EXPECT_EQ(slow.rest(), "");
  gate.open();
  stopper.join();
}

TEST(Server, SurvivesAHandlerThatThrows) {
  Fixture fixture;
  fixture.handlers.answer = [](const Request&) -> Response { throw std::bad_alloc(); };
  auto server = fixture.start();
  Client client(*server);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(client.response()), "HTTP/1.1 500 Internal Server Error");
}

TEST(Server, AcceptsAgainWhenAConnectionOfTooManyEnds) {
  Fixture fixture;
  fixture.options.max_connections = 1;
  auto server = fixture.start();
  auto first = std::make_unique<Client>(*server);
  first->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(status_of(first->response()), "HTTP/1.1 200 OK");
  Client second(*server);
  second.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  first.reset();
  EXPECT_EQ(status_of(second.response()), "HTTP/1.1 200 OK");
}

TEST(Server, SaysWhyItCannotListen) {
  auto server = Fixture().start();
  auto second = Server::create({.listen = server->address()}, Fixture().handlers, Log());
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().message,
            "cannot listen on " + server->address() + ": Address already in use");
  EXPECT_EQ(second.error().kind, ErrorKind::kIo);
  EXPECT_FALSE(second.error().hint.empty());
}

TEST(Address, ReadsNumericAddressesOnly) {
  auto text = [](std::string_view input) {
    auto address = parse_address(input);
    return address.ok() ? to_text(*address) : "error: " + address.error().message;
  };
  EXPECT_EQ(text("127.0.0.1:8080"), "127.0.0.1:8080");
  EXPECT_EQ(text("[::1]:80"), "[::1]:80");
  EXPECT_EQ(text("localhost:0"), "127.0.0.1:0");
  EXPECT_EQ(text(":8080"), "0.0.0.0:8080");
  EXPECT_EQ(text("8080"), "error: listen address \"8080\": no port");
  EXPECT_EQ(text("example.org:80"),
            "error: listen address \"example.org:80\": not an IPv4 address");
  EXPECT_EQ(text("::1:80"), "error: listen address \"::1:80\": not an IPv4 address");
  EXPECT_EQ(text("127.0.0.1:65536"),
            "error: listen address \"127.0.0.1:65536\": the port is not a number from 0 to 65535");
}

TEST(ResponseHead, LeavesOutHeadersThatWouldSplitTheResponse) {
  Response response{200, {{"A", "b\r\nC: d"}, {"E", "f"}}, ""};
  EXPECT_EQ(response_head(response, true),
            "HTTP/1.1 200 OK\r\nE: f\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

}  // namespace
}  // namespace wherry::http
