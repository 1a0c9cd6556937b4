// hangu-inspect: reads objects into plain form, through workers.

#include "line/records.hpp"
#include "line/stage_shell.hpp"
#include "stages/inspect/inspect.hpp"
#include "stages/inspect/profile.hpp"

int main(int argc, char** argv) {
  using namespace hangu;
  const Result<line::StageContext> context = line::StageContext::load("inspect", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  const std::string worker = context->worker_socket();
  return line::run_stage(
      *context, {{flow::Stage::inspect},
                 stages::inspect_profile(*context),
                 [&](const line::Work& work, line::CustodianClient& custodian, line::StepLog& log) {
                   return line::recorded(work, stages::inspect(work, custodian, worker),
                                         log.client());
                 },
                 {},
                 line::kStageLines});
}
