// The story that travels with a package, and the warrant that the mover makes of it. The first byte
// of an input says what the rest is:
//   0  a story's text
//   1  changes to the text of an honest story: position (u16), bytes to drop (u8), count (u8) and
//      as many bytes to put there; any number of them, one behind the other
//   2  which document (u8), and changes to it: the stages that name it lie and sign what comes out
// Nobody but the stages can make a story that is released: under 0 and 1 only the honest one is.

#include <algorithm>

#include "tests/fuzz/target.hpp"
#include "tests/unit/flow/chain_builder.hpp"

namespace {

using namespace hangu;

struct Honest {
  test::ChainBuilder builder;
  flow::ReceiptChain chain = builder.build();
  std::string text = chain.to_text();
};
const Honest& honest() {
  static const Honest kMade;
  return kMade;
}

constexpr std::array<std::string_view, 6> kDocuments{"submission", "decision", "certificate",
                                                     "approvals",  "cleared",  "rendition"};

bool is_honest(const flow::ReceiptChain& chain) {
  const flow::ReceiptChain& good = honest().chain;
  const auto same_receipt = [](const flow::Receipt& a, const flow::Receipt& b) {
    return a.index == b.index && a.entry == b.entry && a.path == b.path;
  };
  const auto same_document = [&](std::string_view name) {
    const auto at = chain.documents.find(std::string(name));
    return at != chain.documents.end() && at->second == good.documents.at(std::string(name));
  };
  return std::ranges::equal(chain.receipts, good.receipts, same_receipt) &&
         std::ranges::all_of(kDocuments, same_document);
}

void try_text(std::string_view text) {
  const auto chain = flow::ReceiptChain::parse(text);
  if (!chain) {
    fuzz::must_hold(!chain.error().reason().empty());
    return;
  }
  const std::string written = chain->to_text();
  const auto again = flow::ReceiptChain::parse(written);
  fuzz::must_hold(again && again->to_text() == written);
  const auto warrant = honest().builder.authorise(*chain);
  fuzz::must_hold(warrant ? is_honest(*chain) : !warrant.error().reason().empty());
}

std::string changed(std::string text, ByteView changes) {
  while (changes.size() >= 4) {
    const auto byte = [&](std::size_t i) { return std::to_integer<std::size_t>(changes[i]); };
    const std::size_t at = std::min(byte(0) << 8 | byte(1), text.size());
    const ByteView put = changes.subspan(4, std::min(byte(3), changes.size() - 4));
    text.replace(at, std::min(byte(2), text.size() - at), text_of(put));
    changes = changes.subspan(4 + put.size());
  }
  return text;
}

void try_lie(ByteView input) {
  if (input.empty()) return;
  const std::string name(kDocuments[std::to_integer<std::size_t>(input[0]) % kDocuments.size()]);
  const std::string good(text_of(honest().chain.documents.at(name)));
  const std::string document = changed(good, input.subspan(1));
  const auto digest = crypto::digest_of(crypto::HashAlgorithm::sha256, bytes_of(document));
  static test::ChainBuilder liar;  // making its keys takes longer than all the rest
  liar.change_step.clear();
  const auto names_it = [&](flow::Stage stage) {
    liar.change_step[stage] = [&](flow::Step& step) { step.evidence[name] = digest; };
  };
  using flow::Stage;
  if (name == "submission") names_it(Stage::verify), names_it(Stage::clear);
  if (name == "decision") names_it(Stage::decide);
  if (name == "certificate") names_it(Stage::check);
  if (name == "approvals") names_it(Stage::approve);
  if (name == "cleared") names_it(Stage::clear);
  if (name == "rendition") {
    for (const Stage stage : {Stage::check, Stage::approve, Stage::clear})
      liar.change_step[stage] = [&](flow::Step& step) { step.input = step.output = digest; };
    liar.change_step[Stage::transform] = [&](flow::Step& step) { step.output = digest; };
  }
  flow::ReceiptChain chain = liar.build();
  chain.documents[name] = to_bytes(document);
  const auto warrant = liar.authorise(chain);
  if (!warrant) {
    fuzz::must_hold(document != good && !warrant.error().reason().empty());
    return;
  }
  // Whoever lies about one document alone gets nothing new out: what it must agree with is signed
  // by others.
  fuzz::must_hold(warrant->rendition() == liar.rendition &&
                  warrant->submission().objects == liar.submission.objects &&
                  warrant->submission().label == liar.submission.label &&
                  warrant->decision().allowed &&
                  warrant->decision().recipients == liar.decision.recipients);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView input = fuzz::view(data + 1, size - 1);
  switch (data[0] % 3) {
    case 0: try_text(text_of(input)); break;
    case 1: try_text(changed(honest().text, input)); break;
    default: try_lie(input);
  }
  return 0;
}
