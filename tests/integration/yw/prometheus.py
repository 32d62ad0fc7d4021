# SPDX-License-Identifier: Apache-2.0
"""The distribution's Prometheus in a folder of its own: scrapes one target, goes by one file of rules."""

import json
import pathlib
import shutil
import socket
import subprocess
import urllib.parse
import urllib.request

from yw.wait import wait_for

PROGRAM = shutil.which("prometheus")


class Prometheus:
    def __init__(self, folder, target, ca_file, rules):
        """`target`: host:port, asked by https, whose certificate `ca_file` is of."""
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        (self.folder / "prometheus.yml").write_text(json.dumps({
            "global": {"scrape_interval": "200ms", "scrape_timeout": "200ms", "evaluation_interval": "200ms"},
            "rule_files": [str(rules)],
            "scrape_configs": [{"job_name": "yankwatch", "scheme": "https", "tls_config": {"ca_file": str(ca_file)},
                                "static_configs": [{"targets": [target]}]}]}))
        # Nobody else takes a port that the kernel has just drawn.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                [PROGRAM, f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
                 f"--web.listen-address=127.0.0.1:{port}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(self._ready, "Prometheus answers")

    def _ready(self):
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5) as reply:
                return reply.status == 200
        except OSError:
            return False

    def _get(self, path):
        with urllib.request.urlopen(f"{self.url}/api/v1/{path}", timeout=30) as reply:
            return json.load(reply)["data"]

    def query(self, expression):
        """[(labels, value)…] now."""
        found = self._get(f"query?query={urllib.parse.quote(expression)}")["result"]
        return [(sample["metric"], float(sample["value"][1])) for sample in found]

    def alerts(self):
        """{(name, "pending" or "firing")…}"""
        return {(alert["labels"]["alertname"], alert["state"]) for alert in self._get("alerts")["alerts"]}

    def stop(self):
        self.process.terminate()
        self.process.wait()
