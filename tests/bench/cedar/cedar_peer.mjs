// Asks Cedar (its own WebAssembly build) the questions that `policy_bench --for-peers` has written,
// holds its answers against ours, and says how long one takes: the policies are parsed before, once.
//
// usage: node cedar_peer.mjs FOLDER     (policies.cedar, questions.json)
// Prints {"version", "parse_ms", "us", "call_us", "asked"}: microseconds a decision, and of the same
// call without any policy, which is what the way into WebAssembly and back costs. Exit status 1 when
// an answer is not ours, or Cedar gives none.
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import * as cedar from "@cedar-policy/cedar-wasm/nodejs";

const SECONDS = 2; // of each figure
const folder = process.argv[2];
const policies = readFileSync(`${folder}/policies.cedar`, "utf8");
const questions = JSON.parse(readFileSync(`${folder}/questions.json`, "utf8"));

function fail(message) {
  console.error(`cedar_peer: ${message}`);
  process.exit(1);
}

function prepare(name, text) {
  const parts = cedar.policySetTextToParts(text);
  if (parts.type !== "success") fail(JSON.stringify(parts.errors));
  // Policies by the ids that their annotations give.
  const named = {};
  for (const one of parts.policies) named[/@id\("([^"]*)"\)/.exec(one)[1]] = one;
  const start = performance.now();
  const done = cedar.preparsePolicySet(name, { staticPolicies: named });
  if (done.type !== "success") fail(JSON.stringify(done.errors));
  return performance.now() - start;
}

function ask(set, question) {
  const answer = cedar.statefulIsAuthorized({
    principal: { type: "Zone", id: question.from },
    action: { type: "Action", id: "send" },
    resource: { type: "Zone", id: question.to },
    context: question.context,
    preparsedPolicySetId: set,
    entities: [],
  });
  if (answer.type !== "success") fail(JSON.stringify(answer.errors));
  return answer.response;
}

function compare(question) {
  const { decision, diagnostics } = ask("rules", question);
  if (diagnostics.errors.length > 0) fail(JSON.stringify(diagnostics.errors[0]));
  const number = (id) => Number(id.slice(2));
  const rules = [...diagnostics.reason].sort((a, b) => number(a) - number(b));
  const same = (decision === "allow") === question.allowed && String(rules) === String(question.rules);
  if (!same)
    fail(`${JSON.stringify(question)}: Cedar says ${decision} by ${rules.join(", ") || "none"}`);
}

// Of processor time, as policy_bench's: others on the machine cost none.
function time(set) {
  let asked = 0;
  const start = process.cpuUsage();
  let spent = 0;
  while (spent < 1e6 * SECONDS) {
    for (let i = 0; i < 8; ++i) ask(set, questions[asked++ % questions.length]);
    const { user, system } = process.cpuUsage(start);
    spent = user + system;
  }
  return spent / asked;
}

const parse = prepare("rules", policies);
prepare("none", "");
// All answers of a small policy; of a large one as many as can be had in some seconds.
const deadline = performance.now() + 10_000 * SECONDS;
let asked = 0;
for (const question of questions) {
  compare(question);
  ++asked;
  if (performance.now() > deadline) break;
}
console.log(
  JSON.stringify({
    version: cedar.getCedarSDKVersion(),
    parse_ms: parse,
    us: time("rules"),
    call_us: time("none"),
    asked,
  }),
);
