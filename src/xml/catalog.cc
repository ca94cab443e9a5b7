#include "xnatarchive/catalog.hpp"

#include <algorithm>
#include <cstddef>

namespace xnatarchive {
namespace {

std::string_view Find(const std::vector<MetaField>& fields, std::string_view name) {
  for (const MetaField& field : fields) {
    if (field.name == name) return field.value;
  }
  return {};
}

/// The names this library gives to the meta fields of every entry, held once.
SharedText FieldName(std::string_view name) {
  static const SharedText kNames[] = {"SIZE", "MTIME", "XXH3"};
  for (const SharedText& known : kNames) {
    if (known == name) return known;
  }
  return name;
}

void Set(std::vector<MetaField>& fields, std::string_view name, std::string_view value) {
  for (MetaField& field : fields) {
    if (field.name == name) {
      if (field.value != value) field.value = value;
      return;
    }
  }
  fields.push_back({FieldName(name), value});
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// An absolute path (of either kind of system), or letters and digits before "://".
bool IsElsewhere(std::string_view uri) {
  if (uri.empty()) return false;
  if (uri[0] == '/' || uri.substr(0, 5) == "file:") return true;
  if (uri.size() > 2 && IsLetter(uri[0]) && uri[1] == ':' && (uri[2] == '/' || uri[2] == '\\')) {
    return true;
  }
  const std::size_t colon = uri.find("://");
  if (colon == std::string_view::npos || colon == 0) return false;
  return std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return IsLetter(c) || IsDigit(c); });
}

}  // namespace

std::string_view CatalogEntry::Meta(std::string_view meta_name) const {
  return Find(meta_fields, meta_name);
}

void CatalogEntry::SetMeta(std::string_view meta_name, std::string value) {
  Set(meta_fields, meta_name, value);
}

const SharedText& CatalogEntry::RelativePath() const {
  if (!IsElsewhere(uri)) return uri;
  return cache_path.empty() ? id : cache_path;
}

std::string_view Catalog::Meta(std::string_view meta_name) const {
  return Find(meta_fields, meta_name);
}

void Catalog::SetMeta(std::string_view meta_name, std::string value) {
  Set(meta_fields, meta_name, value);
}

}  // namespace xnatarchive
