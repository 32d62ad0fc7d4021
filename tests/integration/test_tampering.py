# SPDX-License-Identifier: Apache-2.0
"""Copies of a real history, each altered in one way: `verify` finds every one, and names the event.

YANKWATCH_SEED draws other alterations, YANKWATCH_TAMPER=N sets how many; YANKWATCH_LONG=1: 1,000.
"""

import collections
import contextlib
import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
import pytest

from yw.daemon import BUILD
from yw.registry import Registry

VERIFY = BUILD / "bin" / "yankwatch-test-verify"
SEED = int(os.environ.get("YANKWATCH_SEED", "4711"))
EDITS = int(os.environ.get("YANKWATCH_TAMPER", "1000" if os.environ.get("YANKWATCH_LONG") else "150"))
CRATES = [f"crate-{n}" for n in range(8)]
WAVES = 24


def blake(data):
    return hashlib.blake2b(data, digest_size=32).digest()


# ---- a history


def change(index, crate, dice):
    versions = [json.loads(line)["vers"] for line in index.lines(crate)]
    way = dice.randrange(8)
    if not versions or way < 2:
        index.put(crate, f"1.{len(versions)}.{dice.randrange(1000)}", yanked=way == 1)
    elif way < 6:
        index.yank(crate, dice.choice(versions), dice.random() < 0.7)
    elif way < 7:
        index.put(crate, dice.choice(versions), links=f"of-{dice.randrange(100)}")
    elif crate != CRATES[0]:
        index.delete_crate(crate)


def live(daemon, registries, dice):
    """Two registries and a project, some hundred events."""
    for registry in registries.values():
        for crate in CRATES[:-1]:
            registry.index.put(crate, "1.0.0")
    daemon.write({"state_dir": str(daemon.state), "socket": {"path": str(daemon.socket)}, "log": {"target": "stderr"},
                  "registries": {name: {"index": registry.index_url, "poll_interval": "1h",
                                        "requests_per_second": 100000,
                                        "confirm": {"unyanked": "0s", "deleted": "0s"}}
                                 for name, registry in registries.items()},
                  "watch": [{"registry": name, "crates": CRATES} for name in registries]})
    daemon.start()
    daemon.poll()
    package = {"name": CRATES[0], "version": "1.0.0", "source": registries["first"].index_url,
               "checksum": json.loads(registries["first"].index.line(CRATES[0], "1.0.0"))["cksum"]}
    lock = "version = 4\n\n[[package]]\n" + "".join(f'{key} = "{value}"\n' for key, value in package.items())
    assert daemon.api("PUT", "/v1/projects/payments", lock.encode()).status in (200, 201, 204)
    for wave in range(WAVES):
        registries["first"].index.yank(CRATES[0], "1.0.0", wave % 3 != 2)
        for registry in registries.values():
            for crate in dice.sample(CRATES, 4):
                change(registry.index, crate, dice)
                if wave % 2:  # a commit for each, or one for the wave
                    daemon.poll(crate)
        daemon.poll()
    daemon.stop()


@pytest.fixture(name="lived")
def fixture_lived(daemon, registry, folder):
    second = Registry(folder / "second")
    try:
        live(daemon, {"first": registry, "second": second}, random.Random(SEED))
        yield daemon
    finally:
        second.close()


# ---- an attacker who can write to the database, and does not have the key


class Copy:
    """One copy of the database, with what guards the history taken away."""

    def __init__(self, path, dice):
        self.dice = dice
        self.db = sqlite3.connect(path, isolation_level=None)
        self.db.execute("PRAGMA journal_mode = DELETE")
        for (trigger,) in self.db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            self.db.execute(f"DROP TRIGGER {trigger}")
        self.db.execute("PRAGMA synchronous = OFF")
        self.db.execute("BEGIN")
        self.last = self.one("SELECT max(seq) FROM event")

    def one(self, sql, *values):
        return self.db.execute(sql, values).fetchone()[0]

    def run(self, sql, *values):
        return self.db.execute(sql, values)

    def any_seq(self, least=1):
        return self.dice.randint(least, self.last)

    def body(self, seq):
        return self.one("SELECT body FROM event WHERE seq = ?", seq)

    def head_range(self, seq):
        """The events that were signed together with it."""
        return (self.one("SELECT coalesce(max(seq), 0) + 1 FROM head WHERE seq < ?", seq),
                self.one("SELECT coalesce(min(seq), ?2) FROM head WHERE seq >= ?1", seq, self.last))

    def forge(self, at, **members):
        """The event says something else: canonical bytes and columns alike."""
        event = json.loads(self.body(at)) | members
        kinds = dict(self.run("SELECT json_extract(body, '$.event'), kind FROM event GROUP BY kind"))
        self.run("UPDATE event SET body = ?, id = ?, version = ?, kind = ? WHERE seq = ?",
                 json.dumps(event, ensure_ascii=False, separators=(",", ":")), event["id"], event.get("version", ""),
                 kinds[event["event"]], at)

    def chain_again(self, seq):
        """All hashes from there on, as the daemon would compute them."""
        last = self.one("SELECT coalesce((SELECT hash FROM event WHERE seq = ?), zeroblob(32))", seq - 1)
        for at, body in self.run("SELECT seq, body FROM event WHERE seq >= ? ORDER BY seq", seq).fetchall():
            this = blake(last + blake(body.encode()))
            self.run("UPDATE event SET prev_hash = ?, hash = ? WHERE seq = ?", last, this, at)
            last = this

    def move_up(self, seq, by):
        """Events from `seq` on get another number, in the column alone."""
        self.run("UPDATE event SET seq = -(seq + ?) WHERE seq >= ?", by, seq)
        self.run("UPDATE event SET seq = -seq WHERE seq < 0")

    def copy_to(self, seq, to):
        columns = "id, at_ms, crate, version, kind, severity, body, project, source, prev_hash, hash"
        self.run(f"INSERT INTO event (seq, {columns}) SELECT ?, {columns} FROM event WHERE seq = ?", to, seq)


# Each alters a copy and returns the events of which it must name one; of several it names them all.


def alter_column(copy):
    seq = copy.any_seq()
    name = copy.dice.choice(["id", "at_ms", "crate", "version", "kind", "project", "source", "prev_hash", "hash"])
    old = copy.one(f"SELECT {name} FROM event WHERE seq = ?", seq)
    crates = [row[0] for row in copy.run("SELECT id FROM crate ORDER BY id")]
    others = {"id": lambda: [old + "0", old[:-1], "evt_" + "0" * 32, ""], "at_ms": lambda: [old + 1, old - 86400000, 0],
              "crate": lambda: {*crates, 4711} - {old}, "version": lambda: [old + "0", "9.9.9"],
              "kind": lambda: [(old + 1) % 8, old + 32, -1], "project": lambda: [old + "x"], "source": lambda: [1, 2]}
    hashes = lambda: [bytes(32), copy.dice.randbytes(32), b"", bytes([old[0] ^ 1]) + old[1:]]
    values = sorted({*others.get(name, hashes)()} - {old})
    copy.run(f"UPDATE event SET {name} = ? WHERE seq = ?", copy.dice.choice(values), seq)
    return seq, seq


def alter_type(copy):
    """The same bytes under another type: no question by that column finds the row."""
    seq = copy.any_seq()
    name = copy.dice.choice(["id", "version", "project", "body"])
    copy.run(f"UPDATE event SET {name} = CAST({name} AS BLOB) WHERE seq = ?", seq)
    return seq, seq


def alter_byte(copy):
    seq = copy.any_seq()
    body = bytearray(copy.body(seq).encode())
    body[copy.dice.randrange(len(body))] ^= 1 << copy.dice.randrange(7)
    copy.run("UPDATE event SET body = CAST(? AS TEXT) WHERE seq = ?", bytes(body), seq)
    return seq, seq


def alter_length(copy):
    seq = copy.any_seq()
    body = copy.body(seq)
    copy.run("UPDATE event SET body = ? WHERE seq = ?",
             copy.dice.choice([body + " ", body[:-1], "", "{}", body + "\0{}", " " + body]), seq)
    return seq, seq


def alter_seq(copy):
    seq = copy.any_seq()
    to = copy.dice.choice([-seq, copy.last + 5, 0, 10**15])
    copy.run("UPDATE event SET seq = ? WHERE seq = ?", to, seq)
    return min(seq, to), seq


def delete(copy):
    seq = copy.any_seq()
    copy.run("DELETE FROM event WHERE seq = ?", seq)
    return seq, max(seq, copy.last)


def delete_many(copy):
    first = copy.any_seq()
    copy.run("DELETE FROM event WHERE seq BETWEEN ? AND ?", first, first + copy.dice.randrange(9))
    return first, copy.last


def truncate(copy):
    """The heads of what is gone are gone, too, but for the newest."""
    seq = copy.any_seq()
    copy.run("DELETE FROM event WHERE seq >= ?", seq)
    if copy.dice.random() < 0.5:
        copy.run("DELETE FROM head WHERE seq BETWEEN ? AND ?", seq, copy.last - 1)
    return seq, copy.last


def close_the_gap(copy):
    seq = copy.any_seq()
    copy.run("DELETE FROM event WHERE seq = ?", seq)
    copy.run("UPDATE event SET seq = -(seq - 1) WHERE seq > ?", seq)
    copy.run("UPDATE event SET seq = -seq WHERE seq < 0")
    return seq, copy.last


def insert(copy):
    seq = copy.any_seq()
    copy.move_up(seq, 1)
    copy.copy_to(copy.dice.choice([seq + 1, max(seq - 1, 1) if seq > 1 else seq + 1]), seq)
    return seq, seq + 1


def insert_first(copy):
    to = copy.dice.choice([0, -1, -10**12])
    copy.copy_to(copy.any_seq(), to)
    return to, to


def insert_last(copy):
    """Chained well, and not signed."""
    n = copy.dice.randint(1, 3)
    for seq in range(copy.last + 1, copy.last + 1 + n):
        copy.copy_to(copy.last, seq)
        copy.forge(seq, seq=seq, id=f"evt_{seq:032x}")
    copy.chain_again(copy.last + 1)
    return copy.last + 1, copy.last + n


def swap(copy):
    first = copy.any_seq(2) - 1
    second = copy.any_seq(first + 1)
    copy.run("UPDATE event SET seq = 0 WHERE seq = ?", first)
    copy.run("UPDATE event SET seq = ? WHERE seq = ?", first, second)
    copy.run("UPDATE event SET seq = ? WHERE seq = 0", second)
    return first, first


def swap_bodies(copy):
    first = copy.any_seq(2) - 1
    second = copy.any_seq(first + 1)
    bodies = copy.body(second), copy.body(first)
    for seq, body in zip((first, second), bodies):
        copy.run("UPDATE event SET body = ? WHERE seq = ?", body, seq)
    return first, first


def alter_pruned(copy):
    seq = copy.dice.choice([copy.any_seq(), copy.last + 1, 0])
    copy.run("INSERT INTO pruned SELECT ?, id, at_ms, crate, version, hash, hash, 1, zeroblob(64) FROM event WHERE seq = 1",
             seq)
    return seq, seq


def pretend_pruned(copy):
    """As the daemon prunes, but for the signature; sometimes without the digest."""
    seq = copy.any_seq()
    digest = blake(copy.body(seq).encode()) if copy.dice.random() < 0.7 else copy.dice.randbytes(32)
    copy.run("INSERT INTO pruned SELECT seq, id, at_ms, crate, version, ?, hash, 1, ? FROM event WHERE seq = ?",
             digest, copy.dice.randbytes(64), seq)
    copy.run("DELETE FROM event WHERE seq = ?", seq)
    return seq, seq


def alter_head(copy):
    seq, key = copy.dice.choice(copy.run("SELECT seq, key FROM head").fetchall())
    name = copy.dice.choice(["at_ms", "after", "hash", "signature", "seq", "key"])
    value = {"at_ms": "at_ms + 1", "after": "after + 1", "hash": "randomblob(32)", "signature": "randomblob(64)",
             "seq": f"{copy.last + 7}", "key": "key + 1"}[name]
    copy.run("PRAGMA foreign_keys = OFF")
    copy.run(f"UPDATE head SET {name} = {value} WHERE seq = ? AND key = ?", seq, key)
    return copy.head_range(max(seq, 1))[0] if name != "seq" else 1, copy.last + 7


def delete_head(copy):
    seq = copy.dice.choice(copy.run("SELECT seq FROM head WHERE seq > 0").fetchall())[0]
    first, last = copy.head_range(seq)
    copy.run("DELETE FROM head WHERE seq = ?", seq)
    return first, last


# The chain is computed again, all the way to the end.


def forged(copy, seq):
    event = json.loads(copy.body(seq))
    copy.forge(seq, **copy.dice.choice([
        {"observed_at": "2020-01-01T00:00:00.000Z"}, {"evidence": event["evidence"] | {"line": "forged"}},
        {"yanked": not event.get("yanked")},
        {"event": "published" if event["event"] == "yanked" else "yanked"}]))
    copy.chain_again(seq)


def alter_and_chain(copy):
    seq = copy.any_seq()
    forged(copy, seq)
    return copy.head_range(seq)


def alter_chain_and_heads(copy):
    """The heads' hashes fit again; their signatures do not."""
    seq = copy.any_seq()
    signed = copy.head_range(seq)
    forged(copy, seq)
    copy.run("UPDATE head SET hash = (SELECT hash FROM event e WHERE e.seq = head.seq) WHERE seq >= ?", seq)
    return signed


def alter_and_sign_with_another_key(copy):
    """Of several ways the cleverest: the attacker's key comes as if it were an older or a younger one of its own."""
    seq = copy.any_seq()
    forged(copy, seq)
    signer = Ed25519PrivateKey.generate()
    key = signer.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    row = copy.dice.choice([0, 2])
    copy.run("INSERT INTO head_key VALUES (?, ?, 1)", row, key)
    after = copy.one("SELECT max(seq) FROM head WHERE seq < ?", seq)
    first = copy.head_range(max(after, 1))[0]
    copy.run("DELETE FROM head WHERE seq >= ?", seq)
    for at in (after, copy.last):
        made = copy.one("SELECT coalesce((SELECT hash FROM event WHERE seq = ?), zeroblob(32))", at)
        text = f"yankwatch-head-v1 {after} {at} {made.hex()} 1970-01-01T00:00:00.001Z"
        copy.run("INSERT INTO head VALUES (?, ?, ?, 1, ?, ?)", at, row, after, made, signer.sign(text.encode()))
    return first, copy.last


def alter_and_take_heads_away(copy):
    """All but the newest."""
    seq = copy.any_seq()
    forged(copy, seq)
    first = copy.head_range(seq)[0]
    copy.run("DELETE FROM head WHERE seq >= ? AND seq < ?", seq, copy.last)
    return first, copy.last


def delete_and_chain(copy):
    seq = copy.any_seq(1)
    copy.run("DELETE FROM event WHERE seq = ?", seq)
    for at in range(seq + 1, copy.last + 1):
        copy.forge(at, seq=at - 1)
        copy.run("UPDATE event SET seq = ? WHERE seq = ?", at - 1, at)
    copy.chain_again(seq)
    return copy.head_range(seq)[0], copy.last


def insert_and_chain(copy):
    seq = copy.any_seq()
    for at in range(copy.last, seq - 1, -1):
        copy.forge(at, seq=at + 1)
        copy.run("UPDATE event SET seq = ? WHERE seq = ?", at + 1, at)
    copy.copy_to(seq + 1, seq)
    copy.forge(seq, seq=seq, id="evt_" + "0" * 32)
    copy.chain_again(seq)
    return copy.head_range(seq)


KINDS = {
    "a column altered": (alter_column, 8), "a column's type altered": (alter_type, 2),
    "a byte altered": (alter_byte, 8), "bytes cut or added": (alter_length, 3), "renumbered": (alter_seq, 3),
    "deleted": (delete, 6),
    "several deleted": (delete_many, 3), "the end cut off": (truncate, 4),
    "deleted, the others renumbered": (close_the_gap, 3),
    "put in between": (insert, 5), "put in before the first": (insert_first, 2),
    "put in at the end, chained": (insert_last, 4), "two swapped": (swap, 4), "two bodies swapped": (swap_bodies, 4),
    "a false pruned row": (alter_pruned, 2), "pruned falsely": (pretend_pruned, 4), "a head altered": (alter_head, 4),
    "a head taken away": (delete_head, 4), "altered and chained again": (alter_and_chain, 8),
    "altered, chained, heads' hashes too": (alter_chain_and_heads, 4),
    "altered, chained, signed by another key": (alter_and_sign_with_another_key, 4),
    "altered, chained, heads taken away": (alter_and_take_heads_away, 4),
    "deleted and chained again": (delete_and_chain, 4), "put in and chained again": (insert_and_chain, 4),
}


@contextlib.contextmanager
def verifier(daemon):
    """ask(path): what it finds in that database."""
    key = (daemon.state / "signing.key").read_bytes()[32:].hex()
    with subprocess.Popen([VERIFY, key], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        def ask(path):
            process.stdin.write(f"{path}\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())
        yield ask
        process.stdin.close()


def draw(dice):
    names = list(KINDS)
    return dice.choices(names, weights=[KINDS[name][1] for name in names], k=max(0, EDITS - len(names))) + names


def test_every_alteration_is_found_and_the_event_named(lived, folder, tell):
    original = lived.state / "yankwatch.sqlite"
    dice = random.Random(f"{SEED} edits")
    tried, found, exact = collections.Counter(), collections.Counter(), collections.Counter()
    missed = []
    with verifier(lived) as verify:
        whole = verify(original)
        assert whole["done"] and "fault" not in whole and whole["seq"] > 150, whole
        for name in draw(dice):
            path = folder / "copy.sqlite"
            shutil.copy(original, path)
            copy = Copy(path, dice)
            first, last = KINDS[name][0](copy)
            copy.db.execute("COMMIT")
            copy.db.close()
            answer = verify(path)
            fault = answer.get("fault")
            tried[name] += 1
            if fault and first <= fault["seq"] and fault.get("to", fault["seq"]) <= last:
                found[name] += 1
                exact[name] += "to" not in fault
            else:
                missed.append(f"{name}: {first} to {last}: {answer}")
    rows = "".join(f"  {name:42} {tried[name]:6} {found[name]:6} {exact[name]:6}\n" for name in KINDS)
    tell(f"{whole['seq']} events, {whole['heads']} heads\n  {'alteration':42}  tried  found  one event named\n{rows}"
         f"  {'all':42} {sum(tried.values()):6} {sum(found.values()):6} {sum(exact.values()):6}")
    assert not missed, "\n".join(missed[:10])
