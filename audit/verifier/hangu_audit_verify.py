#!/usr/bin/env python3
"""Checks the audit log of a Hangu gateway. One file, no dependencies: read it before you run it.

usage: hangu_audit_verify.py [full] DIR                      every entry hashed, every file compared
       hangu_audit_verify.py proof FILE --entry FILE [--index N]    a receipt (.tlog-proof)
options: --key VKEY|FILE --gm-key VKEY|FILE --former-keys FILE --stages FILE --auditors FILE
         --policy FILE --lag SECONDS --pin FILE (any number) --write-pin FILE --json

DIR is the log's folder, a copy of it or an archive on media; a tar file is unpacked first. Without
the options, log.vkey, log-gm.vkey, log-former.vkey, stages.json and auditors.json of
DIR/../anchors are used when they are there.

Exit status: 0 good, 1 tampered, 2 truncated or rolled back, 3 not witnessed as --policy demands,
4 cannot tell or wrong usage; of several the lowest that is not 0. What is checked, and how the files
look: docs/protocols/audit-log.md. hangu-audit-verify says the same, faster; hangu_audit_parts.py,
beside this file, checks parts of a log and compares two.
"""

import base64
import bisect
import datetime
import errno
import hashlib
import json
import os
import re
import stat
import sys

GOOD, TAMPERED, TRUNCATED, UNWITNESSED, CANNOT_TELL = 0, 1, 2, 3, 4
WIDTH = 256  # hashes of a full tile, entries of a full bundle
LEVELS = [*map(str, range(8)), "entries"]
FILE_BYTES_MAX = WIDTH * (2 + 0xFFFF)  # a full bundle of the longest entries
NOTE_BYTES_MAX = 16 * 1024
POLICY_BYTES_MAX = 64 * 1024
LOG_ENTRIES_MAX = 1 << 32
SEGMENT_BYTES_MAX = 160 << 20
SIGNATURES_MAX = 16  # of an envelope
DEPTH_MAX = 64  # containers within each other in an entry
CLOCK_SLACK = 60  # seconds that two clocks may differ by
SECONDS_MAX = 253402300799  # since 1970: to the end of 9999
WITNESSED = "witness/checkpoint"
ENDLESS = 1 << 64

# ---- Ed25519 (RFC 8032 5.1.7), verifying only ----------------------------------------------------

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def ed_add(p, q):
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def ed_times(n, p):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = ed_add(out, p)
        p = ed_add(p, p)
        n >>= 1
    return out


def ed_point(octets):
    """The point of 32 octets, or None."""
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


ED_BASE = ed_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519(key, message, signature):
    a = ed_point(key)
    if a is None or len(signature) != 64 or ed_times(8, a)[0] == 0:
        return False  # under a key of small order anything is signed
    r, s = ed_point(signature[:32]), int.from_bytes(signature[32:], "little")
    if r is None or s >= L:
        return False
    digest = hashlib.sha512(signature[:32] + key + message).digest()
    k = int.from_bytes(digest, "little") % L
    left, right = ed_times(s, ED_BASE), ed_add(r, ed_times(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and \
        (left[1] * right[2] - right[1] * left[2]) % P == 0


# ---- SM3 (GB/T 32905) and SM2 (GB/T 32918.2), verifying only -------------------------------------


def sm3_by_hand(message):
    def rol(x, n):
        n %= 32
        return (x << n | x >> (32 - n)) & 0xFFFFFFFF

    v = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600,
         0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    size = len(message)
    message += b"\x80" + bytes((55 - size) % 64) + (8 * size).to_bytes(8, "big")
    for at in range(0, len(message), 64):
        w = [int.from_bytes(message[at + 4 * i:at + 4 * i + 4], "big") for i in range(16)]
        for j in range(16, 68):
            x = w[j - 16] ^ w[j - 9] ^ rol(w[j - 3], 15)
            w.append(x ^ rol(x, 15) ^ rol(x, 23) ^ rol(w[j - 13], 7) ^ w[j - 6])
        a, b, c, d, e, f, g, h = v
        for j in range(64):
            t = 0x79CC4519 if j < 16 else 0x7A879D8A
            ss1 = rol((rol(a, 12) + e + rol(t, j)) & 0xFFFFFFFF, 7)
            ss2 = ss1 ^ rol(a, 12)
            ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g)
            tt1 = (ff + d + ss2 + (w[j] ^ w[j + 4])) & 0xFFFFFFFF
            tt2 = (gg + h + ss1 + w[j]) & 0xFFFFFFFF
            a, b, c, d = tt1, a, rol(b, 9), c
            e, f, g, h = tt2 ^ rol(tt2, 9) ^ rol(tt2, 17), e, rol(f, 19), g
        v = [x ^ y for x, y in zip(v, (a, b, c, d, e, f, g, h))]
    return b"".join(x.to_bytes(4, "big") for x in v)


def sm3(message):
    try:
        return hashlib.new("sm3", message).digest()
    except ValueError:
        return sm3_by_hand(message)


SM_P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
SM_A = SM_P - 3
SM_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
SM_N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
SM_G = (0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0)
SM_IDENTITY = b"1234567812345678"


def sm_add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % SM_P == 0:
        return None
    if p == q:
        slope = (3 * p[0] * p[0] + SM_A) * pow(2 * p[1], SM_P - 2, SM_P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], SM_P - 2, SM_P)
    x = (slope * slope - p[0] - q[0]) % SM_P
    return x, (slope * (p[0] - x) - p[1]) % SM_P


def sm_times(n, p):
    out = None
    while n:
        if n & 1:
            out = sm_add(out, p)
        p = sm_add(p, p)
        n >>= 1
    return out


def sm2(point, message, signature):
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % SM_N
    on_curve = (y * y - x * x * x - SM_A * x - SM_B) % SM_P == 0 and x < SM_P and y < SM_P
    if point[0] != 4 or not on_curve or len(signature) != 64:
        return False
    if not (1 <= r < SM_N and 1 <= s < SM_N) or t == 0:
        return False
    numbers = (SM_A, SM_B, *SM_G, x, y)
    z = sm3((8 * len(SM_IDENTITY)).to_bytes(2, "big") + SM_IDENTITY +
            b"".join(number.to_bytes(32, "big") for number in numbers))
    e = int.from_bytes(sm3(z + message), "big")
    sum_of = sm_add(sm_times(s, SM_G), sm_times(t, (x, y)))
    return sum_of is not None and (e + sum_of[0]) % SM_N == r


# ---- Keys and signed notes (C2SP signed-note, tlog-checkpoint, tlog-cosignature) -----------------

SM2_TYPE = b"\xffgm/sm2-sm3/v1"


def text_of(octets):
    """Any bytes as text: what is not UTF-8 is kept, and bytes_of() gives it back."""
    return octets.decode(errors="surrogateescape")


def bytes_of(text):
    return text.encode(errors="surrogateescape")


def from_base64(text):
    """The bytes of padded standard base64 in its one spelling, or None."""
    try:
        octets = base64.b64decode(text, validate=True)
    except (ValueError, TypeError):
        return None
    return octets if base64.b64encode(octets).decode() == text else None


class Key:
    """A verifier key "name+hex8+base64(type and key)"."""

    def __init__(self, vkey):
        self.text = vkey.rstrip("\n")
        pieces = self.text.split("+", 2)
        if len(pieces) != 3:
            raise ValueError("no verifier key")
        self.name, digits, blob = pieces[0], pieces[1], from_base64(pieces[2])
        if blob and len(blob) == 33 and blob[0] in (1, 4):
            self.point, self.kind = blob[1:], "ed25519" if blob[0] == 1 else "cosignature"
        elif blob and len(blob) == len(SM2_TYPE) + 65 and blob.startswith(SM2_TYPE):
            self.point, self.kind = blob[len(SM2_TYPE):], "sm2"
        else:
            raise ValueError("no verifier key")
        self.id = hashlib.sha256(bytes_of(self.name) + b"\n" + blob).digest()[:4]
        if self.id.hex() != digits:
            raise ValueError("no verifier key")

    def __eq__(self, other):
        return other is not None and (self.name, self.point) == (other.name, other.point)

    def time_of(self, text, signature):
        """The time that a good signature tells (0 unless it is a cosignature's), or None."""
        if self.kind == "sm2":
            return 0 if sm2(self.point, text, signature) else None
        if self.kind == "ed25519":
            return 0 if ed25519(self.point, text, signature) else None
        time = int.from_bytes(signature[:8], "big")
        signed = b"cosignature/v1\ntime %d\n" % time + text
        return time if ed25519(self.point, signed, signature[8:]) else None


def key_or_none(vkey, kind="ed25519"):
    try:
        key = Key(vkey)
        return key if key.kind == kind else None
    except (ValueError, AttributeError):
        return None


class Note:
    """A signed checkpoint."""

    def __init__(self, octets):
        if len(octets) > NOTE_BYTES_MAX or any(byte < 32 and byte != 10 for byte in octets):
            raise ValueError("malformed")
        text, empty, lines = octets.decode().rpartition("\n\n")
        if not empty or not lines.endswith("\n"):
            raise ValueError("malformed")
        self.octets, self.text = octets, text + "\n"
        self.origin, size, root, end = self.text.split("\n")
        self.size, self.root = int(size), from_base64(root)
        if not self.origin or end or str(self.size) != size or not 0 <= self.size < 1 << 64:
            raise ValueError("malformed")
        if self.root is None or len(self.root) != 32:
            raise ValueError("malformed")
        self.lines = []
        for line in lines[:-1].split("\n"):
            dash, name, blob = line.split(" ")
            blob = from_base64(blob)
            if dash != "\u2014" or not name or blob is None or len(blob) <= 4:
                raise ValueError("malformed")
            self.lines.append((name, blob[:4], blob[4:]))
        if len(self.lines) > 32:
            raise ValueError("malformed")

    def times(self, key):
        """What each of the note's lines by `key` tells: its time, or None when it is wrong."""
        return [key.time_of(self.text.encode(), signature) for name, id_, signature in self.lines
                if name == key.name and id_ == key.id]

    def says(self, key):
        """"good", "missing" or "bad": the note's line by `key`."""
        times = self.times(key)
        return "missing" if not times else "bad" if None in times else "good"

    def has_other(self, key):
        return any(name == key.name and id_ != key.id for name, id_, _ in self.lines)


def note_or_none(octets):
    try:
        return Note(octets)
    except (ValueError, AttributeError, UnicodeDecodeError, TypeError):
        return None


# ---- A trust policy (C2SP tlog-policy) -----------------------------------------------------------


class Policy:
    """Which logs, which witnesses, and how many of them; ValueError when it is none."""

    def __init__(self, octets):
        if len(octets) > POLICY_BYTES_MAX or \
                any(byte < 32 and byte not in b"\t\n" or byte == 127 for byte in octets):
            raise ValueError("policy: too long, or a control character")
        self.logs, self.witnesses, self.groups, self.quorum = [], {}, {}, None
        self.points, self.members = set(), set()
        for number, line in enumerate(text_of(octets).split("\n"), 1):
            items = [item for item in re.split("[ \t]+", line) if item]
            if items and not items[0].startswith("#") and not self.take(*items):
                raise ValueError(f"policy: line {number}")
        if self.quorum is None:
            raise ValueError("policy: no quorum")

    def take(self, word, *items):
        """True when the line is one of a policy."""
        if word == "log" and len(items) in (1, 2):
            self.logs.append(self.new_key(items[0], "ed25519"))
            return self.logs[-1] is not None
        if word == "witness" and len(items) in (2, 3) and self.is_new(items[0]):
            self.witnesses[items[0]] = self.new_key(items[1], "cosignature")
            return self.witnesses[items[0]] is not None
        if word == "group" and len(items) >= 3 and self.is_new(items[0]):
            return self.take_group(*items)
        if word == "quorum" and len(items) == 1 and self.quorum is None:
            self.quorum = items[0]
            return self.quorum == "none" or not self.is_new(self.quorum)
        return False

    def new_key(self, vkey, kind):
        """None also when its point was there before: one key under two names is one."""
        key = key_or_none(vkey, kind)
        known = key is None or (kind, key.point) in self.points
        self.points.add((kind, key and key.point))
        return None if known else key

    def take_group(self, name, wanted, *members):
        wanted = {"all": str(len(members)), "any": "1"}.get(wanted, wanted)
        if not re.fullmatch("[1-9][0-9]{0,8}", wanted) or int(wanted) > len(members) or \
                len(set(members)) < len(members) or not self.members.isdisjoint(members) or \
                "none" in members or any(map(self.is_new, members)):
            return False
        self.members.update(members)
        self.groups[name] = int(wanted), members
        return True

    def is_new(self, name):
        return name != "none" and name not in self.witnesses and name not in self.groups

    def met_by(self, seen):
        met = set(seen)
        for name, (wanted, members) in self.groups.items():
            if len(met.intersection(members)) >= wanted:
                met.add(name)
        return self.quorum == "none" or self.quorum in met


# ---- The tree (RFC 6962 2.1) and its files (C2SP tlog-tiles) -------------------------------------


def leaf_hash(entry):
    return hashlib.sha256(b"\0" + entry).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """A growing tree, as the stack of its full subtrees."""

    def __init__(self):
        self.size, self.stack = 0, []

    def add(self, leaf):
        self.size += 1
        height = 0
        while self.stack and self.stack[-1][0] == height:
            leaf = node_hash(self.stack.pop()[1], leaf)
            height += 1
        self.stack.append((height, leaf))
        return self

    def root(self):
        if not self.stack:
            return hashlib.sha256(b"").digest()
        root = self.stack[-1][1]
        for _, left in reversed(self.stack[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves):
    tree = Tree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def tile_path(level, number, width):
    digits = f"{number % 1000:03}"
    while number >= 1000:
        number //= 1000
        digits = f"x{number % 1000:03}/{digits}"
    return f"tile/{level}/{digits}" + (f".p/{width}" if width < WIDTH else "")


def parse_tile_path(path):
    """(level, number, width) of a tile's path in its one spelling, or None."""
    pieces = path.split("/", 2)
    if len(pieces) != 3:
        return None
    digits, _, width = pieces[2].partition(".p/")
    try:
        number = int(digits.replace("x", "").replace("/", ""))
        found = pieces[1], number, int(width) if width else WIDTH
    except ValueError:
        return None
    good = found[0] in LEVELS and 1 <= found[2] <= WIDTH and tile_path(*found) == path
    return found if good else None


def read_bundle(octets, width):
    """(entries, where each begins and the last ends); fewer than `width` when it ends early."""
    entries, offsets = [], [0]
    while len(entries) < width:
        at = offsets[-1]
        end = at + 2 + int.from_bytes(octets[at:at + 2], "big")
        if len(octets) < max(end, at + 2):
            break
        entries.append(octets[at + 2:end])
        offsets.append(end)
    return entries, offsets


def split_of(size):
    """The largest power of two below `size`: where RFC 6962 splits a tree."""
    return 1 << ((size - 1).bit_length() - 1)


def leads_to(node, index, size, path, root):
    """Whether `node` is number `index` of `size` in the tree of this root (RFC 9162 2.1.3.2)."""
    if index >= size:
        return False
    last = size - 1
    for other in path:
        if last == 0:
            return False
        if index & 1 or index == last:
            node = node_hash(other, node)
            while index and not index & 1:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, other)
        index, last = index >> 1, last >> 1
    return last == 0 and node == root


class Folder:
    """A log's files. What is there and cannot be read is an OSError: nobody can tell."""

    def __init__(self, path):
        self.path = path

    def mode(self, path, follow=True):
        """0 when nothing is there, or a link that leads nowhere."""
        try:
            return os.stat(os.path.join(self.path, path), follow_symlinks=follow).st_mode
        except OSError as problem:
            if problem.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG):
                return 0
            raise

    def has(self, path):
        return stat.S_ISREG(self.mode(path))

    def is_gone(self, path):
        """What was listed and is gone the writer has replaced by another."""
        return self.mode(path, follow=False) == 0

    def read(self, path, bytes_max=FILE_BYTES_MAX):
        """None when no regular file is there; of one longer than any of a log's, its beginning."""
        if not self.has(path):
            return None
        try:
            with open(os.path.join(self.path, path), "rb") as file:
                return file.read(bytes_max + 1)
        except FileNotFoundError:
            return None

    def has_tile(self, level, number, width):
        return self.has(tile_path(level, number, width)) or self.has(tile_path(level, number, WIDTH))

    def read_tile(self, level, number, size_of_level):
        """(path, octets or None, width wanted): the full one when the log has grown since."""
        width = min(WIDTH, size_of_level - number * WIDTH)
        path = tile_path(level, number, width)
        octets = self.read(path)
        if octets is None and width < WIDTH:
            whole = self.read(tile_path(level, number, WIDTH))
            path, octets = (path, None) if whole is None else \
                (tile_path(level, number, WIDTH), whole)
        return path, octets, width

    def read_entries(self, number, size):
        """Bundle `number` of a log of `size`: (path, entries or None, offsets, rest)."""
        path, octets, width = self.read_tile("entries", number, size)
        if octets is None:
            return path, None, [0], b""
        entries, offsets = read_bundle(octets, width)
        whole = path == tile_path("entries", number, width)
        return path, entries, offsets, octets[offsets[-1]:] if whole else b""

    def read_hashes(self, level, number, size_of_level):
        """The hashes of a tile; fewer when it is no tile of theirs."""
        path, octets, width = self.read_tile(level, number, size_of_level)
        if octets is None or len(octets) != 32 * parse_tile_path(path)[2]:
            return path, []
        return path, [octets[at:at + 32] for at in range(0, 32 * width, 32)]

    def time_of(self, entry, size):
        if not 0 <= entry < size:
            return ""
        entries = (self.read_entries(entry // WIDTH, size)[1] or [])[entry % WIDTH:]
        return text_in(parse_json(entries[0]), "time") if entries else ""

    def all_paths(self):
        """But for the writer's temporary ones."""
        def fail(problem):
            if problem.errno != errno.ENOENT:
                raise problem

        return sorted((path for folder, _, names in os.walk(self.path, onerror=fail)
                       for path in (os.path.relpath(os.path.join(folder, name), self.path)
                                    for name in names) if not path.endswith(".new")),
                      key=os.fsencode)


# ---- Entries -------------------------------------------------------------------------------------


def refuse_constant(name):
    raise ValueError(name + " is not JSON")


def finite(text):
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("no number")
    return value


def whole_number(text):
    """As an unsigned number of 64 bits, else as one that is none of those that an entry has."""
    value = int(text) if len(text) <= 20 else 1 << 64
    return value if value < 1 << 64 and not text.startswith("-") else finite(text)


def is_deep(value, left=DEPTH_MAX):
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (left == 0 or any(is_deep(one, left - 1) for one in inner))


def parse_json(octets):
    """The value, or None: hostile text is no value, however deep or odd."""
    try:
        value = json.loads(octets.decode(), parse_constant=refuse_constant, parse_float=finite,
                           parse_int=whole_number)
        json.dumps(value, ensure_ascii=False).encode()  # refuses half a surrogate pair
        return None if is_deep(value) else value
    except (ValueError, RecursionError):
        return None


def text_in(event, name):
    value = event.get(name) if isinstance(event, dict) else None
    return value if isinstance(value, str) else ""


def number_in(event, name):
    """An unsigned number, or None."""
    value = event.get(name) if isinstance(event, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def read_envelope(octets):
    """A DSSE envelope: (type, payload, what is signed, signatures), or None."""
    envelope = parse_json(octets)
    try:
        kind, payload = envelope["payloadType"], from_base64(envelope["payload"])
        signatures = [bytes(from_base64(one["sig"])) for one in envelope["signatures"]]
        signed = f"DSSEv1 {len(kind.encode())} {kind} {len(payload)} ".encode() + payload
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    listed = isinstance(envelope["signatures"], list) and 1 <= len(signatures) <= SIGNATURES_MAX
    return (kind, payload, signed, signatures) if listed else None


def hash_in(event, name):
    text = text_in(event, name)
    return bytes.fromhex(text) if re.fullmatch("[0-9a-f]{64}", text) else None


def milliseconds(time):
    """Since 1970, of an entry's time; None when it is none."""
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time, re.ASCII):
            return None
        moment = datetime.datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return None
    return (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(milliseconds=1)


def time_text(seconds):
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=min(seconds, SECONDS_MAX))
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z").zfill(24)


def log_keys_in(event, *names):
    """Its keys by these members, Ed25519 and SM2; None for what is none."""
    return tuple(key_or_none(text_in(event, name), kind)
                 for name, kind in zip(names, ("ed25519", "sm2")))


def read_roll(event, size):
    """What the end of an epoch before `size` tells of the log's own keys: (size, the last that the
    former ones sign, the former, the next), or None."""
    told, rolled = event.get("logKeys") if isinstance(event, dict) else None, []
    for names in (("vkey", "gmVkey"), ("nextVkey", "nextGmVkey")):
        keys = log_keys_in(told, *names)
        if not keys[0] or not keys[1] and told.get(names[1]) is not None:
            return None
        rolled.append(keys)
    names = [[key and key.name for key in keys] for keys in rolled]
    return (size, *rolled) if names[0] == names[1] and rolled[0][0] != rolled[1][0] else None


# ---- What was found ------------------------------------------------------------------------------


class Findings:
    """Remarks as (code, entry, words, path, offset), and the worst of them."""

    def __init__(self):
        self.finding, self.first_bad, self.since = GOOD, None, ""
        self.remarks, self.look, self.told = [], [], []
        self.entries, self.steps, self.epochs, self.root, self.pin = 0, 0, 0, "", b""
        self.extra = {}  # of the JSON: pruned, committed, witnessed

    def worsen(self, finding, code, *words, entry=None, path="", offset=None):
        if self.finding == GOOD or finding < self.finding:
            self.finding = finding
        self.remarks.append((code, entry, words, path, offset))

    def wrong(self, code, *words, **place):
        self.worsen(TAMPERED, code, *words, **place)

    def gone(self, path):
        self.worsen(TRUNCATED, "file-missing", path, path=path)

    def not_from(self, index):
        """Entries from `index` on cannot be trusted."""
        self.first_bad = index if self.first_bad is None else min(index, self.first_bad)

    def bad_entry(self, index, code, *words, path="", offset=None):
        self.not_from(index)
        self.wrong(code, *words, entry=index, path=path, offset=offset)

    def tell(self, code, *words, entry=None):
        self.told.append((code, entry, words, "", None))

    def worth(self, code, *words, entry=None):
        self.look.append((code, entry, words, "", None))


class Check(Findings):
    """What every check of one log has: its folder, what is asked, and its checkpoint."""

    def __init__(self, folder, request):
        super().__init__()
        self.folder, self.request, self.key = Folder(folder), request, request["key"]
        self.cosigned, self.seen = [], {}  # (size, time, witness); size -> names in the policy
        self.given = request["key"], request["gm_key"]
        self.begun = None  # blames the entry that tells the first keys
        self.set_keys(None, (), 0)

    def read_head(self, place=""):
        """(checkpoint, the one that witnesses saw or None), or None. That one is read first, so that
        of a log that is written meanwhile it is not the larger one."""
        notes = []
        for path in (WITNESSED, "checkpoint"):
            octets = self.folder.read(path)
            notes.append(note_or_none(octets))
            if octets is not None and notes[-1] is None:
                self.wrong("note-malformed", place + path, path=place + path)
        if octets is None:
            return self.worsen(CANNOT_TELL, "checkpoint-missing", self.folder.path)
        if notes[1] is None:
            return None
        if notes[1].size > LOG_ENTRIES_MAX:
            self.check_log_line(notes[1], place + "checkpoint")
            return self.worsen(CANNOT_TELL, "log-too-large", str(notes[1].size))
        if self.key is None:
            self.worsen(CANNOT_TELL, "key-missing")
        self.pin = octets
        return notes[1], notes[0]

    def read_pin(self, octets):
        pin = note_or_none(octets)
        ours = pin and self.fault_of(pin) is None
        return pin if ours else self.worsen(CANNOT_TELL, "pin-unreadable")

    # -- the log's own keys, of kind 0 (Ed25519) and 1 (SM2): docs/protocols/audit-log.md 6, 7
    def set_keys(self, keys, rolls, keys_from):
        self.reigns, self.named, self.keys_from = [], set(), rolls[0][0] if rolls else keys_from
        for roll in [*([(0, None, keys)] if keys else []), *rolls]:
            self.add_roll(roll)

    def add_roll(self, roll):
        """Whether it goes on from the present keys."""
        if roll is None or self.reigns and self.reigns[-1][1] != roll[1]:
            return False
        self.reigns[-1:] = [(roll[0], roll[1])] if roll[1] else []
        self.reigns.append((ENDLESS, roll[2]))
        self.named.update(kind for keys in roll[1:] if keys for kind in (0, 1)
                         if keys[kind] == self.given[kind])
        return True

    def key_at(self, size, kind=0):
        """The key that signs trees of this size: a given one that no entry tells signs all."""
        if not self.reigns or self.given[kind] and kind not in self.named:
            return self.given[kind]
        return self.reigns[bisect.bisect_left(self.reigns, (size,))][1][kind]


    def judge_given(self, whole=True):
        """Whether the given keys are those that the log ends with."""
        for kind, name in enumerate(("vkey", "gmVkey") if self.reigns else ()):
            given, now = self.given[kind], self.reigns[-1][1][kind]
            if given and given != now and kind in self.named:
                last = max(last for last, keys in self.reigns if keys[kind] == given)
                self.worsen(CANNOT_TELL, "key-former", name, now.text if now else "", entry=last - 1)
            elif given and given != now and self.begun and whole:
                self.begun("genesis-key", name)

    def is_by_former(self, note):
        return any(key.name == note.origin == self.key.name and note.says(key) == "good"
                   for key in self.request["former"])

    def check_line(self, note, key, path):
        return (said := note.says(key)) == "good" or \
            self.wrong("line-" + said, path, key.name, path=path)

    def fault_of(self, note, path=""):
        """None for a checkpoint of this log, by the key of its size; else what is wrong. Without a
        given key each is taken for one."""
        key = self.key and (self.key_at(note.size) or self.key)
        if key and note.origin != key.name:
            return "origin-other", path, note.origin
        said = note.says(key) if key else "good"
        if said == "good" or note.size <= self.keys_from and self.is_by_former(note):
            return None
        if said == "missing" and note.has_other(key) and self.begun and \
                note.size <= self.keys_from > 0:
            return "line-former", path  # by a key from before all that are told
        return "line-" + said, path, key.name

    def check_log_line(self, note, path):
        fault = self.fault_of(note, path)
        if fault:
            self.worsen(CANNOT_TELL if fault[0] == "line-former" else TAMPERED, *fault, path=path)
        return fault is None


    def count_cosignatures(self, note, path):
        policy = self.request["policy"]
        for name, key in (policy.witnesses if policy else {}).items():
            times = note.times(key)
            if None in times:
                self.wrong("line-bad", path, key.name, path=path)
            elif times:
                self.seen.setdefault(note.size, set()).add(name)
                self.cosigned.append((note.size, max(times), key.name))

    def witnessed(self, size):
        """How many entries enough have seen; None when nobody has to."""
        policy = self.request["policy"]
        if policy is None or policy.quorum == "none":
            return None
        return max([at for at, names in self.seen.items() if at <= size and policy.met_by(names)],
                   default=0)

    def judge_quorum(self, size):
        witnessed = self.witnessed(size)
        if witnessed is not None:
            self.extra["witnessed"] = witnessed
        if witnessed is None or witnessed >= size:
            return None
        first, last = (milliseconds(self.folder.time_of(i, size)) for i in (witnessed, size - 1))
        lag = 1000 * self.request["lag"]
        if witnessed and None not in (first, last) and last - first <= lag:
            return self.worth("not-yet-witnessed", str(size - witnessed), entry=witnessed)
        return self.worsen(UNWITNESSED, "unwitnessed", str(size - witnessed), entry=witnessed)

    def tell_since(self, size):
        if self.first_bad:
            self.since = self.folder.time_of(self.first_bad - 1, max(size, self.first_bad))


# ---- The walk over entries, in order -------------------------------------------------------------


class Walk(Check):
    """Times, keys, links, statements and epochs of the entries from `first` on."""

    def __init__(self, folder, request):
        super().__init__(folder, request)
        self.stages = request["stages"]
        self.first, self.last_time = 0, ""
        self.taken, self.last_of, self.gaps = set(), {}, []
        self.epoch_key, self.number, self.epoch_first, self.chain = None, 0, 0, bytes(32)
        self.known_from, self.closed = 0, []  # closed: (size, key)
        self.tree, self.roots, self.bundle_roots = Tree(), {}, []
        self.trees = {}  # copies of the tree, of the sizes that are keys here
        self.of_tiles, self.difference = Tree(), None  # of the hash tiles; where an entry first differs
        self.hashes_below, self.bounds, self.hashed, self.leaves = 0, [], set(), []

    def begin_behind(self, first, last_time, state, rolls=()):
        """The entries before are not read; `state` is the epoch: number, first, key, the log's keys,
        chain; `rolls` is what is known of their roll-overs before."""
        self.first, self.last_time = first, last_time
        self.number, self.epoch_first, self.epoch_key, keys, self.chain = state
        self.known_from = self.epoch_first
        self.set_keys(keys, rolls, self.epoch_first)

    def keep_root(self):
        if self.tree.size in self.roots:
            self.roots[self.tree.size] = self.tree.root()
        if self.tree.size in self.trees:
            self.trees[self.tree.size] = self.tree.size, list(self.tree.stack)

    def walk(self, size):
        """All bundles from where the tree stands on; False when one is missing or ends early."""
        self.keep_root()
        self.watch_future()
        for number in range(self.tree.size // WIDTH, (size + WIDTH - 1) // WIDTH):
            if number < self.hashes_below:
                path, leaves = self.folder.read_hashes("0", number, size)
                if not leaves:
                    return self.stop(number * WIDTH, path)
                for leaf in leaves:
                    self.add(leaf)
                    self.of_tiles = self.of_tiles and self.of_tiles.add(leaf)
            elif not self.walk_bundle(number, size):
                return False
        return True

    def stop(self, first, path):
        self.not_from(first)
        self.gone(path)
        return False

    def walk_bundle(self, number, size):
        start, width = number * WIDTH, min(WIDTH, size - number * WIDTH)
        path, entries, offsets, rest = self.folder.read_entries(number, size)
        if entries is None:
            return self.stop(start, path)
        leaves = [leaf_hash(entry) for entry in entries]
        for i, entry in enumerate(entries):
            self.see(start + i, entry, path, offsets[i])
            self.add(leaves[i])
        self.entries += len(entries)
        if len(entries) < width:
            self.bad_entry(start + len(entries), "bundle-short", path, path=path,
                           offset=offsets[-1])
            return False
        self.hashed.add(path)
        if rest:
            self.bad_entry(start + width - 1, "bundle-long", path, path=path, offset=offsets[-1])
        told = self.folder.read_hashes("0", number, size)[1]
        if self.of_tiles and len(told) == width:
            for leaf in told:
                self.of_tiles.add(leaf)
        else:
            self.of_tiles = None
        for i, (one, other) in enumerate(zip(leaves, told)):
            if one != other and self.difference is None:
                self.difference = start + i, path, offsets[i]
        return True

    def add(self, leaf):
        self.leaves.append(leaf)
        self.tree.add(leaf)
        self.keep_root()

    def see(self, index, text, path, offset):
        entry = parse_json(text)

        def bad(code, *words):
            self.bad_entry(index, code, *words, path=path, offset=offset)

        if not text_in(entry, "time") or not text_in(entry, "type"):
            bad("entry-malformed")
        else:
            self.see_entry(index, entry, bad)
            self.see_epoch(index, entry["type"], entry.get("event"), bad)
            self.see_future(index, entry["time"], bad)
        self.chain = sm3(self.chain + text)

    def see_entry(self, index, entry, bad):
        if entry["time"] < self.last_time:
            bad("entry-time")
        self.last_time = entry["time"]
        keys = entry.get("keys")
        for key in keys if isinstance(keys, list) else []:
            if isinstance(key, str) and key in self.taken:
                bad("entry-key-again", key)
            elif isinstance(key, str):
                self.taken.add(key)
        if isinstance(entry.get("transfer"), str):
            self.follow_link(index, entry, bad)
        if entry["type"] == "sequence.gap":
            event = entry.get("event")
            node, missing = text_in(event, "node"), number_in(event, "missing")
            if node and missing is not None:
                self.gaps.append((index, node, missing))
            else:
                bad("entry-gap")
        if entry["type"].startswith("step.") and self.stages:
            self.check_statement(entry, bad)

    def follow_link(self, index, entry, bad):
        """To an entry that is not seen nothing can be held against a link."""
        previous, last = entry.get("previous"), self.last_of.get(entry["transfer"])
        number = number_in(entry, "previous")
        if last is not None:
            matches = number == last
        else:
            matches = previous is None or number is not None and number < self.first
        if not matches:
            bad("entry-link")
        self.last_of[entry["transfer"]] = index

    def check_statement(self, entry, bad):
        """The stage's own signature over its statement (DSSE)."""
        text = from_base64(text_in(entry, "statement"))
        if not text:
            return bad("statement-missing")
        stage = entry["type"][len("step."):]
        receiver = text_in(entry.get("peer"), "program") or stage
        program = {"clear": "decide", "receive": receiver}.get(stage, stage)
        envelope = read_envelope(text)
        if not envelope or len(envelope[3]) != 1:
            return bad("statement-unreadable")
        if program not in self.stages or not ed25519(self.stages[program], envelope[2], envelope[3][0]):
            return bad("statement-unsigned", program)
        self.steps += 1
        return None

    # -- epochs
    def see_epoch(self, index, kind, event, bad):
        if index == 0 and kind != "genesis":
            bad("genesis-missing")
        if kind == "genesis":
            self.begin_epochs(index, event, bad)
        if kind == "epoch.close":
            self.close_epoch(index, event, bad)

    def begin_epochs(self, index, event, bad):
        if index != 0:
            return bad("genesis-again")
        self.set_keys(log_keys_in(event, "vkey", "gmVkey"), (), 0)
        self.begun = bad
        self.epoch_key = key_or_none(text_in(event, "epochVkey"))
        if self.epoch_key is None or self.epoch_key.name != text_in(event, "origin") + "/epoch":
            bad("entry-malformed")
        return None

    def close_epoch(self, index, event, bad):
        coming, present = key_or_none(text_in(event, "nextVkey")), self.epoch_key
        told = [number_in(event, name) for name in ("epoch", "first", "size")]
        in_order = told == [self.number, self.epoch_first, index]
        if not in_order or coming is None or present is None or coming.name != present.name:
            return bad("epoch-order", str(self.number))
        if text_in(event, "root") != self.tree.root().hex():
            bad("epoch-root")
        if text_in(event, "sm3") != self.chain.hex():
            bad("epoch-chain")
        self.chain = hash_in(event, "sm3") or bytes(32)  # each epoch's part stands by itself
        self.closed.append((index + 1, present, self.epoch_first, self.last_time))
        self.epoch_key, self.number, self.epoch_first = coming, self.number + 1, index + 1
        if event.get("logKeys") is not None and not self.add_roll(read_roll(event, index + 1)):
            bad("log-keys-order")
        return None

    # -- times that witnesses contradict
    def watch_future(self):
        """(size, time, witness): no entry below that size may be later."""
        earliest = None
        for size, time, witness in sorted(self.cosigned, reverse=True, key=lambda one: one[0]):
            if earliest is None or time < earliest[0]:
                earliest = time, witness
            self.bounds.append([size, time_text(min(earliest[0], SECONDS_MAX) + CLOCK_SLACK), earliest[1], False])
        self.bounds.reverse()

    def see_future(self, index, time, bad):
        while self.bounds and self.bounds[0][0] <= index:
            self.bounds.pop(0)
        if self.bounds and time > self.bounds[0][1] and not self.bounds[0][3]:
            self.bounds[0][3] = True
            bad("entry-future", self.bounds[0][2], self.bounds[0][1])

    # -- checkpoints
    def check_note(self, note, path, copy=False):
        """True when its lines are good. Of a copy for witnesses only the log's line counts."""
        before = len(self.remarks)
        self.check_log_line(note, path)
        if self.key and note.origin != self.key.name or copy:
            return len(self.remarks) == before
        key, gm_key = self.key_at(note.size), self.key_at(note.size, 1)
        told = note.size > self.keys_from or not key or note.says(key) == "good"
        if gm_key and told:
            self.check_line(note, gm_key, path)
        if note.size <= self.tree.size and not 0 < note.size <= self.known_from:
            self.check_epoch_line(note, path)
        return len(self.remarks) == before

    def check_epoch_line(self, note, path):
        place = bisect.bisect_left(self.closed, (note.size,))
        key = self.closed[place][1] if place < len(self.closed) else self.epoch_key
        number = self.number - len(self.closed) + place
        if key and note.says(key) == "missing" and note.has_other(key):
            self.wrong("epoch-line-other", path, str(number), path=path)
        elif key:
            self.check_line(note, key, path)


    def tell_gaps(self):
        self.epochs = self.number
        for index, node, missing in self.gaps:
            if f"sequence:{node}:{missing}" not in self.taken:
                self.worth("gap", str(missing), node, entry=index)


# ---- The whole log -------------------------------------------------------------------------------


class Full(Walk):
    def run(self):
        heads = self.read_head()
        if heads is None:
            return
        head, beside = heads
        if not self.stages:
            self.worth("stages-missing")
        paths = self.folder.all_paths()
        self.read_notes(head, beside,
                        [path for path in paths if path.startswith(("checkpoints/", "epoch/"))])
        for octets in self.request["pins"]:
            if (pin := note_or_none(octets)) is not None:
                self.roots[pin.size] = None
        segments = journal_segments(self, paths)
        if segments:
            self.trees[segments[0]] = None
        self.go_behind(self.find_pruning(head.size), head.origin)
        whole = self.walk(head.size)
        self.check_note(head, "checkpoint")
        if whole:
            self.root = self.tree.root().hex()
            self.compare_tiles(paths)
            self.compare_notes(head.size)
            self.compare_head(head)
        self.compare_pins()
        self.judge_given(whole)
        check_journal(self, segments, head)
        self.judge_quorum(head.size)
        self.tell_gaps()
        self.tell_since(head.size)

    def read_notes(self, head, beside, paths):
        self.notes, self.matched = {WITNESSED: beside} if beside else {}, {0}
        for path in paths:
            octets = self.folder.read(path)
            note = note_or_none(octets)
            if note:
                self.notes[path] = note
            elif octets is not None or not self.folder.is_gone(path):
                self.wrong("note-malformed", path, path=path)
        self.roots.update((note.size, None) for note in self.notes.values())
        for path, note in (("checkpoint", head), (WITNESSED, beside)):
            if note:
                self.count_cosignatures(note, path)

    def matched_below(self, size):
        return max(at for at in self.matched if at < size or at == 0)

    def compare_head(self, head):
        if self.tree.root() == head.root:
            return
        if self.of_tiles and self.of_tiles.root() == head.root and self.difference:
            index, path, offset = self.difference
            self.bad_entry(index, "entry-changed", path=path, offset=offset)
        else:
            self.not_from(self.matched_below(head.size))
        self.wrong("root-wrong", "checkpoint", path="checkpoint")

    def compare_notes(self, size, every_epoch=True):
        within = {}
        for path, note in sorted(self.notes.items()):
            if note.size <= size:
                within[path] = self.check_note(note, path, path == WITNESSED)
            elif path != WITNESSED:
                self.worth("beyond", path)
            elif self.check_log_line(note, path):
                self.worsen(TRUNCATED, "witness-ahead", path, str(note.size), path=path)
        for path, good in within.items():
            if good and self.roots[self.notes[path].size] == self.notes[path].root:
                self.matched.add(self.notes[path].size)
        for path in within:
            note, name = self.notes[path], path.partition("/")[2]
            if self.roots[note.size] not in (None, note.root):
                self.not_from(self.matched_below(note.size))
                self.wrong("root-wrong", path, path=path)
            if path.startswith("checkpoints/") and name != str(note.size):
                self.wrong("note-size", path, str(note.size), name, path=path)
        first = self.number - len(self.closed)
        for number in range(0 if every_epoch else first, self.number):
            path = f"epoch/{number}.checkpoint"
            if path not in self.notes:
                self.gone(path)
            elif number >= first and self.notes[path].size != self.closed[number - first][0]:
                self.wrong("note-size", path, str(self.notes[path].size),
                           str(self.closed[number - first][0]), path=path)

    def compare_pins(self):
        for octets in self.request["pins"]:
            pin = self.read_pin(octets)
            if pin is None:
                continue
            if self.roots[pin.size] is None:
                self.worsen(TRUNCATED, "pin-ahead", str(pin.size))
            elif pin.root != self.roots[pin.size]:
                self.not_from(self.matched_below(pin.size))
                self.wrong("pin-wrong", str(pin.size))
            else:
                self.matched.add(pin.size)

    # -- tiles
    def compare_tiles(self, paths):
        """Every hash tile and bundle that there is, and those that the size needs."""
        levels = [self.leaves]
        while len(levels[-1]) >= WIDTH:
            below = levels[-1]
            levels.append([root_of(below[at:at + WIDTH])
                           for at in range(0, len(below) - WIDTH + 1, WIDTH)])
        for level, hashes in enumerate(levels):
            self.compare_needed(level, hashes, 0)
        for path in paths:
            tile = parse_tile_path(path)
            if tile is not None:
                self.compare_tile(path, levels, *tile)
            elif path.startswith("tile/"):
                self.worth("stray", path)

    def compare_needed(self, level, hashes, first):
        for start in range(0, len(hashes), WIDTH):
            tile = level, first + start // WIDTH, min(WIDTH, len(hashes) - start)
            if not self.folder.has_tile(*tile):
                self.gone(tile_path(*tile))

    def compare_tile(self, path, levels, level, number, width):
        entries = level == "entries"
        at = 0 if entries else int(level)
        hashes = levels[at] if at < len(levels) else []
        wanted = hashes[number * WIDTH:number * WIDTH + width]
        if len(wanted) == width and path in self.hashed:
            return None  # the root is of its entries
        octets = self.folder.read(path)
        if octets is None and self.folder.is_gone(path):
            return None
        octets = octets or b""
        if len(wanted) < width:
            self.worth("beyond", path)
        if entries:
            found, offsets = read_bundle(octets, len(wanted))
            if len(found) < len(wanted):
                return self.wrong("bundle-short", path, path=path)
            if offsets[-1] < len(octets) and len(wanted) == width:
                self.wrong("bundle-long", path, path=path)
            found = [leaf_hash(entry) for entry in found]
        else:
            if len(octets) != 32 * width:
                return self.wrong("tile-size", path, path=path)
            offsets = range(0, len(octets), 32)
            found = [octets[i:i + 32] for i in offsets]
        for i, (one, other) in enumerate(zip(found, wanted)):
            if one != other:
                self.wrong("tile-wrong", path, str(i), path=path, offset=offsets[i])
        return None

    # -- what two auditors' order removed
    def find_pruning(self, size):
        """What the newest `log.pruned` tells, if bundles are missing and it covers them all."""
        kept = bundles = (size + WIDTH - 1) // WIDTH
        while kept and self.folder.has_tile("entries", kept - 1,
                                            min(WIDTH, size - (kept - 1) * WIDTH)):
            kept -= 1
        for number in range(bundles - 1, kept - 1, -1) if kept else ():
            entries = self.folder.read_entries(number, size)[1] or []
            for i, text in reversed(list(enumerate(entries))):
                entry = parse_json(text)
                if text_in(entry, "type") == "log.pruned":
                    pruned = self.read_pruning(number * WIDTH + i, entry.get("event"))
                    return pruned if pruned and pruned[1] >= kept * WIDTH else None
        return None

    @staticmethod
    def read_pruning(index, event):
        """(index, before, last time, archive, order, what begin_behind() wants), or None."""
        before, last_time, chain = (number_in(event, "before"), text_in(event, "lastTime"),
                                    hash_in(event, "sm3"))
        epoch = event.get("epoch") if isinstance(event, dict) else None
        number, first = number_in(epoch, "number"), number_in(epoch, "first")
        key = key_or_none(text_in(epoch, "vkey"))
        log_keys = log_keys_in(event, "vkey", "gmVkey")
        if None in (before, number, first, chain, key, log_keys[0]) or not last_time or first > before or \
                before == 0 or before % WIDTH or before > index:
            return None
        return index, before, last_time, text_in(event, "archive"), text_in(event, "order"), (
            number, first, key, log_keys, chain)

    def go_behind(self, pruned, origin):
        if pruned is None:
            return
        index, before, last_time, archive, order, state = pruned
        if not self.request["auditors"]:
            self.worsen(CANNOT_TELL, "prune-unproven", entry=index)
        elif (auditors := self.count_auditors(order, [origin, before, archive])) < 2:
            self.wrong("prune-unsigned", str(auditors), entry=index)
        self.begin_behind(before, last_time, state)
        self.begun = lambda *words: self.bad_entry(index, *words)
        self.hashes_below, self.extra["pruned"] = before // WIDTH, before
        self.worth("pruned", str(before), last_time, archive, entry=index)

    def count_auditors(self, order, wanted):
        """How many, by different keys, signed the order to prune exactly this."""
        envelope = read_envelope(from_base64(order) or b"")
        if not envelope or envelope[0] != "application/vnd.hangu.audit-order+json":
            return 0
        order = parse_json(envelope[1])
        act = order.get("act") if isinstance(order, dict) else None
        told = [text_in(order, "origin"), number_in(act, "before"), text_in(act, "archive")]
        if text_in(order, "order") != "prune" or told != wanted:
            return 0
        return sum(any(ed25519(key, envelope[2], signature) for signature in envelope[3])
                   for key in set(self.request["auditors"].values()))


# ---- The writer's journal ------------------------------------------------------------------------


def crc32c_step(value):
    for _ in range(8):
        value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
    return value


CRC = list(map(crc32c_step, range(256)))
RECORD_BYTES_MAX = 2 << 20
COMMIT_BYTES_MAX = 76 + NOTE_BYTES_MAX
TORN_BYTES_MAX = 18 + RECORD_BYTES_MAX + COMMIT_BYTES_MAX  # what one write can leave
LOOK_ALIKES_MAX = 16  # of a COMMIT in it; but by chance there is none


def crc32c(octets):
    crc = 0xFFFFFFFF
    for byte in octets:
        crc = crc >> 8 ^ CRC[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


def record(octets, at, kind):
    """(payload, where it ends) of the whole record of this kind, or (None, at)."""
    length, end = int.from_bytes(octets[at:at + 4], "big"), at + 9
    end += length
    bytes_max = COMMIT_BYTES_MAX if kind == 3 else RECORD_BYTES_MAX
    if len(octets) < at + 9 or octets[at + 8] != kind or length > bytes_max or end > len(octets) or \
            crc32c(octets[at:at + 4] + octets[at + 8:end]) != \
            int.from_bytes(octets[at + 4:at + 8], "big"):
        return None, at
    return octets[at + 9:end], end


def fields(payload, *widths):
    """Numbers and hashes of these widths, 0 for a text behind its length; None when it is others."""
    out = []
    for width in widths:
        if width == 0:
            width, payload = int.from_bytes(payload[:4], "big"), payload[4:]
        out.append(payload[:width])
        if len(payload) < width:
            return None
        payload = payload[width:]
    return None if payload else out


def is_torn(octets, at):
    """Whether what is left can be a write that was cut off: see docs/protocols/audit-log.md 5."""
    commits, look, look_alikes = [], at, 0
    while len(octets) - at <= TORN_BYTES_MAX and look + 86 <= len(octets) and len(commits) < 2:
        length, note = (int.from_bytes(octets[i:i + 4], "big") for i in (look, look + 81))
        behind = look
        if octets[look + 8] == 3 and length == note + 76 and 77 <= length <= COMMIT_BYTES_MAX:
            behind = record(octets, look, 3)[1]
            look_alikes += behind == look
        if behind > look:
            commits.append(look)
        look = max(behind, look + 1)
    if len(octets) - at > TORN_BYTES_MAX or look_alikes > LOOK_ALIKES_MAX:
        return False
    if len(commits) != 1 or commits[0] <= at + 9:
        return not commits
    entries, head = octets[at:commits[0]], -at % 512
    spelled = (len(entries) - 9).to_bytes(4, "big")[:head]
    if not any(entries[:head]) and any(spelled):
        return True
    return any(not any(entries[i:i + 512]) for i in range(head, len(entries) - 511, 512))


def journal_segments(check, paths):
    firsts = []
    for path in paths:
        if re.fullmatch("journal/[0-9]{20}\\.wal", path) and int(path[8:28]) < 1 << 64:
            firsts.append(int(path[8:28]))
        elif path.startswith("journal/"):
            check.worth("stray", path)
    return firsts


def check_journal(check, segments, head):
    """Records whole, entries in order, roots as committed, COMMITs one chain, as published."""
    path, at, tree, previous, signed = "", 0, Tree(), None, b""

    def fail(finding, code, offset):
        if finding == TAMPERED:
            check.not_from(tree.size)
        check.worsen(finding, code, path, entry=tree.size, path=path, offset=offset)

    if segments:
        path = f"journal/{segments[0]:020}.wal"
        if segments[0] > head.size:
            return fail(TRUNCATED, "journal-gap", None)
        if check.trees[segments[0]] is None:
            return None  # the published log ends before; told already
        tree.size, tree.stack = check.trees[segments[0]]
    for first in segments:
        path, at = f"journal/{first:020}.wal", 0
        octets = check.folder.read(path, SEGMENT_BYTES_MAX)
        if octets is None or len(octets) > SEGMENT_BYTES_MAX:
            return check.worth("journal-unread", path)
        start, behind = record(octets, at, 1)
        start = start and fields(start, 0, 8, 32, 32)
        if not start or int.from_bytes(start[1], "big") != first:
            return fail(TAMPERED, "journal-start", 0)
        if first != tree.size:
            return fail(TRUNCATED, "journal-gap", 0)
        if start[2] != tree.root() or start[0] != head.origin.encode() or \
                previous not in (None, start[3]):
            return fail(TAMPERED, "journal-start", 0)
        previous, at = start[3], behind
        while True:
            entries, behind = record(octets, at, 2)
            payload, behind = record(octets, behind, 3) if entries is not None else (None, at)
            batch = entries is not None and fields(entries, 8, 4, 0)
            commit = payload is not None and fields(payload, 8, 32, 32, 0)
            if not batch or not commit:
                break
            count = int.from_bytes(batch[1], "big")
            found, offsets = read_bundle(batch[2], count)
            whole = len(found) == count and offsets[-1] == len(batch[2])
            if not whole or int.from_bytes(batch[0], "big") != tree.size or commit[2] != previous:
                return fail(TAMPERED, "journal-batch", at)
            after = Tree()
            after.size, after.stack = tree.size, list(tree.stack)
            for entry in found:
                after.add(leaf_hash(entry))
            if int.from_bytes(commit[0], "big") != after.size or commit[1] != after.root():
                return fail(TAMPERED, "journal-batch", at)
            if after.size == head.size and after.root() != head.root:
                return fail(TAMPERED, "journal-other", at)
            tree, previous, signed, at = after, hashlib.sha256(payload).digest(), commit[3], behind
        octets = octets[:at] + octets[at:].rstrip(b"\0")  # a segment may end in zeros
        if at < len(octets) and not (first == segments[-1] and is_torn(octets, at)):
            return fail(TAMPERED, "journal-batch", at)
        if at < len(octets):
            check.worth("journal-torn", path, str(len(octets) - at))
    if not segments:
        return None
    check.extra["committed"] = tree.size
    if tree.size < head.size:
        return fail(TRUNCATED, "journal-behind", at)
    note = note_or_none(signed)
    ours = note and (note.origin, note.size, note.root) == (head.origin, tree.size, tree.root())
    if signed and (not ours or check.fault_of(note)):
        return fail(TAMPERED, "journal-note", at)
    return None


# ---- One entry's receipt (C2SP tlog-proof) -------------------------------------------------------


class Proof(Check):
    def run(self, octets, entry, index):
        found = self.read(octets)
        if found is None:
            return self.worsen(CANNOT_TELL, "proof-malformed")
        at, path, note = found
        self.root, self.pin, self.keys_from = note.root.hex(), note.octets, ENDLESS
        if self.key is None:
            self.worsen(CANNOT_TELL, "key-missing")
        if index is not None and index != at:
            self.wrong("proof-other", str(index), entry=at)
        if leads_to(leaf_hash(entry), at, note.size, path, note.root):
            self.entries = 1
            self.tell("proof-holds", text_in(parse_json(entry), "time"), entry=at)
        else:
            self.bad_entry(at, "proof-wrong")
        self.count_cosignatures(note, "proof")
        witnessed = self.witnessed(note.size)
        if witnessed is not None:
            self.extra["witnessed"] = witnessed
        if witnessed is not None and witnessed < note.size:
            self.worsen(UNWITNESSED, "proof-unwitnessed", entry=at)
        bound = witnessed is not None and witnessed >= note.size
        if not self.bind(note) and not bound:
            if note.size == 1:  # the entry is the root: that says nothing at all
                self.worsen(CANNOT_TELL, "proof-unbound", entry=at)
            else:
                self.worth("proof-unbound", entry=at)
        return None

    def bind(self, note):
        """Who holds the log's key can sign a tree for this receipt alone: whether its checkpoint is
        one that was kept elsewhere."""
        bound = False
        if self.check_log_line(note, "proof") and self.key and note.says(self.key) != "good":
            self.worth("receipt-former-key")
        for pin in filter(None, map(self.read_pin, self.request["pins"])):
            if pin.size == note.size:
                bound = pin.root == note.root or self.wrong("pin-wrong", str(note.size))
        return bound

    @staticmethod
    def read(octets):
        """(index, path, checkpoint), or None."""
        form = re.fullmatch(b"c2sp\\.org/tlog-proof@v1\n(?:extra ([^\n]*)\n)?index (0|[1-9][0-9]{0,19})"
                            b"\n((?:[^\n]+\n){0,63})\n(.*)", octets, re.DOTALL)
        if len(octets) > 32 * 1024 or not form or int(form[2]) >= 1 << 64:
            return None
        hashes = [from_base64(line.decode("latin-1")) for line in form[3].split(b"\n")[:-1]]
        extra = from_base64((form[1] or b"").decode("latin-1"))
        note = note_or_none(form[4])
        if note is None or extra is None or any(one is None or len(one) != 32 for one in hashes):
            return None
        return int(form[2]), hashes, note


# ---- The command line ----------------------------------------------------------------------------

OPTIONS = ("--key", "--gm-key", "--former-keys", "--stages", "--auditors", "--policy", "--lag",
           "--entry", "--index", "--write-pin")


def read_file(path):
    with open(path, "rb") as file:
        return file.read()


def read_key(given, otherwise, kind):
    if given is None and not os.path.exists(otherwise):
        return None
    path = otherwise if given is None else given
    key = Key(text_of(read_file(path)) if os.path.exists(path) else path)
    if key.kind != kind:
        raise ValueError("no key of a log: " + path)
    return key


def read_former(given, otherwise):
    """The log's keys of earlier times, one a line."""
    path = given or otherwise
    lines = text_of(read_file(path)).split("\n") if given or os.path.exists(path) else []
    keys = [Key(line) for line in lines if line]
    if any(key.kind != "ed25519" for key in keys):
        raise ValueError("no key of a log: " + path)
    return keys


def read_keys(given, otherwise):
    """Ed25519 keys by name; none when no file is named or lies at `otherwise`."""
    if given is None and not os.path.exists(otherwise):
        return {}
    keys = {name: from_base64(key["key"])
            for name, key in json.loads(read_file(given or otherwise)).items()
            if key["algorithm"] == "ed25519" and from_base64(key["key"])}
    if not keys:
        raise ValueError("no keys")
    return keys


def number_of(text):
    if not re.fullmatch("[0-9]{1,20}", text) or int(text) >= 1 << 64:
        raise ValueError("no number: " + text)
    return int(text)


def make_request(folder, options, pins):
    anchors = os.path.join(folder, "..", "anchors")
    request = {"key": read_key(options.get("--key"), os.path.join(anchors, "log.vkey"), "ed25519"),
               "gm_key": read_key(options.get("--gm-key"), os.path.join(anchors, "log-gm.vkey"),
                                  "sm2"),
               "former": read_former(options.get("--former-keys"),
                                     os.path.join(anchors, "log-former.vkey")),
               "stages": read_keys(options.get("--stages"), os.path.join(anchors, "stages.json")),
               "auditors": read_keys(options.get("--auditors"),
                                     os.path.join(anchors, "auditors.json")),
               "policy": Policy(read_file(options["--policy"])) if "--policy" in options else None,
               "lag": number_of(options.get("--lag", "0")), "pins": [read_file(pin) for pin in pins]}
    logs = request["policy"].logs if request["policy"] else []
    if len(logs) == 1 and request["key"] is None:
        request["key"] = logs[0]
    if logs and request["key"] and request["key"] not in logs:
        raise ValueError("the policy knows no such log")
    request["former"] += [log for log in logs
                          if request["key"] and log.name == request["key"].name and log != request["key"]]
    return request


def printable(text):
    return bytes_of(text).decode(errors="replace")


def tell(check, as_json):
    def put(remark):
        code, entry, words, path, offset = remark
        place = [f"({path} byte {offset})"] if offset is not None else []
        return (f"entry {entry}: " if entry is not None else "") + " ".join((code, *words, *place))

    def one(remark):
        names = ("code", "entry", "words", "path", "offset")
        out = {name: value for name, value in zip(names, remark) if value not in (None, (), "")}
        return {**out, "message": put(remark)}

    if as_json:
        out = {"event": "audit-verified", "verdict": check.finding, "entries": check.entries,
               "steps": check.steps, "epochs": check.epochs, "root": check.root,
               "messages": [one(remark) for remark in check.remarks],
               "worthALook": [one(remark) for remark in check.look],
               "told": [one(remark) for remark in check.told], **check.extra}
        if check.first_bad is not None:
            out.update(firstBad=check.first_bad, lastGood=check.since)
        return print(printable(json.dumps(out, ensure_ascii=False)))
    for remark in (*check.told, *check.remarks):
        print(printable(put(remark)))
    for remark in check.look:
        print("worth a look:", printable(put(remark)))
    if check.finding == GOOD and check.entries:
        print(f"good: {check.entries} entries, {check.steps} stage signatures, "
              f"{check.epochs} closed epochs, root {check.root}")
    if check.first_bad is not None:
        print(f"trustworthy still: entries before {check.first_bad}; the last of them is of "
              f"{check.since or '-'}")


def read_words(words, options_known=OPTIONS):
    """(words by place, options, pins), or None."""
    words, places, options, pins = list(words), [], {}, []
    while words:
        word = words.pop(0)
        if word == "--json":
            options[word] = True
        elif not word.startswith("--"):
            places.append(word)
        elif word == "--pin" and words:
            pins.append(words.pop(0))
        elif word in options_known and words:
            options[word] = words.pop(0)
        else:
            return None
    return places, options, pins


def check_full(places, options, pins):
    """The check when it is done; None when the words are not those of a full one."""
    if len(places) != 1:
        return None
    check = Full(places[0], make_request(places[0], options, pins))
    check.run()
    return check


def check_proof(places, options, pins, kind=Proof, folder=None):
    if len(places) != 1 or "--entry" not in options:
        return None
    folder = folder or os.path.dirname(places[0]) or "."
    check = kind(folder, make_request(folder, options, pins))
    index = number_of(options["--index"]) if "--index" in options else None
    check.run(read_file(places[0]), read_file(options["--entry"]), index)
    return check


def main(words, commands, usage, options_known=OPTIONS):
    """`commands` by their words; without one it is a full check."""
    command = commands[words.pop(0)] if words and words[0] in commands else check_full
    asked, check, finding = read_words(words, options_known), None, GOOD
    try:
        check = asked and command(*asked)
        if not check:
            print(usage, file=sys.stderr)
            return CANNOT_TELL
        places, options, pins = asked
        if "--write-pin" in options and check.finding == GOOD:
            with open(options["--write-pin"], "xb") as file:
                file.write(check.pin)
        finding = check.finding
        sys.stdout.reconfigure(encoding="utf-8")
        tell(check, "--json" in options)
        sys.stdout.flush()
    except Exception as problem:  # pylint: disable=broad-except; Python would end with 1: tampered
        print("cannot be used:", repr(problem), file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # for what print() still holds
        return finding or CANNOT_TELL
    return finding


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], {"full": check_full, "proof": check_proof}, __doc__))
