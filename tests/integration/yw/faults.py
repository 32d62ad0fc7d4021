# SPDX-License-Identifier: Apache-2.0
"""The ways in which a registry can answer wrongly: a row each, with what may be recorded and what the operator sees.

test_protocol_faults.py runs the rows; `python3 -m yw.faults >../../docs/FAULTS.md` writes them for people. In every row
version 1.1.0 of demo was yanked a moment ago, and that is what must be recorded in the end, once.
"""

import dataclasses
import functools
import gzip
import struct
import typing
import zlib

from yw.faulty import DATA, END_STREAM, GOAWAY, INTERNAL_ERROR, RST_STREAM, line_of

MIB = 1 << 20


@dataclasses.dataclass
class Fault:
    does: str  # what the registry does
    answer: typing.Callable = None  # gets the yw.faulty.Exchange instead of an honest answer
    error: str | tuple = None  # the poll fails: said in its answer, in the log, as last_error of the status; … = anything
    log: str = None  # no poll fails, but the log says this
    unparsed: int = 0  # lines that were kept aside
    doubled: bool = False  # a version stands there twice
    stale: bool = False  # counted as an older copy
    told: bool = False  # the yank is recorded in spite of the fault, at once
    late: tuple = ()  # when it was the very first look: what is seen only afterwards, and so told as new
    on: str = "crate"  # "config": config.json is answered so, after a restart
    server: str = "http"  # "https", "h2"
    certificate: str = "good"  # "expired", "wrong host", None: no TLS on that port
    crates: tuple = ("demo",)
    etags: bool = True
    token: bool = False  # one is configured
    incident: bool = False  # seen twice it is an incident of the registry
    pauses: bool = False  # the whole registry, longer than a test waits: it is healed by a restart


def aside(line, why):
    """One line was."""
    return {"log": f"1 line cannot be read, kept aside, the first is line {line}: {why}", "unparsed": 1}


def say(**headers):
    return lambda x: x.say(**headers)


def body(make, **headers):
    """An answer that is framed as it should be, with a body made of the truth."""
    return lambda x: x.say(body=make(x), **headers)


def instead(content, **headers):
    return body(lambda x: content, **headers)


def status(code, content=b"", **headers):
    return lambda x: x.say(code, content, **headers)


def broken(make, end="close", **headers):
    """A body that is not what its frame says; then the connection ends."""
    def answer(x):
        x.say(body=make(x), **headers)
        x.hang_up()
        if end == "reset":
            x.reset()
    return answer


def encoded(make, coding="gzip"):
    return body(lambda x: make(x.truth), Content_Encoding=coding)


def chunked(make):
    return broken(lambda x: make(x.truth), Content_Length=None, Transfer_Encoding="chunked")


def chunk(content):
    return b"%x\r\n%s\r\n" % (len(content), content)


def raw(make):
    return lambda x: x.say_raw(make(x))


def head(*fields, version="1.1"):
    return "\r\n".join([f"HTTP/{version} 200 OK", *fields, "", ""]).encode()


def until_the_end(make):
    """HTTP/1.0 without a length, as it was in the beginning; with the validators of the truth."""
    def answer(x):
        is_at = x.server.owner.validators(x.truth)
        x.say_raw(head(f"ETag: {is_at['ETag']}", f"Last-Modified: {is_at['Last_Modified']}", version="1.0") + make(x))
    return answer


def lines_of(x):
    return x.truth.splitlines(keepends=True)


def cut_in_gzip(content):
    """A gzip stream that could be flushed after the first line and ends there."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(content[:content.index(b"\n") + 1]) + packer.flush(zlib.Z_FULL_FLUSH)


def members(content):
    half = content.index(b"\n") + 1
    return gzip.compress(content[:half]) + gzip.compress(content[half:])


def stored_brotli(content):
    """One uncompressed meta-block and an empty last one (RFC 7932)."""
    return (1 << 20 | len(content) - 1 << 4).to_bytes(3, "little") + content + b"\3"


@functools.cache
def bomb():
    """200 MiB of white space in less than 210 kB."""
    return gzip.compress(b" " * (200 * MIB), 9)


def deep(levels, opening):
    return lambda x: x.old + opening * levels + b"\n"


def h2(*steps):
    def answer(x):
        for step in steps:
            step(x)
    return answer


def h2_begin(wrong_by=0):
    return lambda x: x.begin(len(x.truth) + wrong_by)


def h2_part(length, flags=0):
    return lambda x: x.part(x.truth[:length], flags)


def h2_frame(kind, payload, stream=True):
    return lambda x: x.frame(kind, 0, x.stream if stream else 0, payload)


def h2_goaway(x):
    x.frame(GOAWAY, 0, 0, struct.pack(">I", x.stream - 2) + INTERNAL_ERROR)
    x.hang_up()


OTHER = line_of("other", "1.0.0") + line_of("other", "1.1.0", yanked=True)
GONE = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
EARLY = b'HTTP/1.1 103 Early Hints\r\nETag: "early"\r\nLast-Modified: Thu, 01 Jan 2099 00:00:00 GMT\r\n\r\n'
HTML = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>\n"
LINE_1, LINE_2 = [("published", "1.0.0")], [("published", "1.1.0"), ("yanked", "1.1.0")]
YANK = [("yanked", "1.1.0")]
CREATED = [("crate_created", None), *LINE_1, *LINE_2]
DELETED = "crate_deleted waits for confirmation"
LIMITED = "HTTP 429: too many requests"
NOT_OK = "SSL peer certificate or SSH remote key was not OK"
OLDER = "a copy of …, older than the recorded one of …, is not believed for a day"
REDIRECT = ": a redirect, which is not followed"
TOO_LARGE = "the reply is larger than 33554432 bytes"
HALF = 40  # bytes: in the middle of the first line

FRAMES = [
    Fault("Content-Length is longer than the body", broken(lambda x: x.truth, Content_Length="9999"),
          error="Transferred a partial file"),
    Fault("Content-Length is shorter than the body", broken(lambda x: x.truth, Content_Length="250"),
          **aside(2, "not JSON at byte 48"), late=LINE_2),
    Fault("Content-Length twice, with two numbers",
          raw(lambda x: head("Content-Length: 9", "Content-Length: 300") + x.truth), error="Transferred a partial file"),
    Fault("Content-Length is negative", broken(lambda x: x.truth, Content_Length="-1"),
          error="Weird server reply (Invalid Content-Length: value)"),
    Fault("Content-Length is above 2^64", broken(lambda x: x.truth, Content_Length="99999999999999999999"), told=True),
    Fault("chunked, cut in a chunk", chunked(lambda truth: chunk(truth)[:HALF]), error="Transferred a partial file"),
    Fault("chunked, cut between two chunks", chunked(lambda truth: chunk(truth[:truth.index(b"\n") + 1])),
          error="Transferred a partial file"),
    Fault("chunked, and the sizes are none", chunked(lambda truth: b"zz\r\n" + truth),
          error="Failure when receiving data from the peer (Illegal or missing hexadecimal sequence in chunked-encoding)"),
    Fault("no length, the connection ends in a line (HTTP/1.0)",
          until_the_end(lambda x: x.truth[:-HALF]), **aside(2, "not JSON at byte 48"), late=LINE_2),
    Fault("no length, the connection ends after a line (HTTP/1.0)",
          until_the_end(lambda x: lines_of(x)[0]), log="version_deleted waits for confirmation", late=LINE_2),
    Fault("the connection is reset in the body", broken(lambda x: x.truth, end="reset", Content_Length="9999"),
          error="Failure when receiving data from the peer"),
    Fault("the connection is reset before the answer", lambda x: x.reset(),
          error="Failure when receiving data from the peer"),
    Fault("the connection ends before the answer", lambda x: x.hang_up(),
          error="Server returned nothing (no headers, no data)"),
    Fault("the connection ends in the head", raw(lambda x: b"HTTP/1.1 200 OK\r\nETag: \"a"), error="the file is empty"),
    Fault("the answer is not HTTP", raw(lambda x: b"SSH-2.0-OpenSSH_9.2\r\n"),
          error="Unsupported protocol (Received HTTP/0.9 when not allowed)"),
    Fault("HTTP/0.9: a body without a head", raw(lambda x: x.truth),
          error="Unsupported protocol (Received HTTP/0.9 when not allowed)"),
    Fault("a NUL byte in the head", raw(lambda x: head('ETag: "\0"', "Content-Length: 0")),
          error="Weird server reply (Nul byte in header)"),
    Fault("a second answer (404), which nobody asked for, in one packet with the first",
          lambda x: x.wfile.write(head(f"Content-Length: {len(x.truth)}") + x.truth + GONE), told=True),
    Fault("no length, and all is there (HTTP/1.0)", until_the_end(lambda x: x.truth), told=True),
    Fault("HTTP/1.0 with a length", raw(lambda x: head(f"Content-Length: {len(x.truth)}", version="1.0") + x.truth),
          told=True),
    Fault("every connection ends after one answer, unannounced", broken(lambda x: x.truth), told=True),
    Fault("HTTP/2: RST_STREAM in the body", h2(h2_begin(), h2_part(HALF), h2_frame(RST_STREAM, INTERNAL_ERROR)),
          server="h2", error="Stream error in the HTTP/2 framing layer"),
    Fault("HTTP/2: GOAWAY in the body", h2(h2_begin(), h2_part(HALF), h2_goaway), server="h2",
          error=("Transferred a partial file", "Failure when receiving data from the peer")),
    Fault("HTTP/2: the stream ends before content-length does", h2(h2_begin(), h2_part(HALF, END_STREAM)),
          server="h2", error="Stream error in the HTTP/2 framing layer"),
    Fault("HTTP/2: DATA before any head", h2(h2_frame(DATA, b"{}")),
          server="h2", error="Server returned nothing (no headers, no data)"),
]

BODIES = [
    Fault("the body is empty", instead(b""), error="the file is empty"),
    Fault("the body is three line ends", instead(b"\n\r\n\n"), error="the file is empty"),
    Fault("an HTML page with 200", instead(HTML), error="a web page (HTML or XML), not an index file"),
    Fault("another crate's file", instead(OTHER), error='no line can be read, line 1: about another crate, "other"'),
    Fault("the files of two crates exchanged",
          lambda x: x.say(body=x.server.owner.body("/ot/he/other" if "demo" in x.path else "/de/mo/demo")),
          crates=("demo", "other"), error='no line can be read, line 1: about another crate, "other"'),
    Fault("half of another crate's file behind it", body(lambda x: x.truth + OTHER[:HALF * 2]), told=True,
          **aside(3, "not JSON at byte 49")),
    Fault("bad JSON in every line", body(lambda x: x.truth.replace(b'{"name"', b'{name')),
          error="no line can be read, line 1: not JSON at byte 1"),
    Fault("a line cut short among good ones", body(lambda x: b"".join([lines_of(x)[0][:HALF] + b"\n", *lines_of(x)[1:]])),
          **aside(1, "not JSON at byte 40"), told=True, late=LINE_1),
    Fault("the line of the yank cut short", body(lambda x: x.truth[:-HALF] + b"\n"),
          **aside(2, "not JSON at byte 48"), late=LINE_2),
    Fault("a byte order mark at the beginning", body(lambda x: b"\xef\xbb\xbf" + x.truth), told=True,
          **aside(1, "not JSON at byte 0"), late=LINE_1),
    Fault("UTF-16", body(lambda x: x.truth.decode().encode("utf-16")), error="no line can be read, line 1: not JSON at byte 0"),
    Fault("line ends of CR LF", body(lambda x: x.truth.replace(b"\n", b"\r\n")), told=True),
    Fault("no line end at the end", body(lambda x: x.truth.rstrip(b"\n")), told=True),
    Fault("NUL bytes instead of the last half", body(lambda x: x.truth[:-150] + b"\0" * 150),
          error="no line can be read, line 1: not JSON at byte …"),
    Fault("invalid UTF-8 in a line", body(lambda x: x.truth + line_of("demo", "9.9.9").replace(b"9.9.9", b"9.9.\xff")),
          **aside(3, "not valid UTF-8"), told=True),
    Fault("a key twice in a line", body(lambda x: x.truth + line_of("demo", "9.9.9").replace(b"{", b'{"yanked":true,', 1)),
          **aside(3, 'duplicate key "yanked"'), told=True),
    Fault("every line twice", body(lambda x: x.truth * 2), told=True,
          log="2 lines more of a version that stands there already, yanked if any says so",
          doubled=True),
    Fault("a version twice, yanked and not", body(lambda x: x.old + lines_of(x)[1]), told=True,
          log="1 line more of a version that stands there already, yanked if any says so",
          doubled=True),
    Fault("a line of 10 million opening brackets", body(deep(10_000_000, b"[")),
          **aside(3, "nested deeper than 32"), late=YANK),
    Fault("a line of objects 900 deep", body(deep(900, b'{"a":')), **aside(3, "nested deeper than 32"), late=YANK),
    Fault("a number of 10 million digits", body(lambda x: x.old + line_of("demo", "9.9.9").replace(
        b'"name"', b'"v":' + b"1" * 10_000_000 + b',"name"')), **aside(3, '"v" is no format\'s number'), late=YANK),
    Fault("a version's text of 1 MB", body(lambda x: x.old + line_of("demo", "9" * MIB)),
          **aside(3, '"vers" of 1048576 bytes'), late=YANK),
    Fault("a body above 32 MiB", body(lambda x: x.truth + b" " * (33 * MIB)), error=TOO_LARGE),
    Fault("a body above 32 MiB, chunked", chunked(lambda truth: chunk(truth + b" " * (33 * MIB)) + b"0\r\n\r\n"),
          error=TOO_LARGE),
]

CODINGS = [
    Fault("gzip: 200 MiB in 200 kB", instead(bomb(), Content_Encoding="gzip"), error=TOO_LARGE),
    Fault("gzip: damaged in the middle", encoded(lambda truth: gzip.compress(truth)[:60] + b"\xff" * 60),
          error="the gzip data is damaged: incorrect data check"),
    Fault("gzip: the checksum is wrong", encoded(lambda truth: gzip.compress(truth)[:-8] + b"\0" * 8),
          error="the gzip data is damaged: incorrect data check"),
    Fault("gzip: it ends early, in a line", encoded(lambda truth: gzip.compress(truth)[:-40]),
          error="the gzip data ends too early"),
    Fault("gzip: it ends early, after a line", encoded(cut_in_gzip), error="the gzip data ends too early"),
    Fault("gzip: it ends before the checksum", encoded(lambda truth: gzip.compress(truth)[:-8]),
          error="the gzip data ends too early"),
    Fault("gzip: rubbish behind it", encoded(lambda truth: gzip.compress(truth) + b"rubbish"),
          error="the gzip data is damaged: incorrect header check"),
    Fault("gzip: said, but not done", say(Content_Encoding="gzip"),
          error="the gzip data is damaged: incorrect header check"),
    Fault("gzip: an empty body", instead(b"", Content_Encoding="gzip"), error="the file is empty"),
    Fault("gzip: in two members", encoded(members), told=True),
    Fault("gzip: twice", encoded(lambda truth: gzip.compress(gzip.compress(truth)), "gzip, gzip"),
          error='Content-Encoding "gzip, gzip", which was not asked for'),
    Fault("deflate, which nobody asked for", encoded(zlib.compress, "deflate"),
          error='Content-Encoding "deflate", which was not asked for'),
    Fault("Brotli, which nobody asked for", encoded(stored_brotli, "br"),
          error='Content-Encoding "br", which was not asked for'),
    Fault("a Content-Encoding that nobody knows", say(Content_Encoding="rot13"),
          error='Content-Encoding "rot13", which was not asked for'),
]

STATUSES = [
    Fault("304, but nobody said which copy (there was no ETag)", status(304), etags=False,
          error="HTTP 304, but no copy was named"),
    Fault("404 for the crate alone", status(404), log=DELETED, late=CREATED),
    Fault("404 for the crate, and config.json is gone, too", status(404), on="both", error="…config.json: HTTP 404",
          incident=True),
    Fault("410", status(410), log=DELETED, late=CREATED),
    Fault("451", status(451), log=DELETED, late=CREATED),
    Fault("206: a part that nobody asked for", lambda x: x.say(206, lines_of(x)[0], Content_Range="bytes 0-99/300"),
          error="HTTP 206"),
    Fault("201 with another content", status(201, OTHER), error="HTTP 201"),
    Fault("204", status(204), error="HTTP 204"),
    Fault("301 to another host", lambda x: x.say(301, b"", Location=f"{x.server.owner.elsewhere}{x.path}"),
          token=True, error="HTTP 301" + REDIRECT),
    Fault("302 to itself", lambda x: x.say(302, b"", Location=x.path), error="HTTP 302" + REDIRECT),
    Fault("307 to a file", status(307, Location="file:///etc/passwd"), error="HTTP 307" + REDIRECT),
    Fault("400", status(400, HTML), error="HTTP 400"),
    Fault("401 with a login_url", status(401, WWW_Authenticate='Cargo login_url="https://example.com/me"'),
          error="HTTP 401: the registry wants another token (token_file), to be had at https://example.com/me"),
    Fault("401 that speaks of something else", status(401, WWW_Authenticate="Basic realm=\"a\""),
          error="HTTP 401: the registry wants another token (token_file)"),
    Fault("403", status(403), error="HTTP 403: the registry refuses us"),
    Fault("429", status(429), error=LIMITED, pauses=True),
    Fault("429, Retry-After in seconds", status(429, Retry_After="120"), error=LIMITED, pauses=True),
    Fault("429, Retry-After as a date", status(429, Retry_After="Fri, 31 Dec 9999 23:59:59 GMT"),
          error=LIMITED, pauses=True),
    Fault("429, Retry-After negative", status(429, Retry_After="-5"), error=LIMITED, pauses=True),
    Fault("429, Retry-After huge", status(429, Retry_After="99999999999999999999"),
          error=LIMITED, pauses=True),
    Fault("500", status(500), error="HTTP 500"),
    Fault("500 with a good body", lambda x: x.say(500, x.truth), error="HTTP 500"),
    Fault("503", status(503), error="HTTP 503"),
    Fault("503, Retry-After in seconds", status(503, Retry_After="120"), error="HTTP 503", pauses=True),
    Fault("status 999", status(999), error="HTTP 999"),
    Fault("103 before the answer, with a date of 2099",
          lambda x: (x.wfile.write(EARLY), x.say(Last_Modified=None, ETag=None)), told=True),
]

VALIDATORS = [
    Fault("a head of 1 MB", say(X_Bomb="x" * MIB), error="Out of memory, or a header that is too long"),
    Fault("2000 fields in the head", lambda x: x.say(**{f"X_Bomb_{i}": "x" * 100 for i in range(2000)}), told=True),
    Fault("an ETag of 10 kB", say(ETag=f'"{"e" * 10240}"'), told=True),
    Fault("an ETag with control characters", say(ETag='"\x1b[31m\x01\rX-Evil: 1"'), told=True),
    Fault("an ETag of another content, always the same", body(lambda x: x.truth, ETag='"same"'), told=True),
    Fault("a copy of before the yank, with its older Last-Modified",
          lambda x: x.say(body=x.old, ETag='"old"', Last_Modified=x.later(-300)),
          log=OLDER, stale=True, late=YANK),
    Fault("Last-Modified is of the year 2147483647", say(Last_Modified="Sat, 01 Jan 2147483647 00:00:00 GMT"), told=True),
    Fault("Last-Modified is no date", say(Last_Modified="31 Feb -1 \x80"), told=True),
    Fault("Last-Modified is of 1970", say(Last_Modified="Thu, 01 Jan 1970 00:00:01 GMT"),
          log=OLDER, stale=True),
    Fault("Last-Modified is before 1970", say(Last_Modified="Thu, 01 Jan 1920 00:00:00 GMT"), told=True),
    Fault("Last-Modified is in the future", say(Last_Modified="Thu, 01 Jan 2099 00:00:00 GMT"), told=True),
    Fault("Last-Modified is in the future, without a Date", say(Last_Modified="Thu, 01 Jan 2099 00:00:00 GMT", date=False),
          told=True),
    Fault("Last-Modified and Date are in the future",
          say(Last_Modified="Thu, 01 Jan 2099 00:00:00 GMT", Date="Thu, 01 Jan 2099 00:00:00 GMT"), told=True),
    Fault("no Date", say(date=False), told=True),
    Fault("neither ETag nor Last-Modified", say(ETag=None, Last_Modified=None), told=True),
]

TLS = [
    Fault("the certificate has expired",
          server="https", certificate="expired", error=NOT_OK + " (SSL certificate problem: certificate has expired)"),
    Fault("the certificate is another host's",
          server="https", certificate="wrong host",
          error=NOT_OK + " (SSL: no alternative certificate subject name matches target host name 'localhost')"),
    Fault("plain HTTP on the port of TLS",
          server="https", certificate=None, error="SSL connect error (…wrong version number)"),
]

CONFIGS = [
    Fault("config.json is not there", status(404), on="config", error="…config.json: HTTP 404", incident=True),
    Fault("config.json answers 500", status(500), on="config", error="…config.json: HTTP 500"),
    Fault("config.json is an HTML page", instead(HTML), on="config", error="…config.json: not JSON at byte 0"),
    Fault("config.json is empty", instead(b""), on="config", error="…config.json: it is empty"),
    Fault("config.json has no dl", instead(b'{"api": null}'), on="config",
          error='…config.json: it has no "dl": is this a sparse index?'),
    Fault("config.json wants a token and none is configured", instead(b'{"dl": "https://a/", "auth-required": true}'),
          on="config",
          error="…config.json: auth-required, so the registry needs a token_file"),
    Fault("config.json is larger than a configuration is", instead(b'{"dl": "https://a/"}' + b" " * MIB), on="config",
          error="…config.json: the reply is larger than 65536 bytes"),
    Fault("config.json redirects", status(302, Location="/other"), on="config", error="…config.json: HTTP 302" + REDIRECT),
    Fault("config.json answers 429", status(429),
          on="config", error="…config.json: HTTP 429: too many requests", pauses=True),
]

GROUPS = {
    "How an answer is framed": FRAMES,
    "What is in it": BODIES,
    "How it is encoded": CODINGS,
    "Its status": STATUSES,
    "Its validators and dates": VALIDATORS,
    "TLS": TLS,
    "config.json": CONFIGS,
}
FAULTS = {fault.does: fault for faults in GROUPS.values() for fault in faults}
assert len(FAULTS) == sum(map(len, GROUPS.values())), "every row has a name of its own"


# ---------------------------------------------------------------- for people

HEAD = """# Faults of registries, and what becomes of them

What yankwatchd does when a registry, a proxy or a network answers wrongly. In every row the registry has yanked a version a
moment before, so there is something to see and something to lose. Of each row a test holds the daemon to this:

- Nothing but the truth is recorded, and the versions that are known stay as they were.
- The operator sees what stands here. A poll that fails says so in the answer of `yankwatch poll --wait`, as `last_error` in
  `yankwatch status` and in the log; … stands for what differs from case to case. The sentences before a bracket are
  libcurl's, those in it its details.
- When the registry is well again, the yank is recorded if it was not before: once; and so is the next change.
- A spoilt answer that is the first one about a crate makes no history either; but what it hid (a line that could not be
  read) is told as new (`published`) when it is seen.

This page is made from the table that the test runs: `python3 -m yw.faults >../../docs/FAULTS.md` in `tests/integration`.
"""


def row(fault):
    recorded = "the yank" if fault.told else "nothing"
    return f"| {fault.does} | {recorded} | {'; '.join(seen(fault)) or 'nothing: nothing is lost'} |"


def seen(fault):
    if fault.error:
        errors = fault.error if isinstance(fault.error, tuple) else [fault.error]
        yield "the poll fails: " + " or ".join(f"`{error}`" for error in errors)
    if fault.log:
        yield f"in the log: `{fault.log}`"
    if fault.unparsed:
        yield f"`unparsed_lines` is {fault.unparsed}"
    if fault.unparsed or fault.doubled:
        yield "`unparsed` counts the crate"
    if fault.stale:
        yield "`stale` counts"
    if fault.incident:
        yield "at the second look `registry_incident`, and `registry_back` when it is over"
    if fault.pauses:
        yield "`paused_until`: the whole registry pauses"


def document():
    parts = [HEAD]
    for title, faults in GROUPS.items():
        parts.append(f"\n## {title}\n\n| the registry | recorded at once | the operator sees |\n|---|---|---|\n")
        parts += [f"{row(fault)}\n" for fault in faults]
    return "".join(parts)


if __name__ == "__main__":
    print(document(), end="")
