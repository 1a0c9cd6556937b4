#!/usr/bin/env python3
"""Holds the rules of the tree that a compiler does not hold.

usage: layering.py [--root DIR]     check the tree; print `file:line: rule: what` for each finding
       layering.py --self-test      show on made-up snippets that each rule can fail, and can pass

Exit status: 0 nothing found, 1 something found, 2 wrong usage.

Each rule is one small function from a File to (line, what) pairs, listed in RULES at the end. The
order of the layers is that of docs/ARCHITECTURE.md, section "Layout". What a rule must tolerate
stands in exceptions.txt, with a count and a reason; that list may only shrink.
"""
import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Callable, Iterator

# --- What is held -------------------------------------------------------------------------------

# Lowest first. A folder uses what stands in earlier lines; folders in one line don't use each
# other. `programs` is last, so that a main can start the supervisor.
LAYERS = [
    ["base"],
    ["os", "wire", "crypto", "sqlite"],
    ["flow", "config"],
    ["policy", "audit", "package", "ledger", "mosaic", "plain", "net"],
    ["line", "geo", "desensitise", "check"],
    ["witness"],
    ["stages", "zone", "directory", "console", "forward", "cli"],
    ["supervise"],
    ["programs"],
]
RANK = {name: rank for rank, names in enumerate(LAYERS) for name in names}
AT_ROOT = ["crypto", "policy", "audit", "config"]  # the other folders stand in src/
OWN = ("src", *AT_ROOT)
VERIFIER = "audit/verifier"

# Third-party headers and the only folders (or file name stems) that may include them.
CONFINED = [
    (r"openssl/", ["crypto/openssl", "src/net", VERIFIER]),
    (r"botan/", ["crypto/botan", "src/stages/emit", VERIFIER]),
    (r"sodium(\.h|/)", ["crypto/sodium"]),
    (r"intel-ipsec-mb\.h", ["crypto"]),
    (r"sqlite3(ext)?\.h", ["src/sqlite", "src/geo", "src/check"]),
    (r"(gdal|ogr|cpl_|gnm|vrtdataset|proj)", ["src/geo"]),
    (r"geos_c\.h", ["src/mosaic"]),
    (r"boost/", ["src/net"]),
    (r"nlohmann/", ["src/wire", VERIFIER]),
    (r"simdjson\.h", [VERIFIER]),
    (r"(toml\+\+/|toml\.hpp)", ["config", "policy"]),
    (r"z3\+\+\.h", ["policy/analysis"]),
    (r"libxml/", ["policy/labels"]),
    (r"CLI/", ["src/cli", "src/programs"]),
    (r"zstd", ["src/plain"]),
    (r"zlib\.h", ["src/check"]),
    (r"seccomp\.h", ["src/os"]),
    (r"systemd/", ["src/os"]),
    (r"utf8proc\.h", ["src/base"]),
    (r"tss2/", ["audit/tpm"]),
    (r"(ldap|lber|openldap)\.h", ["src/directory"]),
    (r"(libpq-fe|pqxx)", ["src/ledger"]),
]

# Headers of the language and the system, free for all.
STANDARD = re.compile(
    r"[a-z_0-9]+"  # <vector>, <cstdint>: no folder, no suffix
    r"|(sys|linux|netinet|arpa|asm|net)/[\w/.-]+"
    r"|(unistd|fcntl|errno|signal|poll|sched|grp|pwd|netdb|endian|dirent|syslog|immintrin|cpuid"
    r"|termios|spawn|time|limits|string|stdlib|stdio|stdint|ifaddrs|getopt|pthread|ftw|malloc)\.h"
)

# Names that stand only in the adapters to the system and to chance.
ADAPTERS = ("src/os/", "crypto/")
ADAPTER_ONLY = re.compile(r"\bsystem_clock\s*::\s*now\b|\b(random_device|getenv|sleep_for)\b")

VAGUE = re.compile(
    r"\b(?:class|struct|union|enum|using|concept)\s+\w*(?:Manager|Handler|Util|Helper)s?\b"
)

PROFILE = re.compile(r"\bos::(?:Profile|PathRule|PathUse|AllowedCall)\b")

# Written in pieces, so that this file does not find itself.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME)\b")
MACHINE_PATH = re.compile(r"(?<![\w.~}$/-])/(?:work|home|root|Users)/\w")

# --- Files --------------------------------------------------------------------------------------


@dataclass
class File:
    root: Path
    path: str  # from the root, with /
    text: str

    @cached_property
    def code(self) -> str:
        return blank_comments_and_strings(self.text)

    @property
    def is_cpp(self) -> bool:
        return self.path.endswith((".cpp", ".hpp"))

    @property
    def is_own(self) -> bool:
        return self.is_cpp and self.path.split("/")[0] in OWN

    @property
    def folder(self) -> str:
        """The layer's name: src/wire/json.cpp -> wire, crypto/hash.hpp -> crypto."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "src" else parts[0]

    def within(self, place: str) -> bool:
        """audit/index holds audit/index/tile.cpp, audit/index.cpp and audit/index_tile.cpp."""
        return re.match(re.escape(place) + r"[/._]", self.path) is not None

    def includes(self) -> Iterator[tuple[int, str, str]]:
        """(line, quote, target) of each #include."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if found := re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line):
                yield number, found[1], found[2]

    def hits(self, pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(text.splitlines(), 1):
            for found in pattern.finditer(line):
                yield number, found[0]


def blank_comments_and_strings(text: str) -> str:
    """The C++ text with comments, string and character literals blanked; lines stay lines."""
    token = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'",
        re.S,
    )
    return token.sub(blanks, text)


def blanks(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


# --- Rules --------------------------------------------------------------------------------------

Found = Iterator[tuple[int, str]]


def layer(file: File) -> Found:
    """A folder includes only itself and what stands below it."""
    if not file.is_own or file.within(VERIFIER):
        return
    if file.folder not in RANK:
        yield 1, f"folder '{file.folder}' is in no layer"
        return
    for line, quote, target in file.includes():
        other = target.split("/")[0]
        if quote == '"' and other in RANK and other != file.folder:
            if RANK[other] >= RANK[file.folder]:
                side = "a peer of" if RANK[other] == RANK[file.folder] else "above"
                yield line, f"'{file.folder}' includes {target}, which stands {side} it"


def include_form(file: File) -> Found:
    """Our own headers are included as "folder/name.hpp", from src/ or the root."""
    if not file.is_own:
        return
    for line, quote, target in file.includes():
        known = target.split("/")[0] in RANK and "/" in target and ".." not in target
        if quote == '"' and not known:
            yield line, f'"{target}" is not of the form "folder/name.hpp"'
        if quote == "<" and known and target.endswith(".hpp"):
            yield line, f"<{target}> is ours: use quotes"


def verifier_alone(file: File) -> Found:
    """The audit verifier shares no code with what it checks, in either direction."""
    for line, quote, target in file.includes() if file.is_own else ():
        ours = target.startswith(VERIFIER + "/")
        if file.within(VERIFIER) and quote == '"' and not ours:
            yield line, f"the verifier includes {target}"
        if file.folder == "audit" and not file.within(VERIFIER) and ours:
            yield line, f"the writer includes {target}"


def stages_alone(file: File) -> Found:
    """A stage uses no other stage: each is its own process, with its own trust."""
    if not file.path.startswith("src/stages/") or file.path.count("/") < 3:
        return
    stage = file.path.split("/")[2]
    for line, _, target in file.includes():
        parts = target.split("/")
        if parts[0] == "stages" and len(parts) > 2 and parts[1] != stage:
            yield line, f"stage '{stage}' includes {target}"


def third_party(file: File) -> Found:
    """A third-party header is used in its own folder only; an unknown one needs an ADR first."""
    if not file.is_own:
        return
    for line, quote, target in file.includes():
        if quote == '"' or STANDARD.fullmatch(target):
            continue
        homes = next((places for header, places in CONFINED if re.match(header, target)), None)
        if homes is None:
            yield line, f"<{target}> is not a known header: enter it in CONFINED, with an ADR"
        elif not any(file.within(place) for place in homes):
            yield line, f"<{target}> may be used in {', '.join(homes)} only"


def program_profile(file: File) -> Found:
    """A program's box is composed in a library, where tests/system/sandbox finds the same one."""
    if file.is_own and file.folder == "programs":
        for line, what in file.hits(PROFILE, file.code):
            yield line, f"a program composes its own {what}"


def vague_name(file: File) -> Found:
    """No type is a manager, handler, util or helper of something."""
    if file.is_own:
        for line, what in file.hits(VAGUE, file.code):
            yield line, f"'{what}' does not say what it is"


def adapter_only(file: File) -> Found:
    """Time, chance, environment and sleep come through constructor parameters."""
    if file.is_own and not file.path.startswith(ADAPTERS):
        for line, what in file.hits(ADAPTER_ONLY, file.code):
            yield line, f"{what} outside src/os and crypto"


def reinterpret_cast(file: File) -> Found:
    """Every reinterpret_cast is on the list, with its reason."""
    if file.is_own:
        for line, what in file.hits(re.compile(r"\breinterpret_cast\b"), file.code):
            yield line, what


def unfinished(file: File) -> Found:
    """What is left to do is an issue, not a comment."""
    for line, what in file.hits(UNFINISHED, file.text):
        yield line, what


def machine_path(file: File) -> Found:
    """Nothing depends on where a person keeps the tree."""
    for line, what in file.hits(MACHINE_PATH, file.text):
        yield line, f"{what}... is a path on somebody's machine"


def header_start(file: File) -> Found:
    """A header begins with a comment or with #pragma once, and has #pragma once."""
    if not file.path.endswith(".hpp"):
        return
    if not re.match(r"//|/\*|#pragma once\b", file.text):
        yield 1, "begins with neither a comment nor #pragma once"
    if not re.search(r"^#pragma once$", file.text, re.M):
        yield 1, "has no #pragma once"


def link(file: File) -> Found:
    """Relative links in documents lead somewhere."""
    if not file.path.endswith(".md"):
        return
    literal = re.compile(r"^```.*?^```|`[^`\n]*`", re.S | re.M)
    text = literal.sub(blanks, file.text)
    for line, found in file.hits(re.compile(r"\]\([^)\s]+\)"), text):
        target = found[2:-1].split("#")[0]
        if target and not re.match(r"[a-z]+:", target):
            if not (file.root / file.path).parent.joinpath(target).exists():
                yield line, f"link to {target}, which is not there"


RULES: dict[str, Callable[[File], Found]] = {
    "layer": layer,
    "include-form": include_form,
    "verifier-alone": verifier_alone,
    "stages-alone": stages_alone,
    "third-party": third_party,
    "program-profile": program_profile,
    "vague-name": vague_name,
    "adapter-only": adapter_only,
    "reinterpret-cast": reinterpret_cast,
    "unfinished": unfinished,
    "machine-path": machine_path,
    "header-start": header_start,
    "link": link,
}

# --- Exceptions ---------------------------------------------------------------------------------

Finding = tuple[str, int, str, str]  # path, line, rule, what


def read_exceptions(text: str) -> dict[tuple[str, str], int]:
    """Lines `rule path count reason...`; no reason, no exception."""
    allowed = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split(maxsplit=3)
        if len(fields) != 4 or fields[0] not in RULES or not fields[2].isdecimal():
            sys.exit(f"exceptions.txt:{number}: want `rule path count reason`")
        allowed[fields[0], fields[1]] = int(fields[2])
    return allowed


def apply_exceptions(found: list[Finding], allowed: dict[tuple[str, str], int]) -> list[str]:
    """What is left to print. Counts must be exact, so that the list shrinks with the tree."""
    counts = Counter((rule, path) for path, _, rule, _ in found)
    out = [
        f"{path}:{line}: {rule}: {what}"
        for path, line, rule, what in found
        if counts[rule, path] > allowed.get((rule, path), 0)
    ]
    return out + [
        f"{path}:1: {rule}: {count} excepted, {counts[rule, path]} found: shrink exceptions.txt"
        for (rule, path), count in allowed.items()
        if counts[rule, path] < count
    ]


# --- Running ------------------------------------------------------------------------------------

TEXTS = {
    *(".cpp", ".hpp", ".cmake", ".json", ".toml", ".txt", ".md"),
    *(".sh", ".py", ".service", ".ts", ".html", ".css"),
}
SKIPPED = {".git", "build", "cache", "node_modules", "corpus", "__pycache__"}


def tree(root: Path) -> Iterator[File]:
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root)
        if path.is_file() and not SKIPPED.intersection(name.parts):
            if path.suffix in TEXTS or name.as_posix() in ("dev", ".ci/run"):
                text = path.read_text(encoding="utf-8", errors="replace")
                yield File(root, name.as_posix(), text)


def check(root: Path) -> int:
    files = list(tree(root))
    if not any(file.is_own for file in files):
        sys.exit(f"no source of ours under {root}")
    found = [
        (file.path, line, rule, what)
        for file in files
        for rule, function in RULES.items()
        for line, what in function(file)
    ]
    listed = Path(__file__).with_name("exceptions.txt").read_text(encoding="utf-8")
    lines = apply_exceptions(found, read_exceptions(listed))
    print("\n".join(lines), end="\n" if lines else "")
    return 1 if lines else 0


# --- Self-test ----------------------------------------------------------------------------------

# rule, path, text in which the rule finds something, text in which it does not
CASES: list[tuple[str, str, str, str]] = [
    ("layer", "src/base/a.hpp", '#include "wire/json.hpp"', '#include "base/b.hpp"'),
    ("layer", "src/os/a.cpp", '#include "crypto/hash.hpp"', '#include "base/b.hpp"'),
    ("layer", "crypto/a.cpp", '#include "os/file.hpp"', '#include "crypto/openssl/b.hpp"'),
    ("layer", "src/plain/a.cpp", '#include "package/b.hpp"', '#include "flow/b.hpp"'),
    ("layer", "src/net/a.cpp", '  #  include "cli/b.hpp"', '// #include "cli/b.hpp"'),
    ("layer", "src/unknown/a.cpp", "int a;", ""),
    ("include-form", "src/os/a.cpp", '#include "file.hpp"', '#include "os/file.hpp"'),
    ("include-form", "src/os/a.cpp", '#include "../base/a.hpp"', '#include "base/a.hpp"'),
    ("include-form", "src/os/a.cpp", "#include <base/a.hpp>", "#include <vector>"),
    ("verifier-alone", "audit/verifier/a.cpp", '#include "base/a.hpp"', "#include <vector>"),
    ("verifier-alone", "audit/verifier/a.cpp", '#include "audit/a.hpp"', "#include <botan/hash.h>"),
    ("verifier-alone", "audit/a.cpp", '#include "audit/verifier/b.hpp"', '#include "audit/b.hpp"'),
    ("stages-alone", "src/stages/emit/a.cpp", '#include "stages/verify/b.hpp"',
     '#include "stages/emit/b.hpp"'),
    ("third-party", "src/wire/a.cpp", "#include <openssl/evp.h>", "#include <sys/socket.h>"),
    ("third-party", "crypto/hash.cpp", "#include <sodium.h>", "#include <cstdint>"),
    ("third-party", "src/check/a.cpp", "#include <gdal_priv.h>", "#include <sqlite3.h>"),
    ("third-party", "audit/log.cpp", "#include <sqlite3.h>", "#include <vector>"),
    ("third-party", "src/flow/a.cpp", "#include <nlohmann/json.hpp>", "#include <expected>"),
    ("third-party", "src/cli/a.cpp", "#include <boost/asio.hpp>", "#include <CLI/CLI.hpp>"),
    ("third-party", "src/os/a.cpp", "#include <fmt/core.h>", "#include <fcntl.h>"),
    ("program-profile", "src/programs/a.cpp", "os::Profile p;", "enter_sandbox(check_profile(c))"),
    ("vague-name", "src/os/a.hpp", "class FileManager {", "// a class Manager\nclass File {"),
    ("vague-name", "src/os/a.hpp", "struct PathUtils;", "struct Path;"),
    ("adapter-only", "src/line/a.cpp", "std::chrono::system_clock::now();", "clock.now();"),
    ("adapter-only", "src/line/a.cpp", 'getenv("HOME")', '"getenv"'),
    ("reinterpret-cast", "src/os/a.cpp", "reinterpret_cast<char*>(p)", "// reinterpret_cast"),
    ("unfinished", "docs/a.md", "TO" + "DO: more", "To do: more"),
    ("unfinished", "dev", "# FIX" + "ME", "# fix"),
    ("machine-path", "docs/a.md", "see /ho" + "me/me/x", "build/ho" + "me/x and /home"),
    ("header-start", "src/os/a.hpp", "int a;\n#pragma once\n", "// What.\n#pragma once\n"),
    ("header-start", "tests/support/a.hpp", "// What.\nint a;\n", "#pragma once\nint a;\n"),
    ("link", "docs/a.md", "[b](b.md)", "[a](a.md#x) [h](https://x.example/y) `[c](c.md)`"),
]


def self_test() -> int:
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "docs").mkdir()
        (root / "docs/a.md").touch()
        for rule, path, wrong, right in CASES:
            if not list(RULES[rule](File(root, path, wrong))):
                bad.append(f"{rule} does not find: {path}: {wrong}")
            if path != "src/unknown/a.cpp" and list(RULES[rule](File(root, path, right))):
                bad.append(f"{rule} finds: {path}: {right}")
    bad += [f"no case for {rule}" for rule in RULES if rule not in {case[0] for case in CASES}]
    one = [("a.cpp", 3, "layer", "x")]
    for place, count, lines in ("a.cpp", 0, 1), ("a.cpp", 1, 0), ("a.cpp", 2, 1), ("b.cpp", 1, 2):
        left = apply_exceptions(one, {("layer", place): count})
        if len(left) != lines:
            bad.append(f"{count} exceptions for {place} leave {left}")
    if "x" in blank_comments_and_strings("// x\n/* x\nx */ \"x\\\"x\" R\"(x\"x)\" 'x' 1'000\n"):
        bad.append("comments and strings are not blanked")
    print("\n".join(bad) or f"{len(CASES)} cases, each rule can fail")
    return 1 if bad else 0


def main(arguments: list[str]) -> int:
    if arguments == ["--self-test"]:
        return self_test()
    if not arguments:
        return check(Path(__file__).resolve().parents[2])
    if len(arguments) == 2 and arguments[0] == "--root":
        return check(Path(arguments[1]).resolve())
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
