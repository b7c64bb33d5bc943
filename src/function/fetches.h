// The calls that one invocation makes to other hosts, and the functions of `wherry_1` for them,
// which modules of all ABIs may import. docs/function-abi.md is their contract.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "function/outbound_host.h"
#include "http/outbound.h"
#include "wasi/preview1.h"

namespace wherry::function {

// Used by one thread at a time, as its guest is.
class Fetches {
 public:
  // `client`: null if this program has none; outlives this.
  Fetches(OutboundRules rules, http::Outbound* client)
      : rules_(std::move(rules)), client_(client) {}

  // The number of a call that is under way, or a negative http::OutboundFailure.
  int32_t begin(std::string_view method, std::string_view url, std::string_view headers,
                std::string_view body);
  // Null: there is none of this number.
  http::OutboundCall* find(int32_t number);
  // What went wrong with the call; for a number that is none, with the last that was not begun.
  std::string_view error_of(int32_t number);
  void close(int32_t number) { calls_.erase(number); }

  // What the guest waits for, while it is suspended in one of the functions.
  http::OutboundCall* awaited() const { return awaited_; }
  void set_awaited(http::OutboundCall* call) { awaited_ = call; }

  // Ends all of them.
  void renew();

 private:
  int32_t refuse(http::OutboundFailure failure, std::string why);

  const OutboundRules rules_;
  http::Outbound* client_;
  std::map<int32_t, std::unique_ptr<http::OutboundCall>> calls_;
  int32_t next_ = 1;
  http::OutboundCall* awaited_ = nullptr;
  std::string refusal_;
};

// Null if there is none of that name.
const wasi::Preview1Function* find_fetch_function(std::string_view name);

}  // namespace wherry::function
