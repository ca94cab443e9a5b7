// connection.hpp - one accepted connection: bytes in and out, plain or under TLS, each with a limit
// on how long it may take. Who sends nothing, or a header byte by byte, holds a thread only so
// long.
#ifndef XNATARCHIVE_SERVER_CONNECTION_HPP_
#define XNATARCHIVE_SERVER_CONNECTION_HPP_

#include <openssl/ssl.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace server {

using Clock = std::chrono::steady_clock;

struct ConnectionLimits {
  std::size_t head_bytes_max = 32u << 10;       ///< Request line and headers together.
  std::chrono::milliseconds head_time{15000};   ///< From a request's first byte to its last header.
  std::chrono::milliseconds read_time{30000};   ///< The longest wait for the next byte of a body.
  std::chrono::milliseconds write_time{30000};  ///< The longest wait until more can be sent.
};

/// Threads: used by one thread at a time.
class Connection {
 public:
  /// Owns `fd` from here on. `tls` null: plain.
  Connection(int fd, SSL_CTX* tls, const ConnectionLimits& limits);
  ~Connection();  ///< Closes it.
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// True under TLS when it is agreed on, within the time for a head; at once when plain.
  bool Handshake();
  /// Waits for the first byte of a request: false when the other side is gone, when `idle` is over,
  /// and when `give_up`, which is asked ten times a second, says so.
  bool WaitForRequest(std::chrono::milliseconds idle, const std::function<bool()>& give_up);

  /// What Read gives between these two counts as a request's head, and is limited as that.
  void BeginHead();
  void EndHead() { in_head_ = false; }
  enum class HeadFailure { kNone, kTooLarge, kTooSlow };
  HeadFailure head_failure() const { return head_failure_; }

  /// The next bytes, at least one; 0 at the end; -1 when there are none in time or it is broken.
  std::ptrdiff_t Read(void* buffer, std::size_t size);
  /// Small ones are kept until there are more of them, or Flush. False when it is broken.
  bool Write(std::string_view bytes);
  bool Flush();
  /// Tells the other side that nothing more comes, and reads what it still sends, for at most
  /// `time`: one that is closed with bytes unread may lose the answer that was sent.
  void Linger(std::chrono::milliseconds time, const std::function<bool()>& give_up);

  int fd() const { return fd_; }
  bool is_tls() const { return ssl_ != nullptr; }
  const std::string& address() const { return address_; }  ///< Of the other side, without port.

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::ptrdiff_t Receive(char* buffer, std::size_t size, Clock::time_point deadline);
  bool Send(std::string_view bytes);
  bool Wait(short events, Clock::time_point deadline) const;
  /// What to wait for before TLS goes on after `result`; 0: nothing, it has failed.
  short TlsWants(int result) const;

  const int fd_;
  const std::unique_ptr<SSL, FreeSsl> ssl_;
  const ConnectionLimits limits_;
  std::string address_;
  std::string in_;  ///< Bytes that were received; those before `in_begin_` were given out.
  std::size_t in_begin_ = 0;
  std::size_t in_end_ = 0;
  std::string out_;
  bool broken_ = false;
  bool in_head_ = false;
  std::size_t head_bytes_ = 0;
  Clock::time_point head_deadline_;
  HeadFailure head_failure_ = HeadFailure::kNone;
};

}  // namespace server

#endif  // XNATARCHIVE_SERVER_CONNECTION_HPP_
