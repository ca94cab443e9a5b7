// gradual_request.hpp - one object, sent by itself.
#ifndef XNATARCHIVE_TESTS_UNIT_ENGINE_GRADUAL_REQUEST_HPP_
#define XNATARCHIVE_TESTS_UNIT_ENGINE_GRADUAL_REQUEST_HPP_

#include <algorithm>
#include <memory>
#include <string>

#include "support/engine_fixture.hpp"

namespace xnatarchive {

/// To project DEMO, under the name that follows from the object.
inline ImportRequest GradualRequest(const DicomSpec& spec) {
  ImportRequest request;
  request.handler = "gradual-DICOM";
  request.parameters = {{"project", "DEMO"}, {"rename", "true"}};
  request.input = [bytes = std::make_shared<std::string>(MakeDicom(spec)), at = std::size_t{0}](
                      void* buffer, std::size_t size) mutable {
    const std::size_t count = std::min(size, bytes->size() - at);
    bytes->copy(static_cast<char*>(buffer), count, at);
    at += count;
    return Result<std::size_t>(count);
  };
  return request;
}

}  // namespace xnatarchive

#endif  // XNATARCHIVE_TESTS_UNIT_ENGINE_GRADUAL_REQUEST_HPP_
