#!/usr/bin/env python3
"""Reads what `hangu policy label` writes with programs that share nothing with it.

usage: labels_test.py HANGU

Python's expat reads the labels, the binding and the SPIF, and holds each label against the SPIF by a
checker of its own; xmllint holds them against the schemas beside this file, written after the
published structure of ADatP-4774, ADatP-4778 and Open XML SPIF 2.1. Then `import` must give back
what `export` was told, and refuse what expat-made changes do to it.
"""
import base64
import hashlib
import itertools
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

HERE = Path(__file__).resolve().parent
CATALOGUE = HERE.parents[2] / "policy" / "examples" / "landspace.catalogue.toml"
LABEL = "{urn:nato:stanag:4774:confidentialitymetadatalabel:1:0}"
BINDING = "{urn:nato:stanag:4778:bindinginformation:1:0}"
SPIF = "{http://www.xmlspif.org/spif}"
MIME = "{http://www.w3.org/2005/05/xmlmime}"
SECRECIES = {"open": "公开", "internal": "内部", "secret": "秘密", "confidential": "机密",
             "top-secret": "绝密"}
GRADES = {"general": "一般", "important": "重要", "core": "核心"}
ROOMS = ["自然资源", "测绘", "海洋"]
TYPES = {"restrictive": "RESTRICTIVE", "permissive": "PERMISSIVE", "tagType7": "INFORMATIVE"}


def hangu(*words, status=0):
    done = subprocess.run([sys.argv[1], "policy", "label", *words], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == status, (words, done.returncode, done.stderr)
    return done.stdout


def validate(schema, path):
    subprocess.run(["xmllint", "--nonet", "--noout", "--schema", str(HERE / schema), str(path)],
                   check=True, capture_output=True, timeout=60)


def read_policy(path):
    """The SPIF's own rules, as far as ours has them: names, types, exclusions, one of a set."""
    root = ET.parse(path).getroot()
    assert root.tag == SPIF + "SPIF"
    values = {}
    for tag_set in root.iter(SPIF + "securityCategoryTagSet"):
        for tag in tag_set.findall(SPIF + "securityCategoryTag"):
            kind = tag.get("enumType") or tag.get("tagType")
            for value in tag.findall(SPIF + "tagCategory"):
                excluded = {e.text for e in value.findall(SPIF + "excludedClass")}
                key = (tag_set.get("name"), TYPES[kind], value.get("name"))
                assert key not in values, key
                values[key] = (excluded, tag.get("singleSelection") == "true", value.get("lacv"))
    classes = {}
    for one in root.iter(SPIF + "securityClassification"):
        demands = [(d.get("operation"),
                    {(g.get("tagSetRef"), g.get("lacv")) for g in d.findall(SPIF + "categoryGroup")})
                   for d in one.findall(SPIF + "requiredCategory")]
        classes[one.get("name")] = demands
    policy = root.find(SPIF + "securityPolicyId")
    oids = {s.get("name"): s.get("id") for s in root.iter(SPIF + "securityCategoryTagSet")}
    return policy.get("name"), policy.get("id"), classes, values, oids


def is_legal(label, policy):
    name, oid, classes, values, oids = policy
    information = label.find(LABEL + "ConfidentialityInformation")
    identifier = information.find(LABEL + "PolicyIdentifier")
    classification = information.find(LABEL + "Classification").text
    if (identifier.text, identifier.get("URI")) != (name, "urn:oid:" + oid):
        return False
    if classification not in classes:
        return False
    there = set()
    for category in information.findall(LABEL + "Category"):
        tag_set, kind = category.get("TagName"), category.get("Type")
        texts = [v.text for v in category.findall(LABEL + "GenericValue")]
        if category.get("URI") != "urn:oid:" + oids.get(tag_set, ""):
            return False
        for text in texts:
            found = values.get((tag_set, kind, text))
            if found is None or classification in found[0] or (found[1] and len(texts) > 1):
                return False
            there.add((tag_set, found[2]))
    for operation, groups in classes[classification]:
        met = len(groups & there)
        if (operation, met) != ("onlyOne", 1):
            return False
    return True


def labels():
    rooms = [c for n in range(4) for c in itertools.combinations(ROOMS, n)]
    for number, (secrecy, grade) in enumerate(itertools.product(SECRECIES, GRADES)):
        term = 0 if secrecy in ("open", "internal") else (1, 10, 100)[number % 3]
        owner = ("省厅", "a, b+\"c\" <d> & e", " #行\n", "O=x\\")[number % 4]
        yield secrecy, grade, term, owner, rooms[number % len(rooms)]


def words_of(secrecy, grade, term, owner, rooms):
    out = ["--catalogue", str(CATALOGUE), "--secrecy", secrecy, "--grade", grade, "--owner", owner,
           "--term-years", str(term), "--created", "2026-03-01T08:00:00Z"]
    return out + [w for room in rooms for w in ("--compartment", room)]


def check_label(folder, policy, one):
    secrecy, grade, term, owner, rooms = one
    path = folder / "label.xml"
    path.write_text(hangu("export", *words_of(*one)), encoding="utf-8")
    validate("confidentiality_label.xsd", path)
    root = ET.parse(path).getroot()
    assert root.tag == LABEL + "originatorConfidentialityLabel"
    assert root.find(f".//{LABEL}Classification").text == SECRECIES[secrecy]
    read = {c.get("TagName"): [v.text for v in c] for c in root.iter(LABEL + "Category")}
    wanted = {"数据级别": [GRADES[grade]]}
    wanted |= {"知悉范围": sorted(rooms)} if rooms else {}
    wanted |= {"保密期限": [str(term)]} if term else {}
    assert read == wanted, (read, wanted)
    assert is_legal(root, policy), one
    told = json.loads(hangu("import", str(path), "--catalogue", str(CATALOGUE), "--json"))
    assert told["label"] == {"secrecy": secrecy, "grade": grade, "termYears": term, "owner": owner,
                             "compartments": sorted(rooms)}, told
    return root


def check_changes(folder, policy, root):
    """Where the two checkers are asked about the same changed label, they agree."""
    changes = {
        "classification": lambda r: r.find(f".//{LABEL}Classification"),
        "grade": lambda r: r.findall(f".//{LABEL}GenericValue")[0],
        "policy": lambda r: r.find(f".//{LABEL}PolicyIdentifier"),
    }
    texts = [*SECRECIES.values(), *GRADES.values(), *SECRECIES, "10", "landspace-national", "x"]
    seen = set()
    for (what, place), text in itertools.product(changes.items(), texts):
        changed = ET.fromstring(ET.tostring(root))
        place(changed).text = text
        path = folder / "changed.xml"
        path.write_bytes(ET.tostring(changed))
        legal = is_legal(changed, policy)
        seen.add((what, legal))
        hangu("check", str(path), "--catalogue", str(CATALOGUE), status=0 if legal else 10)
    assert len(seen) == 2 * len(changes), seen


def check_binding(folder):
    files = [folder / "a.csv", folder / "b.gpkg"]
    for number, path in enumerate(files):
        path.write_bytes(bytes([number]) * 100_000)
    out = folder / "binding.xml"
    data = [w for path in files for w in ("--data", str(path))]
    one = next(iter(labels()))
    hangu("export", *words_of(*one), *data, "--output", str(out))
    validate("binding_information.xsd", out)
    references = list(ET.parse(out).getroot().iter(BINDING + "DataReference"))
    for path, reference in zip(files, references, strict=True):
        digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
        assert reference.get("URI") == "ni:///sha-256;" + digest.rstrip("="), reference.attrib
        assert reference.get(MIME + "contentType") in ("text/csv", "application/geopackage+sqlite3")
    hangu("import", str(out), "--catalogue", str(CATALOGUE), *data)
    files[0].write_bytes(b"other")
    hangu("import", str(out), "--catalogue", str(CATALOGUE), *data, status=5)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        spif = folder / "spif.xml"
        hangu("spif", "--catalogue", str(CATALOGUE), "--output", str(spif))
        validate("spif.xsd", spif)
        policy = read_policy(spif)
        roots = [check_label(folder, policy, one) for one in labels()]
        check_changes(folder, policy, roots[0])
        check_changes(folder, policy, roots[-1])
        check_binding(folder)
        print(f"{len(roots)} labels, their SPIF and a binding")


if __name__ == "__main__":
    main()
