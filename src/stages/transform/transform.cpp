#include "stages/transform/transform.hpp"

#include "base/limits.hpp"
#include "line/documents.hpp"
#include "line/records.hpp"
#include "line/worker_job.hpp"

namespace hangu::stages {
namespace {

using line::Outcome;

/// The format that inspect found for each object, by name.
Result<std::map<std::string, plain::Format>> read_formats(const line::Work& work,
                                                          line::CustodianClient& custodian) {
  HANGU_TRY(const Bytes text, line::read_evidence(work, custodian, "facts"));
  HANGU_TRY(const wire::Json facts, wire::Json::parse(text_of(text), kStatementBytesMax));
  const wire::JsonArray* items = facts.as_array();
  if (items == nullptr) return fail(ErrorCode::corrupt, "facts-invalid");
  std::map<std::string, plain::Format> out;
  for (const wire::Json& item : *items) {
    const wire::Json* name = item.find("name");
    const wire::Json* format = item.find("format");
    if (name == nullptr || format == nullptr || name->as_string() == nullptr ||
        format->as_string() == nullptr)
      return fail(ErrorCode::corrupt, "facts-invalid");
    for (const plain::Format known :
         {plain::Format::geopackage, plain::Format::geotiff, plain::Format::csv})
      if (plain::to_text(known) == *format->as_string()) out.emplace(*name->as_string(), known);
  }
  return out;
}

}  // namespace

Result<Outcome> transform(const line::Work& work, line::CustodianClient& custodian,
                          const std::string& worker_socket) {
  HANGU_TRY(const flow::Decision decision, line::read_decision(work, custodian, "decision"));
  if (!decision.obligations.declassifiers.empty())
    return Outcome::refused(work, "declassifier-missing");
  HANGU_TRY(const flow::ObjectTable plain_forms, line::read_table(work, custodian));
  HANGU_TRY(const auto formats, read_formats(work, custodian));

  std::vector<flow::ObjectRow> rows;
  std::vector<line::FilterAction> actions;
  for (const flow::ObjectRow& row : plain_forms.rows()) {
    const auto format = formats.find(row.name);
    if (format == formats.end()) return fail(ErrorCode::corrupt, "facts-invalid", row.name);
    HANGU_TRY(const line::Opened object,
              custodian.open(work.token, row.digest, line::As::descriptor));
    plain::WorkerRequest request;
    request.job = plain::WorkerJob::write;
    request.format = format->second;
    HANGU_TRY(const line::JobResult made,
              line::run_job(work, custodian, worker_socket, request, object, work.table.algorithm));
    if (!made.reply.passed()) {
      Outcome stopped = line::stopped_at(work, row.name, made.reply);
      actions.push_back(line::stopped_action(row, stopped));
      stopped.records = line::filter_records(work.stage, actions);
      return stopped;
    }
    actions.push_back({.name = row.name,
                       .object = row.digest,
                       .output = *made.output,
                       .actions = made.reply.detail});
    const std::string_view media_type = plain::media_type_of(format->second);
    // Without parameters: a table's media types are bare.
    rows.push_back(
        {row.name, std::string(media_type.substr(0, media_type.find(';'))), *made.output});
  }
  HANGU_TRY(const flow::ObjectTable table, flow::ObjectTable::create(std::move(rows)));
  HANGU_TRY(const crypto::ObjectDigest digest,
            custodian.store(work.token, table.to_bytes(), work.table.algorithm));
  Outcome outcome = Outcome::passed(digest);
  // The mover holds this against decide's own: those obligations must have been carried out.
  outcome.evidence.emplace("decision", *work.find("decision"));
  outcome.records = line::filter_records(work.stage, actions);
  return outcome;
}

}  // namespace hangu::stages
