// Bodies in pieces, both ways, over real sockets: slow readers and writers, clients that go away,
// answers that are not as long as they said.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "http/server_testing.h"

namespace wherry::http {
namespace {

using State = Exchange::State;

// Bytes that show where they belong.
std::string pattern(size_t size) {
  std::string text(size, '\0');
  for (size_t i = 0; i < size; i++) text[i] = static_cast<char>('a' + (i * 7 + i / 251) % 26);
  return text;
}

// Reads a streamed body to its end, waiting where it must, then calls `done` with it; nothing if it
// broke off.
void collect(ExchangePtr exchange, std::shared_ptr<std::string> body,
             std::function<void(std::optional<std::string>)> done) {
  std::vector<uint8_t> buffer(10'000);
  for (;;) {
    auto [state, bytes] = exchange->read_body(buffer);
    if (state == State::kEnd) return done(std::move(*body));
    if (state == State::kBroken) return done(std::nullopt);
    if (state == State::kWait) {
      return exchange->wake([=] { collect(exchange, body, done); });
    }
    *body += as_text(Bytes(buffer).first(bytes));
  }
}

// Writes from `at` on in pieces, and finishes.
void send_all(ExchangePtr exchange, std::shared_ptr<const std::string> text, size_t at,
              std::function<void(State)> seen) {
  constexpr size_t kPiece = 30'000;
  while (at < text->size()) {
    std::string_view piece = std::string_view(*text).substr(at, kPiece);
    State state = exchange->write(as_bytes(piece));
    seen(state);
    if (state == State::kBroken) return exchange->abort();
    if (state == State::kWait) {
      return exchange->wake([=] { send_all(exchange, text, at, seen); });
    }
    at += piece.size();
  }
  exchange->finish();
}

// The data of a chunked body; what cannot be read as one says so.
std::string unchunked(std::string_view text) {
  std::string data;
  for (;;) {
    size_t line = text.find("\r\n");
    if (line == std::string_view::npos) return data + "[cut]";
    size_t size = std::stoul(std::string(text.substr(0, line)), nullptr, 16);
    text.remove_prefix(line + 2);
    if (size == 0) return data;
    if (text.size() < size + 2) return data + "[cut]";
    data += text.substr(0, size);
    text.remove_prefix(size + 2);
  }
}

struct Streaming : Fixture {
  Streaming() {
    handlers.body_policy = [](const Request&) {
      return BodyPolicy{.limit_bytes = 100u << 20, .stream_above_bytes = 1000};
    };
  }
};

TEST(StreamedRequest, ALargeBodyArrivesWholeWithALengthAndInChunks) {
  Streaming fixture;
  const std::string sent = pattern(10u << 20);
  std::atomic<int> right{0};
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    EXPECT_TRUE(exchange->body_is_streamed());
    collect(exchange, std::make_shared<std::string>(), [&, exchange](auto body) {
      if (body == sent) right++;
      exchange->respond(text_response(200, std::to_string(body.value_or("").size())));
    });
  };
  auto server = fixture.start();
  Client client(*server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(sent.size()) +
              "\r\n\r\n" + sent);
  EXPECT_EQ(body_of(client.response()), "10485760");
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (size_t at = 0; at < sent.size(); at += 100'000) {
    std::string_view piece = std::string_view(sent).substr(at, 100'000);
    client.send(fmt::format("{:x}\r\n", piece.size()) + std::string(piece) + "\r\n");
  }
  client.send("0\r\n\r\n");
  EXPECT_EQ(body_of(client.response()), "10485760");
  EXPECT_EQ(right, 2);
}

TEST(StreamedRequest, TheHandlerIsCalledBeforeTheBodyIsComplete) {
  Streaming fixture;
  Gate called;
  called.open();
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    called.pass();
    collect(exchange, std::make_shared<std::string>(), [exchange](auto body) {
      exchange->respond(text_response(200, body.value_or("broken")));
    });
  };
  auto server = fixture.start();
  Client client(*server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\nabc");
  called.await_waiting(1);
  client.send(std::string(1997, 'd'));
  EXPECT_EQ(body_of(client.response()), "abc" + std::string(1997, 'd'));
  // Chunks are collected up to the limit, then handed over.
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" +
              std::string(1001, 'e') + "\r\n");
  called.await_waiting(2);
  client.send("1\r\nf\r\n0\r\n\r\n");
  EXPECT_EQ(body_of(client.response()), std::string(1001, 'e') + "f");
}

TEST(StreamedRequest, BodiesUpToTheThresholdAreNotStreamed) {
  Streaming fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    uint8_t byte;
    EXPECT_FALSE(exchange->body_is_streamed());
    EXPECT_EQ(exchange->read_body({&byte, 1}).state, State::kEnd);
    exchange->respond(describe(exchange->request()));
  };
  auto server = fixture.start();
  Client client(*server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n" +
              std::string(1000, 'a'));
  EXPECT_TRUE(client.response().find("POST / 1000 ") != std::string::npos);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n" +
              std::string(1000, 'a') + "\r\n0\r\n\r\n");
  EXPECT_TRUE(client.response().find("POST / 1000 ") != std::string::npos);
}

TEST(StreamedRequest, AnAnswerBeforeTheBodyIsReadArrives) {
  Streaming fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    exchange->respond(text_response(403, "no"));
  };
  auto server = fixture.start();
  Client client(*server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n" +
              std::string(10'000'000, 'b'));
  std::string response = client.rest();
  EXPECT_EQ(status_of(response), "HTTP/1.1 403 Forbidden");
  EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos);
}

TEST(StreamedRequest, AClientThatGoesAwayBreaksTheBodyOff) {
  Streaming fixture;
  Gate broken, called;
  broken.open();
  called.open();
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    called.pass();
    collect(exchange, std::make_shared<std::string>(), [&, exchange](auto body) {
      EXPECT_FALSE(body.has_value());
      uint8_t byte;
      EXPECT_EQ(exchange->read_body({&byte, 1}).state, State::kBroken);
      exchange->start({200, {}, ""}, std::nullopt);
      EXPECT_EQ(exchange->write(as_bytes("x")), State::kBroken);
      broken.pass();
    });
  };
  auto server = fixture.start();
  auto client = std::make_unique<Client>(*server);
  client->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\nabc");
  called.await_waiting(1);
  client.reset();
  broken.await_waiting(1);
}

TEST(StreamedRequest, WhatTurnsOutTooLargeMalformedOrSlowIsRefused) {
  Streaming fixture;
  fixture.options.body_timeout = milliseconds(30);
  fixture.handlers.body_policy = [](const Request&) {
    return BodyPolicy{.limit_bytes = 3000, .stream_above_bytes = 1000};
  };
  Gate called, broken;
  called.open();
  broken.open();
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    called.pass();
    collect(exchange, std::make_shared<std::string>(), [&, exchange](auto body) {
      if (!body) broken.pass();
    });
  };
  auto server = fixture.start();
  const std::string head =
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" +
      std::string(2000, 'a') + "\r\n";
  int count = 0;
  for (auto [rest, status] : {std::pair{"3e9\r\n", "HTTP/1.1 413 Content Too Large"},
                              std::pair{"x\r\n", "HTTP/1.1 400 Bad Request"},
                              std::pair{"5\r\nabc", "HTTP/1.1 408 Request Timeout"}}) {
    Client client(*server);
    client.send(head);
    called.await_waiting(++count);
    client.send(rest);
    EXPECT_EQ(status_of(client.rest()), status) << rest;
    broken.await_waiting(count);
  }
}

TEST(StreamedAnswer, ASlowReaderHoldsTheWriterUpAndGetsEverything) {
  Gate waits;
  waits.open();
  Fixture fixture;
  auto text = std::make_shared<const std::string>(pattern(20u << 20));
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    bool has_length = exchange->request().target == "/length";
    exchange->start({200, {}, ""},
                    has_length ? std::optional<uint64_t>(text->size()) : std::nullopt);
    send_all(exchange, text, 0, [&](State state) {
      if (state == State::kWait) waits.pass();
    });
  };
  auto server = fixture.start();
  Client client(*server);
  client.send("GET /length HTTP/1.1\r\nHost: x\r\n\r\n");
  waits.await_waiting(1);
  EXPECT_TRUE(body_of(client.response()) == *text);
  int waited = waits.waiting();
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  waits.await_waiting(waited + 1);
  std::string response = client.rest();
  EXPECT_NE(response.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_TRUE(unchunked(body_of(response)) == *text);
}

TEST(StreamedAnswer, FlushedPiecesArriveBeforeTheEnd) {
  Gate gate;
  Fixture fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->start({200, {}, ""}, std::nullopt);
    exchange->write(as_bytes("first"));
    exchange->flush();
    gate.pass();
    exchange->write(as_bytes("second"));
    exchange->finish();
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/") + get("/"));
  EXPECT_NE(client.read_until("\r\n\r\n").find("Transfer-Encoding: chunked"), std::string::npos);
  EXPECT_EQ(client.read_until("first\r\n"), "5\r\nfirst\r\n");
  gate.open();
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "6\r\nsecond\r\n0\r\n\r\n");
  // A handler that is quick enough is done before its pieces are looked at.
  std::string next = client.read_until("second");
  EXPECT_NE(next.find("first"), std::string::npos);
}

TEST(StreamedAnswer, WhatIsHeldBackGoesOutWithoutAFlushWhenTheWriterRests) {
  Gate gate;
  Fixture fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->start({200, {}, ""}, std::nullopt);
    exchange->write(as_bytes("first"));
    gate.pass();
    exchange->finish();
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/"));
  EXPECT_TRUE(client.read_until("first\r\n").ends_with("first\r\n"));
  gate.open();
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "0\r\n\r\n");
}

TEST(StreamedAnswer, ASmallOneGoesOutAsAWhole) {
  Fixture fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    exchange->start(text_response(201, ""), std::nullopt);
    exchange->write(as_bytes("a"));
    exchange->write(as_bytes("bc"));
    exchange->finish();
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/"));
  EXPECT_EQ(client.response(),
            "HTTP/1.1 201 Created\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 3\r\nConnection: keep-alive\r\n\r\nabc");
  client.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_NE(client.response(false).find("Content-Length: 3\r\n"), std::string::npos);
}

// With a flush, so that it is streamed indeed.
void answer_in_pieces(ExchangePtr exchange, unsigned status, std::optional<uint64_t> length,
                      std::string_view text) {
  exchange->start({status, {}, ""}, length);
  exchange->flush();
  exchange->write(as_bytes(text));
  exchange->flush();
  exchange->post([exchange] { exchange->finish(); }, false);
}

TEST(StreamedAnswer, EndsByClosingForHttp10) {
  Fixture fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    answer_in_pieces(exchange, 200, std::nullopt, "hello");
  };
  auto server = fixture.start();
  Client client(*server);
  client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(client.rest(), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello");
}

TEST(StreamedAnswer, HasNoBodyWhereHttpForbidsOne) {
  Fixture fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    unsigned status = static_cast<unsigned>(std::stoul(exchange->request().target.substr(1)));
    answer_in_pieces(exchange, status, std::nullopt, "not to be sent");
  };
  auto server = fixture.start();
  Client client(*server);
  client.send("HEAD /200 HTTP/1.1\r\nHost: x\r\n\r\n" + get("/204") + get("/304"));
  client.send("GET /200 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(client.rest(),
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
            "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\n\r\n"
            "HTTP/1.1 304 Not Modified\r\nConnection: keep-alive\r\n\r\n"
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            "e\r\nnot to be sent\r\n0\r\n\r\n");
}

TEST(StreamedAnswer, MoreThanTheLengthIsCutAndLessCutsTheConnection) {
  Fixture fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    uint64_t length = std::stoul(exchange->request().target.substr(1));
    answer_in_pieces(exchange, 200, length, "hello");
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(get("/3") + get("/5"));
  EXPECT_TRUE(client.response().ends_with("\r\n\r\nhel"));
  EXPECT_TRUE(client.response().ends_with("\r\n\r\nhello"));
  client.send(get("/6") + get("/5"));
  EXPECT_TRUE(client.rest().ends_with("\r\n\r\nhello"));
}

TEST(StreamedAnswer, AnAbortedOneIsIncomplete) {
  Gate gate;
  Fixture fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->start({200, {}, ""}, std::nullopt);
    exchange->write(as_bytes("hello"));
    exchange->flush();
    gate.pass();
    if (exchange->request().target == "/abort") exchange->abort();
  };
  auto server = fixture.start();
  for (const char* target : {"/abort", "/drop"}) {
    Client client(*server);
    client.send(get(target));
    client.read_until("hello\r\n");
    gate.open();
    EXPECT_EQ(client.rest(), "") << target;
  }
}

TEST(StreamedAnswer, AnAbortedOneIsResetWhereClosingWouldCompleteIt) {
  Gate gate;
  Fixture fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->start({200, {}, ""}, std::nullopt);
    exchange->write(as_bytes("hello"));
    exchange->flush();
    gate.pass();
    exchange->abort();
  };
  auto server = fixture.start();
  Client client(*server);
  client.send("GET / HTTP/1.0\r\n\r\n");
  client.read_until("hello");
  gate.open();
  EXPECT_EQ(client.rest(), "");
  EXPECT_TRUE(client.was_reset());
}

// Reads and writes as it can, whichever of them is possible.
struct Duplex : std::enable_shared_from_this<Duplex> {
  ExchangePtr exchange;
  size_t received = 0, to_send = 20u << 20;

  void go_on() {
    std::vector<uint8_t> buffer(50'000, 'x');
    for (;;) {
      auto [state, bytes] = exchange->read_body(buffer);
      received += bytes;
      bool has_sent = to_send > 0 && exchange->write(Bytes(buffer)) == State::kReady;
      if (has_sent) to_send -= std::min(to_send, buffer.size());
      if (state == State::kEnd && to_send == 0) break;
      if (state != State::kReady && !has_sent) {
        return exchange->wake([self = shared_from_this()] { self->go_on(); });
      }
    }
    State last = exchange->write(as_bytes(fmt::format("[{} received]", received)));
    if (last == State::kWait) {
      return exchange->wake([self = shared_from_this()] { self->go_on(); });
    }
    exchange->finish();
  }
};

TEST(StreamedAnswer, AClientMaySendEverythingBeforeItReadsAnything) {
  Streaming fixture;
  fixture.handlers.handle = [](ExchangePtr exchange) {
    exchange->start({200, {}, ""}, std::nullopt);
    auto duplex = std::make_shared<Duplex>();
    duplex->exchange = std::move(exchange);
    duplex->go_on();
  };
  auto server = fixture.start();
  Client client(*server);
  client.send(
      "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 30000000\r\n\r\n" +
      std::string(30'000'000, 'a'));
  EXPECT_TRUE(client.rest().ends_with("[30000000 received]\r\n0\r\n\r\n"));
}

TEST(StreamedAnswer, AClientThatGoesAwayIsNoticed) {
  Gate broken;
  broken.open();
  Fixture fixture;
  std::function<void(ExchangePtr)> drip = [&](ExchangePtr exchange) {
    State state = exchange->write(as_bytes(std::string(50'000, 'x')));
    if (state == State::kBroken) return broken.pass();
    if (state == State::kReady) return exchange->post([&, exchange] { drip(exchange); }, false);
    exchange->wake([&, exchange] { drip(exchange); });
  };
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->start({200, {}, ""}, std::nullopt);
    drip(exchange);
  };
  auto server = fixture.start();
  auto client = std::make_unique<Client>(*server);
  client->send(get("/"));
  client->read_until("xxx");
  client.reset();
  broken.await_waiting(1);
}

TEST(StreamedAnswer, AClientThatGoesAwayIsNoticedThoughNothingIsSent) {
  ExchangePtr kept;
  Gate called;
  called.open();
  Fixture fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->start({200, {}, ""}, std::nullopt);
    exchange->write(as_bytes("hello"));
    exchange->flush();
    kept = exchange;
    called.pass();
  };
  auto server = fixture.start();
  auto client = std::make_unique<Client>(*server);
  client->send(get("/"));
  client->read_until("hello");
  called.await_waiting(1);
  client.reset();
  while (kept->write({}) != State::kBroken) std::this_thread::yield();
}

TEST(StreamedAnswer, AClientThatGoesAwayIsNoticedByAReaderThatSleeps) {
  Gate flushed, broken;
  flushed.open();
  broken.open();
  Streaming fixture;
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->start({200, {}, ""}, std::nullopt);
    exchange->write(as_bytes("hello"));
    exchange->flush();
    // Waits for more of the body, which does not come.
    collect(exchange, std::make_shared<std::string>(), [&, exchange](auto body) {
      if (!body) broken.pass();
    });
  };
  auto server = fixture.start();
  auto client = std::make_unique<Client>(*server);
  client->send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2000\r\n\r\nabc");
  client->read_until("hello");
  client.reset();
  broken.await_waiting(1);
}

TEST(StreamedAnswer, MayBeginBeforeTheBodyEnds) {
  Streaming fixture;
  std::function<void(ExchangePtr)> echo = [&](ExchangePtr exchange) {
    uint8_t buffer[1000];
    auto [state, bytes] = exchange->read_body(buffer);
    if (state == State::kEnd) return exchange->finish();
    if (state == State::kBroken) return exchange->abort();
    if (state == State::kReady) {
      exchange->write(Bytes(buffer, bytes));
      exchange->flush();
      return exchange->post([&, exchange] { echo(exchange); }, false);
    }
    exchange->wake([&, exchange] { echo(exchange); });
  };
  fixture.handlers.handle = [&](ExchangePtr exchange) {
    exchange->start({200, {}, ""}, 3000);
    echo(exchange);
  };
  auto server = fixture.start();
  Client client(*server);
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n");
  client.read_until("\r\n\r\n");
  for (char c : {'a', 'b', 'c'}) {
    client.send(std::string(1000, c));
    EXPECT_EQ(client.read(1000), std::string(1000, c));
  }
  client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\n\r\n");
  EXPECT_EQ(status_of(client.read_until("\r\n\r\n")), "HTTP/1.1 200 OK");
}

}  // namespace
}  // namespace wherry::http
