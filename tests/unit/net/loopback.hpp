#pragma once
// What the tests of src/net share: certificates made by the openssl program, a server on a
// loopback port in a thread, and foreign clients run as programs.

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/server.hpp"
#include "net/socket.hpp"
#include "os/file.hpp"

namespace hangu::net::test {

/// Folder is a temporary folder that goes away.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return root_ + "/" + name; }

 private:
  std::string root_;
};

/// Runs a shell command; its standard output, and its exit status.
struct Ran {
  int status = -1;
  std::string out;
};
Ran run(const std::string& command);

/// One certificate authority, a server for localhost and 127.0.0.1, two clients "alice" and "bob",
/// and "mallory" of another authority. Made once a process.
class Pki {
 public:
  static const Pki& shared();
  [[nodiscard]] std::string file(const std::string& name) const { return folder_.path(name); }
  [[nodiscard]] std::string text(const std::string& name) const;
  /// Credentials of `name` that trust the authority `anchors`; keys live as long as the Pki.
  [[nodiscard]] Credentials credentials(const std::string& name,
                                        const std::string& anchors = "ca") const;
  /// curl with TLS options for a client, silent, bounded in time.
  [[nodiscard]] std::string curl(const std::string& client = "alice") const;

 private:
  Pki();
  Folder folder_;
  mutable std::mutex mutex_;
  mutable std::vector<std::unique_ptr<std::string>> keys_;
};

/// Records what the sinks saw, from any thread.
struct Seen {
  std::mutex mutex;
  std::vector<std::string> finished;  ///< bodies that came whole
  int aborted = 0;
  int begun = 0;
  std::uint64_t bytes = 0;
  std::vector<AccessRecord> records;
  /// Waits (bounded) until `begun` sinks have all seen finish or abort.
  bool settled(int expected_begun);
};

/// RunningServer serves in a thread until destroyed.
class RunningServer {
 public:
  explicit RunningServer(Router router, ServerPlan plan = {}, Seen* seen = nullptr);
  ~RunningServer();
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string url(const std::string& path) const {
    return "https://localhost:" + std::to_string(port_) + path;
  }
  void stop();

 private:
  os::UniqueFd stop_;
  std::uint16_t port_ = 0;
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

/// A sink that keeps the body (or only counts it) and answers its size.
class RecordingSink final : public BodySink {
 public:
  RecordingSink(Seen& seen, bool keep) : seen_(seen), keep_(keep) {
    const std::lock_guard lock(seen_.mutex);
    ++seen_.begun;
  }
  Done write(ByteView bytes) override;
  Response finish() override;
  void abort() override;

 private:
  Seen& seen_;
  bool keep_;
  std::uint64_t size_ = 0;
  std::string body_;
};

/// GET /hello; POST /upload (keeps, <= 1 MiB); POST /count (counts, <= 1 GiB); GET /items/{id}.
Router sample_router(Seen& seen);

}  // namespace hangu::net::test
