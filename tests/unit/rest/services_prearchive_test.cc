// services/prearchive: what is done to several sessions is refused before the first, or says of
// which it was done.
#include <doctest/doctest.h>

#include "rest_fixture.hpp"
#include "unit/engine/held_lock.hpp"

namespace xnatarchive {
namespace {

struct Service {
  const char* name;
  Permission permission;  ///< What it needs of where the session is.
  std::string query;
};
const Service kServices[] = {{"delete", Permission::kDelete, ""},
                             {"rebuild", Permission::kEdit, ""},
                             {"move", Permission::kDelete, "&newProject=OTHER"}};

/// Session S1 of DEMO and S2 of NEXT wait, RECEIVING.
struct BatchFixture : RestFixture {
  std::string ours;
  std::string next;

  BatchFixture() {
    for (const char* id : {"OTHER", "NEXT"}) {
      Project project;
      project.id = id;
      Must(engine->AddProject(project));
    }
    ours = Receive(1);
    next = Must(engine->MovePrearchiveSession(Receive(2), "NEXT")).substr(5);
  }

  std::string To(const Service& wanted, const std::string& sources) {
    return Send("POST", std::string("/data/services/prearchive/") + wanted.name + "?" + sources +
                            wanted.query);
  }
  std::string Both(const Service& wanted) {
    return To(wanted, "src=" + ours + "&src=/data" + next);
  }

  /// The same to NEXT is allowed `times`, and then no more.
  void Allow(Permission wanted, int times) {
    options.access_policy =
        std::make_shared<TestPolicy>([=](const std::string&, Permission permission,
                                         const std::string& project, const Cancelled&) mutable {
          if (project != "NEXT" || permission != wanted || times-- > 0) return Status();
          return Status(Code::kPermission, "host.no", "no");
        });
    Reopen();
  }

  /// The rows, without what a listing could change.
  std::string Waiting() { return Get("/data/prearchive?format=csv&sortBy=name"); }
};

}  // namespace

TEST_SUITE("rest.services_prearchive") {
  TEST_CASE("when one may not be touched nothing is done to any") {
    for (const Service& service : kServices) {
      CAPTURE(service.name);
      BatchFixture fixture;
      const std::string rows = fixture.Waiting();
      const std::string files = fixture.tree.Dump("root/prearchive");
      fixture.Allow(service.permission, 0);
      const std::string answer = fixture.Both(service);
      CHECK(fixture.Brief(answer) == "403 access.denied");
      CHECK(answer.find("X-Disk-State") == std::string::npos);
      CHECK(fixture.Waiting() == rows);
      CHECK(fixture.tree.Dump("root/prearchive") == files);
    }
  }

  TEST_CASE("when somebody works on one, or one is not there, nothing is done to any") {
    for (const Service& service : kServices) {
      CAPTURE(service.name);
      BatchFixture fixture;
      const std::string rows = fixture.Waiting();
      {
        const HeldLock held(fixture, fixture.next);
        const std::string answer = fixture.Both(service);
        CHECK(fixture.Brief(answer) == "423 operation.locked");
        CHECK(answer.find(fixture.next) != std::string::npos);
        CHECK(answer.find("X-Disk-State") == std::string::npos);
      }
      CHECK(fixture.Brief(fixture.To(service, "src=" + fixture.ours + "&src=" + fixture.ours +
                                                  "x")) == "404 prearchive.not-found");
      CHECK(fixture.Brief(fixture.To(service, "format=html&src=" + fixture.ours)) ==
            "400 rest.bad-format");
      CHECK(fixture.Waiting() == rows);
      CHECK(fixture.Brief(fixture.Both(service)) == "200");
      CHECK(fixture.Waiting() != rows);
    }
  }

  TEST_CASE("what fails after others were done says of which it was done") {
    for (const Service& service : kServices) {
      CAPTURE(service.name);
      BatchFixture fixture;
      fixture.Allow(service.permission, 1);  // the look before, and not the call itself
      const std::string before = fixture.Waiting();
      CHECK(fixture.Both(service) ==
            "403\nContent-Type: text/plain;charset=UTF-8\nX-Reason: access.denied\n"
            "X-Disk-State: partial\n\naccess.denied: done to " +
                fixture.ours + ", not to " + fixture.next +
                ": the access policy does not allow this\n");
      CHECK(fixture.Waiting() != before);
      CHECK(Must(fixture.engine->FindPrearchiveSession(fixture.next)).state ==
            PrearchiveState::kReceiving);
    }
  }

  TEST_CASE("no word passes over a lock, or is taken for one that it is not") {
    for (const Service& service : kServices) {
      CAPTURE(service.name);
      BatchFixture fixture;
      const std::string rows = fixture.Waiting();
      const auto to = [&](const char* more) {
        return fixture.Brief(fixture.To(service, more + ("&src=" + fixture.ours)));
      };
      for (const char* word : {"overwrite=delete", "dest=/archive", "project=DEMO", "session=A"}) {
        CAPTURE(word);
        CHECK(to(word) == "400 rest.unused-parameter");
      }
      const bool rebuilds = std::string(service.name) == "rebuild";
      {
        const HeldLock held(fixture, fixture.ours);
        CHECK(to("overrideLock=true") ==
              (rebuilds ? "423 operation.locked" : "400 rest.unused-parameter"));
      }
      CHECK(fixture.Waiting() == rows);
      CHECK(to(rebuilds ? "overrideLock=true&async=true" : "async=true") == "200");
      CHECK(fixture.Waiting() != rows);
    }
  }

  TEST_CASE("as JSON, the sessions that are done are an array") {
    BatchFixture fixture;
    fixture.Allow(Permission::kDelete, 1);
    const std::string answer =
        fixture.To(kServices[0], "format=json&src=" + fixture.ours + "&src=" + fixture.next);
    CHECK(answer.find(R"("diskState":"partial","done":[")" + fixture.ours + R"("]})") !=
          std::string::npos);
  }

  TEST_CASE("a session that is named twice is treated once") {
    for (const Service& service : kServices) {
      CAPTURE(service.name);
      BatchFixture fixture;
      const std::string answer =
          fixture.To(service, "format=csv&src=" + fixture.ours + "&src=/data" + fixture.ours);
      CHECK(fixture.Brief(answer) == "200");
      CHECK(std::count(answer.begin(), answer.end(), '\n') == 5);  // one row
    }
  }
}

}  // namespace xnatarchive
