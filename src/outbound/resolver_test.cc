// Names, against a name server of our own.
#include "outbound/resolver.h"

#include <gtest/gtest.h>

#include <map>

#include "outbound/client.h"
#include "outbound/test_server.h"

namespace wherry::outbound {
namespace {

using Names = std::map<std::string, std::vector<std::string>>;

// Answers questions about A and AAAA from a table: names without dots before or after, with IPv4
// and IPv6 addresses. For a name that is not there: NXDOMAIN.
class NameServer {
 public:
  explicit NameServer(Names names, bool answers = true)
      : names_(std::move(names)), answers_(answers) {
    socket_ = FileDescriptor(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(socket_.number(), reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(socket_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~NameServer() {
    ::shutdown(socket_.number(), SHUT_RDWR);  // recvfrom() returns nothing
    thread_.join();
  }
  std::string address() const { return fmt::format("127.0.0.1:{}", port_); }
  unsigned questions() const { return questions_; }

 private:
  void serve() {
    while (true) {
      char buffer[512];
      sockaddr_in from{};
      socklen_t size = sizeof from;
      ssize_t count = ::recvfrom(socket_.number(), buffer, sizeof buffer, 0,
                                 reinterpret_cast<sockaddr*>(&from), &size);
      if (count <= 12) return;
      questions_++;
      if (!answers_) continue;
      std::string answer = answer_to({buffer, static_cast<size_t>(count)});
      ::sendto(socket_.number(), answer.data(), answer.size(), 0,
               reinterpret_cast<sockaddr*>(&from), size);
    }
  }

  std::string answer_to(const std::string& question) const {
    std::string name;
    size_t at = 12;
    while (question[at] != 0) {
      if (!name.empty()) name += '.';
      name += question.substr(at + 1, static_cast<size_t>(question[at]));
      at += 1 + static_cast<size_t>(question[at]);
    }
    bool wants_v6 = question[at + 2] == 28;
    size_t end = at + 5;
    auto found = names_.find(name);
    std::string records;
    char count = 0;
    for (const std::string& ip :
         found == names_.end() ? std::vector<std::string>{} : found->second) {
      bool is_v6 = ip.find(':') != ip.npos;
      if (is_v6 != wants_v6) continue;
      char bytes[16];
      ::inet_pton(is_v6 ? AF_INET6 : AF_INET, ip.c_str(), bytes);
      std::string length = is_v6 ? std::string("\0\x10", 2) : std::string("\0\4", 2);
      records += std::string("\xc0\x0c\0", 3) + (is_v6 ? '\x1c' : '\x01') +
                 std::string("\0\1\0\0\0\0", 6) + length + std::string(bytes, is_v6 ? 16 : 4);
      count++;
    }
    std::string head = question.substr(0, 2) + "\x85" + (found == names_.end() ? '\x83' : '\x80') +
                       std::string("\0\1\0", 3) + count + std::string("\0\0\0\0", 4);
    return head + question.substr(12, end - 12) + records;
  }

  const Names names_;
  const bool answers_;
  FileDescriptor socket_;
  uint16_t port_ = 0;
  std::atomic<unsigned> questions_ = 0;
  std::thread thread_;
};

std::unique_ptr<Client> client_asking(const NameServer& names, bool may_lead_inside = true) {
  ClientOptions options;
  options.resolver.servers = names.address();
  options.names_may_lead_inside = may_lead_inside;
  auto client = Client::create(options);
  EXPECT_TRUE(client.ok());
  return client.ok() ? std::move(*client) : nullptr;
}

const std::string kHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

TEST(Resolver, NamesLeadToAddresses) {
  TestServer server(always(kHello));
  NameServer names(Names{{"api.example.test", {"127.0.0.1"}}});
  auto client = client_asking(names);
  Answer answer = fetch(*client, "GET", server.url("/", "API.example.test"));
  EXPECT_EQ(answer.body, "hello") << answer.error.message;
}

TEST(Resolver, NamesMayHaveAddressesOfBothKinds) {
  TestServer server(always(kHello), "::1");
  if (!server.is_listening()) GTEST_SKIP() << "this machine has no IPv6";
  NameServer names(Names{{"six.test", {"::1"}}, {"both.test", {"::1", "127.0.0.1"}}});
  auto client = client_asking(names);
  EXPECT_EQ(fetch(*client, "GET", server.url("/", "six.test")).body, "hello");
  EXPECT_EQ(fetch(*client, "GET", server.url("/", "both.test")).body, "hello");
}

// Whichever is tried first, one of the two has to try a second one.
TEST(Resolver, AnAddressWithoutServerIsNotTheLastWord) {
  NameServer names(Names{{"two.test", {"127.0.0.8", "127.0.0.9"}}});
  auto client = client_asking(names);
  for (const char* ip : {"127.0.0.8", "127.0.0.9"}) {
    TestServer server(always(kHello), ip);
    Answer answer = fetch(*client, "GET", server.url("/", "two.test"));
    EXPECT_EQ(answer.body, "hello") << answer.error.message;
  }
}

TEST(Resolver, NamesDoNotLeadInside) {
  TestServer server(always(kHello));
  NameServer names(
      Names{{"rebound.test", {"127.0.0.1"}},
            {"private.test", {"10.0.0.1", "192.168.1.1", "::ffff:127.0.0.1", "fd00::1"}},
            {"metadata.test", {"169.254.169.254"}}});
  auto client = client_asking(names, false);
  for (const char* name : {"rebound.test", "private.test", "metadata.test"}) {
    Answer answer = fetch(*client, "GET", server.url("/", name));
    EXPECT_EQ(failure_of(answer), "denied") << name << answer.error.message;
  }
  EXPECT_EQ(server.connections(), 0u);
}

TEST(Resolver, AddressesAndLocalhostAreNotAskedFor) {
  TestServer server(always(kHello));
  NameServer names(Names{{"localhost", {"1.1.1.1"}}, {"127.0.0.1", {"1.1.1.1"}}});
  auto client = client_asking(names, false);
  EXPECT_EQ(fetch(*client, "GET", server.url("/", "127.0.0.1")).body, "hello");
  EXPECT_EQ(fetch(*client, "GET", server.url("/", "localhost")).body, "hello");
  EXPECT_EQ(names.questions(), 0u);
}

TEST(Resolver, SaysWhatIsWrongWithAName) {
  NameServer names(Names{{"empty.test", {}}});
  auto client = client_asking(names);
  Answer nobody = fetch(*client, "GET", "http://nobody.test/");
  EXPECT_EQ(failure_of(nobody), "name");
  EXPECT_EQ(nobody.error.message, "there is no host named nobody.test");
  Answer empty = fetch(*client, "GET", "http://empty.test/");
  EXPECT_EQ(failure_of(empty), "name");
  EXPECT_EQ(empty.error.message, "empty.test has no address");
}

TEST(Resolver, NamesAreTakenAsTheyAre) {
  NameServer names(Names{});
  auto client = client_asking(names);
  EXPECT_EQ(failure_of(fetch(*client, "GET", "http://short/")), "name");
  EXPECT_LE(names.questions(), 2u);  // A and AAAA of this name, and of no other
}

TEST(Resolver, DoesNotWaitForNameServersForEver) {
  NameServer names(Names{}, false);
  ClientOptions options;
  options.resolver = {names.address(), std::chrono::milliseconds(10), 1};
  auto client = *Client::create(options);
  Answer answer = fetch(*client, "GET", "http://silent.test/");
  EXPECT_EQ(failure_of(answer), "name");
  EXPECT_EQ(answer.error.message, "no name server answers about silent.test");
}

TEST(Resolver, LookingUpCountsAsConnecting) {
  NameServer names(Names{}, false);
  ClientOptions options;
  options.resolver.servers = names.address();
  options.connect_timeout = std::chrono::milliseconds(10);
  auto client = *Client::create(options);
  EXPECT_EQ(failure_of(fetch(*client, "GET", "http://silent.test/")), "timeout");
}

TEST(Resolver, CallsMayBeAbandonedWhileTheyAreLookedUp) {
  NameServer names(Names{}, false);
  auto client = client_asking(names);
  for (int i = 0; i < 10; i++) client->call(request_of("GET", "http://silent.test/"));
  auto call = client->call(request_of("GET", "http://silent.test/"));
  client.reset();
  EXPECT_EQ(failure_of(answer_of(*call)), "stopped");
}

}  // namespace
}  // namespace wherry::outbound
