// rest_answers.hpp - asking RestService in the name of who is signed in, and reading its answers.
//
// The page knows nothing that this does not tell: what somebody may not see or do over REST is not
// on their page either.
#ifndef XNATARCHIVE_EXAMPLES_SERVER_PAGE_REST_ANSWERS_HPP_
#define XNATARCHIVE_EXAMPLES_SERVER_PAGE_REST_ANSWERS_HPP_

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive/rest_service.hpp"

namespace page {

using Json = nlohmann::ordered_json;
using Pairs = std::vector<std::pair<std::string, std::string>>;
/// One row of a table, by column.
using Row = std::map<std::string, std::string, std::less<>>;

/// What a request was answered with.
struct Answer {
  int status = 200;
  std::string reason;   ///< The slug, of a failure.
  std::string message;  ///< One line, of a failure.
  Json json;            ///< Null when the answer is none.

  bool ok() const { return status < 400; }
  /// The rows of XNAT's ResultSet; none of anything else.
  std::vector<Row> Rows() const;
};

/// The row's value, or "".
const std::string& Cell(const Row& row, std::string_view column);
/// The same as a number; 0 when it is none.
std::uint64_t NumberCell(const Row& row, std::string_view column);
/// A member of an object, as text or number; "" and 0 when it is not there or something else.
std::string TextOf(const Json& json, const char* name);
std::uint64_t NumberOf(const Json& json, const char* name);

/// Asks for one page.
class RestAnswers {
 public:
  RestAnswers(const xnatarchive::RestService& service, std::string user, std::string origin)
      : service_(service), user_(std::move(user)), origin_(std::move(origin)) {}

  /// `path` is percent-encoded; format=json is added to the query.
  Answer Get(const std::string& path, Pairs query = {}) const { return Ask("GET", path, query); }
  /// For the services that write nothing.
  Answer Post(const std::string& path, Pairs query) const { return Ask("POST", path, query); }

 private:
  Answer Ask(const char* method, const std::string& path, Pairs& query) const;

  const xnatarchive::RestService& service_;
  std::string user_;
  std::string origin_;
};

}  // namespace page

#endif  // XNATARCHIVE_EXAMPLES_SERVER_PAGE_REST_ANSWERS_HPP_
