// An interpreter of bytecode for a register machine, with a switch. Its programs: primes by a
// sieve, a recursive function, the longest chain of Collatz.
#include "kernel.h"

typedef enum {
  kSet,       // a = bc
  kMove,      // a = b
  kAdd,       // a = b + c
  kAddSmall,  // a = b + c, a signed byte
  kMultiply,  // a = b · c
  kXor,       // a = b ^ c
  kShift,     // a = b >> c, a number
  kOdd,       // a = b & 1
  kFetch,     // a = memory[b]
  kPut,       // memory[b] = a
  kJump,      // by c
  kJumpZero,  // by c if a is 0
  kJumpLess,  // by c if a < b
  kCall,      // the function at bc, whose register 0 is our a
  kReturn,
  kHalt  // with register 0
} Operation;

typedef struct {
  uint8_t operation, a, b, c;
} Instruction;

enum { kMemory = 4096, kRegisters = 1024, kDepth = 64 };

typedef struct {
  uint32_t registers[kRegisters], memory[kMemory];
  struct {
    const Instruction* at;
    uint32_t* registers;
  } calls[kDepth];
  uint64_t steps;
} Machine;

static uint32_t run(Machine* m, const Instruction* program, uint32_t argument) {
  const Instruction* at = program;
  uint32_t *r = m->registers, depth = 0;
  uint64_t steps = 0;
  r[0] = argument;
  for (;; steps++) {
    Instruction i = *at++;
    switch ((Operation)i.operation) {
      case kSet: r[i.a] = (uint32_t)i.b << 8 | i.c; break;
      case kMove: r[i.a] = r[i.b]; break;
      case kAdd: r[i.a] = r[i.b] + r[i.c]; break;
      case kAddSmall: r[i.a] = r[i.b] + (uint32_t)(int8_t)i.c; break;
      case kMultiply: r[i.a] = r[i.b] * r[i.c]; break;
      case kXor: r[i.a] = r[i.b] ^ r[i.c]; break;
      case kShift: r[i.a] = r[i.b] >> (i.c & 31); break;
      case kOdd: r[i.a] = r[i.b] & 1; break;
      case kFetch: r[i.a] = m->memory[r[i.b] % kMemory]; break;
      case kPut: m->memory[r[i.b] % kMemory] = r[i.a]; break;
      case kJump: at += (int8_t)i.c; break;
      case kJumpZero: at += r[i.a] == 0 ? (int8_t)i.c : 0; break;
      case kJumpLess: at += r[i.a] < r[i.b] ? (int8_t)i.c : 0; break;
      case kCall:
        if (depth >= kDepth || r + i.a + 16 > m->registers + kRegisters) exit(1);
        m->calls[depth].at = at;
        m->calls[depth++].registers = r;
        at = program + ((uint32_t)i.b << 8 | i.c);
        r += i.a;
        break;
      case kReturn:
        at = m->calls[--depth].at;
        r = m->calls[depth].registers;
        break;
      case kHalt: m->steps += steps; return r[0];
    }
  }
}

// Counts the primes below 4,096 and the argument's effect on what is left in memory.
static const Instruction kSieve[] = {{kSet, 1, 0, 0},               //  0 i = 0
                                     {kSet, 5, 16, 0},              //  1 end = 4096
                                     {kSet, 6, 0, 0},               //  2 zero
                                     {kPut, 6, 1, 0},               //  3 memory[i] = 0
                                     {kAddSmall, 1, 1, 1},          //  4 i++
                                     {kJumpLess, 1, 5, -3 & 255},   //  5 back to 3
                                     {kSet, 1, 0, 2},               //  6 i = 2
                                     {kSet, 3, 0, 0},               //  7 count = 0
                                     {kFetch, 4, 1, 0},             //  8 memory[i]
                                     {kJumpZero, 4, 0, 1},          //  9 a prime: 11
                                     {kJump, 0, 0, 6},              // 10 no prime: 17
                                     {kAddSmall, 3, 3, 1},          // 11 count++
                                     {kAdd, 2, 1, 1},               // 12 j = 2i
                                     {kJumpLess, 5, 2, 3},          // 13 end < j: 17
                                     {kPut, 1, 2, 0},               // 14 memory[j] = i
                                     {kAdd, 2, 2, 1},               // 15 j += i
                                     {kJump, 0, 0, -4 & 255},       // 16 back to 13
                                     {kAddSmall, 1, 1, 1},          // 17 i++
                                     {kJumpLess, 1, 5, -11 & 255},  // 18 back to 8
                                     {kFetch, 4, 0, 0},             // 19
                                     {kXor, 0, 3, 4},               // 20
                                     {kHalt, 0, 0, 0}};

// n < 2 ? n : f(n - 1) + f(n - 2)
static const Instruction kFibonacci[] = {{kCall, 0, 0, 2},             // 0
                                         {kHalt, 0, 0, 0},             // 1
                                         {kSet, 1, 0, 2},              // 2
                                         {kJumpLess, 0, 1, 5},         // 3 n < 2: 9
                                         {kAddSmall, 2, 0, -1 & 255},  // 4
                                         {kCall, 2, 0, 2},             // 5
                                         {kAddSmall, 3, 0, -2 & 255},  // 6
                                         {kCall, 3, 0, 2},             // 7
                                         {kAdd, 0, 2, 3},              // 8
                                         {kReturn, 0, 0, 0}};          // 9

// The sum of the lengths of all chains that start below the argument.
static const Instruction kCollatz[] = {{kMove, 1, 0, 0},              //  0 end
                                       {kSet, 0, 0, 0},               //  1 sum
                                       {kSet, 2, 0, 1},               //  2 start
                                       {kSet, 5, 0, 3},               //  3
                                       {kMove, 3, 2, 0},              //  4 n = start
                                       {kAddSmall, 0, 0, 1},          //  5 sum++
                                       {kShift, 4, 3, 1},             //  6 n / 2
                                       {kJumpZero, 4, 0, 6},          //  7 n is 1: 14
                                       {kOdd, 6, 3, 0},               //  8
                                       {kMove, 7, 3, 0},              //  9
                                       {kMove, 3, 4, 0},              // 10 n = n / 2
                                       {kJumpZero, 6, 0, -7 & 255},   // 11 even: 5
                                       {kMultiply, 3, 7, 5},          // 12 n = 3n
                                       {kJump, 0, 0, 2},              // 13 to 16
                                       {kAddSmall, 2, 2, 1},          // 14 start++
                                       {kJump, 0, 0, 2},              // 15 to 18
                                       {kAddSmall, 3, 3, 1},          // 16 n + 1
                                       {kJump, 0, 0, -13 & 255},      // 17 to 5
                                       {kJumpLess, 2, 1, -15 & 255},  // 18 to 4
                                       {kHalt, 0, 0, 0}};

int main(int argc, char** argv) {
  static Machine machine;
  uint32_t rounds = kernel_rounds(argc, argv, 660);
  uint64_t sum = 0;
  for (uint32_t round = 0; round < rounds; round++) {
    sum = checksum_u64(sum, run(&machine, kSieve, round));
    sum = checksum_u64(sum, run(&machine, kFibonacci, 14 + round % 4));
    sum = checksum_u64(sum, run(&machine, kCollatz, 500 + round % 100));
  }
  return kernel_finish(checksum_u64(sum, machine.steps));
}
