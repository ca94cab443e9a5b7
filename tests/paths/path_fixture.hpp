// path_fixture.hpp - names that want to lead outside, and an outside that notices.
#ifndef XNATARCHIVE_TESTS_PATHS_PATH_FIXTURE_HPP_
#define XNATARCHIVE_TESTS_PATHS_PATH_FIXTURE_HPP_

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "support/engine_fixture.hpp"
#include "unit/engine/findings_fixture.hpp"

namespace xnatarchive {

/// What every file outside holds; nothing inside the root ever does.
inline constexpr char kSecret[] = "OUTSIDE";

/// A root, and beside it "outside" with a session of its own, which nobody may change or read.
/// "/data/prearchive/projects/DEMO/..." and the archived "S1" are there to be attacked.
struct PathFixture : FindingsFixture {
  std::string src;     ///< A session that waits: one scan, one file.
  std::string record;  ///< Of the history, once there is one.

  explicit PathFixture(FileSystem* fs = nullptr) {
    ArchiveNow({Object(1, 1), Object(1, 2)});
    DicomSpec other = Spec(2);
    src = Receive({other});
    DicomSpec secret = Spec(9);
    secret.values[0x0008103e] = kSecret;
    tree.Write("outside/secret.dcm", MakeDicom(secret));
    tree.Write("outside/dir/1.dcm", MakeDicom(secret));
    tree.Write("outside/secret.xml", std::string("<a>") + kSecret + "</a>");
    tree.Write("outside/harmless.dcm", MakeDicom(Object(1, 7)));
    RememberOutside();
    if (fs != nullptr) Open(fs);
  }

  /// Replaces a file of the archived session, and receives another one for `src` that has a new
  /// file and the same one once more, other again.
  void ReceiveForMerging() {
    DicomSpec changed = Object(1, 1);
    for (const char* comment : {"changed", "changed again"}) {
      changed.values[0x00204000] = comment;
      src = Receive({changed, Object(1, record.empty() ? 3 : 4)});
      if (!record.empty()) break;
      ArchiveRequest request;
      request.src = src;
      request.overwrite = Overwrite::kDelete;
      Must(engine->Archive(request));
      record = Must(engine->History()).at(0).id;
    }
  }

  /// A path from `directory` (below the tree) to what is outside.
  static std::string WayOut(const std::string& directory, const std::string& to) {
    std::string path;
    for (std::size_t i = 0; i <= Split(directory, '/').size() - 1; ++i) path += "../";
    return path + "outside/" + to;
  }

  /// What is outside now is what must be there from now on.
  void RememberOutside() { outside_ = tree.Dump("outside"); }

  /// Whether something outside was changed, or came into the root.
  std::string Touched() const {
    if (tree.Dump("outside") != outside_) return " CHANGED";
    for (const DirectoryEntry& entry :
         Must(Must(Directory::Open(PosixFileSystem(), tree.path())).List(""))) {
      if (entry.name != "in" && entry.name != "outside" && entry.name != "root") return " MADE";
    }
    bool read = false;
    Must(Must(Directory::Open(PosixFileSystem(), tree.path()))
             .Walk("root", [&](const WalkEntry& entry) {
               if (entry.info.kind != FileKind::kRegular || StartsWith(entry.path, "store.")) {
                 return Status();
               }
               read = read || tree.Read("root/" + entry.path).find(kSecret) != std::string::npos;
               return Status();
             }));
    if (read) return " READ";
    return "";
  }

 private:
  std::string outside_;
};

/// "ok", or the failure's reason; and what of the outside was touched.
inline std::string Outcome(const Status& status, const PathFixture& fixture) {
  return (status.ok() ? "ok" : std::string(status.reason())) + fixture.Touched();
}

/// "outcome: names" for each outcome, in the order of the names.
class OutcomeTable {
 public:
  void Add(const std::string& outcome, const char* name) {
    const auto at = std::find_if(rows_.begin(), rows_.end(),
                                 [&](const auto& row) { return row.first == outcome; });
    if (at == rows_.end()) {
      rows_.emplace_back(outcome, name);
    } else {
      at->second += std::string(", ") + name;
    }
  }
  std::string Text() const {
    std::string text;
    for (const auto& [outcome, names] : rows_) text += outcome + ": " + names + "\n";
    return text;
  }

 private:
  std::vector<std::pair<std::string, std::string>> rows_;
};

/// A name and what tables call it.
struct PathName {
  const char* label;
  std::string text;
};

/// Names a careless program follows. `directory`: where they are looked up from, below the tree.
inline std::vector<PathName> BadNames(const PathFixture& fixture, const std::string& directory) {
  std::string long_path;
  for (int i = 0; i < 2100; ++i) long_path += "d/";
  return {{"empty", ""},
          {"dot", "."},
          {"dot dot", ".."},
          {"up", "../x.dcm"},
          {"way out", PathFixture::WayOut(directory, "secret.dcm")},
          {"inner up", "a/../../x.dcm"},
          {"inner dot", "a/./x.dcm"},
          {"leading dot", "./x.dcm"},
          {"absolute", fixture.tree.path() + "/outside/secret.dcm"},
          {"double slash", "a//x.dcm"},
          {"trailing slash", "a/"},
          {"NUL", std::string("x\0.dcm", 6)},
          {"backslash", "..\\..\\x.dcm"},
          {"percent", "%2e%2e/%2e%2e/x.dcm"},
          {"newline", "x\n.dcm"},
          {"255 bytes", std::string(255, 'n')},
          {"256 bytes", std::string(256, 'n')},
          {"over PATH_MAX", long_path + "x.dcm"},
          {"not UTF-8", "\xff\xfe.dcm"},
          {"file URL", "file://" + fixture.tree.path() + "/outside/secret.dcm"},
          {"http URL", "http://localhost/secret.dcm"},
          {"ours", ".xa/ops/x.dcm"}};
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_PATHS_PATH_FIXTURE_HPP_
