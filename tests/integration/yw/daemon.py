# SPDX-License-Identifier: Apache-2.0
"""yankwatchd in a folder of its own: configuration, database, socket and log are all there, so that any number run.

YANKWATCH_BUILD  the build folder (default: build/ of the checkout)
YANKWATCH_WRAP   what the daemon runs under, for example "valgrind -q --error-exitcode=99 --leak-check=full"
"""

import http.client
import json
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess
import time
import types

from yw.wait import PATIENCE, wait_for

CHECKOUT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("YANKWATCH_BUILD", CHECKOUT / "build")).resolve()
DAEMON = BUILD / "bin" / "yankwatchd"
DAEMON_OF_CLOCK = BUILD / "bin" / "yankwatchd-test-clock"
CLIENT = BUILD / "bin" / "yankwatch"
WRAP = shlex.split(os.environ.get("YANKWATCH_WRAP", ""))
SANITIZERS = re.compile("AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:")


class Daemon:
    def __init__(self, folder, env=None, clock=None):
        """With a yw.clock.Clock its time is that clock's."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.env = (env or environment()) | (clock.environment if clock else {})
        self.program = DAEMON_OF_CLOCK if clock else DAEMON
        self.config = self.folder / "yankwatch.yaml"
        self.socket = self.folder / "socket"
        self.state = self.folder / "state"
        self.state.mkdir(mode=0o700)
        self.process = None

    # ---- configuration

    def configure(self, index, crates, *, ca_file=None, poll_interval="1h", confirm="0s", registry=None,
                  notifiers=None, **keys):
        """One registry, "internal". Polls come from poll(), unless an interval is given; what they show is believed at
        once, unless `confirm` is given; every event goes to every notifier, unless `routes` are given. Other keys are
        taken as they are, those of the registry in `registry`."""
        internal = {"index": index, "poll_interval": poll_interval, "requests_per_second": 100000,
                    "confirm": {"unyanked": confirm, "deleted": confirm}}
        internal |= ({"ca_file": str(ca_file)} if ca_file else {}) | (registry or {})
        routes = [{"notify": list(notifiers)}] if notifiers else []
        self.write({"state_dir": str(self.state), "socket": {"path": str(self.socket)}, "log": {"target": "stderr"},
                    "registries": {"internal": internal},
                    "watch": [{"registry": "internal", "crates": crates}] if crates else [],
                    "notifiers": notifiers or {}, "routes": routes, "retry": {"first": "100ms", "max": "500ms"}} | keys)

    def write(self, config):
        """A dictionary or the file's text. JSON is YAML, too."""
        self.config.write_text(config if isinstance(config, str) else json.dumps(config, indent=1))

    # ---- life

    def run(self, *args):
        """yankwatchd with these arguments, to its end."""
        return subprocess.run([*WRAP, self.program, "--config", self.config, *args], env=self.env, cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def start(self):
        assert self.process is None, "it runs already"
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([*WRAP, self.program, "--config", self.config], env=self.env,
                                            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self._answers, "the daemon answers on its socket")

    def _answers(self):
        assert self.process.poll() is None, f"the daemon ended with {self.process.returncode}:\n{self.log()}"
        try:
            return self.api("GET", "/healthz").status == 200
        except OSError:
            return False

    def stop(self):
        """As the operator does it. It must end well, and without a sanitizer's complaint."""
        self.process.terminate()
        status = self._ended()
        assert status == 0, f"the daemon ended with {status}:\n{self.log()}"

    def kill9(self, after_s=0):
        """As a power failure does it; at a moment that a test has drawn."""
        time.sleep(after_s)
        self.process.kill()
        status = self._ended()
        assert status == -signal.SIGKILL, f"the daemon had ended before, with {status}:\n{self.log()}"

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def end(self):
        """After a test, whatever became of it."""
        if self.process:
            self.process.kill()
            self._ended()

    def _ended(self):
        process, self.process = self.process, None
        process.wait(PATIENCE)
        complaint = SANITIZERS.search(self.log())
        assert not complaint, self.log()[complaint.start():]
        return process.returncode

    def log(self):
        file = self.folder / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    # ---- questions

    def client(self, *args):
        """yankwatch with these arguments."""
        return subprocess.run([CLIENT, "--socket", self.socket, *args], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=PATIENCE, check=False)

    def api(self, method, path, body=None):
        """One request; its .status, .type and .document (JSON, None when there is no body)."""
        connection = UnixConnection(self.socket)
        try:
            content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            connection.request(method, path, content, {"Content-Type": "application/json"} if content else {})
            answer = connection.getresponse()
            text = answer.read()
            return types.SimpleNamespace(status=answer.status, type=answer.getheader("Content-Type"),
                                         document=json.loads(text) if text else None)
        finally:
            connection.close()

    def get(self, path):
        answer = self.api("GET", path)
        assert answer.status == 200, answer
        return answer.document

    def status(self):
        return self.get("/v1/status")

    def notifier(self, name):
        return next(row for row in self.status()["notifiers"] if row["notifier"] == name)

    def events(self, query=""):
        """The whole history, page by page; `query` as "&crate=demo"."""
        events, after = [], "0"
        while after is not None:
            page = self.get(f"/v1/events?limit=1000&after={after}{query}")
            events += page["events"]
            after = page["next"]
        return events

    def watches(self):
        """{crate: state}"""
        return {watch["crate"]: watch["state"] for watch in self.get("/v1/watches?limit=1000")["watches"]}

    def poll(self, *crates):
        """Polls now, all or these crates; returns once the results are committed."""
        answer = self.api("POST", "/v1/poll", {"wait": True} | ({"crates": crates} if crates else {}))
        assert answer.status == 200, answer
        return answer.document


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=PATIENCE)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def environment():
    """Ours, without what would lead requests astray."""
    return {name: value for name, value in os.environ.items()
            if not name.lower().endswith("_proxy") and name not in ("YANKWATCH_SOCKET", "NOTIFY_SOCKET")}


def kinds(events):
    """What happened, short enough to compare: [("yanked", "1.0.0")…]."""
    return [(event["event"], event.get("version")) for event in events]
