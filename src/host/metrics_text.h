// Figures as others read them: Prometheus' text format (version 0.0.4) for monitoring, and JSON for
// `wherry top` and `wherry functions`. Pure functions.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.h"
#include "base/result.h"
#include "host/metrics.h"

namespace wherry::host {

// Writes metrics, a family at a time: its head, then its samples.
class PrometheusText {
 public:
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  // `type`: counter, gauge or histogram.
  void family(std::string_view name, std::string_view type, std::string_view help);
  // Of the family, or with the name's `ending` (_bucket, _sum, _count) of a histogram.
  void sample(Labels labels, uint64_t value, std::string_view ending = "");
  void sample(Labels labels, double value, std::string_view ending = "");

  std::string take() { return std::move(text_); }

 private:
  void begin_sample(Labels labels, std::string_view ending);
  std::string text_;
  std::string name_;
};

inline constexpr std::string_view kPrometheusContentType = "text/plain; version=0.0.4";

// All functions' families, to be followed by the server's own.
void write_figures(PrometheusText& text, const MetricsFigures& figures);

// `{"time_ns": …, "functions": [{"name": …, "outcomes": {"success": 12}, "p50_ms": …, …}]}`. Zeros
// of outcomes and durations are left out.
nlohmann::json to_json(const MetricsFigures& figures);
// What to_json() made, perhaps by another version: what is unknown is ignored, what is missing
// zero.
Result<MetricsFigures> figures_of_json(const nlohmann::json& json);

}  // namespace wherry::host
