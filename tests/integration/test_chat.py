# SPDX-License-Identifier: Apache-2.0
"""The plugin chat, as yankwatchd drives it, against services that demand what the real ones demand.

tests/golden/chat/SERVICE-CASE.json is what a service gets; YANKWATCH_GOLDEN=write writes these anew: then look at
what git says has changed.
"""

import contextlib
import json
import os
import pathlib

import pytest

from yw.chats import ROOM, SERVICES, TOKEN, Chat
from yw.runner import PATIENCE, ROOT
from yw.wait import wait_for

GOLDEN = ROOT / "tests" / "golden" / "chat"
WORDING = ROOT / "tests" / "golden" / "wording"
TEMPLATES = ROOT / "plugins" / "chat" / "templates"
HOSTILE = ("<!channel> <!here> @channel @all @everyone @here <@U024BE7LH> <@&1> <#C1> ~town-square @room "
           "<http://evil.example|click> [click](http://evil.example) https://evil.example www.evil.example "
           "a@evil.example *bold* _it_ ~~no~~ `code` ```block``` > quote # head | a | <script>alert(1)</script> "
           "<a href='//evil.example'>x</a> <at>all</at> \\\" \"}]} {{title}} {{{id}}} \r\n- line \u202eesrever \ud83d\ude00")


def event(number=1, **more):
    return {"id": f"evt_{number}", "seq": number, "at": "2026-11-21T09:30:00.123Z", "registry": "crates-io",
            "crate": "demo-crate", "version": f"1.0.{number}", "event": "yanked", "severity": "high", **more}


def frame(subject, *events, **document):
    return {"subject": subject, "document": {"events": list(events), **document}}


def finding(project, **more):
    return {"project": project, "team": "sec", "locked": True, "severity": "high", **more}


def hostile():
    return event(crate=f"demo {HOSTILE}", version=f"1.2.3 {HOSTILE}", registry=f"r {HOSTILE}",
                 reason={"text": HOSTILE, "by": HOSTILE, "by_owner": True, "at": "2026-11-21T09:30:00Z"},
                 replacement={"version": HOSTILE, "compatible": True, "command": f"cargo update {HOSTILE}"},
                 findings=[finding(HOSTILE), finding("<!channel>", team=HOSTILE)])


def hostile_finding():
    """What lockfiles, and who sends them, put into the words of one project."""
    evil = "<!channel> @here <at>all</at> [x](http://evil.example) *b* `c` \"}] {{title}} \r\n- \u202e"
    return event(event="finding_opened", project=evil, replacement={"version": evil, "compatible": True, "command": evil},
                 findings=[finding(evil, team=evil, lockfile=evil, requirements=[evil], assumed=True, would_pick=evil,
                                   path=["a", evil, "b"], picks=[{"requirement": evil, "version": evil}, {}],
                                   state="yanked", command=f"cargo update -p {evil}")])


def of_wording(name):
    return json.loads((WORDING / f"{name}.json").read_text())


CASES = {
    "yanked": lambda: of_wording("yanked_full"),
    "unyanked": lambda: of_wording("unyanked"),
    "heartbeat": lambda: of_wording("heartbeat"),
    "test": lambda: of_wording("test"),
    "group": lambda: frame("[high] demo-crate: 100 versions yanked", *map(event, range(1, 101))),
    "reminder": lambda: of_wording("reminder"),
    "many": lambda: of_wording("yanked_many"),
    "hostile_finding": lambda: frame(f"[high] {hostile_finding()['project']}", hostile_finding()),
    "hostile": lambda: frame(f"[high] {HOSTILE}", hostile()),
}


@pytest.fixture
def chat():
    with contextlib.ExitStack() as stack:
        def make(name):
            return stack.enter_context(contextlib.closing(Chat(name)))
        yield make


@pytest.fixture
def token_file(tmp_path):
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def connect(start, chat, token_file):
    """A service and a runner that writes to it."""
    def make(name, **options):
        service, runner = chat(name), start("chat")
        needs = {"matrix": {"token_file": token_file, "room": ROOM}, "gotify": {"token_file": token_file},
                 "ntfy": {"topic": "yanks"}}.get(name, {})
        answer = runner.open(**{"service": name, "url": service.url} | needs | options)
        assert answer["type"] == "opened", answer
        return service, runner
    return make


def deliver(runner, told, **more):
    return runner.deliver(document=json.dumps(told["document"]), ident="ntf_42", subject=told["subject"],
                          created_at="2026-11-21T09:30:01.000Z", **more)


def refusal(runner, **options):
    """What the plugin has against these options; the runner ends then."""
    answer = runner.open(**options)
    assert answer["type"] == "failed", answer
    assert runner.process.wait(PATIENCE) == 1
    return answer["text"]


def all_services(test):
    return pytest.mark.parametrize("name", SERVICES)(test)


@all_services
@pytest.mark.parametrize("case", CASES)
def test_a_service_gets_what_stands_in_the_golden_file(connect, name, case):
    service, runner = connect(name)
    result = deliver(runner, CASES[case]())
    assert result["outcome"] == "ok", (result, service.refused)
    made = json.dumps(service.bodies[0], indent=1, ensure_ascii=False) + "\n"
    golden = GOLDEN / f"{name}-{case}.json"
    if os.environ.get("YANKWATCH_GOLDEN"):
        golden.write_text(made)
    assert made == golden.read_text()
    assert service.dangers == []


@all_services
def test_a_hostile_text_is_shown_and_does_nothing(connect, name):
    service, runner = connect(name)
    deliver(runner, CASES["hostile"]())
    text = json.dumps(service.bodies[0], ensure_ascii=False)
    assert service.dangers == []
    assert "evil.example" in text and "\u202e" not in text
    assert "{{title}}" in text.replace("\\\\", "")  # a value is no template


@all_services
@pytest.mark.parametrize("count, size", [(1, 20), (2, 900), (47, 0), (100, 0), (150, 900), (1000, 0), (5000, 200)])
def test_what_does_not_fit_is_counted(connect, name, count, size):
    service, runner = connect(name)
    reason = {"text": "\u2603\U0001f600<&*" * (size // 5), "by": "x"}
    events = [event(n, reason=reason, findings=[finding(f"p{i}") for i in range(n % 12)]) for n in range(1, count + 1)]
    result = deliver(runner, frame(f"[high] {count} versions yanked", *events))
    assert result["outcome"] == "ok", (result, service.refused)
    text = json.dumps(service.bodies[0], ensure_ascii=False)
    shown = sum(f"1.0.{n} was" in text.replace("\\\\", "") for n in range(1, count + 1))
    assert shown > 0
    if shown < count:
        assert f"and {count - shown} more: " in text and "yankwatch notifications show ntf_42" in text
    else:
        assert "yankwatch notifications show" not in text


def test_a_text_that_no_service_takes_whole_is_cut(connect):
    service, runner = connect("ntfy")
    findings = [finding("\u2603" * 1000) for _ in range(40)]
    told = frame("[high] " + "\u2603" * 2000, event(findings=findings, reason={"text": "\u2603" * 5000, "by": "x"}))
    assert deliver(runner, told)["outcome"] == "ok"
    assert "\u2026" in service.bodies[0]["title"]


@pytest.mark.parametrize("severity, ntfy, gotify", [("critical", 5, 10), ("high", 4, 8), ("medium", 3, 5), ("low", 2, 3),
                                                    ("info", 2, 2)])
def test_priority_follows_severity(connect, severity, ntfy, gotify):
    for name, priority in ("ntfy", ntfy), ("gotify", gotify):
        service, runner = connect(name, link="https://wiki.example.com/yanks")
        deliver(runner, frame("s", event(severity=severity)))
        assert service.bodies[0]["priority"] == priority
        assert "https://wiki.example.com/yanks" in json.dumps(service.bodies[0])


# ---- answers


@all_services
def test_a_deleted_webhook_puts_the_notifier_out_of_service(connect, name):
    service, runner = connect(name)
    service.answers.append((service.service.deleted.status, service.service.deleted.body, {}))
    result = deliver(runner, CASES["yanked"]())
    assert (result["outcome"], result["text"][:5]) == ("disable", "HTTP "), result


@all_services
@pytest.mark.parametrize("status, outcome", [(301, "reject"), (400, "reject"), (401, "disable"), (408, "retry"),
                                             (410, "disable"), (413, "reject"), (425, "retry"), (429, "retry"),
                                             (500, "retry"), (502, "retry"), (503, "retry")])
def test_a_status_decides(connect, name, status, outcome):
    service, runner = connect(name)
    service.answers.append((status, "", {"Retry-After": "7"}))
    result = deliver(runner, CASES["yanked"]())
    assert result["outcome"] == outcome
    assert result["retry_after_ms"] == (7000 if outcome == "retry" else 0)


@pytest.mark.parametrize("name, body, pause_ms", [
    ("discord", {"message": "You are being rate limited.", "retry_after": 64.57, "global": False}, 65000),
    ("matrix", {"errcode": "M_LIMIT_EXCEEDED", "retry_after_ms": 2500}, 3000),
    ("discord", {"retry_after": 1e300}, 3600000), ("discord", {"retry_after": -1}, 0), ("discord", {"retry_after": "x"}, 0)])
def test_a_pause_in_the_body_is_kept(connect, name, body, pause_ms):
    service, runner = connect(name)
    service.answers.append((429, json.dumps(body), {}))
    result = deliver(runner, CASES["yanked"]())
    assert (result["outcome"], result["retry_after_ms"]) == ("retry", pause_ms)


@pytest.mark.parametrize("name", sorted(set(SERVICES) - {"teams"}))
def test_another_page_with_200_is_no_delivery(connect, name):
    service, runner = connect(name)
    service.answers.append((200, '<html>ok "id" "event_id" log in</html>', {}))
    result = deliver(runner, CASES["yanked"]())
    assert result["outcome"] == "retry" and "is the URL right?" in result["text"]
    service.answers.append((200, "", {}))
    assert deliver(runner, CASES["yanked"]())["outcome"] == "retry"


def test_slack_may_refuse_with_200(connect):
    service, runner = connect("slack")
    service.answers.append((200, '{"ok":false,"error":"invalid_blocks"}', {}))
    assert deliver(runner, CASES["yanked"]())["outcome"] == "reject"


def test_matrix_knows_a_repeat_by_its_transaction(connect):
    service, runner = connect("matrix")
    deliver(runner, CASES["yanked"](), attempt=1)
    deliver(runner, CASES["yanked"](), attempt=2)
    assert service.paths[0] == service.paths[1] and service.paths[0].endswith("/ntf_42")
    assert service.bodies[0] == service.bodies[1]


# ---- templates and options


@pytest.mark.parametrize("text, fault", [
    ('{"text": "{{headlin}}"}', "line 1: {{headlin}} is nothing that a template can show"),
    ('{"text":\n "{{#events}}x"}', "line 2: {{#events}} is never closed"),
    ('{"text":\n "x{{/events}}"}', "line 2: {{/events}} closes nothing"),
    ('{"text": "{{title"}', "not closed by }}"),
    ('{"text": "{{{title}}"}', "not closed by }}}"),
    ('{"text": {{title}}}', "no JSON"),
    ('{"text": "a", {{#more}}"more": "x"{{/more}}}', "no JSON"),
    ("[1]", "no JSON"), ("", "no JSON")])
def test_a_bad_template_is_told_at_the_start(start, tmp_path, text, fault):
    path = tmp_path / "mine.mustache"
    path.write_text(text)
    said = refusal(start("chat"), service="slack", url="http://127.0.0.1:1/", template=str(path))
    assert fault in said and str(path) in said


def test_a_copy_of_the_template_can_be_changed(connect, tmp_path):
    path = tmp_path / "mine.mustache"
    path.write_text((TEMPLATES / "slack.json.mustache").read_text().replace('"unfurl_links"', '"username": "yw", "unfurl_links"'))
    service, runner = connect("slack", template=str(path))
    deliver(runner, CASES["yanked"]())
    assert service.bodies[0]["username"] == "yw"


def test_the_smallest_template_is_enough(connect, tmp_path):
    path = tmp_path / "mine.mustache"
    path.write_text('{"text": "{{text}}"}')
    service, runner = connect("mattermost", template=str(path))
    assert deliver(runner, CASES["hostile"]())["outcome"] == "ok"
    assert "demo" in service.bodies[0]["text"] and service.dangers == []


def test_a_template_that_is_always_too_long_is_told(connect, tmp_path):
    path = tmp_path / "mine.mustache"
    path.write_text('{"text": "' + "x" * 4001 + '", "blocks": []}')
    _, runner = connect("slack", template=str(path))
    result = deliver(runner, CASES["yanked"]())
    assert result["outcome"] == "reject" and "the template's text is longer than the 4000 that slack takes" in result["text"]


@pytest.mark.parametrize("options, fault", [
    ({"service": "irc"}, "service: there is no irc, only slack, mattermost, discord, teams, matrix, ntfy, gotify"),
    ({"service": "slack", "room": ROOM}, "room: slack has none"),
    ({"service": "matrix", "room": ROOM}, "token_file: matrix needs it"),
    ({"service": "matrix", "room": "#alias:example.com"}, "room: must be a room's id"),
    ({"service": "ntfy"}, "topic: ntfy needs it"), ({"service": "ntfy", "topic": ""}, "topic: it is empty"),
    ({"service": "gotify"}, "token_file: gotify needs it"),
    ({"service": "slack", "template": "/nonexistent"}, "template: /nonexistent: it cannot be opened"),
    ({"service": "slack", "ca_file": "/nonexistent"}, "ca_file: it cannot be read"),
    ({"service": "slack", "token": "x"}, "token: a secret is never inline")])
def test_bad_options_are_told(start, options, fault):
    assert fault in refusal(start("chat"), url="http://127.0.0.1:1/", **options)


def test_a_token_is_one_word(start, token_file):
    pathlib.Path(token_file).write_text("a\r\nX-Evil: 1\n")
    said = refusal(start("chat"), service="gotify", url="http://127.0.0.1:1/", token_file=token_file)
    assert "a token is one word" in said


def test_a_webhooks_url_comes_from_a_file(start, chat, tmp_path):
    service, runner = chat("slack"), start("chat")
    path = tmp_path / "url"
    path.write_text(service.url + "\n")
    path.chmod(0o600)
    assert runner.open(service="slack", url_file=str(path))["type"] == "opened"
    assert deliver(runner, CASES["yanked"]())["outcome"] == "ok"
    assert service.bodies


def test_a_yank_in_the_registry_is_a_message(registry, daemon, chat, tmp_path):
    """Once through the whole daemon."""
    service, url_file = chat("slack"), tmp_path / "url"
    url_file.write_text(service.url)
    url_file.chmod(0o600)
    registry.index.put("demo", "1.0.0")
    daemon.configure(registry.index_url, ["demo"],
                     notifiers={"slack": {"plugin": "chat", "service": "slack", "url_file": str(url_file)}})
    daemon.start()
    daemon.poll()
    registry.index.yank("demo", "1.0.0")
    daemon.poll()
    wait_for(lambda: service.bodies, "the message came")
    assert service.bodies[0]["text"].startswith("[high] demo 1.0.0 yanked")
    daemon.stop()
