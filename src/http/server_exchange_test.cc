// Exchanges over real sockets: handlers that block or answer later, work that is posted, exchanges
// that are dropped or outlive their server.
#include "http/server_exchange.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "http/server_testing.h"

namespace wherry::http {
namespace {

// The connection's side of an exchange without a connection.
struct Alone : Loop::Owner, CallMonitor {
  std::shared_ptr<Loop> loop = std::make_shared<Loop>(
      *this, std::make_shared<SlowPool>(std::make_shared<ThreadBudget>(0)), Log());
  std::shared_ptr<ServerExchange> exchange = std::make_shared<ServerExchange>(loop);
  int went_on = 0;

  ~Alone() { loop->events().close(); }
  void go_on() override { went_on++; }
  void wake() override {}
  void settle() override {}
  bool has_displaced() const override { return false; }
};

TEST(ServerExchange, TakesNoMoreOfABodyThanIsReadAndSaysWhenThereIsRoomAgain) {
  Alone alone;
  ExchangePtr handle = alone.exchange->hand_out(&alone, true);
  alone.exchange->end_call();
  alone.exchange->push_body(std::string(kHighWaterBytes - 1, 'a'));
  EXPECT_TRUE(alone.exchange->has_room_for_body());
  alone.exchange->push_body("b");
  EXPECT_FALSE(alone.exchange->has_room_for_body());
  std::vector<uint8_t> buffer(kHighWaterBytes / 2);
  EXPECT_EQ(handle->read_body(buffer).bytes, buffer.size());
  EXPECT_EQ(handle->read_body({buffer.data(), 1}).bytes, 1u);
  alone.loop->events().run_one();  // begins a round
  alone.loop->events().run_one();
  EXPECT_EQ(alone.went_on, 1);
  EXPECT_TRUE(alone.exchange->has_room_for_body());
}

TEST(ServerExchange, RunsSlowWorkOnTheLoopIfThereIsNoThreadForIt) {
  Alone alone;
  ExchangePtr handle = alone.exchange->hand_out(&alone, false);
  bool has_run = false;
  handle->post([&] { has_run = true; }, true);
  alone.loop->events().run_one();
  alone.loop->events().run_one();
  EXPECT_TRUE(has_run);
  EXPECT_EQ(alone.went_on, 1);
  handle->respond({200, {}, ""});
}

TEST(Takeover, AHandlerThatBlocksHoldsUpNobodyElse) {
  Gate gate;
  Fixture fixture;
  fixture.options.loops = 1;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    if (exchange->request().target == "/slow") gate.pass();
    exchange->respond(describe(exchange->request()));
  };
  auto server = fixture.start();
  Client slow(*server);
  slow.send(get("/slow"));
  gate.await_waiting(1);
  for (int connection = 0; connection < 10; connection++) {
    Client other(*server);
    for (int i = 0; i < 100; i++) {
      other.send(get("/quick"));
      ASSERT_TRUE(other.response().ends_with("GET /quick 0 "));
    }
  }
  gate.open();
  EXPECT_TRUE(slow.response().ends_with("GET /slow 0 "));
  slow.send(get("/again"));
  EXPECT_TRUE(slow.response().ends_with("GET /again 0 "));
}

TEST(Takeover, ManyHandlersMayBlockAtATime) {
  Gate gate;
  Fixture fixture;
  fixture.options.loops = 1;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    gate.pass();
    exchange->respond(describe(exchange->request()));
  };
  auto server = fixture.start();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 20; i++) {
    clients.push_back(std::make_unique<Client>(*server));
    clients.back()->send(get("/"));
  }
  gate.await_waiting(20);
  gate.open();
  for (auto& client : clients) EXPECT_TRUE(client->response().ends_with("GET / 0 "));
}

TEST(Takeover, ThreadsAreLimitedAndWhatWaitsIsServedLater) {
  Gate gate;
  Fixture fixture;
  fixture.options.loops = 1;
  fixture.options.max_threads = 3;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    gate.pass();
    exchange->respond(describe(exchange->request()));
  };
  auto server = fixture.start();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 6; i++) {
    clients.push_back(std::make_unique<Client>(*server));
    clients.back()->send(get("/"));
  }
  gate.await_waiting(3);
  EXPECT_EQ(gate.waiting(), 3);
  gate.open();
  for (auto& client : clients) EXPECT_TRUE(client->response().ends_with("GET / 0 "));
}

TEST(Takeover, AnAnswerGoesOutThoughItsHandlerGoesOn) {
  Gate gate;
  Fixture fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->respond(describe(exchange->request()));
    if (exchange->request().target == "/on") gate.pass();
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/on"));
  EXPECT_TRUE(client.response().ends_with("GET /on 0 "));
  client.send(get("/next"));  // on the same connection, while the handler still has the exchange
  EXPECT_TRUE(client.response().ends_with("GET /next 0 "));
  gate.open();
}

TEST(Exchange, MayBeAnsweredLaterFromAnyThread) {
  Fixture fixture;
  std::vector<std::thread> threads;
  std::mutex mutex;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    std::lock_guard lock(mutex);
    threads.emplace_back([exchange] { exchange->respond(describe(exchange->request())); });
  };
  auto server = fixture.start();
  Client client(*server);
  for (int i = 0; i < 100; i++) {
    client.send(get("/1") + get("/2"));
    ASSERT_TRUE(client.response().ends_with("GET /1 0 "));
    ASSERT_TRUE(client.response().ends_with("GET /2 0 "));
  }
  for (auto& thread : threads) thread.join();
}

TEST(Exchange, PostedWorkRunsOnTheLoopOrOnASlowThread) {
  for (bool may_be_slow : {false, true}) {
    Fixture fixture;
    fixture.handlers.handle = [&](ExchangePtr exchange) {
      auto here = std::this_thread::get_id();
      exchange->post(
          [exchange, here] {
            bool is_here = std::this_thread::get_id() == here;
            exchange->respond(text_response(200, is_here ? "same thread" : "other thread"));
          },
          may_be_slow);
    };
    auto server = fixture.start();
    Client client(*server);
    client.send(get("/"));
    std::string response = client.response();
    // The loop may have been taken over meanwhile, so that only the other direction is certain.
    if (may_be_slow) {
      EXPECT_TRUE(response.ends_with("other thread")) << response;
    }
    EXPECT_EQ(status_of(response), "HTTP/1.1 200 OK");
  }
}

TEST(Exchange, SlowWorkQueuesWhenThreadsAreUsedUp) {
  Gate gate;
  Fixture fixture;
  fixture.options.loops = 1;
  fixture.options.max_threads = 3;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    if (exchange->request().target == "/quick") return exchange->respond(text_response(200, ""));
    exchange->post(
        [&gate, exchange] {
          gate.pass();
          exchange->respond(describe(exchange->request()));
        },
        true);
  };
  auto server = fixture.start();
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 6; i++) {
    clients.push_back(std::make_unique<Client>(*server));
    clients.back()->send(get("/"));
  }
  gate.await_waiting(2);
  Client quick(*server);
  quick.send(get("/quick"));
  EXPECT_EQ(status_of(quick.response()), "HTTP/1.1 200 OK");
  gate.open();
  for (auto& client : clients) EXPECT_TRUE(client->response().ends_with("GET / 0 "));
}

TEST(Exchange, PostedWorkThatThrowsIsA500) {
  for (bool may_be_slow : {false, true}) {
    Fixture fixture;
    fixture.handlers.handle = [&](ExchangePtr exchange) {
      exchange->post([exchange] { throw std::bad_alloc(); }, may_be_slow);
    };
    auto server = fixture.start();
    Client client(*server);
    client.send(get("/"));
    EXPECT_EQ(status_of(client.response()), "HTTP/1.1 500 Internal Server Error");
  }
}

TEST(Exchange, DroppedWithoutAnAnswerIsA500AndLogged) {
  std::mutex mutex;
  std::string lines;
  Fixture fixture;
  fixture.log = Log([&](std::string_view line) {
    std::lock_guard lock(mutex);
    lines += line;
  });
  fixture.handlers.handle = [](ExchangePtr exchange) {
    if (exchange->request().target == "/later") {
      exchange->post([exchange]() mutable { exchange.reset(); }, true);
    }
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/now") + get("/later"));
  EXPECT_EQ(status_of(client.response()), "HTTP/1.1 500 Internal Server Error");
  EXPECT_EQ(status_of(client.response()), "HTTP/1.1 500 Internal Server Error");
  std::lock_guard lock(mutex);
  EXPECT_NE(lines.find("path=/now why=\"the request was dropped"), std::string::npos) << lines;
  EXPECT_NE(lines.find("path=/later why=\"the request was dropped"), std::string::npos) << lines;
}

TEST(Exchange, AnswersWithAnImpossibleStatusAre500s) {
  Fixture fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    unsigned status = static_cast<unsigned>(std::stoul(exchange->request().target.substr(1)));
    exchange->respond({status, {}, ""});
  };
  auto server = fixture.start();
  Client client(*server);
  for (const char* status : {"0", "100", "101", "1000"}) {
    client.send(get("/" + std::string(status)));
    EXPECT_EQ(status_of(client.response()), "HTTP/1.1 500 Internal Server Error") << status;
  }
}

TEST(Wake, ComesAtOnceIfThereIsNothingToWaitFor) {
  Fixture fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    exchange->wake([exchange] { exchange->respond(text_response(200, "woken")); });
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/"));
  EXPECT_EQ(body_of(client.response()), "woken");
}

TEST(Wake, OutlivesTheServer) {
  ExchangePtr kept;
  Fixture fixture;
  Gate called;
  called.open();
  fixture.options.drain_timeout = milliseconds(1);
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    kept = exchange;
    called.pass();
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/"));
  called.await_waiting(1);
  server.reset();
  kept->respond(text_response(200, "too late"));
  kept->post([] { FAIL() << "there is nothing left to run it"; }, false);
  kept->wake([] { FAIL() << "there is nothing left to run it"; });
  EXPECT_EQ(client.rest(), "");
}

}  // namespace
}  // namespace wherry::http
