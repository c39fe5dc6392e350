"""Admission counts what runs on this machine, wherever it stands in a chain."""

from __future__ import annotations

import pytest

from bots.local.capacity import RESERVE_SHARE, call_cores, has_place, has_room, local_calls, share
from bots.spec import BotSpec, Kind, ProviderSpec

pytestmark = pytest.mark.unit


def bot(**chains: list[str]) -> BotSpec:
    """A bot whose stages are the named providers; a cloud's where nothing is named."""
    cloud = {"stt": ["deepgram"], "llm": ["cerebras"], "tts": ["cartesia"]} | chains
    made = {kind: [{"provider": name} for name in names] for kind, names in cloud.items()}
    return BotSpec.model_validate({"name": "x", "version": "0" * 12, "prompt": "-", **made})


LOCAL = bot(stt=["local"], llm=["local"], tts=["local"])
CLOUD = bot()
RESERVE = bot(llm=["cerebras", "local"])


def cerebras_is_down(kind: Kind, provider: ProviderSpec) -> bool:
    """Health in an outage of one vendor."""
    return provider.provider != "cerebras"


def test_a_reserve_takes_little_until_it_is_at_work() -> None:
    """An eighth while those before it are well, all of it once they are not."""
    assert [share(one, "llm") for one in (LOCAL, CLOUD, RESERVE)] == [1.0, 0.0, RESERVE_SHARE]
    assert share(RESERVE, "llm", cerebras_is_down) == 1.0
    assert share(bot(llm=["cerebras", "groq", "local"]), "llm", cerebras_is_down) == RESERVE_SHARE
    assert call_cores(RESERVE) == call_cores(CLOUD)
    assert call_cores(RESERVE, cerebras_is_down) > 2


def test_an_engine_by_its_own_name_counts_as_local() -> None:
    """Ears and voices of this machine cost the same under another name."""
    assert share(bot(stt=["parakeet"]), "stt") == 1.0
    assert share(bot(tts=["cartesia", "piper"]), "tts") == RESERVE_SHARE


def test_a_brain_holds_eight_in_reserve() -> None:
    """And one at work, beside which no reserve of the same brain fits."""
    assert local_calls(2) == 1
    assert has_room([RESERVE] * 7, RESERVE, 2)
    assert not has_room([RESERVE] * 8, RESERVE, 2)
    assert not has_room([LOCAL], LOCAL, 2)
    assert has_room([LOCAL], LOCAL, 4)
    assert not has_room([RESERVE], LOCAL, 2)


def test_an_outage_closes_the_door_behind_who_is_there() -> None:
    """Nobody new is let in to a brain that calls under way need now."""
    assert not has_room([RESERVE] * 3, RESERVE, 2, cerebras_is_down)
    assert has_room([], RESERVE, 2, cerebras_is_down)


def test_places_that_an_operator_sets_are_counted_the_same() -> None:
    """A bot without a local brain needs none; the first one always fits."""
    assert has_place([LOCAL] * 5, CLOUD, 1)
    assert has_place([CLOUD], LOCAL, 1)
    assert not has_place([LOCAL], LOCAL, 1)
    assert has_place([RESERVE] * 15, RESERVE, 2)
    assert not has_place([RESERVE] * 16, RESERVE, 2)


def test_cloud_calls_share_the_cores() -> None:
    """A tenth of a core each."""
    assert has_room([CLOUD] * 19, CLOUD, 2)
    assert not has_room([CLOUD] * 20, CLOUD, 2)
