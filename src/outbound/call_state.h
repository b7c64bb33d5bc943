// A call as its two sides share it: the poller's thread, which fills it, and whoever made the call.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "http/outbound.h"

namespace wherry::outbound {

class CallState {
 public:
  explicit CallState(http::OutboundRequest request) : request_(std::move(request)) {}
  CallState(const CallState&) = delete;

  const http::OutboundRequest& request() const { return request_; }

  // For whoever made the call: see OutboundCall.
  using State = http::OutboundCall::State;
  State head();
  const http::Response& response() const { return response_; }
  // `has_room`: whether on_room is to be called, on the poller's thread.
  http::OutboundCall::Read read(std::span<uint8_t> into, bool& has_room);
  const http::OutboundError& error() const { return error_; }
  void wake(std::function<void()> again);
  // Nothing is of interest any more: `again` will not be called, but may be running.
  void abandon();

  // For the poller's thread.
  void deliver_head(http::Response response);
  // False: enough for now, wait for on_room.
  bool deliver(std::string_view data);
  void end();
  void fail(http::OutboundError error);

  // What whoever has the call at the moment does about it. For the poller's thread, as is the rest.
  std::function<void()> on_cancel, on_room;
  bool was_sent_again = false;

 private:
  void tell(std::unique_lock<std::mutex> lock);

  const http::OutboundRequest request_;
  // Written before what they belong to is told of, and not changed after.
  http::Response response_;
  http::OutboundError error_;

  std::mutex mutex_;  // guards the rest
  bool has_head_ = false, has_ended_ = false, has_failed_ = false;
  std::string body_;  // what has come and not been read, from `taken_` on
  size_t taken_ = 0;
  bool is_full_ = false;     // deliver() said so, and on_room has not been asked for yet
  bool is_waiting_ = false;  // kWait was said, and nothing has come since
  std::function<void()> again_;
};

}  // namespace wherry::outbound
