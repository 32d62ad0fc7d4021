# SPDX-License-Identifier: Apache-2.0
"""Random histories of a registry, and how they look as index files.

A crate's file is a list of rows. What a row means (version, checksum, flag, metadata) is kept as it is meant, and its
text is made from that in one of the many ways that mean the same: so yw.oracle never has to read an index line. A wave
changes some crates, each in one to three ways (CHANGES, below).
"""

import dataclasses
import hashlib
import json
import random

DEPENDENCIES = ["serde", "libc", "rand", "syn", "log"]
FACETS = ["deps", "features", "links", "rust_version"]
REMEMBERED = 6  # files that may come back
LATER_FORMAT = 3  # of its lines only name, version, checksum and flag are read


@dataclasses.dataclass
class Row:
    """One line of a file."""
    vers: str
    cksum: str
    yanked: bool = False
    deps: list = dataclasses.field(default_factory=list)  # of dictionaries that hold all keys
    features: dict = dataclasses.field(default_factory=dict)  # name: set of values
    links: str = None
    rust_version: str = None
    later_format: bool = False
    style: int = 0  # in which of the ways that mean the same it is written
    spoilt: int = 0  # which fault the line has; 0: none

    def metadata(self):
        """{facet: what it means}; None when it is not read."""
        if self.later_format:
            return None
        deps = {tuple(sorted((key, str(value)) for key, value in dep.items())) for dep in self.deps}
        return {"deps": frozenset(deps), "links": self.links, "rust_version": self.rust_version,
                "features": frozenset((name, frozenset(values)) for name, values in self.features.items())}


@dataclasses.dataclass
class File:
    """Not changed once it is served: changes are made to a copy."""
    rows: list
    style: int = 0
    meant: tuple = None  # what oracle.meaning() found, found once

    def copy(self):
        return File([dataclasses.replace(row) for row in self.rows], self.style)

    def text(self, crate):
        lines = [spoil(row, line_of(crate, row)) for row in self.rows]
        dice = random.Random(self.style)
        end = dice.choice([b"\n", b"\n", b"\r\n", b"\n\n"]) if self.style else b"\n"
        return end.join(lines) + (b"" if self.style and dice.random() < 0.3 else b"\n")


# ---- from meaning to text

def shuffled(dice, items):
    items = list(items)
    dice.shuffle(items)
    return items


def leave_out(dice, line, key, value):
    """A value that may as well be absent or null."""
    if line.get(key) == value:
        way = dice.randrange(3)
        if way == 0:
            del line[key]
        elif way == 1:
            line[key] = None


def dep_of(dice, dep):
    line = dep | {"features": shuffled(dice, dep["features"])}
    for key in ("target", "registry", "package"):
        leave_out(dice, line, key, None)
    leave_out(dice, line, "kind", "normal")
    for key, value in (("optional", False), ("default_features", True), ("features", [])):
        if line[key] == value and dice.random() < 0.3:
            del line[key]
    return dict(shuffled(dice, line.items()))


def features_of(dice, features):
    """(features, features2): what is in which of the two tables says nothing, nor does their order."""
    tables = {}, {}
    for name, values in shuffled(dice, features.items()):
        first = [value for value in sorted(values) if dice.random() < 0.5]
        rest = shuffled(dice, set(values) - set(first))
        way = dice.randrange(3)
        if way == 2:
            tables[0][name], tables[1][name] = first, rest
        else:
            tables[way][name] = shuffled(dice, values)
    return tables


def line_of(crate, row):
    dice = random.Random(f"{row.style} {row.vers}")
    features, features2 = features_of(dice, row.features)
    line = {"name": crate, "vers": row.vers, "cksum": row.cksum, "yanked": row.yanked,
            "deps": shuffled(dice, [dep_of(dice, dep) for dep in row.deps]), "features": features,
            "features2": features2, "links": row.links, "rust_version": row.rust_version,
            "v": LATER_FORMAT if row.later_format else 2, "pubtime": f"2026-01-{dice.randrange(1, 29):02}T00:00:00Z"}
    for key, value in (("yanked", False), ("links", None), ("rust_version", None), ("features2", {}), ("v", 2),
                       ("pubtime", line["pubtime"])):
        leave_out(dice, line, key, value)
    if row.later_format:
        line["deps"] = [{"how": "later"}]
    if line["features"] == {} and dice.random() < 0.3:
        del line["features"]
    line = dict(shuffled(dice, line.items()))
    separators = dice.choice([(",", ":"), (", ", ": ")])
    return json.dumps(line, ensure_ascii=dice.random() < 0.5, separators=separators).encode()


def without_end(line):
    return line[:-1]


FAULTS = [
    None,
    without_end,
    lambda line: line + b"}",
    lambda line: b"<html>",
    lambda line: b"null",
    lambda line: line.replace(b'"cksum"', b'"checksum"'),
    lambda line: line.replace(b'"vers"', b'"version"'),
    lambda line: b'{"name": "another", ' + without_end(line).lstrip(b"{") + b"}",  # and the same key twice
    lambda line: line.replace(b'"deps"', b'"deps\xff"'),
    lambda line: line.replace(b'"deps"', b'"de\0ps"'),
    lambda line: b"\0" + line,
    lambda line: without_end(line) + b', "rust-version": "1", "rust-version": "1"}',
]


def spoil(row, line):
    return FAULTS[row.spoilt](line) if row.spoilt else line


# ---- what may happen to a file

def checksum(dice):
    return hashlib.sha256(dice.randbytes(16)).hexdigest()


def new_style(dice):
    return dice.randrange(1, 1 << 30)


def a_dep(dice):
    return {"name": dice.choice(DEPENDENCIES), "req": f"^{dice.randrange(3)}.{dice.randrange(3)}",
            "features": ["std"][:dice.randrange(2)], "optional": dice.random() < 0.2,
            "default_features": dice.random() < 0.8, "target": dice.choice([None, None, "cfg(unix)"]),
            "kind": dice.choice(["normal", "normal", "dev", "build"]), "registry": dice.choice([None, None, "https://r/"]),
            "package": dice.choice([None, None, "other"])}


def some_features(dice, names):
    return {name: set(dice.sample(["dep:x", "std", "y/z"], dice.randrange(3))) for name in names}


def publish(dice, file):
    major = len({row.vers for row in file.rows})
    vers = str(major) + dice.choice([".0.0", ".0.0", ".1.0-rc.1", ".0.0+a", ".0", ".0.0-ä"])
    if any(row.vers == vers for row in file.rows):
        vers += f".{dice.randrange(1 << 30)}"
    features = some_features(dice, ["default", "full", "ü"][:dice.randrange(4)])
    file.rows.append(Row(vers, checksum(dice), dice.random() < 0.1, [a_dep(dice) for _ in range(dice.randrange(3))],
                         features, dice.choice([None, None, "z"]), dice.choice([None, "1.70"]),
                         dice.random() < 0.03, new_style(dice)))


def flip(dice, file):
    row = dice.choice(file.rows)
    row.yanked = not row.yanked


def flip_two(dice, file):
    """One yank and one un-yank, where there is what to flip."""
    for yanked in (False, True):
        rows = [row for row in file.rows if row.yanked == yanked]
        if rows:
            dice.choice(rows).yanked = not yanked


def delete_version(dice, file):
    vers = dice.choice(file.rows).vers
    if any(row.vers != vers for row in file.rows):
        file.rows[:] = [row for row in file.rows if row.vers != vers]


def change_checksum(dice, file):
    dice.choice(file.rows).cksum = checksum(dice)


def change_metadata(dice, file):
    row = dice.choice(file.rows)
    facet = dice.choice(FACETS)
    if facet == "links":
        row.links = dice.choice([None, "z", "ssl"])
    elif facet == "rust_version":
        row.rust_version = dice.choice([None, "1.70", "1.80"])
    elif facet == "features":
        row.features = row.features | some_features(dice, [dice.choice(["default", "extra"])])
    elif row.deps and dice.random() < 0.7:
        changed = dice.randrange(len(row.deps))
        key = dice.choice(["req", "features", "optional", "default_features", "target", "kind", "package"])
        value = a_dep(dice)[key]
        row.deps = [dep | ({key: value} if n == changed else {}) for n, dep in enumerate(row.deps)]
    else:
        row.deps = [*row.deps, a_dep(dice)]


def change_format(dice, file):
    row = dice.choice(file.rows)
    row.later_format = not row.later_format


def rewrite(dice, file):
    """All lines in another style, as when the registry writes the file anew."""
    for row in file.rows:
        row.style = new_style(dice)
    file.style = new_style(dice)


def reorder(dice, file):
    dice.shuffle(file.rows)


def double(dice, file):
    """A second line of some version, which may say something else."""
    row = dataclasses.replace(dice.choice(file.rows))
    change = dice.choice([None, flip, change_checksum, change_metadata, rewrite])
    if change:
        change(dice, File([row]))
    file.rows.insert(dice.randrange(len(file.rows) + 1), row)


def single(dice, file):
    rows = {row.vers: row for row in reversed(file.rows)}
    file.rows[:] = reversed(rows.values())


def spoil_one(dice, file):
    dice.choice(file.rows).spoilt = dice.randrange(1, len(FAULTS))


def spoil_all(dice, file):
    for row in file.rows:
        row.spoilt = dice.randrange(1, len(FAULTS))


def repair(dice, file):
    for row in file.rows:
        row.spoilt = 0


def touch(dice, file):
    pass


CHANGES = {  # and how often
    publish: 20, flip: 25, flip_two: 10, delete_version: 6, change_checksum: 2, change_metadata: 8, change_format: 2,
    rewrite: 8, reorder: 3, double: 3, single: 3, spoil_one: 3, spoil_all: 0.3, repair: 8, touch: 4,
}


class CrateHistory:
    """One crate: its file as it is now (None: there is none), and the ones before."""

    def __init__(self, name, dice, modified):
        self.name, self.modified, self.newest = name, modified, modified
        self.file, self.body = None, None
        self.before = []  # the last ones, and this: [(file, modified)]
        self._served = {}  # what a server has said that makes an ETag of time and size: {(modified, size): hash}
        if dice.random() < 0.85:
            self._appear(dice)
            self._serve()

    def _appear(self, dice):
        self.file = File([])
        for _ in range(dice.randrange(1, 6)):
            publish(dice, self.file)

    def step(self, dice):
        """Moves on; what is served then is .file, .body and .modified."""
        older = False
        if self.file is None:
            if dice.random() < 0.6:
                self._come_back(dice)
        elif dice.random() < 0.06:
            self.file = None
        elif self.before and dice.random() < 0.1:
            older = self._restore(dice)
        else:
            self.file = self.file.copy()
            for change in dice.choices(list(CHANGES), CHANGES.values(), k=dice.randrange(1, 4)):
                change(dice, self.file)
        if not older:
            self.newest += 0 if dice.random() < 0.2 else dice.randrange(1, 5)
            self.modified = self.newest
        self._serve()

    def _come_back(self, dice):
        if self.before and dice.random() < 0.8:
            self.file = self.before[-1][0].copy()
            if dice.random() < 0.5:
                change_checksum(dice, self.file)
        else:
            self._appear(dice)

    def _restore(self, dice):
        """An earlier state: as what is true again, or as the older copy of an edge. Is it that?"""
        file, modified = dice.choice(self.before)
        self.file = file.copy()
        older = dice.random() < 0.4
        if older:
            self.modified = modified
        return older

    def _serve(self):
        self.body = None if self.file is None else self.file.text(self.name)
        if self.file is None:
            return
        content = hashlib.sha256(self.body).digest()
        while self._served.setdefault((self.modified, len(self.body)), content) != content:
            self.modified += 1
        self.newest = max(self.newest, self.modified)
        self.before = [*self.before[1 - REMEMBERED:], (self.file, self.modified)]
