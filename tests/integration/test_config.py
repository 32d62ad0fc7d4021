# SPDX-License-Identifier: Apache-2.0
"""The configuration: every fault with its place, nothing started on a faulty one, SIGHUP."""

import concurrent.futures
import re

import pytest

from yw import processes
from yw.daemon import BUILD, Daemon
from yw.wait import wait_for

# FOLDER is replaced by the test's own. Each fault: the file, then what stands after "FILE:" in the message.
REGISTRY = """registries:
  r: {index: "sparse+http://127.0.0.1:1/"}
"""
NOTIFIERS = """notifiers:
  n: {plugin: webhook, url: "http://127.0.0.1:1/"}
"""
FAULTS = {
    "no registries": ("log: {level: info}\n", "1: registries: "),
    "an unknown key": (REGISTRY + "wacth: []\n", '3: wacth: unknown key, did you mean "watch"'),
    "an unknown key of a registry": ("registries:\n  r:\n    index: sparse+http://h/\n    pol_interval: 1s\n",
                                     "4: registries.r.pol_interval: unknown key"),
    "a registry without an index": ("registries:\n  r: {contact: a@b}\n", "2: registries.r.index: "),
    "an index that is not sparse": ('registries:\n  r: {index: "https://h/"}\n', '2: registries.r.index: "https://h/" '),
    "an index without its last slash": ('registries:\n  r: {index: "sparse+https://h/i"}\n', "2: registries.r.index: "),
    "a name that is none": ('registries:\n  "a b": {index: "sparse+http://h/"}\n', "2: registries.a b: "),
    "polls that are too quick": ('registries:\n  r:\n    index: "sparse+http://h/"\n    poll_interval: 99ms\n',
                                 '4: registries.r.poll_interval: "99ms" is too short, allowed: 100ms to 7d'),
    "a duration that is none": (REGISTRY + "retry: {first: soon}\n", '3: retry.first: "soon" is not a duration'),
    "crates.io without a contact": ("registries:\n  c: {index: sparse+https://index.crates.io/}\n",
                                    "2: registries.c.contact: "),
    "crates.io too often": (
        "registries:\n  c: {index: sparse+https://index.crates.io/, contact: a@b,\n      poll_interval: 1s}\n",
        "3: registries.c.poll_interval: "),
    "reasons of crates.io too often": (
        "registries:\n  c: {index: sparse+https://index.crates.io/, contact: a@b,\n      reasons: {requests_per_second: 2}}\n",
        '3: registries.c.reasons.requests_per_second: "2" is too many, allowed: 1 for crates.io'),
    "a web API that is none": ("registries:\n  r: {index: sparse+http://h/,\n    reasons: {api_url: h}}\n",
                               '3: registries.r.reasons.api_url: "h" is not a URL'),
    "a CA file that is not there": ("registries:\n  r: {index: sparse+https://h/,\n    ca_file: FOLDER/none.pem}\n",
                                    "3: registries.r.ca_file: "),
    "a watch of an unknown registry": (REGISTRY + "watch:\n  - {registry: s, crates: [a]}\n",
                                       '4: watch[0].registry: "s" is not one of the registries'),
    "a crate that is none": (REGISTRY + "watch:\n  - {registry: r, crates: [a, b/c]}\n", '4: watch[0].crates[1]: "b/c" '),
    "a plugin that is not there": (REGISTRY + "notifiers:\n  n: {plugin: pigeon}\n", "4: notifiers.n.plugin: "),
    "an option that the plugin lacks": (
        REGISTRY + "notifiers:\n  n: {plugin: webhook,\n    url: http://h/, colour: red}\n", "5: notifiers.n.colour: "),
    "an option that the plugin requires": (REGISTRY + "notifiers:\n  n: {plugin: webhook}\n", "4: notifiers.n.url: "),
    "a secret in the file itself": (
        REGISTRY + "notifiers:\n  n: {plugin: webhook, url: http://h/, secret: pst}\n", "4: notifiers.n.secret: "),
    "a secret that everybody can read": (
        REGISTRY + "notifiers:\n  n: {plugin: webhook, url: http://h/, secret_file: FOLDER/open.secret}\n",
        "4: notifiers.n.secret_file: "),
    "a program that is not there": (REGISTRY + "notifiers:\n  n: {plugin: exec,\n    program: FOLDER/none}\n",
                                    "5: notifiers.n.program: "),
    "a program that may not be run": (REGISTRY + "notifiers:\n  n: {plugin: exec, program: FOLDER/open.secret}\n",
                                      "4: notifiers.n.program: "),
    "a folder instead of a program": (REGISTRY + "notifiers:\n  n: {plugin: exec, program: FOLDER}\n",
                                      "4: notifiers.n.program: "),
    "a route to an unknown notifier": (REGISTRY + "routes:\n  - {notify: [n]}\n", '4: routes[0].notify[0]: "n" '),
    "a route of an unknown event": (REGISTRY + "routes:\n  - {events: [yankd], notify: [n]}\n",
                                    '4: routes[0].events[0]: "yankd" is not known, did you mean "yanked"'),
    "a route of an unknown severity": (REGISTRY + "routes:\n  - {min_severity: urgent, notify: [n]}\n",
                                       '4: routes[0].min_severity: "urgent" '),
    "a route behind one that stops everything": (
        REGISTRY + NOTIFIERS + "routes:\n  - {notify: [n], stop: true}\n  - {notify: [n], crates: [a]}\n",
        "7: routes[1]: can never match: routes[0] (line 6) takes all of it and says stop"),
    "a severity that such events never have": (
        REGISTRY + NOTIFIERS + "routes:\n  - {notify: [n], events: [unyanked], min_severity: high}\n",
        '6: routes[0].min_severity: "high" is above what these events can have, allowed: at most info'),
    "a project of which registries know nothing": (
        REGISTRY + NOTIFIERS + "routes:\n  - {notify: [n], events: [registry_blind], projects: [edge]}\n",
        "6: routes[0]: can never match: the events of a registry hit no project"),
    "a project without a lockfile": (REGISTRY + "projects:\n  - {name: edge}\n", "4: projects[0].lockfile: is missing"),
    "a project of two teams": (
        REGISTRY + "projects:\n  - {name: edge, team: a, lockfile: /a}\n  - {name: edge, team: b, lockfile: /b}\n",
        "5: projects[1].team: is another than in line 4"),
    "a source that two registries claim": (
        "registries:\n  r: {index: sparse+http://h/, mirror_of: [crates.io]}\n"
        "  s: {index: sparse+http://i/, mirror_of: [crates.io]}\n",
        '3: registries.s.mirror_of[0]: "crates.io" is mirrored by registry r already'),
    "reminders too often": (REGISTRY + "remind: 5m\n", '3: remind: "5m" is too short, allowed: 1h to 365d, or 0s for never'),
    "a digest that waits, too": (
        REGISTRY + NOTIFIERS + "routes:\n  - {notify: [n], digest: daily at 08:30, group_wait: 5s}\n",
        "6: routes[0].group_wait: stands beside digest"),
    "a notifier that nothing uses": (REGISTRY + NOTIFIERS, "4: notifiers.n: is used by no route"),
    "a fallback that nobody knows": (REGISTRY + "retry: {fallback: m}\n" + NOTIFIERS, '3: retry.fallback: "m" is not'),
    "a heartbeat too often": (REGISTRY + NOTIFIERS + "heartbeat: {notify: n, every: 10m}\n",
                              '5: heartbeat.every: "10m" is too short, allowed: 1h to 90d'),
    "a list where a text belongs": (REGISTRY + "state_dir: [a]\n", "3: state_dir: "),
    "a mode that is none": (REGISTRY + 'socket: {mode: "rw"}\n', '3: socket.mode: "rw" '),
    "a group that is none": (REGISTRY + "socket: {group: no-such-group}\n", '3: socket.group: "no-such-group" '),
    "a key twice": (REGISTRY + "watch: []\nwatch: []\n", "4: watch: stands here a second time, first in line 3"),
    "an alias": ("registries: &a\n  r: {index: sparse+http://h/}\n", "1: "),
    "no YAML": (REGISTRY + "watch: [\n", "4: not YAML: "),
    "nothing": ("", " is empty"),
}

# What a plugin refuses in open(): the plugin's options, then what is told of them.
REFUSED = {
    "a sender that is no address": ("plugin: email, smtp: smtp://h, from: a b, to: [a@b.example]", "from: "),
    "a recipient that is no address": ("plugin: email, smtp: smtp://h, from: a@b.example, to: [a@b.example, b]",
                                       "to: recipient 2: "),
    "TLS that is neither": ("plugin: email, smtp: smtp://h, from: a@b.example, to: [a@b.example], tls: maybe",
                            "tls: it must be required or none"),
    "a user without a password": ("plugin: email, smtp: smtp://h, from: a@b.example, to: [a@b.example], user: u",
                                  "user: password_file is missing"),
    "a mail server of another scheme": ("plugin: email, smtp: http://h, from: a@b.example, to: [a@b.example]",
                                        "smtp: it begins with"),
    "a CA file that nobody can read": ("plugin: webhook, url: https://h/, ca_file: FOLDER/none.pem",
                                       "ca_file: it cannot be read"),
    "a header without a colon": ("plugin: webhook, url: http://h/, headers: [colour]", "headers: each is"),
    "addresses of another kind": ("plugin: webhook, url: http://h/, addresses: mine", "addresses: must be any or public"),
    "a signing secret that is none": ("plugin: webhook, url: http://h/, secret_file: FOLDER/closed.secret",
                                      "secret: what follows whsec_ is not base64"),
    "a service that is none": ("plugin: chat, service: pigeon, url: http://h/", "service: there is no pigeon"),
    "a room of a service without rooms": ('plugin: chat, service: slack, url: http://h/, room: "!r:h"', "room: "),
    "a service without its token": ('plugin: chat, service: matrix, url: http://h/, room: "!r:h"', "token"),
    "a template with a fault": ("plugin: chat, service: slack, url: http://h/, template: FOLDER/faulty.mustache",
                                "template: "),
    "a template that is not there": ("plugin: chat, service: slack, url: http://h/, template: FOLDER/none.mustache",
                                     "template: "),
    "a syslog of another scheme": ("plugin: syslog, to: http://h", "to: must be unix:///PATH"),
    "a facility that is none": ("plugin: syslog, to: udp://h, facility: mine", "facility: must be user"),
    "a format that is none": ("plugin: syslog, to: udp://h, format: json", "format: must be rfc5424 or cef"),
    "a mode that is not octal": ('plugin: file, path: FOLDER/out, mode: "0999"', "mode: must be octal"),
    "an input that is none": ("plugin: exec, program: /bin/true, input: yaml", "input: must be"),
    "a time to keep that is none": ("plugin: alertmanager, url: http://h/, keep: soon", "keep: must be 1m to 365d"),
    "a plugin that ends in open()": ("plugin: PLUGINS/refuse.so, by: exit", "the plugin's process ended with status 3"),
    "a plugin that crashes in open()": ("plugin: PLUGINS/refuse.so, by: abort",
                                        "the plugin's process was ended by signal 6"),
    "a plugin that does not say why": ("plugin: PLUGINS/refuse.so, by: silence",
                                       "the plugin's open() failed and did not say why"),
}
FAULTS |= {name: (REGISTRY + f"notifiers:\n  n: {{{options}}}\n", f"4: notifiers.n: {told}")
           for name, (options, told) in REFUSED.items()}


@pytest.fixture
def faulty(daemon, folder):
    def write(name):
        text, expected = FAULTS[name]
        (folder / "open.secret").write_text("secret")
        (folder / "open.secret").chmod(0o644)
        (folder / "closed.secret").write_text("whsec_?")
        (folder / "closed.secret").chmod(0o600)
        (folder / "faulty.mustache").write_text('{"text": "{{#events}}"}')
        daemon.write(text.replace("FOLDER", str(folder)).replace("PLUGINS", str(BUILD / "tests" / "plugins")))
        return f"{daemon.config}:{expected}"
    return write


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_with_its_place(name, faulty, daemon):
    expected = faulty(name)
    done = daemon.run("--check-config")
    assert done.returncode == 2
    assert any(line.startswith(expected) for line in done.stderr.splitlines()), done.stderr


def test_all_faults_are_told_at_once_in_the_order_of_the_lines(daemon):
    daemon.write("log: {level: loud}\nregistries:\n  r: {indx: x}\nwatch:\n  - {registry: q, crates: []}\nstate_dir: here\n")
    done = daemon.run("--check-config")
    lines = [int(number) for number in re.findall(rf"^{re.escape(str(daemon.config))}:(\d+): ", done.stderr, re.M)]
    assert lines == sorted(lines)
    assert set(lines) == {1, 3, 5, 6}


def test_a_file_that_is_not_there_is_told(daemon):
    done = daemon.run("--check-config")
    assert (done.returncode, str(daemon.config) in done.stderr) == (2, True)


def test_a_good_file_is_good_and_starts_nothing(registry, receiver, daemon):
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()})
    done = daemon.run("--check-config")
    assert (done.returncode, done.stderr) == (0, "")
    assert list(daemon.state.iterdir()) == []
    assert not daemon.socket.exists()


SAMPLE = """state_dir: FOLDER/state
socket: {path: FOLDER/socket}
registries:
  crates-io:
    index: sparse+https://index.crates.io/
    contact: CONTACT
"""


@pytest.mark.parametrize("contact, is_meant", [
    ("security@example.com", False), ("https://example.org/bots", False), ("us@corp.example", False),
    ("someone@yankwatch.test", True)])
def test_the_samples_contact_is_good_but_warned_of(contact, is_meant, daemon):
    daemon.write(SAMPLE.replace("FOLDER", str(daemon.folder)).replace("CONTACT", contact))
    done = daemon.run("--check-config")
    remark = f'{daemon.config}:6: registries.crates-io.contact: "{contact}" is nobody\'s address'
    assert done.returncode == 0
    assert (f"warning: {remark}" in done.stderr) != is_meant
    daemon.start()
    wait_for(lambda: "watching 0 crates of 1 registry" in daemon.log(), "the daemon is ready")
    assert (f"warning: {remark}" in daemon.log()) != is_meant
    daemon.stop()


@pytest.mark.parametrize("arguments", [[], ["--once"]])
def test_nothing_is_started_on_a_faulty_file(arguments, registry, daemon):
    daemon.configure(registry.index_url, ["demo"], log={"target": "stderr", "level": "loud"})
    done = daemon.run(*arguments)
    assert done.returncode == 2
    assert f"{daemon.config}:" in done.stderr
    assert "log.level" in done.stderr
    assert list(daemon.state.iterdir()) == []
    assert not daemon.socket.exists()


@pytest.mark.parametrize("arguments", [[], ["--once"]])
def test_nothing_is_started_when_a_plugin_refuses_its_options(arguments, registry, receiver, daemon):
    refused = {"plugin": "file", "path": str(daemon.folder / "out"), "mode": "0999"}
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier(), "refused": refused})
    done = daemon.run(*arguments)
    assert done.returncode == 2
    assert "notifiers.refused: mode: must be octal" in done.stderr
    assert "notifiers.hook" not in done.stderr
    assert list(daemon.state.iterdir()) == []


def test_a_plugin_that_hangs_in_open_is_told_at_its_deadline(registry, folder, clock):
    daemon = Daemon(folder / "hangs", clock=clock)
    (folder / "out").mkdir()  # not beside the state_dir: there a trial makes no files
    mark = folder / "out" / "opening"
    hangs = {"plugin": str(BUILD / "tests" / "plugins" / "refuse.so"), "by": "hang", "mark": str(mark)}
    daemon.configure(registry.index_url, [], notifiers={"hangs": hangs})
    with concurrent.futures.ThreadPoolExecutor() as pool:
        checked = pool.submit(daemon.run, "--check-config")
        wait_for(mark.exists, "its open() was called")
        clock.advance(11)
        done = checked.result()
    assert done.returncode == 2
    assert [line.split(": ", 1)[1] for line in done.stderr.splitlines()] == [
        "notifiers.hangs: does not open within 10s"]
    assert not processes.runners()


def test_a_check_delivers_nothing_and_leaves_nothing(registry, receiver, daemon):
    out = daemon.folder / "out"
    daemon.configure(registry.index_url, ["demo"], notifiers={
        "hook": receiver.notifier(), "file": {"plugin": "file", "path": str(out)},
        "program": {"plugin": "exec", "program": "/bin/sh", "args": ["-c", f"touch {out}"]}})
    assert daemon.run("--check-config").returncode == 0
    assert not receiver.requests
    assert not out.exists()
    assert not processes.runners()


def test_arguments_that_nobody_knows_are_refused(daemon):
    assert daemon.run("--frobnicate").returncode == 2
    assert daemon.run("operand").returncode == 2


def test_the_version_names_the_libraries(daemon):
    said = daemon.run("--version").stdout
    for word in ("yankwatchd", "libcurl", "SQLite", "libmicrohttpd"):
        assert word in said


# ---------------------------------------------------------------- SIGHUP


@pytest.fixture
def running(registry, daemon):
    for crate in ("alpha", "beta"):
        registry.index.put(crate, "1.0.0")
    daemon.configure(registry.index_url, ["alpha"])
    daemon.start()
    daemon.poll()
    yield daemon
    daemon.stop()


def test_a_reload_adds_and_removes_watches(running, registry):
    running.configure(registry.index_url, ["beta"])
    running.reload()
    wait_for(lambda: running.watches() == {"beta": "present"}, "the watches are those of the new file")
    registry.index.yank("alpha", "1.0.0")
    registry.index.yank("beta", "1.0.0")
    running.poll()
    assert [event["crate"] for event in running.events()] == ["beta"]


def test_a_reload_of_a_faulty_file_keeps_the_old_one(running, registry):
    running.write("registries: {}\n")
    running.reload()
    wait_for(lambda: f"{running.config}:1: registries" in running.log(), "the fault is told in the log")
    registry.index.yank("alpha", "1.0.0")
    running.poll()
    assert [event["crate"] for event in running.events()] == ["alpha"]


def test_a_reload_with_options_that_a_plugin_refuses_keeps_the_old_one(running, registry, receiver):
    running.configure(registry.index_url, ["alpha"], notifiers={"hook": receiver.notifier()})
    running.reload()
    wait_for(lambda: running.status()["notifiers"], "the notifier is there")
    running.configure(registry.index_url, ["beta"], notifiers={"hook": receiver.notifier(headers=["colour"])})
    running.reload()
    error = wait_for(lambda: running.status()["config"].get("last_error"), "the fault is told in the status")
    assert "notifiers.hook: headers: each is" in error["text"]
    registry.index.yank("alpha", "1.0.0")
    running.poll()
    wait_for(receiver.accepted, "the old notifier delivers what is watched as before")
    assert running.notifier("hook")["restarts"] == 0


def test_a_refused_reload_stands_in_the_status_until_one_is_good(running, registry):
    before = running.status()["config"]
    assert (before["file"], "last_error" in before) == (str(running.config), False)
    running.write("registries: {}\nwatch: {}\n")
    running.reload()
    error = wait_for(lambda: running.status()["config"].get("last_error"), "the fault is told in the status")
    assert f"2 faults, the first is: {running.config}:1: registries" in error["text"]
    assert running.status()["config"]["loaded_at"] == before["loaded_at"]
    assert "2 faults, the first is" in running.client("status").stdout
    running.configure(registry.index_url, ["alpha"])
    running.reload()
    wait_for(lambda: "last_error" not in running.status()["config"], "it is in force")
    assert running.status()["config"]["loaded_at"] > before["loaded_at"]


def test_a_reload_brings_a_notifier_into_use(running, registry, receiver):
    running.configure(registry.index_url, ["alpha"], notifiers={"hook": receiver.notifier()})
    running.reload()
    wait_for(lambda: running.status()["notifiers"], "the notifier is there")
    registry.index.yank("alpha", "1.0.0")
    running.poll()
    wait_for(receiver.accepted, "it delivers")
    running.configure(registry.index_url, ["alpha"])
    running.reload()
    wait_for(lambda: not running.status()["notifiers"], "it is gone again")


def test_a_reload_changes_how_often_is_polled(running, registry):
    polls = running.status()["registries"][0]["polls"]
    running.configure(registry.index_url, ["alpha", "beta"], poll_interval="100ms")
    running.reload()
    wait_for(lambda: running.status()["registries"][0]["polls"] > polls + 3, "polls come by themselves")


def test_watches_of_the_socket_stay_through_a_reload(running, registry):
    running.api("POST", "/v1/watches", {"crates": ["beta"]})
    running.configure(registry.index_url, [])
    running.reload()
    wait_for(lambda: list(running.watches()) == ["beta"], "the configured watch is gone, the other stays")


def test_the_test_plugins_are_built():
    """Where test_runners.py and the faults above look for them."""
    for name in ("crash", "refuse"):
        assert (BUILD / "tests" / "plugins" / f"{name}.so").exists()
    assert (BUILD / "plugins" / "webhook.so").exists()
