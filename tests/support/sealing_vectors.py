#!/usr/bin/env python3
"""Expected values of tests/unit/crypto/sealing_test.cpp and docs/protocols/crypto.md.

Built from the descriptions in crypto/sealing.hpp alone: hashlib and hmac for HKDF, own X25519
(RFC 7748), SM2 (GB/T 32918.4) and GCM (SP 800-38D), and the `openssl` program as block cipher.
"""
import hashlib
import hmac
import subprocess

# --- HKDF (RFC 5869) ---------------------------------------------------------


def hkdf(name, key, salt, info, size):
    extracted = hmac.new(salt or bytes(hashlib.new(name).digest_size), key, name).digest()
    out, block, count = b"", b"", 1
    while len(out) < size:
        block = hmac.new(extracted, block + info + bytes([count]), name).digest()
        out, count = out + block, count + 1
    return out[:size]


# --- GCM (SP 800-38D) over a block cipher of the openssl program --------------


def blocks(cipher, key, data):
    command = ["openssl", "enc", f"-{cipher}-ecb", "-K", key.hex(), "-nopad", "-nosalt"]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def multiply(x, y):
    product = 0
    for bit in range(127, -1, -1):
        if (x >> bit) & 1:
            product ^= y
        y = (y >> 1) ^ ((0xE1 << 120) if y & 1 else 0)
    return product


def gcm_seal(cipher, key, nonce, plain):
    h = int.from_bytes(blocks(cipher, key, bytes(16)), "big")
    count = (len(plain) + 15) // 16
    counters = b"".join(nonce + (i + 1).to_bytes(4, "big") for i in range(count + 1))
    stream = blocks(cipher, key, counters)
    text = bytes(a ^ b for a, b in zip(plain, stream[16:]))
    hashed = 0
    padded = text + bytes(-len(text) % 16) + (len(text) * 8).to_bytes(16, "big")
    for i in range(0, len(padded), 16):
        hashed = multiply(hashed ^ int.from_bytes(padded[i : i + 16], "big"), h)
    tag = bytes(a ^ b for a, b in zip(hashed.to_bytes(16, "big"), stream[:16]))
    return text + tag


# --- X25519 (RFC 7748 section 5) ----------------------------------------------

P25519 = 2**255 - 19


def x25519(scalar, point):
    k = bytearray(scalar)
    k[0] &= 248
    k[31] = (k[31] & 127) | 64
    k = int.from_bytes(k, "little")
    x1 = int.from_bytes(point, "little") & ((1 << 255) - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for t in range(254, -1, -1):
        bit = (k >> t) & 1
        if swap ^ bit:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        x3, z3 = (da + cb) ** 2 % P25519, x1 * (da - cb) ** 2 % P25519
        x2, z2 = aa * bb % P25519, (aa - bb) * (aa + 121665 * (aa - bb)) % P25519
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, -1, P25519) % P25519).to_bytes(32, "little")


# --- SM2 encryption (GB/T 32918.4, .5) ----------------------------------------

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)


def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], -1, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return (x, (slope * (p[0] - x) - p[1]) % P)


def times(k, point):
    result = None
    for bit in bin(k)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def coordinates(point):
    return point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def sm3(data):
    return hashlib.new("sm3", data).digest()


def sm2_encrypt(public, k, plain):
    x, y = times(k, public)
    x, y = x.to_bytes(32, "big"), y.to_bytes(32, "big")
    mask, count = b"", 1
    while len(mask) < len(plain):
        mask, count = mask + sm3(x + y + count.to_bytes(4, "big")), count + 1
    c2 = bytes(a ^ b for a, b in zip(plain, mask))
    return b"\x04" + coordinates(times(k, G)) + sm3(x + plain + y) + c2


# --- The vectors ----------------------------------------------------------------

CONTENT = bytes(range(32))
CONTEXT = b"hangu test context"
PLAIN = bytes(i % 251 for i in range(100))


def stream_key(suite, stream):
    info = b"hangu-stream" + stream.to_bytes(4, "big") + CONTEXT
    return hkdf("sm3", CONTENT, b"", info, 16) if suite == "gm" else hkdf(
        "sha256", CONTENT, b"", info, 32
    )


def show(name, value):
    print(f"{name:24} {value.hex()}")


def main():
    show("hkdf-sm3", hkdf("sm3", b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA)), 42))

    recipient = bytes(range(0x40, 0x60))
    ephemeral = bytes(range(0x80, 0xA0))
    base = (9).to_bytes(32, "little")
    point, ephemeral_point = x25519(recipient, base), x25519(ephemeral, base)
    wrapping = hkdf(
        "sha256", x25519(ephemeral, point), ephemeral_point + point, b"hangu-wrap" + CONTEXT, 32
    )
    show("intl recipient point", point)
    show("intl recipient id", hashlib.sha256(b"hangu-recipient\nintl\n" + point).digest())
    show("intl wrapped", ephemeral_point + gcm_seal("aes-256", wrapping, bytes(12), CONTENT))

    sm2_point = times(int.from_bytes(recipient, "big"), G)
    encoded = b"\x04" + coordinates(sm2_point)
    show("gm recipient point", encoded)
    show("gm recipient id", hashlib.sha256(b"hangu-recipient\ngm\n" + encoded).digest())
    wrapped = sm2_encrypt(sm2_point, int.from_bytes(ephemeral, "big"), CONTENT + sm3(CONTEXT))
    show("gm wrapped", wrapped)

    for suite, cipher in (("intl", "aes-256"), ("gm", "sm4")):
        key = stream_key(suite, 7)
        show(f"{suite} stream key", key)
        for index, final in ((0, 0), (1 << 33, 1)):
            nonce = bytes(3) + index.to_bytes(8, "big") + bytes([final])
            show(f"{suite} chunk {index} {final}", gcm_seal(cipher, key, nonce, PLAIN))
        show(f"{suite} empty final", gcm_seal(cipher, key, bytes(11) + b"\x01", b""))


if __name__ == "__main__":
    main()
