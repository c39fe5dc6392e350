"""What the words of a turn announce, language by language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.turn_cues import Announces, read_cue
from processors.turn_words import WORDS

pytestmark = pytest.mark.unit

MORE = [
    ("en", "My phone number is", "number"),
    ("en", "My phone number is 555-123", "number"),
    ("en", "It's four one five, seven seven two", "number"),
    ("en", "The order number is 4", "number"),
    ("en", "My email is margaret dot johnson", "email"),
    ("en", "My email is margaret.johnson at gmail", "email"),
    ("en", "It's john underscore smith at example dot", "email"),
    ("en", "My last name is Smith, S-M-I", "spelling"),
    ("en", "It's spelled K O", "spelling"),
    ("en", "I live at 42", "address"),
    ("en", "I live at 42 Oak Street", "address"),
    ("en", "I'd like to move it to Friday because", "connective"),
    ("en", "I need a new tire for my", "connective"),
    ("en", "I would like to book a table for.", "connective"),
    ("en", "I was wondering, um.", "hesitation"),
    ("en", "I was wondering...", "open"),
    ("en", "It's S as in Sam, M as in Mary", "spelling"),
    ("es", "Mi número es el 612 345", "number"),
    ("es", "Mi correo es ana punto", "email"),
    ("es", "Mi cita es el martes y", "connective"),
    ("es", "Quisiera una mesa para", "connective"),
    ("es", "Mi correo es ana arroba gmail", "email"),
    ("es", "Se escribe G A R", "spelling"),
    ("es", "Es B de Barcelona", "spelling"),
    ("es", "Vivo en la calle Mayor", "address"),
    ("es", "Quería, eh...", "hesitation"),
    ("fr", "Mon numéro est le zéro six douze", "number"),
    ("fr", "Mon numéro, c'est", "number"),
    ("fr", "Mon adresse mail est anne arobase", "email"),
    ("fr", "Ça s'écrit D U P", "spelling"),
    ("fr", "D comme Denis", "spelling"),
    ("fr", "J'habite au 42", "address"),
    ("fr", "J'habite 12 rue Victor", "address"),
    ("fr", "J'appelle pour la facture, parce que", "connective"),
    ("fr", "Je voudrais une table pour, euh", "hesitation"),
    ("de", "Meine Nummer ist 0171 555", "number"),
    ("de", "Ich rufe an, weil", "connective"),
    ("de", "Meine E-Mail ist anna at web", "email"),
    ("de", "Mein Name ist Meier, M E I", "spelling"),
    ("de", "M wie Martha", "spelling"),
    ("de", "Meine Adresse ist Lindenstraße", "address"),
    ("de", "Ich hätte gern einen Termin, ähm", "hesitation"),
    ("it", "Vorrei un tavolo per", "connective"),
    ("it", "La mia mail è anna chiocciola", "email"),
    ("it", "Si scrive R O S", "spelling"),
    ("it", "R come Roma", "spelling"),
    ("it", "Abito in via Roma", "address"),
    ("it", "Vorrei, ehm", "hesitation"),
    ("it", "Il mio numero è 333 12", "number"),
    ("pt", "Eu queria uma mesa para", "connective"),
    ("pt", "Meu telefone é", "number"),
    ("tr", "Rezervasyonumu değiştirmek istiyorum çünkü", "connective"),
    ("pt", "Meu email é ana arroba gmail", "email"),
    ("pt", "Se escreve S O U", "spelling"),
    ("pt", "Moro na rua Augusta", "address"),
    ("pt", "Eu queria, hum", "hesitation"),
    ("tr", "Numaram 532 555", "number"),
    ("tr", "E-postam ayşe nokta", "email"),
    ("tr", "Adresim Atatürk caddesi", "address"),
    ("tr", "Soyadım Y I L", "spelling"),
    ("hi", "मैं कल आना चाहता हूँ लेकिन", "connective"),
    ("hi", "मेरा नंबर नौ आठ सात", "number"),
    ("hi", "मेरा नंबर है", "number"),
    ("hi", "मेरा ईमेल राम डॉट", "email"),
    ("hi", "मेरा पता है 42", "address"),
]
END = [
    ("en", "What time do you open on Saturday?", "question"),
    ("en", "What are you looking for?", "question"),
    ("en", "Yes.", "answer"),
    ("en", "No, thank you.", "answer"),
    ("en", "Great, thanks.", "thanks"),
    ("es", "¿A qué hora abren?", "question"),
    ("es", "Sí.", "answer"),
    ("fr", "Oui.", "answer"),
    ("de", "Nein, danke.", "answer"),
    ("it", "Va bene.", "answer"),
    ("pt", "Não, obrigada.", "answer"),
    ("tr", "Evet.", "answer"),
    ("hi", "जी हाँ।", "answer"),
]
NOTHING = [
    ("en", "I would like a table for four people."),
    ("en", "My number is 415 772 0189."),
    ("en", "My email is margaret.johnson@gmail.com."),
    ("en", "My email is sales at blue river dot com"),
    ("en", "It costs $250."),
    ("en", "I'll come at 7:30."),
    ("en", "There are four of us, for two nights."),
    ("es", "Vivo en la calle Mayor 4, Madrid."),
    ("de", "Meine Adresse ist Lindenstraße 4, Berlin."),
    ("it", "E come sta"),
    ("en", "   "),
    ("xx", "and because um"),
]


@pytest.mark.parametrize(("language", "text", "why"), MORE)
def test_more_is_announced(language: str, text: str, why: str) -> None:
    """What is under way, and what no sentence ends in, announces more."""
    assert read_cue(text, language) == (Announces.MORE, why)


@pytest.mark.parametrize(("language", "text", "why"), END)
def test_an_end_is_announced(language: str, text: str, why: str) -> None:
    """A question, a whole answer and a thank you announce the end."""
    assert read_cue(text, language) == (Announces.END, why)


@pytest.mark.parametrize(("language", "text"), NOTHING)
def test_nothing_is_announced(language: str, text: str) -> None:
    """A plain sentence, a whole number and a language without lists leave it to the model."""
    assert read_cue(text, language).announces is Announces.NOTHING


@given(st.sampled_from(sorted(WORDS)), st.text(max_size=60))
def test_any_text_is_read(language: str, text: str) -> None:
    """Whatever a recogniser writes, there is an answer, and case is no part of it."""
    cue = read_cue(text, language)
    assert (cue.why == "") == (cue.announces is Announces.NOTHING)


@pytest.mark.parametrize("language", sorted(WORDS))
def test_a_whole_answer_is_whole(language: str) -> None:
    """Each answer in the lists ends a turn by itself, whatever else its words can be."""
    for answer in WORDS[language].answers:
        assert read_cue(f"{answer.capitalize()}.", language).announces is Announces.END, answer
