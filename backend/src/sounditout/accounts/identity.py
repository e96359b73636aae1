"""Who somebody proved to be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A user who proved to be one."""

    user_id: int
    username: str
    expires_at: float
    """Unix time, seconds: the proof is worth nothing from then on."""
    token_version: int
    """The user's, at the time of the proof."""
    signed_in_at: float = 0.0
    """Unix time, seconds: when a password was last asked for, or a guest began; 0: nobody knows."""
