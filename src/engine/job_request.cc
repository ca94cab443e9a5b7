#include "engine/job_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/named_values.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kParameter = "parameter.";
constexpr std::string_view kField = "field.";

constexpr std::array<std::uint64_t FileCounts::*, 6> kCounts = {
    &FileCounts::added,       &FileCounts::identical,   &FileCounts::replaced,
    &FileCounts::conflicting, &FileCounts::bytes_added, &FileCounts::bytes_replaced};

/// False when the line is not known.
bool Apply(const std::string& name, const std::string& value, ArchiveRequest* request) {
  if (name == "src") {
    request->src = value;
  } else if (name == "dest") {
    request->dest = value;
  } else if (name == "overwrite" && (value == "append" || value == "delete")) {
    request->overwrite = value == "append" ? Overwrite::kAppend : Overwrite::kDelete;
  } else if (name == "quarantine" && value == "1") {
    request->quarantine = true;
  } else if (name == "trigger_pipelines" && value == "0") {
    request->trigger_pipelines = false;
  } else if (name == "wait_ms" && ParseInt(value)) {
    request->wait_ms = *ParseInt(value);
  } else if (StartsWith(name, kParameter)) {
    request->parameters[name.substr(kParameter.size())] = value;
  } else if (StartsWith(name, kField)) {
    request->fields.emplace_back(name.substr(kField.size()), value);
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string WriteJobRequest(const ArchiveRequest& request) {
  std::string text;
  AppendNamedValue("src", request.src, &text);
  if (!request.dest.empty()) AppendNamedValue("dest", request.dest, &text);
  if (request.overwrite != Overwrite::kNone) {
    AppendNamedValue("overwrite", request.overwrite == Overwrite::kAppend ? "append" : "delete",
                     &text);
  }
  if (request.quarantine) AppendNamedValue("quarantine", "1", &text);
  if (!request.trigger_pipelines) AppendNamedValue("trigger_pipelines", "0", &text);
  if (request.wait_ms != 0) AppendNamedValue("wait_ms", std::to_string(request.wait_ms), &text);
  for (const auto& [name, value] : request.parameters) {
    AppendNamedValue(std::string(kParameter) + name, value, &text);
  }
  for (const auto& [path, value] : request.fields) {
    AppendNamedValue(std::string(kField) + path, value, &text);
  }
  return text;
}

Result<ArchiveRequest> ReadJobRequest(std::string_view text) {
  ArchiveRequest request;
  const auto values = ParseNamedValueLines(text);
  const bool known = values && std::all_of(values->begin(), values->end(), [&](const auto& value) {
                       return Apply(value.first, value.second, &request);
                     });
  if (known) return request;
  return Status(Code::kUnsupported, "job.newer-request",
                "the job asks for what this version of the library does not know");
}

std::string WriteFileCounts(const FileCounts& counts) {
  std::string text;
  for (const auto member : kCounts) {
    text += (text.empty() ? "" : " ") + std::to_string(counts.*member);
  }
  return text;
}

std::optional<FileCounts> ReadFileCounts(std::string_view text) {
  const std::vector<std::string> parts = Split(text, ' ');
  if (parts.size() != kCounts.size()) return std::nullopt;
  FileCounts counts;
  for (std::size_t i = 0; i < kCounts.size(); ++i) {
    const auto number = ParseInt(parts[i]);
    if (!number || *number < 0) return std::nullopt;
    counts.*kCounts[i] = static_cast<std::uint64_t>(*number);
  }
  return counts;
}

}  // namespace xnatarchive
