// page.hpp - the pages a person works with, in front of RestService.
//
// Pages are rendered from what RestService answers to whoever is signed in, and what is done from
// them is sent to REST. Nothing is kept here, and nothing here is a rule of the archive. They work
// without script but for what a form can not send; script and style are files of their own, as
// Content-Security-Policy "default-src 'self'" asks for.
#ifndef XNATARCHIVE_EXAMPLES_SERVER_PAGE_PAGE_HPP_
#define XNATARCHIVE_EXAMPLES_SERVER_PAGE_PAGE_HPP_

#include <cstdint>
#include <optional>
#include <string>

#include "xnatarchive/rest_service.hpp"

namespace page {

/// Who is signed in.
struct PageUser {
  std::string name;  ///< Empty: nobody; then there is the form to sign in with.
  /// What the host wants back, as header X-CSRF-Token or parameter XNAT_CSRF, of what changes
  /// anything. Empty: nothing is sent back.
  std::string csrf;
};

/// Answers "/" and what is below "/page". nullopt: the path is no page's.
///
/// `now_ms` is the time, since the epoch: pages say how old things are. The host adds
/// Content-Security-Policy and Cache-Control. Throws nothing but std::bad_alloc.
std::optional<xnatarchive::RestResponse> Page(const xnatarchive::RestService& service,
                                              const xnatarchive::RestRequest& request,
                                              const PageUser& user, std::int64_t now_ms);

}  // namespace page

#endif  // XNATARCHIVE_EXAMPLES_SERVER_PAGE_PAGE_HPP_
