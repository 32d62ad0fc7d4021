# SPDX-License-Identifier: Apache-2.0
"""What scripts/screenshots draws: the client's commands on a terminal, against a daemon to which something has happened.
On loopback, in a temporary folder that is removed at the end."""

import contextlib
import fcntl
import itertools
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios

import pyte
from PIL import Image, ImageDraw, ImageFont

from yw.daemon import CLIENT, Daemon
from yw.lockfile import locked, lockfile, member
from yw.receiver import Receiver
from yw.registry import Registry
from yw.wait import PATIENCE, wait_for
from yw.web_api import WebApi

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono{}.ttf"
SIZE = 15
MARGIN = 14
PAPER, INK = (24, 26, 31), (212, 215, 221)
COLOURS = {"default": INK, "red": (240, 98, 98), "green": (120, 200, 120), "brown": (226, 182, 84)}
DIM = (130, 134, 142)
# pyte knows no dim text: it is drawn as what no command of ours uses.
SGR_OF_DIM, SGR_INSTEAD = b"\x1b[2m", b"\x1b[34m"
SIZES = [(80, 24), (40, 24), (150, 50)]


class Terminal:
    """A program on a terminal of its own, and what it shows."""

    def __init__(self, arguments, columns, rows, env):
        self.screen = pyte.Screen(columns, 400)
        self._stream = pyte.ByteStream(self.screen)
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=slave, env=env, start_new_session=True)
        os.close(slave)

    def read_more(self):
        """False when the program has ended."""
        try:
            chunk = os.read(self._master, 65536)
        except OSError:  # how a terminal says that the last writer has gone
            return False
        self._stream.feed(chunk.replace(SGR_OF_DIM, SGR_INSTEAD))
        return True

    def lines(self):
        return sum(1 for line in self.screen.display if line.strip())

    def close(self):
        os.close(self._master)
        self.process.wait(PATIENCE)


def on_terminal(arguments, columns, rows, env, during=None):
    """The screen, when the program has ended. One that goes on by itself is interrupted after what `during` makes it show."""
    terminal = Terminal(arguments, columns, rows, env)
    if during:
        while terminal.lines() < 5:  # a heading and four events
            terminal.read_more()
        before = terminal.lines()
        during()
        while terminal.lines() == before:
            terminal.read_more()
        terminal.process.send_signal(signal.SIGINT)
    while terminal.read_more():
        pass
    terminal.close()
    return terminal.screen


def draw(screen, prompt, path):
    """As large as what stands on it."""
    plain, bold = (ImageFont.truetype(FONT.format(kind), SIZE) for kind in ("", "-Bold"))
    width, height = int(plain.getlength("m")), SIZE + 5
    lines = max([y for y, line in enumerate(screen.display) if line.strip()], default=0) + 1
    image = Image.new("RGB", (screen.columns * width + 2 * MARGIN, (lines + 1) * height + 2 * MARGIN), PAPER)
    pen = ImageDraw.Draw(image)
    pen.text((MARGIN, MARGIN), f"$ {prompt}", DIM, plain)
    for y in range(lines):
        for x in range(screen.columns):
            cell = screen.buffer[y][x]
            colour = DIM if cell.fg == "blue" else COLOURS.get(cell.fg, INK)
            if cell.data.strip():
                pen.text((MARGIN + x * width, MARGIN + (y + 1) * height), cell.data, colour, bold if cell.bold else plain)
    image.quantize(48, Image.Quantize.MAXCOVERAGE).save(path, optimize=True)


CRATES = ["http-client", "json-codec", "tls-stack", "time-zones"]
WHY = "CVE-2026-41234: accepts any certificate when the clock is before 1970. Please move to 1.1.0 until 1.1.2 is out."


class Stage:
    """A registry with its web API, a receiver, a daemon, and a project that locks two of the crates."""

    def __init__(self, folder, stack):
        self.folder, self.lock = folder, folder / "Cargo.lock"
        self.registry = stack.enter_context(contextlib.closing(Registry(folder / "registry")))
        self.api = stack.enter_context(contextlib.closing(WebApi().serve()))
        self.receiver = stack.enter_context(contextlib.closing(Receiver(folder)))
        self.daemon = Daemon(folder / "daemon")
        stack.callback(self.daemon.end)

    def start(self):
        for crate in CRATES:
            for version in ("1.0.0", "1.1.0", "1.1.1"):
                self.registry.index.put(crate, version)
                self.api.publish(crate, version)
        url = self.registry.index_url
        self.lock.write_text(lockfile(member("payments", "http-client", "tls-stack"),
                                      locked(url, "http-client", "1.1.0"), locked(url, "tls-stack", "1.1.1")))
        self.receiver.answers = [204, 400]
        self.daemon.configure(url, CRATES, projects=[{"name": "payments", "team": "sec", "lockfile": str(self.lock)}],
                              registry={"contact": "security@example.com", "reasons": {
                                  "from": "crates.io", "api_url": self.api.url, "requests_per_second": 100}},
                              notifiers={"security-hook": self.receiver.notifier(), "archive": {
                                  "plugin": "file", "path": str(self.folder / "yanks.jsonl")}})
        self.daemon.start()
        self.daemon.poll()

    def yank(self, crate, version, message=None, yanked=True):
        (self.api.yank if yanked else self.api.unyank)(crate, version, *([message] if yanked else []))
        self.registry.index.yank(crate, version, yanked)
        self.daemon.poll()

    def happen(self):
        """What a week brings, in a second."""
        self.registry.index.put("http-client", "1.2.0")
        self.yank("http-client", "1.1.0", "breaks keep-alive")
        self.yank("tls-stack", "1.1.1", WHY)
        self.registry.index.delete_version("json-codec", "1.0.0")
        self.yank("http-client", "1.1.0", yanked=False)
        self.yank("time-zones", "1.0.0", "the data of 2019")
        wait_for(lambda: self.daemon.notifier("security-hook")["dead"], "a dead letter")
        wait_for(lambda: len(self.api.requests()) >= 3, "the reasons are asked for")
        wait_for(lambda: WHY in self.client("show", "tls-stack@1.1.1").replace("\n", " "), "and told")

    def dead(self):
        """The id of a dead letter."""
        return self.daemon.get("/v1/notifications?state=dead")["notifications"][0]["id"]

    def client(self, *words):
        return self.daemon.client(*words).stdout


def pictures(folder, out, sizes):
    with contextlib.ExitStack() as stack:
        stage = Stage(folder, stack)
        stage.start()
        stage.happen()
        daemon, lock = stage.daemon, stage.lock
        env = daemon.env | {"TERM": "xterm-256color", "YANKWATCH_SOCKET": str(daemon.socket), "TZ": "UTC"}
        env.pop("NO_COLOR", None)
        env.pop("COLUMNS", None)

        flags = itertools.cycle([True, False])

        def yank():
            stage.yank("json-codec", "1.1.1", yanked=next(flags))

        commands = {"status": None, "history": None, "show tls-stack": None, "show tls-stack@1.1.1": None,
                    f"check {lock}": None, "findings": None, "notifications": None, "watch list": None, "notifier list": None,
                    "project list": None, "route explain tls-stack@1.1.1": None, "impact http-client@1.1.0": None, "poll --all --wait": None,
                    "verify": None, f"notifications show {stage.dead()}": None, "tail --last 4": yank, "help": None}
        for columns, rows in sizes:
            for command, during in commands.items():
                screen = on_terminal([CLIENT, *command.split()], columns, rows, env, during)
                name = "-".join(re.findall("[a-z]+(?=[ @-]|$)", command.replace(str(folder), "").split(" ntf_")[0]))
                name += "-version" if "@" in command else ""
                draw(screen, f"yankwatch {command}".replace(f"{folder}/", ""), out / f"{name}-{columns}.png")
        daemon.stop()


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="yankwatch-") as folder:
        pictures(pathlib.Path(folder), out, SIZES)


if __name__ == "__main__":
    main()
