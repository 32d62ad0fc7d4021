# SPDX-License-Identifier: Apache-2.0
"""Which processes came from us, so that none is left behind.

We become the parent of every orphan below us (PR_SET_CHILD_SUBREAPER): what a killed daemon left running is
then a child of ours, and seen.
"""

import contextlib
import ctypes
import os
import pathlib
import signal

PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans():
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def _about(pid, name):
    try:
        return pathlib.Path("/proc", str(pid), name).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def children():
    """{pid: command line} of the children that run; those that have ended are not among them."""
    pids = [pid for task in os.listdir("/proc/self/task") for pid in _about("self", f"task/{task}/children").split()]
    return {int(pid): _about(pid, "cmdline").replace("\0", " ").strip()
            for pid in pids if _about(pid, "stat").rpartition(")")[2][:2] not in ("", " Z")}


def runners():
    """The yankwatch-notify processes whose daemon has gone."""
    return {pid: line for pid, line in children().items() if "yankwatch-notify" in line}


def end(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
