#include "line/documents.hpp"

#include "base/limits.hpp"

namespace hangu::line {

Result<Bytes> read_evidence(const Work& work, CustodianClient& custodian, const std::string& name) {
  const crypto::ObjectDigest* digest = work.find(name);
  if (digest == nullptr) return fail(ErrorCode::corrupt, "evidence-missing", name);
  return custodian.read(work.token, *digest, kStatementBytesMax);
}

Result<flow::Decision> read_decision(const Work& work, CustodianClient& custodian,
                                     const std::string& name) {
  HANGU_TRY(const Bytes bytes, read_evidence(work, custodian, name));
  HANGU_TRY(const wire::Json json, wire::Json::parse(text_of(bytes), kStatementBytesMax));
  return flow::Decision::parse(json);
}

Result<flow::ObjectTable> read_table(const Work& work, CustodianClient& custodian) {
  return read_table(work, custodian, work.table);
}

Result<flow::ObjectTable> read_table(const Work& work, CustodianClient& custodian,
                                     const crypto::ObjectDigest& digest) {
  HANGU_TRY(const Bytes bytes, custodian.read(work.token, digest, kStatementBytesMax));
  return flow::ObjectTable::parse(bytes);
}

}  // namespace hangu::line
