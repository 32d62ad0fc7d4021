# SPDX-License-Identifier: Apache-2.0
"""What scripts/quickstart Cargo.lock shows: the first looks at its crates, what is wrong with them, what happens."""

import re
import sys

from yw.follower import AFRESH, Follower, tell

LOOK_WAITS_S = 1  # so long a check waits for crates that nobody has looked at yet
BUSY = 503


def project_of(lockfile):
    """The entry of the configuration: called as the folder that the lockfile is in."""
    name = re.sub("[^A-Za-z0-9_-]+", "-", lockfile.parent.name).strip("-")[:64]
    return {"name": name or "project", "lockfile": str(lockfile)}


class LockfileFollower(Follower):
    def __init__(self, daemon, lockfile):
        super().__init__(daemon)
        self._lockfile, self._ready, self._findings = lockfile, False, ""
        self._body = lockfile.read_bytes()

    def begin(self):
        tell(f"Watching what {self._lockfile} locks.")

    def look(self):
        status = self.look_at_registries()
        if not self._ready:
            self._look_first(status)
        elif self.tell_events(status):
            self._tell_findings()

    def end(self):
        entry = ", ".join(f"{key}: {value}" for key, value in project_of(self._lockfile).items())
        tell("Nothing is left running. To watch it for good: README.md, \"Use it\", and in the configuration\n"
             f"  projects:\n    - {{{entry}}}")

    def _look_first(self, status):
        answer = self.daemon.api("POST", f"/v1/check?wait={LOOK_WAITS_S}", self._body)
        if answer.status == BUSY:
            return
        if answer.status not in (200, 202):
            sys.exit(f"quickstart: {self._lockfile}: {answer.document['detail']}")
        self._tell_progress(answer.document)
        if answer.status == 200 and self._is_stored():
            self._ready = True
            self._tell_first(answer.document, status)

    def _is_stored(self):
        (project,) = self.daemon.get("/v1/projects")["projects"]
        return any("updated_at" in lockfile for lockfile in project["lockfiles"])

    def _tell_progress(self, checked):
        if not checked["packages"]:
            sys.exit(f"quickstart: {self._lockfile}: no package of it is of a registry that is watched: "
                     "--index URL or --cargo-config FILE names another one")
        if AFRESH:
            print(f"{AFRESH}The first look: {checked['known']} of {checked['packages']} packages", end="", flush=True)

    def _tell_first(self, checked, status):
        others = len(checked["unmatched"]) + checked.get("more_unmatched", 0)
        unread = len(checked["unknown"]) + checked.get("more_unknown", 0)
        tell(f"Packages that are watched: {checked['packages']}"
             + (f"; of git, a path or another registry, and not watched: {others}" if others else "")
             + (f"; crates with lines in the index that cannot be read: {unread}" if unread else "") + "\n")
        self.tell_events(status)
        self._tell_findings()
        tell("\nFrom now on what happens is shown here, and the lockfile is looked at once a minute; Ctrl-C ends it.")

    def _tell_findings(self):
        """Where they are others than before."""
        said = self.daemon.client("findings").stdout.strip("\n")
        if said != self._findings:
            self._findings = said
            tell(said)
