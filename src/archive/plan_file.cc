// The plan file, one item per line, tab separated, values percent-encoded:
//
//   xnatarchive-plan  1
//   kind   archive
//   lock   archive/DEMO/S1                    one line per key
//   head   <XXH3-128 of all bytes before this line>
//   fact   destination   DEMO/arc001/S1
//   step   M   P   DEMO/20240318_150212847/S1   A   DEMO/arc001/S1
//   step   L   P   <directory>   A   <directory>   <name>   <name> ...
//   sum    <XXH3-128 of all bytes before this line>
//
// Everything up to "head" keeps its form in later versions, so that an older library can tell which
// sessions a newer one left unfinished.
#include <algorithm>
#include <optional>

#include "archive/history.hpp"
#include "archive/operation.hpp"
#include "base/status_macros.hpp"
#include "base/text.hpp"
#include "digest/digest.hpp"
#include "fs/lexical_path.hpp"

namespace xnatarchive {
namespace {

constexpr std::string_view kMagic = "xnatarchive-plan";
constexpr std::int64_t kVersion = 1;

Status Corrupt(std::string message) {
  return Status(Code::kCorruption, "plan.corrupt", std::move(message));
}

void AppendLine(std::string* text, const std::vector<std::string_view>& values) {
  bool first = true;
  for (const std::string_view value : values) {
    if (!first) *text += '\t';
    first = false;
    *text += EncodePercent(value);
  }
  *text += '\n';
}

std::string Checksum128(std::string_view bytes) {
  return Hasher(Checksum::kXxh3).Hash(bytes.data(), bytes.size()).xxh3;
}

void AppendChecksum(std::string* text, std::string_view name) {
  AppendLine(text, {name, Checksum128(*text)});
}

std::string_view TreeLetter(const Tree& tree) {
  return std::string_view(reinterpret_cast<const char*>(&tree), 1);
}

/// Takes lines off the front of a plan file.
class LineReader {
 public:
  explicit LineReader(std::string_view bytes) : bytes_(bytes) {}

  std::size_t position() const { return position_; }
  bool AtEnd() const { return position_ == bytes_.size(); }

  /// The decoded values of the next line. The first is the line's name.
  Result<std::vector<std::string>> Next() {
    const std::size_t end = bytes_.find('\n', position_);
    if (end == std::string_view::npos) return Corrupt("the last line has no end");
    std::vector<std::string> values;
    for (std::string& part : Split(bytes_.substr(position_, end - position_), '\t')) {
      std::optional<std::string> value = DecodePercent(part);
      if (!value.has_value() || EncodePercent(*value) != part) return Corrupt("a bad escape");
      values.push_back(std::move(*value));
    }
    position_ = end + 1;
    return values;
  }

  /// Reads a line "<name> <checksum>" over everything before it.
  Status CheckChecksum(std::string_view name) {
    const std::string_view covered = bytes_.substr(0, position_);
    XNA_ASSIGN_OR_RETURN(const std::vector<std::string> line, Next());
    if (line.size() == 2 && line[0] == name && line[1] == Checksum128(covered)) return Status();
    return Corrupt("the checksum '" + std::string(name) + "' does not match");
  }

 private:
  std::string_view bytes_;
  std::size_t position_ = 0;
};

/// What stands before and in the line "head".
struct Head {
  std::int64_t version = 0;
  std::string kind;
  std::vector<std::string> locks;
};

Result<Head> ReadHead(LineReader* reader) {
  Head head;
  XNA_ASSIGN_OR_RETURN(const std::vector<std::string> first, reader->Next());
  const std::optional<std::int64_t> version =
      first.size() == 2 && first[0] == kMagic ? ParseInt(first[1]) : std::nullopt;
  if (!version.has_value() || *version < 1) return Corrupt("not a plan file");
  head.version = *version;
  XNA_ASSIGN_OR_RETURN(std::vector<std::string> kind, reader->Next());
  if (kind.size() != 2 || kind[0] != "kind") return Corrupt("expected the line 'kind'");
  head.kind = std::move(kind[1]);
  for (;;) {
    LineReader ahead = *reader;
    XNA_ASSIGN_OR_RETURN(std::vector<std::string> line, ahead.Next());
    if (line[0] != "lock" || line.size() != 2) break;
    head.locks.push_back(std::move(line[1]));
    *reader = ahead;
  }
  XNA_RETURN_IF_ERROR(reader->CheckChecksum("head"));
  return head;
}

/// Whether a plan may name `path`: inside its tree and, below the library's own directory, only in
/// an operation's home or the history.
Status CheckPlanPath(std::string_view path, bool wanted) {
  if (!wanted) return path.empty() ? Status() : Corrupt("a step names a path too many");
  const Status status = CheckSafePath(path);  // also names that we would not give: files move
  if (!status.ok()) return Corrupt("a step's path leaves its tree or is not a path");
  const bool own = path == ".xa" || StartsWith(path, ".xa/");
  const bool history =
      path == kHistoryDirectory || StartsWith(path, std::string(kHistoryDirectory) + "/");
  if (own && !history && !StartsWith(path, ".xa/ops/")) {
    return Corrupt("a step's path is the library's own");
  }
  return Status();
}

/// Whether a plan may name a file so.
Status CheckPlanName(std::string_view name) {
  const bool is_name = CheckSafePath(name).ok() && name.find('/') == std::string_view::npos;
  return is_name ? Status() : Corrupt("a step's name is a path or not a name");
}

Result<Tree> ParseTree(std::string_view letter) {
  for (const Tree tree : kAllTrees) {
    if (letter == TreeLetter(tree)) return tree;
  }
  return Corrupt("a step names an unknown tree");
}

Result<Step> ParseStep(std::vector<std::string> line) {
  static constexpr std::string_view kKinds = "DMROTSEXL";
  if (line.size() < 6 || line[1].size() != 1 || kKinds.find(line[1]) == std::string_view::npos) {
    return Corrupt("an unknown step");
  }
  Step step;
  step.kind = static_cast<StepKind>(line[1][0]);
  step.names.assign(std::make_move_iterator(line.begin() + 6), std::make_move_iterator(line.end()));
  if (step.names.empty() == (step.kind == StepKind::kLink)) return Corrupt("an unknown step");
  for (const std::string& name : step.names) XNA_RETURN_IF_ERROR(CheckPlanName(name));
  XNA_ASSIGN_OR_RETURN(step.from.tree, ParseTree(line[2]));
  XNA_ASSIGN_OR_RETURN(step.to.tree, ParseTree(line[4]));
  step.from.path = std::move(line[3]);
  step.to.path = std::move(line[5]);
  const bool no_from =
      step.kind == StepKind::kMakeDirectory || step.kind == StepKind::kRemoveIfEmpty;
  const bool no_to = step.kind == StepKind::kTrash || step.kind == StepKind::kPurge;
  XNA_RETURN_IF_ERROR(CheckPlanPath(step.from.path, !no_from));
  XNA_RETURN_IF_ERROR(CheckPlanPath(step.to.path, !no_to));
  return step;
}

}  // namespace

std::string OperationPlan::Fact(std::string_view name) const {
  const auto found = std::find_if(facts.begin(), facts.end(),
                                  [&](const auto& fact) { return fact.first == name; });
  return found == facts.end() ? std::string() : found->second;
}

std::string WriteOperationPlan(const OperationPlan& plan) {
  std::string text;
  AppendLine(&text, {kMagic, std::to_string(kVersion)});
  AppendLine(&text, {"kind", plan.kind});
  for (const std::string& key : plan.locks) AppendLine(&text, {"lock", key});
  AppendChecksum(&text, "head");
  for (const auto& [name, value] : plan.facts) AppendLine(&text, {"fact", name, value});
  for (const Step& step : plan.steps) {
    const char kind = static_cast<char>(step.kind);
    std::vector<std::string_view> line = {
        "step",         std::string_view(&kind, 1), TreeLetter(step.from.tree),
        step.from.path, TreeLetter(step.to.tree),   step.to.path};
    line.insert(line.end(), step.names.begin(), step.names.end());
    AppendLine(&text, line);
  }
  AppendChecksum(&text, "sum");
  return text;
}

Result<OperationPlan> ParseOperationPlan(std::string_view bytes) {
  LineReader reader(bytes);
  XNA_ASSIGN_OR_RETURN(Head head, ReadHead(&reader));
  if (head.version > kVersion) {
    return Status(Code::kUnsupported, "plan.newer",
                  "plan version " + std::to_string(head.version) + ", at most " +
                      std::to_string(kVersion) + " is known");
  }
  OperationPlan plan;
  plan.kind = std::move(head.kind);
  plan.locks = std::move(head.locks);
  for (;;) {
    LineReader ahead = reader;
    XNA_ASSIGN_OR_RETURN(std::vector<std::string> line, ahead.Next());
    if (line[0] == "fact" && line.size() == 3) {
      plan.facts.emplace_back(std::move(line[1]), std::move(line[2]));
    } else if (line[0] == "step") {
      XNA_ASSIGN_OR_RETURN(Step step, ParseStep(std::move(line)));
      plan.steps.push_back(std::move(step));
    } else {
      break;
    }
    reader = ahead;
  }
  XNA_RETURN_IF_ERROR(reader.CheckChecksum("sum"));
  if (!reader.AtEnd()) return Corrupt("bytes after the end");
  return plan;
}

Result<std::vector<std::string>> ParsePlanLocks(std::string_view bytes) {
  LineReader reader(bytes);
  XNA_ASSIGN_OR_RETURN(Head head, ReadHead(&reader));
  return std::move(head.locks);
}

}  // namespace xnatarchive
