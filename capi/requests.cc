#include "requests.hpp"

#include <algorithm>
#include <cstring>

namespace xnatarchive::capi {
namespace {

/// Reads from memory.
InputStream FromMemory(const char* data, std::size_t size) {
  return [data, size, at = std::size_t{0}](void* buffer,
                                           std::size_t wanted) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(wanted, size - at);
    if (count > 0) std::memcpy(buffer, data + at, count);
    at += count;
    return count;
  };
}

}  // namespace

Status BytesInput::Take(const void* data, std::size_t size, const xna_input* input) {
  Status taken = TakeOver(input, &xna_input::read, "input", &input_);
  if (taken.ok()) taken = CheckBytes(data, size);
  data_ = static_cast<const char*>(data);
  size_ = size;
  return taken;
}

InputStream BytesInput::Stream(const std::shared_ptr<const Engine>& engine) const {
  if (data_ != nullptr) return FromMemory(data_, size_);
  if (input_ == nullptr) return {};
  return [this, engine](void* buffer, std::size_t size) -> Result<std::size_t> {
    std::size_t count = 0;
    const Status read = RunCallback(
        "input", engine, Forbids::kEverything, nullptr, [&](Frame&, xna_callback* callback) {
          return (*input_)->read((*input_)->ctx, buffer, size, &count, callback);
        });
    if (!read.ok()) return read;
    return count;
  };
}

OutputStream OutputTo(const SharedCallbacks<xna_output>& output,
                      const std::shared_ptr<const Engine>& engine) {
  return [output, engine](std::string_view bytes) {
    return RunCallback(
        "output", engine, Forbids::kEverything, nullptr, [&](Frame&, xna_callback* callback) {
          return (*output)->write((*output)->ctx, bytes.data(), bytes.size(), callback);
        });
  };
}

Status ImportInput::Read(const xna_import_request* from) {
  xna_import_request given;
  Status read = ReadStruct(from, 0, &given);
  if (!read.ok()) return read;
  read = bytes.Take(given.data, given.data_size, given.input);
  if (read.ok()) read = ReadName(given.path, "path", &request.path);
  if (read.ok()) read = ReadName(given.handler, "handler", &request.handler);
  if (read.ok()) read = ReadName(given.dest, "dest", &request.dest);
  if (read.ok()) {
    read = ReadMap(given.parameters, given.parameter_count, "parameters", &request.parameters);
  }
  if (!read.ok()) return read;
  if ((request.path.empty() ? 0 : 1) + bytes.count() != 1) {
    return Status(Code::kInvalidArgument, "capi.one-input",
                  "expected exactly one of path, data and input");
  }
  return read;
}

ImportRequest ImportInput::For(const std::shared_ptr<const Engine>& engine) const {
  ImportRequest made = request;
  made.input = bytes.Stream(engine);
  return made;
}

Status ArchiveInput::Read(const xna_archive_request* from) {
  if (from == nullptr) return NullArgument("request");
  xna_archive_request given;
  Status read = ReadStruct(from, XNA_ARCHIVE_QUARANTINE | XNA_ARCHIVE_NO_PIPELINES, &given);
  if (read.ok()) read = ReadRequiredName(given.src, "src", &request.src);
  if (read.ok()) read = ReadName(given.dest, "dest", &request.dest);
  if (read.ok()) {
    read = ReadMap(given.parameters, given.parameter_count, "parameters", &request.parameters);
  }
  if (read.ok()) read = ReadPairs(given.fields, given.field_count, "fields", &request.fields);
  if (!read.ok()) return read;
  if (given.overwrite < XNA_OVERWRITE_NONE || given.overwrite > XNA_OVERWRITE_DELETE) {
    return Status(Code::kInvalidArgument, "capi.bad-overwrite", "expected XNA_OVERWRITE_*");
  }
  constexpr Overwrite kOverwrites[] = {Overwrite::kNone, Overwrite::kAppend, Overwrite::kDelete};
  request.overwrite = kOverwrites[given.overwrite];
  request.quarantine = (given.flags & XNA_ARCHIVE_QUARANTINE) != 0;
  request.trigger_pipelines = (given.flags & XNA_ARCHIVE_NO_PIPELINES) == 0;
  request.wait_ms = given.wait_ms;
  return read;
}

Status RefreshInput::Read(const xna_refresh_request* from) {
  constexpr std::uint32_t kOptions =
      XNA_REFRESH_APPEND | XNA_REFRESH_CHECKSUM | XNA_REFRESH_DELETE | XNA_REFRESH_POPULATE_STATS;
  if (from == nullptr) return NullArgument("request");
  xna_refresh_request given;
  Status read = ReadStruct(from, kOptions | XNA_REFRESH_FORCE | XNA_REFRESH_REBUILD, &given);
  if (read.ok()) read = ReadNames(given.uris, given.uri_count, "uris", &request.resources);
  if (!read.ok()) return read;
  if ((given.flags & kOptions) != 0) {
    request.options = RefreshOptions{
        (given.flags & XNA_REFRESH_APPEND) != 0, (given.flags & XNA_REFRESH_CHECKSUM) != 0,
        (given.flags & XNA_REFRESH_DELETE) != 0, (given.flags & XNA_REFRESH_POPULATE_STATS) != 0};
  }
  request.force = (given.flags & XNA_REFRESH_FORCE) != 0;
  request.rebuild = (given.flags & XNA_REFRESH_REBUILD) != 0;
  request.wait_ms = given.wait_ms;
  return read;
}

Status VerifyInput::Read(const xna_verify_request* from) {
  xna_verify_request given;
  Status read = ReadStruct(from, XNA_VERIFY_ALL_DIGESTS, &given);
  if (read.ok()) read = ReadNames(given.uris, given.uri_count, "uris", &request.uris);
  if (read.ok()) read = ReadName(given.resume_path, "resume_path", &request.resume_path);
  if (!read.ok()) return read;
  request.sample_percent = given.sample_percent;
  request.seed = given.seed;
  request.bytes_per_second_max = given.bytes_per_second_max;
  request.all_digests = (given.flags & XNA_VERIFY_ALL_DIGESTS) != 0;
  return read;
}

Status ExportInput::Read(const xna_export_request* from) {
  if (from == nullptr) return NullArgument("request");
  xna_export_request given;
  Status read = ReadStruct(from, XNA_EXPORT_BAG, &given);
  if (!read.ok()) return read;
  read = TakeOver(given.output, &xna_output::write, "output", &output);
  if (read.ok()) read = ReadRequiredName(given.uri, "uri", &request.uri);
  if (read.ok()) read = ReadName(given.path, "path", &request.path);
  if (!read.ok()) return read;
  if (request.path.empty() == (output == nullptr)) {
    return Status(Code::kInvalidArgument, "capi.one-output",
                  "expected exactly one of path and output");
  }
  request.form = (given.flags & XNA_EXPORT_BAG) != 0 ? ExportForm::kBag : ExportForm::kFiles;
  return read;
}

ExportRequest ExportInput::For(const std::shared_ptr<const Engine>& engine) const {
  ExportRequest made = request;
  if (output != nullptr) made.output = OutputTo(output, engine);
  return made;
}

}  // namespace xnatarchive::capi
