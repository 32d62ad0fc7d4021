# SPDX-License-Identifier: Apache-2.0
"""The distribution's prometheus-alertmanager in a folder of its own, on a free port."""

import json
import pathlib
import shutil
import socket
import subprocess
import urllib.request

from yw.wait import wait_for

PROGRAM = shutil.which("prometheus-alertmanager") or shutil.which("alertmanager")
CONFIGURATION = """
global: {resolve_timeout: 1s}
route: {receiver: nobody, group_wait: 100ms, group_interval: 1s}
receivers: [{name: nobody}]
"""


class Alertmanager:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        (self.folder / "alertmanager.yml").write_text(CONFIGURATION)
        # Nobody else takes a port that the kernel has just drawn; it is needed again after a restart.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, f"--config.file={self.folder}/alertmanager.yml", f"--storage.path={self.folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self._ready, "Alertmanager answers")

    def _ready(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as reply:
                return reply.status == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def restart(self):
        self.stop()
        self.start()

    def alerts(self):
        """What is active now."""
        with urllib.request.urlopen(f"{self.url}/api/v2/alerts", timeout=5) as reply:
            return json.load(reply)

    def post(self, alerts):
        """As any other client does it."""
        request = urllib.request.Request(f"{self.url}/api/v2/alerts", json.dumps(alerts).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as reply:
            assert reply.status == 200
