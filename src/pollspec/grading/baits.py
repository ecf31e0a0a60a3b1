"""Baits: answers that a legal server may give, and that a careless client takes for something else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from pollspec.document import expressions, pointers
from pollspec.document.conditions import is_number
from pollspec.document.keywords import KEYWORDS, Scope
from pollspec.document.lifecycles import TERMINAL
from pollspec.document.messages import MISSING, Answer, Request
from pollspec.document.vendor import Belief
from pollspec.grading.ground import Ground
from pollspec.grading.play import NEVER, Edit, Moment
from pollspec.judge.exchange import Exchange
from pollspec.judge.judge import Judge
from pollspec.servers.faults.edits import edited, put, with_header
from pollspec.servers.faults.fault import Scene
from pollspec.servers.variations.forms import extended
from pollspec.servers.variations.variation import is_legal, typed

UNHEARD_OF = "pollspec-unheard-of"
"""A state that no document lists."""
SECOND = 1
"""The number of the poll that a bait takes the place of."""

JSON = ("content-type", "application/json")


def busy_until(request: Request, moment: Moment) -> Answer | None:
    """The second poll is one too many; the moment to wait for is a date, one second away and a part of another."""
    date = format_datetime(datetime.fromtimestamp(int(moment.wall) + 2, UTC), usegmt=True)
    return Answer(429, (("retry-after", date), JSON), b"{}") if moment.poll and moment.number == SECOND else None


def never(request: Request, moment: Moment) -> Answer | None:
    """The second poll is never answered."""
    return NEVER if moment.poll and moment.number == SECOND else None


def lost(request: Request, moment: Moment) -> Answer | None:
    """No start is ever answered."""
    return None if moment.poll else NEVER


def away(request: Request, moment: Moment) -> Answer | None:
    """The second poll is redirected to the same path at another origin."""
    there = (("location", moment.elsewhere + request.target),)
    return Answer(307, there, b"") if moment.poll and moment.number == SECOND else None


def led_away(ground: Ground) -> Edit:
    """The documented redirect, to another origin."""

    def edit(scene: Scene, moment: Moment) -> Answer | None:
        place = expressions.value("$response.header.Location", scene.request, scene.answer)
        return None if place is MISSING else with_header(scene.answer, "location", f"{moment.elsewhere}{place}")

    return edit


def under_way(ground: Ground, scene: Scene) -> bool:
    """Whether an answer is a success that shows no end."""
    kinds = ground.kinds(scene)
    return 200 <= scene.answer.status < 300 and bool(kinds) and not kinds & TERMINAL


def unheard_of(ground: Ground) -> Edit:
    """The second poll and the third show a state that the document does not list."""

    def edit(scene: Scene, moment: Moment) -> Answer | None:
        shown = under_way(ground, scene) and scene.value(ground.view.state) is not MISSING
        return put(scene, ground.view.state, UNHEARD_OF) if shown and moment.number in {1, 2} else None

    return edit


def more_fields(scene: Scene, moment: Moment) -> Answer | None:
    """Each object has a member that the document does not know."""
    if scene.answer.reading.unreadable:
        return None
    told = edited(scene.answer, {"": extended(scene.body)})
    return told if is_legal(scene, told) else None


class Legal:
    """Tells whether an answer breaks nothing that the vendor itself says."""

    def __init__(self, ground: Ground) -> None:
        said = [belief for belief in ground.vendor.beliefs if _is_sources(ground, belief)]
        self.judge = Judge(ground.vendor, said)

    def __call__(self, scene: Scene, answer: Answer) -> bool:
        """Whether it is legal."""
        self.judge.see(Exchange(scene.request, answer, 0.0, 0.0))
        return not self.judge.fresh and is_legal(scene, answer)


def _is_sources(ground: Ground, belief: Belief) -> bool:
    alone = KEYWORDS[belief.keyword].scope is Scope.EXCHANGE
    return belief.operation == ground.operation.id and belief.grade == "source" and alone


def fields(ground: Ground, null: bool) -> Edit:
    """What need not be there is not; or what may be null is. The state stays, and what the vendor says of it."""
    legal, state = Legal(ground), expressions.parse(ground.view.state).name

    def edit(scene: Scene, moment: Moment) -> Answer | None:
        if not 200 <= scene.answer.status < 300:
            return None
        told: Answer | None = None
        for place, value in _changes(ground, scene, null):
            now = told or scene.answer
            is_there = pointers.get(now.reading.value, place) is not MISSING
            if is_there and not f"{state}/".startswith(f"{place}/"):
                made = edited(now, {place: value})
                told = made if legal(scene, made) else told
        return told

    return edit


def _changes(ground: Ground, scene: Scene, null: bool) -> Iterator[tuple[str, Any]]:
    """Each place and its new value, what is inside of something after it."""
    for prop, place, _ in list(typed(scene)):
        if null and ground.vendor.schemas.validator(prop.node).is_valid(None):
            yield place, None
        elif not null and not prop.required:
            yield place, MISSING


def numbers(ground: Ground) -> dict[str, Any]:
    """The numbers in the answer that shows success, but for those that identify: what may be taken for it."""
    found: dict[str, Any] = {}
    for subject in ground.ends("done")[:1]:
        given = {str(value) for value in subject.given.values()}
        for scene in ground.course(subject)[-1:]:
            leaves = pointers.leaves(scene.body) if scene.answer.status < 300 else ()
            found |= {place: n for place, n in leaves if is_number(n) and str(n) not in given}
    return found


def hints(ground: Ground) -> Edit:
    """While it is under way, every number is what it is when it is done: the state alone says that it is not."""
    told = numbers(ground)

    def edit(scene: Scene, moment: Moment) -> Answer | None:
        there = {place: n for place, n in told.items() if is_number(pointers.get(scene.body, place))}
        return edited(scene.answer, there) if there and under_way(ground, scene) else None

    return edit


def changes(ground: Ground, edit: Edit) -> bool:
    """Whether a bait changes anything of what is shown on the way to success."""
    moments = [Moment(number, True, 0.0, "") for number in (1, 2)]
    return any(
        edit(scene, moment) is not None
        for subject in ground.ends("done")[:1]
        for scene in ground.course(subject)
        for moment in moments
    )
