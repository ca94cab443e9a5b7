// report.hpp - what stands behind xna_report: the C++ report, and its JSON once it is asked for.
#ifndef XNATARCHIVE_CAPI_REPORT_HPP_
#define XNATARCHIVE_CAPI_REPORT_HPP_

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "handles.hpp"
#include "to_json.hpp"

namespace xnatarchive::capi {

class Report {
 public:
  Report() = default;
  virtual ~Report() = default;
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;

  /// Made once, whichever thread asks first. Throws std::bad_alloc, and can be asked again then.
  const Json& json() const;
  const std::string& text() const;

 private:
  virtual Json MakeJson() const = 0;

  mutable std::once_flag json_once_;
  mutable std::once_flag text_once_;
  mutable Json json_;
  mutable std::string text_;
};

template <typename Value>
class ReportOf : public Report {
 public:
  explicit ReportOf(Value value) : value_(std::move(value)) {}

 private:
  Json MakeJson() const override { return ToJson(value_); }
  const Value value_;
};

template <typename Value>
std::shared_ptr<Report> MakeReport(Value value) {
  return std::make_shared<ReportOf<Value>>(std::move(value));
}

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_REPORT_HPP_
