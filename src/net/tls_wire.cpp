#include "net/tls_wire.hpp"

#include <sys/socket.h>

#include <cerrno>

#include <openssl/bio.h>

namespace hangu::net {
namespace {

constexpr std::size_t kBulkBytes = 32 * 1024;  ///< sent at once, and the memory is used again

}  // namespace

bool is_passing(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == EINPROGRESS;
}

/// What OpenSSL calls. The BIO's data is the wire.
struct WireCalls {
  static TlsWire& of(BIO* bio) { return *static_cast<TlsWire*>(BIO_get_data(bio)); }

  static int write(BIO* bio, const char* from, std::size_t length, std::size_t* moved) {
    BIO_clear_retry_flags(bio);
    *moved = 0;
    TlsWire& wire = of(bio);
    if (wire.gathering_ || wire.waiting() > 0) {  // never before what waits
      if (wire.out_.size() + length > kWireBytesMax) {
        BIO_set_retry_write(bio);
        return 0;
      }
      append(wire.out_, bytes_of({from, length}));
      *moved = length;
      return 1;
    }
    const ssize_t sent = ::send(wire.socket_.get(), from, length, MSG_NOSIGNAL);
    if (sent <= 0) {
      if (sent < 0 && is_passing(errno)) BIO_set_retry_write(bio);
      return 0;
    }
    *moved = static_cast<std::size_t>(sent);
    return 1;
  }

  static int read(BIO* bio, char* to, std::size_t length, std::size_t* moved) {
    BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(of(bio).socket_.get(), to, length, 0);
    if (got <= 0) {
      if (got < 0 && is_passing(errno)) BIO_set_retry_read(bio);
      if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
      *moved = 0;
      return 0;
    }
    *moved = static_cast<std::size_t>(got);
    return 1;
  }

  static long control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) {
      TlsWire& wire = of(bio);
      if (wire.gathering_) return 1;
      BIO_clear_retry_flags(bio);
      if (wire.send() && wire.waiting() > 0) BIO_set_retry_write(bio);
      return wire.waiting() == 0 ? 1 : -1;
    }
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
  }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "hangu socket");
      HANGU_ASSERT(made != nullptr);
      BIO_meth_set_write_ex(made, write);
      BIO_meth_set_read_ex(made, read);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return kMethod;
  }
};

BIO* TlsWire::new_bio() {
  BIO* bio = BIO_new(WireCalls::method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  return bio;
}

bool TlsWire::send() {
  gathering_ = false;
  while (waiting() > 0) {
    const ssize_t n = ::send(socket_.get(), out_.data() + sent_, waiting(), MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 && is_passing(errno);
    sent_ += static_cast<std::size_t>(n);
  }
  sent_ = 0;
  if (out_.size() < kBulkBytes) {
    Bytes().swap(out_);
  } else {
    out_.clear();
  }
  return true;
}

}  // namespace hangu::net
