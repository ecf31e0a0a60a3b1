"""What an answer says about how often a server may be asked: Retry-After, and what rate limiters say of their quota."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from pollspec.document.messages import Answer, Missing, header

RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset", "x-ratelimit-reset-after")
"""When the quota is renewed: in some seconds, or at a moment (seconds or milliseconds since 1970, or a date)."""

REMAINING = ("ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining")
"""How many requests are left of it."""

MEMBER = re.compile(r"(?:^|[;,\s])(r|remaining|t|reset)\s*=\s*([0-9]{1,15})\b")
"""What the header RateLimit says (draft-ietf-httpapi-ratelimit-headers, its older and its newer form)."""

SECONDS, MILLISECONDS = 1e9, 1e11
"""From here on a number is a moment, and no time to wait: 2001 in seconds, 1973 in milliseconds since 1970."""


def pause_asked(answer: Answer) -> float | None:
    """The seconds for which an answer asks that nothing follow it; None where it asks for nothing that can be read.

    A Retry-After goes before a limiter's own headers. A success with nothing left of the quota asks for a pause too.
    """
    if answer.status == 503:
        return retry_after(answer)
    if answer.status == 429:
        asked = retry_after(answer)
        return quota(answer)[1] if asked is None else asked
    remaining, reset = quota(answer)
    return reset if remaining == 0 else None


def retry_after(answer: Answer | None) -> float | None:
    """The seconds that a Retry-After asks for (RFC 9110, 10.2.3); None where it asks for nothing that can be read.

    A date counts from the answer's own Date, so that clocks may differ.
    """
    value = header(answer.headers, "retry-after") if answer else ""
    if answer is None or isinstance(value, Missing):
        return None
    if re.fullmatch(r"[0-9]{1,9}", value.strip()):
        return float(value)
    return _until(answer, _moment(value))


def quota(answer: Answer) -> tuple[float | None, float | None]:
    """How many requests are left, and the seconds until there are more again; None for what is not said."""
    found = dict(MEMBER.findall(str(header(answer.headers, "ratelimit") or "")))
    left = [found.get("r"), found.get("remaining"), *_values(answer, REMAINING)]
    resets = [found.get("t"), found.get("reset"), *_values(answer, RESETS)]
    remaining = [float(text) for text in left if text and re.fullmatch(r"-?[0-9]{1,15}", text)]
    times = [seconds for text in resets if text and (seconds := _seconds(answer, text)) is not None]
    return (max(0.0, remaining[0]) if remaining else None), (times[0] if times else None)


def _values(answer: Answer, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        value = header(answer.headers, name)
        if not isinstance(value, Missing):
            yield value.strip()


def _seconds(answer: Answer, text: str) -> float | None:
    """A reset in seconds from the answer on, whichever way it is written."""
    if not re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,9})?", text):
        return _until(answer, _moment(text))
    number = float(text)
    if number < SECONDS:
        return number
    try:
        moment = datetime.fromtimestamp(number / (1000 if number >= MILLISECONDS else 1), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return _until(answer, moment)


def _until(answer: Answer, moment: datetime | None) -> float | None:
    """The seconds from the answer's own Date to a moment; a past one is now."""
    since = _moment(str(header(answer.headers, "date"))) or datetime.now(UTC)
    return None if moment is None else max(0.0, (moment - since).total_seconds())


def _moment(text: str) -> datetime | None:
    """An HTTP-date (RFC 9110, 5.6.7), or None."""
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
