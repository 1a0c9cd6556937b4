#!/usr/bin/env bash
# Relay of 10 GB through a whole gateway, with no process above 256 MiB of resident memory; fails
# otherwise. It needs 71 GB of free disk and checks that first. See relay.py.
#
# usage: large_relay.sh [MB] [KIND]     default 10000 raster
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
(($#)) || set -- 10000 raster
[[ $* =~ [0-9] ]] || set -- 10000 "$@"
[[ $* =~ [a-z] ]] || set -- "$@" raster
HANGU_BIN=${HANGU_BUILD:-$here/../../build/release}/bin exec python3 "$here/relay.py" \
  --alone --limit 256 "$@"
