// Functions for Wherry in C and C++: one header, nothing to link.
//
//     #include "wherry.h"
//
//     int wherry_handle(void) {
//       wherry_set_header("Content-Type", "text/plain; charset=utf-8");
//       wherry_printf("Hello, %s!\n", wherry_path());
//       return 0;
//     }
//
//     clang-22 --target=wasm32-wasi -mexec-model=reactor -O2 hello.c -o hello.wasm
//
// Every request runs in a fresh instance of the module: globals are as they were initialized, and
// what the functions below allocate need not be freed. Calls that read or write wait as long as it
// takes; the thread underneath serves others meanwhile.
//
// docs/function-abi.md is the contract. With WHERRY_IMPORTS_ONLY defined nothing of the C library is
// used.
#ifndef WHERRY_H
#define WHERRY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a handler defines: called for each request. 0: done, and what was written is the answer.
// Anything else: failed, and the caller gets an error instead, or an answer that breaks off.
__attribute__((export_name("wherry_handle"))) int wherry_handle(void);

// The imports. Lengths are of the whole text, of which at most `capacity` bytes are stored.

#define WHERRY_IMPORT(name) __attribute__((import_module("wherry_1"), import_name(#name))) extern

enum wherry_field {
  WHERRY_METHOD = 0,
  WHERRY_PATH = 1,     // behind the place where the function is; begins with a slash
  WHERRY_QUERY = 2,    // behind the `?`
  WHERRY_MOUNT = 3,    // the place where the function is
  WHERRY_REMOTE = 4,   // the client's address, if it is known
  WHERRY_ID = 5,       // of this activation
  WHERRY_TRACE = 6,    // the request's traceparent
  WHERRY_TARGET = 7    // path and query, as sent
};

enum wherry_result {
  WHERRY_GONE = -1,          // the client is: nothing will reach it
  WHERRY_ALREADY_SENT = -2,  // the answer's head is on its way
  WHERRY_REFUSED = -3        // no status, no header, or more than the Content-Length
};

WHERRY_IMPORT(request_get)
int32_t wherry_request_get(int32_t field, char *into, size_t capacity);
// -1: absent. Several of one name are joined with ", ".
WHERRY_IMPORT(request_header)
int32_t wherry_request_header(const char *name, size_t name_length, char *into, size_t capacity);
WHERRY_IMPORT(request_header_count) int32_t wherry_request_header_count(void);
// `lengths`: of the name and of the value. -1: there are not so many.
WHERRY_IMPORT(request_header_at)
int32_t wherry_request_header_at(int32_t index, char *name, size_t name_capacity, char *value,
                                 size_t value_capacity, uint32_t lengths[2]);
// -1: not known beforehand.
WHERRY_IMPORT(request_body_size) int64_t wherry_request_body_size(void);
// Some bytes of the body, at least one; 0: the end; WHERRY_GONE.
WHERRY_IMPORT(request_read) int32_t wherry_request_read(void *into, size_t capacity);
WHERRY_IMPORT(response_status) int32_t wherry_response_status(int32_t status);
WHERRY_IMPORT(response_header)
int32_t wherry_response_header(const char *name, size_t name_length, const char *value,
                               size_t value_length);
// All of it: 0, or a wherry_result.
WHERRY_IMPORT(response_write) int32_t wherry_response_write(const void *from, size_t length);
// Sends what was written so far, and the head with it.
WHERRY_IMPORT(response_flush) int32_t wherry_response_flush(void);
// Levels: 0 error, 1 warning, 2 information, 3 debug.
WHERRY_IMPORT(log) void wherry_log_text(int32_t level, const char *text, size_t length);

// Calls to other hosts, of which the function's manifest must name each (`outbound`). Programs of all
// kinds may make them, not only handlers. Up to 16 may be under way at a time.

enum wherry_fetch_result {
  WHERRY_FETCH_INVALID = -1,   // the request is malformed, or there is no such number
  WHERRY_FETCH_DENIED = -2,    // the host, or the address that its name leads to, is not allowed
  WHERRY_FETCH_LIMIT = -3,     // too many calls at a time, or too large
  WHERRY_FETCH_NAME = -4,      // there is no such host
  WHERRY_FETCH_CONNECT = -5,   // it takes no connections
  WHERRY_FETCH_TLS = -6,       // no secure connection to it
  WHERRY_FETCH_TIMEOUT = -7,
  WHERRY_FETCH_PROTOCOL = -8,  // its answer is malformed
  WHERRY_FETCH_CLOSED = -9,    // its answer breaks off
  WHERRY_FETCH_STOPPED = -10   // this host is going down
};

// Begins a call and returns its number, or a wherry_fetch_result. `headers`: `Name: value` lines.
WHERRY_IMPORT(fetch)
int32_t wherry_fetch_begin(const char *method, size_t method_length, const char *url,
                           size_t url_length, const char *headers, size_t headers_length,
                           const void *body, size_t body_length);
// Waits for the answer's head: its status, or a wherry_fetch_result.
WHERRY_IMPORT(fetch_wait) int32_t wherry_fetch_wait(int32_t number);
// As for the request's headers; -1 as well before the head is there.
WHERRY_IMPORT(fetch_header)
int32_t wherry_fetch_header(int32_t number, const char *name, size_t name_length, char *into,
                            size_t capacity);
WHERRY_IMPORT(fetch_header_count) int32_t wherry_fetch_header_count(int32_t number);
WHERRY_IMPORT(fetch_header_at)
int32_t wherry_fetch_header_at(int32_t number, int32_t index, char *name, size_t name_capacity,
                               char *value, size_t value_capacity, uint32_t lengths[2]);
// Some bytes of the answer's body, at least one; 0: the end; or a wherry_fetch_result.
WHERRY_IMPORT(fetch_read) int32_t wherry_fetch_read(int32_t number, void *into, size_t capacity);
// What went wrong, as a sentence; of the last wherry_fetch_begin() that failed, if `number` is none.
WHERRY_IMPORT(fetch_error)
int32_t wherry_fetch_error(int32_t number, char *into, size_t capacity);
WHERRY_IMPORT(fetch_close) int32_t wherry_fetch_close(int32_t number);

#ifndef WHERRY_IMPORTS_ONLY

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHERRY_HELPER static inline __attribute__((unused))

// A field of the request, ending in a zero byte.
WHERRY_HELPER char *wherry_get(enum wherry_field field) {
  int32_t length = wherry_request_get(field, NULL, 0);
  if (length < 0) length = 0;
  char *text = (char *)malloc((size_t)length + 1);
  if (!text) abort();
  wherry_request_get(field, text, (size_t)length);
  text[length] = 0;
  return text;
}
WHERRY_HELPER char *wherry_method(void) { return wherry_get(WHERRY_METHOD); }
WHERRY_HELPER char *wherry_path(void) { return wherry_get(WHERRY_PATH); }
WHERRY_HELPER char *wherry_query(void) { return wherry_get(WHERRY_QUERY); }

// A header of the request by its name in any case; null if it is absent.
WHERRY_HELPER char *wherry_header(const char *name) {
  int32_t length = wherry_request_header(name, strlen(name), NULL, 0);
  if (length < 0) return NULL;
  char *text = (char *)malloc((size_t)length + 1);
  if (!text) abort();
  wherry_request_header(name, strlen(name), text, (size_t)length);
  text[length] = 0;
  return text;
}

WHERRY_HELPER int wherry_hex_(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = (char)(c | 32);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

// The first parameter `name` of the query, decoded; null if it is absent.
WHERRY_HELPER char *wherry_parameter(const char *name) {
  size_t name_length = strlen(name);
  for (char *part = wherry_query(); part; part = strchr(part, '&')) {
    if (*part == '&') part++;
    if (strncmp(part, name, name_length) != 0 || part[name_length] != '=') continue;
    char *from = part + name_length + 1, *value = from, *to = from;
    for (; *from && *from != '&'; from++) {
      int high = *from == '%' ? wherry_hex_(from[1]) : -1;
      int low = high >= 0 ? wherry_hex_(from[2]) : -1;
      *to++ = (char)(low >= 0 ? high * 16 + low : *from == '+' ? ' ' : *from);
      if (low >= 0) from += 2;
    }
    *to = 0;
    return value;
  }
  return NULL;
}

// The whole body, with a zero byte behind it; null if the client went away before it was there.
WHERRY_HELPER char *wherry_body(size_t *length) {
  int64_t said = wherry_request_body_size();
  size_t capacity = said >= 0 && said < (1 << 30) ? (size_t)said : 16384, count = 0;
  char *bytes = (char *)malloc(capacity + 1);
  for (;;) {
    if (!bytes) abort();
    // One byte more than was said: so that the end is seen without growing.
    int32_t got = wherry_request_read(bytes + count, capacity + 1 - count);
    if (got < 0) return NULL;
    if (got == 0) break;
    count += (size_t)got;
    if (count <= capacity) continue;
    capacity = 2 * capacity + 64;
    bytes = (char *)realloc(bytes, capacity + 1);
  }
  bytes[count] = 0;
  if (length) *length = count;
  return bytes;
}

WHERRY_HELPER int wherry_status(int status) { return wherry_response_status(status); }
WHERRY_HELPER int wherry_set_header(const char *name, const char *value) {
  return wherry_response_header(name, strlen(name), value, strlen(value));
}
WHERRY_HELPER int wherry_write(const void *bytes, size_t length) {
  return wherry_response_write(bytes, length);
}
WHERRY_HELPER int wherry_print(const char *text) {
  return wherry_response_write(text, strlen(text));
}
WHERRY_HELPER int wherry_flush(void) { return wherry_response_flush(); }

WHERRY_HELPER char *wherry_format_(char *room, size_t capacity, int *length, const char *format,
                                   va_list arguments) {
  va_list again;
  va_copy(again, arguments);
  *length = vsnprintf(room, capacity, format, arguments);
  if (*length < 0) abort();
  if ((size_t)*length >= capacity) {
    room = (char *)malloc((size_t)*length + 1);
    if (!room) abort();
    vsnprintf(room, (size_t)*length + 1, format, again);
  }
  va_end(again);
  return room;
}

__attribute__((format(printf, 1, 2))) WHERRY_HELPER int wherry_printf(const char *format, ...) {
  char room[512];
  int length;
  va_list arguments;
  va_start(arguments, format);
  char *text = wherry_format_(room, sizeof room, &length, format, arguments);
  va_end(arguments);
  int result = wherry_response_write(text, (size_t)length);
  if (text != room) free(text);
  return result;
}

// A line of the log; levels as for wherry_log_text().
__attribute__((format(printf, 2, 3))) WHERRY_HELPER void wherry_log(int level, const char *format,
                                                                    ...) {
  char room[512];
  int length;
  va_list arguments;
  va_start(arguments, format);
  char *text = wherry_format_(room, sizeof room, &length, format, arguments);
  va_end(arguments);
  wherry_log_text(level, text, (size_t)length);
  if (text != room) free(text);
}

// A JSON string with its quotes. The bytes must be UTF-8.
WHERRY_HELPER int wherry_write_json_string(const char *bytes, size_t length) {
  char *out = (char *)malloc(6 * length + 2), *to = out;
  if (!out) abort();
  *to++ = '"';
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)bytes[i];
    if (c == '"' || c == '\\') {
      *to++ = '\\';
      *to++ = (char)c;
    } else if (c == '\n') {
      *to++ = '\\';
      *to++ = 'n';
    } else if (c < 0x20) {
      memcpy(to, "\\u00", 4);
      to[4] = "0123456789abcdef"[c >> 4];
      to[5] = "0123456789abcdef"[c & 15];
      to += 6;
    } else {
      *to++ = (char)c;
    }
  }
  *to++ = '"';
  int result = wherry_response_write(out, (size_t)(to - out));
  free(out);
  return result;
}
WHERRY_HELPER int wherry_print_json(const char *text) {
  return wherry_write_json_string(text, strlen(text));
}

// The answer to a call: `status` is negative (wherry_fetch_result) if there is none, and `error` says
// why. `number` is for wherry_fetch_header().
struct wherry_answer {
  int status;
  char *body;  // with a zero byte behind it; never null
  size_t length;
  char *error;  // null if nothing went wrong
  int32_t number;
};

WHERRY_HELPER struct wherry_answer wherry_fetch_failed_(struct wherry_answer answer, int status) {
  int32_t length = wherry_fetch_error(answer.number, NULL, 0);
  answer.status = status;
  answer.error = (char *)malloc((size_t)length + 1);
  if (!answer.error) abort();
  wherry_fetch_error(answer.number, answer.error, (size_t)length);
  answer.error[length] = 0;
  return answer;
}

// Waits for the whole answer to a call that was begun.
WHERRY_HELPER struct wherry_answer wherry_fetch_finish(int32_t number) {
  struct wherry_answer answer = {0, NULL, 0, NULL, number};
  size_t capacity = 4096;
  answer.body = (char *)malloc(capacity);
  if (!answer.body) abort();
  answer.body[0] = 0;
  answer.status = number < 0 ? number : wherry_fetch_wait(number);
  if (answer.status < 0) return wherry_fetch_failed_(answer, answer.status);
  for (;;) {
    int32_t got = wherry_fetch_read(number, answer.body + answer.length,
                                    capacity - 1 - answer.length);
    if (got > 0) answer.length += (size_t)got;
    answer.body[answer.length] = 0;
    if (got < 0) return wherry_fetch_failed_(answer, got);
    if (got == 0) return answer;
    if (answer.length < capacity - 1) continue;
    capacity *= 2;
    answer.body = (char *)realloc(answer.body, capacity);
    if (!answer.body) abort();
  }
}

// Begins a call with texts that end in zero bytes; `headers` and `body` may be null.
WHERRY_HELPER int32_t wherry_fetch_start(const char *method, const char *url, const char *headers,
                                         const void *body, size_t length) {
  return wherry_fetch_begin(method, strlen(method), url, strlen(url), headers,
                            headers ? strlen(headers) : 0, body, body ? length : 0);
}

// A call from its beginning to its end.
WHERRY_HELPER struct wherry_answer wherry_fetch(const char *method, const char *url,
                                                const char *headers, const void *body,
                                                size_t length) {
  return wherry_fetch_finish(wherry_fetch_start(method, url, headers, body, length));
}

// A header of the answer by its name in any case; null if it is absent.
WHERRY_HELPER char *wherry_answer_header(const struct wherry_answer *answer, const char *name) {
  int32_t length = wherry_fetch_header(answer->number, name, strlen(name), NULL, 0);
  if (length < 0) return NULL;
  char *text = (char *)malloc((size_t)length + 1);
  if (!text) abort();
  wherry_fetch_header(answer->number, name, strlen(name), text, (size_t)length);
  text[length] = 0;
  return text;
}

#endif  // WHERRY_IMPORTS_ONLY

#ifdef __cplusplus
}
#endif

#endif
