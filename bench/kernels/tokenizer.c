// Splits source text of a language like C into tokens; identifiers are interned.
#include "kernel.h"

enum { kTextBytes = 60000, kNames = 4096, kKeywords = 12 };

typedef enum { kEnd, kName, kKeyword, kInteger, kReal, kText, kOperator, kError } Kind;

typedef struct {
  Kind kind;
  const char* start;
  uint32_t bytes, line;
  uint64_t value;
} Token;

typedef struct {
  const char *at, *end;
  uint32_t line;
  struct {
    const char* start;
    uint32_t bytes, uses;
  } names[kNames];
} Lexer;

static const char* const kWords[kKeywords] = {"if",     "else",   "while", "for",
                                              "return", "int",    "char",  "struct",
                                              "const",  "static", "void",  "break"};

static bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static void skip_blank(Lexer* lexer) {
  while (lexer->at < lexer->end) {
    char c = *lexer->at;
    if (c == '\n') {
      lexer->line++;
    } else if (c == '/' && lexer->at + 1 < lexer->end && lexer->at[1] == '/') {
      while (lexer->at < lexer->end && *lexer->at != '\n') lexer->at++;
      continue;
    } else if (c != ' ') {
      break;
    }
    lexer->at++;
  }
}

static uint32_t intern(Lexer* lexer, const char* start, uint32_t bytes) {
  uint32_t hash = 5381;
  for (uint32_t i = 0; i < bytes; i++) hash = hash * 33 + (uint8_t)start[i];
  uint32_t at = hash % kNames;
  while (lexer->names[at].start != NULL &&
         (lexer->names[at].bytes != bytes || memcmp(lexer->names[at].start, start, bytes) != 0)) {
    at = (at + 1) % kNames;
  }
  lexer->names[at].start = start;
  lexer->names[at].bytes = bytes;
  lexer->names[at].uses++;
  return at;
}

static void read_name(Lexer* lexer, Token* token) {
  while (lexer->at < lexer->end && (is_letter(*lexer->at) || is_digit(*lexer->at))) lexer->at++;
  token->bytes = (uint32_t)(lexer->at - token->start);
  for (uint64_t i = 0; i < kKeywords; i++) {
    if (strlen(kWords[i]) == token->bytes && memcmp(kWords[i], token->start, token->bytes) == 0) {
      token->kind = kKeyword;
      token->value = i;
      return;
    }
  }
  token->kind = kName;
  token->value = intern(lexer, token->start, token->bytes);
}

static void read_number(Lexer* lexer, Token* token) {
  token->kind = kInteger;
  for (; lexer->at < lexer->end; lexer->at++) {
    char c = *lexer->at;
    if (c == '.' && token->kind == kInteger) {
      token->kind = kReal;
    } else if (is_digit(c)) {
      token->value = token->value * 10 + (uint64_t)(c - '0');
    } else {
      break;
    }
  }
}

static void read_text(Lexer* lexer, Token* token) {
  token->kind = kText;
  lexer->at++;
  while (lexer->at < lexer->end && *lexer->at != '"') {
    if (*lexer->at == '\\' && lexer->at + 1 < lexer->end) lexer->at++;
    token->value = token->value * 31 + (uint8_t)*lexer->at++;
  }
  if (lexer->at < lexer->end) {
    lexer->at++;
  } else {
    token->kind = kError;
  }
}

static void read_operator(Lexer* lexer, Token* token) {
  static const char kPairs[][3] = {"==", "!=", "<=", ">=", "->", "&&", "||", "++", "+="};
  token->kind = kOperator;
  token->value = (uint8_t)*lexer->at++;
  if (lexer->at >= lexer->end) return;
  for (size_t i = 0; i < sizeof(kPairs) / sizeof(kPairs[0]); i++) {
    if (kPairs[i][0] == lexer->at[-1] && kPairs[i][1] == *lexer->at) {
      lexer->at++;
      token->value = 256 + i;
      return;
    }
  }
}

static Token next(Lexer* lexer) {
  skip_blank(lexer);
  Token token = {kEnd, lexer->at, 0, lexer->line, 0};
  if (lexer->at >= lexer->end) return token;
  char c = *lexer->at;
  if (is_letter(c)) {
    read_name(lexer, &token);
  } else if (is_digit(c)) {
    read_number(lexer, &token);
  } else if (c == '"') {
    read_text(lexer, &token);
  } else {
    read_operator(lexer, &token);
  }
  token.bytes = (uint32_t)(lexer->at - token.start);
  return token;
}

static char* put(char* out, const char* text) {
  while (*text != '\0') *out++ = *text++;
  return out;
}

static char* make_source(Random* random, char* out, const char* limit) {
  static const char* const kPieces[] = {" = ",
                                        " += ",
                                        "->",
                                        "(",
                                        ") ",
                                        "; // done\n",
                                        "[",
                                        "]",
                                        " == ",
                                        " && ",
                                        "\"a \\\"text\\\"\"",
                                        ", ",
                                        ";\n",
                                        " {\n",
                                        "}\n"};
  while (out < limit - 64) {
    switch (random_below(random, 4)) {
      case 0: out = put(put(out, kWords[random_below(random, kKeywords)]), " "); break;
      case 1:
        for (uint32_t i = random_below(random, 5) + 1; i > 0; i--) {
          *out++ = (char)('0' + random_below(random, 10));
        }
        if (random_below(random, 4) == 0) out = put(out, ".25");
        *out++ = ' ';
        break;
      case 2:
        for (uint32_t i = random_below(random, 2) + 2, j = random_below(random, 2); i > 0; i--) {
          *out++ = (char)((j > 0 ? 'A' : 'e') + random_below(random, 20));
        }
        out = put(out, "_value ");
        break;
      default: out = put(out, kPieces[random_below(random, sizeof(kPieces) / sizeof(kPieces[0]))]);
    }
  }
  return out;
}

int main(int argc, char** argv) {
  static char text[kTextBytes];
  static Lexer lexer;
  uint32_t rounds = kernel_rounds(argc, argv, 2300);
  Random random = {21};
  uint64_t sum = 0;
  const char* end = make_source(&random, text, text + kTextBytes);
  for (uint32_t round = 0; round < rounds; round++) {
    memset(&lexer, 0, sizeof(lexer));
    lexer.at = text + round % 100;
    lexer.end = end;
    for (;;) {
      Token token = next(&lexer);
      sum = checksum_u64(sum, token.value + token.line + token.bytes + (uint64_t)token.kind);
      if (token.kind == kEnd) break;
    }
  }
  return kernel_finish(sum);
}
