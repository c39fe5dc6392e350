"""The catalog serves what holds, warms what changes, and says what is wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bots import catalog as catalog_module
from bots.catalog import BotState, Catalog
from bots.errors import UnknownBot
from bots.spec import BotSpec
from tests.fakes.waiting import until

pytestmark = pytest.mark.unit


def write(folder: Path, **bots: str) -> None:
    """A file a bot."""
    for name, text in bots.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")


def loaded(folder: Path) -> Catalog:
    """The catalog of a folder."""
    catalog = Catalog([folder], {})
    catalog.load()
    return catalog


def state(catalog: Catalog, name: str) -> BotState:
    """The state of one file."""
    return next(one for one in catalog.status() if one.name == name)


async def refreshed(catalog: Catalog) -> None:
    """Reads again, and waits until what changed is served."""
    await catalog.refresh()
    await catalog.settled()


def test_bots_are_found_by_name_and_by_number(tmp_path: Path) -> None:
    """Unknown ones are told with the nearest name, and without the whole number."""
    write(tmp_path, pirate='prompt: Hi\nanswer: {phone: "+15550100"}', parrot="prompt: Hi")
    catalog = loaded(tmp_path)
    assert catalog.names() == ["parrot", "pirate"]
    assert catalog.by_number("+15550100").name == "pirate"
    with pytest.raises(UnknownBot, match="Did you mean `pirate`"):
        catalog.get("pirat")
    with pytest.raises(UnknownBot) as caught:
        catalog.by_number("+15550199")
    assert "+15550199" not in str(caught.value)


async def test_a_broken_file_leaves_the_last_good_version(tmp_path: Path) -> None:
    """The status has the line, the version in service and the file."""
    write(tmp_path, pirate="prompt: Hi")
    catalog = loaded(tmp_path)
    before = catalog.get("pirate")
    write(tmp_path, pirate="prompt: Hi\ntitel: Pirate\n")
    await refreshed(catalog)
    assert catalog.get("pirate") is before
    found = state(catalog, "pirate")
    assert (found.version, [one.line for one in found.problems]) == (before.version, [2])
    write(tmp_path, pirate="prompt: Ho")
    await refreshed(catalog)
    assert catalog.get("pirate").prompt == "Ho"
    assert state(catalog, "pirate").problems == ()


def test_a_bot_that_never_held_is_no_bot(tmp_path: Path) -> None:
    """It is in the status, with its problems and no version."""
    write(tmp_path, pirate="promt: Hi")
    catalog = loaded(tmp_path)
    assert catalog.names() == []
    assert state(catalog, "pirate").version is None
    assert state(catalog, "pirate").problems


async def test_bots_come_and_go(tmp_path: Path) -> None:
    """A new file is a new bot, a removed one answers no more."""
    write(tmp_path, pirate="prompt: Hi")
    catalog = loaded(tmp_path)
    write(tmp_path, parrot="prompt: Hi")
    (tmp_path / "pirate.yaml").unlink()
    await refreshed(catalog)
    assert catalog.names() == ["parrot"]


async def test_a_change_is_warmed_before_it_is_served(tmp_path: Path) -> None:
    """Until the callback is through, the old version serves."""
    write(tmp_path, pirate="prompt: Hi")
    catalog = loaded(tmp_path)
    is_warm = asyncio.Event()
    warmed: list[BotSpec] = []

    async def warm(spec: BotSpec) -> None:
        warmed.append(spec)
        await is_warm.wait()

    catalog.on_change(warm)
    write(tmp_path, pirate="prompt: Ho")
    await catalog.refresh()
    await until(lambda: bool(warmed))
    assert (warmed[0].prompt, catalog.get("pirate").prompt) == ("Ho", "Hi")
    is_warm.set()
    await catalog.settled()
    assert catalog.get("pirate") is warmed[0]
    await refreshed(catalog)
    assert len(warmed) == 1


async def test_warming_has_a_bound_and_may_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that does not get warm in time, or at all, is served all the same."""
    monkeypatch.setattr(catalog_module, "WARM_S", 0.01)
    write(tmp_path, pirate="prompt: Hi", parrot="prompt: Hi")
    catalog = loaded(tmp_path)

    async def warm(spec: BotSpec) -> None:
        if spec.name == "parrot":
            raise RuntimeError("no models")
        await asyncio.Event().wait()

    catalog.on_change(warm)
    write(tmp_path, pirate="prompt: Ho", parrot="prompt: Ho")
    await refreshed(catalog)
    assert (catalog.get("pirate").prompt, catalog.get("parrot").prompt) == ("Ho", "Ho")


async def test_the_newest_change_wins(tmp_path: Path) -> None:
    """A version that is overtaken while it is warmed is never served, not even on the way back."""
    write(tmp_path, pirate="prompt: one")
    catalog = loaded(tmp_path)
    served: list[str] = []

    async def warm(spec: BotSpec) -> None:
        if spec.prompt == "two":
            await asyncio.Event().wait()
        served.append(spec.prompt)

    catalog.on_change(warm)
    write(tmp_path, pirate="prompt: two")
    await catalog.refresh()
    write(tmp_path, pirate="prompt: one")
    await refreshed(catalog)
    assert (catalog.get("pirate").prompt, served) == ("one", [])


async def test_a_number_stays_with_the_bot_that_has_it(tmp_path: Path) -> None:
    """A newcomer that claims it is refused, whatever the order of the files."""
    write(tmp_path, pirate='prompt: Hi\nanswer: {phone: "+15550100"}')
    catalog = loaded(tmp_path)
    write(tmp_path, admiral='prompt: Hi\nanswer: {phone: "+15550100"}')
    await refreshed(catalog)
    assert catalog.by_number("+15550100").name == "pirate"
    assert [one.code for one in state(catalog, "admiral").problems] == ["phone_twice"]
    write(tmp_path, pirate="broken: yes")
    await refreshed(catalog)
    assert catalog.by_number("+15550100").name == "pirate"
    assert catalog.names() == ["pirate"]


async def test_a_number_is_free_once_its_bot_lets_go(tmp_path: Path) -> None:
    """The claim is looked at again with every change."""
    write(tmp_path, pirate='prompt: Hi\nanswer: {phone: "+15550100"}')
    catalog = loaded(tmp_path)
    write(tmp_path, parrot='prompt: Hi\nanswer: {phone: "+15550100"}', pirate="prompt: Hi")
    await refreshed(catalog)
    assert catalog.by_number("+15550100").name == "parrot"


def test_a_base_among_the_bots_is_no_bot(tmp_path: Path) -> None:
    """A file that others extend and that has no prompt is not missed."""
    write(tmp_path, house="title: House", pirate="extends: house.yaml\nprompt: Hi", _x="{")
    catalog = loaded(tmp_path)
    assert catalog.names() == ["pirate"]
    assert [one.name for one in catalog.status()] == ["pirate"]


@asynccontextmanager
async def watching(catalog: Catalog) -> AsyncIterator[None]:
    """The catalog, watching."""
    stop = asyncio.Event()
    watcher = asyncio.create_task(catalog.watch(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(watcher, 10)


async def until_prompt(catalog: Catalog, name: str, prompt: str) -> None:
    """Returns once a bot is served with a prompt; fails after ten seconds."""
    await until(
        lambda: name in catalog.names() and catalog.get(name).prompt == prompt, timeout_s=10
    )


async def test_everything_a_bot_is_made_of_is_watched(tmp_path: Path) -> None:
    """Its file, its base and its prompt, in whatever folders, and a prompt yet to be written."""
    for name in ("bots", "house", "prompts"):
        (tmp_path / name).mkdir()
    base, prompt = tmp_path / "house/base.yaml", tmp_path / "prompts/pirate.md"
    base.write_text("prompt: from the base")
    write(tmp_path / "bots", pirate="extends: ../house/base.yaml")
    catalog = loaded(tmp_path / "bots")
    async with watching(catalog):
        base.write_text("prompt: from the changed base")
        await until_prompt(catalog, "pirate", "from the changed base")
        write(tmp_path / "bots", pirate="prompt: {file: ../prompts/pirate.md}")
        await until(lambda: bool(state(catalog, "pirate").problems), timeout_s=10)
        prompt.write_text("from a file")
        await until_prompt(catalog, "pirate", "from a file")
        prompt.write_text("from a changed file")
        await until_prompt(catalog, "pirate", "from a changed file")
        write(tmp_path / "bots", parrot="prompt: new")
        await until_prompt(catalog, "parrot", "new")
