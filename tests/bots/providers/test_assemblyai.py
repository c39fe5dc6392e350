"""AssemblyAI's ears at the end of a call and when they are refused, against the emulator."""

from __future__ import annotations

import pytest
from pipecat.frames.frames import ErrorFrame, TranscriptionFrame
from pipecat.utils.errors import ErrorCategory

from bots.providers.assemblyai import PunctualAssemblyAISTTService
from emulators.assemblyai import AssemblyAIEmulator
from emulators.word_tones import encode
from tests.emulators.rig import running
from tests.emulators.test_deepgram import RATE_HZ, SILENCE, finals, speak

pytestmark = pytest.mark.wire

FRAME = bytes(RATE_HZ // 50 * 2)
"""20 ms: less than the vendor takes by itself."""


def service(vendor: AssemblyAIEmulator, key: str = "key") -> PunctualAssemblyAISTTService:
    return PunctualAssemblyAISTTService(
        api_key=key, api_endpoint_base_url=vendor.base_url, vad_force_turn_endpoint=False
    )


async def test_a_session_ends_with_its_goodbye() -> None:
    """What is left of the audio at the end is too short for the vendor, which is spared it."""
    async with AssemblyAIEmulator() as vendor:
        async with running(service(vendor)) as rig:
            await vendor.wait_for_requests("connect", 1)
            await speak(rig, encode("w1 w2.", RATE_HZ) + SILENCE + FRAME)
            await rig.wait_for(TranscriptionFrame)
        assert finals(rig) == ["w1 w2."] and rig.errors == ""
        assert vendor.asked[-1].operation == "terminate"


@pytest.mark.parametrize(
    ("kind", "category"),
    [
        ("401", ErrorCategory.AUTHENTICATION),
        ("402", ErrorCategory.QUOTA),
        ("429", ErrorCategory.RATE_LIMIT),
        ("503", ErrorCategory.SERVER),
    ],
)
async def test_a_refusal_over_the_open_socket_is_told_for_what_it_is(
    kind: str, category: ErrorCategory
) -> None:
    """By an Error message of the vendor's, which says nothing of the key."""
    async with AssemblyAIEmulator() as vendor:
        vendor.fault(kind, times=1)
        async with running(service(vendor)) as rig:
            await rig.wait_for_error("AssemblyAI ended the session")
        assert rig.all(ErrorFrame)[0].category is category


async def test_a_wrong_key_makes_the_ears_unusable() -> None:
    """At the first refusal: another try would be refused, too."""
    async with AssemblyAIEmulator() as vendor:
        refused = service(vendor, "wrong")
        async with running(refused) as rig:
            await rig.wait_for_error("1008")
            assert not refused.is_usable
