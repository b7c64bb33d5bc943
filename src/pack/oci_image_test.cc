#include "pack/oci_image.h"

#include <gtest/gtest.h>

#include "base/sha256.h"

namespace wherry::pack {
namespace {

ByteVector image() {
  ImageConfig config;
  config.name = "greet:latest";
  config.entrypoint = {"/function/wherry-host"};
  config.user = "65532:65532";
  config.port = 8080;
  return write_image(config, {{"function/wherry-host", {1, 2, 3}, true}}).value();
}

TEST(OciImage, IsTheSameForTheSameEntries) { EXPECT_EQ(image(), image()); }

TEST(OciImage, SaysHowItIsStarted) {
  const std::string text(as_text(image()));
  for (const char* part :
       {"\"Entrypoint\":[\"/function/wherry-host\"]", "\"User\":\"65532:65532\"",
        "\"ExposedPorts\":{\"8080/tcp\":{}}", "\"architecture\":\"amd64\"",
        "\"RepoTags\":[\"greet:latest\"]", "{\"imageLayoutVersion\":\"1.0.0\"}"}) {
    EXPECT_NE(text.find(part), text.npos) << part;
  }
}

TEST(OciImage, AnArtifactIsTheModule) {
  const ByteVector module = {0, 'a', 's', 'm'};
  const std::string text(as_text(write_wasm_artifact("greet:latest", module).value()));
  EXPECT_NE(text.find("\"layerDigests\":[\"sha256:" + to_hex(sha256(module))), text.npos);
  EXPECT_NE(text.find("application/vnd.wasm.config.v0+json"), text.npos);
}

}  // namespace
}  // namespace wherry::pack
