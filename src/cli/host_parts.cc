#include "cli/host_parts.h"

#include <unistd.h>

namespace wherry::cli {

Status HostParts::create(ModuleSource& modules, OutboundAccess& outbound,
                         HostPartsOptions options) {
  LogFormat format = options.log_format.value_or(LogFormat::kText);
  host::LogWriterOptions writer;
  writer.dropped_line = host::dropped_line_of(clock_, format);
  writer_.emplace(STDERR_FILENO, writer);
  log_.emplace(clock_, ring_, options.writes_log ? &*writer_ : nullptr,
               host::EventLogOptions{format, options.log_level});
  watchdog_ = TRY(runtime::Watchdog::create());
  upgrades_ = TRY(Upgrades::create(log_->as_log()));
  loader_.emplace(modules, *watchdog_, outbound, *upgrades_, streams_, std::move(options.service),
                  std::move(options.defaults));
  host::HostOptions host;
  host.one_at_root = options.one_at_root;
  host.plain_output = !options.log_format;
  host.log_level = options.log_level;
  host_.emplace(clock_, random_, *log_, streams_, host);
  return ok_status();
}

}  // namespace wherry::cli
