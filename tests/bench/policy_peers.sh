#!/usr/bin/env bash
# Decisions beside a known engine on the same rules and requests; see policy_peers.py.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
HANGU_BUILD=${HANGU_BUILD:-$here/../../build/release} exec python3 "$here/policy_peers.py" "$@"
