// fuzz_arguments.hpp - arguments for calls of the C interface: of every type, good and bad.
#ifndef XNATARCHIVE_TESTS_CAPI_FUZZ_ARGUMENTS_HPP_
#define XNATARCHIVE_TESTS_CAPI_FUZZ_ARGUMENTS_HPP_

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <random>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "xnatarchive.h"

namespace xnatarchive {

[[noreturn]] inline void Fail(const std::string& what) {
  std::fprintf(stderr, "capi_fuzz: %s\n", what.c_str());
  std::abort();
}

inline void Require(bool good, const char* function, const char* what) {
  if (!good) Fail(std::string(function) + ": " + what);
}

/// Handles that calls have given out, some of them freed since, of every type and all threads.
class Pool {
 public:
  void Add(void* handle) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (handles_.size() < 512) {
      handles_.push_back(handle);
    } else {
      handles_[next_++ % handles_.size()] = handle;
    }
  }
  void* Any(std::mt19937& random) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return handles_.empty() ? nullptr : handles_[random() % handles_.size()];
  }
  /// Puts it in the place of another, which it returns.
  void* Exchange(std::mt19937& random, void* handle) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return std::exchange(handles_[random() % handles_.size()], handle);
  }
  std::vector<void*> All() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return handles_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<void*> handles_;
  std::size_t next_ = 0;
};

/// What one thread makes its calls with.
struct World {
  std::mt19937 random;
  std::string root;
  std::string input;
  std::string bytes;
  // Shared by all threads.
  Pool* engines;
  Pool* others;
  std::atomic<long>* taken;     ///< Structs of callbacks that were handed over.
  std::atomic<long>* released;  ///< And released.

  std::vector<void*> stored{};  ///< All that calls have given out.

  std::size_t Pick(std::size_t choices) { return random() % choices; }
  bool OneIn(std::size_t n) { return Pick(n) == 0; }
};

inline thread_local World* world = nullptr;

/// A handle that a callback on this thread was given.
template <typename Handle>
struct Given {
  static thread_local Handle* handle;
};
template <typename Handle>
thread_local Handle* Given<Handle>::handle = nullptr;

/// Such a one, as long as this object; others get to know it, too.
template <typename Handle>
class Giving {
 public:
  explicit Giving(Handle* handle) : outer_(std::exchange(Given<Handle>::handle, handle)) {
    world->others->Add(handle);
  }
  ~Giving() { Given<Handle>::handle = outer_; }
  Giving(const Giving&) = delete;
  Giving& operator=(const Giving&) = delete;

 private:
  Handle* const outer_;
};

/// Makes some calls from inside a callback.
void CallSome();

inline void Release(void* ctx) { ++*static_cast<std::atomic<long>*>(ctx); }

inline const char* AnyText() {
  static thread_local std::string kept[64];  // more than one call has
  static thread_local std::size_t next = 0;
  static const char* const kTexts[] = {
      "",
      "x",
      "DEMO",
      "Unassigned",
      "/data/archive/projects/DEMO",
      "/prearchive/projects/DEMO",
      "/data/archive/projects/DEMO/subjects/Test_Subject1/experiments/S1",
      "/data/archive/projects/DEMO/experiments/S1/scans/1/resources/DICOM",
      "/data/prearchive/projects/DEMO/20200101_000000000/S1",
      "../../etc/passwd",
      "\xFF\xFE",
      "a\nb",
      "%00",
      "'; DROP TABLE experiment; --",
      "prearchive_code",
      "checksum",
      "4",
      "SI",
      "uri",
      "label",
      "subject_ID",
      "fields/field[name=",
      "@",
      "1",
      "XNAT_E00001"};
  const std::size_t pick = world->Pick(std::size(kTexts) + 4);
  if (pick < std::size(kTexts)) return kTexts[pick];
  if (pick == std::size(kTexts)) return nullptr;
  std::string& text = kept[next++ % std::size(kept)];
  if (pick == std::size(kTexts) + 1) text = world->input;
  if (pick == std::size(kTexts) + 2) text = std::string(5000, 'a');
  if (pick == std::size(kTexts) + 3) text = world->root + "/out" + std::to_string(world->Pick(9));
  return text.c_str();
}

/// Arrays of names, and of names and values.
inline const char* const* AnyTexts(std::size_t* count, std::size_t each) {
  static thread_local const char* texts[4];
  for (const char*& text : texts) text = AnyText();
  *count = world->OneIn(20) ? SIZE_MAX : world->Pick(4 / each + 1);
  return world->OneIn(10) ? nullptr : texts;
}

// What every kind of argument is made of.

template <typename T>
struct Made;

/// The head of a struct is sometimes no good; returns whether it may be.
template <typename Struct>
void Spoil(Struct* value) {
  if (world->OneIn(30)) value->struct_size = static_cast<std::uint32_t>(world->Pick(300));
  if (world->OneIn(30)) value->struct_size = sizeof *value;
  if (world->OneIn(40)) value->flags = static_cast<std::uint32_t>(world->random());
}

/// Callbacks whose releases are counted: only structs that can be read are handed over.
template <typename Struct>
Struct* Callbacks(xna_status (*init)(Struct*, size_t), std::vector<Struct>* keep) {
  if (world->OneIn(2)) return nullptr;
  Struct& value = keep->emplace_back();
  init(&value, sizeof value);
  value.ctx = world->released;
  value.release = Release;
  return &value;
}

/// One call's arguments, as long as it runs.
struct Call {
  std::vector<xna_progress_sink> sinks;
  std::vector<xna_input> inputs;
  std::vector<xna_output> outputs;
  long handed_over = 0;
  void* stored = nullptr;  ///< By an out parameter that is a handle.
  bool has_out = false;    ///< There was one.
  bool out_is_report = false;
  xna_error* error = nullptr;
  bool has_error = false;

  Call() {
    sinks.reserve(1);
    inputs.reserve(1);
    outputs.reserve(1);
  }
};
inline thread_local Call* current = nullptr;

inline int32_t Update(void*, const xna_progress*) { return 0; }
inline xna_status ReadInput(void*, void* buffer, size_t size, size_t* count, xna_callback*) {
  *count = 0;
  if (size > 0) static_cast<char*>(buffer)[0] = 'x';
  return world != nullptr && world->OneIn(3) ? xna_status{1000} : XNA_OK;
}
inline xna_status WriteOutput(void*, const void*, size_t, xna_callback*) {
  return world != nullptr && world->OneIn(3) ? xna_status{-9} : XNA_OK;
}
inline xna_status VisitFile(void*, xna_file* file) {
  if (world == nullptr) return XNA_OK;
  const Giving<xna_file> giving(file);
  CallSome();
  return world->OneIn(9) ? xna_status{1000} : XNA_OK;
}

template <typename Struct>
struct Slot {
  static thread_local Struct value;
};
template <typename Struct>
thread_local Struct Slot<Struct>::value;

template <>
struct Made<const xna_call_options*> {
  static const xna_call_options* Make() {
    auto& value = Slot<xna_call_options>::value;
    if (world->OneIn(2)) return nullptr;
    xna_call_options_init(&value, sizeof value);
    value.user = AnyText();
    value.cancel =
        static_cast<xna_cancel*>(world->OneIn(4) ? world->others->Any(world->random) : nullptr);
    auto* sink = Callbacks(xna_progress_sink_init, &current->sinks);
    if (sink != nullptr) {
      sink->update = world->OneIn(9) ? nullptr : Update;
      ++current->handed_over;
    }
    value.progress = sink;
    return &value;
  }
};

template <>
struct Made<const xna_import_request*> {
  static const xna_import_request* Make() {
    auto& value = Slot<xna_import_request>::value;
    xna_import_request_init(&value, sizeof value);
    value.path = world->OneIn(2) ? world->input.c_str() : AnyText();
    if (world->OneIn(3)) value.path = nullptr;
    if (world->OneIn(3)) {
      value.data = world->bytes.data();
      value.data_size = world->OneIn(9) ? SIZE_MAX : world->Pick(world->bytes.size() + 1);
    }
    value.dest = AnyText();
    value.handler = world->OneIn(3) ? AnyText() : nullptr;
    value.parameters = AnyTexts(&value.parameter_count, 2);
    auto* input = world->OneIn(3) ? Callbacks(xna_input_init, &current->inputs) : nullptr;
    if (input != nullptr) {
      input->read = ReadInput;
      ++current->handed_over;
    }
    value.input = input;
    return &value;
  }
};

template <>
struct Made<const xna_output*> {
  static const xna_output* Make() {
    auto* output = Callbacks(xna_output_init, &current->outputs);
    if (output != nullptr) {
      output->write = WriteOutput;
      ++current->handed_over;
    }
    return output;
  }
};

template <>
struct Made<const xna_export_request*> {
  static const xna_export_request* Make() {
    auto& value = Slot<xna_export_request>::value;
    xna_export_request_init(&value, sizeof value);
    value.uri = AnyText();
    value.path = AnyText();
    value.output = Made<const xna_output*>::Make();
    return &value;
  }
};

template <>
struct Made<const xna_rest_options*> {
  static const xna_rest_options* Make() {
    auto& value = Slot<xna_rest_options>::value;
    xna_rest_options_init(&value, sizeof value);
    value.site_url = AnyText();
    Spoil(&value);
    return world->OneIn(2) ? nullptr : &value;
  }
};

template <>
struct Made<const xna_rest_request*> {
  static const xna_rest_request* Make() {
    static const char* const kMethods[] = {"GET", "POST", "PUT", "DELETE", "HEAD", "get", ""};
    auto& value = Slot<xna_rest_request>::value;
    xna_rest_request_init(&value, sizeof value);
    value.method = kMethods[world->Pick(std::size(kMethods))];
    value.path = AnyText();
    value.query = AnyText();
    value.headers = AnyTexts(&value.header_count, 2);
    if (world->OneIn(3)) {
      value.body = world->bytes.data();
      value.body_size = world->Pick(world->bytes.size() + 1);
    }
    auto* input = world->OneIn(3) ? Callbacks(xna_input_init, &current->inputs) : nullptr;
    if (input != nullptr) {
      input->read = ReadInput;
      ++current->handed_over;
    }
    value.input = input;
    return &value;
  }
};

template <>
struct Made<const xna_archive_request*> {
  static const xna_archive_request* Make() {
    auto& value = Slot<xna_archive_request>::value;
    if (world->OneIn(20)) return nullptr;
    xna_archive_request_init(&value, sizeof value);
    value.src = AnyText();
    value.dest = AnyText();
    value.overwrite = static_cast<int32_t>(world->Pick(5)) - 1;
    value.parameters = AnyTexts(&value.parameter_count, 2);
    value.fields = AnyTexts(&value.field_count, 2);
    Spoil(&value);
    return &value;
  }
};

template <>
struct Made<const xna_archive_request* const*> {
  static const xna_archive_request* const* Make() {
    static thread_local const xna_archive_request* requests[3];
    for (auto& request : requests) request = Made<const xna_archive_request*>::Make();
    return world->OneIn(9) ? nullptr : requests;
  }
};

template <>
struct Made<const xna_refresh_request*> {
  static const xna_refresh_request* Make() {
    auto& value = Slot<xna_refresh_request>::value;
    xna_refresh_request_init(&value, sizeof value);
    value.uris = AnyTexts(&value.uri_count, 1);
    value.flags = static_cast<std::uint32_t>(world->Pick(64));
    Spoil(&value);
    return &value;
  }
};

template <>
struct Made<const xna_verify_request*> {
  static const xna_verify_request* Make() {
    auto& value = Slot<xna_verify_request>::value;
    xna_verify_request_init(&value, sizeof value);
    value.uris = AnyTexts(&value.uri_count, 1);
    if (world->OneIn(3)) value.sample_percent = world->OneIn(2) ? 50 : -1;
    Spoil(&value);
    return &value;
  }
};

template <>
struct Made<const xna_project*> {
  static const xna_project* Make() {
    auto& value = Slot<xna_project>::value;
    xna_project_init(&value, sizeof value);
    value.id = AnyText();
    value.prearchive_code = static_cast<int32_t>(world->Pick(7));
    Spoil(&value);
    return &value;
  }
};

template <>
struct Made<const xna_entry*> {
  static const xna_entry* Make() { return nullptr; }
};
template <>
struct Made<const xna_import_handler*> {
  static const xna_import_handler* Make() { return nullptr; }
};
template <>
struct Made<const xna_engine_options*> {
  static const xna_engine_options* Make() {
    auto& value = Slot<xna_engine_options>::value;
    xna_engine_options_init(&value, sizeof value);
    value.root = world->OneIn(2) ? world->root.c_str() : AnyText();
    value.threads = static_cast<std::uint32_t>(world->Pick(3));
    Spoil(&value);
    return &value;
  }
};
template <>
struct Made<xna_progress*> {
  static xna_progress* Make() {
    xna_progress_init(&Slot<xna_progress>::value, sizeof(xna_progress));
    Spoil(&Slot<xna_progress>::value);
    return world->OneIn(9) ? nullptr : &Slot<xna_progress>::value;
  }
};
template <>
struct Made<const char*> {
  static const char* Make() { return AnyText(); }
};
template <>
struct Made<const void*> {
  static const void* Make() { return world->bytes.data(); }
};
template <>
struct Made<void*> {
  static void* Make() { return nullptr; }
};
template <>
struct Made<std::size_t> {
  static std::size_t Make() { return world->OneIn(9) ? SIZE_MAX : world->Pick(4); }
};
template <>
struct Made<std::size_t*> {
  static std::size_t* Make() { return world->OneIn(9) ? nullptr : &Slot<std::size_t>::value; }
};
template <>
struct Made<int32_t> {
  static int32_t Make() { return static_cast<int32_t>(world->random()); }
};
template <>
struct Made<std::uint32_t> {
  static std::uint32_t Make() { return static_cast<std::uint32_t>(world->Pick(9)); }
};
template <>
struct Made<int64_t> {
  static int64_t Make() { return static_cast<int64_t>(world->Pick(20)); }
};
template <>
struct Made<int32_t*> {
  static int32_t* Make() { return world->OneIn(9) ? nullptr : &Slot<int32_t>::value; }
};
template <>
struct Made<xna_status (*)(void*, xna_file*)> {
  static xna_status (*Make())(void*, xna_file*) { return world->OneIn(3) ? nullptr : VisitFile; }
};
template <>
struct Made<xna_error**> {
  static xna_error** Make() {
    current->has_error = !world->OneIn(9);
    return current->has_error ? &current->error : nullptr;
  }
};

/// An out parameter, holding garbage before.
template <typename Handle>
Handle** MakeOut() {
  current->has_out = !world->OneIn(9);
  current->out_is_report = std::is_same<Handle, xna_report>::value;
  current->stored = reinterpret_cast<void*>(0x5A5A);
  return current->has_out ? reinterpret_cast<Handle**>(&current->stored) : nullptr;
}

/// A handle: most often one that was given out, of whatever type.
template <typename Handle>
Handle* MakeHandle() {
  if (Given<Handle>::handle != nullptr && !world->OneIn(3)) return Given<Handle>::handle;
  if (world->OneIn(30)) return nullptr;
  if (world->OneIn(30))
    return reinterpret_cast<Handle*>(static_cast<std::uintptr_t>(world->random()));
  const bool engine = std::is_same<Handle, xna_engine>::value;
  return static_cast<Handle*>((engine ? world->engines : world->others)->Any(world->random));
}

template <typename Handle>
struct Made<Handle*> {
  static Handle* Make() { return MakeHandle<std::remove_const_t<Handle>>(); }
};
template <typename Handle>
struct Made<Handle**> {
  static Handle** Make() { return MakeOut<Handle>(); }
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_CAPI_FUZZ_ARGUMENTS_HPP_
