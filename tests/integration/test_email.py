# SPDX-License-Identifier: Apache-2.0
"""The plugin email against real SMTP servers (aiosmtpd, Postfix), and a scripted one for what these do rarely. What
arrives is read by Python's own mail parser, as a mail reader would."""

import contextlib
import email
import email.policy
import email.utils
import html.parser
import json
import pathlib
import random
import os
import re

import pytest

from yw import postfix
from yw.smtp import CLOSE, HANG, Aiosmtpd, ScriptedServer
from yw.wait import wait_for

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "email"
FROM = "yankwatch <yankwatch@example.com>"
TO = ["sec@example.com", "Nachtwächter <night@example.com>"]
LOGIN = ("yankwatch", "correct horse")
HEADERS = {"Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress",
           "X-Yankwatch-Id", "X-Yankwatch-Kind", "MIME-Version", "Content-Type"}
OPTIONAL = {"In-Reply-To", "References", "X-Yankwatch-Severity"}

# What a registry could send to make more of a mail than there is.
HOSTILE = ["\r\nBcc: evil@example.com\r\n\r\nbody", "\r\n.\r\nMAIL FROM:<evil@example.com>\r\n", "\n.\n", ".", "..",
           "<script>alert(1)</script>", "</td></table><img src='http://evil.example/x'>", "\u202egnp.exe", "\u2028",
           "=?UTF-8?Q?evil?=", "=?UTF-8?B?ZXZpbA?=", "\x00"[:0] + "\x1b[31m", "\x85", "\ufeff", "a\tb", "  ", " x ",
           "x" * 3000, "é" * 700, "🦀" * 300, "&lt;", '"><b>', "--=_yankwatch_ntf_1--", "From me", "=\r\n=2E", "\x7f"]


def parse(content):
    return email.message_from_bytes(content, policy=email.policy.default)


class Tags(html.parser.HTMLParser):
    """What a reader could act on."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


def check_mail(content):
    """What is true of every mail, whatever was put into it. Returns the parsed one."""
    head = content.split(b"\r\n\r\n", 1)[0]
    assert content.isascii() and b"\r" not in content.replace(b"\r\n", b"") and b"\n" not in content.replace(b"\r\n", b"")
    assert max(map(len, content.split(b"\r\n"))) <= 78
    assert not [line for line in content.split(b"\r\n") if line.startswith((b".", b"From "))]
    mail = parse(content)
    names = [name for name, _ in mail.raw_items()]
    assert len(names) == len(set(names)) and HEADERS <= set(names) <= HEADERS | OPTIONAL, names
    assert not mail.defects and not [part for part in mail.walk() if part.defects], head
    assert not [name for name in names if mail[name].defects]
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert not mail.preamble and not mail.epilogue
    seen = Tags(mail.get_body(("html",)).get_content())
    assert seen.tags <= {"html", "head", "meta", "title", "body", "div", "h1", "table", "tr", "th", "td", "span", "p",
                         "pre", "code"}, seen.tags
    assert seen.attributes <= {"lang", "charset", "name", "content", "style", "role", "cellpadding", "cellspacing",
                               "border", "scope", "align", "valign"}, seen.attributes
    return mail


def addresses(mail, name):
    return [(address.display_name, address.addr_spec) for address in mail[name].addresses]


def yank(**more):
    return {"id": "evt_1", "seq": 1, "at": "2026-11-21T09:30:00.123Z", "registry": "crates-io", "crate": "demo-crate",
            "version": "1.2.3", "event": "yanked", "severity": "high", **more}


def document(*events, kind="events"):
    return json.dumps({"kind": kind, "events": events})


@pytest.fixture
def scripted():
    servers = []

    def make(**replies):
        servers.append(ScriptedServer(**replies))
        return servers[-1]

    yield make
    for server in servers:
        server.close()


@pytest.fixture
def aiosmtpd(authority):
    """A factory: with TLS by the tests' own authority unless cert=None."""
    with contextlib.ExitStack() as stack:
        def make(cert=(authority / "localhost.pem", authority / "localhost.key"), **options):
            return stack.enter_context(contextlib.closing(Aiosmtpd(cert=cert, **options)))

        yield make


@pytest.fixture
def opened(start, authority, folder):
    """A runner with the plugin opened for a server; `password` becomes a file."""

    def make(server, to=TO, password=None, **options):
        if password:
            options["password_file"] = secret(folder, password)
        runner = start("email")
        said = runner.open(**{"smtp": server.url(), "from": FROM, "to": to, **options})
        assert said["type"] == "opened", said
        return runner

    return make


def secret(folder, content):
    path = folder / "password"
    path.write_text(content + "\n")
    path.chmod(0o600)
    return str(path)


def ca(authority):
    return {"ca_file": str(authority / "ca.pem")}


def plain(runner_factory, server, **options):
    return runner_factory(server, tls="none", **options)


# ---- the mail ----


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.eml")), ids=lambda path: path.stem)
def test_the_golden_mails_are_whole(path):
    mail = check_mail(path.read_bytes())
    assert addresses(mail, "From") == [("yankwatch", "yankwatch@example.com")]
    assert addresses(mail, "To") == [("", "sec@example.com"), ("Nachtwächter", "night@example.com")]
    assert mail["Message-ID"] == f"<{mail['X-Yankwatch-Id']}@yankwatch.example.com>"


def test_the_golden_unyank_follows_its_yank():
    yanked, unyanked = (parse((GOLDEN / f"{name}.eml").read_bytes()) for name in ("yank", "unyank"))
    assert unyanked["In-Reply-To"] == unyanked["References"] == yanked["Message-ID"]


def test_a_yank_arrives_with_all_that_is_known_of_it(opened, aiosmtpd, authority):
    server = aiosmtpd()
    runner = opened(server, **ca(authority))
    event = yank(reason={"text": "liest nach free() ✗", "by": "alice", "by_owner": True},
                 replacement={"version": "1.2.4", "compatible": True,
                              "command": "cargo update -p demo-crate --precise 1.2.4"},
                 findings=[{"project": "payments", "team": "sec", "locked": True, "severity": "high",
                            "would_pick": "1.2.4"}])
    result = runner.deliver(document(event), subject="[high] demo-crate 1.2.3 yanked: payments locks it",
                            created_at="2026-11-21T09:30:31.000Z", follows="ntf_0")
    assert (result["outcome"], result["text"]) == ("ok", "accepted for 2 of 2: 250 2.0.0 queued")
    (sent,) = server.mails
    assert sent.tls and (sent.mail_from, sent.rcpt_tos) == ("yankwatch@example.com",
                                                            ["sec@example.com", "night@example.com"])
    mail = check_mail(sent.content)
    assert mail["Subject"] == "[high] demo-crate 1.2.3 yanked: payments locks it"
    assert mail["Date"].datetime.isoformat() == "2026-11-21T09:30:31+00:00"
    assert (mail["Message-ID"], mail["In-Reply-To"]) == ("<ntf_1@yankwatch.example.com>",
                                                         "<ntf_0@yankwatch.example.com>")
    assert (mail["Auto-Submitted"], mail["X-Yankwatch-Severity"], mail["X-Yankwatch-Kind"]) == (
        "auto-generated", "high", "events")
    text = mail.get_body(("plain",)).get_content()
    seen = Tags(mail.get_body(("html",)).get_content()).text
    for said in (text, seen):
        for words in ("demo-crate 1.2.3", "liest nach free() ✗", "alice", "payments (team sec)",
                      "cargo update -p demo-crate --precise 1.2.4", "yankwatch impact demo-crate@1.2.3"):
            assert words in said


@pytest.mark.parametrize("kind", ["heartbeat", "test", "undelivered", "reminder"])
def test_other_kinds_are_mails_too(opened, aiosmtpd, kind):
    server = aiosmtpd(cert=None)
    runner = plain(opened, server)
    assert runner.deliver(document(kind=kind), subject="about myself")["outcome"] == "ok"
    assert check_mail(server.mails[0].content)["X-Yankwatch-Kind"] == kind


def test_every_attempt_sends_the_same_bytes(opened, scripted):
    server = scripted(**{".": CLOSE})
    runner = plain(opened, server)
    for attempt in (1, 2):
        result = runner.deliver(document(yank()), attempt=attempt, created_at="2026-11-21T09:30:31.000Z")
        assert result["outcome"] == "retry" and "no answer to the mail, which may come twice" in result["text"]
        assert not result.get("state")
    assert server.mails[0] == server.mails[1]


# ---- hostile text ----


@pytest.mark.parametrize("subject", [
    "[high] a_b? c=d", "é" * 60, "🦀" * 60, "ſ日本語 and ASCII, mixed with long words: " + "x" * 100, "=?UTF-8?Q?evil?=",
    "[x] " * 30 + "=?", "a, b; <c@d>: (e) \"f\" 'g'"])
def test_a_subject_is_read_as_it_was_written(opened, aiosmtpd, subject):
    server = aiosmtpd(cert=None)
    assert plain(opened, server).deliver(subject=subject)["outcome"] == "ok"
    assert check_mail(server.mails[0].content)["Subject"].rstrip() == subject.rstrip()


def test_hostile_text_makes_no_other_mail(opened, aiosmtpd, tell):
    seed = os.environ.get("YANKWATCH_SEED") or str(random.randrange(10**6))
    tell(f"YANKWATCH_SEED={seed}")
    draw = random.Random(seed)
    server = aiosmtpd(cert=None)
    runner = plain(opened, server)
    for number in range(150):
        def text():
            return "".join(draw.choice(HOSTILE) for _ in range(draw.randint(1, 4)))

        event = yank(crate=text(), version=text(), severity=text(),
                     reason={"text": text(), "by": text(), "by_owner": False},
                     findings=[{"project": text(), "team": text(), "locked": True, "severity": text(), "assumed": True,
                                "lockfile": text(), "requirements": [text(), text()], "would_pick": text(),
                                "picks": [{"requirement": text(), "version": text()}], "path": [text()] * 3,
                                "command": text()}],
                     replacement={"version": text(), "compatible": True, "command": text()})
        result = runner.deliver(document(event), subject=text(), ident=f"ntf_{number}")
        assert result["outcome"] == "ok", result
        sent = server.mails.pop()
        assert not server.mails and sent.rcpt_tos == ["sec@example.com", "night@example.com"]
        mail = check_mail(sent.content)
        assert addresses(mail, "To") == [("", "sec@example.com"), ("Nachtwächter", "night@example.com")]
        words = "".join(mail.get_body((part,)).get_content().replace("\r\n", "\n") for part in ("plain", "html"))
        hidden = [c for c in words if c in "\u202e\u2028\x1b\x85\ufeff\x7f" or (c < " " and c != "\n")]
        assert not hidden


def test_a_megabyte_of_reason_and_a_thousand_events_are_cut(opened, aiosmtpd, tell):
    server = aiosmtpd(cert=None)
    runner = plain(opened, server)
    events = [yank(id=f"evt_{number}", version=f"1.0.{number}", reason={"text": "\u202e" * 500, "by": "a"})
              for number in range(1000)]
    events[0]["reason"]["text"] = "x" * (1 << 20)
    assert runner.deliver(document(*events), subject="y" * (1 << 20))["outcome"] == "ok"
    content = server.mails[0].content
    tell(f"1 MB of reason, 1 MB of subject, 1,000 events: a mail of {len(content):,} bytes")
    mail = check_mail(content)
    assert len(content) < 2_000_000
    assert "and 800 more" in Tags(mail.get_body(("html",)).get_content()).text
    assert "more" in mail.get_body(("plain",)).get_content()


def test_a_thousand_findings_of_long_names_are_cut(opened, aiosmtpd, tell):
    server = aiosmtpd(cert=None)
    runner = plain(opened, server)
    long = "\u202e" * 130
    found = [{"project": f"p{n}", "team": long, "locked": True, "severity": "high", "assumed": True, "lockfile": long,
              "requirements": [long] * 9, "picks": [{"requirement": long, "version": long}] * 9} for n in range(5)]
    events = [yank(id=f"evt_{number}", findings=found * 4, more_findings=980) for number in range(2)]
    events += [yank(id=f"evt_{number + 2}", findings=found) for number in range(8)]
    assert runner.deliver(document(*events))["outcome"] == "ok"
    content = server.mails[0].content
    tell(f"findings of long names: a mail of {len(content):,} bytes")
    assert len(content) < 3_000_000
    mail = check_mail(content)
    for said in mail.get_body(("plain",)).get_content(), Tags(mail.get_body(("html",)).get_content()).text:
        assert "and 990 more findings" in said


# ---- the session ----


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # aiosmtpd does not know that there is TLS already
def test_a_login_over_tls_from_the_start(opened, aiosmtpd, authority):
    server = aiosmtpd(implicit_tls=True, login=LOGIN)
    runner = opened(server, user=LOGIN[0], password=LOGIN[1], **ca(authority))
    assert runner.deliver()["outcome"] == "ok"
    assert server.mails[0].tls and server.mails[0].authenticated


def test_a_login_is_by_password_whatever_else_is_offered(opened, aiosmtpd, authority):
    login = ("yankwatch@EXAMPLE.COM", LOGIN[1])  # curl would ask Kerberos about a name like this
    server = aiosmtpd(login=login)
    runner = opened(server, user=login[0], password=login[1], **ca(authority))
    assert runner.deliver()["outcome"] == "ok"
    assert server.mails[0].authenticated and not server.tried


def test_a_wrong_password_is_told_and_not_shown(opened, aiosmtpd, authority):
    server = aiosmtpd(login=LOGIN)
    runner = opened(server, user=LOGIN[0], password="wrong horse", **ca(authority))
    result = runner.deliver()
    assert result["outcome"] == "retry" and result["text"].startswith("login: 535")
    assert "horse" not in json.dumps([result, runner.logged]) and not server.mails


def test_without_a_certificate_that_is_trusted_nothing_is_sent(opened, aiosmtpd):
    for implicit in (False, True):
        server = aiosmtpd(implicit_tls=implicit)
        result = opened(server).deliver()
        assert result["outcome"] == "retry" and "certificate" in result["text"]
        assert not server.mails


@pytest.mark.parametrize("replies, text", [
    ({}, "ended at EHLO: the server offers no STARTTLS, and tls is required"),
    ({"EHLO": "250-test\r\n250 STARTTLS", "STARTTLS": "454 not now"}, "STARTTLS: 454 not now")])
def test_without_starttls_nothing_is_sent(opened, scripted, replies, text):
    server = scripted(**replies)
    result = opened(server, user=LOGIN[0], password=LOGIN[1]).deliver()
    assert result["outcome"] == "retry" and text in result["text"]
    assert not [line for line in server.lines if line.split()[0] not in ("EHLO", "HELO", "STARTTLS", "QUIT")]


def test_the_name_for_ehlo(opened, scripted):
    for options, name in [({"helo": "watch.example.com"}, "watch.example.com"), ({}, os.uname().nodename)]:
        server = scripted()
        assert plain(opened, server, **options).deliver()["outcome"] == "ok"
        assert server.lines[0] == f"EHLO {name}"


def test_a_server_that_hangs_is_given_up_before_the_deadline(opened, scripted):
    for stage, text in [("GREETING", "no connection: "), ("EHLO", "ended at EHLO: "), ("MAIL", "ended at sender: "),
                        ("RCPT", "ended at recipient: "), (".", "no answer to the mail, which may come twice: ")]:
        result = plain(opened, scripted(**{stage: HANG})).deliver(deadline_ms=1000)
        assert result["outcome"] == "retry" and result["text"].startswith(text)


@pytest.mark.parametrize("replies, outcome", [({}, "ok"), ({"RCPT": "550 no"}, "reject"), ({"MAIL": "421 no"}, "retry")])
def test_a_server_that_hangs_at_the_end_has_said_all(opened, scripted, replies, outcome):
    """libcurl waits two minutes there; by then we were killed, and a mail that was taken went out again."""
    server = scripted(QUIT=HANG, **replies)
    assert plain(opened, server).deliver(deadline_ms=20000)["outcome"] == outcome
    wait_for(lambda: server.lines[-1] == "QUIT", "QUIT was sent")


def test_nobody_at_the_port_is_a_retry(opened, scripted):
    server = scripted()
    server.close()
    result = plain(opened, server).deliver()
    assert result["outcome"] == "retry" and result["text"].startswith("no connection: ")


def test_proxies_of_the_environment_are_ignored(start, scripted):
    server = scripted()
    runner = start("email", env={"ALL_PROXY": "http://127.0.0.1:1/", "smtp_proxy": "http://127.0.0.1:1/"})
    runner.open(**{"smtp": server.url(), "from": FROM, "to": TO, "tls": "none"})
    assert runner.deliver()["outcome"] == "ok"


# ---- recipients ----


def test_a_refused_recipient_does_not_stop_the_others(opened, aiosmtpd):
    server = aiosmtpd(cert=None, refuse={"sec@example.com": "550 5.1.1 no such user"})
    runner = plain(opened, server)
    result = runner.deliver()
    assert (result["outcome"], result["text"]) == (
        "ok", "accepted for 1 of 2: 250 2.0.0 queued; refused for good: sec@example.com (550 5.1.1 no such user)")
    assert server.mails[0].rcpt_tos == ["night@example.com"]
    assert [line["level"] for line in runner.logged] == ["warning"]


def test_only_who_was_put_off_gets_the_next_attempt(opened, aiosmtpd):
    to = ["a@example.com", "b@example.com", "c@example.com"]
    server = aiosmtpd(cert=None, refuse={"a@example.com": "450 4.2.0 greylisted", "b@example.com": "550 no"})
    runner = plain(opened, server, to=to)
    first = runner.deliver(created_at="2026-11-21T09:30:31.000Z")
    assert (first["outcome"], first["state"]) == ("retry", "-b@example.com +c@example.com")
    assert "again later: a@example.com (450 4.2.0 greylisted)" in first["text"]
    server.refuse = {}
    second = runner.deliver(attempt=2, state=first["state"], created_at="2026-11-21T09:30:31.000Z")
    assert (second["outcome"], second["text"]) == (
        "ok", "accepted for 2 of 3: 250 2.0.0 queued; refused for good: b@example.com")
    assert [mail.rcpt_tos for mail in server.mails] == [["c@example.com"], ["a@example.com"]]
    assert server.mails[0].content == server.mails[1].content


def test_all_refused_is_a_rejection(opened, aiosmtpd):
    server = aiosmtpd(cert=None, refuse={"sec@example.com": "550 no", "night@example.com": "554 no"})
    assert plain(opened, server).deliver()["outcome"] == "reject"
    assert not server.mails


def test_a_hundred_recipients_leave_a_state_that_fits(opened, aiosmtpd):
    to = [f"recipient-number-{number:03}@example.com" for number in range(100)]
    server = aiosmtpd(cert=None, refuse={to[0]: "450 later"})
    runner = plain(opened, server, to=to)
    result = runner.deliver()
    assert result["outcome"] == "retry" and len(result["state"].split()) == 99
    server.refuse = {}
    assert runner.deliver(attempt=2, state=result["state"])["outcome"] == "ok"
    assert [len(mail.rcpt_tos) for mail in server.mails] == [99, 1]


# ---- options ----


@pytest.mark.parametrize("options, text", [
    ({"smtp": "http://127.0.0.1"}, "smtp: it begins with smtp://"),
    ({"smtp": "smtp://"}, "smtp: it is no URL"),
    ({"smtp": "smtp://user:pw@127.0.0.1"}, "user, password_file and helo are options"),
    ({"smtp": "smtp://127.0.0.1/helo"}, "without a path"),
    ({"smtp": "smtp://127.0.0.1?x"}, "and nothing more"),
    ({"smtp": "smtp://127.0.0.1\r\nx"}, "smtp: it is no URL"),
    ({"from": "nobody"}, "from: an address has one '@'"),
    ({"from": "a@b\r\nBcc: c@d"}, "from: it holds a control byte"),
    ({"to": []}, "to: 0 recipients"),
    ({"to": [f"a{number}@b" for number in range(101)]}, "to: 101 recipients, allowed are 1 to 100"),
    ({"to": ["a@b", "c@d>\r\nRCPT TO:<e@f"]}, "to: recipient 2: it holds a control byte"),
    ({"to": ["a@b", "A@B"]}, "to: A@B stands there twice"),
    ({"to": [f"{'a' * 60}{number}@{'b' * 60}" for number in range(40)]}, "too long together"),
    ({"user": "u"}, "user: password_file is missing"),
    ({"tls": "maybe"}, "tls: it must be required or none"),
    ({"smtp": "smtps://127.0.0.1", "tls": "none"}, "tls: none contradicts smtps://"),
    ({"helo": "a b"}, "helo: it must be a host name"),
    ({"ca_file": "/nonexistent.pem"}, "ca_file: it cannot be read"),
    ({"password": "inline"}, "password: a secret is never inline")])
def test_bad_options_are_told(start, options, text):
    runner = start("email")
    failed = runner.open(**{"smtp": "smtp://127.0.0.1:1", "from": FROM, "to": TO, **options})
    assert failed["type"] == "failed" and text in failed["text"]
    assert runner.process.wait(30) == 1


def test_a_login_without_tls_is_refused(start, folder):
    runner = start("email")
    failed = runner.open(**{"smtp": "smtp://127.0.0.1:1", "from": FROM, "to": TO, "tls": "none", "user": "u",
                            "password_file": secret(folder, "p")})
    assert "the password would be sent in the clear" in failed["text"]
    assert runner.process.wait(30) == 1


# ---- Postfix ----


@pytest.fixture(scope="module")
def real_postfix(authority, tmp_path_factory):
    if reason := postfix.why_not():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("postfix")
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o755)  # smtpd reads its passwords, virtual writes its mailboxes: as other users
    with contextlib.closing(postfix.Postfix(folder / "it", authority, ["sec", "night"], "yankwatch", "pw é")) as it:
        yield it


def test_postfix_takes_a_hostile_mail_and_delivers_it_whole(opened, real_postfix, authority):
    runner = opened(real_postfix, to=[*TO, "nobody@example.com"], user="yankwatch@localhost", password="pw é",
                    **ca(authority))
    hostile = "".join(HOSTILE)
    result = runner.deliver(document(yank(crate=hostile, reason={"text": hostile, "by": hostile})), subject=hostile)
    assert result["outcome"] == "ok", (result, real_postfix.log())
    assert re.fullmatch(r"accepted for 2 of 3: 250 2\.0\.0 Ok: queued as \w+; refused for good: nobody@example\.com "
                        r"\(550 5\.1\.1 .*unknown.*\)", result["text"])
    for box in ("sec", "night"):
        (content,) = wait_for(lambda box=box: real_postfix.mails(box), f"Postfix delivered to {box}")
        head, body = content.split(b"\nDate: ", 1)  # before it are Postfix's own headers
        assert b"evil" not in head and b"with ESMTPSA" in head  # by TLS, logged in
        mail = check_mail((b"Date: " + body).replace(b"\n", b"\r\n"))
        assert "<script>alert(1)</script>" in mail.get_body(("plain",)).get_content()


def test_postfix_refuses_a_wrong_password(opened, real_postfix, authority):
    runner = opened(real_postfix, user="yankwatch@localhost", password="wrong", **ca(authority))
    result = runner.deliver(ident="ntf_wrong")
    assert result["outcome"] == "retry" and result["text"].startswith("login: 535 5.7.8")


# ---- the way from a registry ----


def test_a_yank_and_its_unyank_in_a_registry_become_one_thread(registry, daemon, aiosmtpd):
    server = aiosmtpd(cert=None)
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"], notifiers={
        "mail": {"plugin": "email", "smtp": server.url(), "from": FROM, "to": TO, "tls": "none"}})
    daemon.start()
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(lambda: len(server.mails) == 1, "the mail of the yank came")
    registry.index.yank("demo", "1.0.0", False)
    daemon.poll()
    wait_for(lambda: len(server.mails) == 2, "the mail of the un-yank came")
    yanked, unyanked = (check_mail(mail.content) for mail in server.mails)
    assert "demo 1.0.0" in yanked["Subject"] and "In-Reply-To" not in yanked
    assert unyanked["In-Reply-To"] == unyanked["References"] == yanked["Message-ID"] != unyanked["Message-ID"]
    daemon.stop()
