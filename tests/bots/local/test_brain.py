"""The embedded brain as a Pipecat service, with a real child and the small model."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from datetime import datetime

import pytest
import pytest_asyncio
from pipecat.frames.frames import (
    EagerEndOfTurnCancelFrame,
    ErrorFrame,
    Frame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.tests.utils import SleepFrame, run_test
from pipecat.utils.errors import ErrorCategory

from bots.errors import ProviderError
from bots.facts import shape_small
from bots.local import weights
from bots.local.brain import LocalLLMService, choose_brain, is_answered
from bots.local.llama import LlamaServer

GIB = 1 << 30
BRIEF = shape_small(
    "You are Ava, the receptionist of Bloom Dental.",
    [
        "On Saturday the practice is open from ten in the morning to four in the afternoon.",
        "On Sunday the practice is closed.",
        "A cleaning costs 120 dollars.",
    ],
    greeting="Bloom Dental, how can I help?",
)


class Trap(FrameProcessor):
    """Runs `on_text` at the first piece of an answer; passes every frame."""

    def __init__(self, on_text: Callable[[], None]) -> None:
        super().__init__()
        self._on_text: Callable[[], None] | None = on_text

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Spring once."""
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMTextFrame) and self._on_text:
            self._on_text()
            self._on_text = None
        await self.push_frame(frame, direction)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server() -> AsyncIterator[LlamaServer]:
    """One running server for all calls of this file."""
    server = LlamaServer(weights.path("qwen2.5-0.5b"), sessions=2, context_tokens=1024)
    await server.start()
    await server.warm(BRIEF.messages())
    with pytest.MonkeyPatch.context() as patched:  # a machine full of tests restarts it slowly
        patched.setattr("bots.local.brain.RESTART_WAIT_S", 60.0)
        yield server
    await server.stop()


def service(server: LlamaServer) -> LocalLLMService:
    """A session's brain on a Saturday."""
    return LocalLLMService(server, BRIEF, now=lambda: datetime(2026, 11, 21, 14, 5))


def asking(*texts: str, speculation: bool = False) -> LLMContextFrame:
    """A context of alternate turns that begins with the greeting and ends with a question."""
    roles = ["assistant", "user"] * len(texts)
    messages = [
        {"role": role, "content": text}
        for role, text in zip(roles, ["Bloom Dental, how can I help?", *texts], strict=False)
    ]
    return LLMContextFrame(LLMContext(messages), speculation=speculation)  # pyright: ignore[reportArgumentType]


def answer(frames: object) -> str:
    """The text of the answers among `frames`."""
    assert isinstance(frames, (list, tuple))
    return "".join(frame.text for frame in frames if isinstance(frame, LLMTextFrame))


@pytest.mark.unit
@pytest.mark.parametrize(
    ("memory_bytes", "cores", "name"),
    [
        (16 * GIB, 8, "qwen2.5-1.5b"),
        (4 * GIB, 2, "qwen2.5-1.5b"),
        (2 * GIB, 4, "qwen2.5-0.5b"),
        (16 * GIB, 1, "qwen2.5-0.5b"),
    ],
)
def test_the_brain_fits_the_machine(memory_bytes: int, cores: int, name: str) -> None:
    """Little memory or a single core gets the smaller brain."""
    assert choose_brain(memory_bytes, cores) == name


@pytest.mark.unit
@pytest.mark.parametrize(
    ("said", "is_whole"),
    [
        ("On Sunday the practice is closed.", True),
        ("Yes.", False),
        ("Of course, sir.", False),
        ("On Sunday the practice", False),
        ("It costs you just $12.", False),
        ("Ask for our dentist, Dr.", False),
    ],
)
def test_a_whole_sentence_is_an_answer(said: str, is_whole: bool) -> None:
    """A lead-in, a figure or an abbreviation ends nothing."""
    assert is_answered(said) is is_whole


@pytest.mark.unit
async def test_what_is_sent_begins_with_the_brief_and_fits() -> None:
    """Old turns are dropped, many at once; the brief and the question always stay."""
    brain = service(LlamaServer(weights.path("qwen2.5-0.5b"), context_tokens=1024))
    turns = [
        {"role": role, "content": f"{number} " + "word " * 20}
        for number in range(40)
        for role in ("user", "assistant")
    ]
    question = {"role": "user", "content": "And today?"}
    sent = brain.shaped([{"role": "assistant", "content": "Hello"}, *turns, question])
    assert sent[: len(BRIEF.messages())] == BRIEF.messages()
    assert sent[-1]["content"].endswith("And today?")
    assert "Saturday, 21 November" in sent[-1]["content"]
    assert 1 < len(sent) - len(BRIEF.messages()) < 40
    assert {"role": "assistant", "content": "Hello"} not in sent
    again = brain.shaped([{"role": "assistant", "content": "Hello"}, *turns, question])
    assert again == sent


@pytest.mark.unit
async def test_a_server_that_never_comes_is_an_error_with_a_category(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is retried for ever: the pipeline gets an error it can apologise for."""
    monkeypatch.setattr("bots.local.brain.RESTART_WAIT_S", 0.01)
    brain = service(LlamaServer(weights.path("qwen2.5-0.5b")))
    with pytest.raises(ProviderError) as caught:
        async for _ in await brain.get_chat_completions(LLMContext()):
            pass
    assert brain._classify_error(caught.value) is ErrorCategory.CONNECTIVITY


@pytest.mark.alone
@pytest.mark.call
@pytest.mark.asyncio(loop_scope="module")
async def test_it_answers_from_the_facts(server: LlamaServer) -> None:
    """A question in a context becomes the streamed text of one answer."""
    down, _ = await run_test(
        service(server),
        frames_to_send=[asking("How much is a cleaning?"), SleepFrame(0.1)],
    )
    kinds = [type(frame) for frame in down]
    assert kinds.count(LLMFullResponseStartFrame) == kinds.count(LLMFullResponseEndFrame) == 1
    assert "120" in answer(down)


@pytest.mark.alone
@pytest.mark.call
@pytest.mark.asyncio(loop_scope="module")
async def test_a_brain_killed_in_mid_answer_goes_on(server: LlamaServer) -> None:
    """kill -9 after the first word: the new child ends the sentence, and no error is pushed."""

    def kill() -> None:
        assert server.pid
        os.kill(server.pid, signal.SIGKILL)

    down, up = await run_test(
        Pipeline([service(server), Trap(kill)]),
        frames_to_send=[
            # No question of facts: the child makes up its own sentence, word by word.
            asking("Hello, how are you today?"),
            SleepFrame(0.1),
        ],
    )
    assert not [frame for frame in up if isinstance(frame, ErrorFrame)]
    assert len(answer(down).split()) > 4
    assert answer(down).rstrip().endswith((".", "!", "?"))
    assert await server.wait_answering(30)


@pytest.mark.unit
async def test_a_sure_fact_is_spoken_without_the_child() -> None:
    """What the facts say word for word needs no model: the server was never started."""
    brain = service(LlamaServer(weights.path("qwen2.5-0.5b")))
    context = asking("How much is a cleaning?").context
    stream = await brain.get_chat_completions(context)
    said = [chunk.choices[0].delta.content async for chunk in stream]
    assert said == ["A cleaning costs 120 dollars."]
    silent = await brain.get_chat_completions(asking("How long does a cleaning take?").context)
    assert [chunk.choices[0].delta.content async for chunk in silent] == [BRIEF.unknown]
    await brain.cleanup()


class Holder(FrameProcessor):
    """Keeps the end of an answer back until the child has worked on something new."""

    def __init__(self, server: LlamaServer) -> None:
        super().__init__()
        self._server = server
        self.has_worked = False

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Watch the slots between the answer's start and its end."""
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMFullResponseStartFrame):
            self._before = await self._tasks()
        elif isinstance(frame, LLMFullResponseEndFrame):
            async with asyncio.timeout(30):
                while await self._tasks() == self._before:  # noqa: ASYNC110 - another process
                    await asyncio.sleep(0.02)
            self.has_worked = True
        await self.push_frame(frame, direction)

    async def _tasks(self) -> list[int]:
        async with self._server.client(10) as http:
            return [slot.get("id_task", 0) for slot in (await http.get("/slots")).json()]


@pytest.mark.alone
@pytest.mark.call
@pytest.mark.asyncio(loop_scope="module")
async def test_a_sure_answer_is_read_by_the_child_while_it_is_spoken(server: LlamaServer) -> None:
    """The child, which was not asked, reads the exchange for the questions that lean on it."""
    holder = Holder(server)
    down, _ = await run_test(
        Pipeline([service(server), holder]), frames_to_send=[asking("How much is a cleaning?")]
    )
    assert answer(down) == "A cleaning costs 120 dollars."
    assert holder.has_worked


@pytest.mark.alone
@pytest.mark.call
@pytest.mark.asyncio(loop_scope="module")
async def test_an_unsure_question_is_answered_word_for_word_or_not_at_all(
    server: LlamaServer,
) -> None:
    """Where the words do not settle it, the child chooses a fact; it does not make one up."""
    question = "Do you give a rebate on a cleaning?"
    down, _ = await run_test(service(server), frames_to_send=[asking(question)])
    assert answer(down) in (*BRIEF.facts, BRIEF.unknown)


@pytest.mark.alone
@pytest.mark.call
@pytest.mark.asyncio(loop_scope="module")
async def test_a_speculative_answer_waits_for_its_turn(server: LlamaServer) -> None:
    """What is generated ahead comes out when the turn has ended, once."""
    down, _ = await run_test(
        service(server),
        frames_to_send=[
            asking("How much is a cleaning?", speculation=True),
            SleepFrame(1.0),
            UserStoppedSpeakingFrame(),
        ],
    )
    kinds = [type(frame) for frame in down]
    assert kinds.index(UserStoppedSpeakingFrame) < kinds.index(LLMTextFrame)
    assert "120" in answer(down)


@pytest.mark.alone
@pytest.mark.call
@pytest.mark.asyncio(loop_scope="module")
async def test_a_withdrawn_speculation_is_never_heard(server: LlamaServer) -> None:
    """When the caller goes on, the half answer is dropped and the next question is answered."""
    down, _ = await run_test(
        service(server),
        frames_to_send=[
            asking("How much is a cleaning?", speculation=True),
            SleepFrame(1.0),  # the withdrawal would overtake a question still in the queue
            EagerEndOfTurnCancelFrame(),
            SleepFrame(0.1),
            asking("Are you open on Sunday?"),
            UserStoppedSpeakingFrame(),
        ],
    )
    assert "120" not in answer(down)
    assert "closed" in answer(down)


@pytest.mark.alone
@pytest.mark.call
@pytest.mark.asyncio(loop_scope="module")
async def test_a_fact_is_told_instead_of_a_yes_or_no(
    server: LlamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever side the child takes in words of its own, the one fact beside it is spoken."""
    monkeypatch.setattr("bots.local.ballot.UNLIKELY", 1.0)  # it never means what it is held to
    monkeypatch.setattr("bots.local.brain.begins_with", lambda choices, words: bool(choices))
    down, _ = await run_test(
        service(server), frames_to_send=[asking("Is a cleaning painful?"), SleepFrame(0.1)]
    )
    assert answer(down) == BRIEF.facts[2]


@pytest.mark.alone
@pytest.mark.call
@pytest.mark.asyncio(loop_scope="module")
async def test_in_doubt_it_says_that_it_does_not_know(
    server: LlamaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child's own probabilities are read: leaning all the way, nothing strange is answered."""
    monkeypatch.setattr("bots.local.doubt.LEAN", 1000.0)
    down, _ = await run_test(
        service(server), frames_to_send=[asking("Did Napoleon ever visit Moscow?")]
    )
    assert answer(down) == BRIEF.unknown
