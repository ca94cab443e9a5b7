// Random calls with random arguments, good and bad, on several threads: each gives a status that is
// one, its error says the same, what it stores is what the status promises, and in the end every
// struct of callbacks was released once. A handler and a validator make such calls, too, on what
// they are given; engines are closed and opened meanwhile.
//
//   capi_fuzz [SEED [CALLS]]    repeats a run, as XNATARCHIVE_TEST_SEED does
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "capi/fuzz_arguments.hpp"
#include "support/dicom_generator.hpp"
#include "support/temp_tree.hpp"
#include "xnatarchive.h"

namespace xnatarchive {
namespace {

constexpr int kThreads = 3;

std::atomic<long> succeeded{0};
std::atomic<long> from_callbacks{0};  ///< Calls that handlers and validators made.

/// What a call that returned a status has promised.
void CheckPromises(const Call& call, xna_status status, const char* function) {
  Require(status >= XNA_OK && status <= XNA_E_INTERNAL, function, "no status");
  Require(status != XNA_E_INTERNAL, function, "internal");
  if (call.has_error) {
    Require((call.error == nullptr) == (status == XNA_OK), function, "an error or none");
    if (call.error != nullptr) {
      Require(xna_error_status(call.error) == status, function, "the error says something else");
      Require(xna_error_reason(call.error) != nullptr, function, "no reason");
      Require(xna_error_reason(call.error)[0] != '\0', function, "an empty reason");
    }
  }
  if (call.has_out) {
    Require((call.stored != nullptr) == (status == XNA_OK), function, "stores what it should not");
  } else if (call.stored != nullptr && !call.out_is_report) {
    Require(status != XNA_OK, function, "succeeds without a place for what it returns");
  }
}

template <typename R, typename... Args>
void CallOne(const char* name, R (*function)(Args...)) {
  Call call;
  Call* const outer = std::exchange(current, &call);
  constexpr bool kTells = (std::is_same<Args, xna_error**>::value || ...);
  if constexpr (kTells && std::is_same<R, xna_status>::value) {
    const xna_status status = function(Made<Args>::Make()...);
    *world->taken += call.handed_over;
    if (status == XNA_OK) ++succeeded;
    CheckPromises(call, status, name);
    if (call.has_out && call.stored != nullptr) {
      world->others->Add(call.stored);
      world->stored.push_back(call.stored);
    }
  } else {
    function(Made<Args>::Make()...);
    *world->taken += call.handed_over;
  }
  xna_error_free(call.error);
  current = outer;
}

xna_status BuildWithFields(xna_engine* engine, const char* src, const xna_call_options* call,
                           xna_error** out_error) {
  std::size_t count = 0;
  const char* const* const fields = AnyTexts(&count, 2);
  return xna_engine_build_with_fields(engine, src, fields, count, call, out_error);
}

void CloseAndOpen();

xna_engine* AnyEngine() { return static_cast<xna_engine*>(world->engines->Any(world->random)); }

/// Imports the input as a host would, so that the handler is asked; the report's when it succeeds.
xna_report* Import(const char* handler) {
  static const char* const kParameters[] = {"project", "DEMO"};
  xna_import_request request;
  xna_import_request_init(&request, sizeof request);
  request.path = world->input.c_str();
  request.handler = handler;
  request.parameters = kParameters;
  request.parameter_count = 1;
  xna_report* report = nullptr;
  xna_engine_import(AnyEngine(), &request, nullptr, &report, nullptr);
  return report;
}

/// Archives what it has imported, so that the validator is asked.
void ImportAndArchive() {
  xna_report* const report = Import("DICOM-zip");
  xna_archive_request request;
  xna_archive_request_init(&request, sizeof request);
  request.src = xna_report_uri(report, 0);
  request.overwrite = XNA_OVERWRITE_APPEND;
  xna_engine_archive(AnyEngine(), &request, nullptr, nullptr, nullptr);
  xna_engine_delete_prearchive_session(AnyEngine(), request.src, nullptr, nullptr);
  xna_report_free(report);
}

struct Caller {
  const char* name;
  void (*call)();
};
#define XNA_CALLS(function)                         \
  {                                                 \
#function, [] { CallOne(#function, function); } \
  }
const Caller kCallers[] = {
#include "capi/every_function.inc"
    {"xna_engine_build_with_fields",
     [] { CallOne("xna_engine_build_with_fields", BuildWithFields); }},
    {"xna_engine_free", CloseAndOpen},
    // Not from a callback: another engine of the root waits for the session the first works on.
    {"a handler", [] { xna_report_free(Import("fuzz")); }},
    {"a validator", ImportAndArchive},
};
constexpr std::size_t kCallersOfCallbacks = std::size(kCallers) - 2;
#undef XNA_CALLS

/// Those of what a callback is given.
std::vector<Caller> CallersOfCallbacks() {
  std::vector<Caller> callers;
  for (const Caller& caller : kCallers) {
    const std::string name = caller.name;
    for (const char* begin : {"xna_import_", "xna_file_", "xna_session_", "xna_document_",
                              "xna_candidate_", "xna_callback_"}) {
      if (name.rfind(begin, 0) == 0) callers.push_back(caller);
    }
  }
  return callers;
}

void Run(World its_world, long calls) {
  world = &its_world;
  for (long i = 0; i < calls; ++i) kCallers[world->Pick(std::size(kCallers))].call();
  for (void* handle : world->stored) {  // these keep their engines
    xna_rest_free(static_cast<xna_rest*>(handle));
    xna_response_free(static_cast<xna_response*>(handle));
    xna_engine_free(static_cast<xna_engine*>(handle));
  }
  world = nullptr;
}

xna_status AnyOutcome() {
  static constexpr xna_status kOutcomes[] = {XNA_OK, XNA_OK, XNA_OK, XNA_PASSTHROUGH, 1, 12, 4711};
  return kOutcomes[world->Pick(std::size(kOutcomes))];
}

int32_t Accepts(void*, const char*, int32_t) { return world != nullptr && world->OneIn(2) ? 1 : 0; }

xna_status Describe(void*, xna_import* import, xna_callback* callback) {
  if (world == nullptr) return XNA_PASSTHROUGH;  // a task's thread
  xna_session* const session = xna_import_add_session(import);
  const Giving<xna_import> giving_import(import);
  const Giving<xna_callback> giving_callback(callback);
  const Giving<xna_session> giving_session(session);
  const Giving<xna_document> giving_document(xna_session_document(session));
  CallSome();
  return AnyOutcome();
}

xna_status Validate(void*, xna_candidate* candidate, xna_callback* callback) {
  if (world == nullptr) return XNA_OK;
  const Giving<xna_candidate> giving_candidate(candidate);
  const Giving<xna_callback> giving_callback(callback);
  const Giving<xna_document> giving_document(xna_candidate_document(candidate));
  CallSome();
  return AnyOutcome();
}

/// An engine with a handler and a validator; null when it can not be opened.
xna_engine* OpenEngine(const std::string& root, std::atomic<long>* taken,
                       std::atomic<long>* released) {
  xna_session_validator validator;
  xna_session_validator_init(&validator, sizeof validator);
  validator.ctx = released;
  validator.release = Release;
  validator.validate = Validate;
  const xna_session_validator* const validators[] = {&validator};
  xna_engine_options options;
  xna_engine_options_init(&options, sizeof options);
  options.root = root.c_str();
  options.validators = validators;
  options.validator_count = 1;
  xna_engine* engine = nullptr;
  ++*taken;
  if (xna_engine_open(&options, &engine, nullptr) != XNA_OK) return nullptr;
  xna_import_handler handler;
  xna_import_handler_init(&handler, sizeof handler);
  handler.ctx = released;
  handler.release = Release;
  handler.name = "fuzz";
  handler.accepts = Accepts;
  handler.describe = Describe;
  ++*taken;
  xna_engine_register(engine, &handler, nullptr);
  return engine;
}

/// One engine takes the place of another, whoever uses that.
void CloseAndOpen() {
  xna_engine* const engine = OpenEngine(world->root, world->taken, world->released);
  xna_engine_free(static_cast<xna_engine*>(world->engines->Exchange(world->random, engine)));
}

/// A root with one archived and one waiting session.
void MakeRoot(const std::string& root, const std::string& input) {
  xna_engine_options options;
  xna_engine_options_init(&options, sizeof options);
  options.root = root.c_str();
  xna_engine* engine = nullptr;
  if (xna_root_create(&options, nullptr, nullptr, nullptr) != XNA_OK ||
      xna_engine_open(&options, &engine, nullptr) != XNA_OK) {
    Fail("no root");
  }
  xna_project project;
  xna_project_init(&project, sizeof project);
  project.id = "DEMO";
  xna_engine_add_project(engine, &project, nullptr, nullptr);
  const char* const parameters[] = {"project", "DEMO"};
  for (const char* dest : {"/archive/projects/DEMO", "/prearchive"}) {
    xna_import_request request;
    xna_import_request_init(&request, sizeof request);
    request.path = input.c_str();
    request.dest = dest;
    request.parameters = parameters;
    request.parameter_count = 1;
    if (xna_engine_import(engine, &request, nullptr, nullptr, nullptr) != XNA_OK) Fail("no input");
  }
  xna_engine_free(engine);
}

void Fuzz(unsigned seed, long calls) {
  TempTree tree;
  DicomSpec spec;
  spec.rows = spec.columns = 16;
  spec.values[0x00100020] = "S1";
  const std::string bytes = MakeDicom(spec);
  tree.Write("in/1.dcm", bytes);
  const std::string root = tree.path() + "/root";
  const std::string input = tree.path() + "/in";
  if (chdir(tree.path().c_str()) != 0) Fail("no folder");  // exports go to any path
  Pool engines, others;
  std::atomic<long> taken{0}, released{0};
  MakeRoot(root, input);
  for (int i = 0; i < 6; ++i) engines.Add(OpenEngine(root, &taken, &released));
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Run(World{std::mt19937(seed + i), root, input, bytes, &engines, &others, &taken, &released},
          calls / kThreads);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (void* engine : engines.All()) xna_engine_free(static_cast<xna_engine*>(engine));
  // Tasks whose handles are lost end by themselves.
  for (int i = 0; i < 6000 && released != taken; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (released != taken) {
    Fail(std::to_string(taken) + " structs of callbacks were taken, " + std::to_string(released) +
         " released");
  }
}

}  // namespace

void CallSome() {
  static const std::vector<Caller> of_callbacks = CallersOfCallbacks();
  static thread_local int depth = 0;
  if (depth == 2) return;
  ++depth;
  for (std::size_t calls = world->Pick(12); calls > 0; --calls) {
    ++from_callbacks;
    const std::size_t any = world->Pick(kCallersOfCallbacks);
    (world->OneIn(2) ? kCallers[any] : of_callbacks[any % of_callbacks.size()]).call();
  }
  --depth;
}

}  // namespace xnatarchive

int main(int argc, char** argv) {
  const char* const given = argc > 1 ? argv[1] : std::getenv("XNATARCHIVE_TEST_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::atol(given)) : std::random_device{}();
  const long calls = argc > 2 ? std::atol(argv[2]) : 10000;
  std::printf("capi_fuzz %u %ld\n", seed, calls);
  std::fflush(stdout);
  xnatarchive::Fuzz(seed, calls);
  std::printf("%ld calls succeeded, %ld came from callbacks\n", xnatarchive::succeeded.load(),
              xnatarchive::from_callbacks.load());
  // A fuzzer all of whose calls are refused at the door tests the door.
  const bool inside =
      xnatarchive::succeeded > calls / 20 && xnatarchive::from_callbacks > calls / 50;
  return inside ? 0 : 1;
}
