#include "policy/directory_answer.hpp"

#include <array>

#include "base/limits.hpp"
#include "policy/signed_document.hpp"
#include "wire/text_set.hpp"

namespace hangu::policy {
namespace {

constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kNonceTextBytes = 2 * kNonceBytes;
constexpr std::size_t kRolesMax = 64;
constexpr std::size_t kNameBytesMax = 200;
constexpr std::size_t kHashTextBytes = 64;
constexpr std::int64_t kAgeMax = std::int64_t{1} << 53;

}  // namespace

std::string DirectoryQuestion::new_nonce(Entropy& entropy) {
  std::array<std::byte, kNonceBytes> bytes{};
  entropy.fill(bytes);
  return to_hex(bytes);
}

wire::Json DirectoryQuestion::to_json() const {
  wire::JsonArray ids;
  for (const NodeId& node : nodes) ids.emplace_back(node.text());
  return wire::JsonObject{{"anybody", anybody},
                          {"compartments", wire::to_array(compartments)},
                          {"grade", flow::to_text(grade)},
                          {"nodes", std::move(ids)},
                          {"nonce", nonce},
                          {"roles", wire::to_array(roles)},
                          {"secrecy", flow::to_text(secrecy)}};
}

Result<DirectoryQuestion> DirectoryQuestion::parse(const wire::Json& json) {
  wire::Fields f(json, "question");
  DirectoryQuestion out;
  out.anybody = f.boolean("anybody");
  out.compartments =
      wire::to_set(f.texts("compartments", flow::kCompartmentsMax, flow::kLabelTextBytesMax));
  const auto grade = f.accept("grade", flow::parse_data_grade(f.text("grade", 40)));
  const auto ids = f.texts("nodes", kRecipientsMax + 1, 64);
  out.nonce = f.text("nonce", kNonceTextBytes);
  out.roles = wire::to_set(f.texts("roles", kRolesMax, kNameBytesMax));
  const auto secrecy = f.accept("secrecy", flow::parse_secrecy(f.text("secrecy", 40)));
  HANGU_CHECK(f.finish());
  for (const std::string& id : ids) {
    HANGU_TRY(NodeId node, NodeId::create(id));
    out.nodes.insert(std::move(node));
  }
  out.grade = *grade;
  out.secrecy = *secrecy;
  return out;
}

Result<std::string> DirectoryAnswer::sign(const crypto::SigningKey& directory) const {
  HANGU_TRY(wire::Json known, wire::Json::parse(people.to_text(), kAnswerBytesMax));
  const wire::Json json = wire::JsonObject{{"age", state.age.count()},
                                           {"cookie", state.cookie},
                                           {"people", std::move(known)},
                                           {"question", question.to_json()},
                                           {"snapshot", state.snapshot}};
  return sign_document(kDirectoryAnswerPayloadType, json.to_text(), directory);
}

Result<DirectoryAnswer> DirectoryAnswer::open(std::string_view envelope_text,
                                              const crypto::VerifyKey& directory) {
  HANGU_TRY(const std::string text,
            open_signed(envelope_text, kDirectoryAnswerPayloadType, std::array{directory}));
  HANGU_TRY(const wire::Json json, wire::Json::parse(text, kAnswerBytesMax));
  wire::Fields f(json, "answer");
  DirectoryState state;
  state.age = std::chrono::milliseconds(f.integer("age", 0, kAgeMax));
  state.cookie = f.text("cookie", kCookieBytesMax);
  auto people = f.accept("people", PeopleFile::parse(f.value("people").to_text()));
  auto question = f.accept("question", DirectoryQuestion::parse(f.value("question")));
  state.snapshot = f.text("snapshot", kHashTextBytes);
  HANGU_CHECK(f.finish());
  return DirectoryAnswer{*std::move(question), std::move(state), *std::move(people)};
}

}  // namespace hangu::policy
