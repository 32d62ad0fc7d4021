# SPDX-License-Identifier: Apache-2.0
"""What a change of the index means, over TLS and HTTP/2 from nginx as a mirror would serve it."""

import json
import os

import pytest

from yw.daemon import kinds
from yw.index import checksum, compact, dependency, path_of
from yw.nginx import make_authority
from yw.wait import wait_for

LOG, RAND = dependency("log"), dependency("rand", "^0.8", optional=True, features=["std", "small_rng"])


@pytest.fixture
def index(nginx):
    """The crate demo with two versions."""
    nginx.index.put("demo", "1.0.0", deps=[LOG, RAND], features={"default": ["std"], "std": [], "rng": ["dep:rand"]})
    nginx.index.put("demo", "1.1.0")
    return nginx.index


@pytest.fixture
def watching(nginx, index, daemon):
    """A daemon that has had its first look at it."""
    daemon.configure(nginx.index_url, ["demo"], ca_file=nginx.ca_file)
    daemon.start()
    assert daemon.poll()["failed"] == 0
    assert daemon.events() == [], "a first look makes no events"
    yield daemon
    daemon.stop()


# ---------------------------------------------------------------- what counts

CHANGES = {
    "a version is published": (lambda index: index.put("demo", "1.2.0"), [("published", "1.2.0")], {}),
    "a version appears already yanked": (lambda index: index.put("demo", "1.2.0", yanked=True),
                                         [("published", "1.2.0"), ("yanked", "1.2.0")], {}),
    "a version is yanked": (lambda index: index.yank("demo", "1.0.0"), [("yanked", "1.0.0")], {"yanked": True}),
    "a version is deleted": (lambda index: index.delete_version("demo", "1.0.0"), [("version_deleted", "1.0.0")], {}),
    "the crate is deleted": (lambda index: index.delete_crate("demo"), [("crate_deleted", None)],
                             {"versions": ["1.0.0", "1.1.0"]}),
    "the checksum is another": (lambda index: index.put("demo", "1.0.0", cksum=checksum("evil")),
                                [("checksum_changed", "1.0.0")],
                                {"checksum": checksum("evil"), "previous": {"checksum": checksum("demo 1.0.0")}}),
    "a dependency is gone": (lambda index: index.put("demo", "1.0.0", deps=[LOG]), [("metadata_changed", "1.0.0")],
                             {"changed": ["deps"]}),
    "a requirement is another": (lambda index: index.put("demo", "1.0.0", deps=[LOG | {"req": "^2"}, RAND]),
                                 [("metadata_changed", "1.0.0")], {"changed": ["deps"]}),
    "a feature is gone": (lambda index: index.put("demo", "1.0.0", features={"default": ["std"], "std": []}),
                          [("metadata_changed", "1.0.0")], {"changed": ["features"]}),
    "links is set": (lambda index: index.put("demo", "1.0.0", links="z"), [("metadata_changed", "1.0.0")],
                     {"changed": ["links"]}),
    "rust_version is set": (lambda index: index.put("demo", "1.0.0", rust_version="1.70"),
                            [("metadata_changed", "1.0.0")], {"changed": ["rust_version"]}),
    "two things at once": (lambda index: index.put("demo", "1.0.0", links="z", rust_version="1.70"),
                           [("metadata_changed", "1.0.0")], {"changed": ["links", "rust_version"]}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_it_is_told_when(name, watching, index):
    change, expected, fields = CHANGES[name]
    change(index)
    assert watching.poll()["changed"] == 1
    events = watching.events()
    assert kinds(events) == expected
    assert {key: events[0].get(key) for key in fields} == fields


# ---------------------------------------------------------------- what does not

QUIET = {
    "dependencies in another order": {"deps": [RAND, LOG]},
    "a dependency's features in another order": {"deps": [LOG, RAND | {"features": ["small_rng", "std"]}]},
    "features in another order": {"features": {"rng": ["dep:rand"], "std": [], "default": ["std"]}},
    "features that move to features2": {"features": {"default": ["std"], "std": []}, "v": 2,
                                        "features2": {"rng": ["dep:rand"]}},
    "pubtime that appears": {"pubtime": "2026-11-21T09:30:00Z"},
    "a key that nobody knows": {"something_new": [1, 2]},
}


@pytest.mark.parametrize("name", QUIET)
def test_no_event_is_made_of(name, watching, index):
    index.put("demo", "1.0.0", **QUIET[name])
    assert watching.poll() == {"polled": 1, "changed": 0, "unchanged": 1, "failed": 0, "errors": []}
    assert watching.events() == []
    index.yank("demo", "1.0.0")
    watching.poll()
    assert kinds(watching.events()) == [("yanked", "1.0.0")], "and a yank is still seen"


# ---------------------------------------------------------------- damage


def test_a_bad_line_harms_no_other_and_deletes_nothing(watching, index):
    index.put_lines("demo", ['{"name":"demo","vers":', compact(json.loads(index.line("demo", "1.1.0")) | {"yanked": True})])
    watching.poll()
    assert kinds(watching.events()) == [("yanked", "1.1.0")]
    crate = watching.get("/v1/crates/internal/demo")
    assert crate["unparsed_lines"] == 1
    assert [(row["version"], row["deleted"]) for row in crate["versions"]] == [("1.0.0", False), ("1.1.0", False)]


@pytest.mark.parametrize("line", [
    '{"name":"other","vers":"9.9.9","deps":[],"cksum":"' + checksum("") + '","features":{},"yanked":false}',
    '{"name":"demo","name":"demo","vers":"9.9.9","deps":[],"cksum":"' + checksum("") + '","features":{}}',
    '{"name":"demo","vers":"9.9.9","deps":[],"cksum":"short","features":{},"yanked":false}',
    "[" * 1000,
], ids=["another name", "a key twice", "no checksum", "nested deep"])
def test_a_line_that_cargo_would_not_take_is_no_version(line, watching, index):
    index.put_lines("demo", [*index.lines("demo"), line])
    watching.poll()
    assert watching.events() == []
    assert watching.get("/v1/crates/internal/demo")["unparsed_lines"] == 1


def test_an_unreachable_registry_deletes_nothing(watching, index):
    index.delete_crate("demo")
    (index.folder / "config.json").rename(index.folder / "away")
    result = watching.poll()
    assert (result["failed"], watching.events()) == (1, [])
    assert "config.json" in result["errors"][0]["text"]
    (index.folder / "away").rename(index.folder / "config.json")
    watching.poll()
    assert kinds(watching.events()) == [("crate_deleted", None)]


def test_a_crate_that_comes_back_names_the_checksum_it_had(watching, index):
    index.delete_crate("demo")
    watching.poll()
    index.put("demo", "1.0.0", cksum=checksum("another"))
    watching.poll()
    events = watching.events()
    assert kinds(events) == [("crate_deleted", None), ("crate_created", None), ("published", "1.0.0")]
    assert events[2]["previous"] == {"checksum": checksum("demo 1.0.0")}
    assert events[2]["checksum"] == checksum("another")


# ---------------------------------------------------------------- HTTP


def test_index_files_come_over_http2(watching, nginx, index):
    index.yank("demo", "1.0.0")
    watching.poll()
    asked = wait_for(lambda: (rows := nginx.requests())[-1][2].endswith(path_of("demo")) and rows, "the log is written")
    assert {protocol for _, protocol, _ in asked} == {"HTTP/2.0"}


def test_what_has_not_changed_is_not_sent_again(watching, nginx):
    before = watching.status()["registries"][0]
    watching.poll()
    after = watching.status()["registries"][0]
    assert (after["polls"], after["not_modified"]) == (before["polls"] + 1, before["not_modified"] + 1)
    wait_for(lambda: nginx.requests()[-1] == (304, "HTTP/2.0", "/index/de/mo/demo"), "nginx has answered 304")


def test_a_certificate_that_nobody_vouches_for_is_refused(nginx, index, daemon, folder):
    (folder / "other").mkdir()
    make_authority(folder / "other")
    daemon.configure(nginx.index_url, ["demo"], ca_file=folder / "other" / "ca.pem")
    daemon.start()
    assert daemon.poll()["failed"] == 1
    daemon.stop()
    daemon.configure(nginx.index_url, ["demo"], ca_file=nginx.ca_file)
    daemon.start()
    assert daemon.poll()["failed"] == 0
    daemon.stop()


@pytest.mark.parametrize("status", [404, 410, 451])
def test_these_answers_say_that_the_crate_is_gone(status, registry, daemon):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    daemon.poll()
    registry.answer(path_of("demo"), status)
    daemon.poll()
    (event,) = daemon.events()
    assert (event["event"], event["evidence"]["status"]) == ("crate_deleted", status)
    daemon.stop()


@pytest.mark.parametrize("status", [401, 403, 418, 429, 500, 503])
def test_these_answers_say_nothing_about_the_crate(status, registry, daemon):
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    daemon.poll()
    registry.answer(path_of("demo"), status)
    result = daemon.poll()
    assert (result["failed"], daemon.events()) == (1, [])
    assert str(status) in daemon.status()["registries"][0]["last_error"]["text"]
    daemon.stop()


def test_a_file_that_comes_again_as_it_was_is_no_news_and_hides_none(registry, daemon):
    """Without ETags each poll brings the whole file: one fingerprint tells that nothing in it has changed."""
    registry.etags = False
    registry.index.put("demo", "1.0.0")
    registry.index.put("demo", "1.1.0")
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    told = []
    for change in (lambda: None,
                   lambda: registry.index.yank("demo", "1.0.0"),
                   lambda: registry.index.yank("demo", "1.0.0", False),
                   lambda: registry.index.delete_version("demo", "1.1.0"),
                   lambda: registry.index.put("demo", "1.1.0")):
        change()
        daemon.poll()
        told.append(len(daemon.events()))
        daemon.poll()
        daemon.poll()
        assert len(daemon.events()) == told[-1]
    assert told == [0, 1, 2, 3, 4]
    assert kinds(daemon.events()) == [("yanked", "1.0.0"), ("unyanked", "1.0.0"), ("version_deleted", "1.1.0"),
                                      ("published", "1.1.0")]
    daemon.stop()


def test_a_yank_of_the_same_second_is_seen_without_an_etag(registry, daemon):
    """Last-Modified cannot tell the two files apart, so no 304 may be asked for by it."""
    registry.etags = False
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"])
    daemon.start()
    daemon.poll()
    file = registry.index.file("demo")
    before = file.stat().st_mtime
    registry.index.yank("demo", "1.0.0")
    os.utime(file, (before, before))
    daemon.poll()
    assert kinds(daemon.events()) == [("yanked", "1.0.0")]
    daemon.stop()


def test_a_crate_with_more_versions_than_a_message_holds_is_told_without_them(registry, receiver, daemon):
    line = {"name": "demo", "deps": [], "cksum": checksum(""), "features": {}, "yanked": False}
    registry.index.put_lines("demo", [compact(line | {"vers": f"1.0.0-{i}{'a' * 230}"}) for i in range(40000)])
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()},
                     routes=[{"notify": ["hook"], "events": ["crate_deleted"]}])
    daemon.start()
    assert daemon.poll()["failed"] == 0
    registry.index.delete_crate("demo")
    daemon.poll()
    wait_for(lambda: receiver.accepted(), "it is told")
    assert kinds(receiver.events()) == [("crate_deleted", None)]
