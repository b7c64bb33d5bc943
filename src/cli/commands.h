// One function a verb: takes its flags, returns the exit code, prints what people asked for.
#pragma once

#include "cli/flags.h"
#include "cli/modules.h"
#include "cli/outbound_access.h"
#include "cli/settings.h"

namespace wherry::cli {

int cmd_run(const RunFlags& flags, ModuleSource& modules);
int cmd_invoke(const InvokeFlags& flags, ModuleSource& modules, OutboundAccess& outbound);
int cmd_serve(const ServeFlags& flags, ModuleSource& modules, const Settings& settings,
              OutboundAccess& outbound);
int cmd_verify(const VerifyFlags& flags, const Settings& settings);
int cmd_bench(const BenchFlags& flags, const Settings& settings);
int cmd_pack(const PackFlags& flags, const Settings& settings);
int cmd_compile(const CompileFlags& flags, const Settings& settings);
int cmd_initialize(const InitializeFlags& flags, const Settings& settings);
int cmd_inspect(const InspectFlags& flags);
int cmd_functions(const FunctionsFlags& flags);
int cmd_logs(const LogsFlags& flags);
int cmd_top(const TopFlags& flags);
int cmd_doctor(const DoctorFlags& flags, ModuleSource& modules, const Settings& settings,
               OutboundAccess& outbound);
int cmd_cache(const CacheFlags& flags, const Settings& settings);

}  // namespace wherry::cli
