# SPDX-License-Identifier: Apache-2.0
"""yankwatch-notify as yankwatchd drives it: frames on descriptor 3. The fixture `start` makes runners."""

import json
import os
import pathlib
import socket
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("YANKWATCH_BUILD", ROOT / "build"))
NOTIFY = BUILD / "bin" / "yankwatch-notify"
PATIENCE = 30  # seconds until a test that hangs is a failure

# Bytes that a JSON library would not write like this: they must arrive as they are.
DOCUMENT = '{ "events":[{"id":"evt_1","seq":1.0,"at":"2026-11-21T09:30:00.123Z","crate":"d\\u0065mo"}]}'
OF_A_REGISTRY = ('{"events":[{"id":"evt_2","seq":2,"at":"2026-11-21T09:30:00.123Z","registry":"r",'
                 '"event":"registry_incident"}]}')


def plugin(name):
    ours = BUILD / "plugins" / f"{name}.so"
    return ours if ours.exists() else BUILD / "tests" / "plugins" / f"{name}.so"


class Runner:
    """One yankwatch-notify with our end of its channel."""

    def __init__(self, name, env=None, wrap=()):
        """`wrap`: a command that runs another, for what the runner is to find around it."""
        self.channel, theirs = socket.socketpair()
        self.channel.settimeout(PATIENCE)
        with theirs:
            # Popen passes a descriptor on under its number; the runner wants it as 3.
            become = "import os, sys; os.dup2(int(sys.argv[1]), 3); os.execv(sys.argv[2], sys.argv[2:])"
            self.process = subprocess.Popen(
                [*wrap, sys.executable, "-ISc", become, str(theirs.fileno()), NOTIFY, plugin(name)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()], env={**os.environ, **(env or {})})

    def send_raw(self, data):
        self.channel.sendall(struct.pack("<I", len(data)) + data)

    def send(self, **frame):
        self.send_raw(json.dumps(frame).encode())

    def receive_bytes(self, count):
        data = b""
        while len(data) < count:
            piece = self.channel.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def receive(self):
        (length,) = struct.unpack("<I", self.receive_bytes(4))
        return json.loads(self.receive_bytes(length))

    def open(self, **options):
        self.send(type="open", notifier="sec-hook", options=options)
        return self.receive()

    def deliver(self, document=DOCUMENT, ident="ntf_1", attempt=1, deadline_ms=20000, subject="[high] demo", **more):
        """The result; frames of the type log before it are kept in self.logged."""
        head = {"type": "deliver", "id": ident, "attempt": attempt, "deadline_ms": deadline_ms,
                "subject": subject, **more}
        self.send_raw((json.dumps(head)[:-1] + ',"document":' + document + "}").encode())
        self.logged = []
        while (frame := self.receive())["type"] == "log":
            self.logged.append(frame)
        return frame

    def end(self):
        """Closes the channel and returns the exit status."""
        self.channel.close()
        return self.process.wait(PATIENCE)
