# SPDX-License-Identifier: Apache-2.0
"""Versions and requirements are read, ordered and matched as the `semver` crate does it, which is cargo's own: a program
around that crate and one around daemon/model are asked the same."""

import glob
import os
import random
import shutil
import subprocess

import pytest

from yw.cargo import find_cargo
from yw.daemon import BUILD, CHECKOUT

PAIRS = 100_000
SEED = int(os.environ.get("YANKWATCH_SEED", random.SystemRandom().randrange(10**9)))
CRATES = "/usr/share/cargo/registry"  # of Debian's librust-…-dev
PROGRAM = BUILD / "bin" / "yankwatch-test-semver"
MANIFEST = """[package]
name = "answer"
version = "1.0.0"
edition = "2021"
[[bin]]
name = "answer"
path = "main.rs"
[dependencies]
semver = "1"
"""
SOURCES = f"""[source.crates-io]
replace-with = "debian"
[source.debian]
directory = "{CRATES}"
"""


@pytest.fixture(scope="module")
def crate_program(tmp_path_factory):
    if not glob.glob(f"{CRATES}/semver-1*"):
        pytest.skip(f"{CRATES} has no `semver` crate: scripts/deps test installs librust-semver-dev")
    try:
        cargo = find_cargo()
    except FileNotFoundError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("semver")
    (folder / ".cargo").mkdir()
    (folder / ".cargo" / "config.toml").write_text(SOURCES)
    (folder / "Cargo.toml").write_text(MANIFEST)
    shutil.copy(CHECKOUT / "tests" / "semver" / "main.rs", folder)
    done = subprocess.run([cargo, "build", "--quiet", "--offline", "--target-dir", folder / "target"], cwd=folder,
                          env=os.environ | {"CARGO_HOME": str(folder / "home")}, capture_output=True, text=True,
                          timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "target" / "debug" / "answer"


def ask(program, questions):
    lines = "".join("\t".join(question) + "\n" for question in questions)
    done = subprocess.run([program], input=lines, capture_output=True, text=True, timeout=300, check=True)
    return done.stdout.splitlines()


class Dice:
    """Texts near the edges: most are well formed, and small numbers meet often."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def one_in(self, n):
        return self.random.randrange(n) == 0

    def number(self):
        if self.one_in(40):
            return self.random.choice(["18446744073709551615", "18446744073709551616", "99999999999999999999", "01",
                                       "00", "", "a", "4294967296", "9223372036854775808"])
        return str(self.random.choice([0, 0, 0, 1, 1, 2, 3, 10]))

    def identifiers(self):
        word = lambda: self.random.choice(["0", "1", "2", "10", "01", "00", "a", "b", "A", "alpha", "beta", "rc1", "-", "x",
                                           "0a", "1-", "100000000000000000000", "99999999999999999999", "z" * 40,
                                           *([""] if self.one_in(10) else []), *(["ä", "_"] if self.one_in(20) else [])])
        return ".".join(word() for _ in range(self.random.choice([1, 1, 1, 2, 2, 3])))

    def tail(self):
        text = "-" + self.identifiers() if self.one_in(3) else ""
        return text + ("+" + self.identifiers() if self.one_in(6) else "")

    def version(self):
        numbers = 3 if not self.one_in(60) else self.random.randrange(5)
        text = ".".join(self.number() for _ in range(numbers)) + self.tail()
        return text if not self.one_in(60) else self.spoil(text)

    def version_near(self, text):
        """Another one that differs from it in a part or two."""
        core, *tail = text.partition("-")
        parts = core.split(".")
        parts[self.random.randrange(len(parts))] = self.number()
        return ".".join(parts) + ("".join(tail) if self.one_in(2) else self.tail())

    def spaces(self):
        return " " * self.random.choice([0, 0, 0, 0, 1, 2])

    def comparator(self):
        op = self.random.choice(["", "", "^", "~", "=", ">", ">=", "<", "<="]) if not self.one_in(80) else \
            self.random.choice(["==", "=>", "!", "~>", "> =", "^^"])
        parts = [self.number() for _ in range(self.random.choice([1, 2, 3, 3, 3, 3]))]
        if self.one_in(8):
            for i in range(self.random.randrange(len(parts) + 1), len(parts)):
                parts[i] = self.random.choice("*xX")
        tail = self.tail() if len(parts) == 3 and not self.one_in(10) or self.one_in(50) else ""
        return op + self.spaces() + ".".join(parts) + tail

    def requirement(self):
        if self.one_in(50):
            return self.spaces() + self.random.choice(["*", "x", "X", "", ",", "*,1", "*.*", "x.1", "* *"]) + self.spaces()
        count = self.random.choice([31, 32, 33]) if self.one_in(150) else self.random.choice([1, 1, 1, 2, 2, 3])
        text = self.spaces() + (self.spaces() + "," + self.spaces()).join(self.comparator() for _ in range(count)) + self.spaces()
        return text if not self.one_in(60) else self.spoil(text)

    def spoil(self, text):
        at = self.random.randrange(len(text) + 1)
        put = self.random.choice([".", ",", " ", "-", "+", "*", "0", "x", "\v", "\u00a0", "|", "=", ""])
        return text[:at] + put + text[at + self.random.randrange(2):]


    def pre_release_question(self):
        """One comparator names the version's numbers with a pre-release; others, which may be short, allow it or not."""
        op = lambda: self.random.choice(["", "^", "~", "=", ">", ">=", "<", "<="])
        numbers = [self.number() for _ in range(3)]
        core = ".".join(numbers)
        comparators = [op() + core + "-" + self.identifiers()]
        for _ in range(self.random.choice([0, 1, 1, 2])):
            given = numbers[:self.random.randrange(1, 4)]
            comparators.append(op() + ".".join(given + ["*"] * self.random.choice([0, 0, 3 - len(given)])))
        self.random.shuffle(comparators)
        return ",".join(comparators), core + "-" + self.identifiers()


def requirement_questions(dice):
    for _ in range(PAIRS):
        version = dice.version()
        if dice.one_in(6):
            requirement, version = dice.pre_release_question()
        elif dice.one_in(3):  # a requirement that just allows it, or just does not
            op = dice.random.choice(["", "^", "~", "=", ">", ">=", "<", "<="])
            requirement = op + dice.version_near(version)
            if dice.one_in(3):
                requirement += "," + dice.comparator()
        else:
            requirement = dice.requirement()
        yield "match", requirement, version


def order_questions(dice):
    for _ in range(PAIRS):
        version = dice.version()
        yield "order", version, dice.version_near(version) if dice.one_in(2) else dice.version()


@pytest.mark.parametrize("make", [requirement_questions, order_questions])
def test_the_crate_and_the_model_answer_the_same(crate_program, tell, make):
    questions = list(make(Dice(SEED)))
    ours, theirs = ask(PROGRAM, questions), ask(crate_program, questions)
    differences = [(question, a, b) for question, a, b in zip(questions, ours, theirs, strict=True) if a != b]
    answers = {answer: theirs.count(answer) for answer in sorted(set(theirs))}
    tell(f"seed {SEED}, {len(questions)} pairs, {len(differences)} differences, answers {answers}")
    assert len(questions) == PAIRS
    assert differences[:10] == []
    assert all(count > PAIRS // 1000 for count in answers.values()), "the questions do not reach every answer"
