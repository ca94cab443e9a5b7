// pages.hpp - the pages there are.
#ifndef XNATARCHIVE_EXAMPLES_SERVER_PAGE_PAGES_HPP_
#define XNATARCHIVE_EXAMPLES_SERVER_PAGE_PAGES_HPP_

#include "view.hpp"

namespace page {

/// "/": the sessions that wait, and where to upload more.
View PrearchiveView(const Visit& visit);
/// "/page/session/PROJECT/TIMESTAMP/FOLDER": one that waits; with "check=1" what archiving it would
/// do.
View WaitingView(const Visit& visit);
/// "/page/archive": the sessions that are archived.
View ArchiveView(const Visit& visit);
/// "/page/archive/PROJECT/LABEL": one of them.
View ArchivedView(const Visit& visit);
/// "/page/audit": who did what.
View AuditView(const Visit& visit);

}  // namespace page

#endif  // XNATARCHIVE_EXAMPLES_SERVER_PAGE_PAGES_HPP_
