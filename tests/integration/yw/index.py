# SPDX-License-Identifier: Apache-2.0
"""A sparse index as a folder (the Cargo book, "Registry index"), and every way to change it.

Each change replaces the crate's file as a whole and moves its time forward by at least a second, since that is
all a Last-Modified can tell apart. The times stay behind the clock, so that quick changes do not reach the future.
"""

import hashlib
import json
import os
import pathlib
import threading
import time

ORDER = ["name", "vers", "deps", "cksum", "features", "features2", "yanked", "links", "rust_version", "v", "pubtime"]


def path_of(crate):
    """Where a crate's file is: "de/mo/demo"."""
    name = crate.lower()
    if len(name) < 4:
        return f"{len(name)}/{name[0]}/{name}" if len(name) == 3 else f"{len(name)}/{name}"
    return f"{name[:2]}/{name[2:4]}/{name}"


def checksum(text):
    return hashlib.sha256(text.encode()).hexdigest()


def dependency(name, req="^1", **fields):
    return {"name": name, "req": req, "features": [], "optional": False, "default_features": True, "target": None,
            "kind": "normal"} | fields


def compact(line):
    rest = [key for key in line if key not in ORDER]
    return json.dumps({key: line[key] for key in ORDER + rest if key in line}, separators=(",", ":"))


class Index:
    def __init__(self, folder, behind_s=600):
        self.folder = pathlib.Path(folder)
        self.behind_s = behind_s
        self._lock = threading.RLock()
        self._time = 0
        self.folder.mkdir(parents=True, exist_ok=True)
        self.configure()

    def configure(self, dl="https://localhost/dl", **keys):
        self._write(self.folder / "config.json", json.dumps({"dl": dl} | keys))

    def file(self, crate):
        return self.folder / path_of(crate)

    # ---- looking

    def lines(self, crate):
        """The raw lines; none when there is no such crate."""
        with self._lock:
            file = self.file(crate)
            return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def line(self, crate, version):
        return next((line for line in self.lines(crate) if json.loads(line)["vers"] == version), None)

    # ---- changing

    def put(self, crate, version, **fields):
        """Adds a version, or changes those fields of one that is there; None removes a field."""
        with self._lock:
            old = self.line(crate, version)
            line = json.loads(old) if old else {
                "name": crate, "vers": version, "deps": [], "cksum": checksum(f"{crate} {version}"), "features": {},
                "yanked": False}
            new = compact({key: value for key, value in (line | fields).items() if value is not None})
            lines = self.lines(crate)
            self.put_lines(crate, [new if it == old else it for it in lines] if old else [*lines, new])

    def yank(self, crate, version, yanked=True):
        self.put(crate, version, yanked=yanked)

    def delete_version(self, crate, version):
        with self._lock:
            self.put_lines(crate, [line for line in self.lines(crate) if json.loads(line)["vers"] != version])

    def delete_crate(self, crate):
        with self._lock:
            self.file(crate).unlink()

    def put_lines(self, crate, lines):
        """The whole file, whatever the lines hold."""
        with self._lock:
            self._write(self.file(crate), "".join(f"{line}\n" for line in lines))

    def _write(self, file, text):
        with self._lock:
            self._time = max(self._time + 1, int(time.time()) - self.behind_s)
            file.parent.mkdir(parents=True, exist_ok=True)
            new = file.with_name(f".{file.name}.new")
            new.write_text(text, encoding="utf-8")
            os.utime(new, (self._time, self._time))
            new.replace(file)
