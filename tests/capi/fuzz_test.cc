// Random calls with random arguments, good and bad, on several threads: each gives a status that is
// one, its error says the same, what it stores is what the status promises, and in the end every
// struct of callbacks was released once.
//
//   capi_fuzz [SEED [CALLS]]    repeats a run
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
#include <vector>

#include "capi/fuzz_arguments.hpp"
#include "support/dicom_generator.hpp"
#include "support/temp_tree.hpp"
#include "xnatarchive.h"

namespace xnatarchive {
namespace {

constexpr int kThreads = 3;

std::atomic<long> succeeded{0};

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
  current = &call;
  constexpr bool kTells = (std::is_same<Args, xna_error**>::value || ...);
  if constexpr (kTells && std::is_same<R, xna_status>::value) {
    const xna_status status = function(Made<Args>::Make()...);
    *world->taken += call.handed_over;
    if (status == XNA_OK) ++succeeded;
    CheckPromises(call, status, name);
    if (call.has_out && call.stored != nullptr) world->others->Add(call.stored);
  } else {
    function(Made<Args>::Make()...);
    *world->taken += call.handed_over;
  }
  xna_error_free(call.error);
  current = nullptr;
}

xna_status BuildWithFields(xna_engine* engine, const char* src, const xna_call_options* call,
                           xna_error** out_error) {
  std::size_t count = 0;
  const char* const* const fields = AnyTexts(&count, 2);
  return xna_engine_build_with_fields(engine, src, fields, count, call, out_error);
}

using Caller = void (*)();
#define XNA_CALLS(function) [] { CallOne(#function, function); }
const Caller kCallers[] = {
#include "capi/every_function.inc"
    [] { CallOne("xna_engine_build_with_fields", BuildWithFields); },
};
#undef XNA_CALLS

void Run(World its_world, long calls) {
  world = &its_world;
  for (long i = 0; i < calls; ++i) kCallers[world->Pick(std::size(kCallers))]();
  world = nullptr;
}

/// A root with one archived and one waiting session.
xna_engine* OpenRoot(const std::string& root, const std::string& input) {
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
  return engine;
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
  for (int i = 0; i < 4; ++i) engines.Add(nullptr);
  xna_engine* const engine = OpenRoot(root, input);
  for (int i = 0; i < 40; ++i) engines.Add(engine);
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      Run(World{std::mt19937(seed + i), root, input, bytes, &engines, &others, &taken, &released},
          calls / kThreads);
    });
  }
  for (std::thread& thread : threads) thread.join();
  xna_engine_free(engine);
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
}  // namespace xnatarchive

int main(int argc, char** argv) {
  const unsigned seed = argc > 1 ? static_cast<unsigned>(std::atol(argv[1])) : 1;
  const long calls = argc > 2 ? std::atol(argv[2]) : 20000;
  std::printf("capi_fuzz %u %ld\n", seed, calls);
  xnatarchive::Fuzz(seed, calls);
  std::printf("%ld calls succeeded\n", xnatarchive::succeeded.load());
  // A fuzzer all of whose calls are refused at the door tests the door.
  return xnatarchive::succeeded > calls / 20 ? 0 : 1;
}
