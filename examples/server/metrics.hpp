// metrics.hpp - what the server has done and how it is, in Prometheus' text format.
#ifndef XNATARCHIVE_SERVER_METRICS_HPP_
#define XNATARCHIVE_SERVER_METRICS_HPP_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "http_server.hpp"
#include "xnatarchive/event_sink.hpp"

namespace server {

/// Values of this moment, by name and labels: {{"xnatarchive_jobs", "state=\"queued\""}, 3}.
using Gauges = std::vector<std::pair<std::pair<std::string, std::string>, std::int64_t>>;

/// Threads: any function may be called from any thread.
class Metrics : public xnatarchive::EventSink {
 public:
  void Count(const HttpExchange& exchange, const std::string& route);
  /// Sessions that were received, archived, merged, and so on.
  void Notify(const xnatarchive::Event& event, const xnatarchive::Cancelled& cancelled) override;

  /// All that was counted, and `gauges`.
  std::string Text(const Gauges& gauges) const;

 private:
  /// Upper bounds in seconds; the last bucket has none.
  static constexpr std::array<double, 12> kBounds = {0.001, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                     0.25,  0.5,   1,    5,     30,   300};
  mutable std::mutex mutex_;
  std::map<std::tuple<std::string, std::string, int>, std::uint64_t> requests_;
  std::array<std::uint64_t, kBounds.size() + 1> buckets_{};
  double seconds_ = 0;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::uint64_t cut_ = 0;
  std::map<xnatarchive::EventKind, std::uint64_t> events_;
};

/// Resident memory of this process in bytes; 0 when it is not known.
std::uint64_t ResidentBytes();

}  // namespace server

#endif  // XNATARCHIVE_SERVER_METRICS_HPP_
