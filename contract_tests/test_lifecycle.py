"""Start, poll, project, ask as somebody else, wait, in every order: what was shown before still holds."""

from __future__ import annotations

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pollspec.document.lifecycles import Lifecycle
from pollspec.doors.failures import fail
from pollspec.trial.orders import Instance, Orders, settings
from pollspec.trial.trial import Trial


def test_to_the_end(lifecycle: Lifecycle, trial: Trial) -> None:
    """Polled from first contact to its end and a little beyond, an instance shows only what may follow."""
    trial.follow(lifecycle)


class InEveryOrder(RuleBasedStateMachine):
    """Instances, known and started, asked about in any order; a live server only about what rests."""

    instances = Bundle("instances")
    orders: Orders

    def __init__(self) -> None:
        super().__init__()
        self.orders.begin()

    @precondition(lambda self: self.orders.known)
    @rule(target=instances, data=st.data())
    def know(self, data: st.DataObject) -> Instance:
        """One that is known beforehand."""
        return data.draw(st.sampled_from(self.orders.known))

    @precondition(lambda self: self.orders.starts)
    @rule(target=instances, data=st.data())
    def start(self, data: st.DataObject) -> MultipleResults[Instance]:
        """One that is started here."""
        return multiple(*self.orders.start(data.draw(st.sampled_from(self.orders.starts))))

    @rule(instance=instances)
    def poll(self, instance: Instance) -> None:
        """How far is it?"""
        self.orders.ask(instance)

    @precondition(lambda self: self.orders.selections)
    @rule(instance=instances, data=st.data())
    def project(self, instance: Instance, data: st.DataObject) -> None:
        """How far is it, in some fields?"""
        self.orders.ask(instance, data.draw(st.sampled_from(self.orders.selections)))

    @rule(instance=instances)
    def ask_as_nobody(self, instance: Instance) -> None:
        """Who does not say who he is."""
        self.orders.ask(instance, credential="none")

    @precondition(lambda self: self.orders.may_wait)
    @rule(seconds=st.integers(1, 30))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.orders.wait(seconds)

    @invariant()
    def nothing_is_contradicted(self) -> None:
        """The judge, on what was seen so far."""
        if self.orders.trial.repeats:
            fail(self.orders.trial, self.orders.trial.taken())

    def teardown(self) -> None:
        """What this order has shown is kept."""
        self.orders.end()


def test_in_every_order(rested: Trial) -> None:
    """No order of requests makes a server contradict itself; a failure shrinks to the shortest one."""

    class Here(InEveryOrder):
        orders = Orders(rested)

    try:
        if Here.orders.worth_while:
            run_state_machine_as_test(hypothesis.seed(rested.plan.seed)(Here), settings=settings(rested))
    finally:
        Here.orders.close()
