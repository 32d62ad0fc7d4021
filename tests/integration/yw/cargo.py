# SPDX-License-Identifier: Apache-2.0
"""Real cargo with a home of its own, pointed at one registry, which it knows as "internal". It never asks crates.io."""

import os
import pathlib
import re
import shutil
import subprocess

from yw.registry import TOKEN

NEWEST_KNOWN_TO_FAIL = (1, 82)  # older ones disagree in details of `yank` and of the index format
PLACES = ["/usr/bin/cargo", "/usr/lib/cargo/bin/cargo", "/usr/libexec/cargo"]  # Debian's cargo or cargo-web first


def version_of(program):
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return (0, 0)
    match = re.match(r"cargo (\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def find_cargo():
    places = [place for place in [*PLACES, shutil.which("cargo")] if place and os.access(place, os.X_OK)]
    for place in places:
        if version_of(place) > NEWEST_KNOWN_TO_FAIL:
            return place
    raise FileNotFoundError(f"no cargo from 1.83 on among {places}: scripts/deps installs one")


class Cargo:
    def __init__(self, folder, registry):
        self.folder = pathlib.Path(folder)
        self.program = find_cargo()
        home = self.folder / "home"
        home.mkdir(parents=True)
        (home / "config.toml").write_text(f'[registries.internal]\nindex = "{registry.index_url}"\n')
        (home / "credentials.toml").write_text(f'[registries.internal]\ntoken = "{TOKEN}"\n')
        self.env = {"CARGO_HOME": str(home), "HOME": str(home), "CARGO_TERM_COLOR": "never",
                    "PATH": f"{pathlib.Path(self.program).parent}:/usr/bin:/bin",
                    "RUSTUP_HOME": os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup"))}

    def run(self, *args, cwd=None):
        return self.run_in(cwd or self.folder, *args, "--registry", "internal")

    def run_in(self, folder, *args):
        done = subprocess.run([self.program, *args], cwd=folder, env=self.env,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"cargo {' '.join(args)}: {done.stderr}"
        return done.stderr

    def publish(self, crate, version):
        """Makes the smallest crate there is and publishes it."""
        source = self.folder / f"{crate}-{version}"
        (source / "src").mkdir(parents=True, exist_ok=True)
        (source / "src" / "lib.rs").touch()
        (source / "Cargo.toml").write_text(
            f'[package]\nname = "{crate}"\nversion = "{version}"\nedition = "2021"\n'
            'license = "Apache-2.0"\ndescription = "made by a test"\nrepository = "https://localhost/"\n')
        return self.run("publish", "--no-verify", "--allow-dirty", cwd=source)

    def yank(self, crate, version):
        return self.run("yank", f"{crate}@{version}")

    def unyank(self, crate, version):
        return self.run("yank", "--undo", f"{crate}@{version}")

    def project(self, name, dependencies):
        """A folder with a package that depends on these crates, {name: requirement}, and with its Cargo.lock."""
        folder = self.folder / f"project-{name}"
        (folder / "src").mkdir(parents=True, exist_ok=True)
        (folder / "src" / "lib.rs").touch()
        wanted = "".join(f'{crate} = {{ version = "{req}", registry = "internal" }}\n' for crate, req in dependencies.items())
        (folder / "Cargo.toml").write_text(
            f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n{wanted}')
        self.run_in(folder, "generate-lockfile")
        return folder
