#include "report.hpp"

#include "guard.hpp"

namespace xnatarchive::capi {

const Json& Report::json() const {
  std::call_once(json_once_, [this] { json_ = MakeJson(); });
  return json_;
}

const std::string& Report::text() const {
  std::call_once(text_once_, [this] { text_ = DumpJson(json(), JsonLayout::kOneLine); });
  return text_;
}

namespace {

/// The URI of that index; null when there is none.
const std::string* UriAt(const Json& report, size_t index) {
  const auto uris = report.find("uris");
  if (uris != report.end() && uris->is_array()) {
    return index < uris->size() ? (*uris)[index].get_ptr<const std::string*>() : nullptr;
  }
  const auto uri = report.find("uri");
  if (uri == report.end() || !uri->is_string() || index > 0) return nullptr;
  const auto* text = uri->get_ptr<const std::string*>();
  return text->empty() ? nullptr : text;
}

std::int64_t NumberOf(const Json& report, const char* name) {
  const auto at = report.find(name);
  if (at == report.end()) return -1;
  if (at->is_boolean()) return at->get<bool>() ? 1 : 0;
  return at->is_number_integer() ? at->get<std::int64_t>() : -1;
}

}  // namespace
}  // namespace xnatarchive::capi

using xnatarchive::capi::Find;
using xnatarchive::capi::Quietly;

void xna_report_free(xna_report* report) { xnatarchive::capi::Take(report); }

const char* xna_report_json(const xna_report* report) {
  const char* text = nullptr;
  Quietly([&] {
    if (const auto found = Find(report)) text = found->text().c_str();
  });
  return text;
}

size_t xna_report_json_size(const xna_report* report) {
  size_t size = 0;
  Quietly([&] {
    if (const auto found = Find(report)) size = found->text().size();
  });
  return size;
}

int64_t xna_report_number(const xna_report* report, const char* name) {
  int64_t number = -1;
  Quietly([&] {
    const auto found = Find(report);
    if (found != nullptr && name != nullptr) {
      number = xnatarchive::capi::NumberOf(found->json(), name);
    }
  });
  return number;
}

size_t xna_report_uri_count(const xna_report* report) {
  size_t count = 0;
  Quietly([&] {
    const auto found = Find(report);
    if (found == nullptr) return;
    while (xnatarchive::capi::UriAt(found->json(), count) != nullptr) ++count;
  });
  return count;
}

const char* xna_report_uri(const xna_report* report, size_t index) {
  const char* uri = nullptr;
  Quietly([&] {
    const auto found = Find(report);
    if (found == nullptr) return;
    const std::string* text = xnatarchive::capi::UriAt(found->json(), index);
    if (text != nullptr) uri = text->c_str();
  });
  return uri;
}
