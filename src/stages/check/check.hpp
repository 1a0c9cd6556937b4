#pragma once
// check: is the finished rendition exactly what plain form says? Issues the release certificate.

#include "line/custodian_client.hpp"
#include "line/outcome.hpp"

namespace hangu::stages {

/// Compares the rendition table of `work` with inspect's plain forms, row by row (names, order and
/// count are the same), checks every object (check/check_object.hpp), and certifies what was
/// measured.
///
/// Output table: the input again. Evidence: in "plain" (inspect's table of plain forms); out the
/// same "plain", which was compared with, and "certificate" (flow::ReleaseCertificate as JSON),
/// also when it says no.
/// Refusals: "rendition-table-differs", and the reason of the first object that failed
/// ("rendition-content-differs", "sqlite-residue", "tiff-tag", …). Verdict error: the reason of
/// what could not be decided ("…-limit", "crs-not-comparable").
/// Errors: those of custodian and disk.
[[nodiscard]] Result<line::Outcome> check_rendition(const line::Work& work,
                                                    line::CustodianClient& custodian);

}  // namespace hangu::stages
