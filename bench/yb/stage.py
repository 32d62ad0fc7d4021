# SPDX-License-Identifier: Apache-2.0
"""What every case plays on: the synthetic index, nginx in front of it, the floor, daemons; all in one folder."""

import contextlib
import json
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile
import time
import types

from yb import process, versions
from yw.daemon import BUILD, Daemon, UnixConnection
from yw.index import path_of
from yw.nginx import Nginx, make_authority

PROGRAMS = BUILD / "bench"
PATIENCE = 900  # seconds for a step that takes a minute at most on an idle machine
LOOKS_EVERY = 0.01  # of the time that it took so far
LOOKS_LAST = 0.02  # seconds: the nearer the end, the more often, but never more
RSS_LIMIT_MB = 64  # with every crate of crates.io
PAIRS = {"sweep": 7, "sync": 3, "start": 3, "check": 5}
NGINX = "access_log off; keepalive_requests 100000000; keepalive_timeout 1h; open_file_cache off;"


class Wrong(Exception):
    """What was measured is not what was meant: the run fails."""


def check(condition, what):
    if not condition:
        raise Wrong(what)


def patiently(condition, what):
    """Returns the first true value of condition(), which is asked so seldom that it is not what is measured."""
    began = time.monotonic()
    while not (value := condition()):
        took_s = time.monotonic() - began
        check(took_s < PATIENCE, f"in {took_s:.0f} s it did not come true: {what}")
        time.sleep(max(0.005, took_s * LOOKS_EVERY))
    return value


class Bench:
    """A kept folder holds the index alone; what a run makes is temporary, always."""

    def __init__(self, crates, seed, keep=None, pairs=None, yanks=0, history=None):
        self._pairs, self.yanks, self.history = pairs, yanks, history or {}
        self._synced = None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="yankwatch-bench-"))
        self._ends = contextlib.ExitStack()
        self._ends.callback(shutil.rmtree, self.folder)
        self._daemons = 0
        with contextlib.ExitStack() as undo:
            undo.callback(self._ends.close)
            self.home = pathlib.Path(keep or self.folder).resolve()
            self._start(self.home / f"index-{crates}-{seed}", crates, seed)
            undo.pop_all()

    def close(self):
        self._ends.close()

    def _start(self, home, crates, seed):
        self.folder.chmod(0o755)  # nginx's worker may be another user
        self.index = types.SimpleNamespace(folder=home / "served", names=home / "names")
        self.made = self._make_index(home, crates, seed)
        (self.folder / "ca").mkdir()
        make_authority(self.folder / "ca")
        self.nginx = Nginx(self.folder / "nginx", self.index, self.folder / "ca", NGINX)
        self._ends.callback(self.nginx.stop)

    def _make_index(self, home, crates, seed):
        """What yankwatch-make-index said, of now or of the run that made it."""
        said = home / "made.json"
        if not said.exists():
            shutil.rmtree(home, ignore_errors=True)  # one that was not finished
            home.mkdir(parents=True)
            made = subprocess.run([PROGRAMS / "yankwatch-make-index", "--crates", str(crates), "--seed", str(seed),
                                   "--json", "--names", self.index.names, self.index.folder],
                                  stdout=subprocess.PIPE, check=True)
            said.write_bytes(made.stdout)
        return json.loads(said.read_text())

    def pairs(self, case):
        return self._pairs or PAIRS[case]

    def file(self, crate):
        return self.index.folder / path_of(crate)

    # ---- the floor

    def floor(self, mode, names=None):
        """One run of yankwatch-floor, `mode` sweep or sync, for the crates that the file `names` has, else for all; all
        its requests must have got the right answer."""
        crates, size = self._asked(names) if names else (self.made["crates"], self.made["bytes"])
        done = subprocess.run([PROGRAMS / "yankwatch-floor", f"--{mode}", "--ca", self.nginx.ca_file,
                               "--url", self.nginx.index_url.removeprefix("sparse+"),
                               "--names", names or self.index.names, "--index", self.index.folder],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)
        check(done.returncode == 0, done.stderr.strip())
        figures = json.loads(done.stdout)
        wanted = {"sweep": "304", "sync": "200"}[mode]
        check(figures["failed"] == 0 and figures["statuses"] == {wanted: crates},
              f"the floor's answers are not {crates} times {wanted}: {figures}")
        if mode == "sync":
            check(figures["bytes"] == size, f"the floor did not get {size} bytes")
        return figures

    def _asked(self, names):
        sizes = [self.file(name).stat().st_size for name in names.read_text().split()]
        return len(sizes), sum(sizes)

    # ---- daemons

    def watch(self):
        return [{"registry": "internal", "crates_file": str(self.index.names)}]

    def sync_once(self):
        """One first sync; what it took. The database stays for the cases that need one."""
        with self.daemon() as daemon:
            took = daemon.sync(self.made)
            loop = daemon.status()["loop"]
            daemon.stop()
            if not self._synced:
                shutil.move(daemon.state, self.folder / "synced")
                self._synced = types.SimpleNamespace(state=self.folder / "synced", loop=loop)
                daemon.state.mkdir()
        return took | {"loop": loop}

    def synced(self):
        """The state folder of a daemon that has seen everything, and how long its loop was held up meanwhile."""
        if not self._synced:
            self.sync_once()
        return self._synced

    @contextlib.contextmanager
    def daemon(self, state=None):
        """One that is configured but not started; it ends with the block, and its folder goes."""
        self._daemons += 1
        daemon = BenchDaemon(self.folder / f"daemon{self._daemons}")
        try:
            if state:
                shutil.rmtree(daemon.state)
                shutil.copytree(state, daemon.state)
            daemon.configure(self.nginx.index_url, [], ca_file=self.nginx.ca_file, poll_interval="7d",
                             watch=self.watch())
            yield daemon
        except Exception:
            print(daemon.log()[-4000:], end="")
            raise
        finally:
            daemon.end()
            shutil.rmtree(daemon.folder)


class BenchDaemon(Daemon):
    @property
    def pid(self):
        return self.process.pid

    def registry(self):
        (row,) = self.status()["registries"]
        return row

    def request(self, method, path, body=None):
        """As api(), but patient."""
        connection = UnixConnection(self.socket)
        connection.timeout = PATIENCE
        try:
            content = json.dumps(body).encode() if body else None
            connection.request(method, path, content, {"Content-Type": "application/json"} if content else {})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def sweep(self):
        """Polls everything once, until all is committed; what came of it."""
        polls = self.registry()["polls"]
        status, document = self.request("POST", "/v1/poll", {"wait": True})
        if status == 503:  # it took longer than the socket waits; it goes on by itself
            self.wait_for_polls(polls + self.registry()["watches"])
            return None
        check(status == 200, f"poll: {document}")
        return document

    def wait_for_polls(self, polls):
        """Until so many polls were made and nothing is under way. `status` counts rows, which is CPU time of the
        daemon, too: so it is asked when half of what is left may have gone by."""
        began = time.monotonic()
        first = None
        while True:
            status = self.status()
            row = status["registries"][0]
            if row["polls"] >= polls and row["in_flight"] == 0 and status["tracker"]["queue"] == 0:
                return
            took_s = time.monotonic() - began
            check(took_s < PATIENCE, f"in {took_s:.0f} s there were not {polls} polls")
            first = row["polls"] if first is None else first
            rate = (row["polls"] - first) / took_s
            time.sleep(min(1, max(LOOKS_LAST, (polls - row["polls"]) / rate / 2 if rate else LOOKS_LAST)))

    def database(self, sql):
        """One number, read beside the daemon."""
        with contextlib.closing(sqlite3.connect(f"file:{self.state}/yankwatch.sqlite?mode=ro", uri=True)) as database:
            return database.execute(sql).fetchone()[0]

    def versions(self):
        """How many there are in the database, and how many of them are yanked."""
        return versions.count(self.state / "yankwatch.sqlite")

    def sync(self, made):
        """Starts on an empty database, until every version is durable; what that took since exec."""
        began = time.monotonic()
        self.start()
        self.wait_for_polls(made["crates"])
        took = {"wall_s": time.monotonic() - began, "cpu_s": process.cpu_s(self.pid),
                "threads_cpu_s": process.threads_cpu_s(self.pid),
                "hwm_mb": process.memory_kb(self.pid, "VmHWM") / 1024,
                "rss_mb": process.memory_kb(self.pid, "VmRSS") / 1024}
        check(self.versions() == (made["versions"], made["yanked"]), "not every version and yank was stored")
        check(self.database("SELECT count(*) FROM crate WHERE state = 1 AND unparsed = 0") == made["crates"],
              "not every crate was read whole")
        check(self.registry()["failures"] == 0, "polls failed")
        return took
