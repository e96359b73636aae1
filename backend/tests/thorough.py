"""With how many examples properties are tried.

What is wrong shows within a few dozen examples, or needs thousands. The usual run, which everybody waits for, has the
former; `SOUNDITOUT_EXAMPLES=20` multiplies, for whoever has changed what a property is about.
"""

import os
from typing import Final

from hypothesis import HealthCheck, settings

_TIMES: Final = int(os.environ.get("SOUNDITOUT_EXAMPLES", "1"))
_USUAL: Final = 40


def examples(usual: int) -> settings:
    """Of a property for which the usual number is too few or too dear."""
    return settings(max_examples=usual * _TIMES)


def load_profile() -> None:
    """For all properties; none fails because the machine has other things to do."""
    settings.register_profile(
        "usual", max_examples=_USUAL * _TIMES, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("usual")
