// gradual_dicom_handler.hpp - "gradual-DICOM": objects of sessions that are sent over time.
#ifndef XNATARCHIVE_HANDLERS_GRADUAL_DICOM_HANDLER_HPP_
#define XNATARCHIVE_HANDLERS_GRADUAL_DICOM_HANDLER_HPP_

#include <string_view>

#include "handlers/dicom_container_handler.hpp"

namespace xnatarchive {

inline constexpr std::string_view kGradualDicom = "gradual-DICOM";

/// Sorts DICOM files as DicomContainerHandler does. What is asked for by this name is not the whole
/// of a session: the engine archives none of it at the end of the import. Only by name, because
/// nothing in the input tells.
class GradualDicomHandler : public DicomContainerHandler {
 public:
  using DicomContainerHandler::DicomContainerHandler;

  std::string_view Name() const noexcept override { return kGradualDicom; }
  bool Accepts(const ImportSource&) const override { return false; }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_HANDLERS_GRADUAL_DICOM_HANDLER_HPP_
