"""The emulated vendors of models, and Pipecat's services of them as the tests ask them."""

from typing import Any

from anthropic import AsyncAnthropic
from google.genai.types import HttpOptions
from pipecat.services.anthropic.llm import AnthropicLLMService
from pipecat.services.cerebras.llm import CerebrasLLMService
from pipecat.services.google.llm import GoogleLLMService
from pipecat.services.groq.llm import GroqLLMService
from pipecat.services.llm_service import LLMService
from pipecat.services.openai.llm import OpenAILLMService

from emulators.anthropic import AnthropicEmulator
from emulators.cerebras import CerebrasEmulator
from emulators.gemini import GeminiEmulator
from emulators.groq import GroqEmulator
from emulators.model import ModelEmulator
from emulators.openai import OpenAIEmulator

MODELS: tuple[type[ModelEmulator], ...] = (
    OpenAIEmulator,
    CerebrasEmulator,
    GroqEmulator,
    AnthropicEmulator,
    GeminiEmulator,
)
PROTOCOLS: tuple[type[ModelEmulator], ...] = (CerebrasEmulator, AnthropicEmulator, GeminiEmulator)
"""One vendor of each protocol."""


def service(vendor: ModelEmulator) -> LLMService[Any]:
    """The vendor's Pipecat service; its client does not ask again by itself."""
    url = vendor.base_url
    match vendor:
        case AnthropicEmulator():
            client = AsyncAnthropic(api_key="key", base_url=url, max_retries=0, timeout=2)
            return AnthropicLLMService(api_key="key", client=client)
        case GeminiEmulator():
            return GoogleLLMService(api_key="key", http_options=HttpOptions(base_url=url))
        case CerebrasEmulator():
            chat = CerebrasLLMService(api_key="key", base_url=url)
        case GroqEmulator():
            chat = GroqLLMService(api_key="key", base_url=url)
        case OpenAIEmulator():
            chat = OpenAILLMService(api_key="key", base_url=url)
        case _:
            raise TypeError(vendor)
    chat._client = chat._client.with_options(max_retries=0)
    return chat
