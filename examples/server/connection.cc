#include "connection.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace server {
namespace {

constexpr std::size_t kInBytes = 64u << 10;
constexpr std::size_t kOutBytes = 16u << 10;
constexpr std::chrono::milliseconds kSlice{100};

std::string AddressOf(int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  char text[INET6_ADDRSTRLEN] = "";
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return "";
  if (peer.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<sockaddr_in*>(&peer)->sin_addr, text, sizeof text);
  } else if (peer.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<sockaddr_in6*>(&peer)->sin6_addr, text, sizeof text);
  }
  return text;
}

SSL* NewSsl(SSL_CTX* tls, int fd) {
  SSL* ssl = tls != nullptr ? SSL_new(tls) : nullptr;
  if (ssl != nullptr) SSL_set_fd(ssl, fd);
  return ssl;
}

}  // namespace

Connection::Connection(int fd, SSL_CTX* tls, const ConnectionLimits& limits)
    : fd_(fd), ssl_(NewSsl(tls, fd)), limits_(limits), address_(AddressOf(fd)), in_(kInBytes, 0) {
  broken_ = tls != nullptr && ssl_ == nullptr;
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

Connection::~Connection() {
  if (ssl_ != nullptr && !broken_) SSL_shutdown(ssl_.get());
  close(fd_);
}

bool Connection::Wait(short events, Clock::time_point deadline) const {
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{fd_, events, 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::clamp<long>(left, 0, 1 << 30)));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

// What it says depends on the thread's queue of errors, in which anybody's may be: it is cleared
// before each call on the connection.
short Connection::TlsWants(int result) const {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return POLLIN;
  return error == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
}

bool Connection::Handshake() {
  if (ssl_ == nullptr) return !broken_;
  const auto deadline = Clock::now() + limits_.head_time;
  while (true) {
    ERR_clear_error();
    const int result = SSL_accept(ssl_.get());
    if (result == 1) return true;
    const short wants = TlsWants(result);
    if (wants == 0 || !Wait(wants, deadline)) {
      broken_ = true;
      return false;
    }
  }
}

bool Connection::WaitForRequest(std::chrono::milliseconds idle,
                                const std::function<bool()>& give_up) {
  const auto deadline = Clock::now() + idle;
  while (in_begin_ == in_end_ && (ssl_ == nullptr || SSL_pending(ssl_.get()) == 0)) {
    if (broken_ || give_up() || Clock::now() >= deadline) return false;
    if (Wait(POLLIN, std::min(deadline, Clock::now() + kSlice))) break;
  }
  return true;
}

void Connection::BeginHead() {
  in_head_ = true;
  head_bytes_ = 0;
  head_deadline_ = Clock::now() + limits_.head_time;
}

std::ptrdiff_t Connection::Receive(char* buffer, std::size_t size, Clock::time_point deadline) {
  while (!broken_) {
    short wants = POLLIN;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const int got = SSL_read(ssl_.get(), buffer, static_cast<int>(size));
      if (got > 0) return got;
      if (SSL_get_error(ssl_.get(), got) == SSL_ERROR_ZERO_RETURN) return 0;
      wants = TlsWants(got);
      broken_ = wants == 0;
    } else {
      const ssize_t got = recv(fd_, buffer, size, 0);
      if (got >= 0) return got;
      if (errno == EINTR) continue;
      broken_ = errno != EAGAIN && errno != EWOULDBLOCK;
    }
    if (broken_ || !Wait(wants, deadline)) break;
  }
  return -1;
}

std::ptrdiff_t Connection::Read(void* buffer, std::size_t size) {
  if (in_begin_ == in_end_) {
    const auto deadline = in_head_ ? head_deadline_ : Clock::now() + limits_.read_time;
    const std::ptrdiff_t got = Receive(in_.data(), in_.size(), deadline);
    if (got < 0 && in_head_ && !broken_) head_failure_ = HeadFailure::kTooSlow;
    if (got <= 0) return got;
    in_begin_ = 0;
    in_end_ = static_cast<std::size_t>(got);
  }
  const std::size_t given = std::min(size, in_end_ - in_begin_);
  if (in_head_) {
    head_bytes_ += given;
    if (head_bytes_ > limits_.head_bytes_max) {
      head_failure_ = HeadFailure::kTooLarge;
      return -1;
    }
  }
  std::memcpy(buffer, in_.data() + in_begin_, given);
  in_begin_ += given;
  return static_cast<std::ptrdiff_t>(given);
}

bool Connection::Send(std::string_view bytes) {
  while (!bytes.empty() && !broken_) {
    short wants = POLLOUT;
    if (ssl_ != nullptr) {
      ERR_clear_error();
      const int sent = SSL_write(ssl_.get(), bytes.data(),
                                 static_cast<int>(std::min<std::size_t>(bytes.size(), 1u << 20)));
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      wants = TlsWants(sent);
      broken_ = wants == 0;
    } else {
      const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        bytes.remove_prefix(static_cast<std::size_t>(sent));
        continue;
      }
      if (errno == EINTR) continue;
      broken_ = errno != EAGAIN && errno != EWOULDBLOCK;
    }
    if (!broken_ && !Wait(wants, Clock::now() + limits_.write_time)) broken_ = true;
  }
  return !broken_;
}

bool Connection::Write(std::string_view bytes) {
  if (out_.size() + bytes.size() <= kOutBytes) {
    out_ += bytes;
    return !broken_;
  }
  return Flush() && (bytes.size() <= kOutBytes ? (out_ = bytes, true) : Send(bytes));
}

bool Connection::Flush() {
  const bool sent = Send(out_);
  out_.clear();
  return sent;
}

void Connection::Linger(std::chrono::milliseconds time, const std::function<bool()>& give_up) {
  if (broken_) return;
  if (ssl_ != nullptr) SSL_shutdown(ssl_.get());
  shutdown(fd_, SHUT_WR);
  const auto deadline = Clock::now() + time;
  while (Clock::now() < deadline && !give_up()) {
    if (!Wait(POLLIN, std::min(deadline, Clock::now() + kSlice))) continue;
    const ssize_t got = recv(fd_, in_.data(), in_.size(), 0);
    if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) break;
  }
  broken_ = true;
}

}  // namespace server
