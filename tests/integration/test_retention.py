# SPDX-License-Identifier: Apache-2.0
"""What is kept for a time only: attempts and documents of what was delivered. Dead letters and the history stay."""

import sqlite3

from yw.wait import wait_for

DAY = 86400


def documents(daemon):
    """How many notifications still have what was sent."""
    with sqlite3.connect(f"file:{daemon.state}/yankwatch.sqlite?mode=ro", uri=True) as database:
        [(count,)] = database.execute("SELECT count(*) FROM notification WHERE document IS NOT NULL").fetchall()
    database.close()
    return count


def test_attempts_of_long_ago_go_and_all_else_stays(registry, receiver, clocked_daemon, clock):
    daemon = clocked_daemon
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        registry.index.put("demo", version)
    daemon.configure(registry.index_url, ["demo"], notifiers={"hook": receiver.notifier()}, retention={"attempts": "30d"},
                     retry={"first": "100ms", "max": "500ms"})
    daemon.start()
    daemon.poll()

    def yank(version, state):
        before = daemon.status()["outbox"][state]
        registry.index.yank("demo", version)
        daemon.poll("demo")
        wait_for(lambda: daemon.status()["outbox"][state] == before + 1, f"the yank of {version} is {state}")

    yank("1.0.0", "delivered")
    receiver.answers = [400]
    yank("1.1.0", "dead")
    assert documents(daemon) == 2
    clock.advance(31 * DAY)
    yank("1.2.0", "delivered")
    events = daemon.events()
    daemon.reload()  # and once a minute
    young, dead, old = (f"/v1/notifications/{row['id']}" for row in daemon.get("/v1/notifications")["notifications"])
    wait_for(lambda: not daemon.get(old)["attempts"], "what was delivered a month ago is forgotten")
    assert documents(daemon) == 2
    young, dead, old = daemon.get(young), daemon.get(dead), daemon.get(old)
    assert (old["state"], old["attempt"], old["attempts"]) == ("delivered", 1, [])
    assert [event["version"] for event in old["events"]] == ["1.0.0"] and "1.0.0" in old["subject"]
    assert (dead["state"], len(dead["attempts"])) == ("dead", 1)
    assert (young["state"], len(young["attempts"])) == ("delivered", 1)
    assert daemon.events() == events
    shown = daemon.client("notifications", "show", old["id"])
    assert shown.returncode == 0 and "delivered" in shown.stdout
    assert daemon.api("POST", f"/v1/notifications/{dead['id']}/retry").status == 202
    wait_for(lambda: daemon.status()["outbox"]["delivered"] == 3, "the dead letter is sent again")
    assert receiver.accepted()[-1].id == dead["id"]
    daemon.stop()
