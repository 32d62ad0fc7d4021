# SPDX-License-Identifier: Apache-2.0
"""The manual pages: sound, and saying what the programs of this build say themselves."""
import json
import re
import subprocess

import pytest

from yw.daemon import BUILD, CHECKOUT, CLIENT, DAEMON

MAN = BUILD / "man"
NOTIFY = BUILD / "bin" / "yankwatch-notify"
PLUGINS = sorted(path.stem for path in (BUILD / "plugins").glob("*.so"))
PAGES = ["yankwatch.1", "yankwatch.yaml.5", "yankwatch-plugin.7", "yankwatch-notify.8", "yankwatchd.8",
         *(f"yankwatch-{plugin}.7" for plugin in PLUGINS)]


def run(*arguments):
    return subprocess.run(arguments, capture_output=True, text=True, check=True).stdout


def shown(page):
    """The page as text, on lines that are long enough for everything."""
    text = run("mandoc", "-T", "ascii", "-O", "width=900", MAN / page)
    return re.sub(".\b", "", text)


def squeezed(text):
    return re.sub(r"\s+", " ", text)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_no_fault(page):
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", MAN / page], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_command_and_option_has_its_place():
    page = squeezed(shown("yankwatch.1"))
    commands = [line.strip() for line in run(CLIENT, "help").splitlines() if line.startswith("  ")]
    assert len(commands) > 20
    for line in commands:
        name = re.split("  +", line)[0].replace("…", "...")
        assert f" {name} " in page, name
        if name.startswith("--"):
            continue
        words = re.match("[a-z -]*[a-z]", name)[0].split(" --")[0]
        for option in re.findall(r"^  (--.*?)  +(\S.*)$", run(CLIENT, "help", *words.split()), re.MULTILINE):
            assert f" {option[0].replace('…', '...')} {option[1][0].upper()}{option[1][1:]}".replace(
                "…", "...").replace("`", "") in page, option


@pytest.mark.parametrize("program, page", [(DAEMON, "yankwatchd.8"), (NOTIFY, "yankwatch-notify.8")])
def test_every_option_of_a_program_has_its_place(program, page):
    text = squeezed(shown(page))
    options = re.findall(r"^(?: |usage).*?(--[a-z-]+).*?  +(\S.*)$", run(program, "--help"), re.MULTILINE)
    assert len(options) >= 4
    for option, what in options:
        assert re.search(re.escape(option) + r"\b", text), option
        assert f"{what[0].upper()}{what[1:]}" in text, what


# ---------------------------------------------------------------- the configuration


def keys_of_page():
    """{key: its text}"""
    parts = re.split(r"^     ([a-z][\w.\[\]]*)(?:\n|(?=  ))", shown("yankwatch.yaml.5").split("EXAMPLES")[0], flags=re.MULTILINE)
    return dict(zip(parts[1::2], map(squeezed, parts[2::2])))


def keys_of_docs():
    """{key: (its value, its default)}"""
    rows = re.findall(r"^\| `([^`]+)` \| (.*) \|(.*) \|$", (CHECKOUT / "docs" / "CONFIGURATION.md").read_text(), re.MULTILINE)
    return {key: (value, default.strip()) for key, value, default in rows if "…" not in key}


def test_every_key_has_a_sentence():
    for key, text in keys_of_page().items():
        assert re.match(r" \S.*[.?] \S.*\.", text), (key, text)


def test_the_page_and_the_docs_have_the_same_keys():
    page, docs = set(keys_of_page()), set(keys_of_docs())
    above = {key for key in page if any(other.startswith((f"{key}.", f"{key}[]")) for other in page)}
    of_names = {re.sub(r"\.NAME$", "", key) for key in docs}
    assert page - above <= of_names and of_names <= page


def test_the_page_and_the_docs_have_the_same_defaults():
    page, docs = keys_of_page(), keys_of_docs()
    for key, (_, default) in docs.items():
        if re.fullmatch("`[^`]*`", default):
            assert f"{default[1:-1]} if not given" in page[key], key


# ---------------------------------------------------------------- plugins


@pytest.mark.parametrize("plugin", PLUGINS)
def test_every_option_of_a_plugin_has_its_place(plugin):
    text = squeezed(shown(f"yankwatch-{plugin}.7"))
    for option in json.loads(run(NOTIFY, "--describe", BUILD / "plugins" / f"{plugin}.so"))["options"]:
        name = option["name"] + ("_file" if option["secret"] else ", " + option["name"] + "_file" if option["or_file"] else "")
        words = option["help"].replace("`", "")
        assert re.search(f" {re.escape(name)} " + re.escape(words[0]) + "?", text, re.IGNORECASE), name
        assert words[1:] in text, words


def test_the_interface_is_there_to_the_letter():
    header = (CHECKOUT / "plugins" / "include" / "yankwatch" / "notifier.h").read_text().replace("…", "...")
    assert squeezed(header).strip() in squeezed(shown("yankwatch-plugin.7"))
