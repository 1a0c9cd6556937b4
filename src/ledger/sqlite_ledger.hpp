#pragma once
// SqliteLedger: the ledger of one box, one file.

#include "ledger/ledger.hpp"
#include "sqlite/database.hpp"

namespace hangu::ledger {

class SqliteLedger final : public Ledger {
 public:
  /// Opens or makes the file, checks its integrity and brings it to today's schema.
  /// Errors: Unavailable "ledger-in-use"; Corrupt "ledger-corrupt"; those of migrate.
  [[nodiscard]] static Result<std::unique_ptr<SqliteLedger>> open(const std::string& path);

  [[nodiscard]] Done begin() override;
  [[nodiscard]] Done commit() override;
  [[nodiscard]] Done mark() override;
  [[nodiscard]] Done keep() override;
  [[nodiscard]] Done undo() override;

  [[nodiscard]] Result<std::optional<TransferRow>> find(const TransferId& id) override;
  [[nodiscard]] Result<std::optional<TransferRow>> find_by_token(const Token& token) override;
  [[nodiscard]] Result<std::optional<TransferRow>> find_free(flow::State state,
                                                             WallTime now) override;
  [[nodiscard]] Done add(const TransferRow& row) override;
  [[nodiscard]] Done update(const TransferRow& row) override;
  [[nodiscard]] Result<std::vector<TransferRow>> list(const std::vector<flow::State>& states,
                                                      std::size_t skip,
                                                      std::size_t rows_max) override;
  [[nodiscard]] Result<std::vector<TransferRow>> list_of_node(const ZoneId& zone,
                                                              const NodeId& node, std::size_t skip,
                                                              std::size_t rows_max) override;
  [[nodiscard]] Result<std::vector<TransferRow>> expired(WallTime now,
                                                         std::size_t rows_max) override;
  [[nodiscard]] Result<std::vector<TransferRow>> ending(std::size_t rows_max) override;
  [[nodiscard]] Result<std::vector<TransferRow>> retained(WallTime before,
                                                          std::size_t rows_max) override;
  [[nodiscard]] Done note_state(const TransferId& id, flow::State state, WallTime at) override;
  [[nodiscard]] Result<std::vector<StateChange>> history(const TransferId& id) override;

  [[nodiscard]] Done set_evidence(const TransferId& id, const std::string& name,
                                  const crypto::ObjectDigest& digest) override;
  [[nodiscard]] Result<Evidence> evidence(const TransferId& id) override;
  [[nodiscard]] Done set_step(const StepRow& step, const Token& token) override;
  [[nodiscard]] Done remove_step(const TransferId& id, flow::Stage stage) override;
  [[nodiscard]] Result<std::vector<StepRow>> steps(const TransferId& id) override;
  [[nodiscard]] Result<std::optional<StepRow>> find_step(const Token& token) override;

  [[nodiscard]] Done add_object(const crypto::ObjectDigest& digest, ByteView bytes) override;
  [[nodiscard]] Done add_object_file(const crypto::ObjectDigest& digest) override;
  [[nodiscard]] Result<std::optional<ObjectRecord>> find_object(
      const crypto::ObjectDigest& digest) override;
  [[nodiscard]] Result<bool> is_file_known(const crypto::Hash& root) override;
  [[nodiscard]] Done refer(const TransferId& id, const crypto::ObjectDigest& digest,
                           RefOrigin origin) override;
  [[nodiscard]] Result<bool> refers(const TransferId& id,
                                    const crypto::ObjectDigest& digest) override;
  [[nodiscard]] Done drop_refs(const TransferId& id, RefOrigin origin) override;
  [[nodiscard]] Done drop_all_refs(const TransferId& id) override;
  [[nodiscard]] Done loosen(const crypto::ObjectDigest& digest) override;
  [[nodiscard]] Result<std::vector<LooseObject>> take_loose(std::size_t rows_max) override;

  [[nodiscard]] Done set_upload(const UploadRow& row) override;
  [[nodiscard]] Result<std::optional<UploadRow>> find_upload(const TransferId& id) override;
  [[nodiscard]] Done remove_upload(const TransferId& id) override;
  [[nodiscard]] Result<std::vector<UploadRow>> uploads_before(WallTime before,
                                                              std::size_t rows_max) override;
  [[nodiscard]] Done reserve(const TransferId& id, std::uint64_t bytes) override;
  [[nodiscard]] Done use_reserved(const TransferId& id, std::uint64_t bytes) override;
  [[nodiscard]] Done release_reserved(const TransferId& id) override;
  [[nodiscard]] Result<std::uint64_t> reserved_bytes() override;

  [[nodiscard]] Result<bool> acknowledge(const TransferId& id, const ZoneId& zone,
                                         const NodeId& node, const crypto::ObjectDigest& sealed,
                                         WallTime at) override;
  [[nodiscard]] Result<std::uint32_t> acknowledgements(const TransferId& id) override;
  [[nodiscard]] Result<std::vector<TransferId>> acknowledged_by(const ZoneId& zone,
                                                                const NodeId& node,
                                                                std::size_t skip,
                                                                std::size_t rows_max) override;

 private:
  explicit SqliteLedger(sqlite::Database database) : database_(std::move(database)) {}
  sqlite::Database database_;
};

}  // namespace hangu::ledger
