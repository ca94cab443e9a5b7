#include "document.hpp"

#include <algorithm>
#include <cctype>

#include "guard.hpp"
#include "structs.hpp"
#include "text.hpp"
#include "to_json.hpp"

namespace xnatarchive::capi {
namespace {

/// The member a path names that is no path of local names; null for all others.
const std::string* MemberOf(const SessionDocument& document, std::string_view path) {
  if (path == "xsi_type") return &document.xsi_type;
  if (path == "id") return &document.id;
  if (path == "uid") return &document.uid;
  if (path == "project") return &document.project;
  if (path == "label") return &document.label;
  return nullptr;
}

const std::string* MemberOf(const Scan& scan, std::string_view path) {
  if (path == "xsi_type") return &scan.xsi_type;
  if (path == "uid") return &scan.uid;
  if (path == "type") return &scan.type;
  return nullptr;
}

bool IsNameChar(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '-' || c == '.' || c == ':' || byte >= 0x80;
}

bool IsName(std::string_view name) {
  const bool starts = !name.empty() && (IsNameChar(name[0])) &&
                      std::isdigit(static_cast<unsigned char>(name[0])) == 0 && name[0] != '-' &&
                      name[0] != '.';
  return starts && std::all_of(name.begin(), name.end(), IsNameChar);
}

/// Names of elements, each perhaps with a predicate "[name=value]", or at the end "@attribute".
bool IsPath(std::string_view path) {
  while (true) {
    const std::size_t name_end = std::min(path.find_first_of("/["), path.size());
    const std::string_view name = path.substr(0, name_end);
    if (!name.empty() && name[0] == '@') return name_end == path.size() && IsName(name.substr(1));
    if (!IsName(name)) return false;
    path.remove_prefix(name_end);
    if (!path.empty() && path[0] == '[') {
      const std::size_t close = path.find(']');
      if (close == std::string_view::npos || path.find('=') > close) return false;
      path.remove_prefix(close + 1);
    }
    if (path.empty()) return true;
    if (path[0] != '/') return false;
    path.remove_prefix(1);
  }
}

template <typename Part>
std::string ValueOf(const Part& part, std::string_view path) {
  const std::string* member = MemberOf(part, path);
  return member != nullptr ? *member : part.Get(path);
}

template <typename Part>
void SetValue(Part& part, std::string_view path, std::string_view value) {
  if (MemberOf(part, path) != nullptr) {
    *const_cast<std::string*>(MemberOf(part, path)) = value;  // `part` is not const
  } else {
    part.Set(path, value);
  }
}

Status ReadOnly() {
  return Status(Code::kUnsupported, "document.read-only", "this document can not be changed");
}

}  // namespace

const char* Document::Get(const char* scan_id, std::string_view path) {
  if (scan_id == nullptr) return Keep(ValueOf(view_, path));
  const Scan* scan = view_.FindScan(scan_id);
  return scan == nullptr ? nullptr : Keep(ValueOf(*scan, path));
}

Status Document::Set(const char* scan_id, std::string_view path, std::string_view value) {
  if (changeable_ == nullptr) return ReadOnly();
  Status status = CheckName(path, "the path");
  if (status.ok()) status = CheckText(value, "the value");
  if (!status.ok()) return status;
  if (!IsPath(path)) {
    return Status(Code::kInvalidArgument, "document.bad-path",
                  "expected names of elements, or at the end @attribute");
  }
  if (scan_id == nullptr) {
    SetValue(*changeable_, path, value);
    return status;
  }
  Scan* scan = changeable_->FindScan(scan_id);
  if (scan == nullptr) {
    return Status(Code::kNotFound, "document.no-scan", "the document has no scan of that ID");
  }
  SetValue(*scan, path, value);
  return status;
}

Status Document::AddScan(std::string_view scan_id, std::string_view xsi_type) {
  if (changeable_ == nullptr) return ReadOnly();
  Status status = CheckName(scan_id, "the scan's ID");
  if (status.ok()) status = CheckName(xsi_type, "the scan's type");
  if (!status.ok()) return status;
  if (changeable_->FindScan(scan_id) != nullptr) {
    return Status(Code::kAlreadyExists, "document.scan-exists",
                  "the document has a scan of that ID");
  }
  Scan scan;
  scan.id = scan_id;
  scan.xsi_type = xsi_type;
  changeable_->scans.push_back(std::move(scan));
  return status;
}

}  // namespace xnatarchive::capi

using xnatarchive::Status;
using xnatarchive::capi::ClearOut;
using xnatarchive::capi::Document;
using xnatarchive::capi::GuardScoped;
using xnatarchive::capi::NullArgument;
using xnatarchive::capi::Quietly;
using xnatarchive::capi::StoreText;
using xnatarchive::capi::Using;

void xna_document_free(xna_document* document) { xnatarchive::capi::Take(document); }

xna_status xna_document_json(const xna_document* document, xna_text** out_text,
                             xna_error** out_error) {
  return GuardScoped(document, "document", out_error, ClearOut(out_text), [&](Document& found) {
    return StoreText(DumpJson(ToJson(found.view()), JsonLayout::kOneLine), out_text);
  });
}

size_t xna_document_scan_count(const xna_document* document) {
  const Using found(document);
  return found ? found->view().scans.size() : 0;
}

const char* xna_document_scan_id(const xna_document* document, size_t index) {
  const char* id = nullptr;
  Quietly([&] {
    const Using found(document);
    if (found && index < found->view().scans.size())
      id = found->Keep(found->view().scans[index].id);
  });
  return id;
}

const char* xna_document_get(const xna_document* document, const char* scan_id, const char* path) {
  const char* value = nullptr;
  Quietly([&] {
    const Using found(document);
    if (found && path != nullptr) value = found->Get(scan_id, path);
  });
  return value;
}

xna_status xna_document_set(xna_document* document, const char* scan_id, const char* path,
                            const char* value, xna_error** out_error) {
  return GuardScoped(document, "document", out_error, true, [&](Document& found) {
    if (path == nullptr) return NullArgument("path");
    return found.Set(scan_id, path, xnatarchive::capi::TextOr(value, ""));
  });
}

xna_status xna_document_add_scan(xna_document* document, const char* scan_id, const char* xsi_type,
                                 xna_error** out_error) {
  return GuardScoped(document, "document", out_error, true, [&](Document& found) {
    if (scan_id == nullptr || xsi_type == nullptr) return NullArgument("the scan's ID or type");
    return found.AddScan(scan_id, xsi_type);
  });
}
