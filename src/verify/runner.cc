#include "verify/runner.h"

#include <thread>

#include "base/files.h"
#include "base/json.h"
#include "http/client.h"
#include "platform/web_action.h"
#include "verify/child.h"
#include "verify/openwhisk_value.h"
#include "verify/runners.h"

namespace wherry::verify {

namespace {

constexpr size_t kShownBytes = 120;

std::string shown(std::string_view text) {
  std::string quoted = quoted_text(text.substr(0, kShownBytes));
  return text.size() <= kShownBytes ? quoted : fmt::format("{} ({} bytes)", quoted, text.size());
}

// The error's text of an answer that `wherry serve` gave, and its kind.
struct ErrorOfReference {
  std::string text, kind;
};
ErrorOfReference error_of(const Reference& reference) {
  auto error = parse_json(reference.body);
  if (!error.ok() || !error->is_object()) return {};
  const auto text = [&error](const char* name) {
    auto found = error->find(name);
    return found != error->end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return {text("error"), text("kind")};
}

bool same_value(const std::string& a, const std::string& b) {
  auto first = parse_json(a), second = parse_json(b);
  return first.ok() && second.ok() && *first == *second;
}

std::string failure_difference(const Reference& wanted, const Answer& got) {
  if (got.is_success)
    return fmt::format("{} instead of the error {}", shown(got.body), shown(wanted.body));
  const ErrorOfReference error = error_of(wanted);
  // OpenWhisk has a text of its own for this.
  const bool is_same =
      got.body == error.text || (error.kind == "no result" && got.body == platform::kNoResult);
  return is_same ? ""
                 : fmt::format("the error {} instead of {}", shown(got.body), shown(error.text));
}

}  // namespace

std::string difference(const Reference& wanted, const Answer& got) {
  if (!got.status && wanted.status != 200) return failure_difference(wanted, got);
  // The function's own result may be an error, and the platform cannot tell.
  if (!got.status && !got.is_success) {
    return got.body == error_of(wanted).text ? "" : "the error " + shown(got.body);
  }
  if (got.status && *got.status != wanted.status) {
    return fmt::format("status {} instead of {}: {}", *got.status, wanted.status, shown(got.body));
  }
  if (got.body == wanted.body || (got.is_value && same_value(got.body, wanted.body))) return "";
  return fmt::format("{} instead of {}", shown(got.body), shown(wanted.body));
}

namespace {

Result<Started> not_here(std::string why) { return Started{nullptr, std::move(why)}; }

}  // namespace

Result<std::string> unpack(const pack::Package& package, const std::string& directory) {
  const bool is_image = package.contents.empty();
  const std::string root = directory + "/package";
  for (const pack::Entry& entry : is_image ? package.entries : package.contents) {
    const std::string file = entry.path.empty() ? root : root + "/" + entry.path;
    TRY(make_directories(file.substr(0, file.rfind('/'))));
    TRY(write_file_atomically(file, entry.contents, entry.is_executable ? 0755 : 0644));
  }
  return root;
}

Result<Started> start_package(const pack::TargetInfo& info, const std::string& name,
                              const std::string& path, const RunnerOptions& options) {
  using pack::Target;
  switch (info.target) {
    case Target::kLambda: return start_lambda(path, options);
    case Target::kAzure: return start_azure(path, options);
    case Target::kSystemd: return start_systemd(path + "/" + pack::plain_name(name), options);
    case Target::kNode: return start_node_server(path, options);
    case Target::kCloudflare: return start_workerd(path, options);
    case Target::kLambdaNodejs:
    case Target::kOpenwhiskNodejs: return start_node_function(info.target, path, options);
    case Target::kOpenwhiskNative: return start_native_action(path, options);
    case Target::kOpenwhisk: return start_container(path, true, options);
    case Target::kKnative: return start_container(path + "/image.tar", false, options);
    case Target::kKubernetes: return not_here("needs a cluster; the image is that of knative");
    case Target::kOci: return not_here("needs a runtime that takes WebAssembly from registries");
  }
  return not_here("");
}

}  // namespace wherry::verify
