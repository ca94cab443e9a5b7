// monitor.hpp - what watches the server: /healthz and /metrics.
#ifndef XNATARCHIVE_SERVER_MONITOR_HPP_
#define XNATARCHIVE_SERVER_MONITOR_HPP_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "metrics.hpp"
#include "sessions.hpp"
#include "xnatarchive/archive_engine.hpp"
#include "xnatarchive/rest_service.hpp"

namespace server {

/// Who the server is when it asks the engine for itself: no name of a user.
inline constexpr const char* kServerUser = " server";

/// Threads: any function may be called from any thread, once `connections` is set.
class Monitor {
 public:
  /// What is given outlives it. `disk_free_min`: below it /healthz is 503.
  Monitor(xnatarchive::ArchiveEngine& engine, const Metrics& metrics, Sessions& sessions,
          std::string root, std::uint64_t disk_free_min)
      : engine_(engine),
        metrics_(metrics),
        sessions_(sessions),
        root_(std::move(root)),
        disk_free_min_(disk_free_min) {}

  std::function<std::size_t()> connections;  ///< How many are open.

  /// 200 "ok", or 503 and in a word what is wrong: the store does not answer, or the disk is full.
  xnatarchive::RestResponse Health() const;
  /// All metrics. What the engine does not answer is left out.
  xnatarchive::RestResponse Measure() const;

 private:
  xnatarchive::ArchiveEngine& engine_;
  const Metrics& metrics_;
  Sessions& sessions_;
  const std::string root_;
  const std::uint64_t disk_free_min_;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_MONITOR_HPP_
