#!/usr/bin/env bash
# The demonstration: one gateway with three zones, real data over permitted links and over one that
# is not permitted, and the log checked by the stand-alone verifier. Run by ./dev demo.
#
#   run.sh [--keep]   HANGU_BUILD names the build folder
set -euo pipefail

here=$(cd "$(dirname "$0")/../.." && pwd)
bin=${HANGU_BUILD:-$here/build/release}/bin
data=$here/tests/data/cache
keep=no
[ "${1:-}" = --keep ] && keep=yes

work=$(mktemp -d /tmp/hangu-demo.XXXXXX)
chmod 755 "$work"
gateway=$work/gateway
pki=$work/pki
start=$SECONDS
hangu() { "$bin/hangu" "$@"; }
say() { printf '\n== %s\n' "$*"; }

finish() {
  local status=$?
  if [ "$keep" = yes ] && [ $status = 0 ]; then
    keep_running
  else
    hangu down --folder "$gateway" >/dev/null 2>&1 || true
    if [ $status = 0 ]; then rm -rf "$work"; else echo "demo failed; see $work" >&2; fi
  fi
  exit $status
}
trap finish EXIT

say "Keys and certificates (development PKI)"
hangu pki init "$pki" --quiet >/dev/null
hangu pki issue node --pki "$pki" survey-320000 --zone egov --organisation "省级自然资源数据中心" --quiet >/dev/null
hangu pki issue node --pki "$pki" portal-public --zone internet --organisation "公众服务门户" --quiet >/dev/null
hangu pki issue node --pki "$pki" vault-320000 --zone classified --organisation "省级涉密数据中心" --quiet >/dev/null
hangu pki issue person --pki "$pki" li-na --human li-na --organisation "审核一处" --role reviewer --quiet >/dev/null
hangu pki issue person --pki "$pki" wang-wei --human wang-wei --organisation "审核二处" --role reviewer --algorithm sm2 --quiet >/dev/null
echo "3 nodes, 2 reviewers"

say "One gateway, three zones"
hangu up --folder "$gateway" --pki "$pki"

# Where a zone's entrances are, and how to run a command inside that zone's network.
endpoint() { python3 - "$gateway/run/gateway.json" "$1" "$2" <<'PY'
import json, sys
path, zone, key = sys.argv[1:]
print(next(z[key] for z in json.load(open(path))["zones"] if z["zone"] == zone))
PY
}
in_zone() {
  local zone=$1; shift
  local namespace; namespace=$(endpoint "$zone" clientNamespace)
  if [ -n "$namespace" ]; then ip netns exec "$namespace" "$bin/hangu" "$@"; else hangu "$@"; fi
}

results=$work/results.tsv
: >"$results"

# submit ZONE NODE TO-ZONE TO-NODE SUITE PRODUCT [pack options...] -- FILE...
submit() {
  local zone=$1 node=$2 to=$3 to_node=$4 suite=$5 product=$6; shift 6
  local options=()
  while [ "$1" != -- ]; do options+=("$1"); shift; done
  shift
  local package=$work/$product-$suite-$zone-$to.hangu
  hangu pack "$package" "$@" --identity "$pki/nodes/$node" --from "$zone" --to "$to" \
    --to-node "$to_node" --gateway-cert "$pki/gateways/gw-demo" --suite "$suite" \
    --product "$product" --owner "省级自然资源数据中心" --quiet "${options[@]}" >/dev/null
  local id
  id=$(in_zone "$zone" submit "$package" --identity "$pki/nodes/$node" \
    --gateway "$(endpoint "$zone" receive)" --json | sed -n 's/.*"id":"\([0-9a-f]*\)".*/\1/p' | head -1)
  printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$id" "$zone" "$node" "$to" "$to_node" "$product" "$suite" >>"$results"
  echo "$product ($suite) $zone -> $to: $id"
}

say "Submitting real data"
submit egov survey-320000 internet portal-public intl world-map --crs EPSG:4326 --scale 50000000 -- "$data/world_map.gpkg"
submit egov survey-320000 internet portal-public gm landsat-scene --crs EPSG:32725 -- "$data/L7_ETMs.tif"
submit internet portal-public egov survey-320000 intl elevation-model --crs EPSG:4326 -- "$data/elev.tif"
submit internet portal-public egov survey-320000 gm division-table -- "$data/areas.csv"
submit egov survey-320000 classified vault-320000 intl county-map --crs EPSG:4267 --scale 5000000 -- "$data/nc.gpkg"
submit classified vault-320000 internet portal-public intl world-map -- "$data/areas.csv"

wait_for() { # ID ZONE NODE STATE...
  local id=$1 zone=$2 node=$3 state=; shift 3
  for _ in $(seq 240); do
    state=$(in_zone "$zone" status "$id" --identity "$pki/nodes/$node" \
      --gateway "$(endpoint "$zone" receive)" --json | sed -n 's/.*"state":"\([a-z-]*\)".*/\1/p' | head -1)
    for wanted in "$@"; do [ "$state" = "$wanted" ] && return 0; done
    case $state in refused | quarantined | withdrawn | expired) return 1 ;; esac
    sleep 0.5
  done
  return 1
}

say "Two people approve what goes to the internet"
while IFS=$'\t' read -r id zone node to _; do
  [ "$zone:$to" = egov:internet ] || continue
  wait_for "$id" "$zone" "$node" awaiting-approval
  for person in li-na wang-wei; do
    hangu approve "$id" --folder "$gateway" --identity "$pki/people/$person" --role reviewer \
      --reason "内容与申请一致,可以公开" --yes --quiet >/dev/null
  done
  echo "$id approved by li-na and wang-wei"
done <"$results"

say "Delivery: the receiving side fetches, opens, checks and acknowledges"
while IFS=$'\t' read -r id zone node to to_node product suite; do
  [ "$zone" = classified ] && continue
  wait_for "$id" "$zone" "$node" emitted acknowledged
  in_zone "$to" fetch "$id" --identity "$pki/nodes/$to_node" \
    --gateway "$(endpoint "$to" deliver)" --out "$work/got-$id.hangu" --quiet >/dev/null
  in_zone "$to" open "$work/got-$id.hangu" --identity "$pki/nodes/$to_node" \
    --to "$work/opened-$id" --trust "$gateway/anchors/stages.json" --log-origin gw-demo/audit \
    --acknowledge --gateway "$(endpoint "$to" deliver)" --quiet >/dev/null
  echo "$product ($suite) opened by $to_node: $(find "$work/opened-$id" -type f ! -name hangu-story.json -printf '%f %s bytes ')"
done <"$results"

say "What is not permitted: classified -> internet, online"
while IFS=$'\t' read -r id zone node _; do
  [ "$zone" = classified ] || continue
  if wait_for "$id" "$zone" "$node" emitted; then echo "it left: this must not happen" >&2; exit 1; fi
  in_zone "$zone" status "$id" --identity "$pki/nodes/$node" --gateway "$(endpoint "$zone" receive)"
done <"$results"

say "The audit log, checked by the stand-alone verifier"
hangu audit verify "$gateway/audit" --key "$gateway/anchors/log.vkey"

say "Every transfer, and how many ms after it was received it reached each state"
while IFS=$'\t' read -r id zone node to _ product suite; do
  in_zone "$zone" status "$id" --identity "$pki/nodes/$node" \
    --gateway "$(endpoint "$zone" receive)" --json --quiet |
    sed "s/^{/{\"row\":[\"$product\",\"$zone\",\"$to\",\"$suite\"],/"
done <"$results" | python3 "$here/tests/demo/table.py"
echo
echo "done in $((SECONDS - start)) s"

keep_running() {
  cat <<EOF

The gateway keeps running in $gateway. Try:
  $bin/hangu ps --folder $gateway
  ip netns exec hangu-egov-net $bin/hangu list --identity $pki/nodes/survey-320000 --gateway $(endpoint egov receive)
  $bin/hangu pending --folder $gateway --identity $pki/people/li-na
  $bin/hangu down --folder $gateway
EOF
}
