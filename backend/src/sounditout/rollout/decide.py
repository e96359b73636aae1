"""Which transport a user has, and why. Pure: the same user gets the same answer in every process, for ever."""

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

Switch = Literal["off", "on", "auto"]
"""The kill switch: nobody at all; everybody who has not chosen otherwise; or whoever it is the turn of."""
Reason = Literal["only_way", "switched_off", "switched_on", "chosen", "stage"]
"""`only_way`: there is no other transport any more."""

_SALT: Final = b"sounditout websocket rollout 1:"
"""Never change it: all users would be dealt anew, and what was learnt of the cohorts would be worth nothing."""
_HASH_BYTES: Final = 6
"""48 bits, which a float holds exactly, so that the quotient stays below one."""


@dataclass(frozen=True, slots=True)
class Decision:
    use_websocket: bool
    reason: Reason
    """Only users whose reason is `stage` were dealt at random: they alone are evidence (see `evidence`)."""


def decide(
    switch: Switch,
    choice: bool | None,  # noqa: FBT001
    percentage: int,
    user_id: int,
    *,
    only_way: bool = False,
) -> Decision:
    """The first of these that has something to say: what there is at all, the kill switch, the user, the stage.

    A user's choice always wins over those who merely have a turn: also when everybody has it.

    Args:
        switch: for the whole server.
        choice: the user's own setting; None: the user has not chosen.
        percentage: of all users, 0..100.
        user_id: as in the database.
        only_way: SSE is retired.
    """
    if only_way:
        return Decision(use_websocket=True, reason="only_way")
    if switch == "off":
        return Decision(use_websocket=False, reason="switched_off")
    if choice is not None:
        return Decision(choice, "chosen")
    if switch == "on":
        return Decision(use_websocket=True, reason="switched_on")
    return Decision(bucket(user_id) < percentage, "stage")


def bucket(user_id: int) -> float:
    """A user's place, 0 <= place < 100, evenly spread: below the percentage is in. So raising it only adds users."""
    digest = hashlib.sha256(_SALT + str(user_id).encode()).digest()[:_HASH_BYTES]
    return 100 * int.from_bytes(digest, "big") / 256**_HASH_BYTES
