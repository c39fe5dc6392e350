"""What Offhook itself says in a call, in each language a bot may speak.

A bot's own words come from its YAML; these are for when a part of the call fails or ends.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """The lines of one language, each one sentence or two, meant to be heard."""

    answer_lost: str
    """The brain or a tool failed in the middle of a turn."""
    not_heard: str
    """The ears failed: the caller spoke and nothing was understood."""
    time_is_up: str
    """The call has reached `limits.duration`."""


_PHRASES = {
    "en": Phrases(
        answer_lost="Sorry, I lost my thread there. Could you say that again, please?",
        not_heard="Sorry, I did not catch that. Could you say it again, please?",
        time_is_up="I am afraid our time is up. Thank you for calling, goodbye.",
    ),
    "es": Phrases(
        answer_lost="Perdone, he perdido el hilo. ¿Puede repetirlo, por favor?",
        not_heard="Perdone, no le he entendido. ¿Puede repetirlo, por favor?",
        time_is_up="Se nos ha acabado el tiempo. Gracias por llamar, adiós.",
    ),
    "fr": Phrases(
        answer_lost="Pardon, j'ai perdu le fil. Pouvez-vous répéter, s'il vous plaît ?",
        not_heard="Pardon, je n'ai pas compris. Pouvez-vous répéter, s'il vous plaît ?",
        time_is_up="Notre temps est écoulé. Merci de votre appel, au revoir.",
    ),
    "it": Phrases(
        answer_lost="Mi scusi, ho perso il filo. Può ripetere, per favore?",
        not_heard="Mi scusi, non ho capito. Può ripetere, per favore?",
        time_is_up="Il nostro tempo è finito. Grazie della chiamata, arrivederci.",
    ),
    "pt": Phrases(
        answer_lost="Desculpe, perdi o fio. Pode repetir, por favor?",
        not_heard="Desculpe, não percebi. Pode repetir, por favor?",
        time_is_up="O nosso tempo acabou. Obrigado pela chamada, até logo.",
    ),
    "de": Phrases(
        answer_lost="Entschuldigung, ich habe den Faden verloren. Sagen Sie das bitte noch einmal?",
        not_heard="Entschuldigung, das habe ich nicht verstanden. Noch einmal, bitte?",
        time_is_up="Unsere Zeit ist leider um. Danke für Ihren Anruf, auf Wiederhören.",
    ),
}


def phrases(language: str) -> Phrases:
    """The lines in `language` (a code such as `en` or `pt-BR`); English where there are none."""
    return _PHRASES.get(language.split("-")[0].lower(), _PHRASES["en"])
