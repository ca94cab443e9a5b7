// session_parts.hpp - what the pages of a waiting and of an archived session have in common.
#ifndef XNATARCHIVE_EXAMPLES_SERVER_PAGE_SESSION_PARTS_HPP_
#define XNATARCHIVE_EXAMPLES_SERVER_PAGE_SESSION_PARTS_HPP_

#include <string>
#include <vector>

#include "view.hpp"

namespace page {

/// Where a session is: in REST, "/data/...", and on the page.
struct SessionPlace {
  std::string rest;
  std::string page;
};

/// A session's scans and resources, as REST has them.
struct Contents {
  bool known = false;  ///< False until a session is built.
  std::vector<Row> scans;
  std::vector<Row> resources;
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};
Contents ContentsOf(const Visit& visit, const SessionPlace& place);

/// The scans with how many files each has, and the session's own resources; of the scan or
/// resource that the parameters "scan" and "resource" name, the files, too.
Html ContentsSection(const Visit& visit, const SessionPlace& place, const Contents& contents);

/// Who did what: rows of the audit trail, newest first, from `part`.
Html AuditTable(const Visit& visit, const std::vector<Row>& rows);

/// A heading and what is below it.
Html Section(std::string_view id, std::string_view head, std::initializer_list<Html> children);

}  // namespace page

#endif  // XNATARCHIVE_EXAMPLES_SERVER_PAGE_SESSION_PARTS_HPP_
