"""Seeds of the fuzz target plain_form: small plain forms of each kind, spelled by the tables in
docs/protocols/plain-form.md and not by our own code; geometries as PostGIS and old shapefile
converters write them."""

import ctypes
import ctypes.util
import hashlib
import math
import struct

MARK = b"HANGUPF\x01"
NEVER, ALWAYS, OPTIONAL = 0, 1, 2
GEOMETRIES = (
    "none", "any", "point", "line", "polygon", "multi-point", "multi-line", "multi-polygon",
    "collection",
)  # fmt: skip
FIELDS = ("integer", "real", "text", "date", "date-time", "boolean", "binary")
SAMPLES = {"u8": 1, "u16": 2, "i16": 2, "u32": 4, "i32": 4, "f32": 4, "f64": 8}


def u32(value):
    return struct.pack(">I", value)


def u64(value):
    return struct.pack(">Q", value & (1 << 64) - 1)


def f64(value):
    return struct.pack(">d", value)


def counted(content):
    content = content.encode() if isinstance(content, str) else content
    return u32(len(content)) + content


def record(kind, body):
    return bytes([kind]) + u32(len(body)) + body


def dataset(kind, layers):
    return record(1, b"\0\1" + bytes([kind]) + u32(layers))


def crs(code=None, text=None):
    if code is not None:
        return b"\1" + u32(code)
    return b"\0" if text is None else b"\2" + counted(text)


def layer(name, geometry="none", z=NEVER, m=NEVER, system=b"\0", fields=()):
    spelled = b"".join(
        counted(n) + bytes([FIELDS.index(t)]) + u32(width) + bytes([nullable])
        for n, t, width, nullable in fields
    )
    head = counted(name) + bytes([GEOMETRIES.index(geometry), z, m]) + system
    return record(2, head + u32(len(fields)) + spelled)


def values(*present):
    """The bits, then the values; None is a null."""
    bits = bytearray((len(present) + 7) // 8)
    for i, value in enumerate(present):
        if value is not None:
            bits[i // 8] |= 1 << i % 8
    return bytes(bits) + b"".join(v for v in present if v is not None)


def feature(content, geometry=b""):
    return record(3, content + counted(geometry))


def row(*texts):
    return record(4, values(*(counted(t) for t in texts)))


def trailer(records, features=0, tiles=0):
    return record(7, u64(features) + u64(tiles) + hashlib.sha256(b"\0" + records).digest())


def wkb(kind, *parts, z=False, m=False, order="<", flags=0):
    code = kind + 1000 * z + 2000 * m + flags
    out = bytes([order == "<"]) + struct.pack(order + "I", code)
    for part in parts:
        if isinstance(part, int):
            out += struct.pack(order + "I", part)
        elif isinstance(part, float):
            out += struct.pack(order + "d", part)
        else:
            out += part
    return out


RING = (0.0, 0.0, 4.0, 0.0, 4.0, 4.0, 0.0, 0.0)
POINT = wkb(1, 1.0, 2.0)
LINE = wkb(2, 2, 0.0, 0.0, 1.0, 1.0)
POLYGON = wkb(3, 1, 4, *RING)
GEOMETRY = {
    "point": POINT,
    "point-z": wkb(1, 1.0, 2.0, 3.0, z=True),
    "point-zm": wkb(1, 1.0, 2.0, 3.0, 4.0, z=True, m=True),
    "point-empty": wkb(1, math.nan, math.nan),
    "line": LINE,
    "polygon": POLYGON,
    "multi-point": wkb(4, 2, POINT, POINT),
    "multi-line": wkb(5, 1, LINE),
    "multi-polygon": wkb(6, 1, POLYGON),
    "collection": wkb(7, 3, POINT, LINE, wkb(7, 1, POLYGON)),
    "collection-empty": wkb(7, 0),
}
DIALECT = {
    "big-endian": wkb(1, 1.0, 2.0, order=">"),
    "old-z": wkb(1, 1.0, 2.0, 3.0, flags=0x80000000),
    "mixed": wkb(6, 1, wkb(3, 1, 4, *RING, order=">")),
    "curve": wkb(8, 3, 0.0, 0.0, 1.0, 1.0, 2.0, 0.0),
    "open-ring": wkb(3, 1, 4, *RING[:6], 9.0, 9.0),
    "infinite": wkb(1, math.inf, 0.0),
    "counts": wkb(2, 0xFFFFFFF0, 0.0),
}


def vector():
    fields = [
        ("depth", "real", 0, 1), ("name", "text", 4, 1), ("count", "integer", 16, 0),
        ("dug", "date", 0, 1), ("seen", "date-time", 0, 1), ("dry", "boolean", 0, 1),
        ("core", "binary", 3, 1), ("a", "text", 0, 1), ("b", "text", 0, 1),
    ]  # fmt: skip
    every = values(
        f64(12.5), counted("井一二三"), u64(-3), u32(18262), u64(1_566_000_000_123), b"\0",
        counted(b"\0\xff\7"), None, counted(""),
    )  # fmt: skip
    nulls = values(None, None, u64(0), None, None, None, None, None, None)
    out = dataset(0, 2) + layer("wells 井", "point", system=crs(4490), fields=fields)
    out += feature(every, POINT) + feature(nulls)
    out += layer("rows", fields=[("k", "text", 0, 0)]) + row("x") + row("y")
    return out, {"features": 4}


def shapes():
    out = dataset(0, 1) + layer("任意", "any", OPTIONAL, OPTIONAL, crs(text='LOCALCRS["grid"]'))
    for geometry in GEOMETRY.values():
        out += feature(b"", geometry)
    return out, {"features": len(GEOMETRY)}


def table():
    out = dataset(2, 1) + layer("towns", fields=[(n, "text", 0, 0) for n in ("名称", "code")])
    out += row("北京", "110000") + row("", 'a "quoted", b')
    return out, {"features": 2}


def raster(sample, width, height, bands=1, transform=None, palette=b"", colour=1):
    head = u32(width) + u32(height) + bytes([list(SAMPLES).index(sample)])
    head += b"\0" if transform is None else b"\1" + b"".join(map(f64, transform))
    band = bytes([colour]) + b"\1" + f64(0.0)
    head += crs(4547) + u32(bands) + band * bands + u32(len(palette) // 3) + palette
    out = dataset(1, 0) + record(5, head)
    tiles = 0
    for y in range(0, height, 256):
        for x in range(0, width, 256):
            for number in range(bands):
                cells = min(256, width - x) * min(256, height - y) * SAMPLES[sample]
                place = u32(y // 256) + u32(x // 256) + u32(number)
                samples = bytes(i % 64 for i in range(cells))
                out += record(6, place + counted(samples))
                tiles += 1
    return out, {"tiles": tiles}


def compressed(plain):
    """One frame as libzstd makes it: level -1, window of 1 MiB."""
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
    zstd.ZSTD_createCCtx.restype = ctypes.c_void_p
    zstd.ZSTD_compressBound.restype = zstd.ZSTD_compress2.restype = ctypes.c_size_t
    context = ctypes.c_void_p(zstd.ZSTD_createCCtx())
    for parameter, value in ((100, -1), (101, 20)):  # compression level, window log
        zstd.ZSTD_CCtx_setParameter(context, parameter, value)
    room = zstd.ZSTD_compressBound(ctypes.c_size_t(len(plain)))
    out = ctypes.create_string_buffer(room)
    size = zstd.ZSTD_compress2(
        context, out, ctypes.c_size_t(room), plain, ctypes.c_size_t(len(plain))
    )
    zstd.ZSTD_freeCCtx(context)
    return out.raw[:size]


def raw_frame(plain):
    """One zstd frame of one raw block (RFC 8878), its size in four bytes."""
    head = b"\x28\xb5\x2f\xfd\xa0" + len(plain).to_bytes(4, "little")
    return head + (len(plain) << 3 | 1).to_bytes(3, "little") + plain


def forms():
    transform = (500_000.0, 10.0, 0.0, 3_000_000.0, 0.0, -10.0)
    yield "vector", *vector()
    yield "shapes", *shapes()
    yield "table", *table()
    yield "raster", *raster("u16", 5, 3, bands=2, transform=transform)
    yield "raster-tiles", *raster("u8", 300, 2)
    yield "raster-real", *raster("f32", 3, 3, transform=(0.0, 1e200, 0.0, 0.0, 0.0, -1e200))
    yield "raster-palette", *raster("u8", 4, 4, palette=bytes(range(24)), colour=2)


def plain_form():
    for name, records, counts in forms():
        whole = records + trailer(records, **counts)
        yield f"file-{name}", b"\0" + MARK + counted(compressed(whole))
        yield f"records-{name}", b"\1" + whole
        yield f"open-{name}", b"\2" + records
    records, counts = table()
    whole = records + trailer(records, **counts)
    yield "file-raw-block", b"\0" + MARK + counted(raw_frame(whole))
    yield "file-after-last", b"\0" + MARK + counted(raw_frame(whole)) * 2
    yield "file-skippable", b"\0" + MARK + counted(b"\x50\x2a\x4d\x18\1\0\0\0x")
    yield "file-cut", b"\0" + MARK + counted(raw_frame(whole))[:-9]
    yield "file-mark", b"\0" + MARK
    for name, geometry in GEOMETRY.items():
        yield f"geometry-{name}", b"\3" + geometry
    for name, geometry in DIALECT.items():
        yield f"dialect-{name}", b"\4" + geometry
