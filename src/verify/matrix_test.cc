#include "verify/matrix.h"

#include <gtest/gtest.h>

#include "base/json.h"

namespace wherry::verify {
namespace {

Matrix matrix() {
  using State = Cell::State;
  return {"greet",
          {"one", "<two>"},
          {{"lambda", true, "Node", {{State::kSame, ""}, {State::kDifferent, "1 & 2"}}},
           {"azure", true, "a port", {{State::kSame, ""}, {State::kNotSent, "no such event"}}},
           {"oci", false, "no runtime", {}}}};
}

TEST(Matrix, HasADifferenceIfOneDiffers) {
  Matrix all = matrix();
  EXPECT_TRUE(all.has_difference());
  all.rows.erase(all.rows.begin());
  EXPECT_FALSE(all.has_difference());
}

TEST(Matrix, AsTextSaysWhatDiffers) {
  EXPECT_EQ(text_of(matrix()),
            "greet: 2 events, compared with wherry serve\n\n"
            "lambda             1 different Node\n"
            "  <two>: 1 & 2\n"
            "azure              1 same      a port (1 not sent)\n"
            "oci                not run     no runtime\n");
}

TEST(Matrix, AsJsonHasEveryCell) {
  const auto all = nlohmann::json::parse(json_of(matrix()));
  EXPECT_EQ(all["same"], false);
  EXPECT_EQ(all["targets"][0]["events"][1]["result"], "different");
  EXPECT_EQ(all["targets"][0]["events"][1]["why"], "1 & 2");
  EXPECT_EQ(all["targets"][2]["run"], false);
}

TEST(Matrix, AsAPageEscapesWhatItShows) {
  const std::string html = html_of(matrix());
  EXPECT_NE(html.find("&lt;two&gt;"), html.npos);
  EXPECT_EQ(html.find("<two>"), html.npos);
  EXPECT_NE(html.find("title=\"1 &amp; 2\""), html.npos);
}

}  // namespace
}  // namespace wherry::verify
