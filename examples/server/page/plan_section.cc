#include "plan_section.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "session_parts.hpp"
#include "wording.hpp"

namespace page {
namespace {

constexpr std::size_t kFilesShown = 200;
constexpr std::size_t kMessagesShown = 5;

/// One way to archive: XNAT's value, what a person calls it, and what it is.
struct Mode {
  std::string_view value;
  std::string_view word;
  std::string_view sentence;
};
constexpr std::array<Mode, 3> kModes = {{
    {"none", "Only as a new session", "Refused when the project has a session of this label."},
    {"append", "Add", "What the archived session has not is added; nothing in it is replaced."},
    {"delete", "Replace",
     "As \"Add\", and files that differ take the place of the archived ones, which are kept in the "
     "history."},
}};

/// What a mode would do.
struct Outcome {
  const Mode* mode;
  Answer answer;  ///< Of validate-archive with plan=true.

  bool blocked() const { return !answer.ok() || answer.json.value("blocked", true); }
};

std::vector<Outcome> Check(const Visit& visit, const std::string& src) {
  std::vector<Outcome> outcomes;
  for (const Mode& mode : kModes) {
    Pairs query = {{"src", src}, {"plan", "true"}, {"overwrite", std::string(mode.value)}};
    for (const char* name : {"project", "subject", "session", "quarantine"}) {
      query.emplace_back(name, visit.Parameter(name));
    }
    if (visit.Parameter("quarantine").empty()) query.pop_back();  // empty would mean "yes"
    outcomes.push_back({&mode, visit.rest.Post("/data/services/validate-archive", query)});
  }
  return outcomes;
}

/// What was asked for; else the first way that works and replaces nothing.
std::string_view Chosen(const Visit& visit, const std::vector<Outcome>& outcomes) {
  const std::string asked = visit.Parameter("overwrite");
  for (const Mode& mode : kModes) {
    if (mode.value == asked) return mode.value;
  }
  for (const Outcome& outcome : outcomes) {
    if (!outcome.blocked() && outcome.mode->value != "delete") return outcome.mode->value;
  }
  return "none";
}

/// "12 files are added (3.1 MB), 4 are there already, 1 is replaced (2 kB go to the history)".
std::string Numbers(const Json& plan) {
  const auto are = [](std::uint64_t count, const char* what) {
    return Count(count, "file is ", "files are ") + what;
  };
  std::string text = are(NumberOf(plan, "added"), "added");
  if (NumberOf(plan, "identical") > 0) {
    text += ", " + are(NumberOf(plan, "identical"), "there already");
  }
  if (NumberOf(plan, "replaced") > 0) {
    text += ", " + are(NumberOf(plan, "replaced"), "replaced") + " (" +
            Size(NumberOf(plan, "bytesReplaced")) + " to the history)";
  }
  if (NumberOf(plan, "conflicting") > 0) {
    text += ", " + are(NumberOf(plan, "conflicting"), "in the way of archived ones");
  }
  return text + "; " + Size(NumberOf(plan, "bytesAdded")) + " come in.";
}

Html Prediction(const Outcome& outcome) {
  if (!outcome.answer.ok()) {
    return Notice("error", outcome.answer.status == 403
                               ? "You may not do this."
                               : outcome.answer.reason + ": " + outcome.answer.message);
  }
  const Json& plan = outcome.answer.json;
  if (!outcome.blocked()) return Notice("good", Numbers(plan));
  for (const Json& finding : plan["findings"]) {
    const std::string type = TextOf(finding, "type");
    if (type == "WARN") continue;
    const std::string_view sentence =
        SentenceOfFinding(static_cast<std::int64_t>(NumberOf(finding, "code")), type);
    return Notice("warn", "This would be refused. " + (sentence.empty() ? TextOf(finding, "message")
                                                                        : std::string(sentence)));
  }
  return Notice("warn", "This would be refused.");
}

std::string FateOf(const Json& scan) {
  const std::string fate = TextOf(scan, "fate");
  const std::string target = TextOf(scan, "target");
  if (fate == "add") return "is added";
  if (fate == "merge") return "goes into the archived scan " + target;
  if (fate == "rename") return "is added with the number " + target;
  return "takes the place of the archived scan, as " + target;
}

std::string_view WordOfAction(std::string_view action) {
  if (action == "add") return "added";
  if (action == "keep") return "there already";
  if (action == "replace") return "replaces";
  return "is in the way of";
}

/// Scan by scan, and file by file where it is not all the same.
Html Details(const Outcome& outcome) {
  if (!outcome.answer.ok()) return {};
  Html items;
  for (const Json& scan : outcome.answer.json["scans"]) {
    items += Element("li", {}, {"Scan ", Name(TextOf(scan, "id")), " ", FateOf(scan)});
  }
  std::size_t shown = 0;
  for (const Json& resource : outcome.answer.json["resources"]) {
    for (const Json& file : resource["files"]) {
      if (++shown > kFilesShown) continue;
      const std::string replaces = TextOf(file, "replaces");
      items += Element("li", {},
                       {Element("code", {}, {Name(TextOf(file, "path"))}), " ",
                        WordOfAction(TextOf(file, "action")), " ", Name(replaces)});
    }
  }
  if (shown > kFilesShown) {
    items += Element("li", {}, {"and " + std::to_string(shown - kFilesShown) + " more files"});
  }
  if (items.empty()) return {};
  return Element("details", {},
                 {Element("summary", {}, {"Scans and files"}), Element("ul", {}, {items})});
}

Html ModeChoice(const Mode& mode, const Outcome* outcome, bool chosen) {
  const std::string id = "mode-" + std::string(mode.value);
  return Element("div", {{"class", "mode"}},
                 {Element("input", {{"type", "radio"},
                                    {"id", id},
                                    {"name", "overwrite"},
                                    {"value", std::string(mode.value)},
                                    {"aria-describedby", id + "-text"},
                                    {chosen ? "checked" : "", ""}}),
                  Element("label", {{"for", id}}, {mode.word}),
                  Element("div", {{"id", id + "-text"}},
                          {Element("p", {}, {mode.sentence}),
                           outcome == nullptr ? Html() : Prediction(*outcome)}),
                  outcome == nullptr ? Html() : Details(*outcome)});
}

/// Findings of one code and type, and the ways to archive that they are about.
struct Found {
  std::int64_t code;
  std::string type;
  std::vector<std::string> messages;
  std::vector<std::string_view> modes;
};

template <typename Value, typename Same>
void AddOnce(std::vector<Value>* values, Same value) {
  if (std::find(values->begin(), values->end(), value) == values->end()) {
    values->emplace_back(std::move(value));
  }
}

std::vector<Found> FindingsOf(const std::vector<Outcome>& outcomes) {
  std::vector<Found> all;
  for (const Outcome& outcome : outcomes) {
    if (!outcome.answer.ok()) continue;
    for (const Json& finding : outcome.answer.json["findings"]) {
      const auto code = static_cast<std::int64_t>(NumberOf(finding, "code"));
      const std::string type = TextOf(finding, "type");
      const auto same = std::find_if(all.begin(), all.end(), [&](const Found& other) {
        return other.code == code && other.type == type;
      });
      Found& entry = same != all.end() ? *same : all.emplace_back(Found{code, type, {}, {}});
      AddOnce(&entry.messages, TextOf(finding, "message"));
      AddOnce(&entry.modes, outcome.mode->word);
    }
  }
  return all;
}

std::string ModesText(const Found& found) {
  if (found.modes.size() == kModes.size()) return "any way";
  std::string text;
  for (const std::string_view mode : found.modes) {
    text += (text.empty() ? "" : ", ") + std::string(mode);
  }
  return text;
}

/// What it means, and what exactly was found, of which there may be one for each file.
Html Meaning(const Found& found) {
  Html meaning = SentenceOfFinding(found.code, found.type);
  for (std::size_t i = 0; i < std::min(found.messages.size(), kMessagesShown); ++i) {
    meaning += Element("div", {{"class", "detail"}}, {Name(found.messages[i])});
  }
  if (found.messages.size() > kMessagesShown) {
    meaning += Element("div", {{"class", "detail"}},
                       {"and " + std::to_string(found.messages.size() - kMessagesShown) + " more"});
  }
  return meaning;
}

std::string_view KindOf(const Found& found) {
  if (found.type == "WARN") return "busy";
  return found.type == "FAIL" ? "error" : "conflict";
}

Html FindingTable(const std::vector<Outcome>& outcomes) {
  Html rows;
  for (const Found& found : FindingsOf(outcomes)) {
    rows += Element(
        "tr", {},
        {TdNumber(std::to_string(found.code)),
         Td(Element("span", {{"class", "state " + std::string(KindOf(found))}}, {found.type})),
         Td(Meaning(found)), Td(ModesText(found))});
  }
  if (rows.empty()) return Notice("good", "Nothing was found that speaks against archiving it.");
  return DataTable(
      "What was found",
      {Th("Code", {{"class", "number"}}), Th("Kind"), Th("What it means"), Th("When archived by")},
      rows);
}

Html Destination(const Visit& visit) {
  return Element(
      "fieldset", {},
      {Element("legend", {}, {"Where to"}),
       Element(
           "div", {{"class", "fields"}},
           {Select("project", "Project", ProjectChoices(visit, "Its own"),
                   visit.Parameter("project")),
            TextField("subject", "Subject", visit.Parameter("subject"), "Empty: its own"),
            TextField("session", "Session", visit.Parameter("session"), "Empty: its own label")})});
}

}  // namespace

Html PlanSection(const Visit& visit, const std::string& page, const std::string& src) {
  const bool checks = !visit.Parameter("check").empty();
  const std::vector<Outcome> outcomes = checks ? Check(visit, src) : std::vector<Outcome>();
  const std::string_view chosen = Chosen(visit, outcomes);
  Html modes = Element("legend", {}, {"If the project has a session of this label already"});
  for (std::size_t i = 0; i < kModes.size(); ++i) {
    modes +=
        ModeChoice(kModes.at(i), checks ? &outcomes[i] : nullptr, kModes.at(i).value == chosen);
  }
  const Html quarantine = Element(
      "div", {{"class", "check"}},
      {Element("input", {{"type", "checkbox"},
                         {"id", "quarantine"},
                         {"name", "quarantine"},
                         {"value", "true"},
                         {visit.Parameter("quarantine") == "true" ? "checked" : "", ""}}),
       Element("label", {{"for", "quarantine"}}, {"Into quarantine, until somebody releases it"})});
  const Html buttons = Element("div", {{"class", "buttons"}},
                               {Button("Check", {{"name", "check"},
                                                 {"value", "1"},
                                                 {"formmethod", "get"},
                                                 {"formaction", page + "#plan"},
                                                 {"class", "plain"}}),
                                Button("Archive", {{"id", "archive-button"}})});
  const Html form =
      Element("form",
              {{"id", "archive"},
               {"class", "card"},
               {"method", "post"},
               {"action", WithToken(visit.user, "/data/services/archive")}},
              {Hidden("src", src), Destination(visit),
               Element("fieldset", {{"id", "modes"}}, {modes}), quarantine, buttons,
               Element("div", {{"id", "progress"}, {"hidden", ""}},
                       {Element("progress", {{"max", "100"}, {"aria-label", "Archived files"}}),
                        Element("span", {{"role", "status"}})}),
               Element("p", {{"class", "outcome"}, {"role", "alert"}, {"tabindex", "-1"}})});
  return Section(
      "plan", "Archive",
      {checks ? Element("div", {{"id", "found"}},
                        {Element("h3", {}, {"What was found"}), FindingTable(outcomes)})
              : Element(
                    "p", {},
                    {"Check it first: that tells what each choice would do, and changes nothing."}),
       form});
}

}  // namespace page
