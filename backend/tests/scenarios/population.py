"""Many users at once: made straight in the database, and asked for over few connections, as thousands are."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from transports import Address

from reports import read, report
from serving import Learner
from sounditout.accounts.auth import Authenticator
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import Readings
from sounditout.persistence.tables import PracticeSession, User

_CONNECTIONS = 4
_AT_ONCE = 20


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


@dataclass(frozen=True, slots=True)
class Effective:
    """What the settings of a user say of the WebSocket."""

    use_websocket: bool
    reason: str
    stage: int


async def effective_for(server: Address, learners: Sequence[Learner]) -> dict[int, Effective]:
    """By user id, over the settings API. A client for programs would take longer than the server."""
    lanes = [learners[lane::_CONNECTIONS] for lane in range(_CONNECTIONS)]
    found: dict[int, Effective] = {}
    for answers in await asyncio.gather(*(_ask_in_a_row(server, lane) for lane in lanes)):
        found |= answers
    return found


async def _ask_in_a_row(server: Address, learners: Sequence[Learner]) -> dict[int, Effective]:
    host, _, port = server.base_url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    found = {}
    for start in range(0, len(learners), _AT_ONCE):
        some = learners[start : start + _AT_ONCE]
        writer.write(b"".join(_request(learner) for learner in some))
        for learner in some:
            found[learner.user_id] = Effective(**(await _answer(reader))["effective"])
    writer.close()
    await writer.wait_closed()
    return found


def _request(learner: Learner) -> bytes:
    text = f"GET /api/users/me/settings HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {learner.token}\r\n\r\n"
    return text.encode()


async def _answer(reader: asyncio.StreamReader) -> dict[str, Any]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    assert head.startswith("http/1.1 200 "), head
    length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
    answer: dict[str, Any] = json.loads(await reader.readexactly(length))
    return answer
