#!/usr/bin/env python3
"""Expected values of tests/unit/crypto/chunk_tree_test.cpp, by hashlib alone.

The object of a size is the bytes 0, 1, ... 250 repeated. Prints one C++ initialiser a line.
"""
import hashlib

CHUNK = 1 << 20
PATTERN = bytes(range(251))
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7, 17 * CHUNK + 5, 21 * CHUNK]


def content(size):
    return (PATTERN * (size // len(PATTERN) + 1))[:size]


def root_of(name, leaves):
    """RFC 6962 section 2.1: the left subtree holds the largest power of two of leaves."""
    if not leaves:
        return hashlib.new(name, b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return hashlib.new(
        name, b"\x01" + root_of(name, leaves[:left]) + root_of(name, leaves[left:])
    ).digest()


def main():
    for name in ("sha256", "sm3"):
        for size in SIZES:
            data = content(size)
            leaves = [
                hashlib.new(name, b"\x00" + data[i : i + CHUNK]).digest()
                for i in range(0, size, CHUNK)
            ]
            print(f'{{HashAlgorithm::{name}, {size}, "{root_of(name, leaves).hex()}"}},')


if __name__ == "__main__":
    main()
