#pragma once
// Gateway configuration: one TOML file that every program reads before it locks itself in.
// config/gateway.example.toml is the documented example. docs/operations/configuration.md.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "config/trust.hpp"

namespace hangu::config {

inline constexpr std::size_t kConfigBytesMax = 256 * 1024;
inline constexpr std::size_t kZonesMax = 8;
inline constexpr std::size_t kLinksMax = 64;

/// How bytes move along a link.
enum class Carrier : std::uint8_t { online, one_way, media };

/// A permitted direction between two zones. What is absent is impossible.
struct Link {
  ZoneId from;
  ZoneId to;
  Carrier carrier;
};

/// One network that the gateway stands in.
struct Zone {
  ZoneId id;
  std::string title_zh;
  std::string title_en;
  std::string address;         ///< where receive and deliver listen: numeric, "127.0.0.1"
  std::uint16_t receive_port;  ///< 0 = any free one
  std::uint16_t deliver_port;
  std::optional<std::string> network_namespace;  ///< name under /run/netns
};

/// Bounds an administrator may set.
struct Quotas {
  std::uint64_t package_bytes_max;         ///< one package
  std::uint64_t node_bytes_in_flight_max;  ///< one node's packages that have not ended
  std::uint32_t node_transfers_in_flight_max;
  std::uint32_t node_requests_per_minute;
  std::uint32_t node_uploads_open_max;  ///< begun and not finished, of one node in one zone
};

/// The audit log's own terms.
struct AuditTerms {
  std::uint32_t retention_months;  ///< entries younger than that are never deleted
  std::string tpm;                 ///< tpm2-tss's name of the TPM that counts; empty: a file does
};

/// Where the audit log's lines go as they are published: a syslog receiver over TLS (RFC 5425).
/// docs/operations/auditor-reports.md §4.
struct Forwarding {
  std::string address;                           ///< numeric: no name is looked up
  std::uint16_t port;                            ///< 6514 by custom
  std::string server_name;                       ///< what the receiver's certificate must carry
  std::string certificate;                       ///< absolute paths: what we show,
  std::string key;                               ///< its key (PKCS#8 PEM),
  std::string authority;                         ///< and who issued the receiver's certificate
  std::uint32_t enterprise_number;               ///< of "hangu@…"; 32473 is for documentation
  bool chinese;                                  ///< language of the sentences
  std::optional<std::string> network_namespace;  ///< name under /run/netns; none: the machine's
};

/// Who sees the audit log from outside, and how the feeder reaches them.
struct WitnessPlan {
  std::string policy;  ///< "anchors/<file>" below the gateway's folder
  ZoneId zone;         ///< the feeder works in this zone's network
};

/// How old what is known of the directory may be, for what is of a grade of secrecy: beyond that
/// nothing of it is allowed. docs/protocols/directory.md §5.
struct DirectoryAges {
  std::chrono::seconds confidential{60};  ///< and top secret
  std::chrono::seconds secret{300};
  std::chrono::seconds internal{3600};  ///< and open
};

/// The central directory (LDAP), where it and not the signed file says who somebody is.
/// docs/operations/directory.md.
struct DirectoryPlan {
  std::string address;                           ///< numeric: no name is looked up
  std::uint16_t port;                            ///< 636 by custom, 389 with StartTLS
  std::string server_name;                       ///< what the server's certificate must carry
  bool start_tls;                                ///< ldap:// and StartTLS, else ldaps://
  std::string base;                              ///< DN below which everybody is
  std::string certificate;                       ///< absolute paths: what we show,
  std::string key;                               ///< its key (PEM),
  std::string authority;                         ///< and who issued the server's certificate
  std::string crl;                               ///< "anchors/<file>" (PEM); empty: none is asked
  std::chrono::seconds heartbeat;                ///< between two proofs that we know the present
  DirectoryAges ages;                            ///< each at least two heartbeats
  std::optional<std::string> network_namespace;  ///< name under /run/netns; none: the machine's
};

struct Gateway {
  std::string name;        ///< e.g. "gw-320000"; also the audit log's origin "<name>/audit"
  std::string folder;      ///< absolute; everything of this gateway is below it
  std::uint32_t uid_base;  ///< first of the programs' uids; 0 = stay as the caller
  std::map<std::string, std::uint32_t> uids;  ///< program -> uid, when each is set by hand
  std::vector<Zone> zones;
  std::vector<Link> links;
  Quotas quotas;
  std::uint32_t retention_days;
  AuditTerms audit;
  std::optional<Forwarding> forward;
  std::optional<WitnessPlan> witness;        ///< absent: nobody is asked
  std::optional<DirectoryPlan> directory{};  ///< absent: the signed file of people is the directory

  /// Errors: Malformed "config-syntax", "config-unknown-key", "config-value" with line:column;
  /// file errors of os::read_file.
  [[nodiscard]] static Result<Gateway> load(const std::string& path);
  [[nodiscard]] static Result<Gateway> parse(std::string_view text);

  [[nodiscard]] const Zone* zone(const ZoneId& id) const;
  [[nodiscard]] bool linked(const ZoneId& from, const ZoneId& to, Carrier carrier) const;
  /// The file of the witness policy. A defect without a witness plan.
  [[nodiscard]] std::string witness_policy_file() const {
    HANGU_ASSERT(witness.has_value());
    return folder + "/" + witness->policy;
  }
  /// The origin line of this gateway's audit log.
  [[nodiscard]] std::string log_origin() const { return log_origin_of(name); }
};

}  // namespace hangu::config
