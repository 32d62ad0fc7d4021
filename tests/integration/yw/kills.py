# SPDX-License-Identifier: Apache-2.0
"""SIGKILL at the Nth system call, by strace's fault injection: where a run can die, and a run that dies there.

strace counts each thread's calls by itself, so (name, N) ends the process when the first of its threads, or of its
plugins' processes, makes its Nth call of that name; everything that it started dies with it (PR_SET_PDEATHSIG).
"""

import collections
import dataclasses
import itertools
import re
import subprocess

from yw.wait import PATIENCE

CALL = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)[( ]")
KILLED = "+++ killed by SIGKILL +++"

# What a start does before main() is the same in every program; these are what poll, commit, claim, deliver and
# record are made of.
CALLS = ("read", "write", "pread64", "pwrite64", "fdatasync", "ftruncate", "unlink", "sendto", "recvfrom", "poll",
         "epoll_wait", "epoll_ctl", "futex", "close", "connect", "socket", "socketpair", "clone3", "waitid", "fcntl",
         "getsockopt", "setsockopt", "openat")


@dataclasses.dataclass(frozen=True)
class Point:
    call: str
    nth: int


def points(trace):
    """Every point that a run came by, from its trace: the calls of its busiest thread, one by one."""
    counts = collections.Counter()
    for line in trace.splitlines():
        found = CALL.match(line)
        if found and "resumed>" not in line and found[2] in CALLS:
            counts[found[1], found[2]] += 1
    most = {call: max((n for (_, name), n in counts.items() if name == call), default=0) for call in CALLS}
    return [Point(call, n) for call in CALLS for n in range(1, most[call] + 1)]


def run(command, env, folder, point=None):
    """Runs to its end, or to the point. Its exit status and the trace."""
    inject = ["-e", f"inject={point.call}:signal=SIGKILL:when={point.nth}"] if point else []
    trace = folder / "trace"
    done = subprocess.run(["strace", "-f", "-qq", "-o", trace, *inject, *command], env=env, cwd=folder,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False)
    return done.returncode, trace.read_text(errors="replace")


def was_hit(trace):
    return KILLED in trace


def interleaved(lists):
    """The first of each, the second of each…: a part of it is a sample of all."""
    rounds = itertools.zip_longest(*lists)
    return [item for row in rounds for item in row if item is not None]
