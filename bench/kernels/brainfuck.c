// A language of eight instructions: compiled to runs and jumps, then interpreted. The program
// squares the numbers of a table it fills, and draws.
#include "kernel.h"

enum { kCells = 1024, kCode = 4096, kDepth = 64 };

typedef enum { kMove, kChange, kClear, kAddTo, kOpen, kClose, kWrite, kEnd } Kind;

typedef struct {
  Kind kind;
  int32_t value;  // of a run; for kOpen and kClose the other one
} Instruction;

static int32_t run_of(const char** text, char up, char down) {
  int32_t value = 0;
  for (; **text == up || **text == down; ++*text) value += **text == up ? 1 : -1;
  return value;
}

// [->+<] and the like, with any distance: adds a cell to another. Returns the length, or 0.
static int32_t add_loop(const char* text, int32_t* distance) {
  const char* at = text;
  if (*at++ != '[' || *at++ != '-') return 0;
  *distance = run_of(&at, '>', '<');
  if (*distance == 0 || *at++ != '+') return 0;
  if (run_of(&at, '>', '<') != -*distance || *at++ != ']') return 0;
  return (int32_t)(at - text);
}

static void compile(const char* text, Instruction* code) {
  int32_t open[kDepth], depth = 0, used = 0;
  while (*text != '\0') {
    if (used + 2 >= kCode) exit(1);
    int32_t distance, length = add_loop(text, &distance);
    if (length > 0) {
      code[used++] = (Instruction){kAddTo, distance};
      text += length;
    } else if (strncmp(text, "[-]", 3) == 0) {
      code[used++] = (Instruction){kClear, 0};
      text += 3;
    } else if (*text == '>' || *text == '<') {
      code[used++] = (Instruction){kMove, run_of(&text, '>', '<')};
    } else if (*text == '+' || *text == '-') {
      code[used++] = (Instruction){kChange, run_of(&text, '+', '-')};
    } else {
      if (*text == '[') {
        if (depth >= kDepth) exit(1);
        open[depth++] = used;
        code[used++] = (Instruction){kOpen, 0};
      } else if (*text == ']') {
        code[open[--depth]].value = used;
        code[used] = (Instruction){kClose, open[depth]};
        used++;
      } else if (*text == '.') {
        code[used++] = (Instruction){kWrite, 0};
      }
      text++;
    }
  }
  code[used] = (Instruction){kEnd, 0};
}

static uint64_t run(const Instruction* code, uint8_t* cells, uint64_t sum) {
  uint32_t at = 0;
  for (const Instruction* i = code;; i++) {
    switch (i->kind) {
      case kMove: at = (at + (uint32_t)i->value) % kCells; break;
      case kChange: cells[at] = (uint8_t)(cells[at] + i->value); break;
      case kClear: cells[at] = 0; break;
      case kAddTo: {
        uint8_t* to = &cells[(at + (uint32_t)i->value) % kCells];
        *to = (uint8_t)(*to + cells[at]);
        cells[at] = 0;
        break;
      }
      case kOpen:
        if (cells[at] == 0) i = code + i->value;
        break;
      case kClose:
        if (cells[at] != 0) i = code + i->value;
        break;
      case kWrite: sum = checksum_u64(sum, cells[at]); break;
      case kEnd: return sum;
    }
  }
}

// The squares below 10,000 in decimal; a triangle; a loop that multiplies and counts down slowly.
static const char kProgram[] =
    "++++[>+++++<-]>[<+++++>-]+<+[>[>+>+<<-]++>>[<<+>>-]>>>[-]++>[-]+>>>+[[-]++++++>>>]"
    "<<<[[<++++++++<++>>-]+<.<[>----<-]<]<<[>>>>>[>>>[-]+++++++++<[>-<-]+++++++++>[-[<->-]"
    "+[<<<]]<[>+<-]>]<<-]<<-]"
    ">>[-]++++++++++++[>++++++++[>++++++++[>++++++[>+++++<-]>[-]<<-]<-]<-]";

int main(int argc, char** argv) {
  static Instruction code[kCode];
  static uint8_t cells[kCells];
  uint32_t rounds = kernel_rounds(argc, argv, 330);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    memset(cells, 0, sizeof(cells));
    compile(kProgram, code);
    sum = run(code, cells, sum + round);
  }
  return kernel_finish(checksum_bytes(sum, cells, sizeof(cells)));
}
