// A small Forth: text is compiled to threaded code, whose primitives are called through pointers.
#include "kernel.h"

enum { kStack = 256, kCells = 4096, kWords = 64, kVariables = 1024 };

typedef struct Forth Forth;
typedef void (*Primitive)(Forth*);

typedef struct {
  Primitive primitive;
  int32_t operand;
} Cell;

struct Forth {
  int32_t stack[kStack], returns[kStack], variables[kVariables];
  int32_t top, returns_top, at;
  bool running;
  Cell cells[kCells];
  int32_t used;
  struct {
    char name[12];
    Primitive primitive;  // NULL: compiled, from `start`
    int32_t start;
  } words[kWords];
  int32_t words_used;
  uint64_t output;
};

static int32_t pop(Forth* f) { return f->stack[--f->top & (kStack - 1)]; }
static void push(Forth* f, int32_t value) { f->stack[f->top++ & (kStack - 1)] = value; }
static int32_t operand(Forth* f) { return f->cells[f->at - 1].operand; }

static void literal(Forth* f) { push(f, operand(f)); }
static void call(Forth* f) {
  f->returns[f->returns_top++ & (kStack - 1)] = f->at;
  f->at = operand(f);
}
static void leave(Forth* f) {
  if (f->returns_top == 0) {
    f->running = false;
  } else {
    f->at = f->returns[--f->returns_top & (kStack - 1)];
  }
}
static void branch(Forth* f) { f->at = operand(f); }
static void branch_if_zero(Forth* f) {
  if (pop(f) == 0) f->at = operand(f);
}
static void add(Forth* f) {
  int32_t y = pop(f);
  push(f, (int32_t)((uint32_t)pop(f) + (uint32_t)y));
}
static void subtract(Forth* f) {
  int32_t y = pop(f);
  push(f, (int32_t)((uint32_t)pop(f) - (uint32_t)y));
}
static void multiply(Forth* f) {
  int32_t y = pop(f);
  push(f, (int32_t)((uint32_t)pop(f) * (uint32_t)y));
}
static void modulo(Forth* f) {
  uint32_t y = (uint32_t)pop(f), x = (uint32_t)pop(f);
  push(f, (int32_t)(y != 0 ? x % y : 0));
}
static void less(Forth* f) {
  int32_t y = pop(f);
  push(f, pop(f) < y);
}
static void equal(Forth* f) {
  int32_t y = pop(f);
  push(f, pop(f) == y);
}
static void duplicate(Forth* f) {
  int32_t x = pop(f);
  push(f, x);
  push(f, x);
}
static void over(Forth* f) { push(f, f->stack[(f->top - 2) & (kStack - 1)]); }
static void swap(Forth* f) {
  int32_t y = pop(f), x = pop(f);
  push(f, y);
  push(f, x);
}
static void drop(Forth* f) { f->top--; }
static void fetch(Forth* f) { push(f, f->variables[pop(f) & (kVariables - 1)]); }
static void store(Forth* f) {
  int32_t at = pop(f);
  f->variables[at & (kVariables - 1)] = pop(f);
}
static void print(Forth* f) { f->output = checksum_u64(f->output, (uint32_t)pop(f)); }

static void define(Forth* f, const char* name, size_t bytes, Primitive primitive, int32_t start) {
  if (f->words_used >= kWords || bytes >= sizeof(f->words[0].name)) exit(1);
  memcpy(f->words[f->words_used].name, name, bytes);
  f->words[f->words_used].name[bytes] = '\0';
  f->words[f->words_used].primitive = primitive;
  f->words[f->words_used++].start = start;
}

static int32_t emit(Forth* f, Primitive primitive, int32_t value) {
  if (f->used >= kCells) exit(1);
  f->cells[f->used] = (Cell){primitive, value};
  return f->used++;
}

static bool is(const char* word, size_t bytes, const char* name) {
  return strlen(name) == bytes && memcmp(word, name, bytes) == 0;
}

static void compile_word(Forth* f, const char* word, size_t bytes) {
  for (int32_t i = f->words_used; i-- > 0;) {
    if (!is(word, bytes, f->words[i].name)) continue;
    Primitive primitive = f->words[i].primitive;
    emit(f, primitive != NULL ? primitive : call, f->words[i].start);
    return;
  }
  int32_t value = 0;
  for (size_t i = 0; i < bytes; i++) {
    if (word[i] < '0' || word[i] > '9') exit(1);
    value = value * 10 + (word[i] - '0');
  }
  emit(f, literal, value);
}

// `: NAME … ;`, `IF … ELSE … THEN`, `BEGIN … WHILE … REPEAT`; what is outside of definitions is
// run. Returns where that starts.
static int32_t compile(Forth* f, const char* text) {
  int32_t open[16], depth = 0, main = 0;
  while (*text != '\0') {
    const char* word = text;
    while (*text != ' ' && *text != '\0') text++;
    size_t bytes = (size_t)(text - word);
    while (*text == ' ') text++;
    if (is(word, bytes, ":")) {
      const char* name = text;
      while (*text != ' ') text++;
      define(f, name, (size_t)(text - name), NULL, f->used);
    } else if (is(word, bytes, ";")) {
      emit(f, leave, 0);
      main = f->used;
    } else if (is(word, bytes, "if") || is(word, bytes, "while")) {
      open[depth++] = emit(f, branch_if_zero, 0);
    } else if (is(word, bytes, "else")) {
      f->cells[open[depth - 1]].operand = f->used + 1;
      open[depth - 1] = emit(f, branch, 0);
    } else if (is(word, bytes, "then")) {
      f->cells[open[--depth]].operand = f->used;
    } else if (is(word, bytes, "begin")) {
      open[depth++] = f->used;
    } else if (is(word, bytes, "repeat")) {
      f->cells[open[depth - 1]].operand = f->used + 1;
      emit(f, branch, open[depth - 2]);
      depth -= 2;
    } else {
      compile_word(f, word, bytes);
    }
  }
  emit(f, leave, 0);
  return main;
}

static void run(Forth* f, int32_t start) {
  f->at = start;
  f->running = true;
  while (f->running) {
    const Cell* cell = &f->cells[f->at++];
    cell->primitive(f);
  }
}

static const char kProgram[] =
    ": fib dup 2 < if else dup 1 - fib swap 2 - fib + then ; "
    ": gcd begin dup while swap over mod repeat drop ; "
    ": fill 0 begin dup 1000 < while dup dup * 17 mod over ! 1 + repeat drop ; "
    ": total 0 0 begin dup 1000 < while swap over @ + swap 1 + repeat drop ; "
    ": gcds 1 begin dup 300 < while dup 360 gcd . 1 + repeat drop ; "
    "15 fib . fill total . gcds";

int main(int argc, char** argv) {
  static Forth f;
  static const struct {
    const char* name;
    Primitive primitive;
  } kPrimitives[] = {{"+", add},     {"-", subtract}, {"*", multiply},    {"mod", modulo},
                     {"<", less},    {"=", equal},    {"dup", duplicate}, {"over", over},
                     {"swap", swap}, {"drop", drop},  {"@", fetch},       {"!", store},
                     {".", print}};
  uint32_t rounds = kernel_rounds(argc, argv, 5000);
  for (size_t i = 0; i < sizeof(kPrimitives) / sizeof(kPrimitives[0]); i++) {
    define(&f, kPrimitives[i].name, strlen(kPrimitives[i].name), kPrimitives[i].primitive, 0);
  }
  int32_t start = compile(&f, kProgram);
  for (uint32_t round = 0; round < rounds; round++) {
    run(&f, start);
    f.output = checksum_u64(f.output, (uint32_t)f.top);
  }
  return kernel_finish(f.output);
}
