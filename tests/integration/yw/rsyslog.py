# SPDX-License-Identifier: Apache-2.0
"""rsyslog as a user has it, in a folder of its own: what it understands of each record is a line of JSON."""

import json
import os
import pathlib
import shutil
import socket
import subprocess

from yw.wait import wait_for

CONFIGURATION = """
global(workDirectory="{folder}" maxMessageSize="16k")
module(load="imuxsock" sysSock.use="off")
module(load="imudp")
module(load="imtcp")
template(name="parsed" type="list" option.jsonf="on") {{
  property(outname="priority" name="pri" format="jsonf")
  property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
  property(outname="host" name="hostname" format="jsonf")
  property(outname="program" name="programname" format="jsonf")
  property(outname="kind" name="msgid" format="jsonf")
  property(outname="data" name="structured-data" format="jsonf")
  property(outname="text" name="msg" format="jsonf")
}}
ruleset(name="keep") {{ action(type="omfile" file="{folder}/records" template="parsed") }}
input(type="imuxsock" socket="{folder}/log" ruleset="keep")
input(type="imudp" address="127.0.0.1" port="{udp}" ruleset="keep")
input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName="{folder}/tcp-port" ruleset="keep")
"""


class Rsyslog:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            udp = free.getsockname()[1]
        configuration = self.folder / "rsyslog.conf"
        configuration.write_text(CONFIGURATION.format(folder=self.folder, udp=udp))
        self._log = open(self.folder / "output", "wb")
        program = shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
        self._process = subprocess.Popen(
            [program, "-n", "-f", configuration, "-i", self.folder / "pid"], stdout=self._log, stderr=self._log)
        wait_for(lambda: self._text("tcp-port") and (self.folder / "log").exists(), "rsyslog listens")
        self.targets = {"unix": f"unix://{self.folder}/log", "udp": f"udp://127.0.0.1:{udp}",
                        "tcp": f"tcp://127.0.0.1:{self._text('tcp-port').strip()}"}

    def _text(self, name):
        path = self.folder / name
        return path.read_text() if path.exists() else ""

    def records(self, count):
        """The first `count` records, when they are there."""
        wait_for(lambda: self._text("records").count("\n") >= count, f"{count} records")
        return [json.loads(line) for line in self._text("records").splitlines()]

    def stop(self):
        self._process.terminate()
        self._process.wait()
        self._log.close()
