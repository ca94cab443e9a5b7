// document.hpp - what stands behind xna_document.
#ifndef XNATARCHIVE_CAPI_DOCUMENT_HPP_
#define XNATARCHIVE_CAPI_DOCUMENT_HPP_

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "handles.hpp"
#include "scope.hpp"
#include "xnatarchive/session_document.hpp"
#include "xnatarchive/status.hpp"

namespace xnatarchive::capi {

class Document : public Scoped {
 public:
  /// One of its own, read-only.
  explicit Document(SessionDocument document)
      : Scoped(std::make_shared<Scope>()), owned_(std::move(document)), view_(owned_) {}
  /// One that lives as long as `scope`, read-only.
  Document(std::shared_ptr<Scope> scope, const SessionDocument& document)
      : Scoped(std::move(scope)), view_(document) {}
  /// The same, which may be changed.
  Document(std::shared_ptr<Scope> scope, SessionDocument* document)
      : Scoped(std::move(scope)), view_(*document), changeable_(document) {}

  const SessionDocument& view() const { return view_; }
  /// The value; null for a scan that is not there.
  const char* Get(const char* scan_id, std::string_view path);
  Status Set(const char* scan_id, std::string_view path, std::string_view value);
  Status AddScan(std::string_view scan_id, std::string_view xsi_type);
  /// A copy that lives as long as the document.
  const char* Keep(std::string text) { return kept_.insert(std::move(text)).first->c_str(); }

 private:
  const SessionDocument owned_;
  const SessionDocument& view_;
  SessionDocument* const changeable_ = nullptr;
  std::set<std::string> kept_;
};

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_DOCUMENT_HPP_
