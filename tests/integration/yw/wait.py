# SPDX-License-Identifier: Apache-2.0
"""wait_for(): the only place that waits. A test says what must become true, not how long that takes."""

import os
import time

SLOWER = 5 if os.environ.get("YANKWATCH_WRAP") else 1  # valgrind and the like
PATIENCE = 30 * SLOWER  # seconds until something that never comes is a failure; nothing takes this long
PAUSE = 0.005


def wait_for(condition, what, timeout=PATIENCE):
    """Returns the first true value of condition()."""
    end = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"in {timeout} s it did not come true: {what}")
        time.sleep(PAUSE)
    return value
