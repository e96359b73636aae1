"""Failures of the WebSocket that pages report are found, and the rollout goes back by itself; nothing else is."""

import asyncio
import random
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from bench.rollout import BOUND
from population import have_read, populate
from stages import until

from serving import Learner, RunningServer, serving, tiny_engines
from sounditout.rollout.decide import bucket
from sounditout.settings import Settings

IDS = 600
USERS = 40
"""Of each cohort."""
A_BATCH = {"websocket": 25, "sse": 50}
SEED = 2026


@pytest.fixture
def school(settings: Settings) -> Iterator[RunningServer]:
    """A server whose guard looks ten times a second."""
    own = settings.model_copy(update={"use_websocket": "auto", "guard_seconds": 0.1})
    with serving(own, tiny_engines()) as server:
        yield server


class Pages:
    """The pages of some users: they read, and say how it went.

    Args:
        failing: probability of a failure of the service, by transport.
    """

    def __init__(self, school: RunningServer, failing: dict[str, float]) -> None:
        self._school = school
        self._chance = random.Random(SEED)  # noqa: S311  (nobody is to be kept from guessing)
        self._failing = failing
        self.over_websocket = 0
        """Readings."""

    def open(self) -> None:
        """A rollout begins."""
        school, services = self._school, self._school.services
        self._stage = school.run(services.flag.change("start", "ada", "a school begins")).stage
        everybody = school.run(populate(services.database, services.authenticator, IDS))
        self.ours = [learner for learner in everybody if bucket(learner.user_id) < 10][:USERS]
        self._theirs = [learner for learner in everybody if bucket(learner.user_id) >= 10][:USERS]
        school.run(have_read(services.database, [*self.ours, *self._theirs]))

    async def read_until(self, readings: int) -> None:
        """Everybody sits down again and again, until there were so many readings over the WebSocket, or a stop."""
        limits = httpx.Limits(max_connections=4)
        async with httpx.AsyncClient(
            base_url=self._school.base_url, trust_env=False, timeout=60, limits=limits
        ) as http:
            while self.over_websocket < readings and percentage(self._school) > 0:
                theirs = [self._sit_down(http, learner, "sse") for learner in self._theirs]
                ours = [self._sit_down(http, learner, "websocket") for learner in self.ours]
                await asyncio.gather(*theirs, *ours)
                self.over_websocket += A_BATCH["websocket"] * len(self.ours)

    async def _sit_down(self, http: httpx.AsyncClient, learner: Learner, transport: str) -> None:
        readings = [self._reading(transport, later=number > 0) for number in range(A_BATCH[transport])]
        body = {"stage": self._stage, "measurements": readings}
        answer = await http.post("/api/measurements", json=body, headers=learner.headers)
        assert answer.status_code == 204

    def _reading(self, transport: str, *, later: bool) -> dict[str, Any]:
        failed = self._chance.random() < self._failing[transport]
        return {
            "kind": "reading",
            "transport": transport,
            "later": later,
            "outcome": "failed" if failed else "complete",
            "code": "internal" if failed else None,
            "first_event_ms": self._chance.uniform(40, 200),
            "words_ms": None if failed else self._chance.lognormvariate(7, 0.4),
        }


def settings_of(school: RunningServer, learner: Learner) -> dict[str, Any]:
    with school.client(learner.headers) as client:
        answer: dict[str, Any] = client.get("/api/users/me/settings").raise_for_status().json()
    return answer


def percentage(school: RunningServer) -> int:
    return school.run(school.services.flag.standing()).state.percentage


async def test_five_failures_in_a_hundred_are_rolled_back_within_the_bound_and_the_reason_is_plain(
    school: RunningServer,
) -> None:
    pages = Pages(school, {"websocket": 0.05, "sse": 0.01})
    pages.open()
    assert settings_of(school, pages.ours[0])["effective"]["use_websocket"]
    await pages.read_until(BOUND)
    await until(lambda: percentage(school) == 0)
    last = school.run(school.services.flag.standing()).history[-1]
    assert (last.action, last.who) == ("rollback", "the guard, by itself")
    said = re.fullmatch(
        r"([\d,]+) of ([\d,]+) readings over WebSocket failed, ([\d,]+) of ([\d,]+) over SSE; "
        r"that is worse than chance explains\.",
        last.reason,
    )
    assert said is not None, last.reason
    failed, readings, failed_over_sse, over_sse = (int(number.replace(",", "")) for number in said.groups())
    assert readings <= BOUND
    assert failed / readings > 2 * failed_over_sse / over_sse
    effective = settings_of(school, pages.ours[0])["effective"]
    assert (effective["use_websocket"], effective["reason"]) == (False, "stage")


async def test_a_good_build_with_the_same_readers_is_left_alone(school: RunningServer) -> None:
    pages = Pages(school, {"websocket": 0.01, "sse": 0.01})
    pages.open()
    await pages.read_until(BOUND)
    flag = school.services.flag
    assert school.run(flag.watch()) is None
    standing, verdict = school.run(flag.verdict())
    assert [change.action for change in standing.history] == ["start"]
    assert (verdict.advice, standing.state.percentage) == ("wait", 10)
    readings = school.run(flag.evidence(standing)).ws.readings
    assert readings.trials == pages.over_websocket >= BOUND
    assert readings.users == len(pages.ours)
