#include "stages/inspect/inspect.hpp"

#include "line/documents.hpp"
#include "line/records.hpp"
#include "line/worker_job.hpp"
#include "os/file.hpp"

namespace hangu::stages {
namespace {

using line::Outcome;

/// One object read and measured, or the reason why not.
struct Inspected {
  std::optional<flow::ObjectRow> plain;
  std::string left_behind;
  wire::Json facts;
  std::optional<Outcome> stopped;
};

Inspected stopped(Outcome outcome) { return {std::nullopt, {}, nullptr, std::move(outcome)}; }

Result<Inspected> inspect_one(const line::Work& work, line::CustodianClient& custodian,
                              const std::string& worker_socket, const flow::ObjectRow& row) {
  const Result<plain::Format> format = plain::parse_media_type(row.media_type);
  if (!format)
    return stopped(Outcome::refused(work, format.error().reason()).at(row.name, row.media_type));
  HANGU_TRY(const line::Opened object,
            custodian.open(work.token, row.digest, line::As::descriptor));
  plain::WorkerRequest request;
  request.job = plain::WorkerJob::read;
  request.format = *format;
  HANGU_TRY(const line::JobResult read,
            line::run_job(work, custodian, worker_socket, request, object, row.digest.algorithm));
  const plain::WorkerReply& made = read.reply;
  if (!made.passed()) return stopped(line::stopped_at(work, row.name, made));
  os::drop_behind(object.file(), 0, row.digest.size);  // from here on plain form stands for it

  HANGU_TRY(const line::Opened plain_form,
            custodian.open(work.token, *read.output, line::As::descriptor));
  request.job = plain::WorkerJob::measure;
  HANGU_TRY(const line::JobResult measure, line::run_job(work, custodian, worker_socket, request,
                                                         plain_form, row.digest.algorithm));
  const plain::WorkerReply& measured = measure.reply;
  if (!measured.passed()) return stopped(line::stopped_at(work, row.name, measured));
  if (measured.content_digest != made.content_digest)
    return stopped(Outcome::failed(work, "worker-disagreement").at(row.name));
  return Inspected{flow::ObjectRow{row.name, std::string(kPlainMediaType), *read.output},
                   made.detail,
                   wire::JsonObject{{"name", row.name},
                                    {"format", plain::to_text(*format)},
                                    {"leftBehind", made.detail},
                                    {"content", to_hex(made.content_digest)},
                                    {"measured", measured.facts.value_or(wire::Json())}},
                   std::nullopt};
}

}  // namespace

Result<Outcome> inspect(const line::Work& work, line::CustodianClient& custodian,
                        const std::string& worker_socket) {
  HANGU_TRY(const flow::ObjectTable objects, line::read_table(work, custodian));
  std::vector<flow::ObjectRow> rows;
  wire::JsonArray facts;
  std::vector<line::FilterAction> actions;
  for (const flow::ObjectRow& row : objects.rows()) {
    HANGU_TRY(Inspected one, inspect_one(work, custodian, worker_socket, row));
    if (one.stopped) {
      actions.push_back(line::stopped_action(row, *one.stopped));
      one.stopped->records = line::filter_records(work.stage, actions);
      return *std::move(one.stopped);
    }
    actions.push_back({.name = row.name,
                       .object = row.digest,
                       .output = one.plain->digest,
                       .actions = std::move(one.left_behind)});
    rows.push_back(*std::move(one.plain));
    facts.push_back(std::move(one.facts));
  }
  HANGU_TRY(const flow::ObjectTable table, flow::ObjectTable::create(std::move(rows)));
  const crypto::HashAlgorithm algorithm = work.table.algorithm;
  HANGU_TRY(const crypto::ObjectDigest table_digest,
            custodian.store(work.token, table.to_bytes(), algorithm));
  HANGU_TRY(
      const crypto::ObjectDigest facts_digest,
      custodian.store(work.token, bytes_of(wire::Json(std::move(facts)).to_text()), algorithm));
  Outcome outcome = Outcome::passed(table_digest);
  outcome.evidence.emplace("plain", table_digest);
  outcome.evidence.emplace("facts", facts_digest);
  outcome.records = line::filter_records(work.stage, actions);
  return outcome;
}

}  // namespace hangu::stages
