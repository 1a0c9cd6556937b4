// hangu-approve: waits for people's signatures, and serves people on its own local socket.

#include <thread>

#include "line/stage_shell.hpp"
#include "os/process.hpp"
#include "stages/approve/approve.hpp"
#include "stages/approve/profile.hpp"
#include "stages/approve/review_service.hpp"

int main(int argc, char** argv) {
  using namespace hangu;
  const Result<line::StageContext> context = line::StageContext::load("approve", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  Result<std::map<std::string, os::UniqueFd>> passed = os::passed_listeners();
  if (!passed) return line::refuse_to_start(passed.error());
  const auto people = passed->find("approve.people");
  if (people == passed->end())
    return line::refuse_to_start({ErrorCode::malformed, "listener-missing", "approve.people"});
  os::Listener listener(std::move(people->second));
  line::StagePlan plan{
      {flow::Stage::approve},
      stages::approve_profile(*context),
      [&](const line::Work& work, line::CustodianClient& custodian, line::StepLog&) {
        return stages::approve(work, custodian, context->clock);
      },
      {},
      1};
  plan.beside = [&](const std::stop_token& stop) {
    stages::serve_reviews(listener, {context->custodian_socket(), context->audit_socket()},
                          context->clock, stop);
  };
  return line::run_stage(*context, plan);
}
