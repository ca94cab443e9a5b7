// test_hooks.hpp - each strategy of a host, with the behaviour the test gives it.
#ifndef XNATARCHIVE_TESTS_SUPPORT_TEST_HOOKS_HPP_
#define XNATARCHIVE_TESTS_SUPPORT_TEST_HOOKS_HPP_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "xnatarchive/archive_engine.hpp"

namespace xnatarchive {

struct TestPolicy : AccessPolicy {
  using Function =
      std::function<Status(const std::string&, Permission, const std::string&, const Cancelled&)>;
  explicit TestPolicy(Function behaviour) : allows(std::move(behaviour)) {}
  Status Allows(const std::string& user, Permission permission, const std::string& project,
                const Cancelled& cancelled) override {
    return allows(user, permission, project, cancelled);
  }
  Function allows;
};

struct TestHandler : ImportHandler {
  using Function = std::function<Status(ImportSource&, SessionDrafts&)>;
  TestHandler(std::string handler_name, Function behaviour)
      : name(std::move(handler_name)), describe(std::move(behaviour)) {}
  std::string_view Name() const noexcept override { return name; }
  bool Accepts(const ImportSource&) const override { return false; }
  Status Describe(ImportSource& source, SessionDrafts& drafts) override {
    return describe(source, drafts);
  }
  std::string name;
  Function describe;
};

struct TestValidator : SessionValidator {
  using Function =
      std::function<Status(const SessionCandidate&, const Cancelled&, std::vector<Finding>*)>;
  explicit TestValidator(Function behaviour) : validate(std::move(behaviour)) {}
  Status Validate(const SessionCandidate& session, const Cancelled& cancelled,
                  std::vector<Finding>* findings) override {
    return validate(session, cancelled, findings);
  }
  Function validate;
};

struct TestTransform : SessionTransform {
  using Function = std::function<Status(const SessionCandidate&, SessionFiles&, SessionDocument*,
                                        const Cancelled&)>;
  explicit TestTransform(Function behaviour) : transform(std::move(behaviour)) {}
  std::string Name() const override { return name; }
  Status Transform(const SessionCandidate& session, SessionFiles& files, SessionDocument* document,
                   const Cancelled& cancelled) override {
    return transform(session, files, document, cancelled);
  }
  std::string name = "test 1.0";
  Function transform;
};

struct TestLauncher : PipelineLauncher {
  using Function = std::function<PipelineResult(const PipelineRequest&, const Cancelled&)>;
  explicit TestLauncher(Function behaviour) : launch(std::move(behaviour)) {}
  PipelineResult Launch(const PipelineRequest& request, const Cancelled& cancelled) override {
    return launch(request, cancelled);
  }
  Function launch;
};

struct TestSink : EventSink {
  using Function = std::function<void(const Event&, const Cancelled&)>;
  explicit TestSink(Function behaviour) : notify(std::move(behaviour)) {}
  void Notify(const Event& event, const Cancelled& cancelled) override { notify(event, cancelled); }
  Function notify;
};

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_SUPPORT_TEST_HOOKS_HPP_
