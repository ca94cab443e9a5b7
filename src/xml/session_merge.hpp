// session_merge.hpp - elements of one document filled up with what only another one has.
#ifndef XNATARCHIVE_XML_SESSION_MERGE_HPP_
#define XNATARCHIVE_XML_SESSION_MERGE_HPP_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive/session_document.hpp"

namespace xnatarchive {

/// Adds the children that only `from` has, at their places in the schema of `type`
/// (session_schema.hpp), and fills up those that both have; values of `to` win. Children are the
/// same when their names and what identifies them among others ("name", "ID", "label") are. Of
/// several alike that nothing identifies, those of `to` stay as a whole.
void FillUp(std::string_view type, const std::vector<XmlElement>& from,
            std::vector<XmlElement>* to);

/// The same for attributes.
void FillUp(const std::vector<std::pair<std::string, std::string>>& from,
            std::vector<std::pair<std::string, std::string>>* to);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_XML_SESSION_MERGE_HPP_
