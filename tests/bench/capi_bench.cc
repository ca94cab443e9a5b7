// capi_bench.cc - what the C interface adds to a call of the C++ one: the same call both ways, in
// one process. binding_scenarios.py takes the difference.
#include <benchmark/benchmark.h>

#include <string>

#include "support/engine_fixture.hpp"
#include "xnatarchive.h"

namespace xnatarchive {
namespace {

/// A root that is open both ways.
struct BothWays : EngineFixture {
  xna_engine* c = nullptr;

  BothWays() {
    xna_engine_options c_options;
    xna_engine_options_init(&c_options, sizeof c_options);
    c_options.root = options.root.c_str();
    if (xna_engine_open(&c_options, &c, nullptr) != XNA_OK) std::abort();
  }
  ~BothWays() { xna_engine_free(c); }
  BothWays(const BothWays&) = delete;
  BothWays& operator=(const BothWays&) = delete;
};

void SettingInCpp(benchmark::State& state) {
  const BothWays host;
  CallOptions call;
  call.user = "ann";
  for (auto _ : state) {
    auto value = host.engine->Setting("checksum", {}, call);
    benchmark::DoNotOptimize(value);
  }
}
BENCHMARK(SettingInCpp);

void SettingInC(benchmark::State& state) {
  const BothWays host;
  xna_call_options call;
  xna_call_options_init(&call, sizeof call);
  call.user = "ann";
  for (auto _ : state) {
    xna_text* value = nullptr;
    xna_engine_setting(host.c, "checksum", nullptr, &call, &value, nullptr);
    benchmark::DoNotOptimize(xna_text_data(value));
    xna_text_free(value);
  }
}
BENCHMARK(SettingInC);

// A call that has next to nothing to do: the name is none.
void RefusalInCpp(benchmark::State& state) {
  const BothWays host;
  for (auto _ : state) {
    const auto value = host.engine->Setting("no-setting");
    benchmark::DoNotOptimize(value.ok());
  }
}
BENCHMARK(RefusalInCpp);

void RefusalInC(benchmark::State& state) {
  const BothWays host;
  for (auto _ : state) {
    xna_text* value = nullptr;
    xna_error* error = nullptr;
    xna_engine_setting(host.c, "no-setting", nullptr, nullptr, &value, &error);
    benchmark::DoNotOptimize(xna_error_reason(error));
    xna_error_free(error);
  }
}
BENCHMARK(RefusalInC);

}  // namespace
}  // namespace xnatarchive

BENCHMARK_MAIN();
