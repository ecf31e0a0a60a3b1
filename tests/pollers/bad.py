"""Bad pollers: each is the plain one with one misdeed."""

from __future__ import annotations

import urllib.parse
from typing import Any, ClassVar

from tests.pollers.plain import Poller, Told
from tests.pollers.talk import FAILED, NOT_KNOWN, SUCCEEDED, inside, read

FOR_EVER = 1e9
"""Seconds."""


class ForgetsItsCredential(Poller):
    """Sends no credential."""

    tells = "credential"

    def headers(self) -> dict[str, str]:
        """Without it."""
        return {"Accept": "application/json"}


class WantsHtml(Poller):
    """Accepts what the document does not have."""

    tells = "headers"

    def headers(self) -> dict[str, str]:
        """With another Accept."""
        return {**super().headers(), "Accept": "text/html"}


class LowersIdentifiers(Poller):
    """Takes an identifier for one in any case."""

    tells = "identifier"

    def target(self) -> str:
        """In lower case."""
        known = ("POLLSPEC_PATH_", "POLLSPEC_QUERY_")
        return self.talk.target({k: v.lower() if k.startswith(known) else v for k, v in self.told.items()})


class DoesNotEncode(Poller):
    """Puts an identifier into the URL as it is."""

    tells = "identifier"
    only = ("keycard",)

    def target(self) -> str:
        """As it is."""
        return self.talk.path.format_map(self.told)


class PutsItInTheUrl(Poller):
    """Signs in the query."""

    tells = "credential-in-url"

    def target(self) -> str:
        """With the token."""
        plain, token = super().target(), list(self.talk.signed(self.told).values())[-1]
        return f"{plain}{'&' if '?' in plain else '?'}access_token={urllib.parse.quote(token.split()[-1])}"


class CarriesItAway(Poller):
    """Follows a redirect with all its headers."""

    tells = "credential-elsewhere"

    def poll(self) -> Told:
        """And what a redirect leads to, if it is elsewhere."""
        answer = super().poll()
        there = answer.headers.get("location", "/")
        if not there.startswith("/"):
            self.web.ask("GET", there, self.headers(), b"", self.timeout())
        return answer


class StartsAgain(Poller):
    """Begins anew when a poll fails."""

    tells = "starts-once"

    def outcome(self, answer: Told) -> int | None:
        """A 503 lets it begin anew."""
        if answer.status == 503 and self.told["POLLSPEC_DO"] == "start":
            self.start()
        return super().outcome(answer)


class StartsUntilAnswered(Poller):
    """Repeats a start that is not answered."""

    tells = "start-unanswered"

    def start(self) -> bool:
        """Twice."""
        self.until -= 1.0
        try:
            return super().start()
        except TimeoutError:
            self.until += 1.0
            return super().start()


class WaitsForAnother(Poller):
    """Polls something else than what it has started."""

    tells = "follows-the-start"

    def start(self) -> bool:
        """And takes the example's identifier."""
        started = super().start()
        self.told[self.talk.names] = "f587d316-5feb-11e8-b0e0-005056956dfc"
        return started


class Hurries(Poller):
    """Polls ten times as often."""

    tells = "poll-policy"

    def pause(self, answer: Told) -> bool:
        """A tenth."""
        self.interval = float(self.told["POLLSPEC_INTERVAL"]) / 10
        return super().pause(answer)


class IgnoresRetryAfter(Poller):
    """Asks again after the usual pause."""

    tells = "retry-after"

    def retry_after(self, answer: Told) -> float:
        """None."""
        return 0.0


class ReadsNoDates(Poller):
    """Knows a Retry-After in seconds only: the longest that it takes is one."""

    tells = "retry-after"

    def retry_after(self, answer: Told) -> float:
        """One second at most."""
        return min(super().retry_after(answer), 1.0)


class GivesUpAt(Poller):
    """Takes a passing answer for the end."""

    status: ClassVar[int]

    def outcome(self, answer: Told) -> int | None:
        """Not known."""
        return NOT_KNOWN if answer.status == self.status else super().outcome(answer)


class GivesUpAt429(GivesUpAt):
    """Takes too many requests for the end."""

    tells, status = "rides-out-429", 429


class GivesUpAt503(GivesUpAt):
    """Takes one 503 for the end."""

    tells, status = "rides-out-503", 503


class NeverGivesUp(Poller):
    """Has no deadline of its own."""

    tells = "gives-up"

    def pause(self, answer: Told) -> bool:
        """Goes on."""
        self.web.sleep(max(self.interval, self.retry_after(answer)))
        return True


class WaitsForAnswers(Poller):
    """Lets a request take as long as it takes."""

    tells = "silence"

    def timeout(self) -> float:
        """For ever."""
        return FOR_EVER


class Insists(Poller):
    """Goes on asking when it is refused."""

    tells = "refusal"

    def outcome(self, answer: Told) -> int | None:
        """A refusal is not final."""
        return None if answer.status in {401, 403} else super().outcome(answer)


class HammersCrashes(Poller):
    """Takes every 500 for a passing one."""

    tells = "documented-500"

    def outcome(self, answer: Told) -> int | None:
        """It passes."""
        return None if answer.status == 500 else super().outcome(answer)


class NeverSucceeds(Poller):
    """Has another word for success than its vendor."""

    tells = "succeeds"

    def outcome(self, answer: Told) -> int | None:
        """Not known."""
        code = super().outcome(answer)
        return NOT_KNOWN if code == SUCCEEDED else code


class CallsFailureSuccess(Poller):
    """Takes every end for a good one."""

    tells = "tells-failure"

    def outcome(self, answer: Told) -> int | None:
        """A success."""
        code = super().outcome(answer)
        return SUCCEEDED if code == FAILED else code


class PollsOn(Poller):
    """Looks three times more after the end."""

    tells = "stops-at-the-end"

    def wait(self) -> int:
        """And polls on."""
        code = super().wait()
        for _ in range(3 if code in {SUCCEEDED, FAILED} else 0):
            self.web.sleep(self.interval)
            self.poll()
        return code


class ReadsBehindTheRedirect(Poller):
    """Follows the redirect at the end, and takes what is there for the operation."""

    tells = "redirect"

    def poll(self) -> Told:
        """What the redirect leads to, if it is here."""
        answer = super().poll()
        if answer.status != self.talk.redirect:
            return answer
        behind = self.ask("GET", answer.headers["location"], self.headers(), b"")
        return behind if self.is_taken(behind) else answer

    def is_taken(self, behind: Told) -> bool:
        """Whether it takes what is behind the redirect for the operation."""
        return inside(read(behind.content), self.talk.state) is not None


class WantsWhatItLeadsTo(ReadsBehindTheRedirect):
    """Takes a success for none where it cannot read what it leads to."""

    tells = "redirect-to-nothing"

    def is_taken(self, behind: Told) -> bool:
        """A refusal is."""
        return behind.status >= 400


class TrustsNumbers(Poller):
    """Takes 100 %, everything counted or a code of 0 for the end."""

    tells = "judges-by-the-state"
    only = ("logpresso_sonar", "netapp_ontap", "rocket_chat")

    def outcome(self, answer: Told) -> int | None:
        """Numbers say so."""
        code, body = super().outcome(answer), read(answer.content)
        if code is None and 200 <= answer.status < 300 and self.is_full(body):
            return SUCCEEDED
        return code

    def is_full(self, body: Any) -> bool:
        """Whether the numbers say that it is done."""
        count, code = inside(body, ("count",)) or {"total": 0}, inside(body, ("code",))
        everything = bool(count["total"]) and count["completed"] == count["total"]
        return bool(everything or code == 0 or inside(body, ("install_progress", "total_progress")) == 100)


class TakesGoneForDone(Poller):
    """Takes what is not there any more for what has succeeded."""

    tells = "gone-is-no-success"

    def outcome(self, answer: Told) -> int | None:
        """Gone is done."""
        code = super().outcome(answer)
        gone = answer.status == 404 or (answer.status == 200 and inside(read(answer.content), self.talk.state) is None)
        return SUCCEEDED if code == NOT_KNOWN and gone else code


class SucceedsInTheEnd(Poller):
    """Tells a success when its time is over."""

    tells = "no-false-success"

    def given_up(self) -> int:
        """A success."""
        return SUCCEEDED


class FailsInTheEnd(Poller):
    """Tells a failure when its time is over."""

    tells = "no-false-failure"

    def given_up(self) -> int:
        """A failure."""
        return FAILED


class KnowsAllStates(Poller):
    """Takes a state that it does not know for the end."""

    tells = "unknown-state"

    def outcome(self, answer: Told) -> int | None:
        """Not known."""
        strange = "unheard-of" in str(inside(read(answer.content), self.talk.state))
        return NOT_KNOWN if strange else super().outcome(answer)


class KnowsAllFields(Poller):
    """Reads with a model that forbids other members."""

    tells = "unknown-field"

    def outcome(self, answer: Told) -> int | None:
        """Another member is an error."""
        body = read(answer.content)
        strange = isinstance(body, dict) and 200 <= answer.status < 300 and "x_unheard_of" in body
        return NOT_KNOWN if strange else super().outcome(answer)


class WantsAllFields(Poller):
    """Reads with a model that requires every member."""

    tells = "absent-field"

    def outcome(self, answer: Told) -> int | None:
        """A member that is not there is an error."""
        code, body = super().outcome(answer), read(answer.content)
        waits = inside(body, self.talk.state) == "AUTH_REQUIRED"
        lacks = isinstance(body, dict) and 200 <= answer.status < 300 and not set(self.talk.fields) <= set(body)
        return NOT_KNOWN if lacks and not waits else code


class CountsErrors(Poller):
    """Takes the length of a list that may be null."""

    tells = "null-field"
    only = ("ibm_qradar",)

    def outcome(self, answer: Told) -> int | None:
        """Null has no length."""
        body = read(answer.content)
        is_null = isinstance(body, dict) and body.get("error_messages_json", []) is None
        return FAILED if is_null else super().outcome(answer)


MISDEEDS: tuple[Any, ...] = (
    ForgetsItsCredential, WantsHtml, LowersIdentifiers, DoesNotEncode, PutsItInTheUrl, CarriesItAway, StartsAgain,
    StartsUntilAnswered, WaitsForAnother, Hurries, IgnoresRetryAfter, ReadsNoDates, GivesUpAt429, GivesUpAt503,
    NeverGivesUp, WaitsForAnswers, Insists, HammersCrashes, NeverSucceeds, CallsFailureSuccess, PollsOn,
    ReadsBehindTheRedirect, WantsWhatItLeadsTo, TrustsNumbers, TakesGoneForDone, SucceedsInTheEnd, FailsInTheEnd,
    KnowsAllStates, KnowsAllFields, WantsAllFields, CountsErrors,
)  # fmt: skip
"""Each with the requirement that `tells` it, and the vendors it is `only` possible with, where not all are."""
