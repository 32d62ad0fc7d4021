# SPDX-License-Identifier: Apache-2.0
"""Lockfiles are read as somebody else reads them, in all three formats; and whatever is wrong with one, it is told.

The larger ones are not part of this project. They are looked for beside the checkout, in shared/, or where
YANKWATCH_SHARED says.
"""

import json
import os
import pathlib
import random
import subprocess

import pytest

from yw import lockfiles
from yw.daemon import BUILD, CHECKOUT

OURS = CHECKOUT / "tests" / "data" / "lockfiles"
SHARED = pathlib.Path(os.environ.get("YANKWATCH_SHARED", CHECKOUT.parent / "shared")) / "data" / "lockfiles"
FILES = {path.name: path for folder in (OURS, SHARED) for path in sorted(folder.glob("*.lock"))}
PROGRAM = BUILD / "bin" / "yankwatch-test-lock"
SEED = int(os.environ.get("YANKWATCH_SEED", random.SystemRandom().randrange(10**9)))
MUTATED = 10_000
AT_ONCE = 500  # for one process
LARGE = 80_000  # bytes; larger ones are not mutated, they would take most of the time


def dump(path):
    done = subprocess.run([PROGRAM, path], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def refused(folder, content):
    (folder / "lockfile").write_bytes(content if isinstance(content, bytes) else content.encode())
    done = subprocess.run([PROGRAM, folder / "lockfile"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout.rstrip("\n")


def edges_of(package):
    return [to for to, _ in package["edges"]]


def without(package, *keys):
    return {key: value for key, value in package.items() if key not in keys}


# ---- the three formats

@pytest.mark.parametrize("name", FILES)
def test_a_cargo_lock_is_read_as_python_reads_it(name):
    text = FILES[name].read_text()
    found, expected = dump(FILES[name]), lockfiles.read(text)
    assert found["format"] == "cargo-lock"
    assert f"v{found['version']}" in name or name.count(".") == 1
    assert len(found["packages"]) == text.count("[[package]]")
    for package in found["packages"]:
        assert all(requirement == "" for _, requirement in package["edges"]), "it does not say"
        assert (package["url"] == lockfiles.CRATES_IO) == (package["source"] == lockfiles.CRATES_IO_SOURCE)
        package["edges"] = edges_of(package)
    assert [without(package, "url") for package in found["packages"]] == expected
    assert any(package["edges"] for package in expected)


@pytest.mark.parametrize("name", FILES)
def test_cargo_metadata_says_the_same_and_each_requirement(name, folder):
    expected = lockfiles.read(FILES[name].read_text())
    (folder / "metadata.json").write_text(lockfiles.as_metadata(expected))
    found = dump(folder / "metadata.json")
    assert (found["format"], found["version"]) == ("cargo-metadata", 0)
    for package, other in zip(found["packages"], expected, strict=True):
        assert without(package, "url", "edges", "checksum") == without(other, "edges", "checksum")
        assert package["edges"] == [[to, "=" + expected[to]["version"].partition("+")[0]] for to in other["edges"]]


@pytest.mark.parametrize("version", ["1.3", "1.4", "1.5", "1.6"])
@pytest.mark.parametrize("name", FILES)
def test_a_cyclonedx_sbom_says_the_same(name, version, folder):
    expected = lockfiles.read(FILES[name].read_text())
    (folder / "sbom.json").write_text(lockfiles.as_cyclonedx(expected, version))
    found = dump(folder / "sbom.json")
    assert found["format"] == "cyclonedx"
    for package, other in zip(found["packages"], expected, strict=True):
        assert (package["url"] == lockfiles.CRATES_IO) == (other["source"] == lockfiles.CRATES_IO_SOURCE)
        assert package["source"] == other["source"] or package["url"] == lockfiles.CRATES_IO, "which needs none"
        assert without(package, "url", "edges", "source") == without(other, "edges", "source")
        assert edges_of(package) == other["edges"]


def test_the_shared_lockfiles_are_there():
    if not SHARED.is_dir():
        pytest.skip(f"no lockfiles in {SHARED}: only those of tests/data/lockfiles were read")
    counts = {"crates-io.v4.lock": 880, "cargo.v4.lock": 550, "sample.v1.lock": 141, "sample.v2.lock": 25}
    assert {name: len(dump(FILES[name])["packages"]) for name in counts} == counts


def test_real_cargo_metadata_and_its_cargo_lock_agree(folder, cargo, registry):
    """A workspace of two; one of its crates is wanted in two versions, once under another name, once by a test alone."""
    for crate, version in [("demo", "1.0.0"), ("demo", "1.0.1"), ("demo", "2.1.0"), ("other", "0.3.0")]:
        cargo.publish(crate, version)
    workspace = folder / "workspace"
    manifests = {
        "app": '[dependencies]\ndemo = {version = "1", registry = "internal"}\nlocal = {path = "../local"}\n'
               'old = {package = "demo", version = ">=2, <3", registry = "internal"}\n',
        "local": '[dev-dependencies]\nother = {version = "0.3", registry = "internal"}\n',
    }
    for name, dependencies in manifests.items():
        (workspace / name / "src").mkdir(parents=True)
        (workspace / name / "src" / "lib.rs").touch()
        (workspace / name / "Cargo.toml").write_text(
            f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n{dependencies}')
    (workspace / "Cargo.toml").write_text('[workspace]\nmembers = ["app", "local"]\nresolver = "2"\n')
    done = subprocess.run([cargo.program, "metadata", "--format-version", "1"], cwd=workspace, env=cargo.env,
                          capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (folder / "metadata.json").write_text(done.stdout)
    metadata, lock = dump(folder / "metadata.json")["packages"], dump(workspace / "Cargo.lock")["packages"]

    def by_name(packages):
        names = [f"{package['name']}@{package['version']}" for package in packages]
        return {name: (package["url"], package["origin"], sorted(names[to] for to in edges_of(package)))
                for name, package in zip(names, packages)}
    assert by_name(metadata) == by_name(lock)
    demands = {(package["name"], metadata[to]["name"], metadata[to]["version"]): requirement
               for package in metadata for to, requirement in package["edges"]}
    assert demands == {("app", "demo", "1.0.1"): "^1", ("app", "demo", "2.1.0"): ">=2, <3", ("app", "local", "0.1.0"): "*",
                       ("local", "other", "0.3.0"): "^0.3"}
    assert {package["url"] for package in lock if package["name"] == "demo"} == {
        registry.index_url.removeprefix("sparse+").rstrip("/")}


# ---- what is wrong is told

PACKAGE = '[[package]]\nname = "demo"\nversion = "1.0.0"\n'


WRONG = [
    ("", "is empty"),
    (" \n\n", "is empty"),
    ("version = 4\n", "holds no package: is it the whole file?"),
    ("version = 5\n" + PACKAGE, "line 1: version 5 of Cargo.lock is not known, allowed: 1 to 4"),
    ("version = 0\n" + PACKAGE, "line 1: version 0 of Cargo.lock"),
    ('version = "4"\n' + PACKAGE, "line 1: version is no number"),
    ('[package]\nname = "app"\n', "line 1: [package] is what a Cargo.toml has: give the Cargo.lock beside it"),
    ("garbage\n", "line 1: no TOML: Error while parsing key-value pair: expected '='"),
    (PACKAGE + "<<<<<<< HEAD\n", "line 4: a merge conflict's marker (<<<<<<<): resolve it"),
    (PACKAGE + "=======\r\n", "line 4: a merge conflict's marker (=======): resolve it"),
    (PACKAGE + 'name = "again"\n', "line 4: no TOML: "),
    (PACKAGE + PACKAGE, 'line 4: the package "demo" stands in line 1 already'),
    (PACKAGE + "dependencies = [7]\n", "line 4: a dependency that is no text"),
    (PACKAGE + 'dependencies = ["a b c d"]\n', 'line 4: "a b c d" is no dependency, allowed: "NAME VERSION (SOURCE)"'),
    (PACKAGE + 'source = 7\n', "line 4: source is no text"),
    (PACKAGE + 'checksum = "abc"\n', 'line 1: the checksum "abc" is not 64 hexadecimal digits'),
    ('[[package]]\nname = "demo"\n', 'line 1: the package "demo" has no version'),
    ('[[package]]\nversion = "1.0.0"\n', "line 1: a package without a name"),
    ('[[package]]\nname = "a/../b"\nversion = "1.0.0"\nsource = "registry+https://localhost/"\n',
     'line 1: "a/../b" is not a crate\'s name'),
    ('[[package]]\nname = "a\\u001b[2J"\nversion = "1.0.0"\n', 'line 1: the name "a\\u{1b}[2J" holds control bytes'),
    ('package = "demo"\n', "line 1: package is no list"),
    ("a = " + "[" * 100, "line 1: no TOML: "),
    ("[!]\n", "no TOML, and its parser cannot say where"),
    (".".join("a" * 100_000) + " = 1", "line 1: more than 250 dots in one line"),
    ("\n".join(f"[a{i}]" for i in range(30_000)), "line 20001: more than 20000 different tables"),
    ("a = [" + "1," * 1_100_000 + "]", "line 1: more than 1000000 values"),
    ("x = [\"\"\"\n" + ('\"\"\", {' + "a." * 240 + '= 1}, \"\"\"\n') * 4_200 + '\"\"\"]\n', "line 4168: more than 1000000 dots"),
    (b"\xff\xfe[\0[\0", "is UTF-16: save it as UTF-8"),
    (b"\x1f\x8b\x08\0", "is gzip-compressed: unpack it first"),
    (b"PK\x03\x04", "is a ZIP archive: unpack it first"),
    (b"[[package]]\n\xff\n", "line 2: not valid UTF-8"),
    (b"\x7fELF\0\0", "line 1: a NUL byte"),
    ("<html>", "is XML or HTML: of CycloneDX the JSON form is read"),
    ("{}", "is JSON, but neither the output of `cargo metadata` nor a CycloneDX SBOM"),
    ('{"packages": [', "ends in the middle: not JSON at byte "),
    ('{"spdxVersion": "SPDX-2.3"}', "is SPDX, which is not read"),
    ('{"packages": [], "workspace_members": [], "resolve": null}', "without --no-deps"),
    ('{"packages": [], "workspace_members": [], "version": 2}', "allowed: --format-version 1"),
    ('{"bomFormat": "CycloneDX", "specVersion": "1.2"}', "allowed: 1.3, 1.4, 1.5, 1.6"),
    ('{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}', "holds no package"),
    ("x" * (16 << 20 | 1), "is larger than 16 MB"),
]


@pytest.mark.parametrize("content, why", WRONG, ids=[why for _, why in WRONG])
def test_what_is_wrong_is_told(content, why, folder):
    said = refused(folder, content)
    assert why in said
    assert said.isprintable()


def test_a_byte_order_mark_is_passed_over(folder):
    (folder / "lockfile").write_bytes(b"\xef\xbb\xbf" + PACKAGE.encode())
    assert len(dump(folder / "lockfile")["packages"]) == 1


# ---- what would take hours, where each is held against each

DEMAND = '{"name": "a", "req": "9"}'
ITSELF = '{"id": "a", "name": "a", "version": "1.0.0", "dependencies": [%s]}'


def metadata(packages, members, nodes):
    return f'{{"packages": [{packages}], "workspace_members": [{members}], "resolve": {{"nodes": [{nodes}]}}}}'


def cyclonedx(components, dependencies):
    return (f'{{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [{components}], '
            f'"dependencies": [{dependencies}]}}')


def list_of(text, count):
    return ",".join([text] * count)


def one_node(ids):
    return f'{{"id":"a","dependencies":[{ids}]}}'


HOSTILE = {
    "members that are alike": lambda: (
        metadata(list_of('{"id":"a","name":"a","version":"1.0.0"}', 60_000), list_of('"a"', 1_000_000), ""), "twice"),
    "nodes that are alike": lambda: (
        metadata(ITSELF % list_of(DEMAND, 150_000), '"a"', list_of(one_node(""), 200_000)), "stands in resolve twice"),
    "demands that are alike": lambda: (
        metadata(ITSELF % list_of(DEMAND, 150_000), '"a"', one_node(list_of('"a"', 900_000))), "more than 2000000"),
    "a requirement that is long": lambda: (
        metadata(ITSELF % f'{{"name":"a","req":"{"9" * (8 << 20)}"}}', '"a"', one_node(list_of('"a"', 900_000))),
        "longer than 1024 bytes"),
    "a package of many members": lambda: (
        metadata("{%s,%s" % (",".join(f'"{i}":1' for i in range(400_000)), ITSELF[1:] % ""), '"a"',
                 one_node(list_of('"a"', 900_000))), None),
    "components that are alike": lambda: (
        cyclonedx(list_of('{"bom-ref":"a","purl":"pkg:cargo/a@1.0.0"}', 99_000),
                  f'{{"ref":"a","dependsOn":[{list_of(chr(34) + "a" + chr(34), 1_500_000)}]}}'), None),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_no_hostile_file_takes_long(what, folder):
    content, why = HOSTILE[what]()
    if why:
        assert why in refused(folder, content)
    else:
        (folder / "lockfile").write_text(content)
        assert dump(folder / "lockfile")["packages"]


# ---- what would take for ever


def many_demands():
    packages = [{"name": "a", "version": "1.0.0", "id": "a", "dependencies": [{"name": "a", "req": "=9"}] * 180_000}]
    return json.dumps({"packages": packages, "workspace_members": ["a"],
                       "resolve": {"nodes": [{"id": "a", "dependencies": ["a"] * 800_000}]}})


def many_of_one_reference():
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5",
                       "components": [{"bom-ref": "a", "purl": "pkg:cargo/a@1"}] * 90_000,
                       "dependencies": [{"ref": "a", "dependsOn": ["a"] * 900_000}]})


def many_sources():
    return ("version = 4\n" + PACKAGE.replace("demo", "app") + "dependencies = [\n" + '"demo 1.0.0",\n' * 200_000 + "]\n" + PACKAGE
            + "".join(f'{PACKAGE}source = "git+https://localhost/{i}"\n' for i in range(90_000)))


@pytest.mark.parametrize("make, answer", [(many_demands, "refused more than 2000000 dependencies"),
                                          (many_of_one_reference, "read 90000"), (many_sources, "read 90002")])
def test_what_grows_with_a_square_does_not(make, answer):
    assert answers_to([make().encode()]) == [answer]


# ---- ten thousand that are damaged

class Damage:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def __call__(self, content):
        for _ in range(self.random.choice([1, 1, 1, 2, 5])):
            content = self.random.choice([self.flip, self.cut, self.double, self.swap, self.end, self.nest, self.mark,
                                          self.put])(content)
        return content

    def place(self, content):
        return self.random.randrange(len(content) + 1)

    def line(self, content):
        """Where one of its lines begins and ends; JSON has few of them, there it is a part between commas."""
        mark = b"\n" if content.count(b"\n") > 10 else b","
        begin = content.rfind(mark, 0, self.place(content)) + 1
        end = content.find(mark, begin) + 1
        return begin, end or len(content)

    def flip(self, content):
        if not content:
            return content
        at = self.random.randrange(len(content))
        return content[:at] + bytes([content[at] ^ 1 << self.random.randrange(8)]) + content[at + 1:]

    def cut(self, content):
        begin, end = self.line(content)
        return content[:begin] + content[end:]

    def double(self, content):
        begin, end = self.line(content)
        return content[:end] + content[begin:end] * self.random.choice([1, 1, 40]) + content[end:]

    def swap(self, content):
        (a, b), (c, d) = sorted([self.line(content), self.line(content)])
        return content if c < b else content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]

    def end(self, content):
        return content[:self.place(content)]

    def nest(self, content):
        begin, _ = self.line(content)
        what = self.random.choice([b"[", b"{", b'{"a":', b"a.", b"[[", b'"""', b"'''", b"x={a="])
        return content[:begin] + what * self.random.choice([1, 20, 300, 5000]) + content[begin:]

    def mark(self, content):
        begin, _ = self.line(content)
        return content[:begin] + self.random.choice([b"<<<<<<< HEAD\n", b"=======\n", b">>>>>>> other\n"]) + content[begin:]

    def put(self, content):
        at = self.place(content)
        what = [b"\0", b"\xff", b"\\u0000", b"\\uD800", b"%00", b'"', b"\r", b"\x1b[2J", b"-1", b"1e999", b"null", b"[]", b"{}",
                b'name = "demo"\n', b"[[package]]\n", b"[root]\n", b"[metadata]\n", b"version = 3\n", b"#", b"\xe2\x80\xae"]
        return content[:at] + self.random.choice(what) + content[at:]


def answers_to(contents):
    asked = b"".join(b"%d\n%s" % (len(content), content) for content in contents)
    done = subprocess.run([PROGRAM, "--many"], input=asked, capture_output=True, timeout=600, check=False)
    answers = done.stdout.decode().split("\n")[:-1]
    assert done.returncode == 0 and len(answers) == len(contents), \
        f"after {len(answers)}: {done.stderr.decode(errors='replace')[-3000:]}"
    return answers


def test_damaged_lockfiles_are_read_or_refused_with_a_reason(tell):
    damage = Damage(SEED)
    whole = []
    for path in FILES.values():
        content = path.read_bytes()
        packages = lockfiles.read(content.decode())
        if len(content) < LARGE:
            whole += [content, lockfiles.as_metadata(packages).encode(), lockfiles.as_cyclonedx(packages).encode()]
    counts = {"read": 0, "refused": 0}
    for _ in range(MUTATED // AT_ONCE):
        for answer in answers_to([damage(damage.random.choice(whole)) for _ in range(AT_ONCE)]):
            word, _, what = answer.partition(" ")
            assert what.isprintable() and (len(what) > 5 if word == "refused" else int(what) > 0), answer
            counts[word] += 1
    tell(f"seed {SEED}, {MUTATED} lockfiles: {counts}")
    assert min(counts.values()) > MUTATED // 20, "they reach both ends"
