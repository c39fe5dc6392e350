"""The models of a process that has none: tones for a voice, fixed ears and turns, no weights."""

from __future__ import annotations

from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams, VADState

from bots.local.models import LocalModels
from bots.spec import BotSpec, ProviderSpec
from processors.speech_models import SpeechModels
from tests.fakes.ears import FakeEars
from tests.fakes.speech import ToneVoice
from tests.fakes.turns import FixedScorer


class EnergyVAD(VADAnalyzer):
    """Speech is what is not digital silence."""

    def num_frames_required(self) -> int:
        """20 ms."""
        return self.sample_rate // 50

    confidence = 0.0

    def voice_confidence(self, buffer: bytes) -> float:
        """Sure, either way."""
        self.confidence = 1.0 if any(buffer) else 0.0
        return self.confidence

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is heard."""
        return self._vad_state is VADState.QUIET


class _Speech:
    def __init__(self, scorer: FixedScorer) -> None:
        self.smart_turn = scorer

    def vad_analyzer(self, params: VADParams | None = None) -> EnergyVAD:
        """One for a session; any loudness counts."""
        return EnergyVAD(params=VADParams(min_volume=0.0))


class FakeModels(LocalModels):
    """Stands where LocalModels does; `voice_made` has what was spoken, clause by clause.

    Its ears hear `heard`, whatever is said; `speech` are real ones, if given.
    """

    def __init__(
        self, heard: str = "What time is it?", *, speech: SpeechModels | None = None
    ) -> None:
        super().__init__()
        made = speech or _Speech(FixedScorer(0.9))
        self.speech = made  # pyright: ignore[reportAttributeAccessIssue]
        self.voice_made = ToneVoice()
        self._told_ears = FakeEars(hear=lambda pcm, rate_hz: heard)

    @property
    def spoken(self) -> str:
        """All that was given to the voice."""
        return " ".join(self.voice_made.spoken)

    def ears(self, spec: BotSpec, provider: ProviderSpec | None = None) -> FakeEars:
        """The ears of any bot."""
        return self._told_ears

    def voice(self, spec: BotSpec, provider: ProviderSpec | None = None) -> ToneVoice:
        """The voice of any bot."""
        return self.voice_made
