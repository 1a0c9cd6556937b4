#!/bin/bash
# Makes tests/unit/crypto/certificates/*.pem with the openssl program, so that what our parser and
# TrustAnchors accept is not only what our Authority issues. Valid 2026-01-01 to 2046-01-01; the
# keys are thrown away but for one key of each kind, which the key file tests read.
set -euo pipefail
out="$(cd "$(dirname "$0")/../unit/crypto/certificates" && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
identity=1234567812345678

cat >ca.cnf <<CONFIG
[ca]
default_ca = here
[here]
new_certs_dir = .
database = index.txt
rand_serial = yes
default_md = default
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
organizationName = optional
[req]
distinguished_name = none
string_mask = utf8only
utf8 = yes
[none]
CONFIG
: >index.txt

# key ALGORITHM NAME
key() {
  case "$1" in
    ed25519 | x25519) openssl genpkey -algorithm "$1" -out "$2.key" ;;
    p256) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$2.key" ;;
    sm2) openssl genpkey -algorithm SM2 -out "$2.key" ;;
    rsa) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$2.key" ;;
  esac
}

# certificate OUTPUT KEY ISSUER(-) SUBJECT EXTENSIONS [openssl ca options]
certificate() {
  local name="$1" key="$2" issuer="$3" subject="$4" extensions="$5"
  shift 5
  printf '[ext]\n%b\n' "$extensions" >"$name.ext"
  local by=(-selfsign -keyfile "$key.key") sign=()
  [ "$issuer" = - ] || by=(-cert "$issuer.pem" -keyfile "$issuer.key")
  local with="${issuer/#-/$key}"
  if openssl pkey -in "$with.key" -noout -text 2>/dev/null | grep -q SM2; then
    sign=(-md sm3 -sigopt "distid:$identity")
  fi
  local request=() verify=()
  if openssl pkey -in "$key.key" -noout -text 2>/dev/null | grep -q SM2; then
    request=(-sm3 -sigopt "distid:$identity")
    verify=(-vfyopt "distid:$identity")
  fi
  openssl req -new -config ca.cnf -utf8 -key "$key.key" -subj "$subject" "${request[@]}" -out "$name.csr"
  openssl ca -batch -config ca.cnf -in "$name.csr" "${by[@]}" "${sign[@]}" "${verify[@]}" \
    -extfile "$name.ext" -extensions ext -startdate 20260101000000Z -enddate 20460101000000Z \
    -notext -out "$name.pem" "$@" 2>ca.log || { cat ca.log; exit 1; }
  cp "$name.pem" "$out/$name.pem"
}

root='basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nsubjectAltName=URI:hangu:authority:'
leaf='basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n'
signs='keyUsage=critical,digitalSignature\n'

for algorithm in ed25519 p256 sm2; do
  key "$algorithm" "root-$algorithm"
  certificate "root-$algorithm" "root-$algorithm" - "/CN=root-$algorithm" "${root}root-$algorithm"
  key "$algorithm" "$algorithm"
  certificate "person-$algorithm" "$algorithm" "root-$algorithm" "/CN=wang.li/O=函谷测绘院" \
    "$leaf${signs}subjectAltName=URI:hangu:person:wang.li,URI:hangu:zone:egov,URI:hangu:role:reviewer"
  cp "$algorithm.key" "$out/key-$algorithm.pem"
done
authority='root-ed25519'
node='subjectAltName=URI:hangu:node:n1'
certificate node-ed25519 ed25519 "$authority" /CN=n1 \
  "$leaf${signs}extendedKeyUsage=serverAuth\n$node,DNS:gate.example,IP:127.0.0.1,IP:::1"
certificate bad-unknown-critical ed25519 "$authority" /CN=n1 "$leaf${signs}${node}\n1.2.3.4.5=critical,ASN1:NULL"
certificate good-unknown-plain ed25519 "$authority" /CN=n1 "$leaf${signs}${node}\n1.2.3.4.5=ASN1:NULL"
certificate bad-two-identities ed25519 "$authority" /CN=n1 "$leaf${signs}$node,URI:hangu:person:n1"
certificate bad-no-identity ed25519 "$authority" /CN=n1 "$leaf${signs}subjectAltName=DNS:n1"
certificate bad-other-name ed25519 "$authority" /CN=n2 "$leaf${signs}$node"
certificate bad-unknown-uri ed25519 "$authority" /CN=n1 "$leaf${signs}$node,URI:hangu:admin:n1"
certificate bad-zone ed25519 "$authority" /CN=n1 "$leaf${signs}$node,URI:hangu:zone:EGOV"
certificate bad-no-usage ed25519 "$authority" /CN=n1 "$leaf$node"
certificate bad-two-uses sm2 root-sm2 /CN=n1 \
  "${leaf}keyUsage=critical,digitalSignature,keyEncipherment\n$node"
key rsa rsa
certificate bad-rsa rsa "$authority" /CN=n1 "$leaf${signs}$node"
certificate bad-sha512 ed25519 root-p256 /CN=n1 "$leaf${signs}$node" -md sha512
# Without the identity the same SM2 authority's signature is another one.
identity=0000000000000000
certificate bad-sm2-identity sm2 root-sm2 /CN=n1 "$leaf${signs}$node"
identity=1234567812345678
# A chain of two: the leaf's issuer is no anchor, though an anchor vouches for it.
key ed25519 middle
certificate middle middle root-ed25519 /CN=middle \
  'basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\nsubjectAltName=URI:hangu:authority:middle'
certificate bad-by-middle ed25519 middle /CN=n1 "$leaf${signs}$node"
# A leaf that signs like an authority.
cp ed25519.key node-ed25519.key
certificate bad-by-leaf ed25519 node-ed25519 /CN=n1 "$leaf${signs}$node"
# Another authority of the same name.
key ed25519 impostor
certificate impostor impostor - /CN=root-ed25519 "${root}root-ed25519"
certificate bad-by-impostor ed25519 impostor /CN=n1 "$leaf${signs}$node"
certificate bad-by-impostor-no-key-id ed25519 impostor /CN=n1 \
  "basicConstraints=critical,CA:FALSE\n${signs}$node"
rm "$out/middle.pem"
# The gm sealing leaf, and the intl one: X25519 cannot sign its own request.
certificate seal-sm2 sm2 root-sm2 /CN=g1 \
  "${leaf}keyUsage=critical,keyEncipherment\nsubjectAltName=URI:hangu:gateway:g1"
key x25519 x25519
openssl pkey -in x25519.key -pubout -out x25519.pub
openssl req -new -config ca.cnf -key ed25519.key -subj /CN=g1 -out seal.csr
printf '%b\n' "${leaf}keyUsage=critical,keyAgreement\nsubjectAltName=URI:hangu:gateway:g1" >seal.ext
openssl x509 -req -in seal.csr -CA root-ed25519.pem -CAkey root-ed25519.key -force_pubkey x25519.pub \
  -days 7300 -extfile seal.ext -out "$out/seal-x25519.pem" 2>/dev/null
cp x25519.key "$out/key-x25519.pem"
openssl pkcs8 -topk8 -in ed25519.key -passout pass:secret -out "$out/bad-key-encrypted.pem"
cp rsa.key "$out/bad-key-rsa.pem"
