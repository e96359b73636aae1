"""The plan's success metrics, by transport and stage, out of the figures that pages have sent. Pure.

The same arithmetic as for the evidence of the rollout (`measurements.experience`), over everybody and since the
server started. One thing is missing: a later reading that failed before its first event has no time to be counted by.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample
from pydantic import BaseModel, Field

from sounditout.telemetry.measurements import MAX_MILLISECONDS, is_broken
from sounditout.telemetry.metrics import BOUNDS_SECONDS, WITHIN_SECONDS, Transport

_EDGES_MS: Final = (0.0, *(1000 * bound for bound in BOUNDS_SECONDS), float(MAX_MILLISECONDS))
"""Of all bins. Nothing that took longer than the last is taken for a measurement."""
_BOUNDS: Final = (*BOUNDS_SECONDS, float("inf"))
_HALF: Final = 0.5
_MOST: Final = 0.95
_TRANSPORTS: Final[tuple[Transport, ...]] = ("websocket", "sse")


class Bin(BaseModel):
    """How many took longer than `from_ms`, and no longer than `to_ms`."""

    from_ms: float
    to_ms: float
    count: int


class Latency(BaseModel):
    """How long something took, in milliseconds; null and empty where it never happened."""

    median: float | None
    p95: float | None
    bins: list[Bin] = Field(description="with the same edges everywhere")


class Counted(BaseModel):
    """What pages have measured of one transport at one stage."""

    transport: Transport
    stage: int = Field(description="per cent of all users")
    readings: int = Field(description="cancelled ones left out")
    failed: int = Field(description="through the fault of the service")
    later: int = Field(description="readings with a first event that were not the first of their page")
    later_within_500ms: int
    sessions: int = Field(description="connections until the page wanted their end; SSE has none")
    sessions_whole: int = Field(description="never lost in between")
    words_ms: Latency = Field(description="from the end of a recording to its coloured words")
    first_event_ms: Latency = Field(description="from handing a reading in to its first event")


class Closed(BaseModel):
    code: str
    count: int


class FellBack(BaseModel):
    reason: str
    count: int


class Figures(BaseModel):
    """What was counted by all processes of the server since it started."""

    since: datetime
    connections_now: int
    closes: list[Closed] = Field(description="the most frequent first")
    fallbacks: list[FellBack] = Field(description="from the WebSocket to SSE; the most frequent first")
    reconnects: int
    transports: list[Counted] = Field(description="those of which something is known")


def figures_of(families: Iterable[Metric]) -> Figures:
    """The figures of a server for its operations page.

    Args:
        families: see `Metrics.collect`.
    """
    samples = _Samples(families)
    return Figures(
        since=datetime.fromtimestamp(samples.sum("start_time_seconds"), UTC),
        connections_now=int(samples.sum("connections")),
        closes=[Closed(code=code, count=n) for code, n in samples.by("code", "connections_closed_total")],
        fallbacks=[FellBack(reason=reason, count=n) for reason, n in samples.by("reason", "client_fallbacks_total")],
        reconnects=int(samples.sum("client_reconnects_total")),
        transports=list(_counted(samples)),
    )


class _Samples:
    """Samples by name, that one without the prefix."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._named: dict[str, list[Sample]] = {}
        for family in families:
            for sample in family.samples:
                self._named.setdefault(sample.name.removeprefix("sounditout_"), []).append(sample)

    def of(self, name: str, **labels: str) -> list[Sample]:
        """Those with these labels, whatever others they have."""
        return [one for one in self._named.get(name, ()) if labels.items() <= one.labels.items()]

    def sum(self, name: str, **labels: str) -> float:
        return sum(one.value for one in self.of(name, **labels))

    def by(self, label: str, name: str, **labels: str) -> list[tuple[str, int]]:
        """Sums by the values of one more label, the largest first."""
        sums: Counter[str] = Counter()
        for one in self.of(name, **labels):
            sums[one.labels[label]] += int(one.value)
        return sums.most_common()


def _counted(samples: _Samples) -> Iterator[Counted]:
    for transport in _TRANSPORTS:
        for stage in _stages(samples, transport):
            one = _count(samples, transport, stage)
            if one.readings or one.sessions or one.words_ms.bins or one.first_event_ms.bins:
                yield one


def _stages(samples: _Samples, transport: Transport) -> list[str]:
    counters = ("client_readings_total", "client_sessions_total")
    stages = {one.labels["stage"] for counter in counters for one in samples.of(counter, transport=transport)}
    if transport == "websocket":
        stages |= {one.labels["stage"] for one in samples.of("client_fallbacks_total")}
    return sorted(stages, key=int)


def _count(samples: _Samples, transport: Transport, stage: str) -> Counted:
    where = {"transport": transport, "stage": stage}
    readings = dict(samples.by("outcome", "client_readings_total", **where))
    whole = int(samples.sum("client_sessions_total", **where, broken="false"))
    later = {**where, "later": "true"}
    return Counted(
        transport=transport,
        stage=int(stage),
        readings=sum(readings.values()) - readings.get("cancelled", 0),
        failed=int(samples.sum("client_readings_total", **where, failed="true")),
        later=int(samples.sum("client_first_event_seconds_count", **later)),
        later_within_500ms=_at_most(samples, "client_first_event_seconds", later).get(WITHIN_SECONDS, 0),
        sessions=int(samples.sum("client_sessions_total", **where)) + _lost_for_good(samples, transport, stage),
        sessions_whole=whole,
        words_ms=_latency(samples, "client_words_seconds", where),
        first_event_ms=_latency(samples, "client_first_event_seconds", where),
    )


def _lost_for_good(samples: _Samples, transport: Transport, stage: str) -> int:
    """WebSockets that were given up for SSE, of which there is no `session`."""
    if transport != "websocket":
        return 0
    return sum(
        count for reason, count in samples.by("reason", "client_fallbacks_total", stage=stage) if is_broken(reason)
    )


def _at_most(samples: _Samples, name: str, where: dict[str, str]) -> dict[float, int]:
    """How many of a histogram's took at most so many seconds, by bound."""
    return {float(bound): count for bound, count in samples.by("le", f"{name}_bucket", **where)}


def _latency(samples: _Samples, name: str, where: dict[str, str]) -> Latency:
    at_most = _at_most(samples, name, where)
    counts = [upto - below for below, upto in pairwise([0, *(at_most.get(bound, 0) for bound in _BOUNDS)])]
    if not any(counts):
        return Latency(median=None, p95=None, bins=[])
    edges = pairwise(_EDGES_MS)
    bins = [Bin(from_ms=low, to_ms=high, count=n) for (low, high), n in zip(edges, counts, strict=True)]
    return Latency(median=_quantile(bins, _HALF), p95=_quantile(bins, _MOST), bins=bins)


def _quantile(bins: list[Bin], share: float) -> float:
    """As if times were spread evenly over their bin; of the last bin, the lower edge, as Prometheus does it."""
    wanted = share * sum(one.count for one in bins)
    below = 0
    for one in bins[:-1]:
        if one.count and below + one.count >= wanted:
            return one.from_ms + (wanted - below) / one.count * (one.to_ms - one.from_ms)
        below += one.count
    return bins[-1].from_ms
