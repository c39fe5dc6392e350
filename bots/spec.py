"""BotSpec and its parts: everything a bot's YAML may say; `bots.load` makes one out of a file.

A spec is frozen: a session keeps the one it started with. A key stands here only when it works.
The docstring under each field feeds the JSON Schema, the editor's hover and docs/bots.md.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    Field,
    Strict,
    WithJsonSchema,
    model_validator,
)

from bots.durations import Duration, seconds
from bots.refusal import refuse
from bots.spec_facts import Facts
from bots.spec_interruption import InterruptionSpec
from bots.spec_part import SpecPart
from bots.spec_quiet import Quiet
from bots.spec_text import Language, Text
from bots.spec_turns import TurnsSpec

Stage = Literal["stt", "turn", "llm", "tts", "output"]
STAGES: tuple[str, ...] = get_args(Stage)
"""The places of the pipeline a processor may stand before or after, in the order of the audio."""

Kind = Literal["stt", "llm", "tts"]
KINDS: tuple[Kind, ...] = get_args(Kind)

TRANSPORTS: tuple[str, ...] = ("webrtc", "websocket")
"""The ways in that `via` can speak of."""

E164 = r"\+[1-9][0-9]{6,14}"
ENV_NAME = r"[A-Z][A-Z0-9_]*"
URL = r"(https?|wss?)://[^\s/?#@]+(/[^\s?#]*)?"
DOTTED = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*"


def _pattern(shape: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{shape}$"}


def _e164(number: str) -> str:
    if re.fullmatch(E164, number):
        return number
    digits = re.sub(r"[^0-9]", "", number)
    fix = "Write it in full with the country's code, as in `+15550100`."
    if number.startswith("+") and 7 <= len(digits) <= 15 and digits[0] != "0":
        fix = "Write it without spaces or signs, as in `+15550100`."
    raise refuse("phone_number", "This is not an international phone number.", fix)


def _env_name(name: str) -> str:
    # Capitals only: a key pasted here by mistake is refused, and not shown in a later message.
    if re.fullmatch(ENV_NAME, name):
        return name
    raise refuse(
        "env_name",
        "`env` takes the name of an environment variable, in capitals.",
        "Put the secret in .env and its name here, as in `{env: DEEPGRAM_API_KEY}`.",
    )


def _url(text: str) -> str:
    if re.fullmatch(URL, text):
        return text
    raise refuse(
        "url",
        f"`{text}` is not an address this can call.",
        'Write it in full, as in `"http://localhost:11434/v1"`.',
    )


def _dotted(path: str) -> str:
    if re.fullmatch(DOTTED, path):
        return path
    raise refuse(
        "dotted_path",
        f"`{path}` does not name a class.",
        'Write the module, a colon and the class, as in `"my_bot.noise:Denoise"`.',
    )


def _json(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"env"}:
        raise refuse(
            "env_place",
            "`{env: ...}` is not read here.",
            "Environment variables are read only in `api_key`.",
        )
    for inner in value.values() if isinstance(value, Mapping) else []:
        _json(inner)
    for inner in value if isinstance(value, list) else []:
        _json(inner)
    return value


def _wait(text: str) -> str:
    if SHORTEST_WAIT_S <= seconds(text) <= LONGEST_WAIT_S:
        return text
    fix = "Write between 100ms and 30s."
    raise refuse("wait_range", f"`{text}` is no time to wait for a provider.", fix)


SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.1, 30.0

Wait = Annotated[Duration, AfterValidator(_wait)]
PhoneNumber = Annotated[str, AfterValidator(_e164), WithJsonSchema(_pattern(E164))]
Json = Annotated[Any, AfterValidator(_json)]


class SecretRef(SpecPart):
    """A secret by the name of its environment variable; the value is never in the spec."""

    env: Annotated[str, AfterValidator(_env_name), WithJsonSchema(_pattern(ENV_NAME))]
    """The environment variable that holds the secret, from the environment or .env."""

    def read(self, environ: Mapping[str, str] | None = None) -> str:
        """The secret itself, or an empty text when the variable is not set."""
        return (os.environ if environ is None else environ).get(self.env, "")


class ProviderSpec(SpecPart):
    """Who does the work of one stage."""

    provider: Text
    """The provider's name. `local` runs on this machine and needs no key."""

    model: Text | None = None
    """The provider's model; each provider has a default. `local` also takes a path to a GGUF file
    as its llm."""

    voice: Text | None = None
    """The voice that speaks (tts, and an llm that speaks itself): a name for a model of this
    machine, the voice's id for others."""

    base_url: Annotated[str, AfterValidator(_url), WithJsonSchema(_pattern(URL))] | None = None
    """Where the provider listens, if not at its vendor's. `openai` with a base_url is any
    OpenAI-compatible server (Ollama, vLLM, llama.cpp) and needs no key."""

    url: Annotated[str, AfterValidator(_url), WithJsonSchema(_pattern(URL))] | None = None
    """Where `http` posts what is to be said (tts only), path included."""

    api_key: SecretRef | None = None
    """The key, as `{env: NAME}`. Default: the provider's own variable, as DEEPGRAM_API_KEY."""

    settings: Mapping[str, Json] = {}
    """The Pipecat service's own settings, by its own names; a name it does not have is refused."""

    def __str__(self) -> str:
        return self.provider if self.model is None else f"{self.provider}/{self.model}"


class LastResortSpec(SpecPart):
    """What the caller gets when every provider of a chain has failed."""

    say: Annotated[Text, Field(max_length=300)]
    """A line in the bot's language; it is rendered with the local voice before the first call, so
    that it is heard when everything is down."""

    do: Literal["hang_up", "keep_listening"] = "keep_listening"
    """What happens then: `hang_up` once it was said, or `keep_listening` for the next try."""


class FallbackSpec(SpecPart):
    """When a provider counts as failed, and what is left when all of a chain have."""

    first_token: Wait = "1500ms"
    """From the caller's turn to the model's first word or tool; later, the next one is asked."""

    first_audio: Wait = "1200ms"
    """From a text to the voice's first audio; later, the next one speaks."""

    max_silence: Wait = "3s"
    """From the caller's turn to some sound: a soft one is played if no answer came, once a turn,
    and again and again while a tool runs that the answer waits for."""

    hedge: Wait | None = None
    """When to ask the next model as well, without waiting for the first one to fail; the first to
    answer wins. It costs a second request. Without it, none is asked early."""

    last_resort: LastResortSpec | None = None
    """What is said and done when nobody is left. Without it the bot apologises if it can."""


def chain_text(chain: Iterable[ProviderSpec]) -> str:
    """A chain for people: `cerebras/gpt-oss-120b, then local`."""
    return ", then ".join(map(str, chain))


Chain = Annotated[tuple[ProviderSpec, ...], Strict(False), Field(min_length=1, max_length=8)]
"""Providers of one kind in order of preference."""

VOICE_NAME = r"^[a-z][a-z0-9_-]{0,39}$"
VoiceName = Annotated[str, Field(pattern=VOICE_NAME)]


class ProcessorSpec(SpecPart):
    """A Pipecat frame processor of your own, at a named place of the pipeline."""

    use: Annotated[str, AfterValidator(_dotted), WithJsonSchema(_pattern(DOTTED))]
    """The class, as `"module:Class"`, importable from where offhook runs."""

    before: Stage | None = None
    """The stage it stands before. Give either this or `after`."""

    after: Stage | None = None
    """The stage it stands after. Give either this or `before`."""

    with_: Mapping[str, Json] = Field({}, alias="with")
    """The constructor's keyword arguments."""

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.before is None) == (self.after is None):
            raise refuse(
                "processor_place",
                "A processor stands at one place.",
                f"Give either `before` or `after` one of {', '.join(STAGES)}.",
            )
        return self


class AnswerSpec(SpecPart):
    """Who reaches the bot."""

    link: bool = False
    """Whether anybody with the link may call from a browser. Without it, only the operator."""

    phone: Annotated[tuple[PhoneNumber, ...], Strict(False), Field(max_length=50)] = ()
    """The international numbers (`"+15550100"`) whose calls this bot takes, one bot a number."""


class LimitsSpec(SpecPart):
    """Where a call or the number of calls ends."""

    duration: Duration = "10m"
    """How long a call may last, up to `24h`; the bot hangs up then."""

    sessions: Annotated[int, Field(ge=1, le=10_000)] | None = None
    """How many calls this bot takes at once. Default: what the process holds."""

    @property
    def duration_s(self) -> float:
        """`duration` in seconds."""
        return seconds(self.duration)


class Conversation(SpecPart):
    """What the bot says and what it says it with: the keys that `via` may override."""

    language: Annotated[tuple[Language, ...], Strict(False), Field(min_length=1, max_length=1)] = (
        "en",
    )
    """The language the bot hears and speaks, as a two-letter code."""

    prompt: Annotated[Text, Field(max_length=20_000)]
    """Who the bot is and how it behaves, in a few short sentences."""

    facts: Facts = ()
    """What the bot knows, one fact a line, each a sentence as a caller may hear it: the embedded
    brain's bot speaks a fact that answers a question as it stands. A small model answers best when
    each line stands on its own, with every weekday spelled out; a number or a name that is not in
    here is not spoken. `asked` says how callers put the question."""

    greeting: Mapping[Language, Annotated[Text, Field(max_length=1_000)]] | None = None
    """What the bot says first. Without it, the bot waits for the caller to speak."""

    stt: Chain = (ProviderSpec(provider="local"),)
    """The ears: who turns speech into text, and who does when the one before has failed."""

    llm: Chain = (ProviderSpec(provider="local"),)
    """The brain: who thinks of the answer, in the same order. One that hears and speaks by itself
    stands alone, without `stt` and `tts`."""

    tts: Chain = (ProviderSpec(provider="local"),)
    """The voice: who speaks the answer, in the same order; also by a name out of `voices`."""

    voices: Mapping[VoiceName, Mapping[Language, ProviderSpec]] = {}
    """Voices named once, each with its provider and voice a language."""

    fallback: FallbackSpec = FallbackSpec()
    """How long to wait for a provider, and what is left when all of a chain have failed."""

    interruption: InterruptionSpec = InterruptionSpec()
    """When a caller who speaks over the bot makes it stop, or a mode alone, as in `never`."""
    turns: TurnsSpec = TurnsSpec()
    """When the caller has finished: `eager`, `normal`, `patient`, or the figures themselves."""

    caller_quiet: Quiet = ()
    """What the bot does when its caller has said nothing for so long, step by step."""

    processors: Annotated[tuple[ProcessorSpec, ...], Strict(False), Field(max_length=20)] = ()
    """Frame processors of your own, in the order in which they stand at their place."""

    def chain(self, kind: Kind) -> tuple[ProviderSpec, ...]:
        """The providers of a stage, in order of preference."""
        return {"stt": self.stt, "llm": self.llm, "tts": self.tts}[kind]

    def local(self, kind: Kind) -> ProviderSpec | None:
        """The embedded member of a stage's chain, if it has one."""
        return next((one for one in self.chain(kind) if one.provider == "local"), None)


class BotSpec(Conversation):
    """A bot with everything resolved: bases merged, prompt files read, defaults filled in."""

    name: str
    """The stem of the file."""

    version: str
    """12 hexadecimal digits of the resolved content: a change of any part is another version."""

    title: Annotated[Text, Field(max_length=80)] | None = None
    """The name that people see. Default: the file's stem."""

    description: Annotated[Text, Field(max_length=300)] | None = None
    """A sentence under the title on the page."""

    answer: AnswerSpec = AnswerSpec()
    """Who reaches the bot: a link, phone numbers."""

    limits: LimitsSpec = LimitsSpec()
    """Where a call, or the number of calls, ends."""

    via: Mapping[str, BotSpec] = {}
    """The bot as it is on a transport that has overrides of its own."""

    def for_transport(self, transport: str) -> BotSpec:
        """The bot as it is over `transport`, with that transport's overrides in place."""
        return self.via.get(transport, self)

    def opening(self) -> str | None:
        """What the bot says first, in its language, or None when it waits for the caller."""
        return None if self.greeting is None else self.greeting.get(self.language[0])
