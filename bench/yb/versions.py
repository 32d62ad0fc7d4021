# SPDX-License-Identifier: Apache-2.0
"""The versions in the daemon's database, read without its code; daemon/store/versions.c says how they are packed."""

import contextlib
import sqlite3

FORMAT, YANKED, DELETED, CHANGED, SAME_FACETS = 1, 1, 2, 4, 4  # the last: a bit each, from the top


def unpack(packed):
    """(text, yanked) of each one that is not deleted."""
    assert packed[0] == FORMAT
    at = 1
    while at < len(packed):
        flags, length = packed[at:at + 2]
        facets = SAME_FACETS - (flags >> 4).bit_count()
        if not flags & DELETED:
            yield packed[at + 2:at + 2 + length].decode(), bool(flags & YANKED)
        at += 2 + length + 32 + 16 + 8 * facets + (8 if flags & CHANGED else 0)
    assert at == len(packed)


def count(database):
    """(versions, yanked ones) of that file."""
    versions = yanked = 0
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        for (packed,) in connection.execute("SELECT list FROM versions"):
            flags = [flag for _, flag in unpack(packed)]
            versions += len(flags)
            yanked += sum(flags)
    return versions, yanked
