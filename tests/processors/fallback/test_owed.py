"""What is owed of an utterance, and when it is overdue."""

from __future__ import annotations

import pytest

from processors.fallback.owed import REPLAY_RATE, Owed

pytestmark = pytest.mark.unit

FINAL_S, NOTHING_S = 2.0, 3.0


def speaking() -> Owed:
    """An utterance that began at 10 s of the clock, which is 100 s of the audio."""
    owed = Owed()
    owed.began(10.0)
    owed.speech_started(10.0)
    return owed


def due_s(owed: Owed) -> float | None:
    return owed.due_s(FINAL_S, NOTHING_S)


def test_a_final_is_owed_from_the_end_of_speech() -> None:
    """And from no other moment, however long the speech was."""
    owed = speaking()
    owed.told("so far", 11.0)
    owed.speech_stopped(101.0, 12.0)
    assert due_s(owed) == 12.0 + FINAL_S
    assert not owed.is_settled
    owed.paid(101.5, 12.5)
    assert owed.is_settled and due_s(owed) is None


def test_a_provider_that_tells_as_it_hears_owes_signs_meanwhile() -> None:
    """Each sign counts; a segmented provider owes none."""
    owed = speaking()
    assert due_s(owed) == 10.0 + NOTHING_S
    owed.told("a", 12.0)
    assert due_s(owed) == 12.0 + NOTHING_S
    assert owed.due_s(FINAL_S, None) is None


def test_an_early_final_pays_for_the_stop_that_follows() -> None:
    """The provider's own endpointing was quicker than the VAD."""
    owed = speaking()
    owed.paid(102.0, 12.0)
    owed.speech_stopped(101.9, 12.2)
    assert owed.is_settled


def test_words_after_an_early_final_are_owed() -> None:
    """An interim after the final says that there is more to come."""
    owed = speaking()
    owed.paid(102.0, 12.0)
    owed.told("and", 12.1)
    owed.speech_stopped(101.9, 12.2)
    assert not owed.is_settled


@pytest.mark.parametrize(("reaches_s", "is_settled"), [(101.0, False), (101.9, True)])
def test_a_result_that_says_how_far_it_reaches_is_believed(
    reaches_s: float, is_settled: bool
) -> None:
    """A late final of earlier words does not pay for later ones."""
    owed = speaking()
    owed.paid(102.0, 12.0, reaches_s)
    owed.speech_stopped(102.0, 12.2)
    assert owed.is_settled is is_settled


def test_two_stretches_are_two_debts() -> None:
    """One final of a segmented provider pays for one; a result that reaches over both for both."""
    for reaches_s, is_settled in ((None, False), (104.0, True)):
        owed = speaking()
        owed.speech_stopped(101.0, 11.0)
        owed.speech_started(11.5)
        owed.speech_stopped(103.0, 13.0)
        assert due_s(owed) == 11.0 + FINAL_S
        owed.paid(104.0, 13.5, reaches_s)
        assert owed.is_settled is is_settled
        if not is_settled:
            assert due_s(owed) == 13.0 + FINAL_S


def test_the_next_provider_has_its_own_time_and_that_of_the_replay() -> None:
    """It has not been silent as long as the one before it, and has more to hear."""
    owed = speaking()
    owed.speech_stopped(108.0, 18.0)
    owed.asked(20.0, replay_s=8.0)
    assert due_s(owed) == 20.0 + 8.0 / REPLAY_RATE + FINAL_S
    assert owed.waited_s(20.0) == 2.0


def test_nobody_heard_a_word() -> None:
    """Then nothing is owed; the next utterance begins with nothing of this one."""
    owed = speaking()
    owed.speech_stopped(101.0, 11.0)
    owed.excused()
    assert owed.is_settled
    owed.told("late", 11.5)
    owed.began(20.0)
    assert owed.partial == "" and not owed.has_sign and owed.waited_s(21.0) == 0.0


def test_ears_that_tell_through_a_silence_are_late_as_soon_as_they_are_still() -> None:
    """They have longer for their first word than between two, in a pause as in speech."""
    still_s = 1.0
    owed = speaking()
    assert owed.due_s(FINAL_S, NOTHING_S, still_s=still_s) == 10.0 + NOTHING_S
    owed.told("so far", 11.0)
    assert owed.due_s(FINAL_S, NOTHING_S, still_s=still_s) == 11.0 + still_s
    owed.speech_stopped(101.0, 11.5)
    assert owed.due_s(FINAL_S, NOTHING_S, still_s=still_s) == 11.0 + still_s


def test_after_the_end_of_a_turn_such_ears_have_nothing_to_tell() -> None:
    """The VAD may go on hearing a noise: they are asked about, not held to have failed."""
    owed = speaking()
    owed.told("all of it", 11.0)
    owed.paid(101.0, 12.0, is_whole=True)
    assert not owed.has_sign
    assert owed.due_s(FINAL_S, NOTHING_S, still_s=1.0) == 12.0 + NOTHING_S
