# SPDX-License-Identifier: Apache-2.0
"""A Cargo registry of our own: a sparse index and the web API, good enough for real cargo.

In a test: Registry(folder), then `index` to change what is served and answer() to answer wrongly. By hand:
`python3 -m yw.registry --dir D --port 0` prints its URL and serves until it is interrupted.

As at crates.io the ETag is a hash of the content, so that an un-yank brings an old ETag back.
"""

import argparse
import email.utils
import hashlib
import json
import pathlib
import re
import signal
import struct
import tempfile
import threading
import urllib.parse

from yw.index import Index
from yw.server import HANG, Handler, Server
from yw.web_api import WebApi

TOKEN = "a-token-of-the-tests"
API = "/api/v1/crates"


class Refusal(Exception):
    def __init__(self, status, detail):
        super().__init__(detail)
        self.status = status


class Registry:
    def __init__(self, folder, port=0, behind_s=600):
        self.folder = pathlib.Path(folder)
        self.index = Index(self.folder / "index", behind_s)
        self.asked = []  # (path below the index, status) of each request
        self.etags = True
        self.token = None  # what the index wants to be asked with
        self.web_api = WebApi()  # below `url`, too
        self._answers = {}
        self._answers_change = threading.Condition()
        self._server = Server(RegistryHandler, self, port)
        self.url = self._server.url
        self.index_url = f"sparse+{self.url}/index/"
        self.index.configure(dl=f"{self.url}{API}", api=self.url)

    def close(self):
        self._server.stop()

    def answer(self, path, status):
        """From now on every request for that path of the index ("config.json") gets this status; HANG: none until
        this is called again; None: as usual."""
        with self._answers_change:
            self._answers[path] = status
            self._answers_change.notify_all()

    def _answer_to(self, path):
        with self._answers_change:
            self._answers_change.wait_for(lambda: self._answers.get(path) != HANG)
            return self._answers.get(path)

    # ---- what cargo asks for

    def get_index(self, path, headers):
        """(status, body, headers) for a file of the index."""
        answer = self._find(path, headers)
        self.asked.append((path, answer[0]))
        return answer

    def _find(self, path, headers):
        if self.token and headers.get("Authorization") != self.token:
            return 401, b"", {"WWW_Authenticate": f'Cargo login_url="{self.url}/me"'}
        if status := self._answer_to(path):
            return status, b"", {}
        file = (self.index.folder / path).resolve()
        if not file.is_relative_to(self.index.folder.resolve()) or not file.is_file():
            return 404, b"", {}
        body, modified = file.read_bytes(), int(file.stat().st_mtime)
        validators = {"ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
                      "Last_Modified": email.utils.formatdate(modified, usegmt=True)}
        unchanged = is_unchanged(validators["ETag"], modified, headers)
        if not self.etags:
            del validators["ETag"]
        return (304 if unchanged else 200), body, validators

    def publish(self, body):
        """PUT /crates/new: length and JSON, length and .crate file (the Cargo book, "Registry web API")."""
        (length,) = struct.unpack_from("<I", body)
        crate = json.loads(body[4:4 + length])
        file = body[8 + length:]
        if self.index.line(crate["name"], crate["vers"]):
            raise Refusal(400, f"{crate['name']} {crate['vers']} is already there")
        archive = self.folder / "crates" / f"{crate['name']}-{crate['vers']}.crate"
        archive.parent.mkdir(exist_ok=True)
        archive.write_bytes(file)
        self.index.put(crate["name"], crate["vers"], deps=[index_dependency(dep) for dep in crate["deps"]],
                       cksum=hashlib.sha256(file).hexdigest(), features=crate.get("features", {}),
                       links=crate.get("links"), rust_version=crate.get("rust_version"))

    def set_yanked(self, crate, version, yanked):
        if not self.index.line(crate, version):
            raise Refusal(404, f"there is no {crate} {version}")
        self.index.yank(crate, version, yanked)

    def download(self, crate, version):
        archive = self.folder / "crates" / f"{crate}-{version}.crate"
        if not archive.is_file():
            raise Refusal(404, f"there is no {crate} {version}")
        return archive.read_bytes()


def is_unchanged(etag, modified, headers):
    if "If-None-Match" in headers:  # it goes before the other
        return headers["If-None-Match"] == etag
    since = headers.get("If-Modified-Since")
    return bool(since) and modified <= email.utils.parsedate_to_datetime(since).timestamp()


def index_dependency(dep):
    """The web API's form of a dependency to the index's: a renamed one changes places with its package."""
    renamed = dep.get("explicit_name_in_toml")
    line = {"name": renamed or dep["name"], "req": dep["version_req"], "package": dep["name"] if renamed else None}
    return line | {key: dep.get(key) for key in ("features", "optional", "default_features", "target", "kind", "registry")}


class RegistryHandler(Handler):
    def do_GET(self):
        registry = self.server.owner
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
        if path.startswith("/index/"):
            status, body, headers = registry.get_index(path.removeprefix("/index/"), self.headers)
            self.reply(status, body, Content_Type="text/plain", **headers)
        elif match := re.fullmatch(f"{API}/([^/]+)/([^/]+)/download", path):
            self.answer(lambda: registry.download(*match.groups()))
        elif path.startswith(API):
            status, body, headers = registry.web_api.get(self.command, self.path, self.headers)
            self.reply(status, body, Content_Type="application/json", **headers)
        else:
            self.reply(404)

    def do_PUT(self):
        body = self.body()
        if self.path == f"{API}/new":
            self.change(lambda: self.server.owner.publish(body))
        else:
            self.change_flag("unyank", False)

    def do_DELETE(self):
        self.change_flag("yank", True)

    def change_flag(self, verb, yanked):
        match = re.fullmatch(f"{API}/([^/]+)/([^/]+)/{verb}", urllib.parse.unquote(self.path))
        if match:
            self.change(lambda: self.server.owner.set_yanked(*match.groups(), yanked))
        else:
            self.reply(404)

    def change(self, action):
        def checked():
            if self.headers.get("Authorization") != TOKEN:
                raise Refusal(403, "the token is wrong")
            action()
            return b'{"ok":true}'
        self.answer(checked)

    def answer(self, action):
        try:
            self.reply(200, action())
        except Refusal as refusal:
            self.reply(refusal.status, json.dumps({"errors": [{"detail": str(refusal)}]}).encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dir", help="keep the registry here (default: a temporary folder)")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    options = parser.parse_args()
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before there are threads: sigwait() is to get them
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(options.dir or folder, options.port, behind_s=5)
        print(registry.url, flush=True)
        try:
            signal.sigwait(ends)
        finally:
            registry.close()


if __name__ == "__main__":
    main()
