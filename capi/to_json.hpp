// to_json.hpp - the library's values as JSON. Member names are those of the C++ structs.
#ifndef XNATARCHIVE_CAPI_TO_JSON_HPP_
#define XNATARCHIVE_CAPI_TO_JSON_HPP_

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive/archive_engine.hpp"

/// Members come out in the order they were put in, as people expect of a report.
using Json = nlohmann::ordered_json;

enum class JsonLayout { kIndented, kOneLine };

/// Bytes that are not UTF-8 (a file name may be anything) become U+FFFD instead of a failure.
std::string DumpJson(const Json& json, JsonLayout layout);

/// {code, reason, message, path, disk_state}; `path` is used when the failure itself names none.
Json StatusToJson(const xnatarchive::Status& status, std::string_view path);
/// Failures and what each is about.
Json FailuresToJson(const std::vector<std::pair<std::string, xnatarchive::Status>>& failures);

Json ToJson(const xnatarchive::ImportReport& report);
Json ToJson(const xnatarchive::IdleReport& report);
Json ToJson(const xnatarchive::ArchiveReport& report);
Json ToJson(const xnatarchive::ValidationReport& report);
Json ToJson(const xnatarchive::ExportReport& report);
Json ToJson(const xnatarchive::RefreshReport& report);
Json ToJson(const xnatarchive::Job& job);
Json ToJson(const xnatarchive::RecoverySummary& summary);
Json ToJson(const xnatarchive::ReindexReport& report);
Json ToJson(const xnatarchive::VerifyReport& report);
Json ToJson(const xnatarchive::VerifyProblem& problem);
Json ToJson(const xnatarchive::SessionDocument& document);
/// "/data/prearchive/projects/PROJECT/TIMESTAMP/FOLDER".
std::string UriOf(const xnatarchive::PrearchiveSession& session);
/// Under the names of the struct, with its "uri".
Json ToJson(const xnatarchive::PrearchiveSession& session);

#endif  // XNATARCHIVE_CAPI_TO_JSON_HPP_
