// Pages as they are answered, from an engine of their own.
#include <doctest/doctest.h>

#include <chrono>

#include "page.hpp"
#include "unit/rest/rest_fixture.hpp"

namespace page {
namespace {

using namespace xnatarchive;

struct PageFixture : RestFixture {
  PageUser viewer{"ann", "token<1>"};

  std::optional<RestResponse> Answer(const std::string& target, const std::string& method = "GET") {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return Page(*service, Ask(method, target), viewer,
                std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  }
  /// The markup, behind the status when that is not 200.
  std::string Show(const std::string& target) {
    const RestResponse response = Answer(target).value();
    return (response.status == 200 ? "" : std::to_string(response.status)) + response.text;
  }
  static bool Has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }

  std::string ReceiveBuilt(int study, const std::string& comment = "") {
    DicomSpec spec = Spec(study);
    spec.values[0x0008103E] = "<script>alert(\"1\")</script>";  // SeriesDescription
    if (!comment.empty()) spec.values[0x00104000] = comment;
    const std::string folder = "s" + std::to_string(study) + comment;
    tree.Write("in/" + folder + "/1.dcm", MakeDicom(spec));
    const std::string path = Import(folder).uris.at(0).substr(5);
    Must(engine->Build(path));
    return path;
  }
  static std::string PageOf(const std::string& path) {
    return "/page/session/" + path.substr(std::string("/prearchive/projects/").size());
  }
};

}  // namespace

TEST_SUITE("page") {
  TEST_CASE("who is not signed in gets the form to do so, and nothing else") {
    PageFixture fixture;
    fixture.ReceiveBuilt(1);
    fixture.viewer = {};
    const std::string root = fixture.Show("/");
    CHECK(fixture.Has(root, "<form id=\"sign-in\""));
    CHECK_FALSE(fixture.Has(root, "DEMO"));
    for (const char* target : {"/page/audit", "/page/archive", "/page/session/DEMO/1/2"}) {
      CAPTURE(target);
      CHECK("401" + root == fixture.Show(target));
    }
    CHECK(fixture.Has(fixture.Show("/page/style.css"), ":root"));
    CHECK(fixture.Has(fixture.Show("/page/page.js"), "'use strict'"));
    CHECK(fixture.Has(fixture.Show("/page/icon.svg"), "<svg"));
  }

  TEST_CASE("only pages are answered, and only read") {
    PageFixture fixture;
    for (const char* target : {"/data/projects", "/pages", "/xapi/x", "/page2"}) {
      CAPTURE(target);
      CHECK_FALSE(fixture.Answer(target).has_value());
    }
    CHECK(fixture.Answer("/", "POST")->status == 405);
    CHECK(fixture.Answer("/", "HEAD")->text.empty());
    CHECK(fixture.Answer("/", "HEAD")->stream_bytes > 1000);
    for (const char* target : {"/page", "/page/", "/?from=99&sort=x&state=%ff&project=%"}) {
      CAPTURE(target);
      CHECK(fixture.Has(fixture.Show(target), "<!DOCTYPE html>"));
    }
    for (const char* target :
         {"/page/none", "/page/session/DEMO/1", "/page/session/DEMO/x/y", "/page/archive/DEMO/none",
          "/page/archive/DEMO/..%2f..", "/page/session/%2e%2e/%2e%2e/x"}) {
      CAPTURE(target);
      const int status = fixture.Answer(target)->status;
      CHECK(status >= 400);
      CHECK(status < 500);
    }
  }

  TEST_CASE(
      "the list tells each session, filtered and sorted as asked, and says when there is none") {
    PageFixture fixture;
    CHECK(fixture.Has(fixture.Show("/"), "Nothing waits."));
    const std::string first = fixture.ReceiveBuilt(1);
    const std::string second = fixture.ReceiveBuilt(2);
    const std::string list = fixture.Show("/");
    const std::string link = "<a href=\"" + fixture.PageOf(first) + "\"><bdi>S1</bdi></a>";
    CHECK(fixture.Has(list, link));
    CHECK(fixture.Has(list, "<span class=\"state ready\">Ready</span>"));
    CHECK(fixture.Has(list, "data-size=\"/data" + first + "/resources\""));
    CHECK(fixture.Has(list, ">just now</time>"));
    CHECK(list.find(fixture.PageOf(second)) < list.find(fixture.PageOf(first)));  // newest first
    const std::string sorted = fixture.Show("/?sort=session&order=asc");
    CHECK(sorted.find(fixture.PageOf(first)) < sorted.find(fixture.PageOf(second)));
    CHECK(fixture.Has(sorted, "aria-sort=\"ascending\""));
    CHECK(fixture.Has(fixture.Show("/?state=ready"), link));
    CHECK(fixture.Has(fixture.Show("/?state=error"), "No session that waits"));
    CHECK(fixture.Has(fixture.Show("/?project=Unassigned"), "No session that waits"));
  }

  TEST_CASE("a long list is shown in parts") {
    PageFixture fixture;
    for (int study = 1; study <= 51; ++study) {
      fixture.WriteStudy("many/" + std::to_string(study), study, 1, 1);
    }
    CHECK(fixture.Import("many").uris.size() == 51);
    const std::string first = fixture.Show("/?sort=session");
    CHECK(fixture.Has(first, "1 to 50 of 51"));
    CHECK(fixture.Has(first, "sort=session&amp;from=50\">Next</a>"));
    const std::string second = fixture.Show("/?sort=session&from=50");
    CHECK(fixture.Has(second, "51 to 51 of 51"));
    CHECK(fixture.Has(second, "<bdi>S51</bdi>"));
    CHECK(fixture.Has(second, ">Previous</a>"));
  }

  TEST_CASE("what data and requests bring is text, wherever it is shown") {
    PageFixture fixture;
    const std::string path = fixture.ReceiveBuilt(1);
    const std::string session = fixture.Show(fixture.PageOf(path) + "?scan=1");
    CHECK(fixture.Has(session, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;"));
    for (const std::string& target :
         {fixture.PageOf(path) +
              "?scan=%3Cscript%3Ealert(2)&check=1&subject=%22%3E%3Cscript%3Ealert",
          std::string("/?project=%3Cscript%3Ealert(3)"), std::string("/page/%3Cscript%3Ealert"),
          std::string("/page/archive?project=%22%3E%3Cscript%3Ealert")}) {
      CAPTURE(target);
      CHECK_FALSE(fixture.Has(fixture.Show(target), "<script>"));
    }
    CHECK_FALSE(fixture.Has(session, "<script>"));
  }

  TEST_CASE("what an upload, a commit and whoever archives say is text, too") {
    PageFixture fixture;
    const std::string evil = "%3Cscript%3Ealert(1)%3C/script%3E";
    const std::string shown = "&lt;script&gt;alert(1)&lt;/script&gt;";
    const std::string answer = fixture.Send(
        "POST", "/data/services/import?project=DEMO&SOURCE=" + evil, MakeDicom(fixture.Spec(1)));
    const std::size_t begin = answer.find("/data/prearchive/");
    REQUIRE(begin != std::string::npos);
    const std::string uri = answer.substr(begin, answer.find('\r', begin) - begin);
    const std::string values = R"({"xnat:mrSessionData/note": "<script>alert(1)</script>",
                                   "xnat:mrSessionData/scanner": "<script>alert(1)</script>",
                                   "xnat:mrSessionData/<script>alert(1)</script>": "x"})";
    CHECK(fixture.Brief(fixture.Send("POST", uri + "?action=commit", values, kJson)) == "200");
    const std::string waiting = fixture.Show(fixture.PageOf(uri.substr(5)));
    CHECK(fixture.Has(waiting, "<dt>Source</dt>"));
    CHECK(fixture.Has(waiting, shown));
    CHECK_FALSE(fixture.Has(waiting, "<script>"));
    CHECK(fixture.Brief(fixture.Send(
              "POST", "/data/services/archive?src=" + uri + "&event_reason=" + evil)) == "200");
    for (const char* target : {"/page/archive/DEMO/S1?scan=1", "/page/audit", "/page/archive"}) {
      CAPTURE(target);
      const std::string page = fixture.Show(target);
      CHECK(fixture.Has(page, "S1"));
      CHECK_FALSE(fixture.Has(page, "<script>"));
    }
    CHECK(fixture.Has(fixture.Show("/page/audit"), shown));
  }

  TEST_CASE("forms bring the token back, as an attribute that it can not leave") {
    PageFixture fixture;
    const std::string page = fixture.Show(fixture.PageOf(fixture.ReceiveBuilt(1)));
    CHECK(fixture.Has(page, "<meta name=\"csrf\" content=\"token&lt;1&gt;\">"));
    for (const char* action : {"/data/services/archive", "/data/services/prearchive/delete",
                               "/data/services/prearchive/rebuild"}) {
      CAPTURE(action);
      CHECK(fixture.Has(page, "action=\"" + std::string(action) + "?XNAT_CSRF=token%3C1%3E\""));
    }
    CHECK(
        fixture.Has(fixture.Show("/"), "action=\"/data/services/import?XNAT_CSRF=token%3C1%3E\""));
  }

  TEST_CASE("a check tells in numbers what each way would do, and changes nothing") {
    PageFixture fixture;
    const std::string page = fixture.PageOf(fixture.ReceiveBuilt(1)) + "?check=1";
    const std::string fresh = fixture.Show(page);
    CHECK(fixture.Has(fresh, "Nothing was found that speaks against archiving it."));
    CHECK(fixture.Has(fresh, "value=\"none\" aria-describedby=\"mode-none-text\" checked"));
    CHECK(fixture.Has(fresh, "1 file is added; "));
    Must(fixture.Archive(fixture.ReceiveBuilt(1, "other")));
    const std::string third = fixture.PageOf(fixture.ReceiveBuilt(1, "third"));
    const std::string before = fixture.Dump();
    const std::string twin = fixture.Show(third + "?check=1");
    CHECK(fixture.Has(twin, "The project has a session of this label already"));
    CHECK(fixture.Has(twin, "The archive has other files of the same names or images"));
    CHECK(fixture.Has(twin, "0 files are added, 1 file is replaced ("));
    CHECK(fixture.Has(twin, "goes into the archived scan 1"));
    CHECK(fixture.Dump() == before);
  }

  TEST_CASE("an archived session tells its state, files with checksums, and who did what") {
    PageFixture fixture;
    ArchiveRequest request;
    request.src = fixture.ReceiveBuilt(1);
    request.quarantine = true;
    CallOptions call;
    call.user = "<b>bob</b>";
    Must(fixture.engine->Archive(request, call));
    CHECK(fixture.Has(fixture.Show("/page/archive"), "<a href=\"/page/archive/DEMO/S1\">"));
    CHECK(fixture.Has(fixture.Show("/page/archive?project=DEMO&quarantine=true"), "In quarantine"));
    const std::string page = fixture.Show("/page/archive/DEMO/S1?scan=1");
    CHECK(fixture.Has(page, "Release from quarantine"));
    CHECK(fixture.Has(page, "&lt;b&gt;bob&lt;/b&gt;"));
    const Table files =
        Must(fixture.engine->List("/projects/DEMO/experiments/S1/scans/1/resources/DICOM/files"));
    CHECK(fixture.Has(page, "<code>" + files.rows.at(0).at(2) + "</code>"));
    CHECK(fixture.Has(fixture.Show("/page/audit"), "Archived"));
    Must(fixture.engine->Activate("/archive/projects/DEMO/experiments/S1"));
    CHECK_FALSE(fixture.Has(fixture.Show("/page/archive/DEMO/S1"), "Release from quarantine"));
    CHECK(fixture.Has(fixture.Show("/page/archive?quarantine=true"), "No session is archived"));
  }

  TEST_CASE("who may not read a project sees nothing of it") {
    PageFixture fixture;
    const std::string waiting = fixture.PageOf(fixture.ReceiveBuilt(1));
    Must(fixture.Archive(fixture.ReceiveBuilt(2)));
    fixture.options.access_policy = std::make_shared<TestPolicy>(
        [](const std::string&, Permission, const std::string&, const Cancelled&) {
          return Status(Code::kPermission, "host.no", "no");
        });
    fixture.Reopen();
    CHECK(fixture.Show(waiting).substr(0, 3) == "403");
    CHECK(fixture.Show("/page/archive/DEMO/S2").substr(0, 3) == "403");
    CHECK(fixture.Show("/page/audit?project=DEMO").substr(0, 3) == "403");
    for (const char* target : {"/", "/page/archive", "/page/audit"}) {
      CAPTURE(target);
      const std::string page = fixture.Show(target);
      CHECK_FALSE(fixture.Has(page, "DEMO"));
      CHECK_FALSE(fixture.Has(page, "S1"));
    }
  }
}

}  // namespace page
