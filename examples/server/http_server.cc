#include "http_server.hpp"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "failure.hpp"
#include "http_body.hpp"
#include "worker_pool.hpp"

namespace server {
namespace {

using xnatarchive::Code;
using xnatarchive::RestRequest;
using xnatarchive::RestResponse;
using xnatarchive::Result;
using xnatarchive::Status;

constexpr int kBacklog = 512;
constexpr std::uint64_t kBodyBytesPerSecond = 1024;
constexpr std::chrono::milliseconds kIdleWhenFull{1000};

// Texts are given to httplib as C strings: up to 0.10 it takes no others.

/// A connection as httplib sees it. Some versions do not have all of these functions; hence no
/// `override` there.
class HttplibStream : public httplib::Stream {
 public:
  explicit HttplibStream(Connection& connection) : connection_(connection) {}
  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }
  ssize_t read(char* buffer, size_t size) override { return connection_.Read(buffer, size); }
  ssize_t write(const char* bytes, size_t size) override {
    // What httplib says of a head that was cut off is not what is the matter.
    if (connection_.head_failure() != Connection::HeadFailure::kNone) return -1;
    return connection_.Write({bytes, size}) ? static_cast<ssize_t>(size) : -1;
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = connection_.address();
    port = 0;
  }
  void get_local_ip_and_port(std::string&, int&) const {}
  socket_t socket() const override { return connection_.fd(); }

 private:
  Connection& connection_;
};

/// httplib adds these to what was sent.
bool IsSent(const std::string& name) {
  return name != "REMOTE_ADDR" && name != "REMOTE_PORT" && name != "LOCAL_ADDR" &&
         name != "LOCAL_PORT";
}

/// One request on its way through httplib and back.
struct Round {
  Connection& connection;
  HttpExchange exchange;
  std::optional<HttpBody> body;
  Status refused;             ///< Why the request is not given to anybody.
  bool expects = false;       ///< The sender waits for "100 Continue".
  bool head_read = false;     ///< Whatever comes before that is refused by httplib.
  bool last = false;          ///< The connection is closed after it.
  Clock::duration waited{0};  ///< For bytes of the body.
  bool given_up = false;      ///< What the other side still sends is not waited for.
};

/// Reads of the body. Who always sends in time, but a byte only, is gone as who sends nothing:
/// above the time for one read, a second has to bring kBodyBytesPerSecond on average.
std::ptrdiff_t ReadBody(Round& round, const ConnectionLimits& limits, void* buffer,
                        std::size_t size) {
  if (std::exchange(round.expects, false)) {
    round.connection.Write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!round.connection.Flush()) return -1;
  }
  const auto begun = Clock::now();
  const std::ptrdiff_t got = round.connection.Read(buffer, size);
  round.waited += Clock::now() - begun;
  const std::chrono::seconds earned(round.body->bytes() / kBodyBytesPerSecond);
  round.given_up = got < 0 || round.waited > limits.read_time + earned;
  return round.given_up ? -1 : got;
}

/// httplib calls its handlers on the thread that serves the connection, and gives them no way to
/// know which one.
thread_local Round* current_round = nullptr;
/// Set where a connection is to be told that there is no thread for it.
thread_local bool no_thread_left = false;

RestRequest RequestOf(const httplib::Request& sent) {
  RestRequest request;
  request.method = sent.method;
  const std::size_t question = sent.target.find('?');
  request.path = sent.target.substr(0, question);
  if (question != std::string::npos) request.query = sent.target.substr(question + 1);
  for (const auto& [name, value] : sent.headers) {
    if (IsSent(name)) request.headers.emplace_back(name, value);
  }
  request.origin = sent.remote_addr;
  return request;
}

/// An answer from before there is a request that httplib could answer: `line` is its first, and
/// `why` in the form of all failures.
void WriteRaw(Connection& connection, const std::string& line, const Status& why) {
  const RestResponse answer = Failure(0, why);
  std::string text = "HTTP/1.1 " + line + "\r\nConnection: close\r\n";
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\r\n";
  text += "Content-Length: " + std::to_string(answer.text.size()) + "\r\n\r\n" + answer.text;
  connection.Write(text);
  connection.Flush();
}

/// What httplib answers by itself, to heads it can not read.
Status UnreadableHead() {
  return {Code::kInvalidArgument, "http.bad-head", "the request's head can not be read"};
}

}  // namespace

class HttpServer::Impl : public httplib::Server {
 public:
  Impl(const HttpLimits& limits, SSL_CTX* tls, Answer answer, Done done)
      : limits_(limits), tls_(tls), answer_(std::move(answer)), done_(std::move(done)) {
    new_task_queue = [this] { return new Queue(*this); };
    set_socket_options([](socket_t fd) {
      const int on = 1;
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    });
    set_pre_routing_handler([this](const httplib::Request&, httplib::Response& response) {
      AnswerRound(*current_round, response);
      return HandlerResponse::Handled;
    });
    // It names limits that are not those of here.
    set_post_routing_handler([](const httplib::Request&, httplib::Response& response) {
      response.headers.erase("Keep-Alive");
    });
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (current_round->head_read) return;
      current_round->last = true;
      current_round->exchange.status = response.status;
      Fill(Failure(response.status, UnreadableHead()), *current_round, response);
    });
  }

  Result<int> Listen(const std::string& host, int port) {
    const int bound =
        port == 0 ? bind_to_any_port(host.c_str()) : (bind_to_port(host.c_str(), port) ? port : -1);
    if (bound <= 0 || ::listen(svr_sock_, kBacklog) != 0) {
      return Status(Code::kIo, "http.cannot-listen",
                    "cannot listen at " + host + ":" + std::to_string(port));
    }
    return bound;
  }

  Status Serve() {
    if (listen_after_bind() || stopping_) return Status();
    return {Code::kIo, "http.accept-failed", "connections can not be accepted any more"};
  }

  void Stop() {
    stopping_ = true;
    ::shutdown(svr_sock_, SHUT_RDWR);  // stop() does nothing to a loop that has not begun yet
  }

  void Abort() {
    const std::lock_guard<std::mutex> lock(mutex_);
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }

  std::size_t connections() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return open_.size();
  }

 private:
  /// A connection that Abort knows of.
  class Listed {
   public:
    Listed(Impl& server, int fd) : server_(server), fd_(fd) {
      const std::lock_guard<std::mutex> lock(server_.mutex_);
      server_.open_.insert(fd_);
    }
    ~Listed() {
      const std::lock_guard<std::mutex> lock(server_.mutex_);
      server_.open_.erase(fd_);
    }
    Listed(const Listed&) = delete;
    Listed& operator=(const Listed&) = delete;

   private:
    Impl& server_;
    const int fd_;
  };

  /// Threads for httplib's connections.
  class Queue : public httplib::TaskQueue {
   public:
    explicit Queue(Impl& server)
        : server_(server), pool_(server.limits_.workers, server.limits_.waiting_max) {
      server_.pool_ = &pool_;
    }
    using Enqueued = decltype(std::declval<httplib::TaskQueue&>().enqueue(nullptr));
    Enqueued enqueue(std::function<void()> task) override {
      if (!pool_.Add(task)) {
        no_thread_left = true;
        task();
        no_thread_left = false;
      }
      return Enqueued(true);
    }
    void shutdown() override { pool_.Finish(); }

   private:
    Impl& server_;
    WorkerPool pool_;
  };

  bool process_and_close_socket(socket_t fd) override {
    Connection connection(static_cast<int>(fd), tls_, limits_.connection);
    const Listed listed(*this, connection.fd());
    if (no_thread_left) {
      if (tls_ == nullptr) {
        WriteRaw(connection, "503 Service Unavailable",
                 {Code::kLocked, "http.busy", "too many connections wait already; try again"});
      }
    } else if (connection.Handshake()) {
      while (WaitForRequest(connection) && ServeRequest(connection)) {
      }
    }
    return true;
  }

  /// When others wait for a thread, one that is idle is closed early; not at once, since its next
  /// request may be on its way.
  bool WaitForRequest(Connection& connection) {
    const auto begun = Clock::now();
    return connection.WaitForRequest(limits_.idle_time, [this, begun] {
      return stopping_ || (pool_->waiting() > 0 && Clock::now() - begun > kIdleWhenFull);
    });
  }

  /// False when the connection is to be closed.
  bool ServeRequest(Connection& connection) {
    const auto begun = Clock::now();
    Round round{connection, {}, std::nullopt, {}};
    round.exchange.request.origin = connection.address();
    current_round = &round;
    connection.BeginHead();
    HttplibStream stream(connection);
    const bool written = Process(&Impl::process_request, stream, [&](httplib::Request& sent) {
      connection.EndHead();
      ReadHead(sent, &round);
    });
    current_round = nullptr;
    HeadFailed(&round);
    const bool sent = connection.Flush() && written;
    HttpExchange& exchange = round.exchange;
    exchange.whole = exchange.whole && sent;
    if (round.body) exchange.bytes_in = round.body->bytes();
    exchange.time = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begun);
    if (exchange.status != 0) done_(exchange);
    if (sent && !round.last && round.head_read && !stopping_) return true;
    if (sent && exchange.status != 0 && !round.given_up) {
      connection.Linger(limits_.linger_time, [this] { return stopping_.load(); });
    }
    return false;
  }

  /// @{ httplib's function as it was up to 0.15, and as it is from 0.16 on.
  using SetUp = std::function<void(httplib::Request&)>;
  bool Process(bool (httplib::Server::*process)(httplib::Stream&, bool, bool&, const SetUp&),
               httplib::Stream& stream, const SetUp& set_up) {
    bool closed = false;
    return (this->*process)(stream, false, closed, set_up);
  }
  bool Process(bool (httplib::Server::*process)(httplib::Stream&, const std::string&, int,
                                                const std::string&, int, bool, bool&, const SetUp&),
               httplib::Stream& stream, const SetUp& set_up) {
    bool closed = false;
    std::string address;
    int port = 0;
    stream.get_remote_ip_and_port(address, port);
    return (this->*process)(stream, address, port, "", 0, false, closed, set_up);
  }
  /// @}

  void ReadHead(httplib::Request& sent, Round* round) const {
    round->head_read = true;
    round->exchange.request = RequestOf(sent);
    const RestRequest& request = round->exchange.request;
    round->expects = SameName(HeaderOf(request.headers, "Expect"), "100-continue");
    round->last =
        sent.version == "HTTP/1.0" || SameName(HeaderOf(request.headers, "Connection"), "close");
    Result<BodyFraming> framing = FramingOf(request.headers);
    if (framing.ok()) {
      round->body.emplace(*framing, limits_.body_bytes_max,
                          [this, round](void* buffer, std::size_t size) {
                            return ReadBody(*round, limits_.connection, buffer, size);
                          });
    } else {
      round->refused = framing.status();
    }
    // What httplib would do about these is done here, or by who answers.
    for (const char* name : {"Connection", "Expect", "Range", "Accept-Encoding", "Content-Type"}) {
      sent.headers.erase(name);
    }
    sent.ranges.clear();
  }

  void AnswerRound(Round& round, httplib::Response& response) const {
    HttpExchange& exchange = round.exchange;
    if (!round.body) {
      round.last = true;
      const bool unsupported = round.refused.code() == Code::kUnsupported;
      exchange.status = unsupported ? 501 : 400;
      Fill(Failure(exchange.status, round.refused), round, response);
      return;
    }
    RestRequest& request = exchange.request;
    if (!round.body->at_end()) {
      request.body = [&round](void* buffer, std::size_t size) {
        return round.body->Read(buffer, size);
      };
    }
    RestResponse answer = answer_(request);
    request.body = nullptr;
    exchange.status = answer.status;
    // What was not read of the body would be taken for the next request.
    if (!round.body->at_end() && !SkipEnd(*round.body, round.expects)) round.last = true;
    if (pool_->waiting() > 0) round.last = true;
    Fill(std::move(answer), round, response);
  }

  /// Reads what may be left when somebody has read all he needs: the last chunk.
  static bool SkipEnd(HttpBody& body, bool expects) {
    char byte = 0;
    if (expects || body.bytes() == 0) return false;
    const Result<std::size_t> got = body.Read(&byte, 1);
    return got.ok() && *got == 0;
  }

  static void Fill(RestResponse answer, Round& round, httplib::Response& response) {
    response.status = answer.status;
    std::string type = "text/plain";
    for (auto& [name, value] : answer.headers) {
      if (name == "Content-Type") {
        type = std::move(value);
      } else {
        response.headers.emplace(std::move(name), std::move(value));
      }
    }
    if (round.last) response.headers.emplace("Connection", "close");
    const bool head = round.exchange.request.method == "HEAD";
    if (head && answer.stream_bytes) {
      response.headers.emplace("Content-Type", type);
      response.headers.emplace("Content-Length", std::to_string(*answer.stream_bytes));
    } else if (answer.stream && answer.stream_bytes != std::uint64_t{0}) {
      FillStream(std::move(answer), type, round, response);
    } else if (!answer.text.empty()) {
      round.exchange.bytes_out = answer.text.size();
      response.set_content(answer.text.data(), answer.text.size(), type.c_str());
    }
  }

  static void FillStream(RestResponse answer, const std::string& type, Round& round,
                         httplib::Response& response) {
    const auto write = [stream = std::move(answer.stream), &round,
                        length = answer.stream_bytes](httplib::DataSink& sink) {
      std::uint64_t& written = round.exchange.bytes_out;
      const Status status = stream([&](std::string_view bytes) {
        if (!bytes.empty() && !sink.write(bytes.data(), bytes.size())) {
          return Status(Code::kCancelled, "http.receiver-gone", "the receiver is gone");
        }
        written += bytes.size();
        return Status();
      });
      round.exchange.whole = status.ok() && (!length || written == *length);
      return round.exchange.whole;
    };
    if (answer.stream_bytes) {
      response.set_content_provider(
          static_cast<std::size_t>(*answer.stream_bytes), type.c_str(),
          [write](std::size_t, std::size_t, httplib::DataSink& sink) { return write(sink); });
      return;
    }
    response.set_chunked_content_provider(type.c_str(),
                                          [write](std::size_t, httplib::DataSink& sink) {
                                            if (!write(sink)) return false;
                                            sink.done();
                                            return true;
                                          });
  }

  /// A head that was too large or too slow never got to httplib's end of it.
  static void HeadFailed(Round* round) {
    HttpExchange& exchange = round->exchange;
    switch (round->connection.head_failure()) {
      case Connection::HeadFailure::kTooLarge:
        exchange.status = 431;
        WriteRaw(round->connection, "431 Request Header Fields Too Large",
                 {Code::kInvalidArgument, "http.head-too-large",
                  "the request's line and headers are too large"});
        break;
      case Connection::HeadFailure::kTooSlow:
        exchange.status = 408;
        round->given_up = true;
        WriteRaw(round->connection, "408 Request Timeout",
                 {Code::kCancelled, "http.too-slow", "the request's head did not come in time"});
        break;
      case Connection::HeadFailure::kNone:
        break;
    }
  }

  const HttpLimits limits_;
  SSL_CTX* const tls_;
  const Answer answer_;
  const Done done_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::set<int> open_;          ///< Descriptors of connections.
  WorkerPool* pool_ = nullptr;  ///< Of the queue, which lives while connections are served.
};

HttpServer::HttpServer(const HttpLimits& limits, SSL_CTX* tls, Answer answer, Done done)
    : impl_(std::make_unique<Impl>(limits, tls, std::move(answer), std::move(done))) {}

HttpServer::~HttpServer() = default;

Result<int> HttpServer::Listen(const std::string& host, int port) {
  return impl_->Listen(host, port);
}

Status HttpServer::Serve() { return impl_->Serve(); }

void HttpServer::Stop() { impl_->Stop(); }

void HttpServer::Abort() { impl_->Abort(); }

std::size_t HttpServer::connections() const { return impl_->connections(); }

}  // namespace server
