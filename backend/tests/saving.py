"""Readings that are in a server's database already."""

from datetime import datetime

from sqlalchemy import update

from reports import some_report
from serving import Learner, RunningServer
from sounditout.analysis.models import ReadingReport
from sounditout.persistence.repositories import Readings
from sounditout.persistence.tables import Reading


def save(
    server: RunningServer,
    learner: Learner,
    request_id: str,
    report: ReadingReport | None = None,
    at: datetime | None = None,
) -> int:
    """A reading in the learner's session; returns its id."""

    async def work() -> int:
        async with server.services.database.transaction() as db:
            number = await Readings(db).save_once(
                user_id=learner.user_id,
                session_id=learner.session_id,
                request_id=request_id,
                report=report or some_report(),
            )
            if at is not None:
                await db.execute(update(Reading).where(Reading.id == number).values(created_at=at))
            return number

    return server.run(work())


def save_many(server: RunningServer, learner: Learner, count: int, report: ReadingReport) -> None:
    """So many readings with the same report."""

    async def work() -> None:
        async with server.services.database.transaction() as db:
            for number in range(count):
                await Readings(db).save_once(
                    user_id=learner.user_id,
                    session_id=learner.session_id,
                    request_id=f"one of many {number}",
                    report=report,
                )

    server.run(work())
