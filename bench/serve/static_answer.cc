// Wherry's HTTP server without functions: every request gets the same answer, with the bytes of
// FILE. For ./dev bench serve: static_answer HOST:PORT FILE
#include <csignal>
#include <cstdio>

#include "base/files.h"
#include "http/server.h"

namespace {

wherry::Status serve(const char* address, const char* path) {
  using namespace wherry;
  const ByteVector bytes = TRY(read_file(path, 1 << 20));
  const http::Response answer = http::json_response(200, std::string(as_text(bytes)));
  http::Handlers handlers;
  handlers.handle = [&answer](const http::ExchangePtr& exchange) { exchange->respond(answer); };
  handlers.body_policy = [](const http::Request&) { return http::BodyPolicy{1 << 20}; };
  handlers.short_body_bytes = 64 * 1024;
  http::ServerOptions options;
  options.listen = address;
  options.loops = 1;
  auto server = TRY(http::Server::create(options, handlers, Log()));
  sigset_t stop;
  ::sigemptyset(&stop);
  ::sigaddset(&stop, SIGTERM);
  int signal = 0;
  ::sigwait(&stop, &signal);
  server->stop();
  return ok_status();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: static_answer HOST:PORT FILE\n");
    return 2;
  }
  // Before there are threads, which would not wait for it.
  sigset_t stop;
  ::sigemptyset(&stop);
  ::sigaddset(&stop, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  wherry::Status status = serve(argv[1], argv[2]);
  if (status.ok()) return 0;
  std::fprintf(stderr, "error: %s\n", status.error().message.c_str());
  return 1;
}
