"""Keeping what was heard."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

import structlog

from sounditout.analysis.events import Analysis, Event
from sounditout.analysis.models import Recording
from sounditout.errors import InternalError, SoundItOutError
from sounditout.persistence.database import Database
from sounditout.persistence.repositories import save_reading
from sounditout.wire import refusal

log = structlog.stdlib.get_logger(__name__)


async def saved(
    events: AsyncGenerator[Event, None], recording: Recording, database: Database
) -> AsyncGenerator[Event, None]:
    """The same events; a report is passed on when it has been kept, or an `error` when it could not be."""
    async with aclosing(events):
        async for event in events:
            failure = await _save(event, recording, database) if isinstance(event, Analysis) else None
            if failure is not None:
                yield refusal(recording.request_id, failure, event.seq)
                return
            yield event


async def _save(event: Analysis, recording: Recording, database: Database) -> SoundItOutError | None:
    """Keep the report, in one short transaction; what went wrong."""
    try:
        await database.write_at_once(
            partial(
                save_reading,
                user_id=recording.user_id,
                session_id=recording.session_id,
                request_id=recording.request_id,
                report=event.data,
            )
        )
    except SoundItOutError as error:  # the learner has left for good in the meantime
        return error
    except Exception:
        log.exception("saving failed", request_id=recording.request_id)
        return InternalError(stage="saving")
    return None
