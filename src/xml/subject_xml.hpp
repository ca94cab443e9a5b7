// subject_xml.hpp - a subject's document: XNAT's xnat:Subject with what identifies it.
#ifndef XNATARCHIVE_XML_SUBJECT_XML_HPP_
#define XNATARCHIVE_XML_SUBJECT_XML_HPP_

#include <string>
#include <string_view>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

struct SubjectDocument {
  std::string id;
  std::string project;
  std::string label;
};

std::string WriteSubject(const SubjectDocument& subject);

/// Reads those three; whatever else the document holds is passed over. kCorruption
/// "subject.bad-xml", "subject.not-a-subject" for another root element or one without an ID.
Result<SubjectDocument> ParseSubject(std::string_view bytes);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_SUBJECT_XML_HPP_
