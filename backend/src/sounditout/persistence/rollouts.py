"""What is kept of the rollout: its history, and what its cohorts have lived through."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, case, delete, func, select
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from sounditout.persistence.tables import MAX_USERNAME_CHARACTERS, RolloutChange, RolloutCount, RolloutLatency
from sounditout.rollout.evidence import LATENCY_BINS, Cohort, Latencies, Tally
from sounditout.rollout.stages import Action, Change

_COUNTS: Final = cast("SqlTable", RolloutCount.__table__)
_LATENCIES: Final = cast("SqlTable", RolloutLatency.__table__)
MAX_REASON_CHARACTERS: Final = 1000
# Columns, and no rows as objects: of 2,000 users those would take half a second, in which nobody is answered.
_COUNTED: Final = (
    RolloutCount.readings,
    RolloutCount.failed_readings,
    RolloutCount.later_requests,
    RolloutCount.slow_later_requests,
    RolloutCount.sessions,
    RolloutCount.broken_sessions,
)
_IN_BIN: Final = tuple(
    func.sum(case((RolloutLatency.bin == number, RolloutLatency.count), else_=0)) for number in range(LATENCY_BINS)
)
"""Of one user: how many latencies in each bin."""


class Overtaken(Exception):
    """Somebody else has changed the rollout in the meantime."""


@dataclass(frozen=True, slots=True)
class Experience:
    """What one user has lived through since the last time."""

    readings: int = 0
    failed_readings: int = 0
    later_requests: int = 0
    slow_later_requests: int = 0
    sessions: int = 0
    broken_sessions: int = 0
    latencies: Mapping[int, int] = field(default_factory=dict)
    """How many by bin, see `rollout.evidence.latency_bin`."""

    @property
    def counts(self) -> dict[str, int]:
        return {
            "readings": self.readings,
            "failed_readings": self.failed_readings,
            "later_requests": self.later_requests,
            "slow_later_requests": self.slow_later_requests,
            "sessions": self.sessions,
            "broken_sessions": self.broken_sessions,
        }


class RolloutHistory:
    """Every change of the rollout."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def all(self) -> list[Change]:
        """The oldest first."""
        rows = await self._db.scalars(select(RolloutChange).order_by(RolloutChange.number))
        return [
            Change(cast("Action", row.action), row.percentage, row.held, row.who, row.reason, row.at) for row in rows
        ]

    async def append(self, number: int, change: Change) -> None:
        """Add the entry with this number, 1 for the first.

        Raises:
            Overtaken: there is one with this number; the transaction is over.
        """
        row = RolloutChange(
            number=number,
            action=change.action,
            percentage=change.percentage,
            held=change.held,
            who=change.who[:MAX_USERNAME_CHARACTERS],
            reason=change.reason[:MAX_REASON_CHARACTERS],
            at=change.at,
        )
        self._db.add(row)
        try:
            await self._db.flush()
        except IntegrityError as error:
            raise Overtaken from error


class RolloutExperiences:
    """What users have lived through, by stage and cohort."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def add(self, stage: int, pseudonym: str, experience: Experience, *, use_websocket: bool) -> None:
        """Count something more of one user. Of two at once none is lost."""
        key = {"stage": stage, "pseudonym": pseudonym, "use_websocket": use_websocket}
        counts = experience.counts
        if any(counts.values()):
            await self._add_up(_COUNTS, [key | counts], tuple(counts))
        latencies = [key | {"bin": number, "count": count} for number, count in sorted(experience.latencies.items())]
        if latencies:
            await self._add_up(_LATENCIES, latencies, ("count",))

    async def cohort(self, stages: Collection[int], *, use_websocket: bool) -> Cohort:
        """What everybody of a cohort has lived through at these stages, of which each counts a user anew."""
        of_cohort = RolloutCount.stage.in_(stages), RolloutCount.use_websocket == use_websocket
        rows = (await self._db.execute(select(*_COUNTED).where(*of_cohort))).all()
        counted = np.array(rows, dtype=float).reshape(-1, len(_COUNTED))
        return Cohort(
            readings=_tally(counted[:, 0:2]),
            later_requests=_tally(counted[:, 2:4]),
            connections=_tally(counted[:, 4:6]),
            latencies=await self._latencies(stages, use_websocket=use_websocket),
        )

    async def forget_before(self, stage: int) -> None:
        """Delete what was counted at earlier stages."""
        await self._db.execute(delete(RolloutCount).where(RolloutCount.stage < stage))
        await self._db.execute(delete(RolloutLatency).where(RolloutLatency.stage < stage))

    async def _latencies(self, stages: Collection[int], *, use_websocket: bool) -> Latencies:
        of_cohort = RolloutLatency.stage.in_(stages), RolloutLatency.use_websocket == use_websocket
        by_user = select(*_IN_BIN).where(*of_cohort).group_by(RolloutLatency.stage, RolloutLatency.pseudonym)
        rows = (await self._db.execute(by_user)).all()
        return Latencies.of_table(np.array(rows, dtype=float).reshape(-1, LATENCY_BINS))

    async def _add_up(self, table: SqlTable, rows: list[dict[str, Any]], names: tuple[str, ...]) -> None:
        make = postgresql.insert if self._db.get_bind().dialect.name == "postgresql" else sqlite.insert
        insert = make(table)
        sums: dict[str, ColumnElement[int]] = {name: table.c[name] + insert.excluded[name] for name in names}
        await self._db.execute(insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=sums), rows)


def _tally(counted: NDArray[np.float64]) -> Tally:
    """From how often something was tried and went wrong, (users, 2)."""
    tried, wrong = counted.T
    return Tally.of_table(np.column_stack([tried, tried - wrong]))
