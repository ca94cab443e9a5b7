// requests.hpp - the requests of the C interface as those of the engine.
//
// Reading a request takes over its callbacks: they are released with the object, whatever came of
// reading it. The texts are copied; the bytes of an import in memory are not.
#ifndef XNATARCHIVE_CAPI_REQUESTS_HPP_
#define XNATARCHIVE_CAPI_REQUESTS_HPP_

#include <memory>

#include "engine.hpp"

namespace xnatarchive::capi {

inline constexpr const char* kToldLater = "told by the call the request is for";

/// Bytes in memory, or an xna_input, which is taken over. Nothing is copied.
class BytesInput {
 public:
  /// The failures of TakeOver and CheckBytes.
  Status Take(const void* data, std::size_t size, const xna_input* input);
  /// How many of the two there are.
  int count() const { return (data_ != nullptr ? 1 : 0) + (input_ != nullptr ? 1 : 0); }
  /// Reads it, for as long as this object; empty when there is none.
  InputStream Stream(const std::shared_ptr<const Engine>& engine) const;

 private:
  SharedCallbacks<xna_input> input_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Writes to the host's output.
OutputStream OutputTo(const SharedCallbacks<xna_output>& output,
                      const std::shared_ptr<const Engine>& engine);

/// xna_import_request.
struct ImportInput {
  explicit ImportInput(const xna_import_request* given) : status(Read(given)) {
    IgnoreError(status, kToldLater);
  }

  /// The engine's request, whose stream belongs to the engine; this object outlives it.
  ImportRequest For(const std::shared_ptr<const Engine>& engine) const;

  ImportRequest request;
  BytesInput bytes;
  Status status;

 private:
  Status Read(const xna_import_request* given);
};

/// xna_archive_request.
struct ArchiveInput {
  explicit ArchiveInput(const xna_archive_request* given) : status(Read(given)) {
    IgnoreError(status, kToldLater);
  }
  ArchiveRequest For(const std::shared_ptr<const Engine>&) const { return request; }

  ArchiveRequest request;
  Status status;

 private:
  Status Read(const xna_archive_request* given);
};

/// xna_refresh_request.
struct RefreshInput {
  explicit RefreshInput(const xna_refresh_request* given) : status(Read(given)) {
    IgnoreError(status, kToldLater);
  }
  RefreshRequest For(const std::shared_ptr<const Engine>&) const { return request; }

  RefreshRequest request;
  Status status;

 private:
  Status Read(const xna_refresh_request* given);
};

/// xna_verify_request.
struct VerifyInput {
  explicit VerifyInput(const xna_verify_request* given) : status(Read(given)) {
    IgnoreError(status, kToldLater);
  }
  VerifyRequest For(const std::shared_ptr<const Engine>&) const { return request; }

  VerifyRequest request;
  Status status;

 private:
  Status Read(const xna_verify_request* given);
};

/// xna_export_request.
struct ExportInput {
  explicit ExportInput(const xna_export_request* given) : status(Read(given)) {
    IgnoreError(status, kToldLater);
  }
  ExportRequest For(const std::shared_ptr<const Engine>& engine) const;

  ExportRequest request;
  SharedCallbacks<xna_output> output;
  Status status;

 private:
  Status Read(const xna_export_request* given);
};

}  // namespace xnatarchive::capi

#endif  // XNATARCHIVE_CAPI_REQUESTS_HPP_
