# SPDX-License-Identifier: Apache-2.0
"""`python3 without.py NUMBER… COMMAND…` runs COMMAND on a kernel that does not have these system calls, nor have those that it
starts: how an old kernel looks."""

import ctypes
import errno
import os
import struct
import sys

LANDLOCK_CREATE_RULESET = 444  # on every architecture
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER = 22, 38, 2
LOAD, IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


def without(*numbers):
    """The words that go before a command."""
    return ["/usr/bin/python3", "-IS", os.path.abspath(__file__), *map(str, numbers)]


def forget(numbers):
    code = [(LOAD, 0, 0, 0)]
    for number in numbers:
        code += [(IF_EQUAL, 0, 1, number), (RETURN, 0, 0, ERRNO | errno.ENOSYS)]
    code.append((RETURN, 0, 0, ALLOW))
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *it) for it in code))
    rules = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(PR_SET_SECCOMP, FILTER, rules, 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


if __name__ == "__main__":
    NUMBERS = [int(it) for it in sys.argv[1:] if it.isdigit()]
    forget(NUMBERS)
    os.execvp(sys.argv[1 + len(NUMBERS)], sys.argv[1 + len(NUMBERS):])
