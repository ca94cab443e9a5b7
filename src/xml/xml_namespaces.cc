#include "xml/xml_namespaces.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace xnatarchive {
namespace {

constexpr std::pair<std::string_view, std::string_view> kCore[] = {
    {"arc", "http://nrg.wustl.edu/arc"},
    {"cat", "http://nrg.wustl.edu/catalog"},
    {"pipe", "http://nrg.wustl.edu/pipe"},
    {"prov", "http://www.nbirn.net/prov"},
    {"scr", "http://nrg.wustl.edu/scr"},
    {"val", "http://nrg.wustl.edu/val"},
    {"wrk", "http://nrg.wustl.edu/workflow"},
    {"xdat", "http://nrg.wustl.edu/security"},
    {"xnat", "http://nrg.wustl.edu/xnat"},
    {"xnat_a", "http://nrg.wustl.edu/xnat_assessments"},
    {"xsi", "http://www.w3.org/2001/XMLSchema-instance"},
};

/// Leaves room for the core set within XmlLimits::namespaces_max.
constexpr std::size_t kExtraMax = 48;

constexpr std::string_view kXmlns = "xmlns";

bool IsDeclaration(std::string_view attribute) {
  return attribute[0] == 'x' && StartsWith(attribute, kXmlns) &&
         (attribute.size() == kXmlns.size() || attribute[kXmlns.size()] == ':');
}

}  // namespace

void AddNamespaces(const XmlNamespaces& extra, std::vector<std::string>& names,
                   XmlAttributes& attributes) {
  names.reserve(names.size() + std::size(kCore) + extra.size());
  const auto add = [&](std::string_view prefix, std::string_view uri) {
    names.push_back(std::string("xmlns:").append(prefix));
    attributes.emplace_back(names.back(), uri);
  };
  for (const auto& [prefix, uri] : kCore) add(prefix, uri);
  for (const auto& [prefix, uri] : extra) add(prefix, uri);
}

void NamespaceTable::Leave() {
  if (bindings_.size() != marks_.back()) last_ = kNone;
  bindings_.resize(marks_.back());
  marks_.pop_back();
}

Status NamespaceTable::Declare(std::string_view attribute, std::string_view value) {
  if (!IsDeclaration(attribute)) return {};
  const std::string_view prefix = attribute.substr(std::min(attribute.size(), kXmlns.size() + 1));
  const std::string uri = Unescape(value, XmlPlace::kAttribute);
  last_ = kNone;
  if (uri.empty()) {  // xmlns="": names without prefix are in no namespace again
    bindings_.push_back({"", ""});
  } else if (prefix != "xml") {
    bindings_.push_back({std::string(prefix), HeldPrefix(uri, prefix)});
  }
  if (extra_.size() <= kExtraMax) return {};
  return Status(Code::kCorruption, "xml.too-many-attributes", "too many namespaces");
}

std::string NamespaceTable::HeldPrefix(std::string_view uri, std::string_view wanted) {
  for (const auto& [prefix, core_uri] : kCore) {
    if (core_uri == uri) return std::string(prefix);
  }
  for (const auto& [prefix, extra_uri] : extra_) {
    if (extra_uri == uri) return prefix;
  }
  const auto taken = [&](std::string_view prefix) {
    const auto same = [&](const auto& entry) { return entry.first == prefix; };
    return prefix.empty() || std::any_of(std::begin(kCore), std::end(kCore), same) ||
           std::any_of(extra_.begin(), extra_.end(), same);
  };
  std::string prefix(wanted);
  for (std::size_t n = 1; taken(prefix); ++n) prefix = "ns" + std::to_string(n);
  extra_.emplace_back(prefix, uri);
  return prefix;
}

const std::string* NamespaceTable::Held(std::string_view prefix) {
  if (last_ != kNone && bindings_[last_].prefix == prefix) return &bindings_[last_].held;
  for (std::size_t i = bindings_.size(); i-- > 0;) {
    if (bindings_[i].prefix != prefix) continue;
    last_ = i;
    return &bindings_[i].held;
  }
  return nullptr;
}

std::string NamespaceTable::Translate(std::string_view name) {
  const std::size_t colon = name.find(':');
  const bool prefixed = colon != std::string_view::npos;
  const std::string_view prefix = prefixed ? name.substr(0, colon) : std::string_view();
  const std::string* held = Held(prefix);
  if (held == nullptr || *held == prefix) return std::string(name);
  std::string translated = *held;
  if (!translated.empty()) translated += ':';
  return translated.append(prefixed ? name.substr(colon + 1) : name);
}

bool NamespaceTable::TranslateAttribute(std::string_view& name, std::string_view& value) {
  if (IsDeclaration(name)) return false;
  value = Unescape(value, XmlPlace::kAttribute, value_);
  if (name.find(':') == std::string_view::npos) return true;  // in no namespace
  name = name_ = Translate(name);
  if (name == "xsi:type") value = value_ = Translate(Trim(value));
  return name != "xsi:schemaLocation" && name != "xsi:noNamespaceSchemaLocation";
}

}  // namespace xnatarchive
