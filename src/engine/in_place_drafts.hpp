// in_place_drafts.hpp - the SessionDrafts for a session that is described where it lies.
#ifndef XNATARCHIVE_ENGINE_IN_PLACE_DRAFTS_HPP_
#define XNATARCHIVE_ENGINE_IN_PLACE_DRAFTS_HPP_

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

/// Takes drafts, but no files: those stay in the prearchive session they are in, and
/// DescribeSession holds its catalogs against them.
class InPlaceDrafts : public SessionDrafts {
 public:
  const std::map<std::string, std::string>& Parameters() const override { return parameters_; }
  std::optional<std::string> FindProject(const std::vector<std::string>&) const override {
    return std::nullopt;
  }
  SessionDraft& Add() override { return drafts_.emplace_back(); }
  Status Keep(SourceFile&, SessionDraft&, std::string_view, std::string_view, CatalogEntry,
              std::string) override {
    return Status(Code::kHandlerFailed, "import.in-place",
                  "a prearchive session's files are in their place and can not be kept again");
  }
  void Skip(const SourceFile&, Status why) override { IgnoreError(why, "files stay in place"); }
  bool Cancelled() const override { return false; }

  std::deque<SessionDraft>& drafts() { return drafts_; }

 private:
  const std::map<std::string, std::string> parameters_;
  std::deque<SessionDraft> drafts_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ENGINE_IN_PLACE_DRAFTS_HPP_
