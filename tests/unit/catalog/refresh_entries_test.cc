// Entries that are no plain name of a file beside the catalog, and names that can not have one.
#include <doctest/doctest.h>

#include "unit/catalog/refresh_model.hpp"

namespace xnatarchive {

TEST_SUITE("catalog.refresh_entries") {
  TEST_CASE("bytes that are elsewhere are left alone: URLs, other paths, links, packed files") {
    Model model;
    model.AddEntry("https://example.org/x", 3).cache_path = "x";
    model.AddEntry("/somewhere/else/y", 3).cache_path = "y";
    model.AddEntry("link", 3);
    model.AddEntry("linked/deep/z", 3);
    model.AddEntry("packed.dcm", 3);
    model.AddFile("packed.dcm.gz", 2);
    model.found.irregular = {"link", "linked"};
    model.policy.options = Options(kAll);
    CHECK_FALSE(model.Refresh());
    CHECK(model.refused.empty());
    CHECK(model.plan.missing == 0);
    CHECK(model.plan.unlisted == 0);
    CHECK(model.plan.ignored == 2);
  }

  TEST_CASE("a file is that of the entry with its path, whatever others could mean it, too") {
    Model packed;
    packed.AddEntry("a", 10);
    packed.AddBoth("a.gz");
    packed.AddEntry("b.gz", 10);
    packed.AddEntry("b", 10);
    packed.AddFile("b.gz", 10);
    packed.policy.options = Options(kAll);
    CHECK_FALSE(packed.Refresh());
    CHECK(packed.plan.missing == 0);
    CHECK(packed.plan.unlisted == 0);
    Model cached;
    cached.AddEntry("https://example.org/x", 3).cache_path = "a";
    cached.AddBoth("a");
    cached.AddBoth("b");
    cached.AddEntry("/somewhere/else/y", 3).cache_path = "b";
    cached.policy.options = Options(kAll);
    CHECK_FALSE(cached.Refresh());
    CHECK(cached.plan.missing == 0);
    CHECK(cached.plan.changed == 0);
  }

  TEST_CASE("XNAT's absolute URI of a file of the directory is that file") {
    Model model;
    model.AddFile("a b", 10);
    model.AddEntry("/data/archive/P/arc001/S1/R/a b", 10);
    model.AddEntry("/data/archive/P/arc001/S1/R/gone", 10);
    model.policy.options = Options(kAll);
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "/data/archive/P/arc001/S1/R/a b 10 77 d1 -");
    CHECK(model.plan.unlisted == 0);
  }

  TEST_CASE("names that can not have an entry are counted, temporary ones are not") {
    Model model;
    for (const char* name :
         {"x_catalog.xml", "sub/y_catalog.xml", "line\nbreak", "\xFF\xFE.dcm", "not\xEF\xBF\xBFxml",
          ".nfs0001", ".~lock-R_catalog.xml", ".xa-12.tmp", "sub/.xa-mark"}) {
      model.AddFile(name, 1);
    }
    model.found.irregular = {"loop"};
    model.policy.options = Options(kAll);
    CHECK_FALSE(model.Refresh());
    CHECK(model.refused.empty());
    CHECK(model.plan.unlisted == 0);
    CHECK(model.plan.ignored == 6);
    CHECK(IsValidUtf8(model.plan.ignored_example));
    // One that XNAT took in before is not lost.
    model.AddEntry("x_catalog.xml", 1);
    CHECK_FALSE(model.Refresh());
    CHECK(model.plan.missing == 0);
  }

  TEST_CASE("names with characters of XML come back as they were") {
    Model model;
    const std::string name = "a&<>\"' \xC3\xA9" + std::string(246, 'x');
    REQUIRE(name.size() == 255);
    model.AddFile(name, 1);
    model.AddFile("dir/" + name.substr(0, 100), 1);
    model.policy.options = Options("append");
    REQUIRE(model.Refresh());
    model.place.catalog = ParseCatalog(model.Bytes()).value();
    CHECK(model.place.catalog.entries.size() == 2);
    CHECK_FALSE(model.Refresh());
    CHECK(model.plan.missing == 0);
  }

  TEST_CASE("an entry that names a file again goes with delete") {
    Model model;
    model.AddBoth("a");
    model.AddEntry("a", 10);
    model.policy.options = Options("append");
    CHECK_FALSE(model.Refresh());
    model.policy.options = Options("delete");
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "a 10 77 d1 -");
  }

  TEST_CASE("entry sets are refreshed in place, and what is unknown survives") {
    Model model;
    model.place.catalog.attributes = {{"custom", "1"}};
    model.place.catalog.sets.emplace_back();
    model.AddBoth("top");
    model.AddFile("in", 11);
    model.AddEntry("in", 10).attributes = {{"lab", "7"}};
    model.place.catalog.entries.back().elements.emplace_back();
    model.place.catalog.entries.back().elements.back().name = "cat:other";
    model.AddEntry("gone", 10);
    auto& entries = model.place.catalog.entries;
    model.place.catalog.sets[0].entries = {entries[1], entries[2]};
    entries.resize(1);
    model.policy.options = Options("delete");
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "in 11 77 - - *\ntop 10 77 d1 -");
    CHECK(model.place.catalog.attributes.size() == 1);
    CHECK(model.place.catalog.sets[0].entries[0].attributes.size() == 1);
    CHECK(model.place.catalog.sets[0].entries[0].elements.size() == 1);
  }
}

}  // namespace xnatarchive
