#!/usr/bin/env bash
# The longer kill run: a gateway for every program, in which that program is killed KILLS times while
# TRANSFERS transfers run. All gateways run side by side: most of the time each waits for the
# supervisor, which lets a program that keeps dying wait up to five seconds.
#
# usage: kill_each.sh [KILLS] [TRANSFERS]      default 200 100 (about 20 minutes)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export HANGU_BIN=${HANGU_BUILD:-$here/../../build/release}/bin
kills=${1:-200} transfers=${2:-100}
programs=(audit custodian worker receive.internet deliver.egov verify inspect decide transform check
  approve emit)
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
declare -A running
for program in "${programs[@]}"; do
  python3 "$here/kill_test.py" --only "$program" --kills "$kills" --transfers "$transfers" \
    >"$logs/$program" 2>&1 &
  running[$program]=$!
done
bad=()
for program in "${programs[@]}"; do
  wait "${running[$program]}" || bad+=("$program")
  echo "== $program: $kills kills, $transfers transfers"
  cat "$logs/$program"
done
if ((${#bad[@]})); then
  echo "kill_each: failed: ${bad[*]}" >&2
  exit 1
fi
echo "kill_each: ${#programs[@]} programs, nothing lost, nothing doubled"
