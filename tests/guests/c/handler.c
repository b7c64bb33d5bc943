// A handler that does, by its path, what handlers do.
#include <stdint.h>

#include "wherry.h"

static int count;

static int is(const char *path, const char *wanted) { return strcmp(path, wanted) == 0; }

// As it comes, in pieces.
static int echo(void) {
  static char piece[4096];
  char *type = wherry_header("content-type");
  if (type) wherry_set_header("Content-Type", type);
  for (;;) {
    int32_t got = wherry_request_read(piece, sizeof piece);
    if (got < 0) return 9;
    if (got == 0) return 0;
    if (wherry_write(piece, (size_t)got) < 0) return 8;
  }
}

static int whole(void) {
  size_t length;
  char *body = wherry_body(&length);
  if (!body) return 9;
  return wherry_write(body, length) < 0 ? 8 : 0;
}

static int describe(void) {
  static const char *const fields[] = {"method", "path", "query", "mount",
                                       "remote", "id",   "trace", "target"};
  for (int32_t field = 0; field < 8; field++) {
    wherry_printf("%s=%s\n", fields[field], wherry_get((enum wherry_field)field));
  }
  wherry_printf("unknown=%d\n", wherry_request_get(99, NULL, 0));
  wherry_printf("size=%lld\n", (long long)wherry_request_body_size());
  char *accept = wherry_header("ACCEPT");
  wherry_printf("accept=%s\n", accept ? accept : "(none)");
  char *absent = wherry_header("x-absent");
  wherry_printf("absent=%s\n", absent ? absent : "(none)");
  for (int32_t i = 0; i < wherry_request_header_count(); i++) {
    char name[16], value[16];
    uint32_t lengths[2];
    wherry_request_header_at(i, name, sizeof name, value, sizeof value, lengths);
    wherry_printf("%.*s:%.*s:%u\n", (int)lengths[0], name, (int)(lengths[1] < 16 ? lengths[1] : 16),
                  value, lengths[1]);
  }
  char *name = wherry_parameter("name");
  wherry_printf("name=%s\n", name ? name : "(none)");
  return 0;
}

static int headers(void) {
  wherry_status(203);
  wherry_set_header("X-One", "1");
  wherry_set_header("Set-Cookie", "a=1");
  wherry_set_header("Set-Cookie", "b=2");
  wherry_printf("%d %d %d %d %d %d\n", wherry_set_header("X-Bad", "a\r\nb"),
                wherry_set_header("Bad Name", "a"), wherry_set_header("Transfer-Encoding", "chunked"),
                wherry_status(99), wherry_set_header("", "a"),
                wherry_response_header("X-Zero", 6, "a\0b", 3));
  wherry_flush();
  wherry_printf("%d %d\n", wherry_set_header("X-Late", "a"), wherry_status(500));
  return 0;
}

static int stream(void) {
  for (int i = 0; i < 3; i++) {
    wherry_printf("piece %d\n", i);
    if (wherry_flush() < 0) return 8;
  }
  return 0;
}

static int much(void) {
  static char piece[65536];
  memset(piece, 'x', sizeof piece);
  for (;;) {
    if (wherry_write(piece, sizeof piece) < 0) return 8;
  }
}

static int logs(void) {
  wherry_log(0, "an error");
  wherry_log(1, "a warning");
  wherry_log(2, "words %d", 1);
  wherry_log(3, "a detail");
  printf("printed\n");
  fprintf(stderr, "and said");
  return 0;
}

static int short_of(const char *length) {
  wherry_set_header("Content-Length", length);
  wherry_print("12345");
  wherry_flush();
  wherry_printf("%d", wherry_print("more than is left"));
  return 0;
}

int wherry_handle(void) {
  char *path = wherry_path();
  count++;
  if (is(path, "/echo")) return echo();
  if (is(path, "/whole")) return whole();
  if (is(path, "/describe")) return describe();
  if (is(path, "/headers")) return headers();
  if (is(path, "/stream")) return stream();
  if (is(path, "/much")) return much();
  if (is(path, "/logs")) return logs();
  if (is(path, "/nothing")) return wherry_status(204);
  if (is(path, "/count")) return wherry_printf("%d", count);
  if (is(path, "/json")) return wherry_print_json("\"a\\\n\x01é☕");
  if (is(path, "/short")) return short_of("10");
  if (is(path, "/long")) return short_of("6");
  if (is(path, "/fail")) return 3;
  if (is(path, "/exit")) exit(4);
  if (is(path, "/trap")) __builtin_trap();
  if (is(path, "/late")) {
    wherry_print("begun");
    wherry_flush();
    return 5;
  }
  if (is(path, "/loop")) {
    for (volatile int i = 0;; i = i + 1) {
    }
  }
  if (is(path, "/pointer")) return wherry_write((void *)(uintptr_t)0xfffffff0u, 4096);
  if (is(path, "/pointer_in")) return wherry_request_get(0, (char *)(uintptr_t)0xfffffff0u, 4096);
  wherry_status(404);
  return wherry_printf("no %s\n", path);
}
