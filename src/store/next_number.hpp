// next_number.hpp - numbers that are handed out once, the same way in every database.
#ifndef XNATARCHIVE_STORE_NEXT_NUMBER_HPP_
#define XNATARCHIVE_STORE_NEXT_NUMBER_HPP_

#include <soci/soci.h>

#include <cstdint>
#include <string>

#include "store/query.hpp"

namespace xnatarchive {

/// The last number taken of a row of `sequences`. Throws SOCI's exceptions.
inline std::int64_t LastNumber(soci::session& sql, const std::string& sequence) {
  const auto number = SelectOne<std::int64_t>(
      sql, "SELECT last_number FROM sequences WHERE name = :name", sequence);
  if (!number.has_value()) throw soci::soci_error("a sequence is missing");
  return *number;
}

/// Takes the next number of a row of `sequences`. Call it within a transaction. Throws SOCI's
/// exceptions.
inline std::int64_t NextNumber(soci::session& sql, const std::string& sequence) {
  // Writing first locks the row, so that what is read is this transaction's own number.
  Execute(sql, "UPDATE sequences SET last_number = last_number + 1 WHERE name = :name", sequence);
  return LastNumber(sql, sequence);
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_NEXT_NUMBER_HPP_
