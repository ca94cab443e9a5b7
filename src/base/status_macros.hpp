// status_macros.hpp - the two ways to pass a failure up.
#ifndef XNATARCHIVE_BASE_STATUS_MACROS_HPP_
#define XNATARCHIVE_BASE_STATUS_MACROS_HPP_

#include "xnatarchive/status.hpp"

#define XNA_CONCAT_(a, b) a##b
#define XNA_CONCAT(a, b) XNA_CONCAT_(a, b)

/// Returns from the calling function when `expr` (a Status) is a failure.
#define XNA_RETURN_IF_ERROR(expr) XNA_RETURN_IF_ERROR_(XNA_CONCAT(xna_status_, __COUNTER__), expr)
#define XNA_RETURN_IF_ERROR_(status, expr) \
  do {                                     \
    ::xnatarchive::Status status = (expr); \
    if (!status.ok()) return status;       \
  } while (false)

/// Declares or assigns `lhs` from `expr` (a Result<T>), or returns its failure.
#define XNA_ASSIGN_OR_RETURN(lhs, expr) \
  XNA_ASSIGN_OR_RETURN_(XNA_CONCAT(xna_result_, __COUNTER__), lhs, expr)
#define XNA_ASSIGN_OR_RETURN_(result, lhs, expr)       \
  auto result = (expr);                                \
  if (!result.ok()) return std::move(result).status(); \
  lhs = std::move(result).value()

#endif  // XNATARCHIVE_BASE_STATUS_MACROS_HPP_
