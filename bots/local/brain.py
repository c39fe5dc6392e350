"""The embedded brain as a Pipecat service: OpenAILLMService on bots/local/llama.py's child.

Adds to its parent what a small model on this machine needs: the bot's brief (rule, facts, examples)
as an unchanging, cached prefix; a slot of its own for the session; and an answer that outlives a
crash of the child, which is back in seconds and goes on where the answer broke off. All else, the
speculation gate, metrics and cancelling by closing the stream, is the parent's.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, cast

from loguru import logger
from openai import APIStatusError, AsyncOpenAI, AsyncStream, DefaultAsyncHttpxClient, Timeout
from openai.types.chat import ChatCompletionChunk
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameProcessorSetup
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.utils.errors import ErrorCategory
from pipecat.utils.http import connection_limits

from bots.errors import ProviderError
from bots.facts import Brief
from bots.local.ballot import Ballot
from bots.local.brain_errors import brain_error
from bots.local.doubt import TOKENS_SEEN, begins_with, first_choices, is_in_doubt
from bots.local.llama import NO_TLS, Lease, LlamaServer
from bots.local.lookup import Lookup
from bots.local.match import Match
from bots.local.prompt_reader import PromptReader, Unread
from bots.local.recall import Recall
from bots.local.stream import whole_answer
from bots.wording import wording

MAX_TOKENS = 90
"""One spoken sentence is 15 to 40 tokens; past this a small model is rambling."""
RESTART_WAIT_S = 10.0
"""How long a caller may wait for a crashed brain; a restart takes 1 to 5 s."""
CHARS_PER_TOKEN = 3.0
"""A low estimate for Qwen's tokenizer on European languages, so that a conversation fits."""
SMALL_BRAIN_BYTES = 4 << 30
"""Memory below which the 1.5B brain (1.9 GB in use beside the ears and the voice) is too large."""

Message = dict[str, Any]


def choose_brain(memory_bytes: int, cores: int) -> str:
    """The name of the weights (bots/local/weights.py) of the best brain this machine can carry."""
    if memory_bytes < SMALL_BRAIN_BYTES or cores < 2:
        return "qwen2.5-0.5b"
    return "qwen2.5-1.5b"


class LocalLLMService(OpenAILLMService):
    """Answers from the embedded brain.

    The context's own system text is not used: the brief has the prompt. The bot's greeting stands
    in the brief too, so what the bot said before the caller's first words is left out.
    """

    supports_developer_role = False

    def __init__(
        self,
        server: LlamaServer,
        brief: Brief,
        *,
        settings: OpenAILLMService.Settings | None = None,
        now: Callable[[], datetime] = datetime.now,
        recall: Recall | None = None,
        **kwargs: Any,
    ) -> None:
        """Answer as `brief` says from `server`; `settings` win over temperature 0 and MAX_TOKENS.

        `now` gives the local time in the bot's place, for "are you open today?"; `recall` finds the
        fact that is meant where words do not tell.
        """
        self._server = server
        chosen = self.Settings(model=server.model_name, temperature=0.0, max_tokens=MAX_TOKENS)
        if settings is not None:
            chosen.apply_update(settings)
        super().__init__(settings=chosen, api_key=server.api_key, **kwargs)
        self._brief = brief
        self._prefix = brief.messages()
        self._now = now
        self._lookup = Lookup(brief, recall)
        self._matches: dict[tuple[int, str], Match] = {}
        self._questions: dict[tuple[int, str], str] = {}
        self._lease: Lease | None = None
        self._reader = PromptReader(server)
        self._ahead: asyncio.Task[None] | None = None

    def create_client(self, *_: Any, **__: Any) -> AsyncOpenAI:
        """A client for loopback: no proxy, no kept connections (the child's port may change)."""
        return AsyncOpenAI(
            api_key=self._server.api_key,
            base_url="http://127.0.0.1",
            max_retries=0,
            timeout=Timeout(30.0, connect=2.0),
            http_client=DefaultAsyncHttpxClient(
                trust_env=False,
                verify=NO_TLS,
                limits=connection_limits(max_keepalive_connections=0),
            ),
        )

    async def setup(self, setup: FrameProcessorSetup) -> None:
        """Take a slot and put the brief into it while the greeting is spoken."""
        await super().setup(setup)
        self._lease = self._server.lease(self._prefix)
        self._ahead = self.create_task(self._work_ahead(self._lease), "work ahead")

    async def cleanup(self) -> None:
        """Give the slot back; the child forgets the conversation."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            await self.cancel_task(ahead)
        lease, self._lease = self._lease, None
        if lease is not None:
            await lease.release()
        await super().cleanup()
        await self._client.close()

    async def get_chat_completions(self, context: LLMContext) -> AsyncStream[ChatCompletionChunk]:
        """The stream of an answer, kept up through one restart of the child."""
        adapter = self.get_llm_adapter()
        from_context = await adapter.get_llm_invocation_params(
            context, convert_developer_to_user=True
        )
        params = self.build_chat_completion_params(from_context)
        conversation = [dict(message) for message in from_context["messages"]]
        match = await self.look_up(conversation)
        if match.is_sure or match.is_silent:
            known = self._brief.unknown if match.is_silent else " ".join(match.facts)
            self._reader.want(partial(self._exchange, conversation, known))
            stream = whole_answer(known, self._server.model_name)
            return cast(AsyncStream[ChatCompletionChunk], stream)
        params["messages"] = self.shaped(conversation)
        self._reader.stop()
        if self._brief.facts:
            params |= {"logprobs": True, "top_logprobs": TOKENS_SEEN}
        stream = self._chosen(params, conversation, match)
        return cast(AsyncStream[ChatCompletionChunk], stream)

    async def run_inference(self, *args: Any, **kwargs: Any) -> str | None:
        """One inference outside the conversation; shares no slot with it."""
        await self._connect()
        return await super().run_inference(*args, **kwargs)

    def shaped(self, conversation: list[Message]) -> list[Message]:
        """What is sent for a conversation: the brief, then as many of its last turns as fit.

        A message is shaped the same way at every turn, or the cache would be lost from there on.
        """
        turns = _turns(conversation)
        said = [
            {**message, "content": self._question(place, message["content"])}
            if message.get("role") == "user" and isinstance(message.get("content"), str)
            else message
            for place, message in enumerate(turns)
        ]
        room = (self._server.context_tokens - MAX_TOKENS) * CHARS_PER_TOKEN - _size(self._prefix)
        if _size(said) > room:
            # Cut to half at once: what moves loses its cache, so it must not move at every turn.
            while len(said) > 1 and _size(said) > room / 2:
                said.pop(0)
        return [*self._prefix, *said]

    def _question(self, place: int, text: str) -> str:
        if (place, text) not in self._questions:
            match = self._matches.get((place, text), Match())
            # What the brain is to choose from needs no fact beside the question.
            near = () if match.candidates else match.facts
            self._questions[place, text] = self._brief.question(text, self._now(), near)
        return self._questions[place, text]

    async def look_up(self, conversation: list[Message]) -> Match:
        """What the facts have on the last question; `shaped` then puts them beside it."""
        asked = [
            (place, turn["content"])
            for place, turn in enumerate(_turns(conversation))
            if turn.get("role") == "user" and isinstance(turn.get("content"), str)
        ]
        if not asked:
            return Match()
        if asked[-1] not in self._matches:
            questions = [text for _, text in asked]
            self._matches[asked[-1]] = await self._lookup.find(questions, self._now())
        return self._matches[asked[-1]]

    async def _exchange(self, conversation: list[Message], known: str) -> Unread | None:
        """The prompt up to an answer that the child was not asked for, and will lean on later."""
        if not self._server.is_ready:
            return None
        said = [*self.shaped(conversation), {"role": "assistant", "content": known}]
        return Unread(await self._connect(), said, news=2)

    def _instead(self, choices: Mapping[str, float], match: Match) -> str | None:
        """What is better said than what the model begins with; None where it may go on.

        A small model is often wrong about yes and no, and seldom about which fact is meant: the
        fact lets the caller judge.
        """
        if is_in_doubt(choices, self._brief.unknown, match.strange):
            return self._brief.unknown
        if len(match.facts) == 1 and begins_with(choices, wording(self._brief.language).yes_no):
            return match.facts[0]
        return None

    async def _chosen(
        self, params: Mapping[str, Any], conversation: list[Message], match: Match
    ) -> AsyncIterator[ChatCompletionChunk]:
        """The fact that the model chooses, or its own words where it means none of them."""
        known = None
        if match.candidates and not params.get("tools"):
            unknown = self._brief.unknown
            own = [example.bot for example in self._brief.examples if not example.fact]
            ballot = Ballot(match.candidates, unknown, match.unknown, own)
            try:
                async with await self._ask(params, grammar=ballot.grammar) as stream:
                    async for chunk in stream:
                        ballot.hear(chunk)
                        if ballot.is_decided:
                            break
            except (APIStatusError, ProviderError):
                raise
            except Exception as error:  # the line is dead; the answer waits for the restart
                logger.debug("The local brain broke off a choice: {}", type(error).__name__)
            else:
                known = ballot.answer()
        if known is None:
            async for chunk in self._answer(params, match):
                yield chunk
            return
        self._reader.want(partial(self._exchange, conversation, known))
        async for chunk in whole_answer(known, self._server.model_name):
            yield chunk

    async def _ask(
        self, params: Mapping[str, Any], **extra: Any
    ) -> AsyncStream[ChatCompletionChunk]:
        """The child's own stream.

        Raises:
            ProviderError: there is no child and none came back in time.
        """
        slot = await self._connect()
        body = {"id_slot": slot, "cache_prompt": True, **extra}
        return await self._client.chat.completions.create(**params, extra_body=body)

    async def _answer(
        self, params: Mapping[str, Any], match: Match
    ) -> AsyncIterator[ChatCompletionChunk]:
        """The chunks of one answer; goes on after a crash with what was already said as a start.

        `match` is what the facts have on the question.

        Raises:
            ProviderError: the child did not come back in time, or broke twice.
        """
        said = ""
        for attempt in (1, 2):
            messages = [
                *params["messages"],
                *([{"role": "assistant", "content": said}] * bool(said)),
            ]
            try:
                async with await self._ask({**params, "messages": messages}) as stream:
                    async for chunk in stream:
                        if chunk.choices and (text := chunk.choices[0].delta.content):
                            choices = {} if said else first_choices(chunk)
                            instead = self._instead(choices, match) if not said else None
                            if instead is not None:
                                chunk.choices[0].delta.content = instead
                                yield _ended(chunk)
                                return
                            if self._brief.facts and is_answered(said):
                                chunk.choices[0].delta.content = None
                                yield _ended(chunk)
                                return
                            said += text
                        yield chunk
                return
            except (APIStatusError, ProviderError):
                raise  # the child is there and means it, or did not come back
            except Exception as error:  # however the HTTP library says that the line is dead
                if attempt == 2:
                    raise _gone() from error
                logger.warning("The local brain broke off an answer; waiting for it")
                if not await self._server.wait_answering(RESTART_WAIT_S):
                    raise _gone() from error

    async def _connect(self) -> int:
        """Point the client at the child as it is now, with the brief in the slot; gives the slot.

        Raises:
            ProviderError: there is no child and none came back in time.
        """
        if not await self._server.wait_ready(RESTART_WAIT_S):
            raise _gone()
        self._client.base_url = self._server.base_url
        if self._lease is None:
            return -1
        await self._lease.prepare()
        return self._lease.slot

    async def _work_ahead(self, lease: Lease) -> None:
        try:
            await lease.prepare()
        except ProviderError as error:  # the first question will meet and report it
            logger.debug("{}", error)
        await self._reader.run()

    def _classify_error(self, exception: Exception) -> ErrorCategory | None:
        """Never permanent: the next question may well be answered, and no other brain is there."""
        if isinstance(exception, ProviderError):
            return ErrorCategory(exception.category)
        return ErrorCategory.SERVER


_SENTENCE_END = re.compile(r"[^\W\d_]{3,}[.!?][\"')]*\s*$")
SENTENCE_WORDS = 5
"""From so many words on, a sentence is an answer; "Yes." and "Of course, sir." only lead to one."""


def is_answered(said: str) -> bool:
    """Whether `said` ends a sentence that answers; a small model's next one often strays."""
    return len(said.split()) >= SENTENCE_WORDS and bool(_SENTENCE_END.search(said))


def _ended(chunk: ChatCompletionChunk) -> ChatCompletionChunk:
    """The chunk as an answer's last: one that stops without a reason counts as cut off."""
    chunk.choices[0].finish_reason = "stop"
    return chunk


def _gone() -> ProviderError:
    return brain_error(
        "The local brain does not answer.",
        hint="It is being restarted; the log has the reason.",
        category=ErrorCategory.CONNECTIVITY.value,
    )


def _turns(conversation: list[Message]) -> list[Message]:
    """What was said from the caller's first words on."""
    turns = [message for message in conversation if message.get("role") != "system"]
    while turns and turns[0].get("role") == "assistant":
        turns.pop(0)
    return turns


def _size(messages: list[Message]) -> int:
    return sum(len(str(message.get("content") or "")) + 15 for message in messages)
