"""The local ears in a pipeline: interims, finals, errors and nothing lost, with fake ears."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    ErrorFrame,
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    MetricsFrame,
    STTMuteFrame,
    STTUpdateSettingsFrame,
    TranscriptionFrame,
    UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.metrics.metrics import ProcessingMetricsData, TTFBMetricsData
from pipecat.pipeline.worker import PipelineParams
from pipecat.tests.utils import SleepFrame, run_test
from pipecat.transcriptions.language import Language
from pipecat.utils.errors import ErrorCategory

from bots.local.stt import MAX_WAITING, LocalSTTService
from tests.fakes.ears import FakeEars, loud_s

pytestmark = pytest.mark.unit

RATE_HZ = 16_000


def audio(duration_s: float, *, loud: bool = True, rate_hz: int = RATE_HZ) -> list[Frame]:
    level = 8000 if loud else 0
    pcm = (level * (-1) ** np.arange(rate_hz // 50)).astype(np.int16).tobytes()
    return [InputAudioRawFrame(pcm, rate_hz, 1) for _ in range(round(duration_s * 50))]


def utterance(duration_s: float, *, rate_hz: int = RATE_HZ, settle: bool = True) -> list[Frame]:
    """Speech with its VAD frames; with `settle` the loop has a moment before the VAD stops."""
    return [
        *audio(0.2, rate_hz=rate_hz),
        VADUserStartedSpeakingFrame(start_secs=0.2),
        *audio(duration_s - 0.2, rate_hz=rate_hz),
        *audio(0.2, loud=False, rate_hz=rate_hz),
        *([SleepFrame(0.02)] if settle else []),
        VADUserStoppedSpeakingFrame(stop_secs=0.2),
        SleepFrame(0.02),
    ]


async def run(
    stt: LocalSTTService, frames: Sequence[Frame], rate_hz: int = RATE_HZ
) -> tuple[list[Frame], list[Frame]]:
    params = PipelineParams(audio_in_sample_rate=rate_hz, enable_metrics=True)
    down, up = await run_test(stt, frames_to_send=frames, pipeline_params=params)
    return list(down), list(up)


def texts(frames: Sequence[Frame]) -> list[str]:
    return [frame.text for frame in frames if isinstance(frame, TranscriptionFrame)]


def interims(frames: Sequence[Frame]) -> list[str]:
    return [frame.text for frame in frames if isinstance(frame, InterimTranscriptionFrame)]


def errors(frames: Sequence[Frame]) -> list[ErrorFrame]:
    return [frame for frame in frames if isinstance(frame, ErrorFrame)]


@pytest.mark.parametrize("is_over", [True, False])
async def test_the_first_interim_comes_sooner_over_the_bot(is_over: bool) -> None:
    """Half a second of speech is heard early while the bot speaks, and not once it is silent."""
    ears = FakeEars()
    said: list[Frame] = [BotStartedSpeakingFrame()]
    said += [] if is_over else [BotStoppedSpeakingFrame()]
    speech = [*audio(0.2), VADUserStartedSpeakingFrame(start_secs=0.2), *audio(0.3)]
    await run(LocalSTTService(ears), [*said, SleepFrame(0.02), *speech, SleepFrame(0.02)])
    assert (ears.calls != []) is is_over


async def test_an_utterance_ends_in_one_final() -> None:
    """All that was said, in the bot's language, marked as final."""
    down, _ = await run(LocalSTTService(FakeEars()), utterance(2.0))
    (final,) = [frame for frame in down if isinstance(frame, TranscriptionFrame)]
    assert final.text == "2.0 s"
    assert final.finalized
    assert final.language is Language.EN


async def test_audio_and_vad_frames_are_passed_on() -> None:
    """Whatever stands behind the ears hears the caller too."""
    frames = utterance(1.0)
    down, _ = await run(LocalSTTService(FakeEars()), frames)
    sent = sum(isinstance(frame, InputAudioRawFrame) for frame in frames)
    assert sum(isinstance(frame, InputAudioRawFrame) for frame in down) == sent
    assert any(isinstance(frame, VADUserStoppedSpeakingFrame) for frame in down)


async def test_interims_are_shown_while_the_caller_speaks() -> None:
    """They come before the final, and grow."""
    frames = [
        *audio(0.2),
        VADUserStartedSpeakingFrame(start_secs=0.2),
        *audio(0.8),
        SleepFrame(0.1),
        *audio(0.8),
        SleepFrame(0.1),
        VADUserStoppedSpeakingFrame(stop_secs=0.2),
    ]
    down, _ = await run(LocalSTTService(FakeEars()), frames)
    assert interims(down) == ["0.6 s", "1.3 s"]
    assert texts(down) == ["1.8 s"]


async def test_a_busy_model_has_no_time_for_interims() -> None:
    """Another call's final goes first."""
    ears = FakeEars(is_busy=True)
    down, _ = await run(LocalSTTService(ears), utterance(3.0))
    assert interims(down) == []
    assert texts(down) == ["3.0 s"]
    assert len(ears.calls) == 1


async def test_a_dip_that_was_the_end_needs_no_second_pass() -> None:
    """The pass made in the dip is the final; the ears are not asked again."""
    ears = FakeEars()
    down, _ = await run(LocalSTTService(ears), utterance(0.5))
    assert texts(down) == ["0.5 s"]
    assert len(ears.calls) == 1


async def test_a_pass_that_is_late_is_waited_for() -> None:
    """The VAD stops while the dip's pass is still under way."""
    ears = FakeEars(gate=asyncio.Event())
    stt = LocalSTTService(ears)
    asyncio.get_running_loop().call_later(0.3, ears.gate.set) if ears.gate else None
    down, _ = await run(stt, utterance(0.5))
    assert texts(down) == ["0.5 s"]
    assert interims(down) == []


async def test_a_short_segment_is_mended_by_what_follows() -> None:
    """The second final has only the words that are new, heard with the first."""

    def hear(pcm: NDArray[np.int16], rate_hz: int) -> str:
        is_joined = loud_s(pcm, rate_hz) > 1.0
        return "Please cancel my appointment." if is_joined else "Please can't sell."

    down, _ = await run(
        LocalSTTService(FakeEars(hear)), [*utterance(0.6), *audio(0.2, loud=False), *utterance(0.8)]
    )
    assert texts(down) == ["Please can't sell.", "appointment."]


async def test_segments_of_two_turns_are_not_joined() -> None:
    """The answer stood between them."""
    ears = FakeEars()
    frames = [*utterance(0.6), UserStoppedSpeakingFrame(), *utterance(0.8)]
    down, _ = await run(LocalSTTService(ears), frames)
    assert texts(down) == ["0.6 s", "0.8 s"]


async def test_a_minute_without_a_pause_is_one_final() -> None:
    """Heard in pieces, told as one; no second of it is lost."""
    ears = FakeEars(is_busy=True)
    down, _ = await run(LocalSTTService(ears), utterance(70.0))
    (text,) = texts(down)
    assert sum(float(word) for word in text.split() if word != "s") == pytest.approx(70.0, abs=0.05)
    assert max(ears.calls) <= 28.02


async def test_no_words_make_no_transcript() -> None:
    """A cough is not an empty sentence."""
    down, up = await run(LocalSTTService(FakeEars(lambda pcm, rate: "")), utterance(1.5))
    assert texts(down) == []
    assert errors(up) == []


async def test_a_failure_is_an_error_frame_and_the_call_goes_on() -> None:
    """The next sentence is heard."""
    passes = iter([RuntimeError("out of memory"), "Hello."])

    def hear(pcm: NDArray[np.int16], rate_hz: int) -> str:
        outcome = next(passes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    ears = FakeEars(hear, is_busy=True)
    down, up = await run(
        LocalSTTService(ears), [*utterance(1.5), UserStoppedSpeakingFrame(), *utterance(1.5)]
    )
    (error,) = errors(up)
    assert error.category is ErrorCategory.SERVER
    assert "out of memory" in error.error
    assert texts(down) == ["Hello."]


async def test_a_failed_peek_is_made_good_by_the_final() -> None:
    """An interim that fails is not worth an error; the final is tried anew."""
    passes = iter([True, False])

    def hear(pcm: NDArray[np.int16], rate_hz: int) -> str:
        if next(passes):
            raise RuntimeError("busy")
        return "Hello."

    down, up = await run(LocalSTTService(FakeEars(hear)), utterance(0.5))
    assert texts(down) == ["Hello."]
    assert errors(up) == []


async def test_a_backlog_is_refused_rather_than_kept() -> None:
    """A model that hangs does not pile up audio."""
    gate = asyncio.Event()
    ears = FakeEars(is_busy=True, gate=gate)
    asyncio.get_running_loop().call_later(1.5, gate.set)
    frames = [
        frame
        for _ in range(MAX_WAITING + 3)
        for frame in [*utterance(1.5, settle=False), UserStoppedSpeakingFrame()]
    ]
    down, up = await run(LocalSTTService(ears), frames)
    assert len(texts(down)) == MAX_WAITING + 1
    assert {error.category for error in errors(up)} == {ErrorCategory.SERVER}
    assert len(errors(up)) == 2


async def test_a_muted_caller_is_not_heard() -> None:
    """And what was said while muted does not come up later."""
    ears = FakeEars()
    frames = [
        STTMuteFrame(mute=True),
        *audio(1.0),
        STTMuteFrame(mute=False),
        *audio(0.2, loud=False),
        VADUserStartedSpeakingFrame(start_secs=0.2),
        *audio(1.5),
        VADUserStoppedSpeakingFrame(stop_secs=0.2),
    ]
    down, _ = await run(LocalSTTService(ears), frames)
    assert texts(down) == ["1.5 s"]


async def test_a_telephone_s_rate_goes_to_the_ears_as_it_is() -> None:
    """The ears resample, off the event loop."""
    ears = FakeEars()
    down, _ = await run(LocalSTTService(ears), utterance(2.0, rate_hz=8000), rate_hz=8000)
    assert texts(down) == ["2.0 s"]
    assert set(ears.rates_hz) == {8000}


async def test_pipecat_s_metrics_are_emitted() -> None:
    """Time to the transcript, and the time of the pass."""
    down, _ = await run(LocalSTTService(FakeEars()), utterance(1.5))
    kinds = [type(data) for frame in down if isinstance(frame, MetricsFrame) for data in frame.data]
    assert TTFBMetricsData in kinds
    assert ProcessingMetricsData in kinds


async def test_the_language_can_change_in_a_call() -> None:
    """The same model, another language."""
    ears = FakeEars()
    delta = LocalSTTService.Settings(language=Language.ES_MX)
    down, _ = await run(
        LocalSTTService(ears), [STTUpdateSettingsFrame(delta=delta), *utterance(1.5)]
    )
    (final,) = [frame for frame in down if isinstance(frame, TranscriptionFrame)]
    assert final.language is Language.ES


async def test_an_unknown_language_is_an_error_and_the_old_one_stays() -> None:
    """A wrong setting does not make the bot deaf."""
    ears = FakeEars()
    delta = LocalSTTService.Settings(language="xx")
    down, up = await run(
        LocalSTTService(ears), [STTUpdateSettingsFrame(delta=delta), *utterance(1.5)]
    )
    assert [error.category for error in errors(up)] == [ErrorCategory.APPLICATION]
    assert texts(down) == ["1.5 s"]


async def test_run_stt_transcribes_what_it_is_given() -> None:
    """For whoever replays an utterance through other ears."""
    stt = LocalSTTService(FakeEars())
    pcm = np.full(RATE_HZ, 100, np.int16).tobytes()
    frames = [frame async for frame in stt.run_stt(pcm) if frame]
    assert texts(frames) == ["1.0 s"]


def test_the_latency_told_follows_the_machine() -> None:
    """The VAD's wait and four passes as measured when the model was warmed."""
    stt = LocalSTTService(FakeEars(typical_s=0.25))
    assert stt.service_metadata_frame().ttfs_p99_latency == pytest.approx(1.2)
