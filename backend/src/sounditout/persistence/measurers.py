"""What has to be remembered of whoever sends measurements, so that each counts once and nobody counts for many."""

from datetime import date
from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from sounditout.persistence.repositories import UserGone
from sounditout.persistence.tables import Measurer, Reading, User

REMEMBERED_BATCHES: Final = 32
"""Of a user. A page sends a batch again right after it got no answer; a few tabs may do so at once."""


class Measurers:
    """Users who have sent measurements, or whose reading failed here."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def admit(self, user_id: int, batch_id: str | None, size: int, day: date, most: int) -> bool:
        """Whether a batch counts: it has not come before, and the user has sent no more than that on this day.

        Of two with the same id at once, in two processes, one counts.

        Args:
            size: measurements in it.
            most: of these a user may send on a day.

        Raises:
            UserGone: the user was deleted.
        """
        measurer = await self._of(user_id, day)
        if measurer.day != day:
            measurer.day, measurer.taken = day, 0
        if batch_id in measurer.batches or measurer.taken + size > most:
            return False
        measurer.taken += size
        if batch_id is not None:
            measurer.batches = [*measurer.batches, batch_id][-REMEMBERED_BATCHES:]
        return True

    async def has_read(self, user_id: int) -> bool:
        """Whether the server knows of a reading of this user: it was saved, or failed here."""
        saved = exists().where(Reading.user_id == user_id)
        failed = exists().where(Measurer.user_id == user_id, Measurer.handed_in)
        return bool(await self._db.scalar(select(saved | failed)))

    async def handed_in(self, user_id: int, day: date) -> None:
        """Remember that a reading came from this user, of which nothing was saved.

        Raises:
            UserGone: the user was deleted.
        """
        (await self._of(user_id, day)).handed_in = True

    async def _of(self, user_id: int, day: date) -> Measurer:
        # In line for the user, as for their settings: PostgreSQL would let two in with the same batch.
        query = select(User.id).where(User.id == user_id).with_for_update(key_share=True)
        if await self._db.scalar(query) is None:
            raise UserGone
        measurer = await self._db.get(Measurer, user_id)
        if measurer is None:
            measurer = Measurer(user_id=user_id, day=day, taken=0, batches=[], handed_in=False)
            self._db.add(measurer)
        return measurer
