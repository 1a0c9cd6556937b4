// hangu-check: reads finished renditions with other code than made them.

#include "line/records.hpp"
#include "line/stage_shell.hpp"
#include "stages/check/check.hpp"

int main(int argc, char** argv) {
  using namespace hangu;
  const Result<line::StageContext> context = line::StageContext::load("check", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  return line::run_stage(
      *context, {{flow::Stage::check},
                 line::stage_profile(*context),
                 [](const line::Work& work, line::CustodianClient& custodian, line::StepLog& log) {
                   return line::recorded(work, stages::check_rendition(work, custodian),
                                         log.client());
                 },
                 {},
                 line::kStageLines});
}
