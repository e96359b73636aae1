"""One reading before the first learner's, so that theirs is as fast as the hundredth."""

import gc
from typing import Final

import structlog

from sounditout.analysis.decode import DecodeLimits
from sounditout.analysis.judge import JudgeLimits, judge
from sounditout.analysis.models import Recording
from sounditout.analysis.ports import Engines
from sounditout.analysis.workers import Workers
from sounditout.errors import SoundItOutError

log = structlog.stdlib.get_logger(__name__)

_TEXT: Final = "The cat sat on the mat."
_NEW_OBJECTS: Final = 5_000
"""So many more than there were, and garbage is looked for. Python's own 700 come several times in each reading."""
_LIMITS: Final = JudgeLimits(DecodeLimits(0.1, 60.0, 4 * 1024 * 1024), max_sentence_characters=100)


async def warm_up(engines: Engines, workers: Workers) -> None:
    """Let the voice speak, the recogniser listen to it and the coach advise; then settle the memory.

    Models allocate their buffers at the first call, libraries load parts of themselves, and the garbage collector
    would otherwise walk through all that was loaded, for 0.1 s, in the middle of somebody's reading.
    """
    try:
        spoken = await engines.speaker.speak(_TEXT)
        own_voice = Recording(request_id="warm-up", user_id=0, session_id=0, sentence=_TEXT, audio=spoken.data)
        await engines.coach.advise(await workers.run(0, judge, own_voice, engines, _LIMITS, lambda _: None))
    except SoundItOutError:
        log.exception("the first reading failed; the server starts all the same")
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, *gc.get_threshold()[1:])
