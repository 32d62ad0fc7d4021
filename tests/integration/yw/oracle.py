# SPDX-License-Identifier: Apache-2.0
"""What a daemon must record of a crate, by docs/EVENTS.md alone: a look at a time makes events.

It is told what a file means (yw.history) and never reads one. Text and times are compared only where the document
says so: the same reply seen again, and which Last-Modified is newer.
"""

import collections
import dataclasses

DAY_S = 24 * 3600
WAITING = {"unyanked", "version_deleted", "crate_deleted", "metadata_changed"}  # unless a newer copy says so
ABSENT = "absent"

Pending = collections.namedtuple("Pending", "body since")  # body ABSENT: the file was not there


@dataclasses.dataclass
class Version:
    cksum: str
    yanked: bool
    metadata: dict
    there: bool = True


Event = collections.namedtuple("Event", "crate event version cksum yanked detail")


def meaning(file):
    """({version: Version}, lines that cannot be read)"""
    file.meant = file.meant or read(file)
    return file.meant


def read(file):
    """Of two lines the first counts, yanked if any says so."""
    versions, bad = {}, 0
    for row in file.rows:
        if row.spoilt:
            bad += 1
        elif row.vers in versions:
            versions[row.vers].yanked |= row.yanked
        else:
            versions[row.vers] = Version(row.cksum, row.yanked, row.metadata())
    return versions, bad


class CrateOracle:
    def __init__(self, name, confirm_s):
        self.name, self.confirm_s = name, confirm_s
        self.state, self.modified, self.bad = "unknown", None, 0
        self.versions = {}
        self.pending, self.older = None, None  # older: (its Last-Modified, since when it is seen)

    def look(self, history, now):
        """A poll that finds that. Returns (its events, did it go well?)."""
        if history.file is None:
            return self._look_at_nothing(now), True
        belief = self._belief(history.modified, now)
        versions, bad = meaning(history.file)
        if belief == "none":
            return [], True
        if not versions:
            return [], False
        self.older = None
        happened = [] if self.state == "unknown" else list(self._compare(versions, bad))
        believed = [it for it in happened if not self._waits(it.event, belief, history.body, now)]
        self._take(versions, {(it.event, it.version) for it in happened if it not in believed})
        waits = len(believed) < len(happened)
        if waits:
            self._wait(history.body, now)
        else:
            self.pending, self.state, self.modified, self.bad = None, "present", history.modified, bad
        for it in believed:
            if it.event == "version_deleted":
                self.versions[it.version].there = False
        return [self._finished(it) for it in believed], True

    def _look_at_nothing(self, now):
        if self.state != "present":
            self.state = "absent"
            return []
        gone = tuple(sorted(vers for vers, version in self.versions.items() if version.there))
        if self._waits("crate_deleted", "guarded", ABSENT, now):
            self._wait(ABSENT, now)
            return []
        self.state, self.pending, self.older, self.bad = "absent", None, None, 0
        for version in self.versions.values():
            version.there = False
        return [Event(self.name, "crate_deleted", None, None, None, gone)]

    # ---- belief

    def _belief(self, modified, now):
        if self.modified is None or modified == self.modified:
            return "guarded"
        if modified > self.modified:
            return "all"
        if self.older is None or self.older[0] != modified:
            self.older = modified, now
        return "all" if now - self.older[1] >= DAY_S else "none"

    def _waits(self, event, belief, body, now):
        since = self.pending.since if self.pending and self.pending.body == body else now
        return belief == "guarded" and event in WAITING and now - since < self.confirm_s

    def _wait(self, body, now):
        if not self.pending or self.pending.body != body:
            self.pending = Pending(body, now)

    def is_close(self, now, margin_s):
        """Would a little time more or less make a difference?"""
        return self.pending is not None and abs(now - self.pending.since - self.confirm_s) < margin_s

    # ---- what happened

    def _compare(self, seen, bad):
        if self.state == "absent":
            yield Event(self.name, "crate_created", None, None, None, None)
        for vers, version in seen.items():
            known = self.versions.get(vers)
            if known and known.there:
                yield from self._compare_version(vers, known, version)
            else:
                yield self._event("published", vers, known.cksum if known else None)
                if version.yanked:
                    yield self._event("yanked", vers)
        if not bad:
            for vers, known in self.versions.items():
                if known.there and vers not in seen:
                    yield self._event("version_deleted", vers)

    def _compare_version(self, vers, known, seen):
        if known.cksum != seen.cksum:  # of a crate that was away it is another publication
            was_away = self.pending and self.pending.body == ABSENT
            yield self._event("published" if was_away else "checksum_changed", vers, known.cksum)
        if known.metadata and seen.metadata and known.metadata != seen.metadata:
            facets = sorted(facet for facet in seen.metadata if known.metadata[facet] != seen.metadata[facet])
            yield self._event("metadata_changed", vers, tuple(facets))
        if known.yanked != seen.yanked:
            yield self._event("yanked" if seen.yanked else "unyanked", vers)

    def _event(self, event, vers, detail=None):
        return Event(self.name, event, vers, None, None, detail)

    def _finished(self, it):
        """With what the version is after it."""
        if it.version is None:
            return it
        version = self.versions[it.version]
        return it._replace(cksum=version.cksum, yanked=version.yanked)

    def _take(self, seen, held):
        """What is seen is known from now on, but for what is held back."""
        for vers, version in seen.items():
            known = self.versions.get(vers)
            yanked = known.yanked if ("unyanked", vers) in held else version.yanked
            metadata = known.metadata if ("metadata_changed", vers) in held else version.metadata
            self.versions[vers] = Version(version.cksum, yanked, metadata)
