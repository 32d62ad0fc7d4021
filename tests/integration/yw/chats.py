# SPDX-License-Identifier: Apache-2.0
"""Seven chat services as a sender knows them: what each demands of a message by its documentation, what it answers,
and which words in it would ping somebody or become a link.

Nothing here is the plugin's: the rules are written down anew, so that one mistake does not excuse the other.
"""

import html.parser
import json
import re
import threading

from yw.server import Handler, Server

TOKEN = "t0ken-of-tests"
ROOM = "!room:example.com"


class Refused(Exception):
    def __init__(self, status, body, **headers):
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, headers


def demand(condition, what, status=400):
    if not condition:
        raise Refused(status, json.dumps({"error": what}))


def units(text):
    """How long JavaScript takes a text to be."""
    return len(text.encode("utf-16-le")) // 2


def is_text(value, most, least=1):
    return isinstance(value, str) and least <= units(value) <= most


BARE_LINK = re.compile(r"[a-z][a-z0-9+.-]*://\S|\bwww\.\w", re.I)


class Slack:
    path = "/services/T0/B0/secret"
    deleted = Refused(404, "no_service")
    good = (200, "ok")

    def check(self, body):
        demand(is_text(body.get("text"), 4000), "invalid_payload")
        demand(1 <= len(body["blocks"]) <= 50, "invalid_blocks")
        for block in body["blocks"]:
            text = block["text"]
            demand(block["type"] in ("header", "section"), "invalid_blocks")
            demand(text["type"] == "plain_text" or block["type"] == "section" and text["type"] == "mrkdwn", "invalid_blocks")
            demand(is_text(text["text"], 150 if block["type"] == "header" else 3000), "invalid_blocks")

    def dangers(self, body):
        found = []
        for text in [{"type": "mrkdwn", "text": body["text"]}] + [block["text"] for block in body["blocks"]]:
            if text["type"] == "mrkdwn":
                found += re.findall(r"<[^>]*>?", text["text"]) + re.findall(r"&(?!amp;|lt;|gt;)", text["text"])
                found += [] if text.get("verbatim") else BARE_LINK.findall(text["text"])
                # At the edge of a word and not ours, which stand at a line's begin or end or around a command.
                found += re.findall(r"(?<=[ (])[*_~](?=\w)", text["text"])
        return found


def outside_code(markdown):
    return re.sub(r"`[^`\n]*`", " code ", markdown)


class Mattermost:
    path = "/hooks/secret"
    deleted = Refused(400, json.dumps({"id": "web.incoming_webhook.invalid.app_error", "message": "Invalid webhook.",
                                       "status_code": 400}))
    good = (200, "ok")

    def check(self, body):
        demand(is_text(body.get("text"), 16383), "web.incoming_webhook.text.app_error")

    def dangers(self, body):
        # The server understands Slack's words first, and then looks for mentions.
        text = re.sub(r"<!(\w+)>", r"@\1", body["text"])
        text = re.sub(r"<([^<|>]+)\|([^>]+)>", r"[\2](\1)", text)
        text = outside_code(text)
        return (re.findall(r"@[\w.-]+", text) + BARE_LINK.findall(text) + re.findall(r"(?<!\\)\]\(", text)
                + re.findall(r"(?<![\\\w])~\w", text) + re.findall(r"(?<!\\)<\w", text))


class Discord:
    path = "/api/webhooks/1/secret"
    deleted = Refused(404, json.dumps({"message": "Unknown Webhook", "code": 10015}))
    good = (200, json.dumps({"id": "1", "type": 0}))

    def check(self, body):
        embeds = body.get("embeds", [])
        demand(body.get("content") or embeds, "Cannot send an empty message")
        demand(is_text(body.get("content", ""), 2000, 0) and len(embeds) <= 10, "Invalid Form Body")
        total = 0
        for embed in embeds:
            demand(set(embed) <= {"title", "description", "url", "color", "footer", "fields"}, "Invalid Form Body")
            demand(is_text(embed["title"], 256) and is_text(embed.get("description", ""), 4096, 0), "Invalid Form Body")
            demand(isinstance(embed["color"], int) and 0 <= embed["color"] < 1 << 24, "Invalid Form Body")
            demand(is_text(embed["footer"]["text"], 2048), "Invalid Form Body")
            total += sum(map(units, (embed["title"], embed.get("description", ""), embed["footer"]["text"])))
        demand(total <= 6000, "Embed size exceeds maximum size of 6000")

    def dangers(self, body):
        found = [] if body.get("allowed_mentions") == {"parse": []} else ["allowed_mentions"]
        for embed in body["embeds"]:
            text = outside_code(embed["title"] + "\n" + embed["description"])
            found += re.findall(r"@(?:everyone|here)|(?<!\\)<[@#]", text) + BARE_LINK.findall(text)
            found += re.findall(r"(?<!\\)\]\(", text)
        return found


class Teams:
    path = "/workflows/secret/triggers/manual/paths/invoke"
    deleted = Refused(404, json.dumps({"error": {"code": "WorkflowNotFound"}}))
    good = (202, "")

    def check(self, body):
        demand(body["type"] == "message" and len(body["attachments"]) == 1, "InvalidBotFormat")
        attachment = body["attachments"][0]
        demand(attachment["contentType"] == "application/vnd.microsoft.card.adaptive", "contentType")
        card = attachment["content"]
        demand(card["type"] == "AdaptiveCard" and re.fullmatch(r"1\.[0-5]", card["version"]), "card")
        for block in card["body"]:
            demand(block["type"] == "RichTextBlock" and block["inlines"], "body")
            for run in block["inlines"]:
                demand(run["type"] == "TextRun" and isinstance(run["text"], str), "inlines")
        demand(len(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()) <= 28 * 1024, "too large", 413)

    def dangers(self, body):
        card = body["attachments"][0]["content"]
        texts = [run["text"] for block in card["body"] for run in block["inlines"]]
        return list(card.get("msteams", {}).get("entities", [])) + [text for text in texts if BARE_LINK.search(text)]


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, attrs))

    def handle_data(self, data):
        self.text += data


class Matrix:
    method = "PUT"
    path = re.compile(r"/_matrix/client/v3/rooms/%21room%3Aexample\.com/send/m\.room\.message/([\w-]+)")
    deleted = Refused(403, json.dumps({"errcode": "M_FORBIDDEN", "error": "not in the room"}))
    good = (200, json.dumps({"event_id": "$1"}))
    auth = ("Authorization", f"Bearer {TOKEN}")
    unauthorized = Refused(401, json.dumps({"errcode": "M_UNKNOWN_TOKEN"}))

    def check(self, body):
        demand(body["msgtype"] == "m.text" and is_text(body["body"], 60000), "M_BAD_JSON")
        demand(body["format"] == "org.matrix.custom.html" and is_text(body["formatted_body"], 60000), "M_BAD_JSON")
        demand(len(json.dumps(body).encode()) < 65000, "M_TOO_LARGE", 413)

    def dangers(self, body):
        page = Tags()
        page.feed(body["formatted_body"])
        page.close()
        return ([] if body["m.mentions"] == {} else ["m.mentions"]) + BARE_LINK.findall(page.text + body["body"]) + [
            tag for tag, attrs in page.tags if attrs or tag not in ("h4", "p", "strong", "ul", "li", "code")]


class Ntfy:
    path = "/"
    deleted = Refused(403, json.dumps({"code": 40301, "http": 403, "error": "forbidden"}))
    good = (200, json.dumps({"id": "abc", "event": "message"}))

    def check(self, body):
        demand(re.fullmatch(r"[-_A-Za-z0-9]{1,64}", body["topic"]), "topic invalid")
        demand(body["priority"] in range(1, 6) and all(isinstance(tag, str) for tag in body["tags"]), "priority invalid")
        demand(isinstance(body["title"], str) and 1 <= len(body["message"].encode()) <= 4096, "message too large")
        demand("markdown" not in body, "plain text is what the plugin means")

    def dangers(self, body):
        return BARE_LINK.findall(body["title"] + "\n" + body["message"])


class Gotify:
    path = "/message"
    deleted = Refused(401, json.dumps({"error": "Unauthorized", "errorCode": 401}))
    good = (200, json.dumps({"id": 1, "appid": 1}))
    auth = ("X-Gotify-Key", TOKEN)
    unauthorized = deleted

    def check(self, body):
        demand(isinstance(body["message"], str) and body["message"], "Field 'message' is required")
        demand(isinstance(body["title"], str) and body["priority"] in range(0, 11), "priority")
        demand(body["extras"]["client::display"] == {"contentType": "text/plain"}, "plain text is what the plugin means")

    def dangers(self, body):
        return BARE_LINK.findall(body["title"] + "\n" + body["message"])


SERVICES = {"slack": Slack, "mattermost": Mattermost, "discord": Discord, "teams": Teams, "matrix": Matrix,
            "ntfy": Ntfy, "gotify": Gotify}


class Chat:
    """One of them, on a free port. `answers` holds (status, body, headers) for the next requests, before its own."""

    def __init__(self, name):
        self.service = SERVICES[name]()
        self.name, self.bodies, self.paths, self.refused, self.answers = name, [], [], [], []
        self._lock = threading.Lock()
        self._server = Server(ChatHandler, self)
        whole = isinstance(self.service.path, str) and self.service.path not in ("/", "/message")
        self.url = self._server.url + (self.service.path if whole else "")

    def close(self):
        self._server.stop()

    @property
    def dangers(self):
        return [danger for body in self.bodies for danger in self.service.dangers(body)]

    def take(self, method, path, headers, raw):
        with self._lock:
            self.paths.append(path)
            if self.answers:
                return self.answers.pop(0)
            try:
                self.bodies.append(self._checked(method, path, headers, raw))
            except Refused as refused:
                self.refused.append(refused)
                return refused.status, refused.body, refused.headers
            except (KeyError, TypeError, ValueError) as error:
                self.refused.append(error)
                return 400, f"it is not as the documentation demands: {error!r}", {}
            return *self.service.good, {}

    def _checked(self, method, path, headers, raw):
        service = self.service
        demand(method == getattr(service, "method", "POST"), "method not allowed", 405)
        where = path.partition("?")[0]
        demand(where == service.path if isinstance(service.path, str) else service.path.fullmatch(where), "no route", 404)
        demand(headers["Content-Type"] == "application/json", "content type", 415)
        auth = getattr(service, "auth", None)
        if auth and headers[auth[0]] != auth[1]:
            raise service.unauthorized
        body = json.loads(raw)
        service.check(body)
        return body


class ChatHandler(Handler):
    def do_POST(self):
        status, body, headers = self.server.owner.take(self.command, self.path, self.headers, self.body())
        self.reply(status, body.encode(), **headers)

    do_PUT = do_POST
