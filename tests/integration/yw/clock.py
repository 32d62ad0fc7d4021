# SPDX-License-Identifier: Apache-2.0
"""A time that a test moves forward: the system's plus an offset, for a daemon and for what plays a registry to it.

The offset is in a file that yankwatchd-test-clock (tests/clock/clock.c) has mapped: it counts from the next time that
the daemon asks; its timers ask every few milliseconds, or, with STILL in
its environment, only when their time by the system's clock has come: what happens is what the test asks for.
"""

import mmap
import pathlib
import struct
import time

OFFSET = struct.Struct("=q")  # milliseconds
STILL = {"YANKWATCH_CLOCK_STILL": "1"}


class Clock:
    def __init__(self, file):
        self.file = pathlib.Path(file)
        self.file.write_bytes(OFFSET.pack(0))
        with open(self.file, "r+b") as opened:
            self._offset = mmap.mmap(opened.fileno(), OFFSET.size)
        self.environment = {"YANKWATCH_CLOCK": str(self.file)}

    def close(self):
        self._offset.close()

    def _offset_ms(self):
        return OFFSET.unpack_from(self._offset)[0]

    def now(self):
        """Seconds since 1970."""
        return time.time() + self._offset_ms() / 1000

    def advance(self, seconds):
        assert seconds >= 0, "time does not go back"
        OFFSET.pack_into(self._offset, 0, self._offset_ms() + int(seconds * 1000))
