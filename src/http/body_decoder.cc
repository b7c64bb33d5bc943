#include "http/body_decoder.h"

#include <algorithm>

#include "http/characters.h"

namespace wherry::http {

namespace {

// Nobody uses extensions or trailers here; enough to skip honest ones.
constexpr uint32_t kMaxOverheadBytes = 16 * 1024;
constexpr unsigned kMaxSizeDigits = 16;

}  // namespace

BodyDecoder BodyDecoder::of_length(uint64_t length) {
  BodyDecoder decoder;
  decoder.state_ = length == 0 ? State::kDone : State::kLength;
  decoder.left_ = length;
  return decoder;
}

BodyDecoder BodyDecoder::chunked(uint64_t limit_bytes) {
  BodyDecoder decoder;
  decoder.state_ = State::kSize;
  decoder.limit_ = limit_bytes;
  return decoder;
}

BodyDecoder BodyDecoder::until_close(uint64_t limit_bytes) {
  BodyDecoder decoder;
  decoder.state_ = State::kUntilClose;
  decoder.limit_ = limit_bytes;
  return decoder;
}

BodyDecoder::Step BodyDecoder::step(std::string_view input) {
  if (state_ == State::kDone) return {Outcome::kDone, 0, {}};
  for (size_t i = 0; i < input.size(); i++) {
    if (state_ == State::kLength || state_ == State::kData || state_ == State::kUntilClose) {
      Step step = take_data(input.substr(i));
      step.taken += i;
      return step;
    }
    Outcome outcome = state_ >= State::kTrailer ? take_trailer_character(input[i])
                                                : take_line_character(input[i]);
    if (outcome != Outcome::kMore) return {outcome, i + 1, {}};
  }
  return {Outcome::kMore, input.size(), {}};
}

BodyDecoder::Step BodyDecoder::take_data(std::string_view input) {
  if (state_ == State::kUntilClose) {
    if (input.size() > limit_) return {Outcome::kTooLarge, 0, {}};
    limit_ -= input.size();
    return {Outcome::kMore, input.size(), input};
  }
  size_t size = std::min<uint64_t>(left_, input.size());
  left_ -= size;
  if (left_ == 0) state_ = state_ == State::kData ? State::kDataReturn : State::kDone;
  return {is_done() ? Outcome::kDone : Outcome::kMore, size, input.substr(0, size)};
}

// Around a chunk: `1f;extension=value CR LF`, its data, `CR LF`.
BodyDecoder::Outcome BodyDecoder::take_line_character(char c) {
  switch (state_) {
    case State::kSize:
      if (int value = hex_value(c); value >= 0) {
        if (++digits_ > kMaxSizeDigits) return Outcome::kMalformed;
        left_ = left_ * 16 + static_cast<unsigned>(value);
        return Outcome::kMore;
      }
      if (digits_ == 0 || (c != '\r' && c != ';')) return Outcome::kMalformed;
      state_ = c == '\r' ? State::kSizeFeed : State::kExtension;
      return Outcome::kMore;
    case State::kExtension:
      if (c == '\r') {
        state_ = State::kSizeFeed;
        return Outcome::kMore;
      }
      if (!is_value_character(c) || ++overhead_ > kMaxOverheadBytes) return Outcome::kMalformed;
      return Outcome::kMore;
    case State::kSizeFeed: return c == '\n' ? size_is_complete() : Outcome::kMalformed;
    case State::kDataReturn:
      state_ = State::kDataFeed;
      return c == '\r' ? Outcome::kMore : Outcome::kMalformed;
    default:  // kDataFeed
      state_ = State::kSize;
      return c == '\n' ? Outcome::kMore : Outcome::kMalformed;
  }
}

BodyDecoder::Outcome BodyDecoder::size_is_complete() {
  digits_ = 0;
  if (left_ > limit_) return Outcome::kTooLarge;
  limit_ -= left_;
  state_ = left_ == 0 ? State::kTrailer : State::kData;
  return Outcome::kMore;
}

// Lines `name: value CR LF` that nobody looks at, and an empty one.
BodyDecoder::Outcome BodyDecoder::take_trailer_character(char c) {
  if (++overhead_ > kMaxOverheadBytes) return Outcome::kMalformed;
  switch (state_) {
    case State::kTrailer:
      if (c == '\r') {
        state_ = State::kTrailersFeed;
        return Outcome::kMore;
      }
      state_ = State::kTrailerLine;
      return is_token_character(c) ? Outcome::kMore : Outcome::kMalformed;
    case State::kTrailerLine:
      if (c == '\r') {
        state_ = State::kTrailerFeed;
        return Outcome::kMore;
      }
      return is_value_character(c) ? Outcome::kMore : Outcome::kMalformed;
    case State::kTrailerFeed:
      state_ = State::kTrailer;
      return c == '\n' ? Outcome::kMore : Outcome::kMalformed;
    default:  // kTrailersFeed
      if (c != '\n') return Outcome::kMalformed;
      state_ = State::kDone;
      return Outcome::kDone;
  }
}

}  // namespace wherry::http
