#pragma once
// SourceVfs: SQLite's file layer over one ByteSource. It knows one file, can only read, and says
// that nobody else writes it.

#include <string>

#include <sqlite3.h>

#include "check/byte_source.hpp"

namespace hangu::check {

/// Registered with SQLite while it lives; must not move. Thread: that of its database.
class SourceVfs {
 public:
  /// Borrows the source.
  explicit SourceVfs(const ByteSource& source);
  SourceVfs(const SourceVfs&) = delete;
  SourceVfs& operator=(const SourceVfs&) = delete;
  ~SourceVfs();

  [[nodiscard]] bool registered() const { return registered_; }
  [[nodiscard]] const char* name() const { return name_.c_str(); }
  [[nodiscard]] const ByteSource& source() const { return source_; }

 private:
  const ByteSource& source_;
  std::string name_;
  sqlite3_vfs vfs_{};
  bool registered_ = false;
};

}  // namespace hangu::check
