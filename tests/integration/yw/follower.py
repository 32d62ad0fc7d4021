# SPDX-License-Identifier: Apache-2.0
"""What the followers of scripts/quickstart share: they tell what is new in a daemon, and give up without a network."""

import sys

AFRESH = "\r\x1b[K" if sys.stdout.isatty() else ""  # in place of the progress


def tell(text):
    print(f"{AFRESH}{text}", flush=True)


class Follower:
    """begin(), then look() again and again, then end(), when the daemon has stopped."""

    def __init__(self, daemon):
        self.daemon = daemon
        self._seen, self._errors = 0, {}

    def end(self):
        tell("Nothing is left running. For good: README.md, \"Use it\".")

    def look_at_registries(self):
        """Returns the status."""
        status = self.daemon.status()
        for registry in status["registries"]:
            self._tell_error(registry)
        if not any("last_success_at" in registry or "last_error" not in registry for registry in status["registries"]):
            sys.exit(f"quickstart: nothing can be looked at: {status['registries'][0]['index']} gives no good answer.\n"
                     "Is there a network? Behind a proxy set https_proxy; another index is named by --index URL.")
        return status

    def tell_events(self, status):
        """True when there were new ones."""
        before, self._seen = self._seen, status["database"]["events"]
        if self._seen > before:
            print(self.daemon.client("history", "--after", str(before)).stdout, end="", flush=True)
        return self._seen > before

    def _tell_error(self, registry):
        error = registry.get("last_error")
        if error and error != self._errors.get(registry["registry"]):
            self._errors[registry["registry"]] = error
            print(f"{AFRESH}{error['at']}  {error['text']}", file=sys.stderr, flush=True)


class CrateFollower(Follower):
    """Tells the first look's end, events, errors."""

    def __init__(self, daemon, crates):
        super().__init__(daemon)
        self._crates, self._ready = crates, False

    def begin(self):
        tell(f"Watching {', '.join(self._crates)}: the first look makes no events.\n")

    def look(self):
        status = self.look_at_registries()
        if not self._ready and "unknown" not in self.daemon.watches().values():
            self._ready = True
            tell(self.daemon.client("watch", "list").stdout)
            tell("From now on what happens is shown here; Ctrl-C ends it.")
        self.tell_events(status)
