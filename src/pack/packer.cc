#include "pack/packer.h"

#include <algorithm>

#include "base/sha256.h"
#include "function/manifest_writer.h"
#include "pack/function_json.h"
#include "pack/js_files.h"
#include "pack/oci_image.h"
#include "pack/package.h"
#include "pack/requirements.h"
#include "pack/texts.h"
#include "wasm/decode.h"

namespace wherry::pack {

namespace {

using function::FunctionManifest;

constexpr char kInImage[] = "function/";

Entry text_entry(std::string path, const std::string& text) {
  return {std::move(path), {as_bytes(text).begin(), as_bytes(text).end()}};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != text.npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

uint64_t bytes_of(const std::vector<Entry>& entries) {
  uint64_t sum = 0;
  for (const Entry& entry : entries) sum += entry.contents.size();
  return sum;
}

std::string directory_in_package(size_t index) { return fmt::format("files/{}", index); }

// As it is in the package.
FunctionManifest packed_manifest(const TargetInfo& info, const FunctionToPack& function,
                                 const std::string& module_file) {
  FunctionManifest manifest = function.manifest;
  manifest.module = module_file;
  manifest.options.abi = function.abi;
  for (size_t i = 0; i < manifest.options.directories.size(); i++) {
    function::Directory& directory = manifest.options.directories[i];
    const bool is_state = info.target == Target::kSystemd && !directory.read_only;
    directory.host = is_state ? state_directory(function.manifest, i) : directory_in_package(i);
  }
  // No secret goes into a package: the platform gives it to the host.
  for (auto& [name, secret] : manifest.secrets) {
    if (secret.environment.empty()) secret.environment = name;
    secret.path.clear();
  }
  return manifest;
}

std::vector<Entry> packed_files(const FunctionToPack& function) {
  std::vector<Entry> files;
  for (size_t i = 0; i < function.files.size(); i++) {
    for (const Entry& file : function.files[i]) {
      files.push_back({directory_in_package(i) + "/" + file.path, file.contents});
    }
  }
  return files;
}

void prefix_paths(std::vector<Entry>& entries, const std::string& prefix) {
  for (Entry& entry : entries) entry.path.insert(0, prefix);
}

// What the host runs from.
std::vector<Entry> host_entries(const TargetInfo& info, const FunctionToPack& function) {
  std::vector<Entry> entries = packed_files(function);
  entries.push_back({kPackagedModule, function.artifact});
  entries.push_back(text_entry(kPackagedManifest, function::manifest_toml(packed_manifest(
                                                      info, function, kPackagedModule))));
  entries.push_back({info.host, function.host, true});
  std::ranges::sort(entries, {}, &Entry::path);
  PackageList list{info.name, {}};
  for (const Entry& entry : entries) {
    // The host is what checks the others, at every start.
    if (entry.path != info.host) {
      list.files.push_back(describe_file(entry.path, entry.contents));
    }
  }
  entries.push_back(text_entry(kPackageFile, write_package_list(list)));
  return entries;
}

Result<std::vector<Entry>> js_entries(const TargetInfo& info, const FunctionToPack& function,
                                      const wasm::Module& module) {
  const std::string& name = function.manifest.options.name;
  const std::string module_file =
      (info.target == Target::kCloudflare ? to_hex(sha256(function.module)) : name) + ".wasm";
  const auto filled_in = [&](std::string text) {
    text = replaced(std::move(text), "@MODULE_FILE@", module_file);
    return replaced(std::move(text), "@NAME_LOWER@", plain_name(name));
  };
  const auto all = TRY(parse_json(as_text(TRY(js_file("targets.json")))));
  const auto& target = all.at(info.name);
  std::vector<Entry> entries;
  const auto add = [&entries](const std::string& path, Bytes contents) {
    entries.push_back({path, {contents.begin(), contents.end()}});
  };
  for (const auto& [path, source] : target.at("files").items()) {
    add(path, TRY(js_file(source.get<std::string>())));
  }
  for (const auto& list : target.at("shared")) {
    for (const auto& path : all.at("shared").at(list.get<std::string>())) {
      add(path.get<std::string>(), TRY(js_file(path.get<std::string>())));
    }
  }
  for (const auto& [path, source] : target.at("generated").items()) {
    if (source.is_null()) continue;
    std::string text(as_text(TRY(js_file(source.get<std::string>()))));
    entries.push_back(text_entry(filled_in(path), filled_in(std::move(text))));
  }
  const std::vector<Entry> files = packed_files(function);
  entries.insert(entries.end(), files.begin(), files.end());
  add(module_file, function.module);
  FunctionManifest manifest = packed_manifest(info, function, module_file);
  entries.push_back(text_entry(
      "function.json", function_json(info, manifest, module, function.module, module_file, files)));
  std::ranges::sort(entries, {}, &Entry::path);
  return entries;
}

Result<ByteVector> host_image(const TargetInfo& info, const FunctionToPack& function) {
  std::vector<Entry> entries = host_entries(info, function);
  prefix_paths(entries, kInImage);
  ImageConfig config;
  config.name = plain_name(function.manifest.options.name) + ":latest";
  config.entrypoint = {std::string("/") + kInImage + info.host};
  config.user = "65532:65532";
  config.directory = std::string("/") + kInImage;
  config.directory.pop_back();
  config.port = 8080;
  return write_image(config, entries);
}

// Image and wasm artifact of the module itself.
Result<std::vector<Entry>> module_entries(const FunctionToPack& function) {
  const std::string name = plain_name(function.manifest.options.name);
  ImageConfig config;
  config.name = name + ":latest";
  config.architecture = "wasm";
  config.os = "wasip1";
  config.entrypoint = {"/" + name + ".wasm"};
  return std::vector<Entry>{
      {"artifact.tar", TRY(write_wasm_artifact(config.name, function.module))},
      {"image.tar", TRY(write_image(config, {{name + ".wasm", function.module, true}}))}};
}

const char* next_command(Target target) {
  switch (target) {
    case Target::kOpenwhisk:
      return "skopeo copy oci-archive:@OUT@ docker://REGISTRY/@NAME@ && wsk action create @NAME@ "
             "--docker REGISTRY/@NAME@@WEB@";
    case Target::kOpenwhiskNative: return "wsk action create @NAME@ @OUT@ --native@WEB@";
    case Target::kOpenwhiskNodejs: return "wsk action create @NAME@ @OUT@ --kind nodejs:20@WEB@";
    case Target::kLambda:
      return "aws lambda create-function --function-name @NAME@ --runtime provided.al2023 "
             "--architectures x86_64 --handler bootstrap --zip-file fileb://@OUT@ --role ROLE_ARN";
    case Target::kLambdaNodejs:
      return "aws lambda create-function --function-name @NAME@ --runtime nodejs22.x --handler "
             "index.handler --zip-file fileb://@OUT@ --role ROLE_ARN";
    case Target::kKnative:
      return "skopeo copy oci-archive:@OUT@/image.tar docker://REGISTRY/@NAME@ && kubectl apply -f "
             "@OUT@/service.yaml";
    case Target::kKubernetes:
      return "skopeo copy oci-archive:@OUT@/image.tar docker://REGISTRY/@NAME@ && kubectl apply -f "
             "@OUT@/deployment.yaml";
    case Target::kAzure:
      return "az functionapp deployment source config-zip --resource-group GROUP --name APP --src "
             "@OUT@";
    case Target::kCloudflare: return "cd @OUT@ && npx wrangler deploy";
    case Target::kNode: return "node @OUT@/server.mjs";
    case Target::kOci: return "skopeo copy oci-archive:@OUT@/artifact.tar docker://REGISTRY/@NAME@";
    case Target::kSystemd:
      return "sudo cp -r @OUT@/@NAME@ /opt/ && sudo cp @OUT@/@NAME@.service @OUT@/@NAME@.socket "
             "/etc/systemd/system/ && sudo systemctl enable --now @NAME@.socket";
  }
  return "";
}

// The files of a target's package, before they become an archive.
Result<std::vector<Entry>> entries_of(const TargetInfo& info, const FunctionToPack& function,
                                      const wasm::Module& module) {
  const FunctionManifest manifest = packed_manifest(info, function, kPackagedModule);
  const std::string name = plain_name(manifest.options.name);
  switch (info.target) {
    case Target::kOpenwhiskNodejs:
    case Target::kLambdaNodejs:
    case Target::kCloudflare:
    case Target::kNode: return js_entries(info, function, module);
    case Target::kOci: return module_entries(function);
    case Target::kKnative:
      return std::vector<Entry>{{"image.tar", TRY(host_image(info, function))},
                                text_entry("service.yaml", knative_service(manifest))};
    case Target::kKubernetes:
      return std::vector<Entry>{text_entry("deployment.yaml", kubernetes_objects(manifest)),
                                {"image.tar", TRY(host_image(info, function))}};
    default: break;
  }
  std::vector<Entry> entries = host_entries(info, function);
  if (info.target == Target::kAzure) {
    entries.push_back(text_entry("host.json", azure_host()));
    entries.push_back(text_entry(name + "/function.json", azure_function()));
  }
  if (info.target == Target::kSystemd) {
    prefix_paths(entries, name + "/");
    entries.push_back(text_entry(name + ".service", systemd_service(manifest)));
    entries.push_back(text_entry(name + ".socket", systemd_socket(manifest)));
  }
  std::ranges::sort(entries, {}, &Entry::path);
  return entries;
}

}  // namespace

Result<Package> make_package(const TargetInfo& info, const FunctionToPack& function) {
  const wasm::Module module = TRY(wasm::decode(function.module, wasm::Features::all()));
  TRY(check_platform_has(info, function, module));
  Package package;
  package.next =
      replaced(next_command(info.target), "@NAME@", plain_name(function.manifest.options.name));
  // As a web action it is given the request itself.
  package.next = replaced(std::move(package.next), "@WEB@",
                          function::speaks_http(function.abi) ? " --web raw" : "");
  if (info.target == Target::kOpenwhisk) {
    package.unpacked_bytes = bytes_of(host_entries(info, function));
    package.entries = {{"", TRY(host_image(info, function))}};
    return package;
  }
  package.entries = TRY(entries_of(info, function, module));
  package.unpacked_bytes = bytes_of(package.entries);
  const ByteVector zip = TRY(write_zip(package.entries));
  TRY(check_package_size(info, zip.size(), package.unpacked_bytes));
  package.contents = package.entries;
  if (std::string_view(info.ending) == ".zip") package.entries = {{"", zip}};
  return package;
}

}  // namespace wherry::pack
