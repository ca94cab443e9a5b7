#include "metrics.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>

namespace server {
namespace {

using xnatarchive::EventKind;

const char* NameOf(EventKind kind) {
  switch (kind) {
    case EventKind::kReceived:
      return "received";
    case EventKind::kBuilt:
      return "built";
    case EventKind::kArchived:
      return "archived";
    case EventKind::kMerged:
      return "merged";
    case EventKind::kRefreshed:
      return "refreshed";
    case EventKind::kDeleted:
      return "deleted";
    case EventKind::kFailed:
      return "failed";
    case EventKind::kPipelineFinished:
      return "pipeline_finished";
    case EventKind::kMoved:
      return "moved";
  }
  return "other";
}

void Head(std::ostream& out, const std::string& name, const char* type, const char* help) {
  out << "# HELP " << name << " " << help << "\n# TYPE " << name << " " << type << "\n";
}

void Counter(std::ostream& out, const std::string& name, const char* help, std::uint64_t value) {
  Head(out, name, "counter", help);
  out << name << " " << value << "\n";
}

}  // namespace

void Metrics::Count(const HttpExchange& exchange, const std::string& route) {
  const double seconds = static_cast<double>(exchange.time.count()) / 1e6;
  const auto bucket = std::lower_bound(kBounds.begin(), kBounds.end(), seconds) - kBounds.begin();
  const std::string& method = exchange.request.method;
  const std::lock_guard<std::mutex> lock(mutex_);
  // Methods that are none are not given names of their own: anybody may make them up.
  ++requests_[{route == "other" ? "other" : method, route, exchange.status}];
  ++buckets_[static_cast<std::size_t>(bucket)];
  seconds_ += seconds;
  bytes_in_ += exchange.bytes_in;
  bytes_out_ += exchange.bytes_out;
  if (!exchange.whole) ++cut_;
}

void Metrics::Notify(const xnatarchive::Event& event, const xnatarchive::Cancelled&) {
  const std::lock_guard<std::mutex> lock(mutex_);
  ++events_[event.kind];
}

std::string Metrics::Text(const Gauges& gauges) const {
  std::ostringstream out;
  const std::lock_guard<std::mutex> lock(mutex_);
  Head(out, "xnatarchive_http_requests_total", "counter", "Requests that were answered.");
  std::uint64_t count = 0;
  for (const auto& [key, requests] : requests_) {
    const auto& [method, route, status] = key;
    out << "xnatarchive_http_requests_total{method=\"" << method << "\",route=\"" << route
        << "\",status=\"" << status << "\"} " << requests << "\n";
    count += requests;
  }
  Head(out, "xnatarchive_http_request_seconds", "histogram", "From first byte to last byte sent.");
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBounds.size(); ++i) {
    below += buckets_[i];
    out << "xnatarchive_http_request_seconds_bucket{le=\"" << kBounds[i] << "\"} " << below << "\n";
  }
  out << "xnatarchive_http_request_seconds_bucket{le=\"+Inf\"} " << count << "\n"
      << "xnatarchive_http_request_seconds_sum " << seconds_ << "\n"
      << "xnatarchive_http_request_seconds_count " << count << "\n";
  Counter(out, "xnatarchive_http_received_bytes_total", "Bytes of requests' bodies.", bytes_in_);
  Counter(out, "xnatarchive_http_sent_bytes_total", "Bytes of answers' bodies.", bytes_out_);
  Counter(out, "xnatarchive_http_cut_total", "Answers that did not reach their end.", cut_);
  Head(out, "xnatarchive_events_total", "counter", "What has happened to sessions.");
  for (const auto& [kind, events] : events_) {
    out << "xnatarchive_events_total{kind=\"" << NameOf(kind) << "\"} " << events << "\n";
  }
  std::string last;
  for (const auto& [name, value] : gauges) {
    if (name.first != last) out << "# TYPE " << name.first << " gauge\n";
    last = name.first;
    out << name.first << (name.second.empty() ? "" : "{" + name.second + "}") << " " << value
        << "\n";
  }
  return out.str();
}

std::uint64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace server
