// A CGI program that does, by its path, what they do.
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static int is(const char *wanted) { return strcmp(getenv("PATH_INFO"), wanted) == 0; }

static int echo(void) {
  static char piece[4096];
  printf("Content-Type: %s\r\n\r\n", getenv("CONTENT_TYPE"));
  fflush(stdout);
  for (;;) {
    ssize_t got = read(0, piece, sizeof piece);
    if (got < 0) return 9;
    if (got == 0) return 0;
    for (ssize_t done = 0; done < got;) {
      ssize_t put = write(1, piece + done, (size_t)(got - done));
      if (put < 0) return 8;
      done += put;
    }
  }
}

static int environment(int argc, char **argv) {
  printf("Content-type: text/plain\n\n");
  for (int i = 0; i < argc; i++) printf("argument %s\n", argv[i]);
  for (char **variable = environ; *variable; variable++) printf("%s\n", *variable);
  return 0;
}

static void nap(void) {
  struct timespec moment = {0, 1000};
  nanosleep(&moment, NULL);
}

int main(int argc, char **argv) {
  if (is("/environment")) return environment(argc, argv);
  if (is("/echo")) return echo();
  if (is("/status")) return printf("Status: 404 Not Found\nX-Why: none\n\ngone\n") < 0;
  if (is("/redirect")) return printf("Location: /elsewhere\n\n") < 0;
  if (is("/malformed")) return printf("this is no head\n\nbody\n") < 0;
  if (is("/none")) return printf("X-Other: 1\n\nbody\n") < 0;
  if (is("/endless")) {
    for (;;) printf("X-A: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n");
  }
  if (is("/open")) return printf("Content-Type: text/plain\n") < 0;
  if (is("/silent")) return 0;
  if (is("/fail")) {
    printf("Content-Type: text/plain\n\nbody\n");
    return 3;
  }
  if (is("/late")) {
    printf("Content-Type: text/plain\n\nbegun\n");
    fflush(stdout);
    nap();
    return 3;
  }
  if (is("/wait")) {
    printf("Content-Type: text/event-stream\n\nfirst\n");
    fflush(stdout);
    nap();
    printf("second\n");
    return 0;
  }
  if (is("/much")) {
    static char piece[65536];
    printf("Content-Type: text/plain\n\n");
    fflush(stdout);
    for (;;) {
      if (write(1, piece, sizeof piece) < 0) return 8;
    }
  }
  if (is("/log")) {
    fprintf(stderr, "a line\n");
    return printf("Content-Type: text/plain\n\nx") < 0;
  }
  return printf("Status: 404\n\n") < 0;
}
