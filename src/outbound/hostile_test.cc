// What servers may do wrong, out of spite or carelessness.
#include <gtest/gtest.h>

#include "outbound/client.h"
#include "outbound/test_server.h"

namespace wherry::outbound {
namespace {

class Hostile : public testing::Test {
 protected:
  Answer answer_to(TestServer::Script script) {
    TestServer server(std::move(script));
    return fetch(*client_, "GET", server.url());
  }
  Answer answer_to(const std::string& text) { return answer_to(once(text)); }

  std::unique_ptr<Client> client_ = *Client::create({});
};

// Sends `first`, then `again` until the client has had enough.
TestServer::Script without_end(std::string first, std::string again) {
  return [=](Peer& peer) {
    peer.read_request();
    peer.send(first);
    while (peer.send(again)) {
    }
  };
}

TEST_F(Hostile, HeadsThatAreNone) {
  for (const std::string& text : {
           std::string("\r\n\r\nhello\r\n\r\n"),
           std::string("hello\r\n\r\n"),
           std::string("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
           std::string("HTTP/2 200\r\n\r\n"),
           std::string("HTTP/1.1 20\r\n\r\n"),
           std::string("HTTP/1.1 2000 OK\r\n\r\n"),
           std::string("HTTP/1.1 abc OK\r\n\r\n"),
           std::string("HTTP/1.1 200 OK\n\n"),
           std::string("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"),
           std::string("HTTP/1.1 200 OK\r\nA : b\r\n\r\n"),
           std::string("HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n"),
           std::string("HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n", 28),
           std::string("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
           std::string("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
           std::string("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n"),
           std::string(
               "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"),
           std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
           std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"),
       }) {
    Answer answer = answer_to(text);
    EXPECT_EQ(failure_of(answer), "protocol") << text;
    EXPECT_EQ(answer.status, 0u) << text;
    EXPECT_FALSE(answer.error.message.empty());
  }
}

TEST_F(Hostile, HeadsWithoutEnd) {
  EXPECT_EQ(failure_of(answer_to(without_end("HTTP/1.1 200 ", std::string(1000, 'a')))),
            "protocol");
  EXPECT_EQ(failure_of(answer_to(without_end("HTTP/1.1 200 OK\r\nA: ", std::string(1000, 'a')))),
            "protocol");
  EXPECT_EQ(failure_of(answer_to(without_end("HTTP/1.1 200 OK\r\n", "A: b\r\n"))), "protocol");
  EXPECT_EQ(failure_of(answer_to(without_end("", "HTTP/1.1 100 Continue\r\n\r\n"))), "protocol");
}

TEST_F(Hostile, ChunksThatAreNone) {
  for (const std::string& body :
       {std::string("x\r\n"), std::string("\r\n"), std::string("-1\r\nabc"),
        std::string("3\r\nabcd\r\n"), std::string("3\nabc\n0\n\n"), std::string("3 \r\nabc\r\n"),
        std::string("11111111111111111\r\n"), "3;" + std::string(100'000, 'x') + "\r\n",
        std::string("0\r\n\x01: x\r\n\r\n"), "0\r\nA: " + std::string(100'000, 'x') + "\r\n\r\n"}) {
    Answer answer = answer_to("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
    EXPECT_EQ(failure_of(answer), "protocol") << body.substr(0, 20);
    EXPECT_EQ(answer.status, 200u);
  }
}

TEST_F(Hostile, AnswersThatBreakOff) {
  for (const std::string& text : {
           std::string(""),
           std::string("H"),
           std::string("HTTP/1.1 200 OK\r\n"),
           std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234"),
           std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
           std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc"),
           std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"),
       }) {
    EXPECT_EQ(failure_of(answer_to(text)), "closed") << text;
  }
}

TEST_F(Hostile, ConnectionsThatAreReset) {
  for (const char* text : {"", "HTTP/1.1 200 OK\r\n\r\nup to a reset, which is no end"}) {
    Answer answer = answer_to([text](Peer& peer) {
      peer.read_request();
      peer.send(text);
      peer.reset_at_end();
    });
    EXPECT_EQ(failure_of(answer), "closed") << text;
  }
}

TEST_F(Hostile, ClosingBeforeAnythingWasAsked) {
  EXPECT_EQ(failure_of(answer_to([](Peer&) {})), "closed");
}

TEST_F(Hostile, AnswersByteForByteAreTakenAsOthersAre) {
  std::string text =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n0\r\n\r\n";
  Answer answer = answer_to([text](Peer& peer) {
    peer.read_request();
    for (char c : text) peer.send({&c, 1});
  });
  EXPECT_EQ(answer.body, "abc");
  EXPECT_EQ(failure_of(answer), "none");
}

TEST_F(Hostile, WhatComesUnaskedEndsAnIdleConnection) {
  std::binary_semaphore may_speak(0), was_closed(0);
  std::atomic<int> connections = 0;
  TestServer server([&](Peer& peer) {
    int number = connections++;
    peer.read_request();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1");
    if (number > 0) return;
    may_speak.acquire();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
    peer.wait_for_end();
    was_closed.release();
  });
  EXPECT_EQ(fetch(*client_, "GET", server.url()).body, "1");
  may_speak.release();
  was_closed.acquire();
  EXPECT_EQ(fetch(*client_, "GET", server.url()).body, "1");
  EXPECT_EQ(connections, 2);
}

}  // namespace
}  // namespace wherry::outbound
