// The argument vector and the environment: two lists of strings with the same shape.
#include <algorithm>

#include "wasi/call.h"

namespace wherry::wasi {

namespace {

uint64_t bytes_with_zeros(const std::vector<std::string>& strings) {
  uint64_t bytes = 0;
  for (const std::string& text : strings) bytes += text.size() + 1;
  return bytes;
}

// A pointer a string at argument 0, the strings with their zero bytes at argument 1.
Errno store_strings(Call& call, const std::vector<std::string>& strings) {
  uint32_t pointers = call.u32(0);
  uint32_t text = call.u32(1);
  uint8_t* to = call.memory.at(text, bytes_with_zeros(strings));
  if (to == nullptr || !call.memory.at(pointers, strings.size() * sizeof(uint32_t))) {
    return Errno::kFault;
  }
  for (const std::string& string : strings) {
    if (!call.memory.store(pointers, text)) return Errno::kFault;
    to = std::copy_n(string.c_str(), string.size() + 1, to);
    pointers += sizeof(uint32_t);
    text += static_cast<uint32_t>(string.size() + 1);
  }
  return Errno::kSuccess;
}

Errno store_sizes(Call& call, const std::vector<std::string>& strings) {
  auto count = static_cast<uint32_t>(strings.size());
  auto bytes = static_cast<uint32_t>(bytes_with_zeros(strings));
  bool stored = call.memory.store(call.u32(0), count) && call.memory.store(call.u32(1), bytes);
  return stored ? Errno::kSuccess : Errno::kFault;
}

}  // namespace

Errno args_get(Call& call) { return store_strings(call, call.world.arguments()); }
Errno args_sizes_get(Call& call) { return store_sizes(call, call.world.arguments()); }
Errno environ_get(Call& call) { return store_strings(call, call.world.environment()); }
Errno environ_sizes_get(Call& call) { return store_sizes(call, call.world.environment()); }

}  // namespace wherry::wasi
