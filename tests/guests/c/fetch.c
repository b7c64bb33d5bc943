// A handler that calls other hosts: the URL is in its request's header X-Url. The path says how.
#include "wherry.h"

static void say(const char *what, int32_t code, int32_t number) {
  char message[300];
  int32_t length = wherry_fetch_error(number, message, sizeof message);
  wherry_printf("%s %d %.*s\n", what, code, length, message);
}

// Passes on what it gets, as it comes.
static int pass_on(const char *url) {
  size_t length;
  char *body = wherry_body(&length);
  int32_t number = wherry_fetch_start(wherry_method(), url, "X-From: guest\nAccept: */*\n", body, length);
  int32_t status = number < 0 ? number : wherry_fetch_wait(number);
  if (status < 0) {
    say("failed", status, number);
    return 0;
  }
  wherry_status(status);
  struct wherry_answer head = {.number = number};
  char *kind = wherry_answer_header(&head, "x-kind");
  if (kind) wherry_set_header("X-Kind", kind);
  char piece[1000];
  int32_t got;
  while ((got = wherry_fetch_read(number, piece, sizeof piece)) > 0) wherry_write(piece, (size_t)got);
  if (got < 0) say("broke off", got, number);
  return 0;
}

// Both are under way before the first is waited for.
static int two(const char *url) {
  int32_t first = wherry_fetch_start("GET", url, NULL, NULL, 0);
  int32_t second = wherry_fetch_start("GET", url, NULL, NULL, 0);
  struct wherry_answer b = wherry_fetch_finish(second), a = wherry_fetch_finish(first);
  wherry_printf("%s|%s", a.body, b.body);
  return 0;
}

// Each header on a line.
static int headers(const char *url) {
  struct wherry_answer answer = wherry_fetch("GET", url, NULL, NULL, 0);
  int32_t count = wherry_fetch_header_count(answer.number);
  for (int32_t i = 0; i < count; i++) {
    char name[10], value[10];
    uint32_t lengths[2];
    wherry_fetch_header_at(answer.number, i, name, sizeof name, value, sizeof value, lengths);
    wherry_printf("%.*s=%.*s\n", (int)lengths[0], name, (int)lengths[1], value);
  }
  uint32_t lengths[2];
  wherry_printf("%d\n", wherry_fetch_header_at(answer.number, count, NULL, 0, NULL, 0, lengths));
  return 0;
}

// What must not be taken for something else.
static int misuse(const char *url) {
  char byte;
  say("wait", wherry_fetch_wait(77), 77);
  wherry_printf("%d %d %d\n", wherry_fetch_read(77, &byte, 1), wherry_fetch_close(77),
                wherry_fetch_header_count(77));
  int32_t number = wherry_fetch_start("GET", url, NULL, NULL, 0);
  wherry_printf("%d %d\n", wherry_fetch_read(number, &byte, 0), wherry_fetch_header_count(number));
  wherry_printf("%d %d\n", wherry_fetch_close(number), wherry_fetch_wait(number));
  say("header", wherry_fetch_start("GET", url, "Host: evil\n", NULL, 0), -1);
  say("line", wherry_fetch_start("GET", url, "no colon", NULL, 0), -1);
  say("method", wherry_fetch_start("GET /x HTTP/1.1\r\n", url, NULL, NULL, 0), -1);
  say("url", wherry_fetch_start("GET", "gopher://a", NULL, NULL, 0), -1);
  return 0;
}

static int too_many(const char *url) {
  int count = 0;
  while (wherry_fetch_start("GET", url, NULL, NULL, 0) > 0) count++;
  wherry_printf("%d\n", count);
  say("then", wherry_fetch_start("GET", url, NULL, NULL, 0), -1);
  return 0;
}

int wherry_handle(void) {
  const char *url = wherry_header("X-Url"), *path = wherry_path();
  if (strcmp(path, "/two") == 0) return two(url);
  if (strcmp(path, "/headers") == 0) return headers(url);
  if (strcmp(path, "/misuse") == 0) return misuse(url);
  if (strcmp(path, "/many") == 0) return too_many(url);
  if (strcmp(path, "/bounds") == 0) return wherry_fetch_begin("GET", 3, url, ~(size_t)0, 0, 0, 0, 0);
  return pass_on(url);
}
