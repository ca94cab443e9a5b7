// schema.hpp - the tables, as a list of steps from an empty database to today's.
//
// A released step is never edited: a database in the field has already taken it. The statements are
// understood by SQLite and PostgreSQL alike: TEXT and BIGINT only, no column may be NULL, numbers
// come from the table `sequences`.
#ifndef XNATARCHIVE_STORE_SCHEMA_HPP_
#define XNATARCHIVE_STORE_SCHEMA_HPP_

#include <soci/soci.h>

#include <cstddef>
#include <string>
#include <vector>

#include "xnatarchive/status.hpp"

namespace xnatarchive {

/// Statements that take the database from one version to the next.
using Migration = std::vector<std::string>;

/// Step i takes version i to version i + 1.
const std::vector<Migration>& Migrations();

/// Returns the version of the database, 0 when it is empty. Throws SOCI's exceptions.
std::size_t SchemaVersion(soci::session& sql);

/// Takes the steps that are missing. Call it within a transaction. kUnsupported "store.newer" when
/// there are more steps behind the database than `migrations` knows. Throws SOCI's exceptions.
Status Migrate(soci::session& sql, const std::vector<Migration>& migrations);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_SCHEMA_HPP_
