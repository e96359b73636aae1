"""What endpoints ask for; works the same in HTTP and WebSocket endpoints."""

from typing import Annotated

from fastapi import Depends, Path, Query
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.requests import HTTPConnection

from sounditout.accounts.identity import Identity
from sounditout.errors import Forbidden, UnknownSession
from sounditout.persistence.admins import Admins
from sounditout.persistence.repositories import MAX_PAGE, PracticeSessions
from sounditout.persistence.tables import PracticeSession
from sounditout.services import Services

_bearer = HTTPBearer(auto_error=False, description="The `access_token` of `POST /api/auth/token`.")


async def get_services(connection: HTTPConnection) -> Services:  # a plain function would cost a thread per request
    """The services of the server that answers this connection."""
    services: Services = connection.app.state.services
    return services


ServicesDependency = Annotated[Services, Depends(get_services)]


async def current_user(
    services: ServicesDependency, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Identity:
    """The user of the `Authorization: Bearer` header. Raises Unauthorized."""
    return await services.authenticator.authenticate(credentials.credentials if credentials else None)


CurrentUser = Annotated[Identity, Depends(current_user)]


async def current_admin(services: ServicesDependency, user: CurrentUser) -> Identity:
    """The user of the `Authorization: Bearer` header, who may look after the server.

    Asked anew each time, so that nobody may a moment longer than somebody wants.

    Raises:
        Unauthorized: nobody is signed in.
        Forbidden: may not.
    """
    async with services.database.reading() as db:
        if not await Admins(db).contains(user.user_id):
            raise Forbidden("This is for those who look after this server.")
    return user


CurrentAdmin = Annotated[Identity, Depends(current_admin)]


async def own_session(
    session_id: Annotated[int, Path()], services: ServicesDependency, user: CurrentUser
) -> PracticeSession:
    """The session in the path, which must be the user's own. Raises UnknownSession, Forbidden."""
    return await session_of(services, user, session_id)


async def session_of(services: Services, user: Identity, session_id: int) -> PracticeSession:
    """The session with this number, which must be the user's own.

    Raises:
        UnknownSession: there is none.
        Forbidden: it is somebody else's.
    """
    async with services.database.reading() as db:
        return owned(await PracticeSessions(db).get(session_id), user)


def owned(session: PracticeSession | None, user: Identity) -> PracticeSession:
    """The session, which must be there and the user's own. Raises UnknownSession, Forbidden."""
    if session is None:
        raise UnknownSession
    if session.user_id != user.user_id:
        raise Forbidden
    return session


OwnSession = Annotated[PracticeSession, Depends(own_session)]

Limit = Annotated[int, Query(ge=1, le=MAX_PAGE, description="at most so many")]
Before = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="only older ones than this id")]
