// Bodies of HTTP messages: of a known length, chunked (RFC 9112 section 7.1), or up to the end of
// the connection. A pure function of bytes, fed as they arrive.
#pragma once

#include <cstdint>
#include <string_view>

namespace wherry::http {

class BodyDecoder {
 public:
  enum class Outcome : uint8_t {
    kMore,       // goes on with what is behind `taken`, if there is more
    kDone,       // the body is complete; what is behind `taken` belongs to the next message
    kTooLarge,   // more than the limit, by what was announced or has come
    kMalformed,  // not chunked as it should be
  };
  struct Step {
    Outcome outcome = Outcome::kMore;
    size_t taken = 0;       // bytes of the input that are done with
    std::string_view data;  // of the body, within the input
  };

  // Nothing is there.
  BodyDecoder() = default;
  static BodyDecoder of_length(uint64_t length);  // the limit is for the caller to check
  static BodyDecoder chunked(uint64_t limit_bytes);
  static BodyDecoder until_close(uint64_t limit_bytes);

  // At most one piece of data a step. With nothing to take (kMore, taken == 0) more input is
  // needed.
  Step step(std::string_view input);

  bool is_done() const { return state_ == State::kDone; }
  // Whether the connection's end is the body's end too.
  bool may_end_here() const { return state_ == State::kDone || state_ == State::kUntilClose; }
  // What is still to come, if that is known, else 0.
  uint64_t bytes_left() const { return left_; }

 private:
  enum class State : uint8_t {
    kDone,
    kLength,
    kUntilClose,
    kSize,       // digits of a chunk's size
    kExtension,  // up to the line's end
    kSizeFeed,   // the line feed of that line
    kData,
    kDataReturn,
    kDataFeed,
    kTrailer,       // at the start of a line behind the last chunk
    kTrailerLine,   // within one
    kTrailerFeed,   // the line feed of one
    kTrailersFeed,  // the line feed of the empty line
  };

  Step take_data(std::string_view input);
  Outcome take_line_character(char c);
  Outcome take_trailer_character(char c);
  Outcome size_is_complete();

  State state_ = State::kDone;
  uint64_t left_ = 0;   // of the length or the chunk
  uint64_t limit_ = 0;  // of all data still to come
  unsigned digits_ = 0;
  uint32_t overhead_ = 0;  // bytes of extensions and trailers
};

}  // namespace wherry::http
