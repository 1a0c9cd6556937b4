#include "directory/holder.hpp"

#include <algorithm>
#include <iterator>

namespace hangu::directory {
namespace {

constexpr std::array<std::size_t, 4> kHyphens{8, 13, 18, 23};

std::set<std::string> values_of(const RawEntry& entry, const std::string& name) {
  const auto found = entry.values.find(name);
  if (found == entry.values.end()) return {};
  return {found->second.begin(), found->second.end()};
}

/// What an officer granted and the entry still has.
std::set<std::string> both(const std::set<std::string>& granted,
                           const std::set<std::string>& present) {
  std::set<std::string> out;
  std::ranges::set_intersection(granted, present, std::inserter(out, out.end()));
  return out;
}

/// The grant of an entry. Errors: what is wrong with it.
Result<policy::Grant> grant_of(const RawEntry& entry, std::span<const crypto::VerifyKey> officers) {
  const auto found = entry.values.find("hangugrant");
  if (found == entry.values.end()) return fail(ErrorCode::forbidden, "grant-missing");
  if (found->second.size() != 1) return fail(ErrorCode::forbidden, "grant-twice");
  HANGU_TRY(policy::Grant grant, policy::Grant::open(found->second.front(), officers));
  if (grant.entry != uuid_text(entry.id))
    return fail(ErrorCode::forbidden, "grant-other-entry", grant.entry);
  return grant;
}

policy::NodeRecord narrowed(policy::NodeRecord node, const RawEntry& entry) {
  const std::set<std::string> keys = values_of(entry, "hangukey");
  node.zones = both(node.zones, values_of(entry, "hanguzone"));
  if (node.roles) node.roles = both(*node.roles, values_of(entry, "hangurole"));
  std::erase_if(node.signing_keys, [&](const auto& key) { return !keys.contains(key.id()); });
  std::erase_if(node.recipient_keys,
                [&](const auto& key) { return !keys.contains(to_hex(key.id())); });
  return node;
}

policy::PersonRecord narrowed(policy::PersonRecord person, const RawEntry& entry,
                              WallTime not_after) {
  const std::set<std::string> keys = values_of(entry, "hangukey");
  person.roles = both(person.roles, values_of(entry, "hangurole"));
  std::erase_if(person.signing_keys, [&](const auto& key) { return !keys.contains(key.id()); });
  person.not_after = std::min(person.not_after, not_after);
  return person;
}

Done take_grant(const RawEntry& entry, std::span<const crypto::VerifyKey> officers, Holder& out) {
  HANGU_TRY(policy::Grant grant, grant_of(entry, officers));
  const bool is_node = !grant.holder.nodes().empty();
  const std::string& name = is_node ? grant.holder.nodes().front().node.text()
                                    : grant.holder.people().front().person.text();
  if (values_of(entry, "hanguname") != std::set{name})
    return fail(ErrorCode::forbidden, "grant-other-name", name);
  out.not_after = grant.not_after;
  if (is_node) {
    out.node = narrowed(grant.holder.nodes().front(), entry);
  } else {
    out.person = narrowed(grant.holder.people().front(), entry, grant.not_after);
    out.not_after = out.person->not_after;
    out.compartments = std::move(grant.compartments);
  }
  return {};
}

}  // namespace

Result<EntryId> parse_entry_id(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (!policy::is_entry_uuid(lower)) return fail(ErrorCode::malformed, "entry-uuid-invalid");
  std::erase(lower, '-');
  HANGU_TRY(const Bytes bytes, from_hex(lower));
  EntryId out{};
  std::ranges::copy(bytes, out.begin());
  return out;
}

std::string uuid_text(const EntryId& id) {
  std::string out = to_hex(id);
  for (const std::size_t at : kHyphens) out.insert(at, 1, '-');
  return out;
}

Digest digest_of(const RawEntry& entry) {
  crypto::Hasher hasher(crypto::HashAlgorithm::sha256);
  const auto counted = [&](std::string_view text) {
    std::array<std::byte, 4> length{};
    store_u32(length, static_cast<std::uint32_t>(text.size()));
    hasher.update(length).update(bytes_of(text));
  };
  hasher.update(entry.id);
  for (const auto& [name, values] : entry.values) {
    std::vector<std::string_view> sorted(values.begin(), values.end());
    std::ranges::sort(sorted);  // a server may send them in any order
    for (const std::string_view value : sorted) {
      counted(name);
      counted(value);
    }
  }
  return hasher.finish();
}

void name_keys(Holder& holder) {
  const auto name = [&](const std::vector<crypto::VerifyKey>& keys) {
    for (const crypto::VerifyKey& key : keys) holder.signing_ids.push_back(key.id());
  };
  if (holder.person) name(holder.person->signing_keys);
  if (!holder.node) return;
  name(holder.node->signing_keys);
  for (const crypto::RecipientKey& key : holder.node->recipient_keys)
    holder.recipient_ids.push_back(to_hex(key.id()));
}

std::shared_ptr<const Holder> read_holder(const RawEntry& entry,
                                          std::span<const crypto::VerifyKey> officers) {
  const auto out = std::make_shared<Holder>();
  out->id = entry.id;
  out->digest = digest_of(entry);
  if (const Done taken = take_grant(entry, officers, *out); !taken)
    out->refusal = taken.error().reason();
  name_keys(*out);
  return out;
}

}  // namespace hangu::directory
