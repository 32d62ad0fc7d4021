# SPDX-License-Identifier: Apache-2.0
"""A file of 3.5 MB straight to the tracker: one line changed; nothing changed but the ETag."""

import json
import subprocess

from yb.stage import PROGRAMS


def measure(bench, report):
    folder = bench.folder / "observe"
    folder.mkdir()
    done = subprocess.run([PROGRAMS / "yankwatch-observe", folder], stdout=subprocess.PIPE, check=True)
    figures = json.loads(done.stdout)
    for name, what in (("one_line_changed", "one line of 3.5 MB changed"), ("unchanged", "3.5 MB with a new ETag")):
        for clock in ("wall_ms", "cpu_ms"):
            for which in ("median", "max"):
                report.row("observe", f"{what}: {which} {clock.removesuffix('_ms')}", figures[name][clock][which], "ms")
    for clock in ("wall", "cpu"):
        report.row("observe", f"3.5 MB with a new ETag, by {clock}", figures[f"unchanged_{clock}_gb_s"], "GB/s")
    report.raw("observe", figures)
