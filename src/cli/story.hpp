#pragma once
// Story: what a released package carries about itself, checked offline by its receiver: the log
// entries of every step with their proofs, the documents they name, and who approved.

#include "cli/command.hpp"
#include "flow/receipt.hpp"
#include "flow/warrant.hpp"
#include "package/reader.hpp"

namespace hangu::cli {

/// The story object of an opened release, verified to be the one that its statement names.
/// Errors: those of Reader::extract and ReceiptChain::parse; Malformed "story-empty".
[[nodiscard]] Result<flow::ReceiptChain> read_story(const package::Reader& reader);

/// Checks a release and its story against `trust`: the release statement is signed by emit; the
/// chain authorises its transfer at the time of the clearing entry (emission followed within its
/// validity); and what the statement names — objects, label, origin, destination, suite — is what
/// the warrant allows. Errors: Forbidden "release-unsigned", "story-rendition", "story-label",
/// "story-flow"; those of flow::authorise.
[[nodiscard]] Result<flow::Warrant> check_story(const package::Contents& contents,
                                                const flow::ReceiptChain& chain,
                                                const flow::WarrantTrust& trust);
/// By the first of `trusts`, which differ in the log's key, that signed the chain's checkpoint.
[[nodiscard]] Result<flow::Warrant> check_story(const package::Contents& contents,
                                                const flow::ReceiptChain& chain,
                                                std::span<const flow::WarrantTrust> trusts);

/// Shows each step with its time, and who approved with which words. Says nothing about whether it
/// is true.
void tell_story(Session& session, const flow::ReceiptChain& chain);

}  // namespace hangu::cli
