// bad_arguments.hpp - calls of a function with good arguments but for one, which is none in every
// way: NULL, garbage, a handle of another type, one that was freed.
#ifndef XNATARCHIVE_TESTS_CAPI_BAD_ARGUMENTS_HPP_
#define XNATARCHIVE_TESTS_CAPI_BAD_ARGUMENTS_HPP_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "capi/capi_fixture.hpp"

namespace xnatarchive {

template <typename... Types>
struct TypeList {};
using HandleTypes = TypeList<xna_error, xna_text, xna_report, xna_listing, xna_document, xna_engine,
                             xna_task, xna_cancel, xna_callback, xna_candidate, xna_session_files,
                             xna_import, xna_file, xna_session, xna_rest, xna_response>;
/// Those that a host frees, but for engines.
using OwnedTypes = TypeList<xna_error, xna_text, xna_report, xna_listing, xna_document, xna_task,
                            xna_cancel, xna_rest, xna_response>;

/// A handle of each type that is one now, and one that was.
template <typename Handle>
inline Handle* good = nullptr;
template <typename Handle>
inline Handle* freed = nullptr;
/// Where functions store what they return.
template <typename Handle>
inline Handle* slot = nullptr;

template <typename Type, typename... Types>
constexpr bool IsOneOf(TypeList<Types...>) {
  return (std::is_same_v<Type, Types> || ...);
}
template <typename... Types>
std::vector<void*> GoodHandles(TypeList<Types...>) {
  return {static_cast<void*>(good<Types>)...};
}
template <typename Pointer>
using PointeeOf = std::remove_const_t<std::remove_pointer_t<Pointer>>;

template <typename... Types>
void KeepSlots(TypeList<Types...>) {
  ((good<Types> = std::exchange(slot<Types>, nullptr)), ...);
}

/// What is none where a pointer of this type is asked for.
template <typename Pointer>
std::vector<Pointer> BadValues() {
  std::vector<Pointer> bad{nullptr};
  if constexpr (IsOneOf<PointeeOf<Pointer>>(HandleTypes())) {
    for (const std::uintptr_t number : {std::uintptr_t{6}, std::uintptr_t{33}, std::uintptr_t{4096},
                                        std::numeric_limits<std::uintptr_t>::max()}) {
      bad.push_back(reinterpret_cast<Pointer>(number));
    }
    for (void* other : GoodHandles(HandleTypes())) {
      if (other != good<PointeeOf<Pointer>>) bad.push_back(static_cast<Pointer>(other));
    }
    bad.push_back(freed<PointeeOf<Pointer>>);
  }
  return bad;
}

inline void Free(xna_error* error) { xna_error_free(error); }
inline void Free(xna_text* text) { xna_text_free(text); }
inline void Free(xna_report* report) { xna_report_free(report); }
inline void Free(xna_listing* listing) { xna_listing_free(listing); }
inline void Free(xna_document* document) { xna_document_free(document); }
inline void Free(xna_engine* engine) { xna_engine_free(engine); }
inline void Free(xna_cancel* cancel) { xna_cancel_free(cancel); }
inline void Free(xna_rest* rest) { xna_rest_free(rest); }
inline void Free(xna_response* response) { xna_response_free(response); }
inline void Free(xna_task* task) {
  CHECK(xna_task_wait(task, -1) == 1);
  xna_task_free(task);
}

template <typename... Types>
void FreeGood(TypeList<Types...>) {
  (Free(freed<Types> = std::exchange(good<Types>, nullptr)), ...);
}

/// Frees what a call stored, if the argument is a place for that; whether there was something.
template <typename Argument>
bool FreeStored(Argument) {
  return false;
}
template <typename Handle>
bool FreeStored(Handle** out) {
  if constexpr (IsOneOf<Handle>(HandleTypes()) && !std::is_same_v<Handle, xna_error>) {
    if (out == nullptr || *out == nullptr) return false;
    Free(std::exchange(*out, nullptr));
    return true;
  }
  return false;
}
template <typename... Args>
bool FreeAllStored(const std::tuple<Args...>& arguments) {
  return std::apply([](auto... argument) { return (FreeStored(argument) | ...); }, arguments);
}

/// Where NULL is as good as anything in every function.
template <typename Argument>
constexpr bool kMayBeNull =
    std::is_same_v<Argument, xna_error**> || std::is_same_v<Argument, xna_report**> ||
    std::is_same_v<Argument, const xna_call_options*> || std::is_same_v<Argument, int32_t*>;

template <std::size_t At, typename... Args>
void CheckBadAt(xna_status (*function)(Args...), std::tuple<Args...> arguments,
                const std::set<std::size_t>& optional) {
  using Argument = std::tuple_element_t<At, std::tuple<Args...>>;
  if constexpr (std::is_pointer_v<Argument> && !kMayBeNull<Argument>) {
    if (optional.count(At) > 0) return;
    CAPTURE(At);
    for (const Argument bad : BadValues<Argument>()) {
      xna_error* error = nullptr;
      std::get<At>(arguments) = bad;
      std::get<xna_error**>(arguments) = &error;
      CHECK(std::apply(function, arguments) == XNA_E_INVALID_ARGUMENT);
      const std::string reason = ReasonOf(error);
      CAPTURE(reason);
      const bool is_handle = IsOneOf<PointeeOf<Argument>>(HandleTypes());
      CHECK((reason == (is_handle ? "capi.bad-handle" : "capi.null-argument") ||
             reason == "capi.one-input"));
      CHECK_FALSE(FreeAllStored(arguments));
      std::get<xna_error**>(arguments) = nullptr;
      CHECK(std::apply(function, arguments) == XNA_E_INVALID_ARGUMENT);
    }
  }
}

template <typename... Args, std::size_t... At>
void CheckBadAtEach(xna_status (*function)(Args...), const std::tuple<Args...>& arguments,
                    const std::set<std::size_t>& optional, std::index_sequence<At...>) {
  (CheckBadAt<At>(function, arguments, optional), ...);
}

#define NAMED(function) #function, function

/// Checks that each argument has to be good, but for those that may be NULL in every function and
/// those `optional` tells the places of.
template <typename... Args>
void Refuses(const char* name, xna_status (*function)(Args...),
             const std::set<std::size_t>& optional, std::common_type_t<Args>... arguments) {
  CAPTURE(name);
  CheckBadAtEach(function, std::tuple<Args...>(arguments...), optional,
                 std::index_sequence_for<Args...>());
}

/// The same, and that it then succeeds.
template <typename... Args>
void Takes(const char* name, xna_status (*function)(Args...), const std::set<std::size_t>& optional,
           std::common_type_t<Args>... arguments) {
  Refuses(name, function, optional, arguments...);
  CAPTURE(name);
  std::tuple<Args...> all(arguments...);
  xna_error* error = nullptr;
  std::get<xna_error**>(all) = &error;
  const xna_status status = std::apply(function, all);
  if (status != XNA_OK) FAIL_CHECK(Told(error));
  FreeAllStored(all);
}

template <std::size_t At, typename Result, typename... Args>
void CheckNothingAt(Result (*function)(Args...), Result nothing, std::tuple<Args...> arguments) {
  using Argument = std::tuple_element_t<At, std::tuple<Args...>>;
  if constexpr (std::is_pointer_v<Argument>) {
    CAPTURE(At);
    for (const Argument bad : BadValues<Argument>()) {
      std::get<At>(arguments) = bad;
      CHECK(std::apply(function, arguments) == nothing);
    }
  }
}

template <typename Result, typename... Args, std::size_t... At>
void CheckNothingAtEach(Result (*function)(Args...), Result nothing,
                        const std::tuple<Args...>& arguments, std::index_sequence<At...>) {
  (CheckNothingAt<At>(function, nothing, arguments), ...);
}

/// Checks that a function which cannot fail gives `nothing` for each bad argument, and something
/// else for these.
template <typename Result, typename... Args>
void Tells(const char* name, Result (*function)(Args...), std::common_type_t<Result> nothing,
           std::common_type_t<Args>... arguments) {
  CAPTURE(name);
  CheckNothingAtEach(function, Result(nothing), std::tuple<Args...>(arguments...),
                     std::index_sequence_for<Args...>());
  CHECK(function(arguments...) != Result(nothing));
}

/// Checks that a function which returns nothing does nothing with a handle that is none.
template <typename Handle, typename... Args>
void Ignores(void (*function)(Handle*, Args...), std::common_type_t<Args>... arguments) {
  for (Handle* const bad : BadValues<Handle*>()) function(bad, arguments...);
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_CAPI_BAD_ARGUMENTS_HPP_
