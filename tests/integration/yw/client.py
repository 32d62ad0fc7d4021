# SPDX-License-Identifier: Apache-2.0
"""yankwatch, when it must do well, and when it must not: what it prints, and what it complains of."""


def good(daemon, *arguments):
    done = daemon.client(*arguments)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def bad(daemon, code, *arguments):
    done = daemon.client(*arguments)
    assert done.returncode == code, done
    return done.stderr
