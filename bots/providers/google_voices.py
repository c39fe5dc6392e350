"""Google's voices, which its SDK lists over gRPC for a service account's key in a file.

https://cloud.google.com/text-to-speech/docs/reference/rpc (ListVoices). Not run against Google.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

from bots.errors import ProviderError
from bots.providers.entry import ProviderEntry


async def list_voices(
    entry: ProviderEntry, key_file: str, timeout_s: float
) -> list[tuple[str, str, list[str]]]:
    """Id, name and languages of each.

    Raises:
        ImportError: the SDK is not installed.
        ProviderError: the file is no key.
        Exception: what the SDK raised.
    """
    account = await asyncio.to_thread(importlib.import_module, "google.oauth2.service_account")
    speech = await asyncio.to_thread(importlib.import_module, "google.cloud.texttospeech_v1")
    try:
        credentials = account.Credentials.from_service_account_file(key_file)
    except (OSError, ValueError) as error:
        raise ProviderError(
            f"The file in {entry.env_var} is no key of a service account.",
            provider=entry.name,
            stage=entry.kind,
            category="authentication",
            hint="Download one as JSON, and give its path.",
        ) from error
    async with speech.TextToSpeechAsyncClient(credentials=credentials) as client:
        return listed(await client.list_voices(retry=None, timeout=timeout_s))


def listed(answer: Any) -> list[tuple[str, str, list[str]]]:
    """The voices of a ListVoicesResponse: their names are their ids."""
    return [(one.name, one.name, list(one.language_codes)) for one in answer.voices]
