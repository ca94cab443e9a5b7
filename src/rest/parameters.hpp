// parameters.hpp - a request's parameters, whichever way they came: query, form, multipart fields.
#ifndef XNATARCHIVE_REST_PARAMETERS_HPP_
#define XNATARCHIVE_REST_PARAMETERS_HPP_

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "xnatarchive/rest_service.hpp"

namespace xnatarchive {

/// Names and values in the order they came. Names are told apart by case, as XNAT does.
class Parameters {
 public:
  explicit Parameters(const RestLimits& limits) : limits_(&limits) {}

  /// Takes application/x-www-form-urlencoded text, as queries and forms have it: '+' is a space, a
  /// name without '=' has an empty value. kInvalidArgument as Add, and "rest.bad-encoding" for a
  /// broken percent escape.
  Status AddEncoded(std::string_view text);
  /// kInvalidArgument "rest.bad-encoding" for what is not UTF-8 text (control characters are not),
  /// "rest.too-many-parameters".
  Status Add(std::string name, std::string value);
  /// kInvalidArgument "rest.double-parameter" when a parameter that can have one value has two that
  /// differ.
  Status CheckSingles() const;
  /// kInvalidArgument "rest.unused-parameter" when one has a value that would say which session is
  /// meant, where it goes, what is replaced or that a lock is passed over, and is not among `taken`
  /// (names, space separated): who sends it is not to believe that it counts.
  Status CheckUsed(std::string_view taken) const;

  /// The first value of the first of `names` that has one that is not empty; else "".
  std::string Get(std::initializer_list<std::string_view> names) const;
  std::string Get(std::string_view name) const { return Get({name}); }
  /// The value that is not empty of one, or several, of `names`; else "". kInvalidArgument
  /// "rest.contradiction" when two of them differ.
  Result<std::string> OneOf(std::initializer_list<std::string_view> names) const;
  bool Has(std::string_view name) const;
  /// "true", "1" or an empty value, in any case: yes. Any other, and when it is absent: no.
  bool Flag(std::string_view name) const;
  /// All values of `name`, empty ones too.
  std::vector<std::string> All(std::string_view name) const;
  /// Those that are not empty.
  std::vector<std::string> Given(std::string_view name) const;
  /// The same, taken apart at commas, empty ones left out.
  std::vector<std::string> List(std::string_view name) const;

  const std::vector<std::pair<std::string, std::string>>& entries() const { return entries_; }

 private:
  const RestLimits* limits_;
  std::vector<std::pair<std::string, std::string>> entries_;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_PARAMETERS_HPP_
