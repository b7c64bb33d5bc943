// Calls: through tables of functions with the right, a wrong and no type, recursion, structures by
// value, variadic functions, many arguments, globals, and code that does not return.
#include "library.h"

static u32 calls;
static i32 plus(i32 a, i32 b) { return (i32)((u32)a + (u32)b); }
static i32 minus(i32 a, i32 b) { return (i32)((u32)a - (u32)b); }
static i32 times(i32 a, i32 b) { return (i32)((u32)a * (u32)b); }
static i32 over(i32 a, i32 b) { return a / b; }
static i32 fail(i32 a, i32 b) {
  calls += (u32)(a ^ b);
  __builtin_trap();
}
static f64 half(f64 a) { return a / 2; }
static void count(void) { calls++; }
static i64 other(i64 a) { return ~a; }

typedef i32 (*binary)(i32, i32);
static const binary kOperations[] = {plus, minus, times, over, fail};

EXPORT(operate) i32 operate(u32 which, i32 a, i32 b) { return kOperations[up_to(which, 4)](a, b); }

// Any number as a function: most are out of the table's bounds, null, or of another type.
EXPORT(call_anything) i32 call_anything(u32 function, i32 a, i32 b) {
  return ((binary)(function % 16))(a, b);
}
EXPORT(call_wild) i64 call_wild(u32 function, i64 a) { return ((i64 (*)(i64))function)(a); }
EXPORT(call_float) f64 call_float(u32 function, f64 a) {
  return ((f64 (*)(f64))(function % 16))(a);
}
EXPORT(call_nothing) void call_nothing(u32 function) { ((void (*)(void))(function % 16))(); }

EXPORT(fold) i32 fold(const i32* items, u32 length, u32 which) {
  binary operation = kOperations[up_to(which, 2)];
  i32 value = 1;
  for (length = up_to(length, 200); length > 0; length--) value = operation(value, *items++);
  return value;
}

struct shape {
  i32 (*area)(const struct shape*);
  i32 width, height;
};
static i32 rectangle(const struct shape* shape) { return times(shape->width, shape->height); }
static i32 triangle(const struct shape* shape) { return rectangle(shape) / 2; }
EXPORT(area) i32 area(u32 kind, i32 width, i32 height) {
  struct shape shapes[] = {{rectangle, width, height}, {triangle, width, height}};
  const struct shape* shape = &shapes[kind & 1];
  return shape->area(shape);
}

EXPORT(ackermann) u32 ackermann(u32 m, u32 n) {
  m = up_to(m, 2);
  if (m == 0) return n + 1;
  if (n == 0) return ackermann(m - 1, 1);
  return ackermann(m - 1, ackermann(m, up_to(n, 60) - (up_to(n, 60) > 0)));
}
EXPORT(fibonacci) u64 fibonacci(u32 n) {
  n = up_to(n, 22);
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
static u32 is_odd(u32 n);
static u32 is_even(u32 n) { return n == 0 ? 1 : is_odd(n - 1); }
static u32 is_odd(u32 n) { return n == 0 ? 0 : is_even(n - 1); }
EXPORT(parity) u32 parity(u32 n) { return is_even(up_to(n, 900)); }
EXPORT(hanoi) u32 hanoi(u32 discs, u32 from, u32 to) {
  discs = up_to(discs, 10);
  if (discs == 0) return 0;
  u32 other = 6 - (from % 3 + 1) - (to % 3 + 1);
  return hanoi(discs - 1, from, other) + 1 + hanoi(discs - 1, other, to) * 2;
}

struct vector {
  f64 x, y;
  i32 tag;
};
static struct vector turned(struct vector v, i32 tag) {
  return (struct vector){-v.y, v.x, v.tag ^ tag};
}
EXPORT(turn) f64 turn(f64 x, f64 y, i32 tag, u32 times) {
  struct vector v = {x, y, 5};
  for (times = up_to(times, 9); times > 0; times--) v = turned(v, tag);
  return v.tag == 5 ? v.x : v.y;
}

__attribute__((noinline)) static i64 sum_of(u32 number, ...) {
  __builtin_va_list arguments;
  __builtin_va_start(arguments, number);
  i64 sum = 0;
  for (; number > 0; number--) sum += __builtin_va_arg(arguments, i64);
  __builtin_va_end(arguments);
  return sum;
}
EXPORT(variadic) i64 variadic(u32 number, i64 a, i64 b, i32 c) {
  return sum_of(up_to(number, 4), a, b, (i64)c, a ^ b);
}
EXPORT(many)
i64 many(i32 a, i64 b, f32 c, f64 d, i32 e, i64 f, f32 g, f64 h, i32 i, i64 j, i32 k, i64 l, u32 m,
         u64 n, i32 o, i64 p) {
  i64 sum = (i64)((u64)a + (u64)b * 2 + (u64)e * 3 + (u64)f * 5 + (u64)i * 7 + (u64)j * 11);
  sum ^= k + (i64)((u64)l << 1) + m + (i64)n + o + (i64)((u64)p * 13);
  return c + g < d + h ? sum : -1 ^ sum;
}

EXPORT(counted) u32 counted(u32 more) { return calls += up_to(more, 3); }
EXPORT(unreachable_if) u32 unreachable_if(u32 value) {
  if ((value & 7) == 3) __builtin_trap();
  return value + 1;
}
// Endless for one argument in sixteen.
EXPORT(loop_if) u32 loop_if(u32 value) {
  volatile u32 same = value;
  while ((same & 15) == 9) {
  }
  return value;
}
#pragma clang diagnostic ignored "-Winfinite-recursion"
EXPORT(deep_if) u32 deep_if(u32 value) {
  volatile u32 frame[4] = {value};
  return (value & 15) == 11 ? deep_if(value) + frame[value & 3] : frame[0];
}

// So that the table has them all, with functions of several types.
EXPORT(address_of) u32 address_of(u32 which) {
  switch (which % 4) {
    case 0: return (u32)half;
    case 1: return (u32)count;
    case 2: return (u32)other;
    default: return (u32)fail;
  }
}
