"""Who may look after the server, not only practise."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from sounditout.errors import InvalidMessage
from sounditout.persistence.repositories import Users, username_key
from sounditout.persistence.tables import User


class NoSuchAccount(InvalidMessage):
    """Nobody who can sign in has this name."""

    default_message = "Nobody has an account with this name. It has to be made first, in the web app."


class Admins:
    """Everybody who may look after the server."""

    def __init__(self, db: AsyncSession) -> None:
        self._db = db

    async def names(self) -> list[str]:
        """Of all of them, as they wrote themselves, in the order of the alphabet."""
        query = select(User.username).where(User.is_admin).order_by(User.username_key)
        return list(await self._db.scalars(query))

    async def contains(self, user_id: int) -> bool:
        user = await Users(self._db).by_id(user_id)
        return user is not None and user.is_admin

    async def add(self, username: str) -> None:
        """Let somebody look after the server; who already may still may. A guest, who has no password, may not.

        Raises:
            NoSuchAccount
        """
        await self._set(username, is_admin=True)

    async def remove(self, username: str) -> None:
        """Let somebody only practise; whoever asks next with a token of theirs is refused.

        Raises:
            NoSuchAccount
        """
        await self._set(username, is_admin=False)

    async def _set(self, username: str, *, is_admin: bool) -> None:
        account = User.username_key == username_key(username), User.password_hash.is_not(None)
        changed = update(User).where(*account).values(is_admin=is_admin).returning(User.id)
        if await self._db.scalar(changed) is None:
            raise NoSuchAccount
