# SPDX-License-Identifier: Apache-2.0
"""Figures as they come: rows of a table, and the same as JSON with what they were computed from."""

import json
import os
import pathlib
import platform
import statistics
import subprocess

from yw.daemon import DAEMON


class Report:
    def __init__(self, made):
        self.document = {"machine": machine(), "index": made, "rows": [], "raw": {}}
        for name, value in self.document["machine"].items():
            print(f"{name:10} {value}")
        print(f"{'index':10} {made['crates']} crates, {made['versions']} versions, {made['bytes']} bytes\n")
        print(f"{'case':8} {'what':44} {'value':>14} {'floor':>12} {'ratio':>7} {'(each)':15} limit", flush=True)

    def row(self, case, what, value, unit="", floor=None, ratios=None, limit=None):
        """`ratios` are those of the pairs, of which the median counts; `limit` is what the value is held against."""
        ratio = statistics.median(ratios) if ratios else None
        self.document["rows"].append({"case": case, "what": what, "value": value, "unit": unit, "floor": floor,
                                      "ratio": ratio, "ratios": ratios, "limit": limit})
        each = f"({min(ratios):.2f} to {max(ratios):.2f})" if ratios else ""
        kept = "" if limit is None else f"{limit} {unit}: {'kept' if value <= limit else 'ABOVE'}"
        print(f"{case:8} {what:44} {shown(value)} {unit:3} {shown(floor):>12} {shown(ratio, 2):>7} {each:15} {kept}"
              .rstrip(), flush=True)

    def raw(self, case, value):
        self.document["raw"][case] = value

    def write(self, file):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(self.document, indent=1) + "\n")


def shown(value, digits=3):
    if value is None:
        return ""
    return f"{value:10.{digits}f}" if isinstance(value, float) else f"{value:>10}"


def machine():
    """What the figures depend on; no name."""
    memory = next(line for line in pathlib.Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in line)
    cpu = [line.partition(":")[2].strip() for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
           if line.startswith("model name")]
    version = subprocess.run([DAEMON, "--version"], capture_output=True, text=True, check=True).stdout
    nginx = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True,
                           env=os.environ | {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin"}).stderr
    return {"cores": f"{os.cpu_count()}, {cpu[0] if cpu else platform.machine()}",
            "memory": f"{int(memory.split()[1]) // 1024} MB", "kernel": platform.release(),
            "versions": " ".join(version.split()), "server": nginx.strip().removeprefix("nginx version: "),
            "load": " ".join(f"{load:.2f}" for load in os.getloadavg())}
