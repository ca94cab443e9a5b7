#include "rest/parameters.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/status_macros.hpp"
#include "base/text.hpp"

namespace xnatarchive {
namespace {

/// What XNAT's clients send several times in one request.
constexpr std::array<std::string_view, 12> kRepeatable = {
    "src",    "resource", "options", "append",        "checksum", "delete",
    "folder", "sortBy",   "columns", "populateStats", "tag",      "PREARC_SESSION_FOLDER"};

/// What decides about a session where it is taken, and is refused elsewhere.
constexpr std::array<std::string_view, 14> kDeciding = {"dest",
                                                        "project",
                                                        "PROJECT_ID",
                                                        "subject",
                                                        "SUBJECT_ID",
                                                        "session",
                                                        "EXPT_LABEL",
                                                        "label",
                                                        "overwrite",
                                                        "overwrite_files",
                                                        "newProject",
                                                        "overrideLock",
                                                        "PREARC_TIMESTAMP",
                                                        "PREARC_SESSION_FOLDER"};

Status BadEncoding() {
  return Status(Code::kInvalidArgument, "rest.bad-encoding",
                "a parameter is not percent-encoded UTF-8 text");
}

bool IsText(std::string_view text) {
  const bool control = std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7F;
  });
  return !control && IsValidUtf8(text);
}

std::optional<std::string> DecodeForm(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  return DecodePercent(spaced);
}

}  // namespace

Status Parameters::AddEncoded(std::string_view text) {
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = pair.find('=');
    std::optional<std::string> name = DecodeForm(pair.substr(0, equals));
    std::optional<std::string> value =
        DecodeForm(equals == std::string_view::npos ? "" : pair.substr(equals + 1));
    if (!name || !value) return BadEncoding();
    XNA_RETURN_IF_ERROR(Add(std::move(*name), std::move(*value)));
  }
  return Status();
}

Status Parameters::Add(std::string name, std::string value) {
  if (!IsText(name) || !IsText(value)) return BadEncoding();
  if (entries_.size() >= limits_->parameters_max) {
    return Status(Code::kInvalidArgument, "rest.too-many-parameters",
                  "the request has too many parameters");
  }
  entries_.emplace_back(std::move(name), std::move(value));
  return Status();
}

Status Parameters::CheckSingles() const {
  std::map<std::string_view, std::string_view> values;
  for (const auto& [name, value] : entries_) {
    if (std::find(kRepeatable.begin(), kRepeatable.end(), name) != kRepeatable.end()) continue;
    const auto [at, is_new] = values.emplace(name, value);
    if (!is_new && at->second != value) {
      return Status(Code::kInvalidArgument, "rest.double-parameter",
                    "a parameter that has one value was given with two that differ");
    }
  }
  return Status();
}

Status Parameters::CheckUsed(std::string_view taken) const {
  const std::vector<std::string> names = Split(taken, ' ');
  for (const auto& [name, value] : entries_) {
    if (value.empty() || std::find(kDeciding.begin(), kDeciding.end(), name) == kDeciding.end()) {
      continue;
    }
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    return Status(Code::kInvalidArgument, "rest.unused-parameter",
                  "the parameter " + name + " is not taken here, and would not count");
  }
  return Status();
}

Result<std::string> Parameters::OneOf(std::initializer_list<std::string_view> names) const {
  std::string value;
  for (const std::string_view name : names) {
    const std::string given = Get(name);
    if (given.empty() || given == value) continue;
    if (!value.empty()) {
      return Status(Code::kInvalidArgument, "rest.contradiction",
                    "the parameters " + Join({names.begin(), names.end()}, ", ") +
                        " mean the same, and have values that differ");
    }
    value = given;
  }
  return value;
}

std::string Parameters::Get(std::initializer_list<std::string_view> names) const {
  for (const std::string_view wanted : names) {
    for (const auto& [name, value] : entries_) {
      if (name == wanted && !value.empty()) return value;
    }
  }
  return {};
}

bool Parameters::Has(std::string_view wanted) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const auto& entry) { return entry.first == wanted; });
}

bool Parameters::Flag(std::string_view name) const {
  if (!Has(name)) return false;
  const std::string value = AsciiLower(Get(name));
  return value.empty() || value == "true" || value == "1";
}

std::vector<std::string> Parameters::All(std::string_view wanted) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : entries_) {
    if (name == wanted) values.push_back(value);
  }
  return values;
}

std::vector<std::string> Parameters::Given(std::string_view name) const {
  std::vector<std::string> values = All(name);
  values.erase(std::remove(values.begin(), values.end(), ""), values.end());
  return values;
}

std::vector<std::string> Parameters::List(std::string_view name) const {
  std::vector<std::string> parts;
  for (const std::string& value : All(name)) {
    for (std::string& part : Split(value, ',')) {
      if (!part.empty()) parts.push_back(std::move(part));
    }
  }
  return parts;
}

}  // namespace xnatarchive
