// Heads of requests and responses: the start line and the header fields, RFC 9112 sections 2 to 6.
// Strict: what two implementations could read differently (a lone line feed, folded lines, spaces
// before the colon, two lengths) is refused, since that is how requests are smuggled past proxies.
//
// Pure functions of bytes, fed as they arrive. A line is judged as soon as it is complete.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace wherry::http {

struct Refusal {
  unsigned status = 400;
  std::string why;
};

inline constexpr size_t kMaxHeaders = 100;

// What both kinds of heads have: lines, and fields that say how long the body is.
class HeadParser {
 public:
  enum class Outcome : uint8_t { kMore, kDone, kRefused };

  // `head`: all bytes since the head's first, each time more of them. It may have moved in memory.
  Outcome parse(std::string_view head);

  // After kRefused.
  const Refusal& refusal() const { return refusal_; }
  // After kDone: how many bytes the head is.
  size_t size_bytes() const { return line_start_; }
  std::optional<uint64_t> content_length() const { return content_length_; }
  bool is_chunked() const { return is_chunked_; }
  bool keep_alive() const { return keep_alive_; }
  // The value of Expect, or empty.
  const std::string& expectation() const { return expectation_; }

 protected:
  HeadParser() = default;
  ~HeadParser() = default;

  void reset(std::vector<Header>* headers);
  virtual bool parse_start_line(std::string_view line) = 0;
  virtual bool finish() = 0;
  bool refuse(unsigned status, std::string_view why);
  bool parse_version(std::string_view version);

  std::vector<Header>* headers_ = nullptr;
  size_t header_count_ = 0;
  const std::string* host_ = nullptr;  // valid in finish()
  bool is_http_1_0_ = false;
  bool keep_alive_ = true;
  bool is_chunked_ = false;

 private:
  bool parse_line(std::string_view line);
  bool parse_field(std::string_view line);
  bool note_field(const Header& header);
  bool note_length(std::string_view value);
  bool note_encoding(std::string_view value);
  bool note_host();
  bool end();

  Refusal refusal_;
  size_t line_start_ = 0, searched_ = 0;
  bool has_start_line_ = false, says_close_ = false, says_keep_alive_ = false;
  unsigned hosts_ = 0;
  size_t host_index_ = 0;
  std::optional<uint64_t> content_length_;
  std::string expectation_;
};

class RequestHeadParser final : public HeadParser {
 public:
  // Fills `request` (all but the body), whose memory it uses again.
  void reset(Request* request);

 private:
  bool parse_start_line(std::string_view line) override;
  bool finish() override;
  bool parse_target(std::string_view target);

  Request* request_ = nullptr;
  std::string authority_;  // of a target such as http://host/path
};

class ResponseHeadParser final : public HeadParser {
 public:
  void reset(Response* response);

 private:
  bool parse_start_line(std::string_view line) override;
  bool finish() override;

  Response* response_ = nullptr;
};

// Decimal digits only; nothing on anything else or overflow.
std::optional<uint64_t> parse_decimal(std::string_view text);

}  // namespace wherry::http
