"""What a client does when its WebSocket is closed, by close code."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

UNAUTHORIZED: Final = 4401


class After(StrEnum):
    """What to do after a close."""

    STOP = "stop"
    """The same thing would only happen again."""
    RENEW = "renew"
    """Get another token and come back; once, then stop."""
    RECONNECT = "reconnect"
    """Come back after a random moment, which grows."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a close code means to a client."""

    after: After
    at_least_seconds: float = 0.0
    """Do not come back earlier."""


RULES: Final[dict[int, Rule]] = {
    1000: Rule(After.STOP),
    1001: Rule(After.RECONNECT),
    1006: Rule(After.RECONNECT),  # never sent: the connection ended without a close
    1007: Rule(After.STOP),
    1009: Rule(After.STOP),
    1011: Rule(After.RECONNECT),
    1012: Rule(After.RECONNECT),
    1013: Rule(After.RECONNECT),
    4400: Rule(After.STOP),
    UNAUTHORIZED: Rule(After.RENEW),
    4408: Rule(After.RECONNECT),
    4409: Rule(After.STOP),
    4429: Rule(After.RECONNECT, at_least_seconds=30.0),
}

_OTHERS: Final = Rule(After.RECONNECT)


def rule_for(code: int | None) -> Rule:
    """The rule for a close code; None: the connection broke without one."""
    return _OTHERS if code is None else RULES.get(code, _OTHERS)
