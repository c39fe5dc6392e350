"""What words said over the bot are worth."""

from __future__ import annotations

import pytest

from processors.backchannels import BACKCHANNELS, COMMANDS, HALTS, Listener, Worth

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Mm-hm.",
            "Uh-huh",
            "Yeah.",
            "Yeeeah",
            "okay, right",
            "Hahaha",
            "[laughter]",
            "Hmm",
            "Um",
        ),
        *("Oh, okay.", "Ah, I see.", "that's right", "No problem.", "Thank you.", "mm"),
    ],
)
def test_listening_is_no_turn(text: str) -> None:
    """Acknowledgements, hums and laughter, also several in a row, say only "go on"."""
    assert Listener("en").worth(text) is Worth.BACKCHANNEL


@pytest.mark.parametrize("text", ["Stop.", "No, no", "Oh no", "Wait a second", "Yeah, hold on"])
def test_a_command_is_heard_among_acknowledgements(text: str) -> None:
    """Whoever says stop wants the floor, whatever stands beside it."""
    assert Listener("en").worth(text) is Worth.COMMAND


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Stuff."), ("en", "Whait!"), ("es", "Espeda."), ("es", "¡Baste!"), ("de", "Warde")],
)
def test_a_halt_misspelt_is_one(language: str, text: str) -> None:
    """Ears that have a telephone line to go by write what sounds like it."""
    assert Listener(language).worth(text) is Worth.COMMAND


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("it", "Un'artimo."),
        ("it", "Scose."),
        ("es", "momenta"),
        ("fr", "Pardonne."),
        ("pt", "Um minito"),
    ],
)
def test_a_long_command_misspelt_is_one(language: str, text: str) -> None:
    """There is enough of it to know it by."""
    assert Listener(language).worth(text) is Worth.COMMAND


@pytest.mark.parametrize("text", ["Not.", "Bud", "Hay", "Inch."])
def test_a_short_command_has_to_be_spelt_as_it_is(text: str) -> None:
    """Its sounds are those of many words, and of acknowledgements misheard."""
    assert Listener("en").worth(text) is Worth.WORD


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", "And then"), ("en", "That stuff is new"), ("it", "Esato"), ("es", "Está")),
        *(("en", "Yeah, I'm mixed"), ("en", "I miss out"), ("it", "scemo")),
    ],
)
def test_what_sounds_like_a_halt_in_part_is_none(language: str, text: str) -> None:
    """All of what is said has to, and more than like an acknowledgement."""
    assert Listener(language).worth(text) < Worth.COMMAND


@pytest.mark.parametrize("text", ["very enough", "Buy it in no game", "I said hello to her"])
def test_a_command_among_other_words_is_none(text: str) -> None:
    """It opens what is said; further on it is a word like others, or a hum misheard."""
    assert Listener("en").worth(text) is Worth.SENTENCE


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *(("en", "Can you stop?"), ("en", "You stop it."), ("en", "Please wait")),
        *(
            ("es", "Por favor, espere"),
            ("de", "Können Sie bitte warten"),
            ("fr", "S'il te plaît arrête"),
        ),
    ],
)
def test_a_halt_stops_wherever_it_stands(language: str, text: str) -> None:
    """ "Stop" and "wait" ask for nothing else, unlike a "no" further on."""
    assert Listener(language).worth(text) is Worth.COMMAND


def test_a_halt_in_a_longer_sentence_is_a_word() -> None:
    """What is said about waiting takes the floor as a sentence does."""
    assert Listener("en").worth("I had to wait for the bus") is Worth.SENTENCE


@pytest.mark.parametrize("text", ["Now.", "Know!", "Weight."])
def test_a_command_counts_as_ears_spell_it(text: str) -> None:
    """Of a lone syllable they have no context to spell by."""
    assert Listener("en").worth(text) is Worth.COMMAND


@pytest.mark.parametrize("text", ["I know", "You know", "Oh, I know"])
def test_an_acknowledgement_that_ends_like_a_command_is_none(text: str) -> None:
    """ "I know" is no "no"."""
    assert Listener("en").worth(text) < Worth.COMMAND


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("", Worth.NOTHING),
        ("...", Worth.NOTHING),
        ("[Music]", Worth.NOTHING),
        ("♪ la la ♪", Worth.NOTHING),
        ("Saturday", Worth.WORD),
        ("yeah Saturday", Worth.WORD),
        ("I need it on Saturday", Worth.SENTENCE),
    ],
)
def test_what_says_something_is_told_from_what_does_not(text: str, worth: Worth) -> None:
    """Notes of a recogniser are no words; one word may be the beginning of more."""
    assert Listener("en").worth(text) is worth


@pytest.mark.parametrize(
    ("language", "listening", "command"),
    [
        ("es", "Sí, claro", "Espere, por favor"),
        ("fr", "D'accord, très bien", "Attendez"),
        ("de", "Ach so, ja", "Moment mal"),
        ("it", "Va bene", "Aspetti un attimo"),
        ("pt", "Pois é", "Não, espera"),
        ("tr", "Hı hı, tamam", "Hayır"),
        ("hi", "जी हाँ, ठीक है", "रुकिए"),
    ],
)
def test_every_language_has_its_own_lists(language: str, listening: str, command: str) -> None:
    """Accents, capitals and vowel signs do not matter."""
    listener = Listener(language)
    assert listener.worth(listening) is Worth.BACKCHANNEL
    assert listener.worth(command) is Worth.COMMAND


@pytest.mark.parametrize("language", sorted(BACKCHANNELS))
def test_no_phrase_is_on_both_lists(language: str) -> None:
    """An acknowledgement that were a command could never be let pass."""
    listener = Listener(language)
    for phrase in BACKCHANNELS[language].split("|"):
        assert listener.worth(phrase) is Worth.BACKCHANNEL, phrase
    for phrase in (*COMMANDS[language].split("|"), *HALTS[language].split("|")):
        assert listener.worth(phrase) is Worth.COMMAND, phrase


def test_a_bot_adds_its_own() -> None:
    """What a bot's YAML calls an acknowledgement is one, even a command of the language."""
    listener = Listener("en", ["Roger that", "hello"])
    assert listener.worth("Roger that!") is Worth.BACKCHANNEL
    assert listener.worth("hello?") is Worth.BACKCHANNEL


def test_words_are_counted_without_acknowledgements() -> None:
    """`words:2` counts what says something."""
    assert Listener("en").count("Yeah, okay, on Saturday") == 2
