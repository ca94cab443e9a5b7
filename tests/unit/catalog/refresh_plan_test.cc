#include "catalog/refresh_plan.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <random>
#include <set>
#include <string>

#include "base/text.hpp"
#include "unit/catalog/refresh_model.hpp"
#include "xml/catalog_xml.hpp"

namespace xnatarchive {

TEST_SUITE("catalog.refresh_plan") {
  TEST_CASE("what is true already is not touched, and no file is opened") {
    RefreshModel model;
    model.AddBoth("a");
    model.AddBoth("sub/b");
    model.policy.options = Options(kAll);
    CHECK_FALSE(model.Refresh());
    CHECK(model.plan.to_hash.empty());
    CHECK(model.plan.to_identify.empty());
    CHECK_FALSE(model.plan.ChangesCatalog());
  }

  TEST_CASE("append: new files get an entry, DICOM objects one that says so") {
    RefreshModel model;
    model.AddBoth("a");
    model.AddFile("new.txt", 5);
    model.AddFile("new.dcm", 6, 78, "d2");
    model.contents["new.dcm"].dicom = DicomIdentity{"1.2.3", 4};
    model.policy.options = Options("append");
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "a 10 77 d1 -\nnew.dcm 6 78 - 1.2.3 +\nnew.txt 5 77 - - +");
    const CatalogEntry& dicom = model.place.catalog.entries[1];
    CHECK(dicom.dicom);
    CHECK(dicom.format == "DICOM");
    CHECK(dicom.instance_number == 4);
    CHECK(dicom.name == "new.dcm");
    CHECK(dicom.cache_path == "new.dcm");
    CHECK_FALSE(model.place.catalog.entries[2].dicom);
    CHECK(model.place.catalog.Meta("AUDIT").find("57:") == 0);
    CHECK(EndsWith(model.place.catalog.Meta("AUDIT"), "=Added:2"));
    CHECK(model.place.catalog.Meta("PROJECT") == "P");
    CHECK_FALSE(model.Refresh());
    model.policy.options = Options(kAll);
    REQUIRE(model.Refresh());
    CHECK(model.plan.to_hash.size() == 2);
    CHECK(model.Tell() == "a 10 77 d1 -\nnew.dcm 6 78 d2 1.2.3 * +\nnew.txt 5 77 d1 - * +");
    CHECK_FALSE(model.Refresh());
  }

  TEST_CASE("without append files without an entry are only told of") {
    RefreshModel model;
    model.AddFile("new", 5);
    model.policy.options = Options("checksum,delete,populateStats");
    CHECK_FALSE(model.Refresh());
    CHECK(model.plan.unlisted == 1);
    CHECK(model.plan.to_identify.empty());
  }

  TEST_CASE("delete: entries without a file go, and only with the option") {
    RefreshModel model;
    model.AddBoth("a");
    model.AddEntry("gone", 3);
    model.AddEntry("gone../too..", 3);
    model.policy.options = Options("append,checksum,populateStats");
    CHECK_FALSE(model.Refresh());
    CHECK(model.plan.missing == 2);
    model.policy.options = Options("delete");
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "a 10 77 d1 -");
    CHECK(EndsWith(model.place.catalog.Meta("AUDIT"), "=Removed:2"));
  }

  TEST_CASE("a removal of more than the share is refused, unless forced or small") {
    struct Case {
      int gone;
      int kept;
      bool refused;
    };
    for (const Case& one : {Case{10, 0, false}, Case{11, 0, true}, Case{11, 10, true},
                            Case{11, 11, false}, Case{200, 100, true}}) {
      CAPTURE(one.gone);
      CAPTURE(one.kept);
      RefreshModel model;
      for (int i = 0; i < one.gone; ++i) model.AddEntry("gone" + std::to_string(i), 1);
      for (int i = 0; i < one.kept; ++i) model.AddBoth("kept" + std::to_string(i));
      model.AddFile("new", 1);
      model.policy.options = Options(kAll);
      CHECK(model.Refresh() == !one.refused);
      CHECK(model.refused == (one.refused ? "refresh.too-many-removed" : ""));
      model.policy.force = true;
      model.Refresh();
      CHECK(model.place.catalog.entries.size() == static_cast<std::size_t>(one.kept + 1));
    }
    RefreshModel model;
    for (int i = 0; i < 11; ++i) model.AddEntry("gone" + std::to_string(i), 1);
    model.policy.options = Options("delete");
    model.policy.removal_percent_max = 100;
    CHECK(model.Refresh());
  }

  TEST_CASE("checksum: fills what is missing, renews what was changed, reads nothing else") {
    RefreshModel model;
    model.AddBoth("same");
    model.AddFile("none", 10, 77, "d2");
    model.AddEntry("none", 10, 77, "");
    model.AddFile("touched", 10, 99, "d3");
    model.AddEntry("touched", 10, 77, "d1");
    model.AddFile("longer", 11, 77, "d4");
    model.AddEntry("longer", 10, 77, "d1");
    model.policy.options = Options("checksum");
    REQUIRE(model.Refresh());
    CHECK(model.plan.to_hash.size() == 3);
    CHECK(model.plan.changed == 2);
    CHECK(model.Tell() ==
          "same 10 77 d1 -\nnone 10 77 d2 - *\ntouched 10 99 d3 - *\nlonger 11 77 d4 - *");
    CHECK_FALSE(model.Refresh());
  }

  TEST_CASE("without checksum the digest of a changed file goes, whatever the options") {
    for (const char* options : {"", "append", "delete", "populateStats"}) {
      RefreshModel model;
      model.AddFile("touched", 10, 99);
      model.AddEntry("touched", 10, 77).SetMeta("XXH3", "x");
      model.policy.options = Options(options);
      REQUIRE(model.Refresh());
      CHECK(model.plan.to_hash.empty());
      CHECK(model.Tell() == "touched 10 99 - - *");
      CHECK(model.place.catalog.entries[0].Meta("XXH3").empty());
      CHECK_FALSE(model.Refresh());
    }
  }

  TEST_CASE("a changed DICOM object gets its identity anew") {
    RefreshModel model;
    model.AddFile("a.dcm", 11);
    CatalogEntry& entry = model.AddEntry("a.dcm", 10);
    entry.dicom = true;
    entry.uid = "1.2.3";
    model.contents["a.dcm"].dicom = DicomIdentity{"1.2.4", 2};
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "a.dcm 11 77 - 1.2.4 *");
    // One that is damaged keeps the identity it had.
    model.found.files[1].size = 3;
    model.contents["a.dcm"].dicom.reset();
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "a.dcm 3 77 - 1.2.4 *");
  }

  TEST_CASE("a plain entry of a DICOM object becomes a full one when the file is read") {
    RefreshModel model;
    model.AddFile("a.dcm", 10);
    model.AddEntry("a.dcm", 10, 77, "");
    model.contents["a.dcm"].dicom = DicomIdentity{"1.2.3", 1};
    model.policy.options = Options("append,delete");
    CHECK_FALSE(model.Refresh());
    model.policy.options = Options(kAll);
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "a.dcm 10 77 d1 1.2.3 *");
    CHECK(model.place.catalog.entries[0].format == "DICOM");
    CHECK_FALSE(model.Refresh());
    CHECK(model.plan.to_identify.empty());
  }

  TEST_CASE("a digest that contradicts a file nobody changed is damage, and stays") {
    RefreshModel model;
    model.AddFile("a", 10, 77, "d2");
    model.AddEntry("a", 10, 77, "d1");
    model.policy.checksum = Checksum::kMd5AndXxh3;  // XXH3 is missing: the file is read
    model.policy.options = Options("checksum");
    CHECK_FALSE(model.Refresh());
    CHECK(model.refused == "archive.digest-mismatch");
    CHECK(model.Tell() == "a 10 77 d1 -");
    model.policy.force = true;
    CHECK(model.Refresh());
    CHECK(model.Tell() == "a 10 77 d2 - *");
  }

  TEST_CASE("an entry of XNAT's with a digest is completed without a claim about its file") {
    RefreshModel model;
    model.AddFile("a", 10);
    CatalogEntry& entry = model.place.catalog.entries.emplace_back();
    entry.uri = "a";
    entry.digest = "d1";
    entry.SetMeta("size_in_bytes", "10");
    model.policy.options = Options(kAll);
    REQUIRE(model.Refresh());
    CHECK(model.plan.to_hash.empty());
    CHECK(model.Tell() == "a 10 - d1 - *");
    CHECK(model.place.catalog.entries[0].id == "a");
    CHECK_FALSE(model.Refresh());
    RefreshModel changed;
    changed.AddFile("a", 10);
    changed.place.catalog.entries = {entry};
    changed.place.catalog.entries[0].meta_fields.clear();
    changed.place.catalog.entries[0].SetMeta("size_in_bytes", "9");
    REQUIRE(changed.Refresh());
    CHECK(changed.Tell() == "a 10 77 - - *");
  }

  TEST_CASE("an entry of the catalog itself counts as missing: it would never be true") {
    RefreshModel model;
    model.AddBoth("a");
    model.AddEntry("R_catalog.xml", 500);
    model.policy.options = Options("append,checksum,populateStats");
    CHECK_FALSE(model.Refresh());
    CHECK(model.plan.missing == 1);
    model.policy.options = Options(kAll);
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "a 10 77 d1 -");
  }

  TEST_CASE("bytes that are elsewhere are left alone: URLs, other paths, links, packed files") {
    RefreshModel model;
    model.AddEntry("https://example.org/x", 3).cache_path = "x";
    model.AddEntry("/somewhere/else/y", 3).cache_path = "y";
    model.AddEntry("file:/somewhere/else/v", 3).id = "v";
    model.AddEntry("C:\\scans\\w", 3).id = "w";
    model.AddEntry("../OTHER/u", 3);
    model.AddEntry("sub/../../OTHER/u", 3);
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
    RefreshModel packed;
    packed.AddEntry("a", 10);
    packed.AddBoth("a.gz");
    packed.AddEntry("b.gz", 10);
    packed.AddEntry("b", 10);
    packed.AddFile("b.gz", 10);
    packed.policy.options = Options(kAll);
    CHECK_FALSE(packed.Refresh());
    CHECK(packed.plan.missing == 0);
    CHECK(packed.plan.unlisted == 0);
    RefreshModel cached;
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
    RefreshModel model;
    model.AddFile("a b", 10);
    model.AddEntry("/data/archive/P/arc001/S1/R/a b", 10);
    model.AddEntry("/data/archive/P/arc001/S1/R/gone", 10);
    model.policy.options = Options(kAll);
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "/data/archive/P/arc001/S1/R/a b 10 77 d1 -");
    CHECK(model.plan.unlisted == 0);
  }

  TEST_CASE("names that can not have an entry are counted, temporary ones are not") {
    RefreshModel model;
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
    RefreshModel model;
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
    RefreshModel model;
    model.AddBoth("a");
    model.AddEntry("a", 10);
    model.policy.options = Options("append");
    CHECK_FALSE(model.Refresh());
    model.policy.options = Options("delete");
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "a 10 77 d1 -");
  }

  TEST_CASE("entry sets are refreshed in place, and what is unknown survives") {
    RefreshModel model;
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

  TEST_CASE("a rebuilt catalog has all files, by instance number, whatever the options") {
    RefreshModel model;
    model.place.rebuilt = true;
    const char* const names[] = {"a.dcm", "b.dcm", "c.txt"};
    for (int i = 0; i < 3; ++i) model.AddFile(names[i], 1);
    model.contents["a.dcm"].dicom = DicomIdentity{"1.1", 2};
    model.contents["b.dcm"].dicom = DicomIdentity{"1.2", 1};
    REQUIRE(model.Refresh());
    CHECK(model.Tell() == "b.dcm 1 77 - 1.2 +\na.dcm 1 77 - 1.1 +\nc.txt 1 77 - - +");
  }

  TEST_CASE("a review changes nothing and tells everything") {
    RefreshModel model;
    model.AddFile("new", 1);
    model.AddEntry("gone", 1);
    model.AddFile("changed", 2);
    model.AddEntry("changed", 1);
    model.policy.options = Options(kAll);
    model.policy.review = true;
    CHECK_FALSE(model.Refresh());
    CHECK(model.plan.unlisted == 1);
    CHECK(model.plan.missing == 1);
    CHECK(model.plan.changed == 1);
    CHECK(model.plan.to_hash.empty());
    CHECK(model.plan.to_identify.empty());
  }

  TEST_CASE("options are XNAT's words") {
    CHECK(Options("append").append);
    CHECK(Options("delete").remove);
    CHECK(Options(kAll).checksum);
    CHECK(Options(kAll).populate_stats);
    CHECK_FALSE(Options("").append);
    for (const char* text : {"all", "Append", "append, delete", "append,", ","}) {
      CHECK(ParseRefreshOptions(text).status().reason() == "refresh.bad-option");
    }
  }

  TEST_CASE("any refresh of anything is idempotent, and leaves true entries alone") {
    const char* const seed_text = std::getenv("XNATARCHIVE_TEST_SEED");
    const unsigned seed = seed_text != nullptr ? static_cast<unsigned>(std::stoul(seed_text))
                                               : std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    const auto one_in = [&](unsigned n) { return random() % n == 0; };
    for (int round = 0; round < 400; ++round) {
      RefreshModel model;
      std::set<std::string> true_before;
      for (int i = 0; i < 12; ++i) {
        const std::string name =
            (one_in(3) ? "d/" : "") + std::string(1, static_cast<char>('a' + i));
        const bool file = !one_in(4);
        const bool entry = !one_in(4);
        if (file) {
          model.AddFile(name, 10, 77, "d1");
          if (one_in(3)) model.contents[name].dicom = DicomIdentity{"1." + std::to_string(i), i};
        }
        if (!entry) continue;
        CatalogEntry& made =
            model.AddEntry(name, one_in(4) ? 9 : 10, one_in(4) ? 78 : 77, one_in(4) ? "" : "d1");
        if (one_in(5)) made.meta_fields.clear();
        if (one_in(6)) made.id = SharedText();
        if (one_in(6)) made.dicom = true;
      }
      model.policy.options = {one_in(2), one_in(2), one_in(2), one_in(2)};
      model.policy.checksum = one_in(2) ? Checksum::kMd5 : Checksum::kMd5AndXxh3;
      const Catalog before = model.place.catalog;
      model.Refresh();
      REQUIRE(model.refused.empty());
      std::size_t next = 0;
      for (std::size_t i = 0; i < before.entries.size(); ++i) {
        if (model.plan.entries[i].action == EntryAction::kRemove) continue;
        Catalog was, is;
        was.entries = {before.entries[i]};
        is.entries = {model.place.catalog.entries[next++]};
        const bool same =
            WriteCatalog(was, CatalogStyle::kPlain) == WriteCatalog(is, CatalogStyle::kPlain);
        CHECK(same == (model.plan.entries[i].action == EntryAction::kKeep));
      }
      const std::string bytes = model.Bytes();
      // XXH3 is not told here, so that it stays to be computed.
      model.policy.checksum = Checksum::kMd5;
      CHECK_FALSE(model.Refresh());
      CHECK(model.plan.to_hash.empty());
      CHECK(model.Bytes() == bytes);
      CHECK(ParseCatalog(bytes).ok());
    }
  }
}

}  // namespace xnatarchive
