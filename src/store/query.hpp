// query.hpp - one SQL statement with bound parameters, and the mapping of rows to columns.
//
// Functions here throw SOCI's exceptions; Store::Connection turns them into failures. Statements
// are prepared each time they are used: that costs 5 us, a durable commit 200 and more.
#ifndef XNATARCHIVE_STORE_QUERY_HPP_
#define XNATARCHIVE_STORE_QUERY_HPP_

#include <soci/soci.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "store/row_columns.hpp"

namespace xnatarchive {

/// Whether VisitColumns is defined for T.
template <typename T, typename = void>
struct IsRow : std::false_type {};
template <typename T>
struct IsRow<T, std::void_t<decltype(VisitColumns(std::declval<T&>(), IgnoreColumn{}))>>
    : std::true_type {};

/// "id, project, label": the columns of a row, each between `prefix` and `suffix`.
template <typename Row>
std::string ColumnList(const std::string& prefix = "", const std::string& suffix = "") {
  std::string list;
  Row row;
  VisitColumns(row, [&](const char* name, const auto&) {
    list += (list.empty() ? "" : ", ") + prefix + name + suffix;
  });
  return list;
}

/// "id = :id, project = :project": for UPDATE.
template <typename Row>
std::string AssignmentList() {
  std::string list;
  Row row;
  VisitColumns(row, [&](const char* name, const auto&) {
    list += std::string(list.empty() ? "" : ", ") + name + " = :" + name;
  });
  return list;
}

/// Binds a value, or each column of a row, to the next placeholders.
template <typename T>
void BindInput(soci::statement& statement, T& value) {
  if constexpr (IsRow<std::remove_const_t<T>>::value) {
    VisitColumns(value, [&](const char*, auto& column) { statement.exchange(soci::use(column)); });
  } else {
    statement.exchange(soci::use(value));
  }
}

template <typename T>
void BindOutput(soci::statement& statement, T& value) {
  if constexpr (IsRow<T>::value) {
    VisitColumns(value, [&](const char*, auto& column) { statement.exchange(soci::into(column)); });
  } else {
    statement.exchange(soci::into(value));
  }
}

/// Runs a statement without a result. Placeholders are bound in order, and must have different
/// names. Returns the number of rows changed.
template <typename... Inputs>
long long Execute(soci::session& sql, const std::string& query, Inputs&... inputs) {
  soci::statement statement(sql);
  (BindInput(statement, inputs), ...);
  statement.alloc();
  statement.prepare(query);
  statement.define_and_bind();
  statement.execute(true);
  return statement.get_affected_rows();
}

/// Returns all rows of a query; `T` is a row or a single value.
template <typename T, typename... Inputs>
std::vector<T> Select(soci::session& sql, const std::string& query, Inputs&... inputs) {
  std::vector<T> rows;
  T row{};
  soci::statement statement(sql);
  BindOutput(statement, row);
  (BindInput(statement, inputs), ...);
  statement.alloc();
  statement.prepare(query);
  statement.define_and_bind();
  statement.execute(false);
  while (statement.fetch()) rows.push_back(row);
  return rows;
}

/// Returns the only row of a query, if there is one.
template <typename T, typename... Inputs>
std::optional<T> SelectOne(soci::session& sql, const std::string& query, Inputs&... inputs) {
  std::vector<T> rows = Select<T>(sql, query, inputs...);
  if (rows.empty()) return std::nullopt;
  return std::move(rows.front());
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_STORE_QUERY_HPP_
