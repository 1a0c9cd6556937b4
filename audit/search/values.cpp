#include "audit/search/values.hpp"

#include <algorithm>

#include "flow/label.hpp"

namespace hangu::audit::search {
namespace {

class Values {
 public:
  void add(Field field, std::string_view text) {
    if (text.empty()) return;
    Value value{field, std::string(text)};
    if (std::ranges::find(values_, value) == values_.end()) values_.push_back(std::move(value));
  }
  void add(Field field, const std::vector<std::string>& texts) {
    for (const std::string& text : texts) add(field, text);
  }
  [[nodiscard]] std::vector<Value> take() { return std::move(values_); }

 private:
  std::vector<Value> values_;
};

/// "sha256-tree:<size>:<root>": the root tells it apart, and is what people paste.
std::string_view root_of_digest(std::string_view digest) {
  return digest.substr(digest.rfind(':') + 1);
}

void add_attributes(const EntryFacts& facts, Values& values) {
  values.add(Field::node, facts.node);
  values.add(Field::recipient, facts.recipients);
  values.add(Field::dataset, facts.dataset);
  values.add(Field::area, facts.areas);
  values.add(Field::secrecy, facts.secrecy);
  values.add(Field::grade, facts.grade);
  values.add(Field::owner, facts.owner);
  values.add(Field::from, facts.from);
  values.add(Field::to, facts.to);
  for (const std::string& digest : facts.packages)
    values.add(Field::package, root_of_digest(digest));
}

}  // namespace

std::vector<Value> own_values(const EntryFacts& facts) {
  Values values;
  values.add(Field::type, facts.readable ? std::string_view(facts.type) : "unreadable");
  values.add(Field::stage, facts.stage);
  values.add(Field::program, facts.program);
  values.add(Field::actor, facts.actor());
  values.add(Field::decision, to_text(facts.decision));
  values.add(Field::reason, facts.reason);
  values.add(Field::rule, facts.rules);
  values.add(Field::policy, facts.policy);
  values.add(Field::transfer, facts.transfer);
  add_attributes(facts, values);
  values.add(Field::actor, facts.signers);
  values.add(Field::actor, facts.witness);
  for (const LoginFacts& login : facts.logins) {
    values.add(Field::from, login.zone);
    values.add(Field::node, login.node);
  }
  for (const DocumentFacts& document : facts.documents) values.add(Field::object, document.name);
  for (const RefusalFacts& refusal : facts.refused) {
    values.add(Field::from, refusal.zone);
    values.add(Field::node, refusal.node);
    values.add(Field::reason, refusal.reason);
  }
  for (const ObjectFacts& object : facts.seen) {
    values.add(Field::object, object.name);
    values.add(Field::reason, object.reason);
    values.add(Field::action, object.actions);
  }
  const FactText headline = headline_of(facts);
  values.add(Field::headline, headline.zh + " " + headline.en);
  values.add(Field::words, facts.words);
  values.add(Field::words, facts.detail);
  return values.take();
}

std::vector<Value> stated_values(const EntryFacts& facts) {
  Values values;
  add_attributes(facts, values);
  return values.take();
}

std::string searched_text(Field field, std::string_view text) {
  std::string out(text);
  switch (field) {
    case Field::transfer:
    case Field::package:
    case Field::area: return {};
    case Field::stage: return out + " " + std::string(stage_in_chinese(text));
    case Field::secrecy:
      if (const auto secrecy = flow::parse_secrecy(text))
        out += " " + std::string(flow::to_chinese(*secrecy));
      return out;
    case Field::grade:
      if (const auto grade = flow::parse_data_grade(text))
        out += " " + std::string(flow::to_chinese(*grade));
      return out;
    case Field::type:
    case Field::program:
    case Field::actor:
    case Field::decision:
    case Field::reason:
    case Field::rule:
    case Field::policy:
    case Field::node:
    case Field::recipient:
    case Field::dataset:
    case Field::owner:
    case Field::from:
    case Field::to:
    case Field::object:
    case Field::action:
    case Field::headline:
    case Field::words: return out;
  }
  return out;
}

}  // namespace hangu::audit::search
