#include "xml/session_path.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "xml/session_schema.hpp"

namespace xnatarchive {
namespace {

using Steps = std::vector<PathStep>;
using Attributes = std::vector<std::pair<std::string, std::string>>;

std::string_view LocalName(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

const std::string* Find(const Attributes& attributes, std::string_view name) {
  for (const auto& [attribute, value] : attributes) {
    if (attribute == name) return &value;
  }
  return nullptr;
}

bool ParsePredicate(std::string_view text, PathStep& step) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    const std::optional<std::int64_t> index = ParseInt(text);
    if (!index.has_value() || *index < 0 || step.index.has_value()) return false;
    step.index = static_cast<std::size_t>(*index);
    return true;
  }
  std::string_view name = Trim(text.substr(0, equals));
  std::string_view value = Trim(text.substr(equals + 1));
  if (!name.empty() && name[0] == '@') name.remove_prefix(1);
  const bool quoted = value.size() >= 2 && value.front() == value.back() &&
                      (value.front() == '\'' || value.front() == '"');
  if (quoted) value = value.substr(1, value.size() - 2);
  if (name.empty()) return false;
  step.predicates.emplace_back(name, value);
  return true;
}

bool ParseStep(std::string_view text, PathStep& step) {
  step.attribute = !text.empty() && text[0] == '@';
  if (step.attribute) text.remove_prefix(1);
  const std::size_t bracket = text.find('[');
  step.name = text.substr(0, bracket);
  if (step.name.empty()) return false;
  if (bracket == std::string_view::npos) return true;
  text.remove_prefix(bracket);
  while (!text.empty()) {
    const std::size_t close = text.find(']');
    if (text[0] != '[' || close == std::string_view::npos) return false;
    if (!ParsePredicate(text.substr(1, close - 1), step)) return false;
    text.remove_prefix(close + 1);
  }
  return !step.attribute;
}

bool Matches(const XmlElement& element, const PathStep& step) {
  if (LocalName(element.name) != LocalName(step.name)) return false;
  return std::all_of(step.predicates.begin(), step.predicates.end(), [&](const auto& predicate) {
    const std::string* value = element.FindAttribute(predicate.first);
    return value != nullptr && *value == predicate.second;
  });
}

/// Nothing is left of the element but what the step itself says of it.
bool IsSpent(const XmlElement& element, const PathStep& step) {
  if (!element.text.empty() || !element.children.empty()) return false;
  return std::all_of(element.attributes.begin(), element.attributes.end(), [&](const auto& entry) {
    return Find(step.predicates, entry.first) != nullptr;
  });
}

std::string GetValue(const Attributes& attributes, const std::vector<XmlElement>& children,
                     const Steps& steps) {
  const Attributes* here = &attributes;
  const std::vector<XmlElement>* below = &children;
  const std::string* text = nullptr;
  for (const PathStep& step : steps) {
    if (step.attribute) {
      text = Find(*here, step.name);
      break;
    }
    const auto at = std::find_if(below->begin(), below->end(),
                                 [&](const XmlElement& element) { return Matches(element, step); });
    if (at == below->end()) return {};
    here = &at->attributes;
    below = &at->children;
    text = &at->text;
  }
  return text == nullptr ? std::string() : *text;
}

void SetAttributeValue(XmlElement& element, const std::string& name, std::string_view value) {
  if (!value.empty()) return element.SetAttribute(name, value);
  Attributes& all = element.attributes;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const auto& attribute) { return attribute.first == name; }),
            all.end());
}

using ChildIterator = std::vector<XmlElement>::iterator;

ChildIterator AddChild(XmlElement& parent, std::string_view type, const PathStep& step) {
  XmlElement child;
  child.name = step.name.find(':') == std::string::npos ? "xnat:" + step.name : step.name;
  child.attributes = step.predicates;
  const std::size_t place = SchemaPlace(type, parent.children, child.name);
  return parent.children.insert(parent.children.begin() + static_cast<std::ptrdiff_t>(place),
                                std::move(child));
}

/// Sets the value at the steps from `at` on, below an element of schema type `type`.
void SetValue(XmlElement& parent, std::string_view type, const Steps& steps, std::size_t at,
              std::string_view value) {
  const PathStep& step = steps[at];
  if (step.attribute) return SetAttributeValue(parent, step.name, value);
  auto child = std::find_if(parent.children.begin(), parent.children.end(),
                            [&](const XmlElement& element) { return Matches(element, step); });
  if (child == parent.children.end()) {
    if (value.empty()) return;
    child = AddChild(parent, type, step);
  }
  if (at + 1 == steps.size()) {
    child->text = value;
  } else {
    const std::optional<SchemaChild> known = FindSchemaChild(type, LocalName(step.name));
    SetValue(*child, known ? known->type : std::string_view(), steps, at + 1, value);
  }
  if (value.empty() && IsSpent(*child, step)) parent.children.erase(child);
}

/// The member of a session or scan that holds the attribute the path names, or nullptr.
template <typename Session>
auto SessionMember(Session& session, const Steps& steps) -> decltype(&session.id) {
  const bool single = steps.size() == 1 && steps[0].attribute;
  const std::string_view name = single ? std::string_view(steps[0].name) : std::string_view();
  if (name == "ID") return &session.id;
  if (name == "UID") return &session.uid;
  if (name == "project") return &session.project;
  if (name == "label") return &session.label;
  return nullptr;
}
template <typename AnyScan>
auto ScanMember(AnyScan& scan, const Steps& steps) -> decltype(&scan.id) {
  const bool single = steps.size() == 1 && steps[0].attribute;
  const std::string_view name = single ? std::string_view(steps[0].name) : std::string_view();
  if (name == "ID") return &scan.id;
  if (name == "UID") return &scan.uid;
  if (name == "type") return &scan.type;
  return nullptr;
}

/// Sets a value among the kept attributes and elements of a session or scan.
template <typename Document>
void SetKept(Document& document, std::string_view type, const Steps& steps,
             std::string_view value) {
  XmlElement whole;
  whole.attributes = std::move(document.attributes);
  whole.children = std::move(document.elements);
  SetValue(whole, type, steps, 0, value);
  document.attributes = std::move(whole.attributes);
  document.elements = std::move(whole.children);
}

void SetSession(SessionDocument& session, const Steps& steps, std::string_view value) {
  if (std::string* member = SessionMember(session, steps)) {
    *member = value;
  } else {
    SetKept(session, SessionSchemaType(session.xsi_type), steps, value);
  }
}

void SetScan(Scan& scan, const Steps& steps, std::string_view value) {
  if (std::string* member = ScanMember(scan, steps)) {
    *member = value;
  } else {
    SetKept(scan, ScanSchemaType(scan.xsi_type), steps, value);
  }
}

/// Checks one step of an XML path and spells it as the schema does; `child` is what it names.
bool ResolveStep(const SchemaChild& child, bool last, PathStep& step) {
  if (step.attribute && !child.attribute) return false;
  if (child.attribute && (!last || !step.predicates.empty())) return false;
  if (step.index.has_value()) return false;
  const bool keyed = child.repeated && !child.type.empty();
  if (keyed == step.predicates.empty()) return false;
  for (auto& [name, value] : step.predicates) {
    const std::optional<SchemaChild> key = FindSchemaChild(child.type, LocalName(name));
    if (!key.has_value() || !key->attribute) return false;
    name = key->name;
  }
  step.name = child.name;
  step.attribute = child.attribute;
  return !last || child.attribute || HasText(child.type);
}

/// Turns the steps of an XML path below a `type` into those of Set, or says that it is unknown.
bool Resolve(std::string_view type, Steps& steps) {
  // XNAT names the text of a repeated element by a further step: "field[name=x]/field".
  if (steps.size() > 1 && !steps[steps.size() - 2].predicates.empty()) {
    const PathStep& element = steps[steps.size() - 2];
    const PathStep& text = steps.back();
    const bool repeats = EqualsIgnoreCase(LocalName(text.name), LocalName(element.name)) ||
                         EqualsIgnoreCase(LocalName(text.name), "addField");
    if (repeats && !text.attribute && text.predicates.empty()) steps.pop_back();
  }
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::optional<SchemaChild> child = FindSchemaChild(type, LocalName(steps[i].name));
    if (!child.has_value() || !ResolveStep(*child, i + 1 == steps.size(), steps[i])) return false;
    type = child->type;
  }
  return !steps.empty();
}

const std::string* ScanKey(const Scan& scan, std::string_view name) {
  if (EqualsIgnoreCase(name, "ID")) return &scan.id;
  if (EqualsIgnoreCase(name, "UID")) return &scan.uid;
  if (EqualsIgnoreCase(name, "type")) return &scan.type;
  if (EqualsIgnoreCase(name, "xsi:type")) return &scan.xsi_type;
  return nullptr;
}

Scan* SelectScan(SessionDocument& document, const PathStep& step) {
  std::size_t skip = step.index.value_or(0);
  for (Scan& scan : document.scans) {
    const bool matches =
        std::all_of(step.predicates.begin(), step.predicates.end(), [&](const auto& predicate) {
          const std::string* key = ScanKey(scan, predicate.first);
          return key != nullptr && *key == predicate.second;
        });
    if (matches && skip-- == 0) return &scan;
  }
  return nullptr;
}

Status UnknownPath(std::string_view what, std::string_view path) {
  constexpr std::size_t kShownMax = 200;
  return Status(
      Code::kInvalidArgument, "session.unknown-path",
      std::string(what).append(" '").append(EncodePercent(path.substr(0, kShownMax))) + "'");
}

}  // namespace

std::optional<Steps> ParsePath(std::string_view path) {
  Steps steps;
  std::size_t begin = 0;
  bool bracket = false;
  for (std::size_t at = 0; at <= path.size(); ++at) {
    const char c = at < path.size() ? path[at] : '/';
    if (c == '[') bracket = true;
    if (c == ']') bracket = false;
    if (c != '/' || (bracket && at < path.size())) continue;
    if (!steps.empty() && steps.back().attribute) return std::nullopt;
    if (!ParseStep(path.substr(begin, at - begin), steps.emplace_back())) return std::nullopt;
    begin = at + 1;
  }
  return steps;
}

std::size_t SchemaPlace(std::string_view type, const std::vector<XmlElement>& children,
                        std::string_view element) {
  const std::optional<int> own = SchemaRank(type, element);
  if (!own.has_value()) return children.size();
  const auto behind = std::find_if(children.begin(), children.end(), [&](const XmlElement& child) {
    return SchemaRank(type, child.name).value_or(-1) > *own;
  });
  return static_cast<std::size_t>(behind - children.begin());
}

std::string SessionDocument::Get(std::string_view path) const {
  const std::optional<Steps> steps = ParsePath(path);
  if (!steps.has_value()) return {};
  const std::string* member = SessionMember(*this, *steps);
  return member != nullptr ? *member : GetValue(attributes, elements, *steps);
}

void SessionDocument::Set(std::string_view path, std::string_view value) {
  const std::optional<Steps> steps = ParsePath(path);
  if (steps.has_value()) SetSession(*this, *steps, value);
}

const Scan* SessionDocument::FindScan(std::string_view scan_id) const {
  const auto at = std::find_if(scans.begin(), scans.end(),
                               [&](const Scan& scan) { return scan.id == scan_id; });
  return at == scans.end() ? nullptr : &*at;
}

Scan* SessionDocument::FindScan(std::string_view scan_id) {
  return const_cast<Scan*>(static_cast<const SessionDocument*>(this)->FindScan(scan_id));
}

std::string Scan::Get(std::string_view path) const {
  const std::optional<Steps> steps = ParsePath(path);
  if (!steps.has_value()) return {};
  const std::string* member = ScanMember(*this, *steps);
  return member != nullptr ? *member : GetValue(attributes, elements, *steps);
}

void Scan::Set(std::string_view path, std::string_view value) {
  const std::optional<Steps> steps = ParsePath(path);
  if (steps.has_value()) SetScan(*this, *steps, value);
}

Status SetByXmlPath(SessionDocument& document, std::string_view xml_path, std::string_view value) {
  std::optional<Steps> parsed = ParsePath(xml_path);
  const bool typed = parsed.has_value() && parsed->size() > 1 && !(*parsed)[0].attribute &&
                     (*parsed)[0].predicates.empty() && !(*parsed)[0].index.has_value() &&
                     IsSessionType(document.xsi_type, (*parsed)[0].name);
  if (!typed) return UnknownPath("unknown XML path", xml_path);
  Steps steps(parsed->begin() + 1, parsed->end());

  const bool of_scan = steps.size() > 2 && EqualsIgnoreCase(LocalName(steps[0].name), "scans") &&
                       EqualsIgnoreCase(LocalName(steps[1].name), "scan");
  if (!of_scan) {
    if (!Resolve(SessionSchemaType(document.xsi_type), steps)) {
      return UnknownPath("unknown XML path", xml_path);
    }
    SetSession(document, steps, value);
    return {};
  }
  Scan* scan = SelectScan(document, steps[1]);
  if (scan == nullptr) return UnknownPath("no scan is at XML path", xml_path);
  steps.erase(steps.begin(), steps.begin() + 2);
  const bool known = Resolve(ScanSchemaType(scan->xsi_type), steps);
  if (!known || ScanMember(*scan, steps) == &scan->id) {
    return UnknownPath("unknown XML path", xml_path);
  }
  SetScan(*scan, steps, value);
  return {};
}

}  // namespace xnatarchive
