# SPDX-License-Identifier: Apache-2.0
"""A webhook's other end: keeps every request, answers as the test says, checks signatures by itself.

`answers` holds what the next requests get, in order: a status, an Answer, HANG (no answer until release() or close())
or DROP (the connection is closed). When it is empty they get what `usual` says, 204 at first. The signature is checked after the Standard
Webhooks specification, with nothing of the daemon's.
"""

import base64
import dataclasses
import hashlib
import hmac
import json
import os
import pathlib
import threading
import time

from yw.server import HANG, Handler, Server

DROP = "drop"
TOLERANCE_S = 300  # how old or new a timestamp may be


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    headers: dict = dataclasses.field(default_factory=dict)  # names with _ for -
    zeros: int = 0  # bytes of body


@dataclasses.dataclass
class Request:
    at: float
    headers: dict  # names in lower case
    body: bytes
    status: int = None  # what it was answered; None: nothing, or nothing yet

    @property
    def id(self):
        return self.headers["webhook-id"]

    @property
    def events(self):
        return json.loads(self.body)["data"]["events"]

    @property
    def accepted(self):
        return self.status is not None and 200 <= self.status <= 299


class Receiver:
    def __init__(self, folder):
        self.secret_file = pathlib.Path(folder) / "hook.secret"
        self.rotate_secret()
        self.requests, self.answers, self.usual = [], [], 204
        self._lock = threading.Lock()
        self._released = threading.Event()
        self._server = Server(ReceiverHandler, self)
        self.url = f"{self._server.url}/hook"

    def rotate_secret(self):
        self.key = os.urandom(32)
        with open(os.open(self.secret_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(f"whsec_{base64.b64encode(self.key).decode()}\n")

    def close(self):
        self.release()
        self._server.stop()

    def notifier(self, **options):
        """What the configuration says of it."""
        return {"plugin": "webhook", "url": self.url, "secret_file": str(self.secret_file)} | options

    def release(self):
        """Requests that hang are let go, without an answer."""
        self._released.set()
        self._released = threading.Event()

    def accepted(self):
        return [request for request in list(self.requests) if request.accepted]

    def events(self):
        """The documents that were accepted, in order."""
        return [event for request in self.accepted() for event in request.events]

    def verify(self, request):
        """Is it signed by who knows our secret, and just now? Fails the test if not."""
        ident, stamp = request.headers["webhook-id"], request.headers["webhook-timestamp"]
        signed = f"{ident}.{stamp}.".encode() + request.body
        expected = "v1," + base64.b64encode(hmac.digest(self.key, signed, hashlib.sha256)).decode()
        assert expected in request.headers["webhook-signature"].split(" "), "the signature is wrong"
        assert abs(request.at - int(stamp)) <= TOLERANCE_S, "the timestamp is not of now"

    def take(self, headers, body):
        """Called by the handler: keeps the request and says how to answer."""
        with self._lock:
            request = Request(time.time(), {name.lower(): value for name, value in headers.items()}, body)
            self.requests.append(request)
            return request, self.answers.pop(0) if self.answers else self.usual, self._released


class ReceiverHandler(Handler):
    def do_POST(self):
        request, answer, released = self.server.owner.take(self.headers, self.body())
        if answer == HANG:
            released.wait()
        if answer in (HANG, DROP):
            self.close_connection = True
            return
        if not isinstance(answer, Answer):
            answer = Answer(answer)
        request.status = answer.status  # before it is sent: who has the answer finds it here
        self.reply(answer.status, bytes(answer.zeros) if answer.zeros else b"", **answer.headers)
