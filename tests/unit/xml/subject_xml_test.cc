#include "xml/subject_xml.hpp"

#include <doctest/doctest.h>

namespace xnatarchive {

TEST_SUITE("xml.subject") {
  TEST_CASE("a subject comes back as it was written") {
    const SubjectDocument subject{"XNAT_S00001", "DEMO", "O'Brien <1>"};
    const Result<SubjectDocument> read = ParseSubject(WriteSubject(subject));
    REQUIRE(read.ok());
    CHECK(read->id == subject.id);
    CHECK(read->project == subject.project);
    CHECK(read->label == subject.label);
  }

  TEST_CASE("another document, one without an ID, or no XML at all is refused by reason") {
    const Result<SubjectDocument> other =
        ParseSubject("<a xmlns:x=\"http://nrg.wustl.edu/xnat\" ID=\"1\"/>");
    REQUIRE_FALSE(other.ok());
    CHECK(other.status().reason() == "subject.not-a-subject");
    const Result<SubjectDocument> without = ParseSubject(WriteSubject({"", "P", "L"}));
    REQUIRE_FALSE(without.ok());
    CHECK(without.status().reason() == "subject.not-a-subject");
    const Result<SubjectDocument> text = ParseSubject("nothing");
    REQUIRE_FALSE(text.ok());
    CHECK(text.status().reason() == "subject.bad-xml");
  }
}

}  // namespace xnatarchive
