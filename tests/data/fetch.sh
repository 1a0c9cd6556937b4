#!/usr/bin/env bash
# Brings the real data that tests, demo and benchmarks use into tests/data/cache (README.md here
# says what each file is). They come out of Debian packages, which are downloaded and unpacked, not
# installed. Every file is checked against SHA256SUMS; what is there and right is not fetched again,
# and a file appears under its name only when it is whole, so a cut run is simply run again.
#
# usage: tests/data/fetch.sh
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

# package, then the folder of the package that holds the files, then the files
packages='
qgis-common   usr/share/qgis/resources/data             world_map.gpkg
qgis-common   usr/share/qgis/resources/metadata-ISO     country_code_ISO_3166.csv
r-cran-stars  usr/lib/R/site-library/stars/tif          L7_ETMs.tif olinda_dem_utm25s.tif
r-cran-terra  usr/lib/R/site-library/terra/ex           elev.tif lux.shp lux.shx lux.dbf lux.prj
r-cran-sf     usr/lib/R/site-library/sf/gpkg            nc.gpkg
'

main() {
  local package folder files names
  mkdir -p cache
  exec 9>cache/.lock
  flock 9
  # Left by a run that was cut: the lock says that nobody else is at work on it.
  rm -rf cache/.part.*
  work=$(mktemp -d cache/.part.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  while read -r package folder files; do
    [[ -z $package ]] && continue
    read -ra names <<<"$files"
    take "$package" "$folder" "${names[@]}"
  done <<<"$packages"
  # Tracked, not fetched: it stands beside the others so that there is one place to look.
  if ! right areas.csv; then
    cp divisions/areas.csv "$work/areas.csv"
    put areas.csv "$work/areas.csv"
  fi
}

# take PACKAGE FOLDER FILE... puts the files that are missing or wrong into the cache.
take() {
  local package=$1 folder=$2 file lacking=()
  shift 2
  for file in "$@"; do right "$file" || lacking+=("$file"); done
  ((${#lacking[@]})) || return 0
  [[ -d $work/$package ]] || unpack "$package"
  for file in "${lacking[@]}"; do put "$file" "$work/$package/$folder/$file"; done
}

# unpack PACKAGE downloads it and unpacks it below $work. The lists are refreshed only if apt does
# not know the package or cannot get the version it knows.
unpack() {
  local package=$1
  echo "fetch: $package" >&2
  mkdir "$work/$package.deb"
  if ! download "$package" 2>"$work/log"; then
    cat "$work/log" >&2
    ((EUID == 0)) || die "as root, run 'apt-get update' once, then this again"
    apt-get -qq -o DPkg::Lock::Timeout=600 update </dev/null >&2
    download "$package" >&2
  fi
  dpkg-deb -x "$work/$package.deb"/*.deb "$work/$package"
}

# As root apt would hand the download to its user _apt, who cannot write here, and warn about it.
download() (
  cd "$work/$1.deb" && apt-get -qq -o APT::Sandbox::User=root download "$1" </dev/null
)

# right FILE: the cached file is there with the digest that SHA256SUMS gives.
right() { [[ -f cache/$1 ]] && check "$1" "cache/$1"; }

# put FILE FROM moves FROM to the cache's FILE if its digest is right.
put() {
  [[ -f $2 ]] || die "$1 is not where the package used to have it"
  check "$1" "$2" || die "$1 has another digest than SHA256SUMS says; the package has changed"
  chmod 644 "$2"
  mv "$2" "cache/$1"
}

check() {
  local want
  want=$(sed -n "s/^\([0-9a-f]\{64\}\)  $1\$/\1/p" SHA256SUMS)
  [[ -n $want ]] || die "SHA256SUMS has no line for $1"
  sha256sum --status --check <<<"$want  $2"
}

die() { echo "fetch: $1" >&2; exit 1; }

main
