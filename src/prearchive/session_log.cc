#include "prearchive/session_log.hpp"

#include <algorithm>
#include <utility>

#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "base/time.hpp"

namespace xnatarchive {
namespace {

constexpr std::uint64_t kLogBytesMax = 1u << 20;

}  // namespace

void AppendSessionLog(const Directory& prearchive, const SessionPaths& session,
                      std::string_view text) {
  const std::string directory = JoinPath(session.directory, "logs");
  const Status made = prearchive.MakeDirectories(directory);
  if (!made.ok()) return;
  for (std::int64_t ms = NowMs();; ++ms) {
    const Status written =
        prearchive.WriteNew(JoinPath(directory, std::to_string(ms) + ".log"), text);
    if (written.code() != Code::kAlreadyExists) return;
  }
}

Result<std::vector<std::string>> ReadSessionLog(const Directory& prearchive,
                                                const SessionPaths& session) {
  const std::string directory = JoinPath(session.directory, "logs");
  std::vector<std::string> lines;
  Result<std::vector<DirectoryEntry>> entries = prearchive.List(directory);
  if (!entries.ok()) {
    if (entries.status().code() == Code::kNotFound) return lines;
    return std::move(entries).status();
  }
  std::vector<std::pair<std::int64_t, std::string>> events;
  for (const DirectoryEntry& entry : *entries) {
    if (!EndsWith(entry.name, ".log")) continue;
    const std::string path = JoinPath(directory, entry.name);
    XNA_ASSIGN_OR_RETURN(const FileInfo info, prearchive.Stat(path));
    XNA_ASSIGN_OR_RETURN(std::string text, prearchive.ReadFile(path, kLogBytesMax));
    const auto ms = ParseInt(std::string_view(entry.name).substr(0, entry.name.size() - 4));
    events.emplace_back(ms.value_or(info.mtime_ns / 1'000'000), std::move(text));
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [ms, text] : events) {
    // FormatCatalogTime is yyyy-MM-ddTHH:mm:ss.SSS; XNAT shows logs as MM/dd/yyyy HH:mm:ss.
    const std::string time = FormatCatalogTime(ms);
    lines.push_back(time.substr(5, 2) + "/" + time.substr(8, 2) + "/" + time.substr(0, 4) + " " +
                    time.substr(11, 8) + ":" + text);
  }
  return lines;
}

}  // namespace xnatarchive
