#!/usr/bin/env bash
# Relay of 1 GB of vector and of raster data through a whole gateway, beside the script that a
# person would write today (GDAL, age, scp, age); see relay.py. `relay.sh 50 vector` is a quick look.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
HANGU_BIN=${HANGU_BUILD:-$here/../../build/release}/bin exec python3 "$here/relay.py" "$@"
