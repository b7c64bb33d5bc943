#include "pack/zip.h"

#include <archive.h>
#include <archive_entry.h>

#include <memory>
#include <optional>

namespace wherry::pack {

namespace {

struct FreeArchive {
  void operator()(archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<archive, FreeArchive>;

constexpr size_t kNamesToShow = 5;

// For messages: what cannot be shown becomes `?`.
std::string name_of(archive_entry* entry) {
  const char* name = archive_entry_pathname_utf8(entry);
  if (name == nullptr) name = archive_entry_pathname(entry);
  if (name == nullptr) return "?";
  std::string text(name);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
  }
  return text;
}

Error broken(archive* reader) {
  const char* why = archive_error_string(reader);
  return make_error(ErrorKind::kInvalid, "damaged zip archive: {}", why ? why : "unknown reason");
}

Result<ByteVector> read_entry(archive* reader, const std::string& name, uint64_t limit_bytes) {
  ByteVector out;
  uint8_t buffer[64 * 1024];
  for (;;) {
    la_ssize_t got = archive_read_data(reader, buffer, sizeof buffer);
    if (got < 0) return broken(reader).with_context(name);
    if (got == 0) return out;
    if (static_cast<uint64_t>(got) > limit_bytes - out.size()) {
      return make_error(ErrorKind::kLimit,
                        "{} in the zip archive: larger than the limit of {} bytes", name,
                        limit_bytes);
    }
    out.insert(out.end(), buffer, buffer + got);
  }
}

Error no_wasm(const std::vector<std::string>& names) {
  if (names.empty()) return make_error(ErrorKind::kInvalid, "the zip archive is empty");
  std::string list;
  for (size_t i = 0; i < names.size() && i < kNamesToShow; i++) {
    list += (i > 0 ? ", " : "") + names[i];
  }
  if (names.size() > kNamesToShow) list += fmt::format(" and {} more", names.size() - kNamesToShow);
  return make_error(ErrorKind::kInvalid, "no .wasm in the zip archive, only {}", list)
      .with_hint("put one WebAssembly module into it");
}

// macOS puts a shadow of every file into its archives.
bool is_shadow(const std::string& name) { return name.starts_with("__MACOSX/"); }

}  // namespace

bool looks_like_zip(Bytes bytes) {
  std::string_view text = as_text(bytes);
  return text.starts_with("PK\x03\x04") || text.starts_with("PK\x05\x06");
}

Result<ByteVector> only_wasm_in_zip(Bytes zip, uint64_t limit_bytes) {
  Reader reader(archive_read_new());
  // The seekable reader goes by the central directory, as every other tool does; the streaming one
  // would see entries that those do not.
  if (!reader || archive_read_support_format_zip_seekable(reader.get()) != ARCHIVE_OK ||
      archive_read_open_memory(reader.get(), zip.data(), zip.size()) != ARCHIVE_OK) {
    return broken(reader.get());
  }
  std::vector<std::string> names;
  std::optional<ByteVector> module;
  std::string module_name;
  for (;;) {
    archive_entry* entry = nullptr;
    int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) break;
    if (status != ARCHIVE_OK && status != ARCHIVE_WARN) return broken(reader.get());
    if (names.size() >= kMaxZipEntries) {
      return make_error(ErrorKind::kLimit, "the zip archive has more than {} entries",
                        kMaxZipEntries);
    }
    if (archive_entry_filetype(entry) == AE_IFDIR) continue;
    std::string name = name_of(entry);
    names.push_back(name);
    if (!name.ends_with(".wasm") || is_shadow(name)) continue;
    if (module) {
      return make_error(ErrorKind::kInvalid, "more than one .wasm in the zip archive: {} and {}",
                        module_name, name);
    }
    if (archive_entry_is_encrypted(entry)) {
      return make_error(ErrorKind::kUnsupported, "{} in the zip archive is encrypted", name);
    }
    module = TRY(read_entry(reader.get(), name, limit_bytes));
    module_name = name;
  }
  if (!module) return no_wasm(names);
  return std::move(*module);
}

}  // namespace wherry::pack
