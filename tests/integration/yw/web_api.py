# SPDX-License-Identifier: Apache-2.0
"""A web API of a registry as crates.io has it, for reasons: versions with yank_message and audit_actions, owners.

It stands beside the index, which it neither reads nor changes: a test says to each what happened, in the order that it
wants. WebApi() only knows; every Registry has one below its own host (registry.web_api, registry.url), and
serve() gives it a host of its own. What is asked for is in `asked`; fail(), hang() and put_raw() answer wrongly.
"""

import dataclasses
import datetime
import json
import re
import threading
import time
import urllib.parse

from yw.server import HANG, Handler, Server

PATH = re.compile("/api/v1/crates/([^/]+)/(versions|owners)")
OWNER = "octavia"  # who publishes and yanks, unless a test says otherwise
PUBLISHED_S = 86400 * 30  # that long ago, unless a test says otherwise


@dataclasses.dataclass
class Asked:
    at: float  # seconds, by the test's clock where there is one
    method: str
    path: str  # as it came, with its query
    crate: str
    what: str  # "versions" or "owners"; "" = neither
    nums: list
    headers: dict  # lower-case names
    status: int


def stamp(seconds):
    """As crates.io writes times: 2026-11-21T09:30:00.123456+00:00."""
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat(timespec="microseconds")


class WebApi:
    def __init__(self, clock=None):
        self.clock = clock or time
        self.asked = []
        self.teams = {}  # {crate: ["github:org:team"]}
        self.owners = {}  # {crate: [login]}
        self._versions = {}  # {crate: {version: {…}}}
        self._raw = {}  # {(crate, what): bytes}
        self._failure = None  # (status, headers) or HANG, of every request
        self._refused = {}  # {(crate, what): status}
        self._change = threading.Condition(threading.RLock())
        self._server = None

    # ---- its own host

    def serve(self, port=0, authority=None):
        """With an authority by TLS."""
        self._server = Server(WebApiHandler, self, port, authority)
        return self

    @property
    def url(self):
        return self._server.url

    def close(self):
        if self._server:
            self.mend()
            self._server.stop()

    # ---- what happened

    def _now(self):
        return self.clock.now() if hasattr(self.clock, "now") else self.clock.time()

    def _act(self, crate, version, action, by, at):
        row = self._versions[crate][version]
        at = self._now() if at is None else at
        if by is not None:
            row["audit_actions"].append({"action": action, "user": user(by), "time": stamp(at)})
        row["updated_at"] = stamp(at)
        return row

    def publish(self, crate, *versions, by=OWNER, at=None):
        with self._change:
            self.owners.setdefault(crate, [by])
            for version in versions:
                self._versions.setdefault(crate, {})[version] = {
                    "crate": crate, "num": version, "yanked": False, "yank_message": None, "audit_actions": [],
                    "checksum": "0" * 64, "published_by": user(by), "trustpub_data": None}
                self._act(crate, version, "publish", by, self._now() - PUBLISHED_S if at is None else at)

    def yank(self, crate, version, message=None, by=OWNER, at=None):
        """Also again: with another text it is an edit, without one `cargo yank`, which clears it. by=None: the
        administrator's command line, which leaves neither text nor action."""
        with self._change:
            if version not in self._versions.get(crate, {}):
                self.publish(crate, version)
            row = self._act(crate, version, "yank", by, at)
            row["yanked"], row["yank_message"] = True, message

    def unyank(self, crate, version, by=OWNER, at=None):
        with self._change:
            row = self._act(crate, version, "unyank", by, at)
            row["yanked"], row["yank_message"] = False, None

    def adorn(self, crate, version, **members):
        """More members of that version's row."""
        with self._change:
            self._versions[crate][version] |= members

    def put_raw(self, crate, body, what="versions"):
        """From now on these bytes with status 200; None: as usual."""
        with self._change:
            self._raw[crate, what] = body

    # ---- how it answers

    def fail(self, status, **headers):
        """Every request from now on: fail(503, Retry_After="5")."""
        with self._change:
            self._failure = (status, headers)
            self._change.notify_all()

    def refuse(self, crate, status, what="versions"):
        """From now on, of that crate alone."""
        with self._change:
            self._refused[crate, what] = status

    def hang(self):
        """No answer until mend() or fail()."""
        with self._change:
            self._failure = (HANG, {})

    def mend(self):
        with self._change:
            self._failure = None
            self._change.notify_all()

    def requests(self, what="versions"):
        with self._change:
            return [asked for asked in self.asked if asked.what == what]

    def busiest(self, window_s=1.0):
        """The most requests in any window: [t, t + window_s)."""
        with self._change:
            times = [asked.at for asked in self.asked]
        return max((sum(begin <= at < begin + window_s for at in times[i:i + 1000])
                    for i, begin in enumerate(times)), default=0)

    def get(self, method, path, headers):
        """(status, body, headers); every request is noted when it comes."""
        url = urllib.parse.urlsplit(path)
        match = PATH.fullmatch(url.path)
        crate, what = (urllib.parse.unquote(match[1]), match[2]) if match else ("", "")
        nums = [value for key, value in urllib.parse.parse_qsl(url.query) if key == "nums[]"]
        asked = Asked(self._now(), method, path, crate, what, nums, {k.lower(): v for k, v in headers.items()}, 0)
        with self._change:
            self.asked.append(asked)
            self._change.wait_for(lambda: not self._failure or self._failure[0] != HANG)
            asked.status, body, more = self._answer(crate, what, nums, asked.headers)
        return asked.status, body, more

    def _answer(self, crate, what, nums, headers):
        if self._failure:
            return self._failure[0], errors("not now"), self._failure[1]
        if "(" not in headers.get("user-agent", ""):
            return 403, errors("We require that all requests include a `User-Agent` header with contact"), {}
        if (crate, what) in self._refused:
            return self._refused[crate, what], errors("not for you"), {}
        if self._raw.get((crate, what)) is not None:
            return 200, self._raw[crate, what], {}
        if crate not in self._versions or not what:
            return 404, errors("Not Found" if not what else f"crate `{crate}` does not exist"), {}
        return 200, getattr(self, f"_{what}_of")(crate, nums), {}

    def _versions_of(self, crate, nums):
        rows = [row for num, row in self._versions[crate].items() if not nums or num in nums]
        return json.dumps({"versions": rows, "meta": {"total": len(rows), "next_page": None}}).encode()

    def _owners_of(self, crate, _nums):
        teams = [{"id": 99, "login": login, "kind": "team", "name": login, "url": None, "avatar": None}
                 for login in self.teams.get(crate, [])]
        return json.dumps({"users": [user(login) | {"kind": "user"} for login in self.owners[crate]] + teams}).encode()


def user(login):
    return {"id": 7, "login": login, "name": login.title(), "avatar": None, "url": f"https://github.com/{login}"}


def errors(detail):
    return json.dumps({"errors": [{"detail": detail}]}).encode()


class WebApiHandler(Handler):
    def do_GET(self):
        status, body, headers = self.server.owner.get(self.command, self.path, self.headers)
        self.reply(status, body, Content_Type="application/json", **headers)

    do_PUT = do_POST = do_DELETE = do_PATCH = do_GET
