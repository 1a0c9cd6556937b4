#!/usr/bin/env python3
"""Opens an exchange package from the byte table of docs/protocols/exchange-package.md alone.

open_package.py DESCRIPTION.json checks the package beside it against its description. It shares
nothing with src/package: X25519, SM2, GCM and HKDF are those of sealing_vectors.py.
"""
import base64
import hashlib
import json
import pathlib
import sys

from sealing_vectors import P25519, gcm_seal, hkdf, sm3, times, x25519  # noqa: F401

CHUNK = 1 << 20
CIPHERS = {"intl": "aes-256", "gm": "sm4"}
HASHES = {"intl": "sha256", "gm": "sm3"}


def gcm_open(cipher, key, nonce, sealed):
    text, tag = sealed[:-16], sealed[-16:]
    plain = gcm_seal(cipher, key, nonce, text)[:-16]  # the same key stream
    assert gcm_seal(cipher, key, nonce, plain)[-16:] == tag, "tag"
    return plain


def unwrap(suite, secret, wrapped):
    context = b"hangu-package" + bytes([1, list(CIPHERS).index(suite)])
    if suite == "intl":
        ephemeral = wrapped[:32]
        point = x25519(secret, (9).to_bytes(32, "little"))
        shared = x25519(secret, ephemeral)
        key = hkdf("sha256", shared, ephemeral + point, b"hangu-wrap" + context, 32)
        return gcm_open("aes-256", key, bytes(12), wrapped[32:])
    point = (int.from_bytes(wrapped[1:33], "big"), int.from_bytes(wrapped[33:65], "big"))
    x, y = (v.to_bytes(32, "big") for v in times(int.from_bytes(secret, "big"), point))
    check, cipher = wrapped[65:97], wrapped[97:]
    mask = b"".join(sm3(x + y + i.to_bytes(4, "big")) for i in range(1, 4))
    plain = bytes(a ^ b for a, b in zip(cipher, mask))
    assert sm3(x + plain + y) == check and plain[32:] == sm3(context)
    return plain[:32]


def tree(name, plain):
    leaves = [
        hashlib.new(name, b"\0" + plain[i : i + CHUNK]).digest()
        for i in range(0, len(plain), CHUNK)
    ]

    def root(part):
        if len(part) == 1:
            return part[0]
        left = 1 << ((len(part) - 1).bit_length() - 1)
        return hashlib.new(name, b"\1" + root(part[:left]) + root(part[left:])).digest()

    value = root(leaves) if leaves else hashlib.new(name, b"").digest()
    return f"{name}-tree:{len(plain)}:{value.hex()}"


class Package:
    def __init__(self, raw, secret):
        self.raw, self.at = raw, 0
        assert self.take(8) == b"HANGUPKG" and self.take(1) == b"\1"
        self.suite = list(CIPHERS)[self.take(1)[0]]
        assert self.take(2) == b"\0\0"
        self.recipients = [
            (self.take(32), self.take(self.number())) for _ in range(self.number())
        ]
        objects_bytes = int.from_bytes(self.take(8), "big")
        self.header_bytes = self.at
        self.context = hashlib.new(HASHES[self.suite], raw[: self.at]).digest()
        self.key = unwrap(self.suite, secret, self.recipients[0][1])
        self.at += objects_bytes
        self.envelope = json.loads(self.stream(0, self.number()))
        assert self.at == len(raw), "trailing bytes"
        self.at = self.header_bytes
        self.statement = json.loads(base64.b64decode(self.envelope["payload"]))
        self.objects = []
        for i, subject in enumerate(self.statement["subject"]):
            offset = self.at
            plain = self.stream(i + 1, subject["annotations"]["size"])
            self.objects.append((subject, offset, plain))
        assert self.at == self.header_bytes + objects_bytes, "objects"

    def take(self, count):
        piece = self.raw[self.at : self.at + count]
        assert len(piece) == count, "truncated"
        self.at += count
        return piece

    def number(self):
        return int.from_bytes(self.take(4), "big")

    def stream(self, number, size):
        info = b"hangu-stream" + number.to_bytes(4, "big") + self.context
        key = hkdf(HASHES[self.suite], self.key, b"", info, 32 if self.suite == "intl" else 16)
        plain, count = b"", max(1, -(-size // CHUNK))
        for i in range(count):
            nonce = bytes(3) + i.to_bytes(8, "big") + bytes([i + 1 == count])
            length = min(CHUNK, size - i * CHUNK)
            plain += gcm_open(CIPHERS[self.suite], key, nonce, self.take(length + 16))
        return plain


def main():
    path = pathlib.Path(sys.argv[1])
    stated = json.loads(path.read_text())
    raw = path.with_suffix(".hangu").read_bytes()
    package = Package(raw, bytes.fromhex(stated["openingSecret"]))
    digest = tree("sha256", raw)
    found = {
        "suite": package.suite,
        "recipientKeyId": package.recipients[0][0].hex(),
        "signerKeyId": package.envelope["signatures"][0]["keyid"],
        "chunkContext": package.context.hex(),
        "headerBytes": package.header_bytes,
        "packageDigest": digest,
        "transfer": digest.split(":")[2][:32],
        "objects": [
            {
                "name": subject["name"],
                "offset": offset,
                "digest": tree(HASHES[package.suite], plain),
                "content": plain.hex(),
            }
            for subject, offset, plain in package.objects
        ],
    }
    for name, value in found.items():
        assert stated[name] == value, f"{name}: {value} is not {stated[name]}"
    print(f"{path.stem}: {len(package.objects)} objects, {digest}")


if __name__ == "__main__":
    main()
