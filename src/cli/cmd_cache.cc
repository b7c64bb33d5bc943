// wherry cache: which compiled modules are kept, or their removal.
#include <ctime>

#include "base/clock.h"
#include "base/json.h"
#include "cli/cache.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "cli/report.h"

namespace wherry::cli {

namespace {

using nlohmann::ordered_json;

constexpr size_t kShownDigits = 12;

std::string time_text(std::chrono::system_clock::time_point time) {
  return utc_text(std::chrono::system_clock::to_time_t(time));
}

std::string mebibytes(uint64_t bytes) {
  return fmt::format("{:.1f} MiB", static_cast<double>(bytes) / (1 << 20));
}

uint64_t total(const std::vector<Cache::Entry>& entries) {
  uint64_t bytes = 0;
  for (const Cache::Entry& entry : entries) bytes += entry.bytes;
  return bytes;
}

std::string as_text(const Cache& cache, const std::vector<Cache::Entry>& entries) {
  std::string text = cache.directory() + "\n";
  if (!entries.empty()) {
    text += fmt::format("  {:12}  {:7}  {:3}  {:>10}  {}\n", "module", "profile", "cpu", "bytes",
                        "last used");
  }
  for (const Cache::Entry& entry : entries) {
    std::string profile = "?", cpu = "?";  // of another version
    if (entry.key) {
      profile = contract::name_of(entry.key->options.profile);
      cpu = fmt::format("v{}", static_cast<uint32_t>(entry.key->cpu));
    }
    text +=
        fmt::format("  {:12}  {:7}  {:3}  {:>10}  {}\n", entry.file_name.substr(0, kShownDigits),
                    profile, cpu, entry.bytes, time_text(entry.last_used));
  }
  return text + fmt::format("{} entries, {} of {}\n", entries.size(), mebibytes(total(entries)),
                            mebibytes(cache.limit_bytes()));
}

std::string as_json(const Cache& cache, const std::vector<Cache::Entry>& entries) {
  ordered_json all = ordered_json::array();
  for (const Cache::Entry& entry : entries) {
    ordered_json one{{"file", entry.file_name}};
    if (entry.key) {
      one["module_sha256"] = entry.key->module;
      one["profile"] = contract::name_of(entry.key->options.profile);
      one["cpu"] = name_of(entry.key->cpu);
    }
    one["bytes"] = entry.bytes;
    one["last_used"] = time_text(entry.last_used);
    all.push_back(std::move(one));
  }
  ordered_json facts{{"directory", cache.directory()},
                     {"bytes", total(entries)},
                     {"limit_bytes", cache.limit_bytes()},
                     {"entries", std::move(all)}};
  return facts.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<std::string> show_or_clear(const CacheFlags& flags, const Settings& settings) {
  if (settings.cache_directory.empty()) {
    return make_error(ErrorKind::kNotFound, "there is no cache: no HOME for it")
        .with_hint("set WHERRY_CACHE_DIR");
  }
  auto cache = TRY(Cache::open(settings.cache_directory, settings.cache_bytes));
  if (flags.clear) {
    std::vector<Cache::Entry> removed = cache->clear();
    if (flags.json) return as_json(*cache, cache->entries());
    return fmt::format("{}: removed {} entries, {}\n", cache->directory(), removed.size(),
                       mebibytes(total(removed)));
  }
  std::vector<Cache::Entry> entries = cache->entries();
  return flags.json ? as_json(*cache, entries) : as_text(*cache, entries);
}

}  // namespace

int cmd_cache(const CacheFlags& flags, const Settings& settings) {
  auto text = show_or_clear(flags, settings);
  if (!text.ok()) return report(text.error());
  print_out(*text);
  return kExitOk;
}

}  // namespace wherry::cli
