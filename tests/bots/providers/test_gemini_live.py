"""Gemini Live that cannot be had, as a call's pipeline hears of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from google.genai.types import HttpOptions
from pipecat.frames.frames import ErrorFrame
from pipecat.utils.errors import ErrorCategory

from bots.providers.gemini_live import WatchedGeminiLiveLLMService
from emulators.gemini_live import GeminiLiveEmulator
from tests.emulators.rig import Rig, running
from tests.fakes.tls import behind_tls
from tests.fakes.waiting import until

pytestmark = [
    pytest.mark.wire,
    # Pipecat's own call of the SDK.
    pytest.mark.filterwarnings("ignore:Setting `LiveConnectConfig.generation_config`"),
]


@asynccontextmanager
async def calling(
    folder: Path,
    vendor: GeminiLiveEmulator,
    *,
    key: str = "key",
    model: str = "models/gemini-3.8-live",
    ready_s: float = 10.0,
) -> AsyncIterator[tuple[Rig, Any]]:
    """A call of such a service, which waits `ready_s` for its session."""
    port = urlsplit(vendor.base_url).port
    assert port
    async with behind_tls(folder, port) as (tls_port, trusted):
        options = HttpOptions(
            base_url=f"https://127.0.0.1:{tls_port}", async_client_args={"ssl": trusted}
        )
        service = WatchedGeminiLiveLLMService(
            api_key=key,
            http_options=options,
            settings=WatchedGeminiLiveLLMService.Settings(model=model),
            ready_s=ready_s,
        )
        async with running(service) as rig:
            yield rig, service


async def told(rig: Rig) -> ErrorCategory | None:
    """The category of the one error of the call."""
    await rig.wait_for(ErrorFrame)
    (error,) = rig.all(ErrorFrame)
    return error.category


async def test_a_refused_key_is_told(tmp_path: Path) -> None:
    """For good, so that the call ends, and without the key."""
    async with GeminiLiveEmulator() as vendor, calling(tmp_path, vendor, key="wrong") as (rig, _):
        category = await told(rig)
        assert category is not None and category.is_permanent
        assert "wrong" not in rig.errors


async def test_an_unknown_model_is_told(tmp_path: Path) -> None:
    """The vendor takes the socket first, and closes it over the setup."""
    async with (
        GeminiLiveEmulator() as vendor,
        calling(tmp_path, vendor, model="models/unknown-1") as (rig, _),
    ):
        assert await told(rig) is ErrorCategory.INVALID_REQUEST


async def test_a_vendor_that_is_down_is_told(tmp_path: Path) -> None:
    """By the status of its handshake."""
    async with GeminiLiveEmulator() as vendor:
        vendor.fault("503")
        async with calling(tmp_path, vendor) as (rig, _):
            assert await told(rig) is ErrorCategory.SERVER


async def test_a_session_that_never_gets_ready_is_told(tmp_path: Path) -> None:
    """Silence of the vendor is no silence of the call."""
    async with GeminiLiveEmulator() as vendor:
        vendor.fault("hang", operation="connect")
        async with calling(tmp_path, vendor, ready_s=0.3) as (rig, _):
            assert await told(rig) is ErrorCategory.CONNECTIVITY


async def test_a_session_that_is_ready_may_last(tmp_path: Path) -> None:
    """The bound is of getting ready alone."""
    async with GeminiLiveEmulator() as vendor, calling(tmp_path, vendor) as (rig, service):
        await until(lambda: service._session is not None)
        assert service._until_ready.when() is None
        assert rig.errors == ""
