// Every place where a name comes in, with every name that might lead outside the root: each is
// refused with a reason of its own or is a plain name, and nothing outside is touched (I8).
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "paths/path_fixture.hpp"
#include "unit/container/make_container.hpp"

namespace xnatarchive {
namespace {

/// What one name comes to; `fixture` is the case's own.
using Attempt = std::function<Status(PathFixture& fixture, const std::string& name)>;

/// Tries every name, each on a root of its own. `directory`: as for BadNames.
std::string Outcomes(const std::string& directory, const Attempt& attempt) {
  OutcomeTable table;
  for (std::size_t i = 0;; ++i) {
    PathFixture fixture;
    const std::vector<PathName> names = BadNames(fixture, directory);
    if (i == names.size()) return table.Text();
    table.Add(Outcome(attempt(fixture, names[i].text), fixture), names[i].label);
  }
}

Status NotMade() { return Status(Code::kUnsupported, "not made", "no such name is possible"); }

/// Names that a zip can not have are left out: "not made".
Status ImportZip(PathFixture& fixture, const std::string& name) {
  const std::string dicom = MakeDicom(PathFixture::Object(3, 1));
  if (name.empty() || name.find('\0') != std::string::npos) return NotMade();
  fixture.tree.Write("in/x.zip", MakeContainer({{name, dicom}}));
  return fixture.engine->Import(fixture.Request("x.zip")).status();
}

Status ImportWith(PathFixture& fixture, const char* parameter, const std::string& name) {
  fixture.tree.Write("in/p/1.dcm", MakeDicom(EngineFixture::Spec(3)));
  ImportRequest request = fixture.Request("p");
  request.parameters[parameter] = name;
  const auto imported = fixture.engine->Import(request);
  if (!imported.ok()) return imported.status();
  for (const std::string& uri : imported->uris) {
    const Status built = fixture.engine->Build(uri);
    if (!built.ok()) return built;
    const Status archived = fixture.Archive(uri).status();
    if (!archived.ok()) return archived;
  }
  return Status();
}

Status ArchiveWith(PathFixture& fixture, const char* parameter, const std::string& name) {
  ArchiveRequest request;
  request.src = fixture.src;
  request.parameters[parameter] = name;
  return fixture.engine->Archive(request).status();
}

Status ArchiveTo(PathFixture& fixture, const std::string& dest) {
  ArchiveRequest request;
  request.src = fixture.src;
  request.dest = dest;
  return fixture.engine->Archive(request).status();
}

/// Changes the waiting session's document and archives it.
Status ArchiveChanged(PathFixture& fixture, const std::function<void(SessionDocument&)>& change) {
  fixture.ChangeDocument(PathFixture::DirectoryOf(fixture.src) + ".xml", change);
  return fixture.Archive(fixture.src).status();
}

Status ArchiveWithEntry(PathFixture& fixture, const std::string& name) {
  const std::string directory = PathFixture::DirectoryOf(fixture.src) + "/SCANS/1/DICOM/";
  fixture.ChangeCatalog(directory + "scan_1_catalog.xml",
                        [&](Catalog& catalog) { catalog.entries.at(0).uri = name; });
  return fixture.Archive(fixture.src).status();
}

/// Merges a scan whose number is taken, with a resource of that label.
Status MergeLabel(PathFixture& fixture, const std::string& name) {
  fixture.src = fixture.Receive({PathFixture::Object(3, 1, "1")});
  fixture.ChangeDocument(
      PathFixture::DirectoryOf(fixture.src) + ".xml",
      [&](SessionDocument& document) { document.scans.at(0).resources.at(0).label = name; });
  ArchiveRequest request;
  request.src = fixture.src;
  request.overwrite = Overwrite::kAppend;
  const auto merged = fixture.engine->Archive(request);
  if (!merged.ok()) return merged.status();
  const SessionDocument document = Must(fixture.engine->Document(merged->uri));
  const bool in_place = ParentPath(document.scans.at(1).resources.at(0).uri) == "SCANS/1-MR1/DICOM";
  return in_place ? Status() : Status(Code::kInternal, "not beside its files", "a catalog");
}

/// What follows a fixed head in the URIs of every call that takes one.
Status Call(PathFixture& fixture, const std::string& call, const std::string& uri) {
  ArchiveEngine& engine = *fixture.engine;
  ArchiveRequest request;
  request.src = uri;
  if (call == "archive") return engine.Archive(request).status();
  if (call == "validate") return engine.Validate(request).status();
  if (call == "build") return engine.Build(uri);
  if (call == "delete") return engine.DeletePrearchiveSession(uri);
  if (call == "log") return engine.PrearchiveLog(uri).status();
  if (call == "find") return engine.FindPrearchiveSession(uri).status();
  if (call == "list") return engine.List(uri).status();
  if (call == "show") return engine.DocumentXml(uri).status();
  if (call == "activate") return engine.Activate(uri).status();
  if (call == "audit") return engine.Audit(uri).status();
  if (call == "history") return engine.History(uri).status();
  if (call == "restore") return engine.RestoreHistory(uri).status();
  return engine.PruneHistory(uri);
}

constexpr const char* kAll =
    "empty, dot, dot dot, up, way out, inner up, inner dot, leading dot, absolute, double slash, "
    "trailing slash, NUL, backslash, percent, newline, 255 bytes, 256 bytes, over PATH_MAX, not "
    "UTF-8, file URL, http URL, ours";

/// `kAll`, the empty name left out.
std::string AllButEmpty() { return std::string(kAll).substr(7); }

/// What a label may be made from; other characters become '_'.
std::string SanitisedOr(const std::string& reason) {
  return "ok: empty, up, way out, inner up, inner dot, leading dot, absolute, double slash, "
         "trailing slash, NUL, backslash, percent, newline, not UTF-8, file URL, http URL, ours\n" +
         reason + ": dot, dot dot, 255 bytes, 256 bytes, over PATH_MAX\n";
}

/// What may stand in no single part of a URI.
constexpr const char* kMalformed =
    "uri.malformed: dot, dot dot, up, way out, inner up, inner dot, leading dot, absolute, double "
    "slash, NUL, percent, newline, 256 bytes, over PATH_MAX, not UTF-8, file URL, http URL, ours\n";

/// The rest: nothing at all, and three names that could be some member's.
std::string UriTable(const std::string& empty, const std::string& plain) {
  const std::string names = "trailing slash, backslash, 255 bytes\n";
  if (plain == empty) return empty + ": empty, " + names + kMalformed;
  return empty + ": empty\n" + kMalformed + plain + ": " + names;
}

/// The outcomes of one call with URIs that begin with `head`; none of them changes a thing.
std::string UriOutcomes(PathFixture& fixture, const std::string& call, const std::string& head) {
  const std::string before = fixture.Sessions();
  OutcomeTable table;
  for (const PathName& name : BadNames(fixture, "root/archive/DEMO")) {
    table.Add(Outcome(Call(fixture, call, head + name.text), fixture), name.label);
  }
  CHECK(fixture.Sessions() == before);
  return table.Text();
}

}  // namespace

TEST_SUITE("paths.names") {
  TEST_CASE("in a container they are refused, or the file gets a name of its own") {
    CHECK(Outcomes("in", ImportZip) ==
          "not made: empty, NUL\n"
          "container.unsafe-name: dot, dot dot, up, way out, inner up, absolute, backslash, over "
          "PATH_MAX\n"
          "ok: inner dot, leading dot, double slash, percent, newline, 255 bytes, 256 bytes, not "
          "UTF-8, file URL, http URL, ours\n"
          "import.nothing: trailing slash\n");
  }

  TEST_CASE("in a catalog they are no files; what URLs name is not fetched") {
    CHECK(Outcomes("root/prearchive/DEMO/T/S2/SCANS/1/DICOM", ArchiveWithEntry) ==
          "archive.bad-entry: empty, dot, dot dot, up, way out, inner up, inner dot, leading dot, "
          "absolute, double slash, trailing slash, newline, 256 bytes\n"
          "archive.missing-file: NUL, backslash, percent, 255 bytes, over PATH_MAX, not UTF-8, "
          "ours\n"
          "ok: file URL, http URL\n");
  }

  TEST_CASE("a document's catalogs have to be in the session") {
    const Attempt attempt = [](PathFixture& fixture, const std::string& name) {
      return ArchiveChanged(fixture, [&](SessionDocument& document) {
        document.scans.at(0).resources.at(0).uri = name;
      });
    };
    CHECK(Outcomes("root/prearchive/DEMO/T/S2", attempt) ==
          "archive.bad-resource: empty, dot, dot dot, up, way out, inner up, inner dot, leading "
          "dot, absolute, double slash, trailing slash, NUL, backslash, percent, newline, 255 "
          "bytes, 256 bytes, not UTF-8, file URL, http URL, ours\n"
          "fs.unsafe-path: over PATH_MAX\n");
  }

  TEST_CASE("a scan's ID has to be a directory's name") {
    const Attempt attempt = [](PathFixture& fixture, const std::string& name) {
      return ArchiveChanged(fixture,
                            [&](SessionDocument& document) { document.scans.at(0).id = name; });
    };
    CHECK(Outcomes("root/prearchive/DEMO/T/S2/SCANS", attempt) ==
          "archive.unsafe-name: empty, dot, dot dot, up, way out, inner up, inner dot, leading "
          "dot, absolute, double slash, trailing slash, percent, newline, 256 bytes, over "
          "PATH_MAX, file URL, http URL, ours\n"
          "ok: NUL, backslash, 255 bytes, not UTF-8\n");  // XML has no NUL and no other UTF-8
  }

  TEST_CASE("a resource's label is a text, also where catalogs are named after it") {
    const Attempt attempt = [](PathFixture& fixture, const std::string& name) {
      return ArchiveChanged(fixture, [&](SessionDocument& document) {
        document.scans.at(0).resources.at(0).label = name;
      });
    };
    const std::string all = std::string("ok: ") + kAll + "\n";
    CHECK(Outcomes("root/prearchive/DEMO/T/S2/SCANS/1", attempt) == all);
    CHECK(Outcomes("root/archive/DEMO/arc001/S1/SCANS/1", MergeLabel) == all);
  }

  TEST_CASE("as parameters they are no projects, and labels with other characters replaced") {
    const auto outcomes = [](const auto& attempt, const char* parameter) {
      return Outcomes("root/archive/DEMO/arc001",
                      [&](PathFixture& fixture, const std::string& name) {
                        return attempt(fixture, parameter, name);
                      });
    };
    CHECK(outcomes(ImportWith, "project") ==
          "archive.no-project: empty\nproject.not-found: " + AllButEmpty() + "\n");
    CHECK(outcomes(ArchiveWith, "project") ==
          "ok: empty\narchive.unknown-project: " + AllButEmpty() + "\n");
    CHECK(outcomes(ImportWith, "subject") == SanitisedOr("import.bad-label"));
    CHECK(outcomes(ArchiveWith, "subject") == SanitisedOr("archive.bad-subject"));
    CHECK(outcomes(ImportWith, "session") == SanitisedOr("import.bad-label"));
    CHECK(outcomes(ArchiveWith, "session") == SanitisedOr("archive.bad-label"));
  }

  TEST_CASE("as destinations they are malformed, or labels with other characters replaced") {
    const auto outcomes = [](const std::string& head) {
      return Outcomes("root/archive/DEMO/arc001",
                      [&](PathFixture& fixture, const std::string& name) {
                        return ArchiveTo(fixture, head + name);
                      });
    };
    const std::string head = std::string("archive.bad-dest: empty\n") + kMalformed;
    CHECK(outcomes("/archive/projects/") ==
          UriTable("archive.bad-dest", "archive.unknown-project"));
    CHECK(outcomes("/archive/projects/DEMO/subjects/") ==
          head + "ok: trailing slash, backslash\narchive.bad-subject: 255 bytes\n");
    CHECK(outcomes("/archive/projects/DEMO/subjects/X/experiments/") ==
          head + "ok: trailing slash, backslash\narchive.bad-label: 255 bytes\n");
  }

  TEST_CASE("as URIs of prearchive sessions they are malformed, or name nothing") {
    const std::string session = "uri.not-a-prearchive-session";
    const std::string found = "prearchive.not-found";
    const struct {
      const char* call;
      std::string empty;
      std::string not_found;
    } calls[] = {{"archive", session, found},     {"validate", session, found},
                 {"build", session, found},       {"delete", session, found},
                 {"log", session, found},         {"find", session, found},
                 {"list", "ok", "uri.not-found"}, {"show", "uri.not-a-session", "uri.not-found"},
                 {"audit", "uri.no-audit", found}};
    PathFixture fixture;
    for (const auto& c : calls) {
      CAPTURE(std::string(c.call));
      CHECK(UriOutcomes(fixture, c.call, "/data/prearchive/projects/") ==
            UriTable(c.empty, c.empty));
      CHECK(UriOutcomes(fixture, c.call, "/data/prearchive/projects/DEMO/") ==
            c.empty + ": empty\nuri.malformed: " + AllButEmpty() + "\n");
      CHECK(UriOutcomes(fixture, c.call, "/data/prearchive/projects/DEMO/20240101_000000/") ==
            UriTable(c.empty, c.not_found));
    }
  }

  TEST_CASE("as URIs of what is archived they are malformed, or name nothing") {
    const std::string experiment = "/projects/DEMO/experiments/";
    const std::string scan = experiment + "S1/scans/";
    const struct {
      const char* call;
      std::string head;
      const char* empty;  // a level, all of it
      const char* plain;
    } calls[] = {{"list", "/projects/", "ok", "uri.not-found"},
                 {"list", experiment, "ok", "uri.not-found"},
                 {"list", scan, "ok", "uri.not-found"},
                 {"list", scan + "1/resources/", "ok", "uri.not-found"},
                 {"show", "/projects/", "uri.not-a-session", "uri.not-a-session"},
                 {"show", experiment, "uri.not-a-session", "uri.not-found"},
                 {"show", scan, "ok", "uri.not-a-session"},
                 {"activate", experiment, "uri.not-an-experiment", "uri.not-found"},
                 {"activate", scan, "ok", "uri.not-an-experiment"},
                 {"audit", "/projects/", "uri.no-audit", "project.not-found"},
                 {"audit", experiment, "ok", "uri.not-found"},
                 {"history", "/projects/", "ok", "ok"},
                 {"history", experiment, "ok", "ok"},
                 {"history", scan, "ok", "history.bad-uri"}};
    PathFixture fixture;
    for (const auto& c : calls) {
      CAPTURE(std::string(c.call));
      CAPTURE(c.head);
      CHECK(UriOutcomes(fixture, c.call, c.head) == UriTable(c.empty, c.plain));
    }
  }

  TEST_CASE("as IDs of history records they name none") {
    PathFixture fixture;
    for (const char* call : {"restore", "prune"}) {
      CAPTURE(std::string(call));
      CHECK(UriOutcomes(fixture, call, "") == std::string("history.not-found: ") + kAll + "\n");
    }
  }
}

}  // namespace xnatarchive
