# SPDX-License-Identifier: Apache-2.0
"""What a process has used: CPU of all its threads, those that have ended too, but not of its children; memory."""

import contextlib
import pathlib
import re
import time


def cpu_s(pid):
    """User and system time, from the scheduler's own count (clock_getcpuclockid(3), CPUCLOCK_SCHED)."""
    return time.clock_gettime((~pid << 3) | 2)


def threads_cpu_s(pid):
    """{thread id: CPU seconds} of the threads that live."""
    times = {}
    for task in pathlib.Path("/proc", str(pid), "task").iterdir():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            times[int(task.name)] = int((task / "schedstat").read_text().split()[0]) / 1e9
    return times


def memory_kb(pid, field):
    """VmRSS: now; VmHWM: the most since the start."""
    status = pathlib.Path("/proc", str(pid), "status").read_text()
    return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)[1])
