"""A file becomes a bot: short forms, bases, prompt files, transports, origins, versions."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.errors import ConfigError
from bots.load import LoadedBot, load_bot, read_bot
from bots.origin import Origin
from bots.spec import ProviderSpec, SecretRef

pytestmark = pytest.mark.unit

KEYS = {
    "DEEPGRAM_API_KEY": "d",
    "CEREBRAS_API_KEY": "c",
    "ELEVENLABS_API_KEY": "e",
    "OPENAI_API_KEY": "o",
}


def load(folder: Path, text: str, name: str = "pirate.yaml") -> LoadedBot:
    """The bot that a text is, in a file of its own."""
    path = folder / name
    path.write_text(text, "utf-8")
    return load_bot(path, KEYS)


def test_the_shortest_bot_is_one_line(tmp_path: Path) -> None:
    """Everything but the prompt has a default, and the file's stem is the name."""
    spec = load(tmp_path, "prompt: You are a pirate.").spec
    assert (spec.name, spec.prompt, spec.language) == ("pirate", "You are a pirate.", ("en",))
    assert (str(spec.stt[0]), str(spec.tts[0]), spec.tts[0].voice) == (
        "local/whisper-tiny.en",
        "local/hibari",
        "heart",
    )
    assert spec.llm == (ProviderSpec(provider="local"),)
    assert spec.opening() is None
    assert spec.limits.duration_s == 600
    assert not spec.answer.link


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("stt: deepgram/nova-3", "stt: {provider: deepgram, model: nova-3}"),
        ("llm: cerebras", "llm: {provider: cerebras, model: gpt-oss-120b}"),
        ("llm: local/qwen2.5-0.5b", "llm: {provider: local, model: qwen2.5-0.5b}"),
        ("llm: openai/org/model", "llm: {provider: openai, model: org/model}"),
        ("tts: local/piper-joe", "tts: {provider: local, model: piper-joe, voice: joe}"),
        ("language: it", "language: [it]"),
        ("greeting: Ahoy", "greeting: {en: Ahoy}"),
        ('answer: {phone: "+15550100"}', 'answer: {phone: ["+15550100"]}'),
        ("stt: deepgram", "stt: {provider: deepgram, api_key: {env: DEEPGRAM_API_KEY}}"),
    ],
)
def test_a_short_form_is_the_same_bot_as_the_long_one(
    tmp_path: Path, short: str, long: str
) -> None:
    """Both forms resolve to one content, and so to one version."""
    first = load(tmp_path, f"prompt: Hi\n{short}\n").spec
    assert load(tmp_path, f"prompt: Hi\n{long}\n").spec == first


def test_an_openai_compatible_server_needs_no_key(tmp_path: Path) -> None:
    """The vendor's key is not even named for another server: it would be sent there."""
    path = tmp_path / "pirate.yaml"
    path.write_text(
        'prompt: Hi\nllm: {provider: openai, base_url: "http://localhost:11434/v1", model: llama3}'
    )
    assert load_bot(path, {}).spec.llm[0].api_key is None
    assert load(tmp_path, "prompt: Hi\nllm: openai").spec.llm[0].api_key == SecretRef(
        env="OPENAI_API_KEY"
    )


def test_a_base_is_merged_and_every_value_keeps_its_origin(tmp_path: Path) -> None:
    """Maps merge along the chain, lists replace, null clears, and origins name the file."""
    (tmp_path / "root.yaml").write_text(
        "title: Root\nfacts: [one, two]\nlimits: {duration: 5m, sessions: 3}\n"
    )
    (tmp_path / "base.yaml").write_text(
        "extends: root.yaml\nlimits:\n  duration: 6m\ndescription: From the base.\n"
    )
    bot = load(tmp_path, "extends: base.yaml\nprompt: Hi\nfacts: [three]\ntitle: null\n")
    spec, origins = bot.spec, bot.origins
    assert spec.title is None
    assert spec.description == "From the base."
    assert [one.fact for one in spec.facts] == ["three"]
    assert (spec.limits.duration, spec.limits.sessions) == ("6m", 3)
    assert str(origins["limits.duration"]) == "base.yaml:3"
    assert origins["limits.sessions"] == Origin(tmp_path / "root.yaml", 3, 24)
    assert str(origins["facts.0"]) == "pirate.yaml:3"
    assert origins["title"] == "default"
    assert {path.name for path in bot.files} == {"pirate.yaml", "base.yaml", "root.yaml"}


def test_another_provider_starts_afresh(tmp_path: Path) -> None:
    """What a base says of one provider (its address above all) is not handed to another."""
    (tmp_path / "base.yaml").write_text(
        'llm: {provider: openai, base_url: "http://localhost:1/v1", model: llama3}\n'
    )
    same = load(tmp_path, "extends: base.yaml\nprompt: Hi\nllm: {model: qwen}\n").spec.llm[0]
    assert (same.provider, same.base_url, same.model) == ("openai", "http://localhost:1/v1", "qwen")
    other = load(tmp_path, "extends: base.yaml\nprompt: Hi\nllm: {provider: cerebras}\n").spec.llm[
        0
    ]
    assert (other.base_url, other.model) == (None, "gpt-oss-120b")


def test_paths_are_read_from_the_file_that_names_them(tmp_path: Path) -> None:
    """A base in another folder brings its own prompt and model file."""
    house = tmp_path / "house"
    house.mkdir()
    (house / "prompt.md").write_text("You are a butler.\n")
    (house / "brain.gguf").write_bytes(b"GGUF")
    (house / "base.yaml").write_text(
        "prompt: {file: prompt.md}\nllm: {provider: local, model: brain.gguf}\n"
    )
    bot = load(tmp_path, "extends: house/base.yaml\n")
    assert bot.spec.prompt == "You are a butler."
    assert bot.spec.llm[0].model == str(house / "brain.gguf")
    assert house / "prompt.md" in bot.files


def test_a_transport_has_its_own_bot(tmp_path: Path) -> None:
    """`via` overrides are merged, checked and filled in for their own language."""
    bot = load(
        tmp_path,
        "prompt: Hi\ngreeting: {en: Hello, es: Hola}\nfacts: [one]\n"
        "via:\n  websocket: {language: es, facts: null}\n",
    )
    spec = bot.spec
    there = spec.for_transport("websocket")
    assert spec.for_transport("webrtc") is spec
    assert (spec.opening(), there.opening()) == ("Hello", "Hola")
    assert (there.language, there.facts, there.tts[0].voice) == (("es",), (), "ef_dora")
    assert there.version == spec.version
    assert str(bot.origins["via.websocket.language.0"]) == "pirate.yaml:5"


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    """A comment changes nothing; a prompt file, a base or a key does."""
    prompt = tmp_path / "prompt.md"
    prompt.write_text("One.")
    text = "prompt: {file: prompt.md}\n"
    first = load(tmp_path, text).spec.version
    assert load(tmp_path, f"# a comment\n{text}").spec.version == first
    assert load(tmp_path, f"{text}title: New\n").spec.version != first
    prompt.write_text("Two.")
    assert load(tmp_path, text).spec.version != first
    assert len(first) == 12
    assert int(first, 16) >= 0


def test_yaml_is_version_1_2(tmp_path: Path) -> None:
    """`no` is a text and a date is one too; `true` is not."""
    spec = load(tmp_path, "prompt: no\ntitle: 2026-01-01\nanswer: {link: true}\nlanguage: no\n"
                "tts: {provider: elevenlabs, voice: x}\n").spec  # fmt: skip
    assert (spec.prompt, spec.title, spec.language) == ("no", "2026-01-01", ("no",))


def test_an_error_carries_all_problems(tmp_path: Path) -> None:
    """`load_bot` raises one ConfigError with every problem, in file order."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "titel: X\nlimits: {duration: 5}\n")
    assert [(one.line, one.code) for one in caught.value.problems] == [
        (1, "missing_key"),
        (1, "unknown_key"),
        (2, "duration_unit"),
    ]


def test_an_unread_base_is_the_only_complaint(tmp_path: Path) -> None:
    """What a missing base may well have said is not said to be missing."""
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "extends: nowhere.yaml\n")
    assert [one.code for one in caught.value.problems] == ["extends_file"]


@pytest.mark.parametrize(
    ("named", "fix"),
    [
        ("hous.yaml", "Did you mean `house.yaml`?"),
        ("house.yml", "Did you mean `house.yaml`?"),
        ("nobase.yaml", "Mend the path."),
    ],
)
def test_a_missing_base_is_likened_by_its_stem(tmp_path: Path, named: str, fix: str) -> None:
    """That both end in .yaml makes no two names alike."""
    (tmp_path / "house.yaml").write_text("title: House\n")
    (tmp_path / "house.md").write_text("a prompt\n")
    (tmp_path / "e.yaml").write_text("title: E\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, f"extends: {named}\n")
    assert caught.value.problems[0].fix == fix


def test_a_file_too_large_is_refused_unread(tmp_path: Path) -> None:
    """The bound holds for a bot and for its prompt."""
    big = tmp_path / "big.md"
    big.write_text("x" * 300_000)
    assert [one.code for one in read_bot(big, {}).problems] == ["file_size"]
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "prompt: {file: big.md}\n")
    assert [one.code for one in caught.value.problems] == ["file_size"]


def test_a_missing_file_is_a_problem_and_is_watched(tmp_path: Path) -> None:
    """A prompt that is written later must be noticed."""
    path = tmp_path / "pirate.yaml"
    path.write_text("prompt: {file: later.md}\n")
    reading = read_bot(path, {})
    assert reading.bot is None
    assert tmp_path / "later.md" in reading.files
    assert [one.code for one in read_bot(tmp_path / "none.yaml", {}).problems] == [
        "file_unreadable"
    ]


@pytest.mark.wire
def test_a_bot_loads_fast_and_without_pipecat(tmp_path: Path) -> None:
    """A bot of two hundred facts takes less than 50 ms, and no service is imported for it."""
    path = tmp_path / "pirate.yaml"
    facts = "".join(f"  - This is fact number {n}, and it is a long one.\n" for n in range(200))
    path.write_text(f"prompt: Hi\nllm: cerebras\nfacts:\n{facts}")
    script = (
        "import sys, time, pathlib; from bots.load import read_bot\n"
        "path = pathlib.Path(sys.argv[1]); times = []\n"
        "for _ in range(5):\n"
        "    start = time.process_time(); reading = read_bot(path, {'CEREBRAS_API_KEY': 'x'})\n"
        "    times.append(time.process_time() - start)\n"
        "assert reading.bot, reading.problems\n"
        "assert not any(name.startswith('pipecat') for name in sys.modules)\n"
        "print(min(times))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert float(done.stdout) < 0.05


WORDS = st.sampled_from(
    ["prompt", "stt", "llm", "tts", "via", "webrtc", "language", "en", "es", "greeting", "facts",
     "answer", "phone", "link", "limits", "duration", "10m", "processors", "use", "with", "before",
     "provider", "local", "settings", "api_key", "env", "file", "extends", "pirate.yaml", "true"]
)  # fmt: skip
SCALARS = st.one_of(
    WORDS, st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(WORDS, inner, max_size=5)),
    max_leaves=20,
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_any_text_loads_or_is_refused(tmp_path: Path, text: str) -> None:
    """No text whatever gets anything out of the loader but a bot or a ConfigError."""
    path = tmp_path / "pirate.yaml"
    path.write_bytes(text.encode())
    reading = read_bot(path, {})
    assert (reading.bot is None) == bool(reading.problems)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(tree=st.dictionaries(WORDS, TREES, max_size=8))
def test_any_tree_of_our_words_loads_or_is_refused(tmp_path: Path, tree: object) -> None:
    """Nor does any arrangement of a bot's own keys; each problem points into the file."""
    path = tmp_path / "pirate.yaml"
    text = _flow(tree)
    path.write_text(text, "utf-8")
    reading = read_bot(path, {})
    assert (reading.bot is None) == bool(reading.problems)
    assert all(one.line >= 1 and one.column >= 1 and one.cause for one in reading.problems)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=200))
def test_any_bytes_load_or_are_refused(tmp_path: Path, data: bytes) -> None:
    """Nor do bytes that are no text at all."""
    path = tmp_path / "pirate.yaml"
    path.write_bytes(data)
    reading = read_bot(path, {})
    assert (reading.bot is None) == bool(reading.problems)


def test_a_bomb_of_aliases_is_cheap(tmp_path: Path) -> None:
    """Nine levels of ten aliases each (a billion values) are refused in well under a second."""
    lines = ["a0: &a0 [x, x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)
    ]
    path = tmp_path / "pirate.yaml"
    path.write_text("prompt: Hi\n" + "\n".join(lines))
    start = time.process_time()
    codes = {one.code for one in read_bot(path, {}).problems}
    assert "yaml_size" in codes
    assert time.process_time() - start < 1


def _flow(value: object) -> str:
    """A value in YAML's flow style, by way of JSON's forms."""
    return json.dumps(value, allow_nan=True, ensure_ascii=False)
