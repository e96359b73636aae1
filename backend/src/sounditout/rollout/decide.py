"""Which transport a user has, and why. Pure: the same user gets the same answer in every process, for ever."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

Switch = Literal["off", "on", "auto"]
"""The kill switch: nobody, everybody, or whoever it is the turn of."""
Reason = Literal["switched_off", "switched_on", "chosen", "stage"]

_SALT: Final = b"sounditout websocket rollout 1:"
"""Never change it: all users would be dealt anew, and what was learnt of the cohorts would be worth nothing."""
_HASH_BYTES: Final = 6
"""48 bits, which a float holds exactly, so that the quotient stays below one."""


@dataclass(frozen=True, slots=True)
class Decision:
    use_websocket: bool
    reason: Reason
    """Only users whose reason is `stage` were dealt at random: they alone are evidence (see `evidence`)."""


def decide(switch: Switch, choice: bool | None, percentage: int, user_id: int) -> Decision:  # noqa: FBT001
    """The first of these that has something to say: the kill switch, the user, the stage.

    Args:
        switch: for the whole server.
        choice: the user's own setting; None: the user has not chosen.
        percentage: of all users, 0..100.
        user_id: as in the database.
    """
    if switch != "auto":
        return Decision(switch == "on", "switched_on" if switch == "on" else "switched_off")
    if choice is not None:
        return Decision(choice, "chosen")
    return Decision(bucket(user_id) < percentage, "stage")


def bucket(user_id: int) -> float:
    """A user's place, 0 <= place < 100, evenly spread: below the percentage is in. So raising it only adds users."""
    digest = hashlib.sha256(_SALT + str(user_id).encode()).digest()[:_HASH_BYTES]
    return 100 * int.from_bytes(digest, "big") / 256**_HASH_BYTES
