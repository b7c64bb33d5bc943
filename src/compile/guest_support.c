// memcpy, memmove and memset for compiled code, linked into every artifact.
//
// They live inside the artifact so that a fault in them is a fault of the guest's, and so that the
// artifact needs nothing from outside. Built for x86-64-v2 with loops that the compiler may not turn
// back into calls; `rep movsb`/`stosb` take over where they are fastest.
#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>

enum { kRepBytes = 2048 };

typedef uint64_t __attribute__((aligned(1), may_alias)) Word64;
typedef uint32_t __attribute__((aligned(1), may_alias)) Word32;
typedef uint16_t __attribute__((aligned(1), may_alias)) Word16;

static __m128i load(const uint8_t* from) { return _mm_loadu_si128((const __m128i*)from); }
static void store(uint8_t* to, __m128i value) { _mm_storeu_si128((__m128i*)to, value); }

// Up to 32 bytes: everything is loaded before anything is stored, so overlap does not matter.
static void move_small(uint8_t* to, const uint8_t* from, size_t count) {
  if (count >= 16) {
    __m128i head = load(from), tail = load(from + count - 16);
    store(to, head);
    store(to + count - 16, tail);
  } else if (count >= 8) {
    uint64_t head = *(const Word64*)from, tail = *(const Word64*)(from + count - 8);
    *(Word64*)to = head;
    *(Word64*)(to + count - 8) = tail;
  } else if (count >= 4) {
    uint32_t head = *(const Word32*)from, tail = *(const Word32*)(from + count - 4);
    *(Word32*)to = head;
    *(Word32*)(to + count - 4) = tail;
  } else if (count >= 2) {
    uint16_t head = *(const Word16*)from, tail = *(const Word16*)(from + count - 2);
    *(Word16*)to = head;
    *(Word16*)(to + count - 2) = tail;
  } else if (count == 1) {
    *to = *from;
  }
}

// For destinations before the source or apart from it.
static void move_forward(uint8_t* to, const uint8_t* from, size_t count) {
  if (count >= kRepBytes && (size_t)(from - to) >= 64) {
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    return;
  }
  __m128i tail0 = load(from + count - 32), tail1 = load(from + count - 16);
  uint8_t* end = to + count;
  for (; count > 32; count -= 32, from += 32, to += 32) {
    __m128i a = load(from), b = load(from + 16);
    store(to, a);
    store(to + 16, b);
  }
  store(end - 32, tail0);
  store(end - 16, tail1);
}

static void move_backward(uint8_t* to, const uint8_t* from, size_t count) {
  __m128i head0 = load(from), head1 = load(from + 16);
  uint8_t* start = to;
  for (; count > 32; count -= 32) {
    __m128i a = load(from + count - 16), b = load(from + count - 32);
    store(to + count - 16, a);
    store(to + count - 32, b);
  }
  store(start, head0);
  store(start + 16, head1);
}

__attribute__((visibility("hidden"))) void* memmove(void* destination, const void* source,
                                                    size_t count) {
  uint8_t* to = destination;
  const uint8_t* from = source;
  if (count <= 32) {
    move_small(to, from, count);
  } else if ((size_t)(to - from) >= count) {
    move_forward(to, from, count);
  } else {
    move_backward(to, from, count);
  }
  return destination;
}

__attribute__((visibility("hidden"))) void* memcpy(void* destination, const void* source,
                                                   size_t count) {
  return memmove(destination, source, count);
}

__attribute__((visibility("hidden"))) void* memset(void* destination, int value, size_t count) {
  uint8_t* to = destination;
  uint64_t pattern = 0x0101010101010101u * (uint8_t)value;
  if (count >= kRepBytes) {
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(value) : "memory");
  } else if (count >= 16) {
    __m128i wide = _mm_set1_epi64x((long long)pattern);
    uint8_t* last = to + count - 16;
    for (; to < last; to += 16) store(to, wide);
    store(last, wide);
  } else if (count >= 8) {
    *(Word64*)to = pattern;
    *(Word64*)(to + count - 8) = pattern;
  } else if (count >= 4) {
    *(Word32*)to = (uint32_t)pattern;
    *(Word32*)(to + count - 4) = (uint32_t)pattern;
  } else if (count >= 2) {
    *(Word16*)to = (uint16_t)pattern;
    *(Word16*)(to + count - 2) = (uint16_t)pattern;
  } else if (count == 1) {
    *to = (uint8_t)value;
  }
  return destination;
}
