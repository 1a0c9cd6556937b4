# shellcheck shell=bash
# Debian packages for `dev`: need installs those that the named lists ask for and that are missing.

# listed LIST... prints the packages of packaging/packages/LIST.txt, comments left out.
listed() {
  local list
  for list in "$@"; do sed 's/[ \t]*#.*//; /^$/d' "packaging/packages/$list.txt"; done
}

# missing PACKAGE... prints those that are not installed.
missing() {
  local have package
  have=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qx "$package installed" <<<"$have" || printf '%s\n' "$package"
  done
}

# need LIST... makes sure that the packages of these lists are installed, or ends the habit.
need() {
  local want lacking
  command -v dpkg-query >/dev/null || die "no dpkg: this is made for Debian 12"
  mapfile -t want < <(listed "$@")
  ((${#want[@]})) || die "no package list among: $*"
  mapfile -t lacking < <(missing "${want[@]}")
  ((${#lacking[@]} == 0)) && return
  if ((EUID != 0)); then
    echo "dev: not installed: ${lacking[*]}" >&2
    echo "dev: run this as root first: apt-get update && apt-get install ${lacking[*]}" >&2
    exit 1
  fi
  echo "dev: installing ${lacking[*]}" >&2
  apt_get update
  install_idle "${lacking[@]}"
}

# install_idle PACKAGE... installs without starting the services that some bring (slapd, rsyslog): the
# tests run their own. A slapd that comes so does not start at the next boot either.
install_idle() (
  policy=/usr/sbin/policy-rc.d # what Debian's packages ask before they start a service
  if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  apt_get install --yes --no-install-recommends "$@"
  for package in "$@"; do
    if [[ $package == slapd ]] && command -v systemctl >/dev/null; then
      systemctl disable --quiet slapd || true # where no systemd runs, nothing would start it
    fi
  done
)

# apt_get runs apt-get without questions, waiting for another one's lock; what it prints is shown
# only if it fails.
apt_get() {
  local said
  said=$(DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
    -o Dpkg::Use-Pty=0 "$@" </dev/null 2>&1) || { echo "$said" >&2; die "apt-get $1 failed"; }
}
