# SPDX-License-Identifier: Apache-2.0
"""Who may read from the socket and who may change something: by the socket file's mode and group, by admin_group."""

import grp
import json
import os
import subprocess

import pytest

NOBODY = 65534
ASK = """
import http.client, json, socket, sys
path, method, target = sys.argv[1:]
connection = http.client.HTTPConnection("localhost")
connection.sock = socket.socket(socket.AF_UNIX)
try:
    connection.sock.connect(path)
except PermissionError:
    print(json.dumps("refused"))
else:
    connection.request(method, target, b'{"crates": ["gamma"]}' if method == "POST" else None)
    print(json.dumps(connection.getresponse().status))
"""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else: run it as root")


@pytest.fixture(scope="module")
def groups():
    """The names of two groups of this system, one for reading and one for changing."""
    return [group for group in grp.getgrall() if group.gr_gid not in (0, NOBODY)][:2]


@pytest.fixture
def watching(registry, daemon, groups):
    readers, admins = groups
    daemon.configure(registry.index_url, ["demo"], socket={
        "path": str(daemon.socket), "mode": "0660", "group": readers.gr_name, "admin_group": admins.gr_name})
    daemon.start()
    yield daemon
    daemon.stop()


def ask(daemon, method, path, *, gid=NOBODY, groups=()):
    """The status that a process of user nobody gets, or "refused". Its Python is the system's: ours may be private."""
    done = subprocess.run(["/usr/bin/python3", "-Ic", ASK, daemon.socket, method, path], cwd="/", user=NOBODY, group=gid,
                          extra_groups=list(groups), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_an_outsider_cannot_even_connect(watching):
    assert ask(watching, "GET", "/v1/status") == "refused"


@pytest.mark.parametrize("supplementary", [False, True])
def test_a_member_of_the_sockets_group_may_read_but_not_change(supplementary, watching, groups):
    gid = groups[0].gr_gid
    who = {"groups": [gid]} if supplementary else {"gid": gid}
    assert ask(watching, "GET", "/v1/status", **who) == 200
    assert ask(watching, "POST", "/v1/watches", **who) == 403
    assert ask(watching, "POST", "/v1/poll", **who) == 403
    assert ask(watching, "DELETE", "/v1/watches/internal/demo", **who) == 403
    for path in ("notifications", "silences", "notifiers", "routes/explain?crate=demo"):
        assert ask(watching, "GET", f"/v1/{path}", **who) == 200
    for path in ("notifications/ntf_1/retry", "silences", "notifiers/hook/test", "notifiers/hook/enable"):
        assert ask(watching, "POST", f"/v1/{path}", **who) == 403
    assert ask(watching, "DELETE", "/v1/silences/sil_1", **who) == 403
    assert sorted(watching.watches()) == ["demo"]


def test_a_member_of_admin_group_by_a_supplementary_group_may_change(watching, groups):
    both = [group.gr_gid for group in groups]
    assert ask(watching, "POST", "/v1/watches", groups=both) == 200
    assert sorted(watching.watches()) == ["demo", "gamma"]
    assert ask(watching, "DELETE", "/v1/watches/internal/gamma", groups=both) == 204


def test_a_member_of_admin_group_alone_cannot_connect(watching, groups):
    """What the file's mode refuses, admin_group does not give back."""
    assert ask(watching, "GET", "/v1/status", groups=[groups[1].gr_gid]) == "refused"


def test_root_may_change(watching):
    assert watching.api("POST", "/v1/watches", {"crates": ["gamma"]}).status == 200


def test_the_socket_has_the_mode_and_group_that_are_configured(watching, groups):
    about = watching.socket.stat()
    assert (about.st_mode & 0o777, about.st_gid) == (0o660, groups[0].gr_gid)
