// Functions that call other hosts: what they may, and that waiting for an answer takes no thread.
#include "outbound/client.h"

#include <filesystem>

#include "fixture.h"
#include "http/buffered_exchange.h"
#include "outbound/test_server.h"

namespace wherry::test {
namespace {

using outbound::Client;
using outbound::Peer;
using outbound::TestServer;

Client& client() {
  static const auto client = Client::create({}).value();
  return *client;
}

FunctionOptions calling(std::vector<std::string> hosts) {
  FunctionOptions options;
  options.outbound = std::move(hosts);
  options.outbound_client = &client();
  return options;
}
FunctionOptions calling(const TestServer& server) {
  return calling({fmt::format("http://127.0.0.1:{}", server.port())});
}

http::Request request_with(const std::string& url, std::string path = "/", std::string body = {}) {
  return {body.empty() ? "GET" : "POST", std::move(path), {{"X-Url", url}}, std::move(body)};
}

struct Called {
  Outcome outcome;
  http::Response response;
};
Called call_waiting(const FunctionPointer& function, http::Request request) {
  auto exchange = std::make_shared<http::BufferedExchange>(std::move(request));
  Called called;
  called.outcome = function->invoke({}, exchange);
  called.response = exchange->take_response();
  return called;
}

const std::string kHello =
    "HTTP/1.1 201 Created\r\nX-Kind: greeting\r\nContent-Length: 5\r\n\r\nhello";

class Calling : public ::testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Guests, Calling, ::testing::Values("fetch_c", "fetch_rust"));

TEST_P(Calling, GetsStatusHeadersAndBody) {
  TestServer server(outbound::always(kHello));
  Called called =
      call_waiting(function_of(GetParam(), calling(server)), request_with(server.url()));
  EXPECT_EQ(called.outcome.kind, OutcomeKind::kSuccess) << called.outcome.message;
  EXPECT_EQ(called.response.status, 201u);
  EXPECT_EQ(called.response.body, "hello");
  const std::string* kind = called.response.find_header("X-Kind");
  EXPECT_EQ(kind ? *kind : "", "greeting");
}

TEST_P(Calling, SendsMethodHeadersAndBody) {
  std::string seen;
  TestServer server([&](Peer& peer) {
    seen = peer.read_request();
    peer.send(kHello);
  });
  call_waiting(function_of(GetParam(), calling(server)),
               request_with(server.url("/a"), "/", "body"));
  EXPECT_TRUE(seen.starts_with("POST /a HTTP/1.1\r\nHost: 127.0.0.1:")) << seen;
  EXPECT_NE(seen.find("\r\nX-From: guest\r\n"), seen.npos) << seen;
  EXPECT_TRUE(seen.ends_with("\r\n\r\nbody")) << seen;
}

TEST_P(Calling, NobodyUnlessTheManifestNamesThem) {
  TestServer server(outbound::always(kHello));
  for (const std::vector<std::string>& hosts :
       {std::vector<std::string>{}, {"example.com"}, {"https://127.0.0.1"}, {"127.0.0.1"}}) {
    Called called =
        call_waiting(function_of(GetParam(), calling(hosts)), request_with(server.url()));
    EXPECT_TRUE(called.response.body.starts_with("failed -2 the function may not call http://127"))
        << called.response.body;
  }
  EXPECT_EQ(server.connections(), 0u);
}

TEST_P(Calling, LearnsWhatWentWrong) {
  TestServer server([](Peer& peer) {
    std::string request = peer.read_request();
    peer.send(request.starts_with("GET /half")
                  ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf-"
                  : "nonsense\r\n\r\n");
  });
  auto function = function_of(GetParam(), calling(server));
  EXPECT_TRUE(call_waiting(function, request_with(server.url()))
                  .response.body.starts_with("failed -8 the answer"));
  std::string half = call_waiting(function, request_with(server.url("/half"))).response.body;
  EXPECT_TRUE(half.starts_with("half-broke off ")) << half;
  EXPECT_NE(half.find("closed the connection before the answer was complete"), half.npos) << half;
}

TEST_P(Calling, LargeAnswersComeInPieces) {
  std::string large(3 << 20, 'x');
  for (size_t i = 0; i < large.size(); i += 61) large[i] = static_cast<char>('a' + i % 17);
  TestServer server(outbound::once("HTTP/1.1 200 OK\r\n\r\n" + large));
  Called called =
      call_waiting(function_of(GetParam(), calling(server)), request_with(server.url()));
  EXPECT_TRUE(called.response.body == large) << called.outcome.message;
}

TEST_P(Calling, EndsAtTheDeadline) {
  std::binary_semaphore ended(0);
  TestServer server([&](Peer& peer) {
    peer.wait_for_end();
    ended.release();
  });
  FunctionOptions options = calling(server);
  options.limits.time = std::chrono::milliseconds(30);
  Called called = call_waiting(function_of(GetParam(), options), request_with(server.url()));
  EXPECT_EQ(called.outcome.kind, OutcomeKind::kTimeout) << called.outcome.message;
  ended.acquire();
}

TEST_P(Calling, MayBeGivenUp) {
  std::binary_semaphore arrived(0), ended(0);
  TestServer server([&](Peer& peer) {
    peer.read_request();
    arrived.release();
    peer.wait_for_end();
    ended.release();
  });
  auto function = function_of(GetParam(), calling(server));
  {
    Steps steps(function, std::make_shared<TestExchange>(request_with(server.url())));
    EXPECT_EQ(steps.run(), Progress::kWaiting);
    arrived.acquire();
  }
  ended.acquire();
}

unsigned threads() {
  auto tasks = std::filesystem::directory_iterator("/proc/self/task");
  return static_cast<unsigned>(std::distance(begin(tasks), end(tasks)));
}

// A server that takes connections, but looks at them only in the end.
class LateServer {
 public:
  LateServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(listener_.number(), reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_.number(), 1024);
    ::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    url_ = fmt::format("http://127.0.0.1:{}/", ntohs(address.sin_port));
  }
  const std::string& url() const { return url_; }
  std::string host() const { return url_.substr(0, url_.size() - 1); }
  void answer_next() {
    FileDescriptor socket(::accept(listener_.number(), nullptr, nullptr));
    Peer peer(socket.number());
    peer.read_request();
    peer.send(kHello);
  }

 private:
  FileDescriptor listener_;
  std::string url_;
};

TEST_P(Calling, WaitsWithoutAThread) {
  constexpr size_t kCalls = 200;
  LateServer server;
  auto function = function_of(GetParam(), calling({server.host()}));
  client();
  const unsigned before = threads();
  std::vector<std::unique_ptr<Steps>> all;
  for (size_t i = 0; i < kCalls; i++) {
    auto exchange = std::make_shared<TestExchange>(request_with(server.url()));
    all.push_back(std::make_unique<Steps>(function, exchange));
    EXPECT_EQ(all.back()->run(), Progress::kWaiting);
  }
  EXPECT_EQ(threads(), before);
  std::thread answering([&] {
    for (size_t i = 0; i < kCalls; i++) server.answer_next();
  });
  for (auto& steps : all) {
    while (steps->go_on() == Progress::kWaiting) {
    }
    EXPECT_EQ(steps->exchange->body, "hello");
  }
  answering.join();
}

TEST(CallingInC, HasSeveralCallsUnderWay) {
  std::atomic<int> waiting = 0;
  std::binary_semaphore both(0);
  TestServer server([&](Peer& peer) {
    peer.read_request();
    int number = ++waiting;
    if (number == 2) both.release();
    both.acquire();
    both.release();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n0");
  });
  Called called =
      call_waiting(function_of("fetch_c", calling(server)), request_with(server.url(), "/two"));
  EXPECT_EQ(called.response.body, "0|0") << called.outcome.message;
}

TEST(CallingInC, SeesAllHeaders) {
  TestServer server(
      outbound::always("HTTP/1.1 200 OK\r\nA: b\r\nSet-Cookie: c\r\nContent-Length: 0\r\n\r\n"));
  Called called =
      call_waiting(function_of("fetch_c", calling(server)), request_with(server.url(), "/headers"));
  EXPECT_EQ(called.response.body, "A=b\nSet-Cookie=c\nContent-Le=0\n-1\n");
}

TEST(CallingInC, MisuseIsToldAndNothingElse) {
  TestServer server([](Peer& peer) { peer.wait_for_end(); });
  Called called =
      call_waiting(function_of("fetch_c", calling(server)), request_with(server.url(), "/misuse"));
  EXPECT_EQ(called.outcome.kind, OutcomeKind::kSuccess) << called.outcome.message;
  EXPECT_EQ(called.response.body,
            "wait -1 \n-1 -1 -1\n-1 -1\n0 -1\n"
            "header -1 the header Host is the host's to set\n"
            "line -1 a header line is not `Name: value`\n"
            "method -1 the method is not a word as HTTP has them\n"
            "url -1 the URL begins with neither http:// nor https://\n");
}

TEST(CallingInC, AFewAtATime) {
  TestServer server([](Peer& peer) { peer.wait_for_end(); });
  Called called =
      call_waiting(function_of("fetch_c", calling(server)), request_with(server.url(), "/many"));
  EXPECT_EQ(called.response.body, "16\nthen -3 16 calls are under way or not closed\n");
}

TEST(CallingInC, TrapsOnPointersOutOfItsMemory) {
  TestServer server([](Peer& peer) { peer.wait_for_end(); });
  Called called =
      call_waiting(function_of("fetch_c", calling(server)), request_with(server.url(), "/bounds"));
  EXPECT_EQ(called.outcome.kind, OutcomeKind::kTrap);
}

TEST(CallingFromACommand, WorksWithoutAnExchange) {
  TestServer server(outbound::always(kHello));
  Event event;
  event.environment["URL"] = server.url();
  Outcome outcome = function_of("fetch_command", calling(server))->invoke(event);
  EXPECT_EQ(outcome.result, R"({"status": 201, "length": 5})") << outcome.message;
}

TEST(CallingFromAnExport, WorksWithoutAnExchange) {
  TestServer server(outbound::always(kHello));
  FunctionOptions options = calling(server);
  options.signature = "status(url: string) -> i32";
  Event event;
  event.parameters = fmt::format(R"({{"url": "{}"}})", server.url());
  Outcome outcome = function_of("fetch_export", options)->invoke(event);
  EXPECT_EQ(outcome.result, R"({"result":201})") << outcome.message;
}

TEST(CallingWithoutAClient, IsRefusedWhenTheFunctionIsMade) {
  FunctionOptions options;
  options.outbound = {"example.com"};
  auto function = Function::create(module_of_guest("fetch_c"), watchdog(), options);
  ASSERT_FALSE(function.ok());
  EXPECT_EQ(function.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(function.error().message,
            "the function function may call example.com, and this program cannot call other hosts");
  // Without hosts there is nothing to be missed.
  TestServer server(outbound::always(kHello));
  Called called = call_waiting(function_of("fetch_c"), request_with(server.url()));
  EXPECT_TRUE(called.response.body.starts_with("failed -2 ")) << called.response.body;
}

TEST(CallingHosts, ThatAreNoneIsRefusedWhenTheFunctionIsMade) {
  auto function = Function::create(module_of_guest("fetch_c"), watchdog(), calling({"a b"}));
  ASSERT_FALSE(function.ok());
  EXPECT_EQ(function.error().message, "\"a b\" is not a host that could be called");
}

}  // namespace
}  // namespace wherry::test
