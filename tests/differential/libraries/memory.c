// Loads and stores of all widths at any address, bulk operations, growth, and what libraries do
// with bytes: strings, hashes, sorting, searching, run lengths.
#include "library.h"

#define ACCESS(type, name)                                                               \
  EXPORT(load_##name) type load_##name(u32 address) { return *(volatile type*)address; } \
  EXPORT(store_##name) void store_##name(u32 address, type value) {                      \
    *(volatile type*)address = value;                                                    \
  }                                                                                      \
  EXPORT(load_far_##name) type load_far_##name(u32 address) {                            \
    return ((volatile type*)address)[1000] + ((volatile type*)address)[0];               \
  }
ACCESS(i8, i8)
ACCESS(u8, u8)
ACCESS(i16, i16)
ACCESS(u16, u16)
ACCESS(i32, i32)
ACCESS(i64, i64)

EXPORT(widen) i64 widen(u32 address) {
  return (i64) * (volatile i8*)address + *(volatile u16*)(address + 1) +
         (i64) * (volatile i32*)(address + 3) + *(volatile u32*)(address + 7);
}

// As bits, since a float's bits through memory are exact and its NaNs' through arithmetic are not.
EXPORT(store_f64) void store_f64(u32 address, f64 value) {
  if (value == value) *(volatile f64*)address = value;
}
EXPORT(swap_f32) f32 swap_f32(u32 address, f32 value) {
  f32 old = *(volatile f32*)address;
  if (value == value) *(volatile f32*)address = value;
  return old;
}

EXPORT(grow) i32 grow(u32 pages) { return (i32)__builtin_wasm_memory_grow(0, up_to(pages, 40)); }
EXPORT(grow_wildly) i32 grow_wildly(u32 pages) {
  return (i32)__builtin_wasm_memory_grow(0, pages | 0x1000);
}
EXPORT(pages) u32 pages(void) { return (u32)__builtin_wasm_memory_size(0); }

EXPORT(copy) void copy(u32 to, u32 from, u32 length) {
  __builtin_memmove((void*)to, (void*)from, up_to(length, 70000));
}
EXPORT(copy_some) void copy_some(u32 to, u32 from) { __builtin_memcpy((void*)to, (void*)from, 45); }
EXPORT(fill) void fill(u32 to, u32 byte, u32 length) {
  __builtin_memset((void*)to, (i32)byte, up_to(length, 70000));
}
EXPORT(fill_wildly) void fill_wildly(u32 to, u32 byte, u32 length) {
  __builtin_memset((void*)to, (i32)byte, length);
}

EXPORT(length_of) u32 length_of(const char* text) {
  u32 length = 0;
  while (text[length] != 0) length++;
  return length;
}
EXPORT(compare_text) i32 compare_text(const u8* a, const u8* b) {
  while (*a != 0 && *a == *b) a++, b++;
  return *a - *b;
}
EXPORT(find) u32 find(const u8* text, u32 length, const u8* word, u32 word_length) {
  length = up_to(length, 4000);
  word_length = up_to(word_length, 5);
  for (u32 i = 0; i + word_length <= length; i++) {
    u32 j = 0;
    while (j < word_length && text[i + j] == word[j]) j++;
    if (j == word_length) return i;
  }
  return (u32)-1;
}
EXPORT(upper_case) u32 upper_case(u8* text, u32 length) {
  u32 changed = 0;
  for (length = up_to(length, 2000); length > 0; length--, text++) {
    if (*text >= 'a' && *text <= 'z') {
      *text -= 'a' - 'A';
      changed++;
    }
  }
  return changed;
}
EXPORT(count_utf8) i32 count_utf8(const u8* text, u32 length) {
  i32 count = 0;
  for (u32 i = 0; i < up_to(length, 1000); count++) {
    u32 bytes = text[i] < 0x80 ? 1 : text[i] < 0xe0 ? 2 : text[i] < 0xf0 ? 3 : 4;
    for (u32 j = 1; j < bytes; j++) {
      if ((text[i + j] & 0xc0) != 0x80) return -count - 1;
    }
    i += bytes;
  }
  return count;
}
EXPORT(parse_decimal) i64 parse_decimal(const u8* text, u32 length) {
  i64 value = 0;
  for (u32 i = 0; i < up_to(length, 40) && text[i] - '0' < 10u; i++) {
    value = (i64)((u64)value * 10 + (text[i] - '0'));
  }
  return value;
}
EXPORT(print_decimal) u32 print_decimal(u8* to, i64 value) {
  u8 digits[20];
  u32 count = 0, negative = value < 0;
  u64 rest = negative ? 0 - (u64)value : (u64)value;
  do {
    digits[count++] = (u8)('0' + rest % 10);
    rest /= 10;
  } while (rest != 0);
  if (negative) *to++ = '-';
  for (u32 i = count; i > 0; i--) *to++ = digits[i - 1];
  return count + negative;
}

EXPORT(fnv1a) u64 fnv1a(const u8* bytes, u32 length) {
  u64 hash = 0xcbf29ce484222325u;
  for (length = up_to(length, 5000); length > 0; length--)
    hash = (hash ^ *bytes++) * 0x100000001b3u;
  return hash;
}
EXPORT(crc32) u32 crc32(const u8* bytes, u32 length) {
  static u32 table[256];
  if (table[1] == 0) {
    for (u32 i = 0; i < 256; i++) {
      u32 crc = i;
      for (u32 bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
      table[i] = crc;
    }
  }
  u32 crc = ~0u;
  for (length = up_to(length, 5000); length > 0; length--) {
    crc = table[(crc ^ *bytes++) & 0xff] ^ crc >> 8;
  }
  return ~crc;
}
EXPORT(murmur) u32 murmur(const u8* bytes, u32 length, u32 seed) {
  length = up_to(length, 1000);
  for (; length >= 4; length -= 4, bytes += 4) {
    u32 k;
    __builtin_memcpy(&k, bytes, 4);
    k *= 0xcc9e2d51;
    k = k << 15 | k >> 17;
    seed ^= k * 0x1b873593;
    seed = (seed << 13 | seed >> 19) * 5 + 0xe6546b64;
  }
  seed ^= seed >> 16;
  return (seed * 0x85ebca6b) ^ length;
}

EXPORT(insertion_sort) u32 insertion_sort(i32* items, u32 count) {
  u32 moves = 0;
  count = up_to(count, 120);
  for (u32 i = 1; i < count; i++) {
    i32 item = items[i];
    u32 j = i;
    for (; j > 0 && items[j - 1] > item; j--, moves++) items[j] = items[j - 1];
    items[j] = item;
  }
  return moves;
}
static void quick_sort(u16* items, i32 low, i32 high) {
  while (low < high) {
    u16 pivot = items[(low + high) / 2];
    i32 i = low, j = high;
    while (i <= j) {
      while (items[i] < pivot) i++;
      while (items[j] > pivot) j--;
      if (i <= j) {
        u16 item = items[i];
        items[i++] = items[j];
        items[j--] = item;
      }
    }
    if (j - low < high - i) {
      quick_sort(items, low, j);
      low = i;
    } else {
      quick_sort(items, i, high);
      high = j;
    }
  }
}
EXPORT(sort) void sort(u16* items, u32 count) { quick_sort(items, 0, (i32)up_to(count, 3000) - 1); }
EXPORT(binary_search) i32 binary_search(const u16* items, u32 count, u32 wanted) {
  i32 low = 0, high = (i32)up_to(count, 3000) - 1;
  while (low <= high) {
    i32 middle = low + (high - low) / 2;
    if (items[middle] == (u16)wanted) return middle;
    if (items[middle] < (u16)wanted)
      low = middle + 1;
    else
      high = middle - 1;
  }
  return ~low;
}
EXPORT(histogram) u32 histogram(const u8* bytes, u32 length) {
  static u32 counts[256];
  u32 most = 0;
  for (length = up_to(length, 3000); length > 0; length--) counts[*bytes++]++;
  for (u32 i = 1; i < 256; i++) {
    if (counts[i] > counts[most]) most = i;
  }
  return most << 16 | counts[most];
}
EXPORT(run_lengths) u32 run_lengths(u8* to, const u8* from, u32 length) {
  u8* start = to;
  length = up_to(length, 1000);
  for (u32 i = 0; i < length;) {
    u32 run = 1;
    while (i + run < length && run < 255 && from[i + run] == from[i]) run++;
    *to++ = (u8)run;
    *to++ = from[i];
    i += run;
  }
  return (u32)(to - start);
}
EXPORT(transpose) void transpose(u32 to, u32 from, u32 size) {
  size = up_to(size, 40);
  for (u32 i = 0; i < size; i++) {
    for (u32 j = 0; j < size; j++) ((i32*)to)[j * size + i] = ((i32*)from)[i * size + j];
  }
}
EXPORT(add_arrays) void add_arrays(u32* to, const u32* a, const u32* b, u32 count) {
  for (u32 i = 0; i < up_to(count, 500); i++) to[i] = a[i] + b[i] * 3;
}
EXPORT(dot_product) i64 dot_product(const i16* a, const i16* b, u32 count) {
  i64 sum = 0;
  for (u32 i = 0; i < up_to(count, 500); i++) sum += a[i] * b[i];
  return sum;
}
EXPORT(extremes) u64 extremes(const i32* items, u32 count) {
  i32 least = 0x7fffffff, most = -0x7fffffff - 1;
  for (u32 i = 0; i < up_to(count, 500); i++) {
    if (items[i] < least) least = items[i];
    if (items[i] > most) most = items[i];
  }
  return (u64)(u32)least << 32 | (u32)most;
}
