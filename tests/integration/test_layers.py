# SPDX-License-Identifier: Apache-2.0
"""Folders are layers: an include of a layer that is not below does not build."""

import json
import pathlib
import shlex
import subprocess

import pytest

from yw.daemon import BUILD, CHECKOUT

WRONG = [
    ("daemon/base", "model/event.h"), ("daemon/base", "store/db.h"),
    ("daemon/model", "net/loop.h"), ("daemon/model", "store/db.h"),
    ("daemon/config", "net/loop.h"), ("daemon/config", "store/db.h"),
    ("daemon/net", "store/db.h"), ("daemon/net", "config/config.h"),
    ("daemon/store", "net/loop.h"), ("daemon/store", "config/config.h"),
    ("daemon/poll", "track/tracker.h"), ("daemon/poll", "alert/runner.h"),
    ("daemon/track", "poll/poller.h"), ("daemon/track", "api/api.h"),
    ("daemon/alert", "track/tracker.h"), ("daemon/alert", "poll/poller.h"),
    ("daemon/api", "track/tracker.h"), ("daemon/api", "poll/poller.h"),
    ("notify", "store/db.h"), ("client", "store/db.h"), ("client", "net/http.h"),
    ("plugins/webhook", "base/err.h"), ("plugins/exec", "model/event.h"),
]


def flags_of(folder):
    """The compiler and the flags that the build uses for a source of that folder."""
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        source = pathlib.Path(entry["file"])
        if source.parent.parts[-len(pathlib.Path(folder).parts):] == pathlib.Path(folder).parts:
            words = shlex.split(entry["command"])
            return words[:1] + [word for word in words[1:] if word[:2] in ("-I", "-D")] + [
                "-isystem" + words[i + 1] for i, word in enumerate(words) if word == "-isystem"]
    raise AssertionError(f"no source of {folder} stands in compile_commands.json")


def compile_include(folder, header):
    return subprocess.run([*flags_of(folder), "-fsyntax-only", "-x", "c", "-"], input=f'#include "{header}"\n',
                          capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("folder, header", WRONG)
def test_an_include_against_the_layers_does_not_build(folder, header):
    assert list(CHECKOUT.glob(f"daemon/{header}")), "the header itself must be there, or this proves nothing"
    done = compile_include(folder, header)
    assert done.returncode != 0
    assert "No such file" in done.stderr


@pytest.mark.parametrize("folder, header", [
    ("daemon/model", "base/err.h"), ("daemon/store", "model/event.h"), ("daemon/track", "store/db.h"),
    ("daemon/api", "store/query.h"), ("notify", "model/frames.h"), ("plugins/webhook", "yankwatch/notifier.h")])
def test_an_include_of_what_is_below_builds(folder, header):
    """Else the test above would pass with flags that are wrong."""
    done = compile_include(folder, header)
    assert done.returncode == 0, done.stderr


def test_no_source_climbs_out_of_its_folder():
    sources = [path for top in ("daemon", "notify", "client", "plugins", "tests") for path in (CHECKOUT / top).rglob("*.[ch]")]
    assert sources
    assert [str(path) for path in sources if '#include "../' in path.read_text()] == []
