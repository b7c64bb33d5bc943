#include "verify/events.h"

#include <gtest/gtest.h>

#include <set>

#include "base/files.h"

namespace wherry::verify {
namespace {

TEST(Events, ARequestIsAsItIsSent) {
  auto request = parse_event_request("PUT /a?b=1 HTTP/1.1\r\nX-A: 1\r\nB:2\n\nbody\n\nmore", "e");
  ASSERT_TRUE(request.ok()) << request.error().message;
  EXPECT_EQ(request->method, "PUT");
  EXPECT_EQ(request->target, "/a?b=1");
  ASSERT_EQ(request->headers.size(), 2u);
  EXPECT_EQ(request->headers[0].name + "=" + request->headers[0].value, "X-A=1");
  EXPECT_EQ(request->headers[1].name + "=" + request->headers[1].value, "B=2");
  EXPECT_EQ(request->body, "body\n\nmore");
  EXPECT_EQ(parse_event_request("GET /", "e")->body, "");
}

TEST(Events, WhatIsNoRequestIsRefused) {
  for (const char* text :
       {"", "\n", "GET", "GET nowhere", " / x", "GET / HTTP/1.1\nno header\n\n"}) {
    auto request = parse_event_request(text, "e.http");
    ASSERT_FALSE(request.ok()) << text;
    EXPECT_TRUE(request.error().message.starts_with("e.http: ")) << request.error().message;
  }
}

TEST(Events, AreFilesByName) {
  auto directory = TemporaryDirectory::create().value();
  for (const char* name : {"b.json", "a.http", "ignored.txt"}) {
    const std::string text = name == std::string("a.http") ? "GET /x\n\n" : "{\"a\": 1}\n";
    ASSERT_TRUE(write_file_atomically(directory.path() + "/" + name, as_bytes(text)).ok());
  }
  auto events = read_events(directory.path());
  ASSERT_TRUE(events.ok()) << events.error().message;
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ((*events)[0].name, "a");
  EXPECT_EQ((*events)[0].request.target, "/x");
  EXPECT_EQ((*events)[1].name, "b");
  EXPECT_EQ((*events)[1].request.body, "{\"a\": 1}\n");
  EXPECT_FALSE(read_events(directory.path() + "/none").ok());
}

TEST(Events, OfOurOwnHaveNamesOfTheirOwn) {
  for (bool speaks_http : {false, true}) {
    std::set<std::string> names;
    for (const Event& event : default_events(speaks_http)) names.insert(event.name);
    EXPECT_EQ(names.size(), default_events(speaks_http).size());
  }
}

}  // namespace
}  // namespace wherry::verify
