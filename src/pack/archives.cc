// The formats are written out here, because libarchive's zips depend on the time zone, and its tars
// on the locale. Readers that do not know of data descriptors or extra fields can read them, too.
#include "pack/archives.h"

#include <zlib.h>

#include <algorithm>
#include <set>

namespace wherry::pack {

namespace {

constexpr uint64_t kMaxZipBytes = UINT32_MAX;
constexpr size_t kMaxZipEntries = UINT16_MAX - 1;

unsigned mode_of(const Entry& entry) { return entry.is_executable ? 0755 : 0644; }

// `window_bits` is how zlib is told which wrapping the stream has.
Result<ByteVector> deflated(Bytes bytes, int window_bits) {
  if (bytes.size() > UINT32_MAX) {
    return make_error(ErrorKind::kLimit, "{} bytes are more than one archive holds", bytes.size());
  }
  z_stream stream{};
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window_bits, 9, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
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

// ---- zip (PKWARE's APPNOTE 6.3) ----

template <typename T>
void append(ByteVector& to, T value) {
  to.resize(to.size() + sizeof value);
  store_le(to.data() + to.size() - sizeof value, value);
}
void append(ByteVector& to, Bytes bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

class Zip {
 public:
  Status add(const Entry& entry) {
    const ByteVector packed = TRY(deflated(entry.contents, -MAX_WBITS));
    const bool is_stored = packed.size() >= entry.contents.size();
    const Bytes data = is_stored ? Bytes(entry.contents) : Bytes(packed);
    const uint64_t offset = zip_.size();
    if (offset + data.size() + directory_.size() > kMaxZipBytes - (64 << 10)) {
      return make_error(ErrorKind::kLimit, "more than 4 GiB for one zip archive");
    }
    ByteVector facts;  // what local header and directory have in common
    append<uint16_t>(facts, kVersionNeeded);
    append<uint16_t>(facts, kNamesAreUtf8);
    append<uint16_t>(facts, is_stored ? 0 : kDeflate);
    append<uint16_t>(facts, 0);  // 00:00:00
    append<uint16_t>(facts, kFirstDay);
    append<uint32_t>(
        facts, static_cast<uint32_t>(
                   crc32_z(crc32_z(0, nullptr, 0), entry.contents.data(), entry.contents.size())));
    append<uint32_t>(facts, static_cast<uint32_t>(data.size()));
    append<uint32_t>(facts, static_cast<uint32_t>(entry.contents.size()));
    append<uint16_t>(facts, static_cast<uint16_t>(entry.path.size()));
    append<uint16_t>(facts, 0);  // no extra fields

    append<uint32_t>(zip_, 0x04034b50);
    append(zip_, Bytes(facts));
    append(zip_, as_bytes(entry.path));
    append(zip_, data);

    append<uint32_t>(directory_, 0x02014b50);
    append<uint16_t>(directory_, kMadeByUnix);
    append(directory_, Bytes(facts));
    append<uint16_t>(directory_, 0);  // no comment
    append<uint16_t>(directory_, 0);  // the first disk
    append<uint16_t>(directory_, 0);  // not known to be text
    append<uint32_t>(directory_, (kRegularFile | mode_of(entry)) << 16);
    append<uint32_t>(directory_, static_cast<uint32_t>(offset));
    append(directory_, as_bytes(entry.path));
    count_++;
    return ok_status();
  }

  ByteVector finish() {
    const auto offset = static_cast<uint32_t>(zip_.size());
    append(zip_, Bytes(directory_));
    append<uint32_t>(zip_, 0x06054b50);
    append<uint32_t>(zip_, 0);  // the first disk
    append<uint16_t>(zip_, count_);
    append<uint16_t>(zip_, count_);
    append<uint32_t>(zip_, static_cast<uint32_t>(directory_.size()));
    append<uint32_t>(zip_, offset);
    append<uint16_t>(zip_, 0);  // no comment
    return std::move(zip_);
  }

 private:
  static constexpr uint16_t kVersionNeeded = 20, kMadeByUnix = 3 << 8 | 30;
  static constexpr uint16_t kNamesAreUtf8 = 1 << 11, kDeflate = 8;
  static constexpr uint16_t kFirstDay = 1 << 5 | 1;  // 1980-01-01
  static constexpr uint32_t kRegularFile = 0100000;

  ByteVector zip_, directory_;
  uint16_t count_ = 0;
};

// ---- tar (POSIX ustar, with GNU's long names) ----

constexpr size_t kBlockBytes = 512;
constexpr uint64_t kTime = 315'532'800;  // 1980-01-01

class Tar {
 public:
  void add(const std::string& path, Bytes contents, char type, unsigned mode) {
    if (path.size() > kMaxName) {
      std::string text = path + '\0';
      add_member("././@LongLink", as_bytes(text), 'L', 0);
    }
    add_member(path.substr(0, kMaxName), contents, type, mode);
  }

  ByteVector finish() {
    tar_.resize(tar_.size() + 2 * kBlockBytes);
    return std::move(tar_);
  }

 private:
  static constexpr size_t kMaxName = 100;

  void add_member(const std::string& name, Bytes contents, char type, unsigned mode) {
    uint8_t header[kBlockBytes] = {};
    const auto put = [&header](size_t at, std::string_view text) {
      std::memcpy(header + at, text.data(), text.size());
    };
    put(0, name);
    put(100, fmt::format("{:07o}", mode));
    put(108, fmt::format("{:07o}", 0));  // user
    put(116, fmt::format("{:07o}", 0));  // group
    put(124, fmt::format("{:011o}", contents.size()));
    put(136, fmt::format("{:011o}", kTime));
    put(148, "        ");  // what the checksum counts for itself
    header[156] = static_cast<uint8_t>(type);
    put(257, "ustar  ");
    unsigned sum = 0;
    for (uint8_t byte : header) sum += byte;
    put(148, fmt::format("{:06o}", sum) + '\0');
    append(tar_, Bytes(header));
    append(tar_, contents);
    tar_.resize(align_up(tar_.size(), kBlockBytes));
  }

  ByteVector tar_;
};

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
  if (entries.size() > kMaxZipEntries) {
    return make_error(ErrorKind::kLimit, "{} files are more than the {} of a zip archive",
                      entries.size(), kMaxZipEntries);
  }
  Zip zip;
  for (const Entry& entry : entries) TRY(zip.add(entry).context("{}", entry.path));
  return zip.finish();
}

Result<ByteVector> write_tar(const std::vector<Entry>& entries) {
  Tar tar;
  for (const std::string& directory : directories_of(entries)) tar.add(directory, {}, '5', 0755);
  for (const Entry& entry : entries) tar.add(entry.path, entry.contents, '0', mode_of(entry));
  return tar.finish();
}

Result<ByteVector> gzip(Bytes bytes) { return deflated(bytes, 16 + MAX_WBITS); }

}  // namespace wherry::pack
