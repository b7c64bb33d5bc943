// What the libraries share. Each is a module of exported functions that take whatever numbers and
// addresses they are given, trap where the specification says so, and have no imports.
//
// None lets the bits of a computed NaN be seen in an integer or in memory: they are not specified.
#pragma once

#define EXPORT(name) __attribute__((export_name(#name)))

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned u32;
typedef long long i64;
typedef unsigned long long u64;
typedef float f32;
typedef double f64;

// Lengths and counts as wild as the arguments would make every call a trap or a time-out.
static inline u32 up_to(u32 value, u32 most) { return value % (most + 1); }
