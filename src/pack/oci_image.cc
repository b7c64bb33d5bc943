#include "pack/oci_image.h"

#include "base/json.h"
#include "base/sha256.h"

namespace wherry::pack {

namespace {

using nlohmann::ordered_json;

constexpr char kManifestType[] = "application/vnd.oci.image.manifest.v1+json";
constexpr char kTime[] = "1980-01-01T00:00:00Z";

std::string digest_of(Bytes bytes) { return to_hex(sha256(bytes)); }
std::string digest_text(Bytes bytes) { return "sha256:" + digest_of(bytes); }

ByteVector bytes_of(const std::string& text) {
  return {as_bytes(text).begin(), as_bytes(text).end()};
}

// The blobs of a layout, and what leads to them.
class Layout {
 public:
  // Its descriptor.
  ordered_json add(ByteVector blob, const char* media_type) {
    ordered_json descriptor = {
        {"mediaType", media_type}, {"digest", digest_text(blob)}, {"size", blob.size()}};
    entries_.push_back({path_of(blob), std::move(blob)});
    return descriptor;
  }
  ordered_json add(const ordered_json& blob, const char* media_type) {
    return add(bytes_of(write_ordered_json(blob)), media_type);
  }
  static std::string path_of(Bytes blob) { return "blobs/sha256/" + digest_of(blob); }

  Result<ByteVector> finish(ordered_json manifest, const std::string& name) {
    const size_t colon = name.rfind(':');
    manifest["annotations"] = {{"org.opencontainers.image.ref.name", name.substr(colon + 1)},
                               {"io.containerd.image.name", "docker.io/library/" + name}};
    const ordered_json index = {{"schemaVersion", 2},
                                {"mediaType", "application/vnd.oci.image.index.v1+json"},
                                {"manifests", {std::move(manifest)}}};
    entries_.push_back({"index.json", bytes_of(write_ordered_json(index))});
    entries_.push_back({"oci-layout", bytes_of(R"({"imageLayoutVersion":"1.0.0"})")});
    return write_tar(entries_);
  }

  void add_file(std::string path, const ordered_json& contents) {
    entries_.push_back({std::move(path), bytes_of(write_ordered_json(contents))});
  }

 private:
  std::vector<Entry> entries_;
};

ordered_json config_of(const ImageConfig& config, Bytes tar) {
  ordered_json run = ordered_json::object();
  if (!config.user.empty()) run["User"] = config.user;
  if (config.port != 0)
    run["ExposedPorts"] = {{fmt::format("{}/tcp", config.port), ordered_json::object()}};
  run["Entrypoint"] = config.entrypoint;
  if (!config.directory.empty()) run["WorkingDir"] = config.directory;
  return {{"created", kTime},
          {"architecture", config.architecture},
          {"os", config.os},
          {"config", std::move(run)},
          {"rootfs", {{"type", "layers"}, {"diff_ids", {digest_text(tar)}}}},
          {"history", {{{"created", kTime}, {"created_by", "wherry pack"}}}}};
}

}  // namespace

Result<ByteVector> write_image(const ImageConfig& config, const std::vector<Entry>& entries) {
  const ByteVector tar = TRY(write_tar(entries));
  ByteVector compressed = TRY(gzip(tar));
  Layout layout;
  const std::string layer_path = Layout::path_of(compressed);
  const ordered_json config_blob = config_of(config, tar);
  const std::string config_path = Layout::path_of(as_bytes(write_ordered_json(config_blob)));
  const ordered_json layer =
      layout.add(std::move(compressed), "application/vnd.oci.image.layer.v1.tar+gzip");
  const ordered_json manifest = {
      {"schemaVersion", 2},
      {"mediaType", kManifestType},
      {"config", layout.add(config_blob, "application/vnd.oci.image.config.v1+json")},
      {"layers", {layer}}};
  // What `docker load` looks for.
  layout.add_file(
      "manifest.json",
      ordered_json::array(
          {{{"Config", config_path}, {"RepoTags", {config.name}}, {"Layers", {layer_path}}}}));
  return layout.finish(layout.add(manifest, kManifestType), config.name);
}

Result<ByteVector> write_wasm_artifact(const std::string& name, Bytes module) {
  Layout layout;
  const ordered_json config = {{"created", kTime},
                               {"architecture", "wasm"},
                               {"os", "wasip1"},
                               {"layerDigests", {digest_text(module)}}};
  const ordered_json manifest = {
      {"schemaVersion", 2},
      {"mediaType", kManifestType},
      {"config", layout.add(config, "application/vnd.wasm.config.v0+json")},
      {"layers", {layout.add(ByteVector(module.begin(), module.end()), "application/wasm")}}};
  return layout.finish(layout.add(manifest, kManifestType), name);
}

}  // namespace wherry::pack
