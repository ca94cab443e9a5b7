#include "rest/multipart.hpp"

#include <doctest/doctest.h>

#include "rest/parameters.hpp"
#include "rest_fixture.hpp"

namespace xnatarchive {
namespace {

/// The parts as text, or the reason of the failure behind those that were whole.
std::string Parts(const std::string& body, std::size_t piece, const std::string& boundary = "B") {
  const InputStream input = BodyOf(body, piece);
  Multipart multipart(input, boundary, RestLimits());
  std::string text;
  while (true) {
    const auto part = multipart.Next();
    if (!part.ok()) return text + std::string(part.status().reason());
    if (!*part) break;
    text += (*part)->name + ((*part)->is_file ? "(" + (*part)->file_name + ")" : "") + "=";
    const auto value = multipart.ReadAll(1000);
    if (!value.ok()) return text + std::string(value.status().reason());
    text += *value + ";";
  }
  const Status end = multipart.ReadToEnd();
  return end.ok() ? text : text + std::string(end.reason());
}

const std::string kField = "Content-Disposition: form-data; name=\"f\"\r\n\r\n";

}  // namespace

TEST_SUITE("rest.multipart") {
  TEST_CASE("parts are the same whatever the pieces in which they come") {
    const struct {
      std::string body;
      const char* parts;
    } cases[] = {
        {"--B--", ""},
        {"--B--\r\n", ""},
        {"preamble\r\n--B--\r\nepilogue", ""},
        {"--B\r\n" + kField + "v\r\n--B--\r\n", "f=v;"},
        {"--B  \r\n" + kField + "v\r\n--B--", "f=v;"},
        {"--B\r\n" + kField + "\r\n--B--", "f=;"},
        {"--B\r\n" + kField + "a\r\n--\r\n\r\n-B\r\n--B--", "f=a\r\n--\r\n\r\n-B;"},
        {"--B\r\n" + kField + "1\r\n--B\r\n" + kField + "2\r\n--B--", "f=1;f=2;"},
        {"--B\r\ncontent-type: application/zip\r\ncontent-disposition: form-data; name=a; "
         "filename=\"x \\\"y\\\";z.zip\"\r\n\r\nPK\r\n--B--",
         "a(x \"y\";z.zip)=PK;"},
        {"--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: application/dicom"
         "\r\n\r\nD\r\n--B--",
         "a()=D;"},
        {"--B\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/plain\r\n\r\nT"
         "\r\n--B--",
         "a=T;"},
        // Broken ones.
        {"", "multipart.malformed"},
        {"nothing", "multipart.malformed"},
        {"--B", "multipart.malformed"},
        {"--B\r\n", "multipart.malformed"},
        {"--B\r\nContent-Disposition: form-data; name=f", "multipart.malformed"},
        {"--B\r\n" + kField, "f=multipart.malformed"},
        {"--B\r\n" + kField + "v", "f=multipart.malformed"},
        {"--B\r\n" + kField + "v\r\n--B", "f=v;multipart.malformed"},
        {"--B\r\n" + kField + "v\r\n--Bx\r\n", "f=v;multipart.malformed"},
        {"--B\r\n\r\nv\r\n--B--", "multipart.malformed"},
        {"--B\r\nContent-Disposition: attachment\r\n\r\nv\r\n--B--", "multipart.malformed"},
        {"--B\r\nX: " + std::string(20000, 'x') + "\r\n\r\nv\r\n--B--",
         "multipart.headers-too-large"},
        {"--B" + std::string(20000, ' ') + "\r\n" + kField + "v\r\n--B--", "multipart.malformed"},
        {"--B\r\n" + kField + std::string(1001, 'v') + "\r\n--B--", "f=rest.body-too-large"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.body.substr(0, 200));
      for (const std::size_t piece : {1, 2, 3, 7, 64, 100000}) {
        CAPTURE(piece);
        CHECK(Parts(row.body, piece) == row.parts);
      }
    }
  }

  TEST_CASE("a boundary that is missing or longer than the standard allows is refused") {
    CHECK(Parts("--\r\n", 100, "") == "multipart.malformed");
    const std::string longest(70, 'b');
    CHECK(Parts("--" + longest + "--", 100, longest) == "");
    CHECK(Parts("--" + longest + "b--", 100, longest + "b") == "multipart.malformed");
  }

  TEST_CASE("a large part comes through whole, in reads of any size") {
    std::string content;
    for (int i = 0; i < 100000; ++i) content += "\r\n--" + std::to_string(i);
    const InputStream input = BodyOf("--B\r\n" + kField + content + "\r\n--B--", 50000);
    Multipart multipart(input, "B", RestLimits());
    REQUIRE(Must(multipart.Next()).has_value());
    std::string read;
    std::string piece(1 << 16, '\0');
    for (std::size_t size = 1;; size = size * 7 % 65521 + 1) {
      const std::size_t count = Must(multipart.Read(piece.data(), size));
      if (count == 0) break;
      read.append(piece, 0, count);
    }
    CHECK(read == content);
    CHECK_FALSE(Must(multipart.Next()).has_value());
  }

  TEST_CASE("the input's failure is passed on") {
    const InputStream input = [](void*, std::size_t) -> Result<std::size_t> {
      return Status(Code::kCancelled, "upload.aborted", "the sender is gone");
    };
    Multipart multipart(input, "B", RestLimits());
    const auto part = multipart.Next();
    CHECK_FALSE(part.ok());
    CHECK(part.status().reason() == "upload.aborted");
  }

  TEST_CASE("parameters of headers are found, quoted or not") {
    CHECK(HeaderValue(" Text/HTML ; charset=x") == "text/html");
    CHECK(HeaderParameter("multipart/form-data; boundary=abc", "boundary") == "abc");
    CHECK(HeaderParameter("multipart/form-data; x=\"a;b\"; BOUNDARY = \"q\"", "boundary") == "q");
    CHECK_FALSE(HeaderParameter("multipart/form-data", "boundary"));
    CHECK_FALSE(HeaderParameter("multipart/form-data; boundary", "boundary"));
    CHECK(HeaderParameter("multipart/form-data; boundary=\"", "boundary") == "");
  }
}

TEST_SUITE("rest.parameters") {
  TEST_CASE("encoded text becomes names and values in order, or is refused") {
    const struct {
      const char* text;
      const char* result;
    } cases[] = {
        {"", ""},
        {"&&", ""},
        {"a", "a=;"},
        {"a=1&b=2", "a=1;b=2;"},
        {"a=1&a=2", "a=1;a=2;"},
        {"a=x+y%20z%2B", "a=x y z+;"},
        {"a==", "a==;"},
        {"=v", "=v;"},
        {"src=/data/prearchive/projects/P", "src=/data/prearchive/projects/P;"},
        {"dest=E%252E1", "dest=E%2E1;"},
        {"a=%0A", "a=\n;"},
        {"a=%", "rest.bad-encoding"},
        {"a=%4", "rest.bad-encoding"},
        {"a=%00", "rest.bad-encoding"},
        {"%00=a", "rest.bad-encoding"},
        {"a=%FF", "rest.bad-encoding"},
        {"a=%1B", "rest.bad-encoding"},
    };
    for (const auto& row : cases) {
      CAPTURE(row.text);
      const RestLimits limits;
      Parameters parameters(limits);
      const Status status = parameters.AddEncoded(row.text);
      std::string text(status.ok() ? "" : status.reason());
      for (const auto& [name, value] : parameters.entries()) text += name + "=" + value + ";";
      CHECK(text == row.result);
    }
  }

  TEST_CASE("lists are repeated or comma separated, flags are words, doubles must agree") {
    const RestLimits limits;
    Parameters parameters(limits);
    Must(parameters.AddEncoded(
        "options=a,b&options=c&options=&on=&yes=TRUE&one=1&no=false&label=L&label=L&x=&x=7"));
    CHECK(parameters.List("options") == std::vector<std::string>{"a", "b", "c"});
    CHECK(parameters.All("options") == std::vector<std::string>{"a,b", "c", ""});
    CHECK(parameters.Flag("on"));
    CHECK(parameters.Flag("yes"));
    CHECK(parameters.Flag("one"));
    CHECK_FALSE(parameters.Flag("no"));
    CHECK_FALSE(parameters.Flag("absent"));
    CHECK(parameters.Get({"absent", "x"}) == "7");
    const Status doubles = parameters.CheckSingles();
    CHECK(doubles.code() == Code::kInvalidArgument);
    CHECK(doubles.reason() == "rest.double-parameter");
    Parameters agreeing(limits);
    Must(agreeing.AddEncoded("label=L&label=L&src=1&src=2"));
    CHECK(agreeing.CheckSingles().ok());
  }
}

}  // namespace xnatarchive
