// The server against raw sockets: what arrives on the wire, byte by byte.
#include "http/server.h"

#include <gtest/gtest.h>

#include <thread>

#include "http/server_testing.h"

namespace wherry::http {
namespace {

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

TEST(Server, HeedsWhatAHandlerSaysOfConnectionAndLength) {
  Fixture fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    Response response{200, {{"Content-Length", "7"}}, ""};
    if (exchange->request().target == "/close") response.headers.push_back({"Connection", "close"});
    exchange->respond(std::move(response));
  };
  auto server = fixture.start();
  Client client(*server);
  // The length of a body that a HEAD is not answered with is the handler's to know; others are not.
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.response(false).find("\r\nContent-Length: 7\r\n"), std::string::npos);
  client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.response().find("\r\nContent-Length: 0\r\n"), std::string::npos);
  client.send("GET /close HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.rest().ends_with("\r\nConnection: close\r\n\r\n"));
}

TEST(Server, TellsHandlersWhereTheClientIs) {
  Fixture fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    exchange->respond(text_response(200, exchange->request().client_ip));
  };
  for (const char* listen : {"127.0.0.1:0", "[::1]:0"}) {
    fixture.options.listen = listen;
    auto server = Server::create(fixture.options, fixture.handlers, Log());
    if (!server.ok() && listen[0] == '[') continue;  // a machine without IPv6
    Client client(**server);
    client.send(get("/") + get("/"));
    client.response();
    EXPECT_EQ(body_of(client.response()), listen[0] == '[' ? "::1" : "127.0.0.1");
  }
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

TEST(Server, DoesNotTakeAMalformedRequestForTheOneBeforeIt) {
  auto server = Fixture().start();
  Client client(*server);
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  client.response(false);
  client.send("nonsense\r\n\r\n");
  EXPECT_NE(client.rest().find("{\"error\":"), std::string::npos);
}

TEST(Server, TheLastAnswerIsNotLostToWhatIsSentAfterIt) {
  auto server = Fixture().start();
  Client client(*server);
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" +
              std::string(1'000'000, 'x'));
  EXPECT_TRUE(client.rest().ends_with("GET / 0 "));
  EXPECT_FALSE(client.was_reset());  // which might have overtaken the answer
}

TEST(Server, APolicyThatThrowsEndsTheConnectionOnly) {
  Fixture fixture;
  fixture.handlers.body_policy = [](const Request& request) -> BodyPolicy {
    if (request.target == "/bad") throw std::bad_alloc();
    return {};
  };
  auto server = fixture.start();
  Client bad(*server), good(*server);
  bad.send("POST /bad HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx");
  EXPECT_EQ(bad.rest(), "");
  good.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(good.response().ends_with("GET / 0 "));
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

TEST(Server, DrainsRequestsInFlightAndClosesIdleConnections) {
  Gate gate;
  Fixture fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    if (exchange->request().target == "/slow") gate.pass();
    exchange->respond(describe(exchange->request()));
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
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    gate.pass();
    exchange->respond(describe(exchange->request()));
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
  fixture.handlers.handle = [](ExchangePtr) { throw std::bad_alloc(); };
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

}  // namespace
}  // namespace wherry::http
