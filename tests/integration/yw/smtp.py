# SPDX-License-Identifier: Apache-2.0
"""SMTP servers for tests: one that is scripted line by line, for what real servers do rarely, and aiosmtpd."""

import asyncio
import socket
import ssl
import threading
from types import SimpleNamespace

HANG = "hang"  # instead of a reply: say nothing until the test is over
CLOSE = "close"  # instead of a reply: close the connection


class ScriptedServer:
    """Answers each command with what `replies` holds for it: a text, HANG or CLOSE. Keys, the first that fits the
    line's beginning: "GREETING", "RCPT TO:<a@example.com>", "RCPT", "." (after the mail), …; "250 ok" without one."""

    def __init__(self, **replies):
        self.replies = {"GREETING": "220 test", "EHLO": "250-test\r\n250 SIZE 1000000", "DATA": "354 go on",
                        "QUIT": "221 bye", **replies}
        self.lines = []  # every command
        self.mails = []  # bytes, as they were between DATA and the dot
        self.over = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def serve(self):
        while not self.over.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as reader:
                try:
                    self.talk(connection, reader)
                except OSError:
                    pass  # the client is gone

    def reply(self, connection, line):
        """False when the connection is over."""
        keys = [key for key in self.replies if line.startswith(key)]
        text = self.replies[max(keys, key=len)] if keys else "250 ok"
        if text == HANG:
            self.over.wait()
        if text in (HANG, CLOSE):
            return False
        connection.sendall(text.encode(errors="surrogateescape") + b"\r\n")
        return not line.startswith("QUIT")

    def talk(self, connection, reader):
        going = self.reply(connection, "GREETING")
        while going and (line := reader.readline()):
            command = line.decode().rstrip("\r\n")
            self.lines.append(command)
            going = self.reply(connection, command)
            if going and command == "DATA" and self.replies["DATA"].startswith("354"):
                going = self.take_mail(connection, reader)

    def take_mail(self, connection, reader):
        mail = b""
        while (line := reader.readline()) != b".\r\n":
            if not line:
                return False
            mail += line
        self.mails.append(mail)
        return self.reply(connection, ".")

    def close(self):
        if not self.over.is_set():
            self.over.set()
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.thread.join()


class Aiosmtpd:
    """aiosmtpd in a thread of its own. `mails` has what was accepted: mail_from, rcpt_tos, content, tls, user."""

    def __init__(self, cert=None, implicit_tls=False, login=None, refuse=None):
        from aiosmtpd.smtp import SMTP, AuthResult  # so that the rest of the tests runs without it

        self.mails = []
        self.refuse = refuse or {}  # address: reply
        self.tried = []  # ways to log in that are refused
        context = None
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*cert)
        starttls = context if context and not implicit_tls else None

        def authenticate(server, session, envelope, mechanism, auth_data):
            given = (auth_data.login.decode(), auth_data.password.decode())
            return AuthResult(success=given == login, handled=False)

        def make():
            return SMTP(self, hostname="localhost", tls_context=starttls, require_starttls=bool(starttls),
                        authenticator=authenticate if login else None, auth_required=bool(login),
                        auth_require_tls=not implicit_tls)

        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(
            self.loop.create_server(make, "127.0.0.1", 0, ssl=context if implicit_tls else None))
        self.port = self.server.sockets[0].getsockname()[1]
        self.scheme = "smtps" if implicit_tls else "smtp"
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's name)
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.mails.append(SimpleNamespace(mail_from=envelope.mail_from, rcpt_tos=list(envelope.rcpt_tos),
                                          content=bytes(envelope.content), tls=bool(session.ssl) or self.scheme == "smtps",
                                          authenticated=bool(session.authenticated), helo=session.host_name))
        return "250 2.0.0 queued"

    # Offered by many servers, and of no use to who has only a password.
    async def auth_GSSAPI(self, server, args):  # noqa: N802
        self.tried.append("GSSAPI")
        return await self.no_login(server)

    async def auth_NTLM(self, server, args):  # noqa: N802
        self.tried.append("NTLM")
        return await self.no_login(server)

    async def auth_CRAM__MD5(self, server, args):  # noqa: N802
        self.tried.append("CRAM-MD5")
        return await self.no_login(server)

    @staticmethod
    async def no_login(server):
        from aiosmtpd.smtp import AuthResult

        return AuthResult(success=False, handled=False)

    def close(self):
        async def end():
            self.server.close()
            await self.server.wait_closed()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        asyncio.run_coroutine_threadsafe(end(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
