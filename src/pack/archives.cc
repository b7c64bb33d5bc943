#include "pack/archives.h"

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include <memory>
#include <set>

namespace wherry::pack {

namespace {

constexpr time_t kTime = 315'532'800;  // 1980-01-01, the first that zip archives know

struct FreeArchive {
  void operator()(archive* writer) const { archive_write_free(writer); }
};
using Writer = std::unique_ptr<archive, FreeArchive>;
struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};

Error failed(archive* writer) {
  const char* why = archive_error_string(writer);
  return make_error(ErrorKind::kInternal, "cannot write an archive: {}", why ? why : "no reason");
}

la_ssize_t append(archive*, void* to, const void* bytes, size_t count) {
  auto* from = static_cast<const uint8_t*>(bytes);
  static_cast<ByteVector*>(to)->insert(static_cast<ByteVector*>(to)->end(), from, from + count);
  return static_cast<la_ssize_t>(count);
}

Status write_entry(archive* writer, const std::string& path, Bytes contents, unsigned type,
                   unsigned mode) {
  std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
  archive_entry_set_pathname_utf8(entry.get(), path.c_str());
  archive_entry_set_filetype(entry.get(), type);
  archive_entry_set_perm(entry.get(), mode);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(contents.size()));
  archive_entry_set_mtime(entry.get(), kTime, 0);
  archive_entry_set_uid(entry.get(), 0);
  archive_entry_set_gid(entry.get(), 0);
  if (archive_write_header(writer, entry.get()) != ARCHIVE_OK) return failed(writer);
  if (contents.empty()) return ok_status();
  if (archive_write_data(writer, contents.data(), contents.size()) !=
      static_cast<la_ssize_t>(contents.size())) {
    return failed(writer);
  }
  return ok_status();
}

Status open_writer(archive* writer, ByteVector& to) {
  // No padding at the end to a block's size.
  archive_write_set_bytes_in_last_block(writer, 1);
  if (archive_write_open(writer, &to, nullptr, append, nullptr) != ARCHIVE_OK)
    return failed(writer);
  return ok_status();
}

Status close(archive* writer) {
  return archive_write_close(writer) == ARCHIVE_OK ? ok_status() : failed(writer);
}

unsigned mode_of(const Entry& entry) { return entry.is_executable ? 0755 : 0644; }

std::set<std::string> directories_of(const std::vector<Entry>& entries) {
  std::set<std::string> directories;
  for (const Entry& entry : entries) {
    for (size_t slash = 0; (slash = entry.path.find('/', slash)) != entry.path.npos; slash++) {
      directories.insert(entry.path.substr(0, slash + 1));
    }
  }
  return directories;
}

}  // namespace

Result<ByteVector> write_zip(const std::vector<Entry>& entries) {
  Writer writer(archive_write_new());
  archive_write_set_format_zip(writer.get());
  archive_write_zip_set_compression_deflate(writer.get());
  ByteVector zip;
  TRY(open_writer(writer.get(), zip));
  for (const Entry& entry : entries) {
    TRY(write_entry(writer.get(), entry.path, entry.contents, AE_IFREG, mode_of(entry)));
  }
  TRY(close(writer.get()));
  return zip;
}

Result<ByteVector> write_tar(const std::vector<Entry>& entries) {
  Writer writer(archive_write_new());
  archive_write_set_format_gnutar(writer.get());
  ByteVector tar;
  TRY(open_writer(writer.get(), tar));
  for (const std::string& directory : directories_of(entries)) {
    TRY(write_entry(writer.get(), directory, {}, AE_IFDIR, 0755));
  }
  for (const Entry& entry : entries) {
    TRY(write_entry(writer.get(), entry.path, entry.contents, AE_IFREG, mode_of(entry)));
  }
  TRY(close(writer.get()));
  return tar;
}

Result<ByteVector> gzip(Bytes bytes) {
  constexpr int kWithGzipHeader = 16 + 15;
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kWithGzipHeader, 9,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return make_error(ErrorKind::kInternal, "cannot compress");
  }
  ByteVector out(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<uint8_t*>(bytes.data());
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  if (result != Z_STREAM_END) return make_error(ErrorKind::kInternal, "cannot compress");
  return out;
}

}  // namespace wherry::pack
