// What a guest gave to a host function of `wherry_1`, and what it gets back.
#pragma once

#include <algorithm>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "function/guest_world.h"
#include "runtime/instance.h"
#include "wasi/guest_memory.h"

namespace wherry::function {

// Arguments by position.
class GuestArguments {
 public:
  explicit GuestArguments(const runtime::HostCall& host) : host_(host) {}

  GuestWorld& guest() const {
    return *static_cast<GuestWorld*>(static_cast<wasi::World*>(host_.environment)->embedder());
  }
  int32_t number(unsigned index) const { return static_cast<int32_t>(host_.arg32(index)); }

  // The door for all of a guest's pointers: the bytes at argument `pointer`, as many as the next
  // argument says. Not there: the guest is to trap.
  std::optional<std::span<uint8_t>> bytes(unsigned pointer) const {
    return bytes_at(host_.arg32(pointer), host_.arg32(pointer + 1));
  }
  std::optional<std::span<uint8_t>> bytes_at(uint32_t address, uint32_t length) const {
    uint8_t* at = wasi::GuestMemory(host_.instance.memory()).at(address, length);
    if (!at) return std::nullopt;
    return std::span<uint8_t>(at, length);
  }
  std::optional<std::string_view> text(unsigned pointer) const {
    auto found = bytes(pointer);
    if (!found) return std::nullopt;
    return std::string_view(reinterpret_cast<const char*>(found->data()), found->size());
  }

  runtime::HostOutcome out_of_bounds() const {
    return host_.trap(contract::TrapCode::kMemoryOutOfBounds);
  }
  runtime::HostOutcome stop(std::string why) const {
    return host_.trap(contract::TrapCode::kHost, std::move(why));
  }
  runtime::HostOutcome give(int32_t value) const {
    host_.slots[0] = static_cast<uint32_t>(value);
    return runtime::HostOutcome::kContinue;
  }
  runtime::HostOutcome give64(int64_t value) const {
    host_.slots[0] = static_cast<uint64_t>(value);
    return runtime::HostOutcome::kContinue;
  }
  // As snprintf: as much as fits, and how much there is.
  runtime::HostOutcome give_text(std::string_view text, std::span<uint8_t> into) const {
    std::memcpy(into.data(), text.data(), std::min(text.size(), into.size()));
    return give(static_cast<int32_t>(text.size()));
  }
  // Name and value as much as fits, and the lengths of both: of the arguments from `first` on.
  runtime::HostOutcome give_header(const http::Header& header, unsigned first) const {
    auto name = bytes(first);
    auto value = bytes(first + 2);
    auto lengths = bytes_at(host_.arg32(first + 4), 2 * sizeof(uint32_t));
    if (!name || !value || !lengths) return out_of_bounds();
    std::memcpy(name->data(), header.name.data(), std::min(name->size(), header.name.size()));
    std::memcpy(value->data(), header.value.data(), std::min(value->size(), header.value.size()));
    const uint32_t both[] = {static_cast<uint32_t>(header.name.size()),
                             static_cast<uint32_t>(header.value.size())};
    std::memcpy(lengths->data(), both, sizeof both);
    return give(0);
  }
  bool may_wait() const { return host_.may_suspend(); }
  runtime::HostOutcome wait() const { return runtime::HostOutcome::kSuspend; }

 private:
  const runtime::HostCall& host_;
};

}  // namespace wherry::function
