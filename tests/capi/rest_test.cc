// XNAT's REST requests through the C interface.
#include <algorithm>
#include <thread>
#include <utility>

#include "capi/capi_fixture.hpp"

namespace xnatarchive {
namespace {

bool Has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A body that comes in in pieces, and fails with "host.gone" behind its last when `breaks`.
struct Sender : Counted {
  std::string bytes;
  bool breaks = false;

  xna_input Input() {
    xna_input input = Init(xna_input_init);
    input.ctx = this;
    input.release = [](void* ctx) { Counted::Release(static_cast<Sender*>(ctx)); };
    input.read = [](void* ctx, void* buffer, size_t size, size_t* count, xna_callback* callback) {
      auto& from = *static_cast<Sender*>(ctx);
      ++from.calls;
      if (from.bytes.empty() && from.breaks) {
        xna_callback_fail(callback, "host.gone", "the sender is gone");
        return XNA_E_CANCELLED;
      }
      *count = from.bytes.copy(static_cast<char*>(buffer), std::min<size_t>(size, 1000));
      from.bytes.erase(0, *count);
      return XNA_OK;
    };
    return input;
  }
};

/// Takes a body in pieces, and fails with "host.full" at the one after `pieces_max`.
struct Receiver : Counted {
  std::string bytes;
  int pieces_max = 1 << 30;

  xna_output Output() {
    xna_output output = Init(xna_output_init);
    output.ctx = this;
    output.release = [](void* ctx) { Counted::Release(static_cast<Receiver*>(ctx)); };
    output.write = [](void* ctx, const void* data, size_t size, xna_callback* callback) {
      auto& to = *static_cast<Receiver*>(ctx);
      if (++to.calls > to.pieces_max) {
        xna_callback_fail(callback, "host.full", "nothing more is taken");
        return XNA_E_NO_SPACE;
      }
      to.bytes.append(static_cast<const char*>(data), size);
      return XNA_OK;
    };
    return output;
  }
};

/// Session S1 of DEMO, archived, and a service.
struct RestHost : CapiFixture {
  xna_rest* rest = nullptr;
  std::string archived;

  RestHost() {
    DicomSpec spec;
    spec.rows = spec.columns = 512;
    spec.values[0x00100020] = "S1";
    tree.Write("in/1.dcm", MakeDicom(spec));
    const std::string path = tree.path() + "/in";
    const xna_import_request request = ImportOf(path);
    xna_report* report = nullptr;
    XNA_MUST(xna_engine_import(engine, &request, nullptr, &report, &error));
    archived = Archive(xna_report_uri(report, 0));
    xna_report_free(report);
    XNA_MUST(xna_rest_create(engine, nullptr, &rest, &error));
  }
  ~RestHost() { xna_rest_free(rest); }

  xna_response* Handle(const xna_rest_request& request) const {
    xna_response* response = nullptr;
    XNA_MUST(xna_rest_handle(rest, &request, nullptr, &response, &error));
    return response;
  }
  xna_response* Get(const std::string& path, const char* query = "") const {
    xna_rest_request request = Init(xna_rest_request_init);
    request.method = "GET";
    request.path = path.c_str();
    request.query = query;
    return Handle(request);
  }
  /// The whole body of a GET, and how often it came.
  Receiver Fetch(const std::string& path, const char* query = "") const {
    xna_response* response = Get(path, query);
    CHECK(xna_response_status(response) == 200);
    Receiver receiver;
    const xna_output output = receiver.Output();
    XNA_MUST(xna_response_write(response, &output, &error));
    CHECK(receiver.releases == 1);
    xna_response_free(response);
    return receiver;
  }
  /// Uploads a body that comes in in pieces: status, and body.
  std::string Upload(Sender& sender) const {
    const xna_input input = sender.Input();
    xna_rest_request request = Init(xna_rest_request_init);
    request.method = "POST";
    request.path = "/data/services/import";
    request.query = "project=DEMO&session=NEW";
    request.input = &input;
    xna_response* response = Handle(request);
    Receiver receiver;
    const xna_output output = receiver.Output();
    XNA_MUST(xna_response_write(response, &output, &error));
    const int32_t status = xna_response_status(response);
    xna_response_free(response);
    CHECK(sender.releases == 1);
    return std::to_string(status) + " " + receiver.bytes;
  }
};

}  // namespace

TEST_SUITE("capi.rest") {
  TEST_CASE("XNAT's REST requests are answered, and the engine stays open as long as the service") {
    CapiFixture host;
    xna_rest* rest = nullptr;
    XNA_MUST(xna_rest_create(host.engine, nullptr, &rest, &error));
    std::string body;
    const auto answer = [&](const xna_rest_request& request) {
      xna_response* response = nullptr;
      XNA_MUST(xna_rest_handle(rest, &request, nullptr, &response, &error));
      xna_output output = Init(xna_output_init);
      output.ctx = &body;
      output.write = [](void* ctx, const void* data, size_t size, xna_callback*) {
        static_cast<std::string*>(ctx)->append(static_cast<const char*>(data), size);
        return XNA_OK;
      };
      body.clear();
      XNA_MUST(xna_response_write(response, &output, &error));
      XNA_CHECK_FAILS(xna_response_write(response, &output, &error), XNA_E_UNSUPPORTED,
                      "response.written");
      const int64_t size = xna_response_body_size(response);
      CHECK((size == -1 || size == static_cast<int64_t>(body.size())));
      REQUIRE(xna_response_header_count(response) > 0);
      CHECK(std::string(xna_response_header_name(response, 0)) == "Content-Type");
      CHECK(xna_response_header_name(response, 99) == nullptr);
      CHECK(xna_response_header_value(response, 99) == nullptr);
      const int32_t status = xna_response_status(response);
      xna_response_free(response);
      return status;
    };
    DicomSpec spec;
    spec.values[0x00100020] = "S1";
    const std::string dicom = MakeDicom(spec);
    xna_rest_request request = Init(xna_rest_request_init);
    const char* const headers[] = {"Content-Type", "application/octet-stream"};
    request.method = "POST";
    request.path = "/data/services/import";
    request.query = "import-handler=DICOM-zip&dest=%2Farchive%2Fprojects%2FDEMO&inbody=true";
    request.headers = headers;
    request.header_count = 1;
    request.body = dicom.data();
    request.body_size = dicom.size();
    CHECK(answer(request) == 200);
    CHECK(Has(body, "/experiments/S1"));
    request = Init(xna_rest_request_init);
    request.method = "GET";
    request.path = "/data/projects/DEMO/experiments";
    request.query = "format=json";
    CHECK(answer(request) == 200);
    CHECK(Has(body, "\"label\":\"S1\""));
    request.path = "/data/projects/NONE";
    CHECK(answer(request) == 404);
    xna_engine_free(host.engine);  // the service keeps it open
    host.engine = nullptr;
    request.path = "/data/projects";
    CHECK(answer(request) == 200);
    xna_rest_free(rest);
  }

  TEST_CASE("a host bounds what one request may take, and is told all that is served") {
    const CapiFixture host;
    const std::string directory = host.tree.path() + "/cache";
    xna_rest_options options = Init(xna_rest_options_init);
    options.user_cache = directory.c_str();
    options.target_bytes_max = 60;
    options.header_bytes_max = 60;
    options.form_bytes_max = 30;
    options.parameters_max = 1;
    options.part_header_bytes_max = UINT64_MAX;
    options.cached_file_bytes_max = 4;
    xna_rest* rest = nullptr;
    XNA_MUST(xna_rest_create(host.engine, &options, &rest, &error));
    xna_call_options call = Init(xna_call_options_init);
    call.user = "ann";
    struct Asked {
      const char* method;
      const char* path;
      std::string query;
      std::vector<const char*> headers;
      std::string body;
      int32_t status;
    };
    const std::string form = "application/x-www-form-urlencoded";
    const std::vector<const char*> typed = {"Content-Type", form.c_str()};
    for (const Asked& asked :
         {Asked{"GET", "/data/projects", "format=json", {}, "", 200},
          {"GET",
           "/data/projects",
           "format=json&sortBy=ID&sortOrder=descending-and-more",
           {},
           "",
           414},
          {"GET", "/data/projects", "format=json&sortBy=ID", {}, "", 400},
          {"GET",
           "/data/projects",
           "",
           {"X-Long", "one two three four five six seven eight nine ten eleven twelve"},
           "",
           431},
          {"POST", "/data/services/archive", "", typed, "src=" + std::string(40, 'x'), 413},
          {"PUT", "/data/user/cache/resources/R/files/a", "", {}, "12345", 413},
          {"PUT", "/data/user/cache/resources/R/files/a", "", {}, "1234", 200}}) {
      CAPTURE(asked.query);
      CAPTURE(asked.body);
      xna_rest_request request = Init(xna_rest_request_init);
      request.method = asked.method;
      request.path = asked.path;
      request.query = asked.query.c_str();
      request.headers = asked.headers.data();
      request.header_count = asked.headers.size() / 2;
      request.body = asked.body.data();
      request.body_size = asked.body.size();
      xna_response* response = nullptr;
      XNA_MUST(xna_rest_handle(rest, &request, &call, &response, &error));
      CHECK(xna_response_status(response) == asked.status);
      xna_response_free(response);
    }
    xna_rest_free(rest);

    xna_listing* listing = nullptr;
    XNA_MUST(xna_rest_routes(&listing, &error));
    const std::vector<std::string> rows = RowsOf(listing);
    CHECK(rows.size() > 50);
    CHECK(std::count(rows.begin(), rows.end(), "GET /data/projects/{project}") == 1);
    CHECK(std::count(rows.begin(), rows.end(), "POST /data/services/import") == 1);
  }

  TEST_CASE("a file in the user cache is its user's, and needs one") {
    const CapiFixture host;
    const std::string directory = host.tree.path() + "/cache";
    xna_rest_options options = Init(xna_rest_options_init);
    options.user_cache = directory.c_str();
    xna_rest* rest = nullptr;
    XNA_MUST(xna_rest_create(host.engine, &options, &rest, &error));
    xna_call_options call = Init(xna_call_options_init);
    const auto put = [&](const char* user) {
      xna_rest_request request = Init(xna_rest_request_init);
      request.method = "PUT";
      request.path = "/data/user/cache/resources/R/files/a.zip";
      request.body = "bytes";
      request.body_size = 5;
      call.user = user;
      xna_response* response = nullptr;
      XNA_MUST(xna_rest_handle(rest, &request, &call, &response, &error));
      const int32_t status = xna_response_status(response);
      xna_response_free(response);
      return status;
    };
    CHECK(put(nullptr) == 403);
    CHECK_FALSE(host.tree.Exists("cache"));
    CHECK(put("ann") == 200);
    CHECK(host.tree.Read("cache/ann/R/a.zip") == "bytes");
    xna_rest_free(rest);
  }

  TEST_CASE("a file and a zip are downloaded in pieces, byte by byte what is archived") {
    const RestHost host;
    xna_listing* listing = nullptr;
    const std::string files = host.archived + "/scans/1/resources/DICOM";
    XNA_MUST(xna_engine_list(host.engine, files.c_str(), nullptr, &listing, &error));
    REQUIRE(xna_listing_next(listing) == 1);
    const std::string name = xna_listing_value(listing, 0);
    xna_listing_free(listing);
    CHECK(host.Fetch(files + "/files/" + name).bytes == host.tree.Read("in/1.dcm"));

    const Receiver zip = host.Fetch(host.archived, "format=zip");
    CHECK(zip.calls > 1);
    const std::string target = host.tree.path() + "/out.zip";
    xna_export_request exported = Init(xna_export_request_init);
    exported.uri = host.archived.c_str();
    exported.path = target.c_str();
    XNA_MUST(xna_engine_export(host.engine, &exported, nullptr, nullptr, &error));
    CHECK(zip.bytes == host.tree.Read("out.zip"));

    Sender sender;
    sender.bytes = zip.bytes;
    const std::string answer = host.Upload(sender);
    REQUIRE(answer.substr(0, 5) == "200 /");
    const std::string uri = answer.substr(4, answer.find('\r') - 4);
    CHECK(sender.calls > 3);
    CHECK(host.Fetch(uri + "/scans/1/resources/DICOM/files/" + name).bytes ==
          host.tree.Read("in/1.dcm"));
  }

  TEST_CASE("an upload that breaks off leaves nothing, and its failure is the answer") {
    const RestHost host;
    Sender sender;
    sender.breaks = true;
    sender.bytes = host.Fetch(host.archived, "format=zip").bytes;
    sender.bytes.resize(sender.bytes.size() / 2);
    const std::string before = host.Dump();
    CHECK(Has(host.Upload(sender), "499 host.gone: the sender is gone"));
    CHECK(host.Dump() == before);
  }

  TEST_CASE("an output that fails ends the download with its own failure, and no second is begun") {
    const RestHost host;
    for (const auto& [path, query] :
         {std::pair<std::string, const char*>(host.archived, "format=zip"),
          {host.archived + "/scans/1/resources/DICOM/files", "format=json"}}) {
      CAPTURE(path);
      xna_response* response = host.Get(path, query);
      Receiver receiver;
      receiver.pieces_max = 0;
      const xna_output output = receiver.Output();
      XNA_CHECK_FAILS(xna_response_write(response, &output, &error), XNA_E_NO_SPACE, "host.full");
      CHECK(receiver.calls == 1);
      CHECK(receiver.releases == 1);
      XNA_CHECK_FAILS(xna_response_write(response, &output, &error), XNA_E_UNSUPPORTED,
                      "response.written");
      xna_response_free(response);
    }
    CHECK(host.Fetch(host.archived, "format=zip").bytes.substr(0, 2) == "PK");
  }

  TEST_CASE("whoever writes a response may have another thread look at it, and wait for that") {
    const CapiFixture host;
    xna_rest* rest = nullptr;
    XNA_MUST(xna_rest_create(host.engine, nullptr, &rest, &error));
    xna_rest_request request = Init(xna_rest_request_init);
    request.method = "GET";
    request.path = "/data/projects";
    struct Seen {
      xna_response* response = nullptr;
      int32_t status = 0;
      xna_status again = XNA_OK;
    } seen;
    XNA_MUST(xna_rest_handle(rest, &request, nullptr, &seen.response, &error));
    xna_output output = Init(xna_output_init);
    output.ctx = &seen;
    output.write = [](void* ctx, const void*, size_t, xna_callback*) {
      Seen& to = *static_cast<Seen*>(ctx);
      std::thread([&] {
        to.status = xna_response_status(to.response);
        xna_output other = Init(xna_output_init);
        other.write = [](void*, const void*, size_t, xna_callback*) { return XNA_OK; };
        to.again = xna_response_write(to.response, &other, nullptr);
        xna_response_free(to.response);
      }).join();
      return XNA_OK;
    };
    XNA_MUST(xna_response_write(seen.response, &output, &error));
    CHECK(seen.status == 200);
    CHECK(seen.again == XNA_E_UNSUPPORTED);
    CHECK(xna_response_status(seen.response) == 0);
    xna_rest_free(rest);
  }
}

}  // namespace xnatarchive
