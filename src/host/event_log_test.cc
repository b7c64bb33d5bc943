#include "host/event_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include "base/files.h"
#include "base/json.h"

namespace wherry::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

LogEvent event_of(std::string name, std::string function = {}) {
  LogEvent event;
  event.realtime_ns = 1'764'109'590'125'999'999;
  event.name = std::move(name);
  event.function = std::move(function);
  return event;
}

TEST(LogEvent, IsALineOfText) {
  LogEvent event = event_of("queue_full", "hello");
  event.level = LogLevel::kWarn;
  event.activation = "4f1c";
  event.fields = {{"limit", "100"}, {"why", "two\nlines"}};
  EXPECT_EQ(line_of(event, LogFormat::kText),
            "2025-11-25T22:26:30.125Z warn queue_full function=hello activation=4f1c limit=100 "
            "why=\"two\\nlines\"");
  EXPECT_EQ(line_of(event_of("started"), LogFormat::kText),
            "2025-11-25T22:26:30.125Z info started");
}

TEST(LogEvent, IsALineOfJson) {
  LogEvent event = event_of("log", "hello");
  event.fields = {{"stream", "stderr"}, {"message", "a \"b\"\n\xff"}};
  EXPECT_EQ(
      line_of(event, LogFormat::kJson),
      "{\"time\":\"2025-11-25T22:26:30.125Z\",\"level\":\"info\",\"event\":\"log\","
      "\"function\":\"hello\",\"stream\":\"stderr\",\"message\":\"a \\\"b\\\"\\n\xef\xbf\xbd\"}");
}

std::string names_of(const LogRing::Batch& batch) {
  std::string names;
  for (const LogEvent& event : batch.events) names += event.name + " ";
  return names;
}

TEST(LogRing, GivesEventsFromANumberOn) {
  LogRing ring;
  for (const char* name : {"a", "b", "c"}) ring.append(event_of(name));
  LogRing::Batch batch = ring.read(0, {}, 2);
  EXPECT_EQ(names_of(batch), "a b ");
  EXPECT_EQ(batch.next, 2u);
  EXPECT_EQ(batch.missed, 0u);
  batch = ring.read(batch.next);
  EXPECT_EQ(names_of(batch), "c ");
  batch = ring.read(batch.next);
  EXPECT_EQ(names_of(batch), "");
  EXPECT_EQ(batch.next, 3u);
  EXPECT_EQ(ring.end(), 3u);
}

TEST(LogRing, FiltersByFunction) {
  LogRing ring;
  for (int i = 0; i < 6; i++) ring.append(event_of(std::to_string(i), i % 2 == 0 ? "x" : "y"));
  LogRing::Batch batch = ring.read(0, "y", 2);
  EXPECT_EQ(names_of(batch), "1 3 ");
  EXPECT_EQ(names_of(ring.read(batch.next, "y")), "5 ");
  EXPECT_EQ(ring.read(0, "z").next, 6u);
}

TEST(LogRing, ForgetsTheOldestAndSaysHowMany) {
  LogRing ring(20'000);
  for (int i = 0; i < 100; i++) {
    LogEvent event = event_of(std::to_string(i));
    event.fields = {{"message", std::string(900, 'x')}};
    ring.append(std::move(event));
  }
  const LogRing::Batch batch = ring.read(10);
  EXPECT_GE(batch.events.size(), 10u);
  EXPECT_LE(batch.events.size(), 22u);
  EXPECT_EQ(batch.missed, 90 - batch.events.size());
  EXPECT_EQ(batch.events.back().name, "99");
  EXPECT_EQ(ring.end(), 100u);
}

TEST(LogRing, DropsAnEventThatIsLargerThanItIs) {
  LogRing ring(1000);
  ring.append(event_of("small"));
  ring.append(event_of(std::string(2000, 'x')));
  EXPECT_EQ(ring.read(0).missed, 2u);
  ring.append(event_of("small"));
  EXPECT_EQ(names_of(ring.read(0)), "small ");
}

TEST(LogRing, FindsTheLastEvents) {
  LogRing ring;
  for (int i = 0; i < 6; i++) ring.append(event_of(std::to_string(i), i % 2 == 0 ? "x" : "y"));
  EXPECT_EQ(ring.tail(2), 4u);
  EXPECT_EQ(ring.tail(2, "x"), 2u);
  EXPECT_EQ(ring.tail(100), 0u);
  EXPECT_EQ(ring.tail(0), 6u);
}

TEST(LogRing, WakesThoseWhoWait) {
  LogRing ring;
  EXPECT_FALSE(ring.wait_for(0, milliseconds(0)));
  std::thread appender([&] { ring.append(event_of("a")); });
  EXPECT_TRUE(ring.wait_for(0, hours(1)));
  EXPECT_FALSE(ring.wait_for(1, milliseconds(0)));
  appender.join();
}

class Pipe {
 public:
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    reader_ = FileDescriptor(ends[0]);
    writer_ = FileDescriptor(ends[1]);
  }
  int writer() const { return writer_.number(); }
  void close_reader() { reader_ = FileDescriptor(); }
  void close_writer() { writer_ = FileDescriptor(); }
  // Waits for something.
  std::string read() {
    char buffer[65536];
    const ssize_t count = ::read(reader_.number(), buffer, sizeof buffer);
    return {buffer, static_cast<size_t>(std::max<ssize_t>(0, count))};
  }
  std::string read_until(std::string_view end) {
    std::string text;
    while (!text.ends_with(end)) text += read();
    return text;
  }
  bool is_empty() const {
    struct pollfd descriptor{reader_.number(), POLLIN, 0};
    return ::poll(&descriptor, 1, 0) == 0;
  }

 private:
  FileDescriptor reader_, writer_;
};

TEST(LogWriter, WritesWhenATickIsOver) {
  Pipe pipe;
  LogWriter writer(pipe.writer(), {.tick = milliseconds(1)});
  writer.write(LogLevel::kInfo, "one");
  EXPECT_EQ(pipe.read_until("one\n"), "one\n");
  writer.write(LogLevel::kInfo, "two");
  EXPECT_EQ(pipe.read_until("two\n"), "two\n");
}

TEST(LogWriter, WritesErrorsAtOnceWithAllBeforeThem) {
  Pipe pipe;
  LogWriter writer(pipe.writer(), {.tick = hours(1)});
  writer.write(LogLevel::kInfo, "one");
  EXPECT_TRUE(pipe.is_empty());
  writer.write(LogLevel::kError, "two");
  EXPECT_EQ(pipe.read_until("two\n"), "one\ntwo\n");
}

TEST(LogWriter, WritesWhenItIsMuch) {
  Pipe pipe;
  LogWriter writer(pipe.writer(), {.tick = hours(1), .write_at_bytes = 8});
  writer.write(LogLevel::kInfo, "123");
  writer.write(LogLevel::kInfo, "567");
  EXPECT_EQ(pipe.read_until("567\n"), "123\n567\n");
}

TEST(LogWriter, WritesWhatIsLeftAtTheEndAndWhenFlushed) {
  Pipe pipe;
  {
    LogWriter writer(pipe.writer(), {.tick = hours(1)});
    writer.write(LogLevel::kInfo, "one");
    EXPECT_TRUE(writer.flush(hours(1)));
    EXPECT_EQ(pipe.read(), "one\n");
    writer.write(LogLevel::kInfo, "two");
  }
  pipe.close_writer();
  EXPECT_EQ(pipe.read(), "two\n");
}

TEST(LogWriter, DropsLinesRatherThanWaitAndSaysSoLater) {
  Pipe pipe;
  LogWriter writer(pipe.writer(), {.tick = milliseconds(1), .most_bytes = 10'000});
  const std::string line(999, 'x');
  // More than a pipe and the writer hold, with nobody reading: returns all the same.
  for (int i = 0; i < 1000; i++) writer.write(LogLevel::kInfo, line);
  const uint64_t dropped = writer.dropped();
  EXPECT_GE(dropped, 1000 - (65536 + 2 * 10'000) / 1000 - 1);
  EXPECT_LT(dropped, 1000u);
  std::string text;
  // Told all at once or in parts, as the writer came to it.
  uint64_t told = 0;
  while (told < dropped) {
    text += pipe.read();
    told = 0;
    constexpr std::string_view kWords = "log_lines_dropped count=";
    for (size_t at = 0; (at = text.find(kWords, at)) != text.npos; at += kWords.size()) {
      if (text.find('\n', at) != text.npos) told += std::stoull(text.substr(at + kWords.size()));
    }
  }
  EXPECT_EQ(told, dropped);
  EXPECT_EQ(std::count(text.begin(), text.end(), 'x'),
            static_cast<ptrdiff_t>((1000 - dropped) * 999));
}

TEST(LogWriter, EndsThoughNobodyReads) {
  Pipe pipe;
  {
    LogWriter writer(pipe.writer(), {.tick = milliseconds(1), .last_wait = milliseconds(1)});
    for (int i = 0; i < 200; i++) writer.write(LogLevel::kInfo, std::string(999, 'x'));
  }
  EXPECT_FALSE(pipe.is_empty());
}

TEST(LogWriter, SurvivesAReaderThatIsGone) {
  Pipe pipe;
  pipe.close_reader();
  LogWriter writer(pipe.writer(), {.tick = hours(1)});
  writer.write(LogLevel::kError, "lost");
  EXPECT_TRUE(writer.flush(hours(1)));
  EXPECT_EQ(writer.dropped(), 1u);
  // The lines that would tell of it are none of those that were taken.
  writer.write(LogLevel::kError, "lost");
  EXPECT_TRUE(writer.flush(hours(1)));
  EXPECT_EQ(writer.dropped(), 2u);
}

class EventLogTest : public testing::Test {
 protected:
  EventLogTest() { clock_.set_realtime_ns(1'764'109'590'125'000'000); }
  ManualClock clock_;
  LogRing ring_;
  Pipe pipe_;
};

TEST_F(EventLogTest, WritesAndKeepsEvents) {
  LogWriter writer(pipe_.writer(), {.tick = hours(1)});
  EventLog log(clock_, ring_, &writer, {.format = LogFormat::kText});
  LogEvent event = event_of("trap", "hello");
  event.level = LogLevel::kError;
  log.log(event);
  EXPECT_EQ(pipe_.read(), "2025-11-25T22:26:30.125Z error trap function=hello\n");
  EXPECT_EQ(ring_.read(0).events.at(0).realtime_ns, 1'764'109'590'125'000'000u);
}

TEST_F(EventLogTest, TakesEventsOfRoomsAndTheirFunction) {
  EventLog log(clock_, ring_, nullptr, {.level = LogLevel::kInfo});
  const Log rooms = log.as_log();
  rooms.event("release_code", {{"function", "hello"}, {"took", "3 s"}});
  rooms.event(LogLevel::kDebug, "nobody wants this");
  const LogRing::Batch batch = ring_.read(0);
  ASSERT_EQ(batch.events.size(), 1u);
  EXPECT_EQ(line_of(batch.events[0], LogFormat::kText),
            "2025-11-25T22:26:30.125Z info release_code function=hello took=\"3 s\"");
  EXPECT_EQ(batch.events[0].function, "hello");
}

TEST_F(EventLogTest, KnowsWhatIsLogged) {
  const EventLog log(clock_, ring_, nullptr, {.level = LogLevel::kWarn});
  EXPECT_TRUE(log.is_logged(LogLevel::kError));
  EXPECT_TRUE(log.is_logged(LogLevel::kWarn));
  EXPECT_FALSE(log.is_logged(LogLevel::kInfo));
  EXPECT_TRUE(log.is_logged(LogLevel::kDebug, LogLevel::kDebug));
  EXPECT_FALSE(log.is_logged(LogLevel::kWarn, LogLevel::kError));
}

TEST_F(EventLogTest, SaysDroppedLinesInItsFormat) {
  EXPECT_EQ(
      dropped_line_of(clock_, LogFormat::kJson)(3),
      "{\"time\":\"2025-11-25T22:26:30.125Z\",\"level\":\"warn\",\"event\":\"log_lines_dropped\","
      "\"count\":\"3\"}");
}

}  // namespace
}  // namespace wherry::host
