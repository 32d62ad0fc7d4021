# SPDX-License-Identifier: Apache-2.0
"""scripts/quickstart, without its build: what it shows, and that it leaves nothing behind."""

import os
import signal
import subprocess
import sys

import pytest

from yw.daemon import BUILD, CHECKOUT
from yw.wait import PATIENCE, wait_for


@pytest.fixture
def command(folder):
    """python -m yw.MODULE as scripts/quickstart runs it, with the test's folder for temporary files."""
    env = os.environ | {"YANKWATCH_BUILD": str(BUILD), "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"}
    return lambda module, *args: {"args": [sys.executable, "-m", module, *args], "env": env, "text": True,
                                  "cwd": CHECKOUT / "tests" / "integration", "stdin": subprocess.DEVNULL}


def test_the_demo_shows_a_yank_and_cleans_up(command, folder):
    done = subprocess.run(**command("yw.demo"), capture_output=True, timeout=2 * PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for text in ("Yank demo-crate@1.0.1", '"event": "yanked"', "webhook-signature: v1,", "the signature is right",
                 "yankwatch history"):
        assert text in done.stdout
    assert list(folder.iterdir()) == []


def test_crates_are_followed_until_an_interrupt(command, registry, folder):
    with open(folder / "said", "w") as said, subprocess.Popen(
            **command("yw.follow", "--index", registry.index_url, "demo"), stdout=said, stderr=said) as process:
        wait_for(lambda: "From now on" in (folder / "said").read_text(), "the first look is done")
        registry.index.put("demo", "1.0.0")
        wait_for(lambda: "crate_created" in (folder / "said").read_text(), "the event is shown")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    assert sorted(file.name for file in folder.iterdir()) == ["registry", "said"]


def test_crates_io_is_not_asked_without_a_contact(command):
    what = command("yw.follow", "serde")
    what["env"].pop("YANKWATCH_CONTACT", None)
    done = subprocess.run(**what, capture_output=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "YANKWATCH_CONTACT=you@example.com" in done.stderr


@pytest.mark.parametrize("script", ["scripts/deps", "scripts/lint", "scripts/quickstart", "scripts/test", ".ci/run"])
def test_the_scripts_are_plain_sh(script):
    subprocess.run(["sh", "-n", CHECKOUT / script], timeout=60, check=True)
    assert os.access(CHECKOUT / script, os.X_OK)
