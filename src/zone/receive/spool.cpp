#include "zone/receive/spool.hpp"

#include <dirent.h>
#include <fcntl.h>

#include "os/failure.hpp"
#include "os/file.hpp"

namespace hangu::zone {
namespace {

constexpr std::size_t kUploadsMax = 100'000;
constexpr std::size_t kMetaBytesMax = 16 * 1024;
constexpr std::string_view kWholePrefix = "whole-";
constexpr std::string_view kPart = ".part";
constexpr std::string_view kMeta = ".json";

std::string file_name(std::string_view id, std::string_view suffix) {
  return std::string(id) + std::string(suffix);
}

/// Names in a folder, at most kUploadsMax * 2.
Result<std::vector<std::string>> names_in(const std::string& folder) {
  DIR* raw = ::opendir(folder.c_str());
  if (raw == nullptr) return fail(ErrorCode::internal, "spool-failed", folder, errno);
  struct Close {
    void operator()(DIR* dir) const { ::closedir(dir); }
  };
  const std::unique_ptr<DIR, Close> dir(raw);
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(dir.get())) {
    names.emplace_back(static_cast<const char*>(entry->d_name));
    if (names.size() > 2 * kUploadsMax) return fail(ErrorCode::exhausted, "uploads-too-many");
  }
  return names;
}

wire::Json to_json(const net::UploadMetadata& metadata) {
  wire::JsonObject out;
  for (const auto& [key, value] : metadata) out.emplace_back(key, to_base64(bytes_of(value)));
  return out;
}

Result<net::UploadMetadata> parse_metadata(const wire::Json& json) {
  const wire::JsonObject* members = json.as_object();
  if (members == nullptr) return fail(ErrorCode::malformed, "field-type", "metadata");
  net::UploadMetadata out;
  for (const auto& [key, value] : *members) {
    const std::string* text = value.as_string();
    HANGU_TRY(const Bytes bytes, from_base64(text != nullptr ? *text : "?"));
    out.emplace(key, text_of(bytes));
  }
  return out;
}

}  // namespace

net::OutHeaders arrival_headers(const Arrived& arrived) {
  return {{"Hangu-Transfer", arrived.transfer.text()},
          {"Hangu-State", std::string(flow::to_text(arrived.state))},
          {"Hangu-Known", arrived.known ? "true" : "false"}};
}

Result<std::unique_ptr<Spool>> Spool::open(std::string folder, SpoolLimits limits, Intake& intake,
                                           const Clock& clock, Entropy& entropy) {
  HANGU_TRY(os::UniqueFd opened, os::open_folder(folder));
  std::unique_ptr<Spool> spool(
      new Spool(std::move(folder), std::move(opened), limits, intake, clock, entropy));
  HANGU_CHECK(spool->load());
  return spool;
}

Done Spool::load() {
  HANGU_TRY(const std::vector<std::string> names, names_in(folder_));
  for (const std::string& name : names) {
    if (name.starts_with(kWholePrefix)) HANGU_CHECK(os::remove_file(folder_fd_.view(), name));
    if (name.ends_with(kMeta)) HANGU_CHECK(load_one(name.substr(0, name.size() - kMeta.size())));
  }
  return {};
}

Done Spool::load_one(const std::string& id) {
  HANGU_TRY(const Bytes bytes, os::read_file(folder_ + "/" + file_name(id, kMeta), kMetaBytesMax));
  HANGU_TRY(const wire::Json json, wire::Json::parse(text_of(bytes), kMetaBytesMax));
  wire::Fields f(json, "upload");
  Upload upload;
  upload.owner = f.text("owner", 64);
  upload.length =
      static_cast<std::uint64_t>(f.integer("length", 0, std::numeric_limits<std::int64_t>::max()));
  upload.created = f.accept("created", WallTime::parse(f.text("created", 40))).value_or(WallTime{});
  upload.metadata =
      f.accept("metadata", parse_metadata(f.value("metadata"))).value_or(net::UploadMetadata{});
  upload.known = f.has("known") && f.boolean("known");
  if (const wire::Json& done = f.value("transfer"); done.as_string() != nullptr)
    upload.transfer = f.accept("transfer", TransferId::create(*done.as_string()));
  HANGU_CHECK(f.finish());
  if (upload.transfer) {
    upload.offset = upload.length;
  } else {
    // Made, but its file was not: nothing was acknowledged.
    if (const Done opened = open_file(id, upload); !opened) return {};
    HANGU_TRY(const std::uint64_t size, os::file_size(upload.file.view()));
    upload.offset = std::min(size, upload.length);
    close_file(upload);
  }
  const Result<WallTime> now = clock_.now();
  upload.touched = now ? *now : upload.created;
  uploads_.emplace(id, std::move(upload));
  return {};
}

Done Spool::open_file(std::string_view id, Upload& upload) const {
  if (upload.file.valid()) return {};
  const int file =
      ::openat(folder_fd_.get(), file_name(id, kPart).c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (file < 0) return os::os_failure(errno, "spool-failed", file_name(id, kPart));
  upload.file = os::UniqueFd(file);
  return {};
}

void Spool::close_file(Upload& upload) {
  upload.behind.reset();
  upload.file.reset();
}

Done Spool::save(const std::string& id, const Upload& upload) const {
  const wire::Json json = wire::JsonObject{
      {"owner", upload.owner},
      {"length", upload.length},
      {"created", upload.created.to_text()},
      {"metadata", to_json(upload.metadata)},
      {"known", upload.known},
      {"transfer", upload.transfer ? wire::Json(upload.transfer->text()) : wire::Json(nullptr)}};
  return os::write_file_durably(folder_ + "/" + file_name(id, kMeta), bytes_of(json.to_text()));
}

std::string Spool::fresh_id() {
  std::array<std::byte, 16> random{};
  entropy_.fill(random);
  return to_hex(random);
}

Done Spool::check_quota(std::uint64_t length, std::string_view owner) const {
  if (length > limits_.package_bytes_max)
    return fail(ErrorCode::exhausted, "tus-upload-too-large", std::to_string(length));
  std::uint64_t bytes = length;
  std::uint32_t count = 1;
  for (const auto& [id, upload] : uploads_) {
    if (upload.owner != owner || upload.transfer) continue;
    bytes += upload.length;
    ++count;
  }
  if (count > limits_.node_open_max)
    return fail(ErrorCode::exhausted, "node-uploads-open",
                "at most " + std::to_string(limits_.node_open_max) +
                    " unfinished uploads of a node; finish or cancel earlier ones");
  if (bytes > limits_.node_bytes_max || count > limits_.node_uploads_max ||
      uploads_.size() >= kUploadsMax)
    return fail(ErrorCode::exhausted, "node-quota", std::string(owner));
  return {};
}

void Spool::remove(std::string_view id) {
  (void)os::remove_file(folder_fd_.view(), file_name(id, kPart)).has_value();
  (void)os::remove_file(folder_fd_.view(), file_name(id, kMeta)).has_value();
}

void Spool::drop_expired(WallTime now) {
  for (auto at = uploads_.begin(); at != uploads_.end();) {
    if (now - at->second.created < limits_.age_max) {
      ++at;
      continue;
    }
    remove(at->first);
    room_.let_go(at->first, now);
    at = uploads_.erase(at);
  }
}

/// Unfinished uploads that were left make way: of this owner, or of all when it is empty, `but`
/// not. Whether any did.
bool Spool::drop_idle(WallTime now, std::string_view owner, std::string_view but) {
  const std::size_t before = uploads_.size();
  for (auto at = uploads_.begin(); at != uploads_.end();) {
    const Upload& upload = at->second;
    const bool meant = (owner.empty() || upload.owner == owner) && at->first != but;
    if (!meant || upload.transfer || now - upload.touched < limits_.idle_max) {
      ++at;
      continue;
    }
    remove(at->first);
    at = uploads_.erase(at);  // its claim on room has lapsed before
  }
  return uploads_.size() < before;
}

Done Spool::claim_room(const std::string& id, std::uint64_t length, std::uint64_t held,
                       WallTime now) {
  Done claimed = room_.claim(id, length, held, now);
  if (claimed || claimed.error().reason() != "disk-full" || !drop_idle(now, {}, id)) return claimed;
  return room_.claim(id, length, held, now);
}

Result<std::string> Spool::create(std::uint64_t length, const net::UploadMetadata& metadata,
                                  std::string_view owner) {
  const std::scoped_lock lock(mutex_);
  HANGU_TRY(const WallTime now, clock_.now());
  drop_expired(now);
  if (!check_quota(length, owner)) drop_idle(now, owner, {});
  HANGU_CHECK(check_quota(length, owner));
  std::string id = fresh_id();
  HANGU_CHECK(claim_room(id, length, 0, now));
  Upload upload;
  upload.owner = owner;
  upload.length = length;
  upload.metadata = metadata;
  upload.created = now;
  upload.touched = now;
  Result<os::UniqueFd> file = os::create_file(folder_ + "/" + file_name(id, kPart));
  Done made = file ? save(id, upload) : Done(std::unexpected(file.error()));
  if (!made) {
    remove(id);
    room_.let_go(id, now);
    return std::unexpected(made.error());
  }
  uploads_.emplace(id, std::move(upload));
  return id;
}

Result<Spool::Upload*> Spool::find(std::string_view id, std::string_view owner) {
  const auto at = uploads_.find(id);
  if (at == uploads_.end() || at->second.owner != owner)
    return fail(ErrorCode::forbidden, "upload-unknown",
                "no upload of this node has that id; it may have ended");
  return &at->second;
}

Result<net::UploadState> Spool::state(std::string_view id, std::string_view owner) {
  const std::scoped_lock lock(mutex_);
  HANGU_TRY(Upload* const upload, find(id, owner));
  HANGU_CHECK(settle(id, *upload));
  return net::UploadState{upload->offset, upload->length, upload->metadata};
}

Done Spool::append(std::string_view id, std::string_view owner, std::uint64_t offset,
                   ByteView bytes) {
  const std::scoped_lock lock(mutex_);
  HANGU_TRY(Upload* const upload, find(id, owner));
  if (upload->transfer || offset != upload->offset || bytes.size() > upload->length - offset)
    return fail(ErrorCode::malformed, "tus-offset-conflict");
  HANGU_TRY(const WallTime now, clock_.now());
  if (!room_.holds(id, now))
    HANGU_CHECK(claim_room(std::string(id), upload->length, upload->offset, now));
  if (Done fits = room_.check_write(bytes.size()); !fits) {
    room_.let_go(id, now);
    return fits;
  }
  HANGU_CHECK(open_file(id, *upload));
  HANGU_CHECK(os::write_all_at(upload->file.view(), offset, bytes));
  upload->offset += bytes.size();
  upload->settled = false;
  upload->touched = now;
  room_.came(id, upload->offset, now);
  // What the disk has by the time that the custodian got it needs no memory any longer.
  if (!upload->behind) upload->behind.emplace(upload->file.view(), offset);
  upload->behind->reached(upload->offset);
  return upload->tree.follow(upload->file.get(), upload->offset);
}

/// Ends with the file closed.
Done Spool::settle(std::string_view id, Upload& upload) {
  Done synced;
  if (!upload.settled && !upload.transfer) {
    HANGU_CHECK(open_file(id, upload));
    synced = os::sync_data(upload.file.view());
    if (!synced) {
      upload.offset = 0;  // what was written counts as lost, and is sent again
      upload.tree = crypto::FileTree(crypto::HashAlgorithm::sha256);
    }
    upload.settled = synced.has_value();
  }
  close_file(upload);
  return synced;
}

Done Spool::settle(std::string_view id, std::string_view owner) {
  const std::scoped_lock lock(mutex_);
  HANGU_TRY(Upload* const upload, find(id, owner));
  return settle(id, *upload);
}

Result<net::OutHeaders> Spool::finished(std::string_view id, std::string_view owner) {
  const std::scoped_lock lock(mutex_);
  HANGU_TRY(Upload* const upload, find(id, owner));
  Result<net::OutHeaders> answer = hand_on(std::string(id), *upload);
  close_file(*upload);
  return answer;
}

/// To the custodian; what it has already is asked for.
Result<net::OutHeaders> Spool::hand_on(const std::string& id, Upload& upload) {
  HANGU_TRY(const NodeId node, NodeId::create(upload.owner));
  if (upload.transfer) {
    HANGU_TRY(const std::optional<ledger::Status> status, intake_.status(node, *upload.transfer));
    return arrival_headers(
        {*upload.transfer, status ? status->state : flow::State::received, upload.known});
  }
  HANGU_CHECK(open_file(id, upload));
  HANGU_TRY(const crypto::HashedObject hashed,
            upload.tree.finish(upload.file.get(), upload.length));
  HANGU_TRY(const Arrived arrived, intake_.take(node, {hashed.digest, {}, upload.file.view()}));
  upload.transfer = arrived.transfer;
  upload.known = arrived.known;
  HANGU_CHECK(save(id, upload));
  HANGU_CHECK(os::remove_file(folder_fd_.view(), file_name(id, kPart)));
  if (const Result<WallTime> now = clock_.now()) room_.let_go(id, *now);
  return arrival_headers(arrived);
}

Done Spool::terminate(std::string_view id, std::string_view owner) {
  const std::scoped_lock lock(mutex_);
  HANGU_TRY(const Upload* upload, find(id, owner));
  (void)upload;
  HANGU_CHECK(os::remove_file(folder_fd_.view(), file_name(id, kPart)));
  HANGU_CHECK(os::remove_file(folder_fd_.view(), file_name(id, kMeta)));
  if (const Result<WallTime> now = clock_.now()) room_.let_go(id, *now);
  uploads_.erase(uploads_.find(id));
  return {};
}

Result<WholeFile> Spool::begin_whole(std::uint64_t length) {
  const std::scoped_lock lock(mutex_);
  HANGU_TRY(const WallTime now, clock_.now());
  WholeFile whole;
  whole.name = std::string(kWholePrefix) + fresh_id();
  HANGU_CHECK(claim_room(whole.name, length, 0, now));
  Result<os::UniqueFd> file = os::create_file(folder_ + "/" + whole.name);
  if (!file) {
    room_.let_go(whole.name, now);
    return std::unexpected(file.error());
  }
  whole.file = *std::move(file);
  return whole;
}

Done Spool::append_whole(const WholeFile& whole, std::uint64_t held, ByteView bytes) {
  HANGU_TRY(const WallTime now, clock_.now());
  HANGU_CHECK(room_.check_write(bytes.size()));
  HANGU_CHECK(os::write_all_at(whole.file.view(), held, bytes));
  room_.came(whole.name, held + bytes.size(), now);
  return {};
}

Done Spool::discard_whole(const std::string& name) {
  const Done removed = os::remove_file(folder_fd_.view(), name);
  if (const Result<WallTime> now = clock_.now()) room_.let_go(name, *now);
  return removed;
}

}  // namespace hangu::zone
