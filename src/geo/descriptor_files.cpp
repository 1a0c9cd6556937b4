#include "geo/descriptor_files.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>

#include <cpl_vsi.h>

#include "base/bytes.hpp"
#include "os/failure.hpp"
#include "os/file.hpp"

namespace hangu::geo {
namespace {

constexpr const char* kPrefix = "/hangu/";
constexpr std::size_t kReadAheadBytes = 64 * 1024;

struct Slot {
  plain::Input content;
  os::FdView output{};           ///< valid when it may be written
  std::uint64_t bytes_max = 0;   ///< of an output
  std::optional<Error> error{};  ///< the first

  [[nodiscard]] bool writable() const { return output.valid(); }

  void note(const Error& what) {
    if (!error) error = what;
  }
};

using Slots = std::map<std::string, Slot, std::less<>>;

/// The names of this process. Global, because GDAL's own table of handlers is.
Slots& slots() {
  static Slots names;
  return names;
}

/// An opened file: position and a window of read-ahead (inputs only).
struct OpenFile {
  Slot* slot = nullptr;
  std::uint64_t at = 0;
  bool at_end = false;
  Bytes window;
  std::uint64_t window_at = 0;

  [[nodiscard]] std::uint64_t size() const {
    auto size = slot->content.size();
    if (!size) slot->note(size.error());
    return size ? *size : 0;
  }

  std::size_t read(MutableByteView out) {
    const std::uint64_t end = size();
    const std::uint64_t there = at < end ? end - at : 0;
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), there));
    if (n < out.size()) at_end = true;
    if (n == 0 || !fill(out.first(n), there)) return 0;
    at += n;
    return n;
  }

  bool fill(MutableByteView out, std::uint64_t there) {
    if (slot->writable() || out.size() >= kReadAheadBytes) return get(at, out);
    if (at < window_at || at + out.size() > window_at + window.size()) {
      window.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kReadAheadBytes, there)));
      window_at = at;
      if (!get(at, window)) {
        window.clear();
        return false;
      }
    }
    std::memcpy(out.data(), window.data() + (at - window_at), out.size());
    return true;
  }

  bool get(std::uint64_t offset, MutableByteView out) const {
    const auto done = slot->content.read_at(offset, out);
    if (!done) slot->note(done.error());
    return done.has_value();
  }

  std::size_t write(ByteView bytes) {
    if (!slot->writable() || bytes.size() > slot->bytes_max ||
        at > slot->bytes_max - bytes.size()) {
      slot->note(Error(ErrorCode::exhausted, "output-limit"));
      return 0;
    }
    if (const auto done = os::write_all_at(slot->output, at, bytes); !done) {
      slot->note(done.error());
      return 0;
    }
    at += bytes.size();
    return bytes.size();
  }
};

OpenFile& opened(void* file) { return *static_cast<OpenFile*>(file); }

Slot* find(const char* name) {
  const auto found = slots().find(std::string_view(name));
  return found == slots().end() ? nullptr : &found->second;
}

int stat_file(void*, const char* name, VSIStatBufL* out, int) {
  std::memset(out, 0, sizeof *out);
  const Slot* const slot = find(name);
  if (slot == nullptr) {
    errno = ENOENT;
    return -1;
  }
  out->st_mode = S_IFREG | 0400;
  out->st_size = static_cast<off_t>(slot->content.size().value_or(0));
  return 0;
}

int set_length(Slot& slot, std::uint64_t length) {
  if (slot.writable() && ::ftruncate(slot.output.get(), static_cast<off_t>(length)) == 0) {
    return 0;
  }
  const std::unexpected<Error> failed = os::os_failure(errno, "write-failed", "length of output");
  slot.note(failed.error());
  return -1;
}

void* open_file(void*, const char* name, const char* access) {
  Slot* const slot = find(name);
  const std::string_view mode(access);
  const bool writes = mode.find_first_of("wa+") != std::string_view::npos;
  if (slot == nullptr || (writes && !slot->writable())) {
    errno = slot == nullptr ? ENOENT : EACCES;
    return nullptr;
  }
  if (mode.starts_with('w') && set_length(*slot, 0) != 0) return nullptr;
  auto file = std::make_unique<OpenFile>();
  file->slot = slot;
  return file.release();  // GDAL owns it until close_file
}

vsi_l_offset tell_file(void* file) { return opened(file).at; }

int seek_file(void* file, vsi_l_offset offset, int whence) {
  OpenFile& f = opened(file);
  f.at_end = false;
  f.at = offset + (whence == SEEK_CUR ? f.at : whence == SEEK_END ? f.size() : 0);
  return 0;
}

std::size_t read_file(void* file, void* out, std::size_t size, std::size_t count) {
  if (size == 0 || count == 0) return 0;
  return opened(file).read({static_cast<std::byte*>(out), size * count}) / size;
}

std::size_t write_file(void* file, const void* bytes, std::size_t size, std::size_t count) {
  if (size == 0 || count == 0) return 0;
  return opened(file).write({static_cast<const std::byte*>(bytes), size * count}) / size;
}

int eof_file(void* file) { return opened(file).at_end ? 1 : 0; }
int flush_file(void*) { return 0; }
int truncate_file(void* file, vsi_l_offset length) {
  return set_length(*opened(file).slot, length);
}
int close_file(void* file) {
  const std::unique_ptr<OpenFile> owned(static_cast<OpenFile*>(file));
  return 0;
}
int refuse_unlink(void*, const char*) {
  errno = EACCES;
  return -1;
}
char** no_names(void*, const char*, int) { return nullptr; }
char** no_siblings(void*, const char*) {
  // An empty list, not "don't know": GDAL then asks for no side-car.
  return static_cast<char**>(VSICalloc(1, sizeof(char*)));
}

void install() {
  static const bool kInstalled = [] {
    VSIFilesystemPluginCallbacksStruct* const calls = VSIAllocFilesystemPluginCallbacksStruct();
    calls->stat = stat_file;
    calls->unlink = refuse_unlink;
    calls->read_dir = no_names;
    calls->open = open_file;
    calls->tell = tell_file;
    calls->seek = seek_file;
    calls->read = read_file;
    calls->eof = eof_file;
    calls->write = write_file;
    calls->flush = flush_file;
    calls->truncate = truncate_file;
    calls->close = close_file;
    calls->sibling_files = no_siblings;
    const bool good = VSIInstallPluginHandler(kPrefix, calls) == 0;
    VSIFreeFilesystemPluginCallbacksStruct(calls);
    return good;
  }();
  HANGU_ASSERT(kInstalled);
}

}  // namespace

GdalFile::GdalFile(std::string name, plain::Input input) : name_(std::move(name)) {
  install();
  const auto [slot, is_new] = slots().emplace(name_, Slot{.content = input});
  HANGU_ASSERT(is_new);
}

GdalFile::GdalFile(std::string name, os::FdView output, std::uint64_t bytes_max)
    : name_(std::move(name)) {
  install();
  const auto [slot, is_new] =
      slots().emplace(name_, Slot{.content = output, .output = output, .bytes_max = bytes_max});
  HANGU_ASSERT(is_new);
  // GDAL asks for what is in the way to be deleted first, and an empty file is not.
  set_length(slot->second, 0);
}

GdalFile::~GdalFile() { slots().erase(name_); }

std::string GdalFile::path() const { return kPrefix + name_; }

Done GdalFile::good() const {
  const auto& error = slots().at(name_).error;
  return error ? Done(std::unexpected(*error)) : Done();
}

}  // namespace hangu::geo
