// custom_handler.cpp - teaches the archive a kind of input it does not know: a folder of NIfTI
// images with one JSON side-car, such as
//
//   scan.json    {"subject": "S01", "session": "S01_MR1", "series_description": "T1w"}
//   scan.nii.gz
//
//   custom_handler ROOT PROJECT FOLDER   archives the folder as a session with one scan
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "xnatarchive/archive_engine.hpp"

using namespace xnatarchive;
using nlohmann::json;

namespace {

constexpr std::size_t kSidecarBytesMax = 1 << 20;

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

class NiftiFolderHandler : public ImportHandler {
 public:
  std::string_view Name() const noexcept override { return "NIfTI-folder"; }

  bool Accepts(const ImportSource& source) const override {
    return source.Kind() == SourceKind::kFolder;
  }

  Status Describe(ImportSource& source, SessionDrafts& drafts) override {
    SessionDraft& session = drafts.Add();
    json sidecar;
    const Status visited = source.ForEachFile(
        [&](SourceFile& file) { return Visit(file, drafts, session, &sidecar); });
    if (!visited.ok()) return visited;
    if (!sidecar.is_object()) {
      return Status(Code::kInvalidArgument, "nifti.no-sidecar", "no .json file holds an object");
    }
    session.document.xsi_type = "xnat:mrSessionData";
    session.document.label = sidecar.value("session", "");
    session.document.Set("subject_ID", sidecar.value("subject", ""));
    Scan scan;
    scan.xsi_type = "xnat:mrScanData";
    scan.id = "1";
    scan.Set("series_description", sidecar.value("series_description", ""));
    session.document.scans.push_back(std::move(scan));
    return Status();
  }

 private:
  static Status Visit(SourceFile& file, SessionDrafts& drafts, SessionDraft& session,
                      json* sidecar) {
    if (drafts.Cancelled()) return Status(Code::kCancelled, "import.cancelled", "cancelled");
    CatalogEntry entry;
    entry.uri = file.path();
    if (EndsWith(file.path(), ".json")) {
      const auto bytes = file.Head(kSidecarBytesMax);
      if (!bytes.ok()) return bytes.status();
      *sidecar = json::parse(*bytes, nullptr, false);
      entry.format = "JSON";
    } else if (EndsWith(file.path(), ".nii") || EndsWith(file.path(), ".nii.gz")) {
      entry.format = "NIFTI";
    } else {
      drafts.Skip(file, Status(Code::kUnsupported, "nifti.other-file", "not NIfTI, not JSON"));
      return Status();
    }
    return drafts.Keep(file, session, "1", "NIFTI", std::move(entry));
  }
};

// Imports and archives `folder`, then prints the session's URI and its files.
Status Run(const std::string& root, const std::string& project, const std::string& folder) {
  EngineOptions options;
  options.root = root;
  IgnoreError(ArchiveEngine::Init(options, InitOptions{}), "an existing root is fine; Open tells");
  auto engine = ArchiveEngine::Open(options);
  if (!engine.ok()) return engine.status();
  Status status = (*engine)->Register(std::make_unique<NiftiFolderHandler>());
  if (!status.ok()) return status;
  Project settings;
  settings.id = project;
  status = (*engine)->AddProject(settings);
  if (!status.ok() && status.code() != Code::kAlreadyExists) return status;

  ImportRequest import;
  import.path = folder;
  import.handler = "NIfTI-folder";
  import.parameters["project"] = project;
  const auto received = (*engine)->Import(import);
  if (!received.ok()) return received.status();
  for (const std::string& uri : received->uris) {
    ArchiveRequest request;
    request.src = uri;
    const auto archived = (*engine)->Archive(request);
    if (!archived.ok()) return archived.status();
    std::cout << archived->uri << '\n';
    const auto files = (*engine)->List(archived->uri + "/scans/1/resources/NIFTI");
    if (!files.ok()) return files.status();
    for (const auto& row : files->rows) std::cout << "  " << row.front() << '\n';
  }
  return Status();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: custom_handler ROOT PROJECT FOLDER\n";
    return 2;
  }
  const Status status = Run(argv[1], argv[2], argv[3]);
  if (!status.ok()) std::cerr << "custom_handler: " << status.ToString() << '\n';
  return status.ok() ? 0 : 1;
}
