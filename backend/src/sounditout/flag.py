"""The flag that gives users the WebSocket: how far the rollout has come, and whose turn it is.

How it stands is in the database. A server process asks again when what it knows is a second old, so that a change
reaches all of them, and the pages that ask every few seconds, without anybody being told.
"""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from sounditout.errors import InvalidMessage
from sounditout.persistence.database import Database
from sounditout.persistence.rollouts import Overtaken, RolloutExperiences, RolloutHistory
from sounditout.rollout.decide import Decision, Switch, decide
from sounditout.rollout.evidence import Cohort, Evidence
from sounditout.rollout.experience import Experience
from sounditout.rollout.guard import Verdict, judge_rollout
from sounditout.rollout.rules import Rules
from sounditout.rollout.stages import PERCENTAGES, Action, Change, NotPossible, RolloutState, change, state_of
from sounditout.settings import Settings

log = structlog.stdlib.get_logger(__name__)

KNOWN_SECONDS: Final = 1.0
"""After so long every process answers by a change."""
_TRIES: Final = 5
"""To change the rollout; each that fails means that somebody else has changed it."""
_PSEUDONYM_BYTES: Final = 12
_STOPPING: Final[frozenset[Action]] = frozenset({"hold", "rollback"})
"""Meant whatever has happened meanwhile; to go on is meant for what somebody has seen."""
_GUARD: Final = "the guard, by itself"
_GUARDS: Final = ","
"""No user's name has one, and nobody else's may: so nobody passes for the guard."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the rollout stands."""

    state: RolloutState
    history: Sequence[Change]
    """The oldest first."""

    @property
    def stage(self) -> int:
        """Number of the change since which evidence counts; 0: there was none."""
        return next((number for number, change in self._numbered() if change.action != "hold"), 0)

    @property
    def rollout(self) -> int:
        """Number of the change that began this rollout; 0: there was none."""
        return next((number for number, change in self._numbered() if change.action == "start"), 0)

    @property
    def stages_before(self) -> tuple[int, ...]:
        """Numbers of the changes that began the earlier stages of this rollout, the latest first."""
        earlier: list[int] = []
        for number, entry in self._numbered():
            if entry.action == "rollback":
                break
            if number < self.stage and entry.action != "hold":
                earlier.append(number)
        return tuple(earlier)

    def _numbered(self) -> "Sequence[tuple[int, Change]]":
        return tuple(reversed(tuple(enumerate(self.history, 1))))


class WebSocketFlag:
    """Decides who uses the WebSocket, and keeps what came of it.

    Args:
        key: makes pseudonyms of users; any text that others do not know.
        switch: for the whole server.
        rules: of the guard.
        only_way: SSE is retired.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        database: Database,
        key: str,
        switch: Switch,
        rules: Rules,
        *,
        only_way: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._switch: Final[Switch] = switch
        self._only_way = only_way
        self.rules: Final = rules
        self._database = database
        self._key = key.encode()
        self._clock = clock
        self._known: Standing | None = None
        self._known_at = 0.0
        self._asking = asyncio.Lock()

    @property
    def stages_count(self) -> bool:
        """Whether the rollout decides for anybody; if not, nothing is learnt, and there is nothing to guard."""
        return self._switch == "auto" and not self._only_way

    async def standing(self) -> Standing:
        """How the rollout stood at most a second ago."""
        async with self._asking:
            known, now = self._known, self._clock()
            if known is None or now - self._known_at >= KNOWN_SECONDS:
                known = await self._ask()
                self._known, self._known_at = known, now
            return known

    async def percentage(self) -> int:
        """Of the rollout, a second ago or, while the database cannot be asked, when it last could: for labels."""
        try:
            return (await self.standing()).state.percentage
        except Exception:
            log.exception("how far the rollout is could not be asked")
            return self._known.state.percentage if self._known is not None else 0

    async def decide(self, user_id: int, choice: bool | None) -> tuple[Decision, int]:  # noqa: FBT001
        """Whether this user, who has made this choice or none, uses the WebSocket; and at which `Standing.stage`."""
        standing = await self.standing()
        return self._decide(standing, user_id, choice), standing.stage

    async def change(self, action: Action, who: str, reason: str, after: int | None = None) -> Standing:
        """Do something about the rollout; how it stands then.

        Args:
            after: number of the latest change that is known to whoever wants this, so that of two who advance at once
                one does; None: of whatever there is.

        Raises:
            NotPossible: it has no meaning now, or others were quicker.
            InvalidMessage: it could be taken for the guard's.
        """
        if _GUARDS in who:
            raise InvalidMessage("A name has no commas: by them one knows the guard.")
        for _ in range(_TRIES):
            standing = await self._ask()
            latest = len(standing.history)
            if action not in _STOPPING and after not in (None, latest):
                break
            entry = change(standing.state, action, who, reason, datetime.now(UTC))
            try:
                return await self._append(standing, entry)
            except Overtaken:
                after = latest
        raise NotPossible("Others have changed the rollout in the meantime. Look again, and then decide.")

    def gathers(self, standing: Standing, stage: int) -> bool:
        """Whether something of this stage can be evidence at all."""
        return self.stages_count and stage == standing.stage and standing.state.percentage > 0

    async def note(self, user_id: int, choice: bool | None, stage: int, experience: Experience) -> None:  # noqa: FBT001
        """Keep what a user has lived through since the stage began, if that is evidence.

        Args:
            stage: as the user's page knew it; what belongs to another one is left out.
        """
        standing = await self.standing()
        async with self._database.transaction() as db:
            await self.note_in(db, standing, user_id, choice, stage, experience)

    async def note_in(
        self,
        db: AsyncSession,
        standing: Standing,
        user_id: int,
        choice: bool | None,  # noqa: FBT001
        stage: int,
        experience: Experience,
    ) -> None:
        """The same, in a transaction of the caller's, who knows how the rollout stands."""
        decision = self._decide(standing, user_id, choice)
        if decision.reason != "stage" or not self.gathers(standing, stage):
            return
        await RolloutExperiences(db).add(
            stage, self._pseudonym(standing.rollout, user_id), experience, use_websocket=decision.use_websocket
        )

    async def evidence(self, standing: Standing) -> Evidence:
        """What the cohorts have lived through since the stage began."""
        everybody = standing.state.percentage == PERCENTAGES[-1]
        stages = standing.stages_before if everybody else (standing.stage,)
        async with self._database.reading() as db:
            experiences = RolloutExperiences(db)
            ws = await experiences.cohort((standing.stage,), use_websocket=True)
            sse = await experiences.cohort(stages, use_websocket=False) if stages else Cohort()
        return Evidence(ws=ws, sse=sse, until=datetime.now(UTC), sse_is_past=everybody)

    async def verdict(self) -> tuple[Standing, Verdict]:
        """How the rollout stands, and what the guard thinks of it."""
        standing = await self._ask()
        return standing, judge_rollout(standing.state, await self.evidence(standing), self.rules)

    async def watch(self) -> Change | None:
        """Let the guard look once, and do what it may; what it has done."""
        standing, verdict = await self.verdict()
        if verdict.action == "wait":
            return None
        entry = change(standing.state, verdict.action, _GUARD, verdict.reason, datetime.now(UTC))
        try:
            await self._append(standing, entry)
        except Overtaken:
            return None  # by a person, or by the guard of another process
        return entry

    def _decide(self, standing: Standing, user_id: int, choice: bool | None) -> Decision:  # noqa: FBT001
        return decide(self._switch, choice, standing.state.percentage, user_id, only_way=self._only_way)

    async def _append(self, standing: Standing, entry: Change) -> Standing:
        number = len(standing.history) + 1
        async with self._database.transaction() as db:
            await RolloutHistory(db).append(number, entry)
            if entry.action == "start":
                await RolloutExperiences(db).forget_before(number)
        now = _standing([*standing.history, entry])
        async with self._asking:  # who asks just now may bring what was before, or what others have done since
            if self._known is None or len(self._known.history) < number:
                self._known, self._known_at = now, self._clock()
        return now

    async def _ask(self) -> Standing:
        async with self._database.reading() as db:
            return _standing(await RolloutHistory(db).all())

    def _pseudonym(self, rollout: int, user_id: int) -> str:
        digest = hmac.digest(self._key, f"rollout {rollout}, user {user_id}".encode(), hashlib.sha256)
        return digest[:_PSEUDONYM_BYTES].hex()


def flag_of(settings: Settings, database: Database, key: str) -> WebSocketFlag:
    """The flag of an installation, as all of its processes and commands have it.

    Args:
        key: makes pseudonyms, see `WebSocketFlag`.
    """
    rules = Rules(advance_by_itself=settings.guard_advances, stop_by_itself=settings.guard_stops)
    return WebSocketFlag(database, key, settings.use_websocket, rules, only_way=not settings.sse_enabled)


def _standing(history: Sequence[Change]) -> Standing:
    return Standing(state_of(history), history)
