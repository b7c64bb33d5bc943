#include "http/body_decoder.h"

#include <gtest/gtest.h>

#include <string>

namespace wherry::http {
namespace {

using Outcome = BodyDecoder::Outcome;

struct Decoded {
  Outcome outcome = Outcome::kMore;
  std::string data;
  size_t taken = 0;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(BodyDecoder decoder, std::string_view input, size_t piece = SIZE_MAX) {
  Decoded decoded;
  while (decoded.outcome == Outcome::kMore && decoded.taken < input.size()) {
    auto step = decoder.step(input.substr(decoded.taken, piece));
    decoded.outcome = step.outcome;
    decoded.data += step.data;
    decoded.taken += step.taken;
  }
  if (decoder.is_done()) decoded.outcome = Outcome::kDone;
  return decoded;
}

TEST(BodyDecoder, EndsWithTheLength) {
  EXPECT_TRUE(BodyDecoder::of_length(0).is_done());
  EXPECT_TRUE(BodyDecoder().is_done());
  EXPECT_EQ(decode(BodyDecoder::of_length(3), "abcdef"), (Decoded{Outcome::kDone, "abc", 3}));
  EXPECT_EQ(decode(BodyDecoder::of_length(7), "abcdef"), (Decoded{Outcome::kMore, "abcdef", 6}));
}

TEST(BodyDecoder, ReadsChunksHoweverTheyAreCut) {
  std::string_view text =
      "3\r\nabc\r\n00A;name=\"va lue\"\r\n0123456789\r\n0;last\r\nTrailer: of it\r\nB:\r\n\r\nNEXT";
  for (size_t piece = 1; piece < 30; piece++) {
    Decoded decoded = decode(BodyDecoder::chunked(100), text, piece);
    EXPECT_EQ(decoded, (Decoded{Outcome::kDone, "abc0123456789", text.size() - 4})) << piece;
  }
}

TEST(BodyDecoder, RefusesMalformedChunks) {
  for (std::string_view text : {"\r\n",
                                ";a\r\n",
                                "g\r\n",
                                "-1\r\n",
                                "+1\r\na\r\n",
                                "0x1\r\na\r\n",
                                " 1\r\na\r\n",
                                "1 \r\na\r\n",
                                "1\na\r\n",
                                "1\r\nab\r\n",
                                "1\r\na\n",
                                "1\r\na\rx",
                                "1\rx",
                                "00000000000000001\r\na\r\n",
                                "1;\x01\r\na\r\n",
                                "1;a\nb\r\n",
                                "0\r\n\n",
                                "0\r\n: a\r\n",
                                "0\r\n a\r\n\r\n",
                                "0\r\na\x01: b\r\n\r\n",
                                "0\r\na: b\rc\r\n",
                                "0\r\n\rx"}) {
    EXPECT_EQ(decode(BodyDecoder::chunked(100), text).outcome, Outcome::kMalformed) << text;
  }
}

TEST(BodyDecoder, LimitsDataByWhatIsAnnounced) {
  EXPECT_EQ(decode(BodyDecoder::chunked(5), "5\r\nabcde\r\n0\r\n\r\n").outcome, Outcome::kDone);
  EXPECT_EQ(decode(BodyDecoder::chunked(5), "6\r\n").outcome, Outcome::kTooLarge);
  EXPECT_EQ(decode(BodyDecoder::chunked(5), "3\r\nabc\r\n3\r\n").outcome, Outcome::kTooLarge);
  EXPECT_EQ(decode(BodyDecoder::chunked(5), "ffffffffffffffff\r\n").outcome, Outcome::kTooLarge);
}

TEST(BodyDecoder, LimitsWhatIsNotData) {
  std::string long_text(20'000, 'a');
  EXPECT_EQ(decode(BodyDecoder::chunked(5), "1;" + long_text).outcome, Outcome::kMalformed);
  EXPECT_EQ(decode(BodyDecoder::chunked(5), "0\r\n" + long_text).outcome, Outcome::kMalformed);
  std::string many;
  for (int i = 0; i < 10'000; i++) many += "1;xx\r\na\r\n";
  EXPECT_EQ(decode(BodyDecoder::chunked(1'000'000), many).outcome, Outcome::kMalformed);
}

TEST(BodyDecoder, MayGoOnUntilTheEndOfTheConnection) {
  BodyDecoder decoder = BodyDecoder::until_close(5);
  EXPECT_TRUE(decoder.may_end_here());
  EXPECT_EQ(decode(decoder, "abc"), (Decoded{Outcome::kMore, "abc", 3}));
  EXPECT_EQ(decode(decoder, "abcdef").outcome, Outcome::kTooLarge);
  EXPECT_FALSE(BodyDecoder::of_length(1).may_end_here());
}

}  // namespace
}  // namespace wherry::http
