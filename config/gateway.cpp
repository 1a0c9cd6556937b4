#include "config/gateway.hpp"

#include "base/text.hpp"
#include "config/toml_table.hpp"
#include "os/file.hpp"

namespace hangu::config {
namespace {

Result<Carrier> parse_carrier(std::string_view text) {
  if (text == "online") return Carrier::online;
  if (text == "one-way") return Carrier::one_way;
  if (text == "media") return Carrier::media;
  return fail(ErrorCode::malformed, "config-value", "carrier: online, one-way or media");
}

Result<Zone> parse_zone(const std::string& id, const toml::table& table) {
  TomlTable t(table, "zone." + printable(id, 40));
  HANGU_TRY(ZoneId zone_id, ZoneId::create(id));
  Zone zone{std::move(zone_id),
            t.text("title_zh"),
            t.text("title_en"),
            t.text("address"),
            static_cast<std::uint16_t>(t.integer("receive_port", 0, 65535, 0)),
            static_cast<std::uint16_t>(t.integer("deliver_port", 0, 65535, 0)),
            std::nullopt};
  if (std::string name = t.text("network_namespace", ""); !name.empty()) {
    if (!check_id(IdForm::name, name)) t.note("config-value", table, "network_namespace");
    zone.network_namespace = std::move(name);
  }
  HANGU_CHECK(t.finish());
  return zone;
}

Result<Link> parse_link(const toml::node& node, const Gateway& gateway) {
  const toml::table* table = node.as_table();
  if (table == nullptr) return fail(ErrorCode::malformed, "config-value", "[[link]] is a table");
  TomlTable t(*table, "link");
  const std::string from = t.text("from");
  const std::string to = t.text("to");
  const std::string carrier = t.text("carrier");
  HANGU_CHECK(t.finish());
  HANGU_TRY(ZoneId from_id, ZoneId::create(from));
  HANGU_TRY(ZoneId to_id, ZoneId::create(to));
  HANGU_TRY(const Carrier by, parse_carrier(carrier));
  if (gateway.zone(from_id) == nullptr || gateway.zone(to_id) == nullptr || from_id == to_id)
    return fail(ErrorCode::malformed, "config-value", "link " + from + " to " + to);
  return Link{std::move(from_id), std::move(to_id), by};
}

/// Only in the anchors: what names who is believed belongs to whoever sets the gateway up.
bool is_anchor_path(std::string_view path) {
  constexpr std::string_view kFolder = "anchors/";
  return path.starts_with(kFolder) && check_id(IdForm::name, path.substr(kFolder.size()));
}

Result<WitnessPlan> parse_witness(const toml::table& table, const Gateway& gateway) {
  TomlTable t(table, "witness");
  std::string policy = t.text("policy");
  const std::string zone = t.text("zone");
  HANGU_CHECK(t.finish());
  HANGU_TRY(ZoneId id, ZoneId::create(zone));
  if (!is_anchor_path(policy))
    return fail(ErrorCode::malformed, "config-value", "witness.policy is \"anchors/<file>\"");
  if (gateway.zone(id) == nullptr)
    return fail(ErrorCode::malformed, "config-value", "witness.zone: no zone " + zone);
  return WitnessPlan{std::move(policy), std::move(id)};
}

Result<Quotas> parse_quotas(const toml::table* table) {
  static const toml::table kEmpty;
  TomlTable t(table != nullptr ? *table : kEmpty, "quotas");
  constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;
  const Quotas quotas{
      t.integer("package_bytes_max", 1, std::uint64_t{1} << 50, 1024 * kGiB),
      t.integer("node_bytes_in_flight_max", 1, std::uint64_t{1} << 50, 2048 * kGiB),
      static_cast<std::uint32_t>(t.integer("node_transfers_in_flight_max", 1, 1'000'000, 10'000)),
      static_cast<std::uint32_t>(t.integer("node_requests_per_minute", 1, 10'000'000, 60'000)),
      static_cast<std::uint32_t>(t.integer("node_uploads_open_max", 1, 10'000, 64))};
  HANGU_CHECK(t.finish());
  return quotas;
}

/// Six months are the least that the law asks for (网络安全法 art. 21(3)).
Result<AuditTerms> parse_audit(const toml::table* table) {
  static const toml::table kEmpty;
  TomlTable t(table != nullptr ? *table : kEmpty, "audit");
  AuditTerms terms{static_cast<std::uint32_t>(t.integer("retention_months", 6, 1200, 36)),
                   t.text("tpm", "")};
  HANGU_CHECK(t.finish());
  return terms;
}

bool is_numeric_address(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("0123456789abcdefABCDEF.:") == std::string_view::npos;
}

Result<Forwarding> parse_forwarding(const toml::table& table) {
  constexpr std::uint64_t kSyslogTls = 6514;
  constexpr std::uint64_t kDocumentationNumber = 32473;  // RFC 5612
  TomlTable t(table, "forward");
  Forwarding out{t.text("address"),
                 static_cast<std::uint16_t>(t.integer("port", 1, 65535, kSyslogTls)),
                 t.text("server_name"),
                 t.text("certificate"),
                 t.text("key"),
                 t.text("authority"),
                 static_cast<std::uint32_t>(
                     t.integer("enterprise_number", 1, 0xffff'ffff, kDocumentationNumber)),
                 t.text("language", "en") == "zh",
                 std::nullopt};
  if (const std::string language = t.text("language", "en"); language != "en" && language != "zh")
    t.note("config-value", table, "forward.language must be en or zh");
  if (std::string name = t.text("network_namespace", ""); !name.empty()) {
    if (!check_id(IdForm::name, name)) t.note("config-value", table, "network_namespace");
    out.network_namespace = std::move(name);
  }
  for (const std::string* path : {&out.certificate, &out.key, &out.authority})
    if (!path->starts_with('/')) t.note("config-value", table, "forward: an absolute path");
  if (!is_numeric_address(out.address))
    t.note("config-value", table, "forward.address must be numeric");
  if (out.server_name.empty()) t.note("config-value", table, "forward.server_name");
  HANGU_CHECK(t.finish());
  return out;
}

constexpr std::uint64_t kAgeSecondsMax = 86'400;

std::chrono::seconds seconds_in(TomlTable& t, std::string_view key,
                                std::chrono::seconds otherwise) {
  return std::chrono::seconds(
      t.integer(key, 1, kAgeSecondsMax, static_cast<std::uint64_t>(otherwise.count())));
}

/// What is wrong with the values of `out`, each noted.
void check_directory(const DirectoryPlan& out, const toml::table& table, TomlTable& t) {
  const auto wrong = [&](const char* why) { t.note("config-value", table, why); };
  for (const std::string* path : {&out.certificate, &out.key, &out.authority})
    if (!path->starts_with('/')) wrong("directory: an absolute path");
  if (!is_numeric_address(out.address)) wrong("directory.address must be numeric");
  if (out.server_name.empty()) wrong("directory.server_name");
  if (out.base.empty()) wrong("directory.base");
  if (!out.crl.empty() && !is_anchor_path(out.crl)) wrong("directory.crl is \"anchors/<file>\"");
  for (const std::chrono::seconds age : {out.ages.confidential, out.ages.secret, out.ages.internal})
    if (age < 2 * out.heartbeat) wrong("directory: an age is at least two heartbeats");
}

Result<DirectoryPlan> parse_directory(const toml::table& table) {
  constexpr std::uint64_t kLdaps = 636;
  constexpr std::uint64_t kLdap = 389;
  constexpr std::chrono::seconds kHeartbeat{10};
  TomlTable t(table, "directory");
  const bool start_tls = t.boolean("start_tls", false);
  const DirectoryAges usual;
  DirectoryPlan out{
      t.text("address"),
      static_cast<std::uint16_t>(t.integer("port", 1, 65535, start_tls ? kLdap : kLdaps)),
      t.text("server_name"),
      start_tls,
      t.text("base"),
      t.text("certificate"),
      t.text("key"),
      t.text("authority"),
      t.text("crl", ""),
      seconds_in(t, "heartbeat_s", kHeartbeat),
      {seconds_in(t, "age_confidential_s", usual.confidential),
       seconds_in(t, "age_secret_s", usual.secret),
       seconds_in(t, "age_internal_s", usual.internal)},
      std::nullopt};
  if (std::string name = t.text("network_namespace", ""); !name.empty()) {
    if (!check_id(IdForm::name, name)) t.note("config-value", table, "network_namespace");
    out.network_namespace = std::move(name);
  }
  check_directory(out, table, t);
  HANGU_CHECK(t.finish());
  return out;
}

}  // namespace

Result<Gateway> Gateway::load(const std::string& path) {
  HANGU_TRY(const Bytes bytes, os::read_file(path, kConfigBytesMax));
  Result<Gateway> gateway = parse(text_of(bytes));
  if (!gateway) return std::unexpected(gateway.error().within(path));
  return gateway;
}

Result<Gateway> Gateway::parse(std::string_view text) {
  HANGU_TRY(const toml::table root, parse_toml(text));
  TomlTable t(root, "gateway");
  Gateway out;
  out.name = t.text("name");
  out.folder = t.text("folder");
  out.uid_base = static_cast<std::uint32_t>(t.integer("uid_base", 0, 2'000'000'000, 0));
  out.retention_days = static_cast<std::uint32_t>(t.integer("retention_days", 1, 36'500, 30));
  const toml::table* zones = t.table("zone");
  const toml::array* links = t.array("link");
  const toml::table* quotas = t.table("quotas");
  const toml::table* audit = t.table("audit");
  const toml::table* forward = t.table("forward");
  const toml::table* witness = t.table("witness");
  const toml::table* directory = t.table("directory");
  if (const toml::table* uids = t.table("uids"); uids != nullptr) {
    TomlTable each(*uids, "uids");
    for (const auto& [program, node] : *uids)
      out.uids[std::string(program.str())] =
          static_cast<std::uint32_t>(each.integer(program.str(), 1, 2'000'000'000, 0));
    HANGU_CHECK(each.finish());
  }
  HANGU_CHECK(t.finish());
  if (!check_id(IdForm::name, out.name) || !out.folder.starts_with('/'))
    return fail(ErrorCode::malformed, "config-value", "name is an id, folder an absolute path");
  if (zones == nullptr || zones->empty() || zones->size() > kZonesMax)
    return fail(ErrorCode::malformed, "config-value", "1.." + std::to_string(kZonesMax) + " zones");
  for (const auto& [id, node] : *zones) {
    if (!node.is_table()) return fail(ErrorCode::malformed, "config-value", "[zone.NAME]");
    HANGU_TRY(Zone zone, parse_zone(std::string(id.str()), *node.as_table()));
    out.zones.push_back(std::move(zone));
  }
  if (links != nullptr) {
    if (links->size() > kLinksMax) return fail(ErrorCode::malformed, "config-value", "links");
    for (const toml::node& node : *links) {
      HANGU_TRY(Link link, parse_link(node, out));
      out.links.push_back(std::move(link));
    }
  }
  HANGU_TRY(out.quotas, parse_quotas(quotas));
  HANGU_TRY(out.audit, parse_audit(audit));
  if (forward != nullptr) {
    HANGU_TRY(out.forward, parse_forwarding(*forward));
  }
  if (witness != nullptr) {
    HANGU_TRY(out.witness, parse_witness(*witness, out));
  }
  if (directory != nullptr) {
    HANGU_TRY(out.directory, parse_directory(*directory));
  }
  return out;
}

const Zone* Gateway::zone(const ZoneId& id) const {
  for (const Zone& zone : zones)
    if (zone.id == id) return &zone;
  return nullptr;
}

bool Gateway::linked(const ZoneId& from, const ZoneId& to, Carrier carrier) const {
  for (const Link& link : links)
    if (link.from == from && link.to == to && link.carrier == carrier) return true;
  return false;
}

}  // namespace hangu::config
