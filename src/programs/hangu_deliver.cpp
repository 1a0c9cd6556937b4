// hangu-deliver: one zone's back door.

#include <cstdlib>

#include "line/stage_shell.hpp"
#include "zone/deliver/routes.hpp"
#include "zone/edge_record.hpp"
#include "zone/zone_context.hpp"

int main(int argc, char** argv) {
  using namespace hangu;
  Result<zone::ZoneContext> context = zone::ZoneContext::load("deliver", argc, argv);
  if (!context) return line::refuse_to_start(context.error());
  const std::string outbox = context->layout.outbox(context->zone);
  const zone::Shelf shelf(outbox);
  zone::Links links(context->layout.socket("custodian", context->instance()));
  zone::HalfLog log(context->layout.socket("audit", context->instance()));
  zone::Fetches fetches(log, context->zone);
  zone::EdgeRecord edge(log, context->zone);
  const Done done = zone::serve(*context, zone::deliver_routes(shelf, fetches, links),
                                zone::deliver_profile(*context), edge);
  return done ? EXIT_SUCCESS : line::refuse_to_start(done.error());
}
