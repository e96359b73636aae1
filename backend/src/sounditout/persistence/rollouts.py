"""What is kept of the rollout: its history, and what its cohorts have lived through."""

from collections.abc import Collection
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
from sounditout.rollout.experience import Experience
from sounditout.rollout.stages import Action, Change

_COUNTS: Final = cast("SqlTable", RolloutCount.__table__)
_LATENCIES: Final = cast("SqlTable", RolloutLatency.__table__)
MAX_REASON_CHARACTERS: Final = 1000
# Columns, and no rows as objects: of 2,000 users those would take half a second, in which nobody is answered.
_COUNTED: Final = (
    func.sum(RolloutCount.readings),
    func.sum(RolloutCount.failed_readings),
    func.sum(RolloutCount.later_requests),
    func.sum(RolloutCount.slow_later_requests),
    func.sum(RolloutCount.sessions),
    func.sum(RolloutCount.broken_sessions),
)
"""Of one user, at all stages that are asked for."""
_IN_BIN: Final = tuple(
    func.sum(case((RolloutLatency.bin == number, RolloutLatency.count), else_=0)) for number in range(LATENCY_BINS)
)
"""Of one user: how many latencies in each bin."""


class Overtaken(Exception):
    """Somebody else has changed the rollout in the meantime."""


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
        """What everybody of a cohort has lived through at these stages together, each user as one."""
        of_cohort = RolloutCount.stage.in_(stages), RolloutCount.use_websocket == use_websocket
        by_user = select(*_COUNTED).where(*of_cohort).group_by(RolloutCount.pseudonym)
        rows = (await self._db.execute(by_user)).all()
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
        by_user = select(*_IN_BIN).where(*of_cohort).group_by(RolloutLatency.pseudonym)
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
