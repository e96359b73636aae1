"""Telling this process at once that somebody's tokens have ended.

Other processes find out with `Authenticator.revoked`.
"""

from collections.abc import Callable

import structlog

log = structlog.stdlib.get_logger(__name__)


class Revocations:
    """Who is told, and by whom. Used from one event loop."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[int], None]] = []

    def on_revoked(self, listener: Callable[[int], None]) -> None:
        """Call `listener(user_id)` when a user's tokens have ended; it must not wait for anything."""
        self._listeners.append(listener)

    def revoke(self, user_id: int) -> None:
        """Say that every token of this user has ended. Call it after the database says so."""
        for listener in self._listeners:
            try:
                listener(user_id)
            except Exception:  # the tokens have ended all the same, and the next listener has to know
                log.exception("a listener failed", user_id=user_id)
