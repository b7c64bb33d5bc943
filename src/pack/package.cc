#include "pack/package.h"

#define XXH_INLINE_ALL
#include <sys/stat.h>
#include <xxhash.h>

#include <cerrno>

#include "base/files.h"
#include "base/json.h"

namespace wherry::pack {

namespace {

using nlohmann::ordered_json;

constexpr int kVersion = 1;
constexpr uint64_t kMaxListBytes = 64 << 20;
constexpr char kPackAgain[] = "pack the function again: wherry pack --for TARGET FUNCTION -o OUT";

std::string checksum_of(Bytes bytes) {
  return fmt::format("{:016x}", XXH3_64bits(bytes.data(), bytes.size()));
}

Error refuse(const std::string& name, std::string_view why) {
  return make_error(ErrorKind::kInvalid, "{}: {}", name, why).with_hint(kPackAgain);
}

ordered_json contents_of(const PackageList& list) {
  ordered_json files = ordered_json::array();
  for (const PackageFile& file : list.files) {
    files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"xxh3", file.checksum}});
  }
  return {{"wherry_package", kVersion}, {"target", list.target}, {"files", std::move(files)}};
}

// In the directory, and nowhere else.
bool is_inside(const std::string& path) {
  return !path.empty() && path[0] != '/' && ("/" + path + "/").find("/../") == std::string::npos;
}

const nlohmann::json* member(const nlohmann::json& object, const char* name) {
  auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string text_of(const nlohmann::json& object, const char* name) {
  const auto* value = member(object, name);
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

Status check_file(const std::string& directory, const PackageFile& file) {
  const std::string path = directory + "/" + file.path;
  auto bytes = read_file(path, kMaxPackagedFileBytes);
  if (!bytes.ok()) {
    return refuse(path, "the package is not whole: " + bytes.error().message);
  }
  if (bytes->size() != file.bytes || checksum_of(*bytes) != file.checksum) {
    return refuse(path, "is not the file that was packed");
  }
  return ok_status();
}

}  // namespace

PackageFile describe_file(const std::string& path, Bytes contents) {
  return {path, contents.size(), checksum_of(contents)};
}

std::string write_package_list(const PackageList& list) {
  ordered_json all = contents_of(list);
  const std::string seal = checksum_of(as_bytes(write_ordered_json(all)));
  all["seal"] = seal;
  return all.dump(1) + "\n";
}

Result<PackageList> parse_package_list(std::string_view text, const std::string& name) {
  auto all = parse_json(text);
  if (!all.ok() || !all->is_object()) return refuse(name, "not a list of a package's files");
  const auto* version = member(*all, "wherry_package");
  if (version == nullptr || *version != kVersion) {
    return refuse(name, "of another version of wherry, or not a list of a package's files");
  }
  PackageList list;
  list.target = text_of(*all, "target");
  const auto* files = member(*all, "files");
  for (const auto& file : files != nullptr ? *files : nlohmann::json::array()) {
    const auto* bytes = file.is_object() ? member(file, "bytes") : nullptr;
    const bool has_bytes = bytes != nullptr && bytes->is_number_unsigned();
    PackageFile one{text_of(file.is_object() ? file : nlohmann::json::object(), "path"),
                    has_bytes ? bytes->get<uint64_t>() : 0,
                    text_of(file.is_object() ? file : nlohmann::json::object(), "xxh3")};
    if (!is_inside(one.path)) return refuse(name, "names a file outside of the package");
    list.files.push_back(std::move(one));
  }
  if (text_of(*all, "seal") != checksum_of(as_bytes(write_ordered_json(contents_of(list))))) {
    return refuse(name, "damaged: its seal does not fit");
  }
  return list;
}

Result<std::optional<PackageList>> open_package(const std::string& directory) {
  using Nothing = std::optional<PackageList>;
  const std::string path = directory + "/" + kPackageFile;
  struct stat info;
  if (::stat(path.c_str(), &info) != 0 && errno == ENOENT) return Nothing();
  ByteVector text = TRY(read_file(path, kMaxListBytes));
  PackageList list = TRY(parse_package_list(as_text(text), path));
  for (const PackageFile& file : list.files) TRY(check_file(directory, file));
  return Nothing(std::move(list));
}

}  // namespace wherry::pack
