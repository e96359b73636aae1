"""Many users at once, straight in the database: over HTTP each of them would take a hundredth of a second."""

from collections.abc import Sequence

from sqlalchemy import insert

from reports import read, report
from serving import Learner
from sounditout.accounts.auth import Authenticator
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import Readings
from sounditout.persistence.tables import PracticeSession, User


async def populate(database: Database, authenticator: Authenticator, count: int) -> list[Learner]:
    """So many users of a new database, with a session each, and tokens that its servers take."""
    names = {number: f"reader-{number}" for number in range(1, count + 1)}
    users = [
        {"id": number, "username": name, "username_key": name, "token_version": 1} for number, name in names.items()
    ]
    async with database.transaction() as db:
        await db.execute(insert(User), users)
        await db.execute(insert(PracticeSession), [{"id": number, "user_id": number} for number in names])
    tokens = (authenticator.issue(User(**user)) for user in users)
    return [Learner(name, number, token, number) for (number, name), token in zip(names.items(), tokens, strict=True)]


async def have_read(database: Database, learners: Sequence[Learner]) -> None:
    """Each of them has a saved reading: they are known as readers."""
    kept = report(read("the"))
    async with database.transaction() as db:
        for learner in learners:
            await Readings(db).save_once(
                user_id=learner.user_id, session_id=learner.session_id, request_id="before", report=kept
            )
