// A JSON parser that builds a tree in an arena, and a writer that makes the text again.
#include "kernel.h"

typedef enum { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject } Kind;

typedef struct Value {
  Kind kind;
  double number;
  const char* text;  // of a string
  const char* key;   // in an object
  uint32_t text_bytes, key_bytes;
  struct Value *first, *next;
} Value;

typedef struct {
  const char *at, *end;
  char* arena;
  size_t used, size;
  bool failed;
} Parser;

static void* take(Parser* p, size_t bytes) {
  size_t start = (p->used + 7) & ~(size_t)7;
  if (start + bytes > p->size) exit(1);
  p->used = start + bytes;
  return p->arena + start;
}

static void skip_space(Parser* p) {
  while (p->at < p->end && (*p->at == ' ' || *p->at == '\n' || *p->at == '\t')) p->at++;
}

static bool accept(Parser* p, char c) {
  skip_space(p);
  if (p->at >= p->end || *p->at != c) return false;
  p->at++;
  return true;
}

static uint32_t hex4(Parser* p) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) {
    char c = p->at < p->end ? *p->at++ : 'x';
    if (c >= '0' && c <= '9') {
      value = value * 16 + (uint32_t)(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      value = value * 16 + (uint32_t)(c - 'a' + 10);
    } else {
      p->failed = true;
    }
  }
  return value;
}

static char* put_utf8(char* out, uint32_t c) {
  if (c < 0x80) {
    *out++ = (char)c;
  } else if (c < 0x800) {
    *out++ = (char)(0xc0 | c >> 6);
    *out++ = (char)(0x80 | (c & 63));
  } else {
    *out++ = (char)(0xe0 | c >> 12);
    *out++ = (char)(0x80 | ((c >> 6) & 63));
    *out++ = (char)(0x80 | (c & 63));
  }
  return out;
}

static const char* parse_string(Parser* p, uint32_t* bytes) {
  const char* closing = p->at;
  while (closing < p->end && *closing != '"') closing += *closing == '\\' ? 2 : 1;
  if (closing >= p->end) {
    p->failed = true;
    return "";
  }
  char *start = take(p, (size_t)(closing - p->at)), *out = start;
  while (p->at < closing) {
    char c = *p->at++;
    if (c != '\\') {
      *out++ = c;
      continue;
    }
    switch (c = *p->at++) {
      case 'n': *out++ = '\n'; break;
      case 't': *out++ = '\t'; break;
      case 'u': out = put_utf8(out, hex4(p)); break;
      case '"':
      case '\\':
      case '/': *out++ = c; break;
      default: p->failed = true;
    }
  }
  p->at++;
  *bytes = (uint32_t)(out - start);
  return start;
}

static double parse_number(Parser* p) {
  static const double kPowers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8};
  bool negative = *p->at == '-';
  if (negative) p->at++;
  uint64_t digits = 0;
  int fraction = 0;
  bool point = false;
  for (; p->at < p->end; p->at++) {
    char c = *p->at;
    if (c >= '0' && c <= '9') {
      digits = digits * 10 + (uint64_t)(c - '0');
      fraction += point;
    } else if (c == '.' && !point) {
      point = true;
    } else {
      break;
    }
  }
  double value = (double)digits / kPowers[fraction <= 8 ? fraction : 8];
  return negative ? -value : value;
}

static bool accept_word(Parser* p, const char* word, size_t bytes) {
  if ((size_t)(p->end - p->at) < bytes || memcmp(p->at, word, bytes) != 0) return false;
  p->at += bytes;
  return true;
}

static Value* parse_value(Parser* p);

static void parse_members(Parser* p, Value* parent, char closing) {
  Value** link = &parent->first;
  if (accept(p, closing)) return;
  do {
    const char* key = NULL;
    uint32_t key_bytes = 0;
    if (closing == '}') {
      if (!accept(p, '"')) p->failed = true;
      key = parse_string(p, &key_bytes);
      if (!accept(p, ':')) p->failed = true;
    }
    Value* member = parse_value(p);
    member->key = key;
    member->key_bytes = key_bytes;
    *link = member;
    link = &member->next;
  } while (!p->failed && accept(p, ','));
  if (!accept(p, closing)) p->failed = true;
}

static Value* parse_value(Parser* p) {
  Value* value = take(p, sizeof(Value));
  memset(value, 0, sizeof(*value));
  skip_space(p);
  switch (p->at < p->end ? *p->at : '\0') {
    case '{':
      p->at++;
      value->kind = kObject;
      parse_members(p, value, '}');
      break;
    case '[':
      p->at++;
      value->kind = kArray;
      parse_members(p, value, ']');
      break;
    case '"':
      p->at++;
      value->kind = kString;
      value->text = parse_string(p, &value->text_bytes);
      break;
    case 'n': p->failed |= !accept_word(p, "null", 4); break;
    case 't':
      value->kind = kTrue;
      p->failed |= !accept_word(p, "true", 4);
      break;
    case 'f':
      value->kind = kFalse;
      p->failed |= !accept_word(p, "false", 5);
      break;
    default:
      value->kind = kNumber;
      if (p->at < p->end && (*p->at == '-' || (*p->at >= '0' && *p->at <= '9'))) {
        value->number = parse_number(p);
      } else {
        p->failed = true;
      }
  }
  return value;
}

static char* write_string(char* out, const char* text, uint32_t bytes) {
  *out++ = '"';
  for (uint32_t i = 0; i < bytes; i++) {
    char c = text[i];
    if (c == '"' || c == '\\') *out++ = '\\';
    if (c == '\n') {
      *out++ = '\\';
      c = 'n';
    }
    *out++ = c;
  }
  *out++ = '"';
  return out;
}

static char* write_number(char* out, double number) {
  int64_t scaled = (int64_t)(number * 1000 + (number < 0 ? -0.5 : 0.5));
  uint64_t rest = (uint64_t)(scaled < 0 ? -scaled : scaled);
  char digits[24];
  int count = 0;
  if (scaled < 0) *out++ = '-';
  for (; rest > 0 || count < 4; rest /= 10) digits[count++] = (char)('0' + rest % 10);
  while (count > 3) *out++ = digits[--count];
  *out++ = '.';
  while (count > 0) *out++ = digits[--count];
  return out;
}

static char* write_value(char* out, const Value* value) {
  static const char* const kWords[] = {"null", "false", "true"};
  switch (value->kind) {
    case kNumber: return write_number(out, value->number);
    case kString: return write_string(out, value->text, value->text_bytes);
    case kArray:
    case kObject:
      *out++ = value->kind == kArray ? '[' : '{';
      for (const Value* member = value->first; member != NULL; member = member->next) {
        if (member != value->first) *out++ = ',';
        if (member->key != NULL) {
          out = write_string(out, member->key, member->key_bytes);
          *out++ = ':';
        }
        out = write_value(out, member);
      }
      *out++ = value->kind == kArray ? ']' : '}';
      return out;
    default: {
      size_t bytes = strlen(kWords[value->kind]);
      memcpy(out, kWords[value->kind], bytes);
      return out + bytes;
    }
  }
}

static char* put(char* out, const char* text) {
  while (*text != '\0') *out++ = *text++;
  return out;
}

// Orders of a shop, as such documents look.
static char* make_document(Random* random, char* out, int orders) {
  *out++ = '[';
  for (int i = 0; i < orders; i++) {
    if (i > 0) out = put(out, ",\n");
    out = put(out, "{\"id\": ");
    out = write_number(out, i);
    out = put(out, ", \"customer\": \"caf\\u00e9 \\\"");
    for (uint32_t j = random_below(random, 12); j > 0; j--) {
      *out++ = (char)('a' + random_below(random, 26));
    }
    out = put(out, "\\\"\\n\", \"paid\": ");
    out = put(out, random_below(random, 2) ? "true" : "false");
    out = put(out, ", \"note\": null, \"items\": [");
    for (uint32_t j = random_below(random, 6); j > 0; j--) {
      out = put(out, "{\"sku\": \"");
      out = write_number(out, random_below(random, 100000));
      out = put(out, "\", \"price\": ");
      out = write_number(out, random_double(random) * 200 - 100);
      out = put(out, j > 1 ? "}, " : "}");
    }
    out = put(out, "]}");
  }
  *out++ = ']';
  return out;
}

int main(int argc, char** argv) {
  enum { kOrders = 400, kBytes = 400 * 500, kArena = 1 << 20 };
  static char document[kBytes], written[kBytes], arena[kArena];
  uint32_t rounds = kernel_rounds(argc, argv, 1600);
  Random random = {18};
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    static const char* end;
    if (round % 64 == 0) end = make_document(&random, document, kOrders);
    Parser parser = {document, end, arena, 0, sizeof(arena), false};
    const Value* value = parse_value(&parser);
    if (parser.failed) return 1;
    const char* last = write_value(written, value);
    sum = checksum_bytes(sum + round, written, (size_t)(last - written));
  }
  return kernel_finish(sum);
}
