// OCI images and artifacts (OCI image-spec 1.1) as archives of an image layout: `podman load`,
// `docker load` and `skopeo copy oci-archive:` read them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "pack/archives.h"

namespace wherry::pack {

struct ImageConfig {
  std::string name;  // `greet:latest`, what `docker load` calls it
  std::string architecture = "amd64";
  std::string os = "linux";
  std::vector<std::string> entrypoint;
  std::string user;       // numeric; empty: none
  std::string directory;  // where the entrypoint starts; empty: /
  unsigned port = 0;      // exposed; 0: none
};

// One layer with the entries; no base.
Result<ByteVector> write_image(const ImageConfig& config, const std::vector<Entry>& entries);

// The module alone, as runtimes for WebAssembly take it (CNCF TAG Runtime: Wasm OCI Artifact).
Result<ByteVector> write_wasm_artifact(const std::string& name, Bytes module);

}  // namespace wherry::pack
