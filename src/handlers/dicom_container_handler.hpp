// dicom_container_handler.hpp - "DICOM-zip": any container or folder of DICOM files.
#ifndef XNATARCHIVE_HANDLERS_DICOM_CONTAINER_HANDLER_HPP_
#define XNATARCHIVE_HANDLERS_DICOM_CONTAINER_HANDLER_HPP_

#include <functional>
#include <string>
#include <utility>

#include "dicom/identify.hpp"
#include "prearchive/series_filter.hpp"
#include "xnatarchive/import_handler.hpp"

namespace xnatarchive {

/// Sorts DICOM files into sessions by what their headers say (XNAT's identification rules), one
/// session per project, Study Instance UID and label. Drafts need a build.
///
/// Parameters: "project", "subject", "session" go before what the data says; "rename" = "true"
/// names files by the default template instead of by their own name; "Ignore-Unparsable" = "true"
/// skips what is not DICOM. Without it the first such file ends the import with ReadHeader's
/// failure, its path named. Files of series that the project's filter does not take are skipped.
class DicomContainerHandler : public ImportHandler {
 public:
  /// The filter of a project; "" is none. Called from any thread.
  using FilterOf = std::function<Result<SeriesFilter>(const std::string& project)>;

  DicomContainerHandler(RoutingRules rules, FilterOf filter_of)
      : rules_(std::move(rules)), filter_of_(std::move(filter_of)) {}

  std::string_view Name() const noexcept override { return "DICOM-zip"; }
  bool Accepts(const ImportSource& source) const override;
  Status Describe(ImportSource& source, SessionDrafts& drafts) override;

 private:
  const RoutingRules rules_;
  const FilterOf filter_of_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_HANDLERS_DICOM_CONTAINER_HANDLER_HPP_
