"""Settings from the environment and `.env`."""

from __future__ import annotations

import pytest

from server.settings import (
    Settings,
    SettingsError,
    find_unknown,
    load_settings,
    read_environment,
)

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OFFHOOK_{name.upper()}", raising=False)
    monkeypatch.chdir(tmp_path)


def test_env_file_never_overrides_the_environment(monkeypatch, tmp_path):
    """`.env` fills in what the environment leaves out, for settings and for bots' secrets."""
    (tmp_path / ".env").write_text("OFFHOOK_PORT=9000\nOFFHOOK_CAPACITY=3\nDEEPGRAM_API_KEY=x\n")
    monkeypatch.setenv("OFFHOOK_PORT", "9100")
    settings = load_settings()
    assert (settings.port, settings.capacity) == (9100, 3)
    environ = read_environment(environ={"OFFHOOK_PORT": "9100"})
    assert environ == {
        "OFFHOOK_PORT": "9100",
        "OFFHOOK_CAPACITY": "3",
        "DEEPGRAM_API_KEY": "x",
    }


def test_command_line_wins(monkeypatch):
    """An option of the command overrides the environment."""
    monkeypatch.setenv("OFFHOOK_PORT", "9100")
    assert load_settings(port=9200).port == 9200


def test_lists_are_written_with_commas(monkeypatch):
    """Spaces and empty parts do not matter."""
    monkeypatch.setenv("OFFHOOK_ALLOWED_ORIGINS", "https://a.example/, https://b.example,")
    monkeypatch.setenv("OFFHOOK_BOTS", "one,two")
    settings = load_settings()
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert [str(folder) for folder in settings.bots] == ["one", "two"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"PORT": "many"}, "OFFHOOK_PORT"),
        ({"CAPACITY": "0"}, "OFFHOOK_CAPACITY"),
        ({"SECRET": "short"}, "OFFHOOK_SECRET"),
        ({"OPERATOR_KEY": "short"}, "OFFHOOK_OPERATOR_KEY"),
        ({"PUBLIC_URL": "voice.example"}, "OFFHOOK_PUBLIC_URL"),
        ({"ALLOWED_ORIGINS": "a.example"}, "OFFHOOK_ALLOWED_ORIGINS"),
        ({"TLS_CERT": "a.pem"}, "OFFHOOK_TLS_KEY"),
        ({"TURN_URLS": "turn:t.example"}, "OFFHOOK_TURN_SECRET"),
        ({"LOG_FORMAT": "xml"}, "OFFHOOK_LOG_FORMAT"),
    ],
)
def test_bad_value_names_its_variable_and_not_its_value(monkeypatch, given, named):
    """One line says which variable to mend; a secret's value is not in it."""
    for name, value in given.items():
        monkeypatch.setenv(f"OFFHOOK_{name}", value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert named in str(error.value)
    assert "\n" not in str(error.value)
    if named.endswith(("SECRET", "OPERATOR_KEY")):
        assert "'short'" not in str(error.value)


def test_secrets_do_not_print():
    """A settings object can be logged."""
    assert "sesame" not in repr(load_settings(operator_key="open sesame, open!"))


def test_misspelled_variable_is_pointed_out():
    """A variable nobody reads is named with the one that was meant."""
    [sentence] = find_unknown({"OFFHOOK_CAPACTIY": "3", "OFFHOOK_PORT": "1", "PATH": ""})
    assert "OFFHOOK_CAPACTIY" in sentence
    assert "Did you mean OFFHOOK_CAPACITY?" in sentence


def test_a_variable_like_no_setting_is_only_named():
    """What all of them begin with makes no two of them alike."""
    assert find_unknown({"OFFHOOK_XYZZY": "1"}) == ["OFFHOOK_XYZZY is not a setting."]


def test_every_setting_is_explained():
    """Docs are generated from the attribute docstrings."""
    assert all(field.description for field in Settings.model_fields.values())
