#include "host/activation_ids.h"

#include <array>
#include <cstring>

namespace wherry::host {

namespace {

// SplitMix64's output function: neighbours look nothing alike, and no two numbers give the same.
uint64_t scrambled(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// Both digits of each byte.
constexpr auto kHexPairs = [] {
  constexpr char kDigits[] = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> pairs{};
  for (size_t byte = 0; byte < 256; byte++) pairs[byte] = {kDigits[byte >> 4], kDigits[byte & 15]};
  return pairs;
}();

void put_hex(char* to, uint64_t number) {
  for (int i = 14; i >= 0; i -= 2, number >>= 8) std::memcpy(to + i, &kHexPairs[number & 255], 2);
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
