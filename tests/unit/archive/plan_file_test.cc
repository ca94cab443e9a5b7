#include <doctest/doctest.h>

#include <string>

#include "archive/operation.hpp"
#include "digest/digest.hpp"

namespace xnatarchive {
namespace {

OperationPlan SamplePlan() {
  OperationPlan plan;
  plan.kind = "archive";
  plan.locks = {"archive/DEMO/S1", "prearchive/DEMO/20240318_150212847/S1"};
  plan.facts = {{"user", "Zo\xC3\xAB\tO'Brien\n100%"}, {"empty", ""}};
  plan.steps = {
      {StepKind::kMakeDirectory, {}, {Tree::kArchive, "DEMO"}},
      {StepKind::kReplace, {Tree::kArchive, ".xa/ops/1/stage/c"}, {Tree::kPrearchive, "DEMO/a b"}},
      {StepKind::kOverwrite, {Tree::kPrearchive, "DEMO/x/1"}, {Tree::kArchive, "DEMO/y/1"}},
      {StepKind::kMove, {Tree::kPrearchive, "DEMO/x"}, {Tree::kArchive, "DEMO/arc001/\xC3\xA9"}},
      {StepKind::kTrash, {Tree::kPrearchive, "DEMO/x.xml"}, {}},
      {StepKind::kSwap, {Tree::kArchive, ".xa/ops/1/stage/d"}, {Tree::kArchive, "DEMO/d"}},
      {StepKind::kPurge, {Tree::kPrearchive, "DEMO/y"}, {}},
      {StepKind::kRemoveIfEmpty, {}, {Tree::kPrearchive, "DEMO"}},
      {StepKind::kLink,
       {Tree::kPrearchive, "DEMO/x"},
       {Tree::kArchive, "DEMO/z"},
       {"a", "b c", "odd\x01\xe9\t%"}},
  };
  return plan;
}

/// A whole plan of the step lines given, with good checksums.
std::string PlanOf(std::vector<Step> steps) {
  OperationPlan plan;
  plan.kind = "test";
  plan.steps = std::move(steps);
  return WriteOperationPlan(plan);
}

}  // namespace

TEST_SUITE("archive.plan_file") {
  TEST_CASE("a plan comes back as it was written") {
    const OperationPlan plan = SamplePlan();
    const std::string bytes = WriteOperationPlan(plan);
    const Result<OperationPlan> parsed = ParseOperationPlan(bytes);
    REQUIRE(parsed.ok());
    CHECK(parsed->kind == plan.kind);
    CHECK(parsed->locks == plan.locks);
    CHECK(parsed->facts == plan.facts);
    CHECK(parsed->Fact("user") == plan.facts[0].second);
    CHECK(parsed->Fact("absent").empty());
    CHECK(WriteOperationPlan(*parsed) == bytes);
    REQUIRE(parsed->steps.size() == plan.steps.size());
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
      CHECK(parsed->steps[i].kind == plan.steps[i].kind);
      CHECK(parsed->steps[i].from == plan.steps[i].from);
      CHECK(parsed->steps[i].to == plan.steps[i].to);
      CHECK(parsed->steps[i].names == plan.steps[i].names);
    }
  }

  TEST_CASE("a plan without locks, facts and steps is a plan") {
    const Result<OperationPlan> parsed = ParseOperationPlan(PlanOf({}));
    REQUIRE(parsed.ok());
    CHECK(parsed->steps.empty());
  }

  TEST_CASE("every change of a single byte is refused") {
    const std::string bytes = WriteOperationPlan(SamplePlan());
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      for (const int flip : {0x01, 0x10, 0x80}) {
        std::string damaged = bytes;
        damaged[i] = static_cast<char>(damaged[i] ^ flip);
        const Result<OperationPlan> parsed = ParseOperationPlan(damaged);
        INFO("byte " << i << " flip " << flip);
        REQUIRE_FALSE(parsed.ok());
        CHECK(parsed.status().reason() == "plan.corrupt");
      }
    }
  }

  TEST_CASE("every truncation, and anything after the end, is refused") {
    const std::string bytes = WriteOperationPlan(SamplePlan());
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const Result<OperationPlan> parsed = ParseOperationPlan(bytes.substr(0, size));
      REQUIRE_FALSE(parsed.ok());
      CHECK(parsed.status().reason() == "plan.corrupt");
    }
    CHECK_FALSE(ParseOperationPlan(bytes + "\n").ok());
    CHECK_FALSE(ParseOperationPlan(bytes + bytes).ok());
    CHECK_FALSE(ParseOperationPlan(std::string(bytes.size(), '\0')).ok());
  }

  TEST_CASE("the keys are readable when the rest is damaged, and not when they are") {
    const OperationPlan plan = SamplePlan();
    const std::string bytes = WriteOperationPlan(plan);
    const std::size_t head_end = bytes.find('\n', bytes.find("\nhead") + 1) + 1;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      std::string damaged = bytes;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x04);
      const Result<std::vector<std::string>> locks = ParsePlanLocks(damaged);
      INFO("byte " << i);
      CHECK(locks.ok() == (i >= head_end));
      if (locks.ok()) CHECK(*locks == plan.locks);
    }
  }

  TEST_CASE("a newer plan is refused as such, its keys are known") {
    std::string bytes = "xnatarchive-plan\t2\nkind\tmerge\nlock\tarchive/DEMO/S1\n";
    bytes += "head\t" + Hasher(Checksum::kXxh3).Hash(bytes.data(), bytes.size()).xxh3 + "\n";
    bytes += "whatever a later version has";
    const Result<OperationPlan> parsed = ParseOperationPlan(bytes);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.status().code() == Code::kUnsupported);
    CHECK(parsed.status().reason() == "plan.newer");
    const Result<std::vector<std::string>> locks = ParsePlanLocks(bytes);
    REQUIRE(locks.ok());
    CHECK(*locks == std::vector<std::string>{"archive/DEMO/S1"});
  }

  TEST_CASE("steps that leave their tree, or meddle with the library's own, are refused") {
    const auto refused = [](const Step& step) {
      const Result<OperationPlan> parsed = ParseOperationPlan(PlanOf({step}));
      return !parsed.ok() && parsed.status().reason() == "plan.corrupt";
    };
    const TreePath good{Tree::kArchive, "DEMO/a"};
    for (const char* path :
         {"", "/etc", "..", "a/../../b", "a//b", "./a", "a/", ".xa", ".xa/locks", ".xa/trash/x"}) {
      INFO(path);
      CHECK(refused({StepKind::kMove, {Tree::kArchive, path}, good}));
      CHECK(refused({StepKind::kReplace, good, {Tree::kPrearchive, path}}));
      CHECK(refused({StepKind::kMakeDirectory, {}, {Tree::kArchive, path}}));
      CHECK(refused({StepKind::kPurge, {Tree::kArchive, path}, {}}));
      CHECK(refused({StepKind::kLink, {Tree::kArchive, path}, good, {"a"}}));
      CHECK(refused({StepKind::kLink, good, {Tree::kArchive, path}, {"a"}}));
    }
    CHECK(refused({StepKind::kMakeDirectory, good, good}));
    CHECK(refused({StepKind::kTrash, good, good}));
    for (const char* name : {"", ".", "..", "a/b", "/a", "a/"}) {
      INFO(name);
      CHECK(refused({StepKind::kLink, good, good, {"a", name}}));
    }
    CHECK(refused({StepKind::kLink, good, good}));
    CHECK(refused({StepKind::kMove, good, good, {"a"}}));
    CHECK(refused({static_cast<StepKind>('Q'), good, good}));
    CHECK(refused({StepKind::kMove, {static_cast<Tree>('Z'), "a"}, good}));
    CHECK_FALSE(refused({StepKind::kMove, {Tree::kArchive, ".xa/ops/1/stage/a"}, good}));
    CHECK_FALSE(refused({StepKind::kMove, good, {Tree::kArchive, ".xavier"}}));
    CHECK_FALSE(refused({StepKind::kMove, good, {Tree::kArchive, ".xa/history/1"}}));
    for (const char* odd : {"a\x01", "caf\xe9", "tab\tand\nline"}) {  // others name their files
      CHECK_FALSE(refused({StepKind::kMove, {Tree::kArchive, odd}, {Tree::kPrearchive, odd}}));
    }
    CHECK_FALSE(refused({StepKind::kMakeDirectory, {}, {Tree::kArchive, ".xa/history"}}));
  }
}

}  // namespace xnatarchive
