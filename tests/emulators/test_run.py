"""All emulators at once, and the lines that point bots at them."""

import httpx
import pytest

from emulators.run import EMULATORS, environ_lines, run_emulators

pytestmark = pytest.mark.wire


async def test_all_emulators_listen_and_are_named_in_the_environment() -> None:
    """Each vendor has a port, a control port and three lines of environment."""
    async with run_emulators() as emulators, httpx.AsyncClient() as client:
        assert set(emulators) == set(EMULATORS)
        lines = environ_lines(emulators)
        assert len(lines) == 3 * len(EMULATORS)
        assert f"DEEPGRAM_BASE_URL={emulators['deepgram'].base_url}" in lines
        for emulator in emulators.values():
            asked = await client.get(f"{emulator.control_url}/_control/requests")
            assert asked.json() == []


async def test_only_the_named_vendors_run() -> None:
    """A choice of vendors leaves the others out, and a wrong name is an error."""
    async with run_emulators({"groq": 0}) as emulators:
        assert list(emulators) == ["groq"]
    with pytest.raises(KeyError):
        async with run_emulators({"grok": 0}):
            pass


async def test_every_emulator_answers_an_unknown_path_in_its_own_words() -> None:
    """A wrong path is a JSON 404 of the vendor, never the framework's page."""
    async with run_emulators() as emulators, httpx.AsyncClient() as client:
        for emulator in emulators.values():
            url = emulator.control_url + "/v9/nothing"
            answer = await client.get(url)
            assert answer.status_code == 404
            assert isinstance(answer.json(), dict)
