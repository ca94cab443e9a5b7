// xnatarchive_bench.cc - what small operations cost: formats, digests, plan files, and the fixed
// price of one session. What whole commands cost beside other programs is run.py's to say.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>

#include "archive/operation.hpp"
#include "dicom/header.hpp"
#include "digest/digest.hpp"
#include "prearchive/file_index.hpp"
#include "prearchive/header_note.hpp"
#include "support/dicom_generator.hpp"
#include "support/engine_fixture.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {
namespace {

constexpr const char* kMd5 = "0123456789abcdef0123456789abcdef";

std::string InstanceName(std::int64_t i) {
  return "1.2.840.113654.2.45.2.108105." + std::to_string(i);
}

/// Such as a session build makes.
Catalog MakeCatalog(std::int64_t entries) {
  Catalog catalog;
  catalog.dicom = true;
  catalog.uid = "1.2.840.113654.2.45.2.108105";
  for (std::int64_t i = 1; i <= entries; ++i) {
    CatalogEntry entry;
    entry.dicom = true;
    entry.uid = InstanceName(i);
    entry.uri = InstanceName(i) + ".dcm";
    entry.instance_number = i;
    entry.digest = kMd5;
    entry.SetMeta("SIZE", "300144");
    entry.SetMeta("MTIME", "1710771722123456789");
    entry.SetMeta("XXH3", kMd5);
    catalog.entries.push_back(std::move(entry));
  }
  return catalog;
}

FileIndex MakeIndex(std::int64_t files) {
  FileIndex index;
  index.notes = {"note"};
  for (std::int64_t i = 1; i <= files; ++i) {
    IndexedFile& file = index.files.emplace_back();
    file.path = "SCANS/1/DICOM/" + InstanceName(i) + ".dcm";
    file.size = 300'144;
    file.mtime_ns = 1'710'771'722'123'456'789;
    file.md5 = kMd5;
    file.xxh3 = kMd5;
    file.sop_instance_uid = InstanceName(i);
    file.instance_number = std::to_string(i);
  }
  return index;
}

OperationPlan MakePlan(std::int64_t steps) {
  OperationPlan plan;
  plan.kind = "archive";
  plan.locks = {"a/DEMO/S1"};
  plan.facts = {{"label", "S1"}};
  for (std::int64_t i = 0; i < steps; ++i) {
    const std::string n = std::to_string(i);
    plan.steps.push_back({StepKind::kReplace,
                          {Tree::kArchive, ".xa/ops/1/stage/catalog-" + n},
                          {Tree::kPrearchive, "DEMO/1/S1/SCANS/" + n + "/DICOM/c_catalog.xml"}});
  }
  return plan;
}

void CountBytes(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(static_cast<std::int64_t>(bytes) *
                          static_cast<std::int64_t>(state.iterations()));
}

void WriteCatalogXml(benchmark::State& state) {
  const Catalog catalog = MakeCatalog(state.range(0));
  std::size_t bytes = 0;
  for (auto _ : state) bytes = WriteCatalog(catalog, CatalogStyle::kPlain).size();
  CountBytes(state, bytes);
}
BENCHMARK(WriteCatalogXml)->Arg(1)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void ParseCatalogXml(benchmark::State& state) {
  const std::string xml = WriteCatalog(MakeCatalog(state.range(0)), CatalogStyle::kPlain);
  for (auto _ : state) benchmark::DoNotOptimize(Must(ParseCatalog(xml)));
  CountBytes(state, xml.size());
}
BENCHMARK(ParseCatalogXml)->Arg(1)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void WriteIndex(benchmark::State& state) {
  const FileIndex index = MakeIndex(state.range(0));
  std::size_t bytes = 0;
  for (auto _ : state) bytes = WriteFileIndex(index).size();
  CountBytes(state, bytes);
}
BENCHMARK(WriteIndex)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void ParseIndex(benchmark::State& state) {
  const std::string text = WriteFileIndex(MakeIndex(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(Must(ParseFileIndex(text)));
  CountBytes(state, text.size());
}
BENCHMARK(ParseIndex)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void ReadDicomHeader(benchmark::State& state) {
  DicomSpec spec;
  spec.rows = spec.columns = 308;
  spec.private_bytes = static_cast<std::size_t>(state.range(0));
  const std::string file = MakeDicom(spec);
  const std::string head = file.substr(0, (64u << 10) + spec.private_bytes);
  for (auto _ : state) benchmark::DoNotOptimize(Must(ReadHeader(head, Completeness::kPrefix)));
}
BENCHMARK(ReadDicomHeader)->Arg(0)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void WriteNote(benchmark::State& state) {
  const DicomHeader header = Must(ReadHeader(MakeDicom({}), Completeness::kWholeFile));
  for (auto _ : state) benchmark::DoNotOptimize(WriteHeaderNote(header));
}
BENCHMARK(WriteNote)->Unit(benchmark::kMicrosecond);

void HashBuffer(benchmark::State& state, Checksum checksum) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  Hasher hasher(checksum);
  for (auto _ : state) benchmark::DoNotOptimize(hasher.Hash(bytes.data(), bytes.size()));
  CountBytes(state, bytes.size());
}
BENCHMARK_CAPTURE(HashBuffer, xxh3, Checksum::kXxh3)->Arg(20'000)->Arg(300'000);
BENCHMARK_CAPTURE(HashBuffer, md5, Checksum::kMd5)->Arg(20'000)->Arg(300'000);
BENCHMARK_CAPTURE(HashBuffer, md5_xxh3, Checksum::kMd5AndXxh3)->Arg(20'000)->Arg(300'000);

void WritePlanFile(benchmark::State& state) {
  const OperationPlan plan = MakePlan(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(WriteOperationPlan(plan));
}
BENCHMARK(WritePlanFile)->Arg(10)->Arg(1'000)->Unit(benchmark::kMicrosecond);

void ParsePlanFile(benchmark::State& state) {
  const std::string bytes = WriteOperationPlan(MakePlan(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(Must(ParseOperationPlan(bytes)));
}
BENCHMARK(ParsePlanFile)->Arg(10)->Arg(1'000)->Unit(benchmark::kMicrosecond);

/// The durable part is the disk's: the time of the wall, and the data on $TMPDIR.
void ImportAndArchiveOneImage(benchmark::State& state) {
  EngineFixture fixture;
  int study = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const std::string folder = std::to_string(++study);
    fixture.WriteStudy(folder, study, 1, 1);
    state.ResumeTiming();
    const ImportReport imported = fixture.Import(folder);
    benchmark::DoNotOptimize(Must(fixture.Archive(imported.uris.front())));
  }
}
BENCHMARK(ImportAndArchiveOneImage)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace xnatarchive

BENCHMARK_MAIN();
