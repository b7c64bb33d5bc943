#include "host/activation_ids.h"

#include <cstring>

namespace wherry::host {

namespace {

// SplitMix64's output function: neighbours look nothing alike, and no two numbers give the same.
uint64_t scrambled(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

void put_hex(char* to, uint64_t number) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int i = 15; i >= 0; i--, number >>= 4) to[i] = kDigits[number & 15];
}

}  // namespace

ActivationIds::ActivationIds(Random& random) {
  uint64_t numbers[2];
  uint8_t bytes[sizeof numbers];
  random.fill(bytes);
  std::memcpy(numbers, bytes, sizeof numbers);
  seed_ = numbers[0];
  count_ = numbers[1];
}

std::string ActivationIds::next() {
  uint64_t number = count_.fetch_add(1, std::memory_order_relaxed);
  std::string id(32, '0');
  put_hex(id.data(), seed_);
  put_hex(id.data() + 16, scrambled(number));
  return id;
}

}  // namespace wherry::host
