#!/usr/bin/env python3
"""Runs the officer's guide: its files, its commands, and their output, in both languages.

usage: guide_test.py HANGU            every command of the guide says what the guide shows
       guide_test.py HANGU --write    writes what they say into the guide; read the change

What a fence is for stands behind its language:

    ```toml names.toml          the file is this
    ```toml policy.toml +       this comes at its end
    ```toml policy.toml P-003   the table with this id is this
    ```console                  commands behind "$ ", each with all that it writes

Both pages must have the same files and commands, so that neither goes its own way.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs" / "operations"
PAGES = {"en": DOCS / "policy-guide.md", "zh": DOCS / "policy-guide.zh-CN.md"}
FENCE = re.compile(r"^```(toml|console)([^\n]*)\n(.*?)^```$", re.M | re.S)
# What is another at each run: digests, and when something was signed.
CHANCE = re.compile(r"\b[0-9a-f]{64}\b|(?<=passed the gate )\S+Z|(?<=通过检查 )\S+Z|(?<=; )\S+Z(?=;)")
BLOCKS_MIN = 15  # fewer: this program no longer reads the guide


def put(folder, where, text):
    name, _, what = where.strip().partition(" ")
    path = folder / name
    if not what:
        path.write_text(text, encoding="utf-8")
    elif what == "+":
        path.write_text(path.read_text(encoding="utf-8") + "\n" + text, encoding="utf-8")
    else:
        tables = path.read_text(encoding="utf-8").split("\n\n")
        places = [i for i, table in enumerate(tables) if f'id = "{what}"' in table]
        assert len(places) == 1, (name, what)
        tables[places[0]] = text.rstrip("\n")
        path.write_text("\n\n".join(tables).rstrip("\n") + "\n", encoding="utf-8")


def run(folder, command, language, hangu):
    """What a terminal shows: both streams in their order."""
    settings = {"PATH": f"{folder / 'bin'}:{os.environ['PATH']}", "HOME": str(folder),
                "LANG": {"en": "C.UTF-8", "zh": "zh_CN.UTF-8"}[language]}
    (folder / "bin").mkdir(exist_ok=True)
    link = folder / "bin" / "hangu"
    if not link.is_symlink():
        link.symlink_to(Path(hangu).resolve())
    done = subprocess.run(["sh", "-c", command], cwd=folder, env=settings, text=True, timeout=120,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    shown = CHANCE.sub("…", "\n".join(line.rstrip() for line in done.stdout.splitlines()))
    return (shown + "\n" if shown else "") + (f"[{done.returncode}]\n" if done.returncode else "")


def commands(block):
    return re.findall(r"^\$ (.*)$", block, re.M)


def shown(block, folder, language, hangu):
    return "".join(f"$ {c}\n{run(folder, c, language, hangu)}" for c in commands(block))


def play(language, hangu, write):
    """What differs from the page, and what the page makes one do."""
    page = PAGES[language].read_text(encoding="utf-8")
    acts, differing = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # the gateway's programs pass through

        def play_one(found):
            kind, where, text = found.groups()
            if kind == "toml":
                acts.append((where, text))
                put(folder, where, text)
                return found[0]
            acts.extend(commands(text))
            now = shown(text, folder, language, hangu)
            if now != text:
                differing.append(f"{PAGES[language].name}:\n{text}--- is now ---\n{now}")
            return f"```console\n{now}```"

        try:
            after = FENCE.sub(play_one, page)
        finally:
            run(folder, "hangu down --quiet --folder gateway", language, hangu)
    if write:
        PAGES[language].write_text(after, encoding="utf-8")
    return acts, [] if write else differing


def main():
    hangu, write = sys.argv[1], "--write" in sys.argv[2:]
    played = {language: play(language, hangu, write) for language in PAGES}
    problems = [p for _, differing in played.values() for p in differing]
    english, chinese = played["en"][0], played["zh"][0]
    if english != chinese:
        problems.append("the two pages have other files or commands")
    if len(english) < BLOCKS_MIN:
        problems.append(f"only {len(english)} files and commands found")
    print("\n".join(problems) or f"{len(english)} files and commands, in both languages")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
