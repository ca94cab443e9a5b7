// routing_rules.hpp - how a site finds project, subject and session in DICOM headers that do not
// say it the usual way. The syntax is XNAT's (site configuration "dicom": projectRules and the
// like).
#ifndef XNATARCHIVE_ROUTING_RULES_HPP_
#define XNATARCHIVE_ROUTING_RULES_HPP_

#include <string>
#include <vector>

namespace xnatarchive {

/// Rules, one line each, in the order they are tried:
///
///   (GGGG,EEEE):REGEX[:GROUP][ t:TARGET r:REPLACEMENT]
///
/// The whole value of the element has to match REGEX; the answer is what GROUP (default 1, 0 is
/// the whole match) captured, with every match of TARGET in it replaced ($1 stands for a group).
/// Without a replacement only the first 64 characters of the value are looked at, with one the
/// first 1024. Regular expressions are ECMAScript's, a leading "(?i)" ignores case; Java's
/// possessive quantifiers, look-behind and `\p{}` are not available.
struct RoutingRules {
  std::vector<std::string> project;
  std::vector<std::string> subject;
  std::vector<std::string> session;
  std::vector<std::string> auto_archive;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_ROUTING_RULES_HPP_
