# SPDX-License-Identifier: Apache-2.0
"""Small registries and workspaces, drawn at random, for real cargo to resolve: one crate of which versions go bad, libraries
that depend on it (twice, under other names, too), and a workspace on top of them.

Cargo resolves, then more is published, then versions are yanked or deleted, and cargo is asked for a fresh version of a bad
one. Each case has names of its own, so that one registry serves them all.
"""

import hashlib
import io
import json
import pathlib
import random
import re
import shutil
import subprocess
import tarfile
import tomllib
import typing

from yw.index import dependency


class Cargo:
    """Cargo in a workspace, with the home of a yw.cargo.Cargo."""

    def __init__(self, cargo):
        self.cargo = cargo

    def run(self, workspace, *args):
        return subprocess.run([self.cargo.program, *args], cwd=workspace, env=self.cargo.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)


# ---- publishing

class Need(typing.NamedTuple):
    alias: str        # the name in the code
    package: str
    requirement: str  # or of another member: ""
    kind: str = "dependencies"


WINDOWS = "target.'cfg(windows)'.dependencies"


def manifest(name, version, needs, registry):
    text = f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n'
    for kind in sorted({need.kind for need in needs}):
        text += f"\n[{kind}]\n"
        for need in needs:
            where = f'version = "{need.requirement}", {registry}' if need.requirement else f'path = "../{need.package}"'
            text += f'{need.alias} = {{ package = "{need.package}", {where} }}\n' if need.kind == kind else ""
    return text


def index_dependency(need):
    kind = {"build-dependencies": "build"}.get(need.kind, "normal")
    return dependency(need.alias, need.requirement, package=need.package, kind=kind,
                      target="cfg(windows)" if need.kind == WINDOWS else None)


def archive(name, version, text):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for path, body in [("Cargo.toml", text.encode()), ("src/lib.rs", b"")]:
            info = tarfile.TarInfo(f"{name}-{version}/{path}")
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    return out.getvalue()


def publish(registry, name, version, needs=()):
    text = manifest(name, version, needs, f'registry-index = "{registry.index_url}"')
    body = archive(name, version, text)
    file = registry.folder / "crates" / f"{name}-{version}.crate"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(body)
    registry.index.put(name, version, cksum=hashlib.sha256(body).hexdigest(), deps=[index_dependency(need) for need in needs])


# ---- drawing

VERSIONS = [f"{major}.{minor}.{patch}" for major in (1, 2, 3) for minor in (0, 1, 2, 5) for patch in (0, 1)]
VERSIONS += ["0.1.0", "0.1.1", "0.1.2", "0.2.0", "0.2.1", "0.0.1", "0.0.2"]
PRE_RELEASES = ["1.5.0-rc.1", "1.5.0-rc.2", "2.0.0-beta", "3.5.0-alpha.1", "1.2.0+build.1", "0.2.0-rc.1"]


def numbers(version):
    return [int(number) for number in re.match(r"(\d+)\.(\d+)\.(\d+)", version).groups()]


KINDS = ["dependencies"] * 4 + ["build-dependencies", WINDOWS]


class Draw:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def one_in(self, n):
        return self.random.randrange(n) == 0

    def requirement(self, version):
        """One that allows that version, or nearly always so."""
        major, minor, patch = numbers(version)
        plain = version.partition("+")[0]
        return self.random.choice([
            f"^{plain}", f"^{major}.{minor}", f"^{major}", f"~{plain}", f"~{major}.{minor}", f"={plain}", f">={plain}",
            f">={plain}", f">={major}", f">={major}.{minor}, <{major + 3}", f">=1, <={major + 1}.1", f">={major}.{minor}, <{major + 1}.{minor + 1}", f">={plain}, <{major + 1}.0.0", "*",
            f"{major}.*", f"{major}.{minor}.*", f">={major}", f"<={major}.{minor + 1}", f">={plain}, <{major}.{minor + 3}",
            f">={major}.{minor}.{patch}, <={major + 1}.0.1", f"<{major + 1}.2", f">=0.1, <{major + 2}"])


class Case:
    """Everything of it in `folder`; the crate that goes bad is self.crate."""

    def __init__(self, number, seed, registry, cargo, folder):
        self.draw = Draw(seed)
        self.registry, self.cargo = registry, Cargo(cargo)
        self.workspace = pathlib.Path(folder) / f"case{number}"
        self.crate = f"demo-{number}"
        self.leaf = f"leaf-{number}"
        self.libraries = [f"lib-{letter}-{number}" for letter in "abcd"[:self.draw.random.randrange(2, 5)]]
        self.versions = {}  # of the crate -> usable
        self.entries = []   # (package, version, requirement) of index lines for the crate
        self.members = {}   # name -> needs

    # -- the registry

    def publish_crate(self, versions):
        for version in versions:
            needs = [Need("leaf", self.leaf, "^1")] if self.draw.one_in(5) else []
            publish(self.registry, self.crate, version, needs)
            self.versions[version] = True

    def needs_of_crate(self, count, kinds):
        picked = [self.draw.random.choice(sorted(self.versions)) for _ in range(count)]
        return [Need(f"d{i}", self.crate, self.draw.requirement(version), self.draw.random.choice(kinds))
                for i, version in enumerate(picked)]

    def publish_libraries(self):
        """Each may depend on those behind it."""
        for at, name in enumerate(self.libraries):
            for version in ["1.0.0", "1.1.0"][:self.draw.random.randrange(1, 3)]:
                needs = self.needs_of_crate(self.draw.random.choice([0, 1, 1, 1, 2]), KINDS)
                self.entries += [(name, version, need.requirement) for need in needs]
                needs += [Need(f"l{i}", other, "^1") for i, other in enumerate(self.libraries[at + 1:]) if self.draw.one_in(3)]
                publish(self.registry, name, version, needs)

    def draw_members(self):
        names = ["app", "tool", "base"][:self.draw.random.randrange(1, 4)]
        for at, name in enumerate(names):
            needs = self.needs_of_crate(self.draw.random.choice([0, 0, 1, 1, 2]), [*KINDS, "dev-dependencies"])
            needs += [Need(f"l{i}", library, "^1") for i, library in enumerate(self.libraries) if self.draw.one_in(2)]
            needs += [Need(f"m{i}", other, "") for i, other in enumerate(names[at + 1:]) if self.draw.one_in(3)]
            self.members[name] = needs
            self.write_member(name)

    def write_member(self, name):
        folder = self.workspace / name
        (folder / "src").mkdir(parents=True, exist_ok=True)
        (folder / "src" / "lib.rs").touch()
        (folder / "Cargo.toml").write_text(manifest(name, "0.1.0", self.members[name], 'registry = "internal"'))

    def make(self):
        """False: what was drawn cannot be resolved."""
        pool = VERSIONS + (PRE_RELEASES if self.draw.one_in(3) else [])
        versions = self.draw.random.sample(pool, self.draw.random.randrange(3, 16))
        early = versions[:self.draw.random.randrange(1, 2 + len(versions) // 2)]
        publish(self.registry, self.leaf, "1.0.0")
        self.publish_crate(early)
        self.publish_libraries()
        self.draw_members()
        names = ", ".join(f'"{name}"' for name in self.members)
        (self.workspace / "Cargo.toml").write_text(f'[workspace]\nmembers = [{names}]\nresolver = "2"\n')
        self.late = versions[len(early):]
        return self.cargo.run(self.workspace, "generate-lockfile").returncode == 0 and bool(self.locked())

    # -- what happens to it

    def locked(self):
        """The versions of the crate in Cargo.lock."""
        return [package["version"] for package in read_lock(self.workspace)["package"] if package["name"] == self.crate]

    def go_bad(self):
        """A locked version goes bad, and others with it; returns it."""
        self.publish_crate(self.late)
        bad = self.draw.random.choice(self.locked())
        for version in sorted(self.versions):
            if version == bad or self.draw.one_in(6):
                self.registry.index.yank(self.crate, version)
                self.versions[version] = False
        if self.draw.one_in(5):
            self.registry.index.delete_version(self.crate, bad)
        return bad

    def description(self):
        """For yankwatch-test-impact."""
        return "".join([f"version\t{version}\t{'usable' if usable else 'yanked'}\n" for version, usable in self.versions.items()]
                       + [f"demands\t{name}\t{version}\t{requirement}\n" for name, version, requirement in self.entries])

    def copy(self, suffix):
        """Another workspace like it, in the same registry."""
        other = object.__new__(Case)
        other.__dict__ |= self.__dict__ | {"workspace": self.workspace.with_name(self.workspace.name + suffix)}
        shutil.copytree(self.workspace, other.workspace)
        return other


# ---- what cargo says

def metadata_of(case):
    """None: cargo tells none, for one version is used under two names by the same package. Where a package depends on the
    crate twice, cargo may change Cargo.lock when it reads it: both go to the lower version if that is content with it."""
    done = case.cargo.run(case.workspace, "metadata", "--format-version", "1")
    assert done.returncode == 0 or "multiple times with different names" in done.stderr, done.stderr
    return Metadata(done.stdout) if done.returncode == 0 else None


def read_lock(workspace):
    return tomllib.loads((workspace / "Cargo.lock").read_text())


def dependents(workspace, crate):
    """(name, version) -> the set of versions of the crate that it depends on, by Cargo.lock."""
    packages = read_lock(workspace)["package"]
    only = [package["version"] for package in packages if package["name"] == crate]
    found = {}
    for package in packages:
        words = [text.split() for text in package.get("dependencies", [])]
        taken = {word[1] if len(word) > 1 else only[0] for word in words if word[0] == crate}
        if taken:
            found[package["name"], package["version"]] = taken
    return found


class Metadata:
    """`cargo metadata` of a workspace."""

    def __init__(self, text):
        self.text = text
        self.value = json.loads(text)
        self.packages = {package["id"]: package for package in self.value["packages"]}

    def edges_to(self, crate, version):
        """[((name, version), name in the code, requirement)] of who is resolved to it."""
        found = []
        for node in self.value["resolve"]["nodes"]:
            package = self.packages[node["id"]]
            for edge in node["deps"]:
                to = self.packages[edge["pkg"]]
                if (to["name"], to["version"]) == (crate, version):
                    requirement = next(it["req"] for it in package["dependencies"] if (it["rename"] or it["name"]) == edge["name"])
                    found.append(((package["name"], package["version"]), edge["name"], requirement))
        return found
