import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sounditout.analysis.models import Pronunciation
from sounditout.analysis.phonemes import PHONEMES
from sounditout.engines.variants import with_variants, without_stress


@pytest.mark.parametrize(
    ("usual", "other"),
    [
        ("L IH1 T AH0 L", "L IH T L"),
        ("S EH1 V AH0 N", "S EH V N"),
        ("S IY1 Z AH0 N Z", "S IY Z N Z"),
        ("HH IY1 R", "HH IH R"),
        ("N IH1 R", "N IY R"),
        ("B IY R D", "B IH R D"),
        ("SH UH1 R", "SH AO R"),
        ("ER0 AW1 N D", "AH R AW N D"),
    ],
)
def test_both_are_accepted_and_the_usual_one_comes_first(usual: str, other: str) -> None:
    assert [" ".join(form) for form in with_variants((tuple(usual.split()),))] == [
        re.sub("[01]", "", usual),
        other,
    ]


@pytest.mark.parametrize(
    "form", ["K AE T", "AH0 L OW1 N", "S AH1 N", "B IH0 G AH1 N", "AH0 N", "Z IH1 R OW", "B ER1 D"]
)
def test_others_have_only_one(form: str) -> None:
    assert with_variants((tuple(form.split()),)) == (without_stress(tuple(form.split())),)


@given(st.lists(st.lists(st.sampled_from(PHONEMES), min_size=1, max_size=8).map(tuple), min_size=1, unique=True))
def test_nothing_is_lost_and_little_added(forms: list[Pronunciation]) -> None:
    found = with_variants(tuple(forms))
    assert found[: len(forms)] == tuple(forms)
    assert len(found) == len(set(found)) <= max(8, len(forms))
    assert all(found)
