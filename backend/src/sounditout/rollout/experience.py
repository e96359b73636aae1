"""What one user has lived through, before it is added to what a cohort has. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Experience:
    """What one user has lived through since the last time."""

    readings: int = 0
    failed_readings: int = 0
    later_requests: int = 0
    slow_later_requests: int = 0
    sessions: int = 0
    broken_sessions: int = 0
    latencies: Mapping[int, int] = field(default_factory=dict)
    """How many by bin, see `evidence.latency_bin`."""

    @property
    def counts(self) -> dict[str, int]:
        return {
            "readings": self.readings,
            "failed_readings": self.failed_readings,
            "later_requests": self.later_requests,
            "slow_later_requests": self.slow_later_requests,
            "sessions": self.sessions,
            "broken_sessions": self.broken_sessions,
        }
