"""What a client sends: its credential, the documented headers, identifiers, starts."""

from __future__ import annotations

from collections.abc import Iterator

from pollspec.document import expressions
from pollspec.document.conditions import GUID, show
from pollspec.document.messages import MISSING, Missing, header
from pollspec.document.operations import NO_PARAMETERS
from pollspec.grading.ground import Ground
from pollspec.grading.observation import Judged, NotTried, Observation
from pollspec.grading.requirements.requirement import Level, Requirement
from pollspec.grading.trials import TRIALS, odd
from pollspec.masks import Masks, secret_of


def _signed(seen: Observation) -> Judged:
    """Every request carries what the client was given."""
    wanted = seen.play.ground.headers(seen.play.subject, seen.play.credential)
    for asked in [*seen.starts, *seen.polls]:
        for text, value in wanted.items():
            sent = expressions.value(text, asked.request)
            if sent != value:
                name = expressions.parse(text).name
                actual = f"without {name}" if sent is MISSING else f"another value of {name}"
                return seen.broken(f"the {name} that was given, in each request", actual, asked)
    return None


def _headers(seen: Observation) -> Judged:
    """Documented headers fit the document, and Accept takes the documented answer."""
    vendor = seen.play.ground.vendor
    for asked in [*seen.starts, *seen.polls]:
        operation = vendor.operations[asked.operation]
        for parameter in operation.parameters:
            if parameter.place != "header" or parameter.name.lower() in NO_PARAMETERS:  # other rows speak of them
                continue
            sent = expressions.value(parameter.expression, asked.request)
            if parameter.required if sent is MISSING else not vendor.fits(parameter.schema, sent):
                return seen.broken(f"{parameter.name} as the document has it", show(sent), asked)
        media = [media for response in operation.responses if response.is_success for media in response.media]
        accept = header(asked.request.headers, "accept")
        if not isinstance(accept, Missing) and media and not any(takes(accept, one) for one in media):
            return seen.broken(f"an Accept that takes {' or '.join(dict.fromkeys(media))}", show(accept), asked)
        kind = header(asked.request.headers, "content-type")
        if operation.bodies and str(kind).split(";")[0].strip().lower() not in operation.bodies:
            return seen.broken(f"Content-Type: {' or '.join(operation.bodies)}", show(kind), asked)
    return None


def takes(accept: str, media: str) -> bool:
    """Whether an Accept header takes a media type (RFC 9110, 12.5.1)."""
    ranges = {media, f"{media.split('/')[0]}/*", "*/*"}
    for part in accept.split(","):
        name, *parameters = [word.strip().lower() for word in part.split(";")]
        weights = [word.partition("=")[2] for word in parameters if word.startswith("q=")]
        if name in ranges and not any(weight.strip("0.") == "" for weight in weights):
            return True
    return False


def _identifiers(seen: Observation) -> Judged:
    """Each poll names what the client was given, to the letter."""
    given = odd(seen.play.ground, seen.play.ground.vendor.subjects[seen.play.subject.name])
    for asked in seen.polls:
        for text, value in given.items():
            if (sent := expressions.value(text, asked.request)) != value:
                return seen.broken(f"{expressions.parse(text).name} {show(value)}, encoded", show(sent), asked)
    if not seen.polls:
        names = ", ".join(f"{expressions.parse(text).name} {show(value)}" for text, value in given.items())
        asked = seen.exchanges[0]
        return seen.broken(f"{names}, encoded", f"{asked.request.method} {asked.request.target}", asked)
    return None


def _starts_once(seen: Observation) -> Judged:
    """One start, whatever comes after it."""
    if not seen.starts:
        return NotTried("a client that starts what it waits for")
    if len(seen.starts) > 1:
        return seen.broken("one start", f"{len(seen.starts)} starts", seen.starts[1], seen.starts[0])
    return None


def _follows(seen: Observation) -> Judged:
    """What was started is polled by what the start handed out, to its end."""
    if not seen.starts:
        return NotTried("a client that starts what it waits for")
    if seen.end is None or seen.ended.code != 0:
        return seen.broken("polls of what was started, to its end, and exit code 0")
    return None


def _stays_home(seen: Observation) -> Judged:
    """No request to another origin holds the credential."""
    if not any(300 <= one.status < 400 for one in seen.exchanges):
        return NotTried("a client that polls until it is redirected")
    masks = _masks(seen)
    for asked in seen.elsewhere:
        sent = [("the URL", asked.request.target), *asked.request.headers]
        if found := [name for name, value in sent if masks.mask(value) != value]:
            return seen.broken("no credential in a request to another origin", f"it stands in {found[0]}", asked)
    return None


def _not_in_url(seen: Observation) -> Judged:
    """No request line holds the credential."""
    masks = _masks(seen)
    for asked in [*seen.exchanges, *seen.elsewhere]:
        if masks.mask(asked.request.target) != asked.request.target:
            return seen.broken("no credential in a URL", asked.request.target, asked)
    return None


def _masks(seen: Observation) -> Masks:
    """What finds the secret part of the credential, in whatever form."""
    ground, masks = seen.play.ground, Masks()
    signed = ground.signature(seen.play.subject, seen.play.credential)
    masks.add(secret_of(str(signed.get(ground.vendor.signing.secret or "", ""))), "credential")
    return masks


def _mixed_only(ground: Ground) -> Level:
    """GUIDs are the same in either case (RFC 9562, 4), and a client may write them as it likes."""
    found = [value for subject in ground.ends("done")[:1] for value in odd(ground, subject).values()]
    return Level.SHOULD if all(GUID.fullmatch(str(value)) for value in found) else Level.MUST


def _has_credential(ground: Ground) -> bool:
    return ground.operation.secured and bool(ground.vendor.credentials.get("default"))


def _schemes(ground: Ground) -> str:
    schemes = ground.vendor.components.get("securitySchemes", {})
    return next((f"the document: {text}" for s in schemes.values() if (text := s.get("description"))), "")


def _start(ground: Ground) -> str:
    return f"{ground.start.operation} is no safe method: each start is one more (RFC 9110, 9.2)" if ground.start else ""


def rows() -> Iterator[Requirement]:
    """The rows on what a client sends."""
    yield Requirement(
        "credential",
        Level.MUST,
        "Each request carries the credential that the document asks for.",
        "the document's security requirement",
        ("runs",),
        _signed,
        applies=_has_credential,
        quotes=_schemes,
    )
    yield Requirement(
        "headers",
        Level.MUST,
        "Headers are as documented: parameters fit their schema, Accept takes the documented answer.",
        "the document's header parameters and media types; RFC 9110, 12.5.1 and 8.3",
        ("runs", "starts"),
        _headers,
    )
    yield Requirement(
        "identifier",
        Level.MUST,
        "An identifier is sent as it was given, encoded; no letter changes its case.",
        "RFC 3986, 2.2: what is data and would delimit is percent-encoded; the document limits it no further",
        ("odd-identifier",),
        _identifiers,
        needs=("succeeds",),
        weighs=_mixed_only,
    )
    yield Requirement(
        "credential-in-url",
        Level.MUST,
        "No credential stands in a URL.",
        "RFC 9110, 17.9: URLs are logged, shown and shared",
        tuple(TRIALS),
        _not_in_url,
        applies=lambda ground: ground.vendor.signing.secret is not None,
    )
    yield Requirement(
        "credential-elsewhere",
        Level.MUST,
        "No credential is sent to another origin.",
        "RFC 9110, 15.4: who follows a redirect elsewhere leaves behind what is meant for the first server",
        ("elsewhere",),
        _stays_home,
        needs=("succeeds",),
    )
    yield Requirement(
        "starts-once",
        Level.MUST,
        "What was accepted is not started again, not after a failed poll either.",
        "RFC 9110, 9.2.2: the method is not idempotent",
        ("starts", "starts-then-down"),
        _starts_once,
        quotes=_start,
        of_start=True,
    )
    yield Requirement(
        "start-unanswered",
        Level.SHOULD,
        "A start without an answer is not sent again.",
        "RFC 9110, 9.2.2: it is not idempotent, and may have been applied",
        ("start-is-lost",),
        _starts_once,
        of_start=True,
    )
    yield Requirement(
        "follows-the-start",
        Level.MUST,
        "What was started is polled, under the identifier that the start handed out, to its end.",
        "the document's link from the start to what it started",
        ("starts",),
        _follows,
        needs=("succeeds", "starts-once", "judges-by-the-state"),
        of_start=True,
    )


__all__ = ["rows", "takes"]
