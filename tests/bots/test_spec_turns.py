"""What a bot's `turns` may say, and what each of its knobs moves."""

from typing import Any

import pytest
from pydantic import ValidationError

from bots.spec_turns import TurnsSpec
from processors.patience import PATIENCES, Evidence, Patience
from processors.turn_cues import Announces

pytestmark = pytest.mark.unit

DOUBTFUL = Evidence(0.2)


@pytest.mark.parametrize("word", ["eager", "normal", "patient"])
def test_a_word_is_a_patience(word: str) -> None:
    """A patience alone is its own figures."""
    assert TurnsSpec.model_validate({"patience": word}).resolved() == PATIENCES[word]


def test_the_patiences_are_in_order() -> None:
    """At the same evidence the eager one never waits longer, the patient one never shorter."""
    for announces in Announces:
        for probability in (0.0, 0.3, 0.6, 0.9, 1.0):
            for is_telephone in (False, True):
                evidence = Evidence(probability, announces, is_telephone)
                waits = [
                    PATIENCES[name].wait_s(evidence) for name in ("eager", "normal", "patient")
                ]
                assert waits == sorted(waits)


@pytest.mark.parametrize(
    ("knob", "value", "evidence", "pace"),
    [
        ("shortest", "500ms", Evidence(1.0), 1.0),
        ("longest", "4s", DOUBTFUL, 1.0),
        ("sure", 0.15, DOUBTFUL, 1.0),
        ("telephone_sure", 0.15, Evidence(0.2, is_telephone=True), 1.0),
        ("unfinished", "2s", Evidence(0.2, Announces.MORE), 1.0),
        ("finished", 0.0, Evidence(0.2, Announces.END), 1.0),
        ("pace", 0.0, DOUBTFUL, 1.4),
    ],
)
def test_each_knob_moves_its_wait(knob: str, value: Any, evidence: Evidence, pace: float) -> None:
    """A knob changes the wait that it is named for."""
    plain, turned = Patience(), TurnsSpec.model_validate({knob: value}).resolved()
    assert turned.wait_s(evidence, pace) != plain.wait_s(evidence, pace)


def test_rescore_is_how_often_the_model_is_asked() -> None:
    """The one knob that moves no wait by itself."""
    assert TurnsSpec.model_validate({"rescore": "150ms"}).resolved().rescore_s == 0.15


@pytest.mark.parametrize(
    "wrong",
    [
        {"longest": 3},
        {"longest": "30s"},
        {"sure": 0},
        {"sure": 1.2},
        {"finished": -0.1},
        {"shortest": "2s", "longest": "1s"},
        {"detection": "provider", "longest": "2s"},
        {"pateince": "eager"},
    ],
)
def test_a_knob_out_of_range_is_refused(wrong: dict[str, Any]) -> None:
    """A figure without a unit, out of range or out of order does not load."""
    with pytest.raises(ValidationError):
        TurnsSpec.model_validate(wrong)
