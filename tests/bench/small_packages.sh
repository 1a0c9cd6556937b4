#!/usr/bin/env bash
# Small packages per second through a whole gateway; see small_packages.py.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
HANGU_BIN=${HANGU_BUILD:-$here/../../build/release}/bin exec python3 "$here/small_packages.py" "$@"
