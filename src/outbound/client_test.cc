#include "outbound/client.h"

#include <gtest/gtest.h>

#include <future>

#include "outbound/call_state.h"
#include "outbound/test_server.h"

namespace wherry::outbound {
namespace {

std::unique_ptr<Client> client_with(ClientOptions options = {}) {
  auto client = Client::create(std::move(options));
  EXPECT_TRUE(client.ok());
  return client.ok() ? std::move(*client) : nullptr;
}

const std::string kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(Client, BringsStatusHeadersAndBody) {
  TestServer server(
      always("HTTP/1.1 201 Created\r\nX-A: one\r\nX-A: two\r\nContent-Length: 5\r\n\r\nhello"));
  auto client = client_with();
  Answer answer = fetch(*client, "GET", server.url());
  EXPECT_EQ(answer.status, 201u);
  EXPECT_EQ(answer.body, "hello");
  ASSERT_EQ(answer.headers.size(), 3u);
  EXPECT_EQ(answer.headers[1].value, "two");
  EXPECT_EQ(failure_of(answer), "none");
}

TEST(Client, SendsWhatWasAskedForAndNothingElse) {
  std::promise<std::string> seen;
  TestServer server([&](Peer& peer) {
    seen.set_value(peer.read_request());
    peer.send(kHello);
  });
  auto client = client_with();
  fetch(*client, "GET", server.url("/a?b=c"), "", {{"Accept", "*/*"}});
  EXPECT_EQ(seen.get_future().get(),
            fmt::format("GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAccept: */*\r\n\r\n",
                        server.port()));
}

TEST(Client, SaysHowLongTheBodyIs) {
  std::promise<std::string> seen;
  TestServer server([&](Peer& peer) {
    seen.set_value(peer.read_request());
    peer.send(kHello);
  });
  auto client = client_with();
  fetch(*client, "POST", server.url(), "the body");
  EXPECT_TRUE(seen.get_future().get().ends_with("Content-Length: 8\r\n\r\nthe body"));
  EXPECT_NE(request_text(request_of("POST", "http://a/")).find("Content-Length: 0\r\n"),
            std::string::npos);
}

TEST(Client, TakesBodiesHoweverTheirEndIsTold) {
  auto client = client_with();
  auto body = [&](const std::string& method, const std::string& answer) {
    TestServer server(once(answer));
    Answer got = fetch(*client, method, server.url());
    EXPECT_EQ(failure_of(got), "none") << answer << got.error.message;
    return got.body;
  };
  EXPECT_EQ(body("GET",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: x\r\n\r\n"),
            "abcde");
  EXPECT_EQ(body("GET", "HTTP/1.1 200 OK\r\n\r\nup to the end"), "up to the end");
  EXPECT_EQ(body("GET", "HTTP/1.0 200 OK\r\n\r\nup to the end"), "up to the end");
  EXPECT_EQ(body("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), "");
  EXPECT_EQ(body("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"), "");
  EXPECT_EQ(body("GET", "HTTP/1.1 204 No Content\r\n\r\n"), "");
  EXPECT_EQ(body("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n"), "");
}

TEST(Client, SkipsInterimAnswers) {
  TestServer server(
      always("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + kHello));
  auto client = client_with();
  Answer answer = fetch(*client, "GET", server.url());
  EXPECT_EQ(answer.status, 200u);
  EXPECT_EQ(answer.headers.size(), 1u);
  EXPECT_EQ(answer.body, "hello");
}

TEST(Client, LeavesRedirectsToTheCaller) {
  TestServer server(always("HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"));
  auto client = client_with();
  EXPECT_EQ(fetch(*client, "GET", server.url()).status, 302u);
}

TEST(Client, UsesConnectionsAgain) {
  TestServer server(always(kHello));
  auto client = client_with();
  for (int i = 0; i < 3; i++) EXPECT_EQ(fetch(*client, "GET", server.url()).body, "hello");
  EXPECT_EQ(fetch(*client, "POST", server.url(), "x").body, "hello");
  EXPECT_EQ(server.connections(), 1u);
}

TEST(Client, DoesNotUseConnectionsAgainThatAreNotFitForIt) {
  auto client = client_with();
  for (const std::string& answer : {
           std::string("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"),
           std::string("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
           kHello + "HTTP/1.1 200 OK\r\n",  // what came too early could be anybody's answer
       }) {
    TestServer server(always(answer));
    for (int i = 0; i < 2; i++) EXPECT_EQ(fetch(*client, "GET", server.url()).body, "hello");
    EXPECT_EQ(server.connections(), 2u) << answer;
  }
}

TEST(Client, KeepsNoMoreIdleConnectionsThanItMay) {
  ClientOptions options;
  options.max_idle_per_place = 0;
  auto client = client_with(options);
  TestServer server(always(kHello));
  for (int i = 0; i < 2; i++) EXPECT_EQ(fetch(*client, "GET", server.url()).body, "hello");
  EXPECT_EQ(server.connections(), 2u);
}

TEST(Client, ClosesIdleConnectionsAfterAWhile) {
  ClientOptions options;
  options.connection.idle_timeout = std::chrono::milliseconds(1);
  auto client = client_with(options);
  std::promise<void> ended;
  TestServer server([&](Peer& peer) {
    peer.read_request();
    peer.send(kHello);
    peer.wait_for_end();
    ended.set_value();
  });
  EXPECT_EQ(fetch(*client, "GET", server.url()).body, "hello");
  ended.get_future().wait();
}

// Answers the first request of the first connection and goes away at the second one.
TestServer::Script one_that_goes_away(std::atomic<int>& connections, bool for_good) {
  return [&connections, for_good](Peer& peer) {
    int number = connections++;
    if (number > 0 && for_good) return;
    do {
      if (peer.read_request().empty()) return;
      peer.send(kHello);
    } while (number > 0);
    peer.read_request();
    peer.reset_at_end();
  };
}

TEST(Client, SendsAgainWhatAUsedConnectionDidNotAnswer) {
  std::atomic<int> connections = 0;
  TestServer server(one_that_goes_away(connections, false));
  auto client = client_with();
  EXPECT_EQ(fetch(*client, "GET", server.url()).body, "hello");
  EXPECT_EQ(fetch(*client, "GET", server.url()).body, "hello");
  EXPECT_EQ(connections, 2);
}

TEST(Client, SendsAgainOnlyOnce) {
  std::atomic<int> connections = 0;
  TestServer server(one_that_goes_away(connections, true));
  auto client = client_with();
  EXPECT_EQ(fetch(*client, "GET", server.url()).body, "hello");
  EXPECT_EQ(failure_of(fetch(*client, "GET", server.url())), "closed");
  EXPECT_EQ(connections, 2);
}

TEST(Client, DoesNotSendAgainWhatMightHappenTwice) {
  std::atomic<int> connections = 0;
  TestServer server(one_that_goes_away(connections, false));
  auto client = client_with();
  EXPECT_EQ(fetch(*client, "GET", server.url()).body, "hello");
  EXPECT_EQ(failure_of(fetch(*client, "POST", server.url(), "pay")), "closed");
  EXPECT_EQ(connections, 1);
}

TEST(Client, ManyCallsAtATimeDoNotWaitForEachOther) {
  constexpr size_t kCalls = 50;
  std::atomic<size_t> waiting = 0;
  std::promise<void> all;
  std::shared_future<void> all_are_here = all.get_future().share();
  TestServer server([&](Peer& peer) {
    peer.read_request();
    if (++waiting == kCalls) all.set_value();
    all_are_here.wait();
    peer.send(kHello);
  });
  auto client = client_with();
  std::vector<std::unique_ptr<http::OutboundCall>> calls;
  for (size_t i = 0; i < kCalls; i++)
    calls.push_back(client->call(request_of("GET", server.url())));
  for (auto& call : calls) EXPECT_EQ(answer_of(*call).body, "hello");
}

std::string pattern(size_t size) {
  std::string text(size, 0);
  for (size_t i = 0; i < size; i++) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

TEST(Client, CarriesLargeBodiesBothWays) {
  std::string sent = pattern(8 << 20), got;
  TestServer server([&](Peer& peer) {
    got = peer.read_request();
    peer.send(fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", sent.size()));
    peer.send(sent);
  });
  auto client = client_with();
  auto call = client->call(request_of("POST", server.url(), sent));
  EXPECT_TRUE(answer_of(*call, 1000).body == sent);
  EXPECT_TRUE(got.ends_with(sent));
}

TEST(Client, TakesAnAnswerThatComesBeforeTheRequestIsOver) {
  TestServer server([&](Peer& peer) {
    peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    peer.wait_for_end();
  });
  auto client = client_with();
  std::string large = pattern(64 << 20);
  EXPECT_EQ(fetch(*client, "POST", server.url(), large).status, 413u);
  EXPECT_EQ(fetch(*client, "POST", server.url(), large).status, 413u);
  EXPECT_EQ(server.connections(), 2u);
}

TEST(CallState, HoldsTheServerUpUntilSomebodyReads) {
  CallState call(request_of("GET", "http://a/"));
  std::string piece(60'000, 'x');
  EXPECT_TRUE(call.deliver(piece));
  EXPECT_FALSE(call.deliver(piece));
  std::vector<uint8_t> buffer(50'000);
  bool has_room = false;
  call.read(buffer, has_room);
  EXPECT_FALSE(has_room);
  call.read(buffer, has_room);
  EXPECT_TRUE(has_room);
  call.read(buffer, has_room);
  EXPECT_FALSE(has_room);
}

TEST(Client, AnAbandonedCallEndsItsConnection) {
  std::promise<void> arrived, ended;
  TestServer server([&](Peer& peer) {
    peer.read_request();
    arrived.set_value();
    peer.wait_for_end();
    ended.set_value();
  });
  ClientOptions options;
  options.connection.first_byte_timeout = std::chrono::hours(1);
  auto client = client_with(options);
  auto call = client->call(request_of("GET", server.url()));
  arrived.get_future().wait();
  call.reset();
  ended.get_future().wait();
}

TEST(Client, AnAbandonedCallMakesRoomForAnother) {
  TestServer server([&](Peer& peer) {
    if (peer.read_request().starts_with("GET /hello")) peer.send(kHello);
    peer.wait_for_end();
  });
  ClientOptions options;
  options.max_calls = 1;
  auto client = client_with(options);
  auto call = client->call(request_of("GET", server.url("/never")));
  EXPECT_EQ(failure_of(fetch(*client, "GET", server.url("/hello"))), "limit");
  call.reset();
  EXPECT_EQ(fetch(*client, "GET", server.url("/hello")).body, "hello");
}

TEST(Client, CallsEndWithTheClient) {
  TestServer server([&](Peer& peer) { peer.wait_for_end(); });
  auto client = client_with();
  auto call = client->call(request_of("GET", server.url()));
  client.reset();
  EXPECT_EQ(failure_of(answer_of(*call)), "stopped");
}

TEST(Client, SaysThatNobodyListens) {
  std::string url;
  {
    TestServer server(always(kHello));
    url = server.url();
  }
  auto client = client_with();
  Answer answer = fetch(*client, "GET", url);
  EXPECT_EQ(failure_of(answer), "connect");
  EXPECT_NE(answer.error.message.find("refused"), std::string::npos) << answer.error.message;
}

TEST(Client, CallsAddressesOfBothKinds) {
  TestServer server(always(kHello), "::1");
  if (!server.is_listening()) GTEST_SKIP() << "this machine has no IPv6";
  auto client = client_with();
  EXPECT_EQ(fetch(*client, "GET", server.url("/", "[::1]")).body, "hello");
  EXPECT_EQ(fetch(*client, "GET", server.url("/", "localhost")).body, "hello");
}

TEST(Client, DoesNotWaitForAnswersForEver) {
  ClientOptions options;
  options.connection.first_byte_timeout = std::chrono::milliseconds(20);
  auto client = client_with(options);
  TestServer server([](Peer& peer) { peer.wait_for_end(); });
  Answer answer = fetch(*client, "GET", server.url());
  EXPECT_EQ(failure_of(answer), "timeout");
  EXPECT_EQ(answer.error.message, "no answer within 20 ms");
}

TEST(Client, DoesNotWaitForTheRestOfAnAnswerForEver) {
  ClientOptions options;
  options.connection.between_bytes_timeout = std::chrono::milliseconds(20);
  auto client = client_with(options);
  for (const char* beginning :
       {"HTTP/1.1 200 OK\r\nX-", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"}) {
    TestServer server([beginning](Peer& peer) {
      peer.read_request();
      peer.send(beginning);
      peer.wait_for_end();
    });
    EXPECT_EQ(failure_of(fetch(*client, "GET", server.url())), "timeout") << beginning;
  }
}

TEST(Client, DoesNotWaitForConnectionsForEver) {
  ClientOptions options;
  options.connect_timeout = std::chrono::milliseconds(20);
  auto client = client_with(options);
  TestServer server([](Peer& peer) { peer.wait_for_end(); });  // says nothing of TLS
  Answer answer = fetch(*client, "GET", fmt::format("https://127.0.0.1:{}/", server.port()));
  EXPECT_EQ(failure_of(answer), "timeout") << answer.error.message;
}

}  // namespace
}  // namespace wherry::outbound
