"""One line on top of a report, where most answers of a run are alike and none of them is what was asked for.

Nothing in it was sent by the server, but the status and the address that a redirect names, without its query. The line
is a text like any other of the run: it is masked before it is shown.
"""

from __future__ import annotations

import re
import urllib.parse
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from pollspec.document.messages import Answer, Missing, header
from pollspec.document.vendor import Vendor
from pollspec.judge.exchange import Exchange
from pollspec.judge.keywords.status import LOGIN
from pollspec.trial.wire.patience import is_failure

MOST = 0.8
"""The part of the exchanges that must bear the same sign."""

LONGEST = 120
"""Characters of an address that are told."""


class Sign(NamedTuple):
    """What one exchange is a sign of: a key of SENTENCES, or "" for nothing; `detail` goes into the sentence."""

    kind: str = ""
    detail: str = ""


NOTHING = Sign()

SENTENCES = {
    "untrusted": "the server's certificate is not trusted: name its authority (verify), or check none (--insecure)",
    "plain": "the port speaks plain HTTP and no TLS: give an http:// address",
    "tls": "the port speaks TLS and no plain HTTP: give an https:// address",
    "limited": "the server answers 429 (too many requests): ask less often (--rate)",
    "failing": "the server fails, whatever it is asked ({})",
    "login page": "the answers are a login page in HTML: is this a web interface's address, or is a sign-on before it?",
    "page": "the answers are HTML pages: is this the API's address (base_path)?",
    "login": "every request is redirected to a login, {}: is the credential one for this API?",
    "moved": "every request is redirected, to {}, which is not followed: give that address",
    "nowhere": "nothing is found at {} (404): is the path before it right (base_path)?",
}

TROUBLES = {
    "TLS: the certificate is not trusted": "untrusted",
    "TLS failed (WRONG_VERSION_NUMBER)": "plain",
    "TLS failed (HTTP_REQUEST)": "plain",
    "no HTTP/1.1 answer: it does not begin with HTTP/, but as TLS does": "tls",
}
"""How an answer was lost -> what that is a sign of."""

TO_A_TLS_PORT = re.compile(rb"plain HTTP request was sent to|plain HTTP to an SSL|HTTP request to an HTTPS server")
"""What servers say in plain HTTP on a port that speaks TLS."""

LOGIN_PAGE = re.compile(rb"""type\s*=\s*["']?password|<title>[^<]{0,80}(?:log.?in|sign.?(?:in|on))""", re.IGNORECASE)
"""What a login page has in it."""


def diagnosis(signs: Mapping[Sign | None, int]) -> str:
    """What most exchanges of a run are a sign of, in a sentence; "" where they differ, or are as they should be.

    `signs`: how often which was met. None counts for nothing: an exchange that may well be as it should.
    """
    kinds: Counter[str] = Counter()
    for sign, times in sorted((sign, times) for sign, times in signs.items() if sign is not None):
        kinds[sign.kind] += times
    kind, times = next(iter(kinds.most_common(1)), ("", 0))
    if not kind or times < MOST * kinds.total():
        return ""
    detail = max((sign for sign in signs if sign and sign.kind == kind), key=lambda sign: (signs[sign], sign)).detail
    return f"{SENTENCES[kind].format(detail)} ({times} of {kinds.total()} requests)"


def sign_of(vendor: Vendor, exchange: Exchange) -> Sign | None:
    """What an exchange is a sign of. None where it says nothing: a refusal that was provoked, say."""
    answer = exchange.answer
    if answer is None:
        kind = next((kind for start, kind in TROUBLES.items() if exchange.trouble.startswith(start)), "")
        return Sign(kind) if exchange.number >= 0 else None
    if answer.status == 429:
        return Sign("limited")
    if answer.status == 400 and TO_A_TLS_PORT.search(answer.content[:4096]):
        return Sign("tls")
    own = _is_own(vendor, exchange, answer)
    if not own and (found := _elsewhere(answer) or _page(answer)):
        return found
    if answer.status == 404:
        return Sign("nowhere", vendor.operations[exchange.operation].path) if _is_amiss(vendor, exchange, own) else None
    if not own and is_failure(answer):
        return Sign("failing", str(answer.status))
    return NOTHING if exchange.credential == "default" else None


def _is_own(vendor: Vendor, exchange: Exchange, answer: Answer) -> bool:
    """Whether an answer is one that the document has, in its status and in its kind of body."""
    found = vendor.operations[exchange.operation].response(answer.status)
    if found is None:
        return False
    return not found.media or found.kind(answer.media_type) is not None or isinstance(answer.reading.value, dict)


def _is_amiss(vendor: Vendor, exchange: Exchange, own: bool) -> bool:
    """Whether a 404 says more than that an identifier is unknown: it was known, or there was none."""
    subject, operation = vendor.subjects.get(exchange.subject or ""), vendor.operations[exchange.operation]
    if subject is not None and subject.path:
        return True
    identified = any(parameter.required for parameter in operation.parameters)
    assert exchange.answer is not None
    return not own and not (identified and isinstance(exchange.answer.reading.value, dict))


def _page(answer: Answer) -> Sign | None:
    """The sign of an HTML page; a refusal's is a gateway's, and only a login page says something."""
    if answer.media_type not in {"text/html", "application/xhtml+xml"}:
        return None
    if LOGIN_PAGE.search(answer.content[:65536]):
        return Sign("login page")
    return Sign("page") if answer.status < 300 else None


def _elsewhere(answer: Answer) -> Sign | None:
    """The sign of a redirect; where it leads is told by origin and path: a query may hold secrets."""
    location = header(answer.headers, "location")
    if not 300 <= answer.status < 400 or isinstance(location, Missing):
        return None
    try:
        parts = urllib.parse.urlsplit(location)
    except ValueError:
        return None
    where = urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
    return Sign("login" if LOGIN.search(where) else "moved", where[:LONGEST])
