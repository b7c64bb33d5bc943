#include "pack/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

namespace wherry::pack {
namespace {

struct Entry {
  std::string name;
  std::string content;
};

ByteVector make_zip(const std::vector<Entry>& entries, const char* options = nullptr) {
  ByteVector out(1 << 20);
  size_t used = 0;
  archive* writer = archive_write_new();
  archive_write_set_format_zip(writer);
  if (options != nullptr) {
    EXPECT_EQ(archive_write_set_options(writer, options), ARCHIVE_OK);
    archive_write_set_passphrase(writer, "secret");
  }
  archive_write_open_memory(writer, out.data(), out.size(), &used);
  for (const Entry& entry : entries) {
    archive_entry* header = archive_entry_new();
    archive_entry_set_pathname(header, entry.name.c_str());
    bool is_directory = entry.name.ends_with('/');
    archive_entry_set_filetype(header, is_directory ? AE_IFDIR : AE_IFREG);
    archive_entry_set_perm(header, 0644);
    archive_entry_set_size(header, static_cast<la_int64_t>(entry.content.size()));
    archive_write_header(writer, header);
    archive_write_data(writer, entry.content.data(), entry.content.size());
    archive_entry_free(header);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  out.resize(used);
  return out;
}

std::string result_of(Bytes zip, uint64_t limit_bytes = 1 << 20) {
  auto module = only_wasm_in_zip(zip, limit_bytes);
  return module.ok() ? std::string(as_text(*module)) : "error: " + module.error().message;
}

TEST(Zip, FindsTheOneModule) {
  ByteVector zip = make_zip({{"dir/", ""},
                             {"README.md", "read me"},
                             {"dir/hello.wasm", "module"},
                             {"__MACOSX/dir/._hello.wasm", "shadow"}});
  EXPECT_TRUE(looks_like_zip(zip));
  EXPECT_EQ(result_of(zip), "module");
  EXPECT_EQ(result_of(make_zip({{"a.wasm", "stored"}}, "zip:compression=store")), "stored");
}

TEST(Zip, NamesWhatIsThereInsteadOfAModule) {
  EXPECT_EQ(result_of(make_zip({{"a.js", ""}, {"b\n.txt", ""}})),
            "error: no .wasm in the zip archive, only a.js, b?.txt");
  std::vector<Entry> many;
  for (char c = 'a'; c < 'j'; c++) many.push_back({std::string(1, c), ""});
  EXPECT_EQ(result_of(make_zip(many)),
            "error: no .wasm in the zip archive, only a, b, c, d, e and 4 more");
  EXPECT_EQ(result_of(make_zip({{"a.wasm", "1"}, {"b.wasm", "2"}})),
            "error: more than one .wasm in the zip archive: a.wasm and b.wasm");
}

TEST(Zip, RefusesABombAtTheLimit) {
  ByteVector zip = make_zip({{"a.wasm", std::string(50 << 20, 'a')}});
  EXPECT_LT(zip.size(), 100'000u);
  EXPECT_EQ(result_of(zip, 1000),
            "error: a.wasm in the zip archive: larger than the limit of 1000 bytes");
  ByteVector beside = make_zip({{"bomb", std::string(50 << 20, 'a')}, {"a.wasm", "module"}});
  EXPECT_EQ(result_of(beside, 1000), "module");
  EXPECT_EQ(result_of(make_zip({{"a.wasm", "1234"}}), 4), "1234");
}

TEST(Zip, RefusesEncryptedModules) {
  ByteVector zip = make_zip({{"a.wasm", "module"}}, "zip:encryption=zipcrypt");
  EXPECT_EQ(result_of(zip), "error: a.wasm in the zip archive is encrypted");
}

// Whatever is cut off or flipped, the answer is the module or an error, and nothing else happens.
TEST(Zip, SurvivesTruncationAndDamage) {
  ByteVector zip = make_zip({{"a.wasm", std::string(300, 'a')}, {"b", "b"}});
  for (size_t length = 0; length < zip.size(); length++) {
    std::string result = result_of(Bytes(zip).first(length));
    EXPECT_TRUE(result.starts_with("error: ")) << length << " " << result;
  }
  for (size_t at = 0; at < zip.size(); at++) {
    ByteVector flipped = zip;
    flipped[at] ^= 0x55;
    (void)result_of(flipped);
  }
  ByteVector bad_checksum = zip;
  bad_checksum[30 + 6 + 20] ^= 1;  // in the compressed data, behind the local header and the name
  EXPECT_TRUE(result_of(bad_checksum).starts_with("error: "));
}

}  // namespace
}  // namespace wherry::pack
