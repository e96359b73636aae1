"""Listening to a recording while it is still being made, whenever a worker has nothing better to do."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog

from sounditout.analysis.arrival import Arrival
from sounditout.analysis.cancellation import Cancellation
from sounditout.analysis.decode import DecodeLimits
from sounditout.analysis.events import PartialData
from sounditout.analysis.judge import WaveformOf
from sounditout.analysis.live import LiveReading
from sounditout.analysis.models import Recording
from sounditout.analysis.ports import Engines
from sounditout.analysis.sentence import parse_sentence
from sounditout.analysis.workers import Workers
from sounditout.errors import AnalysisTimeout, Cancelled, SoundItOutError

_PAUSE_SECONDS: Final = 0.3
"""Between two looks. Browsers send a piece every 100 to 500 ms: whichever it is, no look is 500 ms after the last."""
_SOON_SECONDS: Final = 0.005
"""From a piece to a look: behind the last piece comes the end of the recording, and then no look is wanted."""
_BUSY_SECONDS: Final = 0.1
"""Until the next try when no worker was free."""
_LATE: Final = "The rest of the recording did not arrive. Please read it once more."

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ReceiveLimits:
    """How long a recording may take to arrive (seconds)."""

    idle_seconds: float
    """Nothing comes for so long: it is given up."""
    total_seconds: float


class Reception:
    """One recording on its way.

    Args:
        tell: given every list of words that have been read so far.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        recording: Recording,
        arrival: Arrival,
        engines: Engines,
        workers: Workers,
        decode: DecodeLimits,
        max_sentence_characters: int,
        tell: Callable[[PartialData], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recording, self._arrival = recording, arrival
        self._engines, self._workers = engines, workers
        self._decode, self._max_sentence_characters = decode, max_sentence_characters
        self._tell, self._clock = tell, clock
        self._live: LiveReading | None = None
        self._looking: asyncio.Task[None] | None = None
        self._later: asyncio.TimerHandle | None = None
        self._stop = Cancellation()
        self._next_look_at = clock()

    async def complete(
        self, limits: ReceiveLimits, when_complete: Callable[[], None]
    ) -> tuple[bytes, WaveformOf | None]:
        """The whole recording, and how to get at its waveform when part of it has been decoded already.

        Args:
            limits: how long it may take.
            when_complete: called when the last piece has come.

        Raises:
            AnalysisTimeout: it stopped arriving.
            SoundItOutError: it cannot become a recording any more.
        """
        try:
            now = asyncio.get_running_loop().time
            latest = now() + limits.total_seconds
            async with asyncio.timeout(limits.total_seconds) as patience:
                while not self._arrival.is_complete:
                    patience.reschedule(min(latest, now() + limits.idle_seconds))
                    await self._arrival.news()
                    if not self._arrival.is_complete:
                        self._look()
            when_complete()
        except TimeoutError:
            raise AnalysisTimeout(_LATE, stage="receiving") from None  # that is all there is to say
        finally:
            await self._look_away()
        audio = self._arrival.audio
        live = self._live
        return audio, None if live is None else lambda stop: live.waveform(audio, stop)

    def _look(self) -> None:
        """Listen to what there is, unless somebody does or just did: then a little later."""
        if self._later is not None or (self._looking is not None and not self._looking.done()):
            return
        pause = max(_SOON_SECONDS, self._next_look_at - self._clock())
        self._later = asyncio.get_running_loop().call_later(pause, self._look_now)

    def _look_now(self) -> None:
        self._later = None
        self._next_look_at = self._clock() + _PAUSE_SECONDS
        self._looking = asyncio.create_task(self._listen(self._arrival.audio))

    async def _listen(self, audio: bytes) -> None:
        try:
            heard = await self._workers.run_if_idle(lambda stop: self._follow(audio, stop))
        except Cancelled:
            return
        except SoundItOutError as error:
            self._arrival.fail(error)  # too long already, or a sentence that cannot be read
            return
        except Exception:
            log.exception("listening on the way broke", request_id=self._recording.request_id)
            return
        if heard is None:
            self._next_look_at = self._clock() + _BUSY_SECONDS
        elif not self._stop.requested:
            self._tell(heard)

    def _follow(self, audio: bytes, stop: Cancellation) -> PartialData:
        """In a worker thread; one at a time."""
        with self._stop.watched_by(stop.request):
            if self._live is None:
                sentence = parse_sentence(
                    self._recording.sentence, self._engines.pronouncer, self._max_sentence_characters
                )
                self._live = LiveReading(sentence, self._engines.recognizer, self._decode)
            return self._live.follow(audio, stop)

    async def _look_away(self) -> None:
        """What counts now is the whole; the thread comes free at once."""
        self._stop.request()
        if self._later is not None:
            self._later.cancel()
        if self._looking is not None:
            await asyncio.wait([self._looking])
