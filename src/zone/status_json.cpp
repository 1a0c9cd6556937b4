#include "zone/status_json.hpp"

namespace hangu::zone {

wire::Json to_json(const ledger::Status& status) {
  wire::JsonArray history;
  for (const ledger::StateChange& change : status.history)
    history.emplace_back(
        wire::JsonObject{{"state", flow::to_text(change.state)}, {"at", change.at.to_text()}});
  return wire::JsonObject{{"id", status.transfer.text()},
                          {"state", flow::to_text(status.state)},
                          {"reason", status.reason},
                          {"detail", status.detail},
                          {"sentenceZh", flow::sentence_in_chinese(status.state)},
                          {"sentenceEn", flow::sentence_in_english(status.state)},
                          {"bytes", status.bytes},
                          {"created", status.created.to_text()},
                          {"updated", status.updated.to_text()},
                          {"recipients", status.recipients},
                          {"acknowledgements", status.acknowledgements},
                          {"history", std::move(history)}};
}

wire::Json to_json(const ledger::Listed& listed) {
  return wire::JsonObject{{"id", listed.transfer.text()},
                          {"state", flow::to_text(listed.state)},
                          {"reason", listed.reason},
                          {"detail", listed.detail},
                          {"bytes", listed.bytes},
                          {"created", listed.created.to_text()},
                          {"updated", listed.updated.to_text()}};
}

}  // namespace hangu::zone
