// plan_section.hpp - what archiving a waiting session would do, before anything is done.
#ifndef XNATARCHIVE_EXAMPLES_SERVER_PAGE_PLAN_SECTION_HPP_
#define XNATARCHIVE_EXAMPLES_SERVER_PAGE_PLAN_SECTION_HPP_

#include <string>

#include "view.hpp"

namespace page {

/// The form that checks and archives the session that REST calls `src`: where to, what to do with
/// one that is archived already, quarantine. With the parameter "check" each choice says in numbers
/// what it would do, and what was found is told a sentence each.
Html PlanSection(const Visit& visit, const std::string& page, const std::string& src);

}  // namespace page

#endif  // XNATARCHIVE_EXAMPLES_SERVER_PAGE_PLAN_SECTION_HPP_
