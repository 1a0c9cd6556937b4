#include "audit/tpm/tpm_counter.hpp"

#include <tss2/tss2_esys.h>
#include <tss2/tss2_rc.h>
#include <tss2/tss2_tctildr.h>

#include "base/bytes.hpp"

namespace hangu::audit {
namespace {

constexpr std::uint16_t kCounterBytes = 8;
constexpr TPMA_NV kAttributes = TPMA_NV_OWNERWRITE | TPMA_NV_OWNERREAD | TPMA_NV_AUTHWRITE |
                                TPMA_NV_AUTHREAD | TPMA_NV_NO_DA |
                                (TPM2_NT_COUNTER << TPMA_NV_TPM2_NT_SHIFT);
/// What the TPM itself changes of them.
constexpr TPMA_NV kOwnState = TPMA_NV_WRITTEN;

std::unexpected<Error> unavailable(TSS2_RC code) {
  return fail(ErrorCode::unavailable, "counter-unavailable", Tss2_RC_Decode(code));
}

/// Frees what ESYS gave out.
struct FreeEsys {
  void operator()(void* given) const { Esys_Free(given); }
};
template <class T>
using EsysPtr = std::unique_ptr<T, FreeEsys>;

struct Connection {
  TSS2_TCTI_CONTEXT* tcti = nullptr;
  ESYS_CONTEXT* esys = nullptr;

  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (esys != nullptr) Esys_Finalize(&esys);
    if (tcti != nullptr) Tss2_TctiLdr_Finalize(&tcti);
  }
};

class TpmCounter final : public MonotonicCounter {
 public:
  TpmCounter(std::unique_ptr<Connection> connection, ESYS_TR counter, bool written)
      : connection_(std::move(connection)), counter_(counter), new_(!written), written_(written) {}

  [[nodiscard]] std::string_view kind() const override { return kCounterTpm; }
  [[nodiscard]] bool is_new() const override { return new_; }

  Result<std::uint64_t> read() override {
    // Before its first value it cannot be read. Not when it is defined: a start that ends between
    // the two leaves one without, and as new as before.
    if (!written_) HANGU_CHECK(increment());
    TPM2B_MAX_NV_BUFFER* given = nullptr;
    const TSS2_RC code = Esys_NV_Read(connection_->esys, counter_, counter_, ESYS_TR_PASSWORD,
                                      ESYS_TR_NONE, ESYS_TR_NONE, kCounterBytes, 0, &given);
    const EsysPtr<TPM2B_MAX_NV_BUFFER> value(given);
    if (code != TSS2_RC_SUCCESS) return unavailable(code);
    if (value->size != kCounterBytes) return fail(ErrorCode::corrupt, "counter-invalid", "size");
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < kCounterBytes; ++i) number = number << 8 | value->buffer[i];
    if (number > kCounterMax) return fail(ErrorCode::corrupt, "counter-invalid", "above 2^63");
    return number;
  }

  Result<std::uint64_t> raise() override {
    HANGU_CHECK(increment());
    return read();
  }

 private:
  Done increment() {
    const TSS2_RC code = Esys_NV_Increment(connection_->esys, counter_, counter_, ESYS_TR_PASSWORD,
                                           ESYS_TR_NONE, ESYS_TR_NONE);
    if (code != TSS2_RC_SUCCESS) return unavailable(code);
    written_ = true;
    return {};
  }

  std::unique_ptr<Connection> connection_;
  ESYS_TR counter_;
  bool new_;
  bool written_;
};

Done connect(Connection& connection, const std::string& tcti) {
  if (const TSS2_RC code = Tss2_TctiLdr_Initialize(tcti.c_str(), &connection.tcti); code != 0)
    return unavailable(code);
  if (const TSS2_RC code = Esys_Initialize(&connection.esys, connection.tcti, nullptr); code != 0)
    return unavailable(code);
  // A TPM without a resource manager before it waits for this; any other says that it has started.
  const TSS2_RC code = Esys_Startup(connection.esys, TPM2_SU_CLEAR);
  if (code != TSS2_RC_SUCCESS && code != TPM2_RC_INITIALIZE) return unavailable(code);
  return {};
}

/// Makes the counter, still without a value.
Result<ESYS_TR> define(ESYS_CONTEXT* esys, std::uint32_t index) {
  const TPM2B_AUTH no_password{};
  TPM2B_NV_PUBLIC terms{};
  terms.nvPublic.nvIndex = index;
  terms.nvPublic.nameAlg = TPM2_ALG_SHA256;
  terms.nvPublic.attributes = kAttributes;
  terms.nvPublic.dataSize = kCounterBytes;
  ESYS_TR counter = ESYS_TR_NONE;
  const TSS2_RC defined =
      Esys_NV_DefineSpace(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
                          &no_password, &terms, &counter);
  if (defined != TSS2_RC_SUCCESS) return unavailable(defined);
  return counter;
}

/// What stands at the index must be a counter as define() makes it. Whether it has a value.
Result<bool> check_terms(ESYS_CONTEXT* esys, ESYS_TR counter) {
  TPM2B_NV_PUBLIC* given = nullptr;
  const TSS2_RC code =
      Esys_NV_ReadPublic(esys, counter, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE, &given, nullptr);
  const EsysPtr<TPM2B_NV_PUBLIC> terms(given);
  if (code != TSS2_RC_SUCCESS) return unavailable(code);
  if (terms->nvPublic.dataSize != kCounterBytes ||
      (terms->nvPublic.attributes & ~kOwnState) != kAttributes)
    return fail(ErrorCode::corrupt, "counter-invalid", "the TPM's index is something else");
  return (terms->nvPublic.attributes & TPMA_NV_WRITTEN) != 0;
}

/// True when there is an index of this number.
Result<bool> is_defined(ESYS_CONTEXT* esys, std::uint32_t index) {
  TPMI_YES_NO more = TPM2_NO;
  TPMS_CAPABILITY_DATA* given = nullptr;
  const TSS2_RC code = Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
                                          TPM2_CAP_HANDLES, index, 1, &more, &given);
  const EsysPtr<TPMS_CAPABILITY_DATA> found(given);
  if (code != TSS2_RC_SUCCESS) return unavailable(code);
  return found->data.handles.count > 0 && found->data.handles.handle[0] == index;
}

}  // namespace

Result<std::unique_ptr<MonotonicCounter>> open_tpm_counter(const std::string& tcti,
                                                           std::uint32_t index) {
  auto connection = std::make_unique<Connection>();
  HANGU_CHECK(connect(*connection, tcti));
  HANGU_TRY(const bool there, is_defined(connection->esys, index));
  ESYS_TR counter = ESYS_TR_NONE;
  if (there) {
    const TSS2_RC code = Esys_TR_FromTPMPublic(connection->esys, index, ESYS_TR_NONE, ESYS_TR_NONE,
                                               ESYS_TR_NONE, &counter);
    if (code != TSS2_RC_SUCCESS) return unavailable(code);
  } else {
    HANGU_TRY(counter, define(connection->esys, index));
  }
  HANGU_TRY(const bool written, check_terms(connection->esys, counter));
  return std::make_unique<TpmCounter>(std::move(connection), counter, written);
}

}  // namespace hangu::audit
