// tables.hpp - listings as XNAT's clients read them.
#ifndef XNATARCHIVE_REST_TABLES_HPP_
#define XNATARCHIVE_REST_TABLES_HPP_

#include <string_view>
#include <vector>

#include "rest/json.hpp"
#include "rest/route.hpp"

namespace xnatarchive {

/// XNAT's ResultSet. Every value is text, as there:
///   json  {"ResultSet":{"Result":[{"ID":"..."}],"totalRecords":"1"}}
///   xml   <ResultSet totalRecords="1"><results><columns>...</columns><rows>...</rows></results>
///         </ResultSet>
///   csv   a line of quoted column names, then one for each row
/// The parameter "format" says which, else the first type of the Accept header, else json. "sortBy"
/// names columns, separated by commas, numbers in them sorted as numbers; "sortOrder" is ASC or
/// DESC. kInvalidArgument "rest.bad-format", "rest.bad-sort".
Result<RestResponse> TableResponse(const RestCall& call, Table table);

/// The table's index of a column. Requires that it has it.
std::size_t ColumnOf(const Table& table, std::string_view column);

/// One column of the new table: its name, and that of the column of `from` it is a copy of; empty
/// for a column without values.
struct Column {
  std::string_view name;
  std::string_view from;
};
/// XNAT's columns, of a listing of ours.
Table Select(const Table& from, const std::vector<Column>& columns);

/// "json", "xml", "csv" or "zip", when that is the first type of Accept; else empty.
std::string AcceptedFormat(const RestRequest& request);

/// What `format` asks for, or AcceptedFormat; empty when neither says anything.
std::string WantedFormat(const RestCall& call);

}  // namespace xnatarchive

#endif  // XNATARCHIVE_REST_TABLES_HPP_
