// Regular expressions: compiled to instructions, matched by following all ways at once (Thompson)
// and by backtracking.
#include "kernel.h"

enum { kCode = 256, kLines = 200, kLineBytes = 96 };

typedef enum { kCharacter, kAny, kClass, kSplit, kJump, kMatch } Kind;

typedef struct {
  Kind kind;
  uint8_t character;
  bool negated;
  int16_t x, y;     // where to go; kSplit tries x first
  uint32_t set[8];  // of kClass
} Instruction;

typedef struct {
  const char* at;
  Instruction code[kCode];
  int16_t used;
} Compiler;

static int16_t emit(Compiler* c, Kind kind) {
  if (c->used >= kCode) exit(1);
  memset(&c->code[c->used], 0, sizeof(Instruction));
  c->code[c->used].kind = kind;
  return c->used++;
}

// Makes room for an instruction before `from`.
static void insert(Compiler* c, int16_t from, Kind kind) {
  emit(c, kind);
  memmove(&c->code[from + 1], &c->code[from], (size_t)(c->used - 1 - from) * sizeof(Instruction));
  for (int16_t i = (int16_t)(from + 1); i < c->used; i++) {
    if (c->code[i].x >= from) c->code[i].x++;
    if (c->code[i].y >= from) c->code[i].y++;
  }
  memset(&c->code[from], 0, sizeof(Instruction));
  c->code[from].kind = kind;
}

static void parse_choice(Compiler* c);

static void parse_class(Compiler* c) {
  Instruction* i = &c->code[emit(c, kClass)];
  i->negated = *c->at == '^';
  if (i->negated) c->at++;
  while (*c->at != ']') {
    uint8_t low = (uint8_t)*c->at++, high = low;
    if (*c->at == '-') {
      high = (uint8_t)c->at[1];
      c->at += 2;
    }
    for (uint32_t x = low; x <= high; x++) i->set[x / 32] |= 1u << (x % 32);
  }
  c->at++;
}

static void parse_atom(Compiler* c) {
  char letter = *c->at++;
  if (letter == '(') {
    parse_choice(c);
    c->at++;
  } else if (letter == '[') {
    parse_class(c);
  } else if (letter == '.') {
    emit(c, kAny);
  } else {
    if (letter == '\\') letter = *c->at++;
    c->code[emit(c, kCharacter)].character = (uint8_t)letter;
  }
}

static void parse_repeated(Compiler* c) {
  int16_t start = c->used;
  parse_atom(c);
  char sign = *c->at;
  if (sign == '*' || sign == '?') {
    insert(c, start, kSplit);
    c->code[start].x = (int16_t)(start + 1);
    if (sign == '*') {
      int16_t back = emit(c, kJump);
      c->code[back].x = start;
    }
    c->code[start].y = c->used;
    c->at++;
  } else if (sign == '+') {
    int16_t split = emit(c, kSplit);
    c->code[split].x = start;
    c->code[split].y = c->used;
    c->at++;
  }
}

static void parse_choice(Compiler* c) {
  int16_t start = c->used;
  while (*c->at != '\0' && *c->at != '|' && *c->at != ')') parse_repeated(c);
  if (*c->at != '|') return;
  c->at++;
  insert(c, start, kSplit);
  int16_t jump = emit(c, kJump);
  c->code[start].x = (int16_t)(start + 1);
  c->code[start].y = c->used;
  parse_choice(c);
  c->code[jump].x = c->used;
}

static bool takes(const Instruction* i, uint8_t letter) {
  switch (i->kind) {
    case kCharacter: return letter == i->character;
    case kAny: return true;
    case kClass: return ((i->set[letter / 32] >> (letter % 32) & 1) != 0) != i->negated;
    default: return false;
  }
}

typedef struct {
  int16_t states[kCode];
  int16_t count;
} States;

static uint32_t seen[kCode], generation;

static void add_state(const Instruction* code, States* states, int16_t at) {
  if (seen[at] == generation) return;
  seen[at] = generation;
  if (code[at].kind == kJump) {
    add_state(code, states, code[at].x);
  } else if (code[at].kind == kSplit) {
    add_state(code, states, code[at].x);
    add_state(code, states, code[at].y);
  } else {
    states->states[states->count++] = at;
  }
}

// The end of the longest match anywhere in the text, or -1.
static int match_all_ways(const Instruction* code, const char* text) {
  static States lists[2];
  States *now = &lists[0], *next = &lists[1];
  int end = -1;
  now->count = 0;
  for (int at = 0;; at++) {
    if (at == 0) generation++;
    add_state(code, now, 0);
    next->count = 0;
    generation++;
    for (int16_t i = 0; i < now->count; i++) {
      const Instruction* instruction = &code[now->states[i]];
      if (instruction->kind == kMatch) {
        end = at;
      } else if (text[at] != '\0' && takes(instruction, (uint8_t)text[at])) {
        add_state(code, next, (int16_t)(now->states[i] + 1));
      }
    }
    if (text[at] == '\0') return end;
    States* kept = now;
    now = next;
    next = kept;
  }
}

// The end of the first match that starts here, or NULL; `steps` bounds the work.
static const char* backtrack(const Instruction* code, int16_t at, const char* text,
                             uint32_t* steps) {
  for (;;) {
    if (++*steps > 2000) return NULL;
    const Instruction* i = &code[at];
    if (i->kind == kMatch) return text;
    if (i->kind == kJump) {
      at = i->x;
    } else if (i->kind == kSplit) {
      const char* end = backtrack(code, i->x, text, steps);
      if (end != NULL) return end;
      at = i->y;
    } else {
      if (*text == '\0' || !takes(i, (uint8_t)*text)) return NULL;
      text++;
      at++;
    }
  }
}

int main(int argc, char** argv) {
  static const char* const kPatterns[] = {
      "[a-z]+@[a-z]+\\.(com|org|net)",   "([0-9]+\\.)+[0-9]+", "(a|b|ab)*c[^ ]*d", "x.*y.*z",
      "(GET|POST) /[a-z/]*[?]?[a-z=&]*", "(ab?c?)+d|e+f"};
  static char lines[kLines][kLineBytes];
  static Compiler compilers[sizeof(kPatterns) / sizeof(kPatterns[0])];
  static const char kLetters[] = "aabbccddeefxyz@..  /?=&0123GETPOSTcomorg";
  uint32_t rounds = kernel_rounds(argc, argv, 130);
  Random random = {48};
  for (int i = 0; i < kLines; i++) {
    for (int j = 0; j < kLineBytes - 1; j++)
      lines[i][j] = kLetters[random_below(&random, sizeof(kLetters) - 1)];
    if (i % 8 == 0) memcpy(lines[i] + 40, "GET /a/b?c=d foo@bar.org", 24);
  }
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    for (size_t p = 0; p < sizeof(kPatterns) / sizeof(kPatterns[0]); p++) {
      Compiler* c = &compilers[p];
      c->at = kPatterns[p];
      c->used = 0;
      parse_choice(c);
      emit(c, kMatch);
      for (int i = 0; i < kLines; i++) {
        sum = checksum_u64(sum, (uint32_t)match_all_ways(c->code, lines[i]));
        uint32_t found = 0;
        for (const char* at = lines[i]; *at != '\0'; at++) {
          uint32_t steps = 0;
          const char* end = backtrack(c->code, 0, at, &steps);
          if (end != NULL) found += (uint32_t)(end - at) + 1;
        }
        sum = checksum_u64(sum, found);
      }
    }
    lines[round % kLines][round % 80] = 'q';
  }
  return kernel_finish(sum);
}
