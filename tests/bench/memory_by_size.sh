#!/usr/bin/env bash
# The memory peak of every process of a gateway, and of the commands that use it, by size of the
# package. See relay.py.
#
# usage: memory_by_size.sh [MB]... [KIND]...     default 1 10 100 1000 vector raster
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
HANGU_BIN=${HANGU_BUILD:-$here/../../build/release}/bin exec python3 "$here/relay.py" --table "$@"
