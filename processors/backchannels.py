"""What words said over the bot are worth: an acknowledgement, a command, a sentence, or nothing.

Pure and cheap: interim transcripts are judged as they come. A bot's YAML can add to the
acknowledgements of its language.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum

from processors.sounding import nearest, sound_of


class Worth(IntEnum):
    """How strongly words ask for the floor, weakest first."""

    NOTHING = 0
    """No words: silence, punctuation, or a recogniser's note as in "[Music]"."""
    BACKCHANNEL = 1
    """The caller listens: "mm-hm", "yeah", laughter."""
    WORD = 2
    """One word that may be the beginning of more, or a cough misheard."""
    SENTENCE = 3
    """Two words and more that say something."""
    COMMAND = 4
    """ "Stop", "wait", "no": whoever says it wants to be heard now."""


BACKCHANNELS: dict[str, str] = {
    "en": "yes|yeah|yea|yep|yup|ya|right|alright|all right|sure|i see|i know|got it|gotcha|uh huh|"
    "mm hm|good|great|nice|cool|fine|wow|really|interesting|exactly|true|of course|absolutely|"
    "definitely|totally|perfect|thanks|thank you|sounds good|makes sense|"
    "that makes sense|thats right|that is right|"
    "understood|correct|indeed|no problem|no worries|very good|yes please|thats good|thats fine|"
    "thats great|thats true|thats correct|fair enough|good to know|good idea|very nice|lovely|"
    "brilliant|awesome|amazing|excellent|wonderful|for sure|sounds great|sounds fine|i understand|"
    "very well|youre right|noted",
    "es": "sí|ya|vale|claro|ajá|de acuerdo|bien|muy bien|bueno|entiendo|entendido|ya veo|correcto|"
    "exacto|perfecto|eso|eso es|eh|genial|gracias|por supuesto|dale|listo|está bien|así es|"
    "comprendo|qué bien|qué bueno|claro que sí|ya ya|sí por favor|excelente|estupendo|fenomenal|"
    "desde luego|efectivamente|cómo no|lo entiendo|venga|así|tiene razón|tienes razón",
    "fr": "oui|ouais|mouais|d'accord|bien|très bien|bien sûr|hein|euh|je vois|voilà|exactement|"
    "c'est ça|entendu|parfait|super|merci|tout à fait|compris|je comprends|ah bon|ça marche|"
    "c'est bien|c'est bon|c'est vrai|c'est noté|c'est clair|exact|effectivement|absolument|génial|"
    "excellent|merci beaucoup|pas de problème|pas de souci|bon|ça va|volontiers|certainement|"
    "évidemment",
    "de": "ja|jo|genau|gut|klar|stimmt|richtig|ach so|achso|ach|verstehe|ich verstehe|alles klar|"
    "natürlich|in ordnung|sicher|super|prima|toll|danke|eben|äh|ähm|sehr gut|na klar|jawohl|"
    "ach ja|das stimmt",
    "it": "sì|già|certo|va bene|bene|molto bene|d'accordo|capisco|capito|ho capito|esatto|giusto|"
    "perfetto|ecco|grazie|ottimo|infatti|chiaro|certamente",
    "pt": "sim|é|tá|certo|claro|isso|isso mesmo|pois|pois é|entendi|entendo|está bem|tá bom|tá bem|"
    "bom|bem|muito bem|beleza|exato|exatamente|perfeito|aham|uhum|obrigado|obrigada|com certeza|"
    "ótimo|legal",
    "tr": "evet|hı hı|hıhı|tamam|peki|olur|doğru|anladım|anlıyorum|tabii|tabi|aynen|güzel|iyi|öyle|"
    "aa|oo|teşekkürler|teşekkür ederim|elbette|tabii ki|pekala|çok iyi",
    "hi": "हाँ|हां|जी|जी हाँ|जी हां|अच्छा|ठीक है|ठीक|सही|हम्म|हूँ|हूं|बिल्कुल|समझ गया|समझ गई|ओके|ओह|वाह|धन्यवाद|"
    "शुक्रिया|haan|ji|accha|acha|theek hai|thik hai|sahi|bilkul",
}
"""What a listener says to be heard listening, by language."""

COMMANDS: dict[str, str] = {
    "en": "no|nope|know|now|hey|excuse me|sorry|pardon|hello|one second|one moment|one minute|"
    "1 second|1 moment|1 minute|one sec|1 sec|just a sec|a sec|forget it|"
    "just a second|just a moment|just a minute|a second|a moment|a minute|enough|cancel|"
    "never mind|nevermind|listen|quiet|actually|but|pause|what",
    "es": "para|pare|un momento|momento|un segundo|1 momento|1 segundo|no|perdón|perdona|"
    "perdone|disculpa|disculpe|oiga|oye|un minuto|1 minuto|un momentito|un segundito|permítame|"
    "escucha|escuche|pero|hola|cancela|cómo|mire",
    "fr": "un instant|un moment|une seconde|une minute|1 instant|1 moment|1 seconde|1 minute|non|"
    "nom|pardon|excusez moi|excuse moi|désolé|mais|écoute|écoutez|allô|assez|quoi|comment|annulez|"
    "laissez tomber",
    "de": "moment|sekunde|nein|nee|entschuldigung|entschuldigen|aber|hallo|hören sie|ruhe|genug|"
    "wie bitte|was|doch",
    "it": "fermo|un attimo|attimo|un attimino|un momento|momento|un secondo|no|scusa|scusi|"
    "mi scusi|mi scusa|ma|pronto|senta|senti|ascolti",
    "pt": "para|um momento|momento|um minuto|um segundo|um instante|não|desculpa|desculpe|"
    "com licença|mas|alô|olá|escuta|escute",
    "tr": "bir dakika|bir saniye|hayır|yok|pardon|affedersiniz|özür dilerim|kusura bakmayın|ama|"
    "alo|dinle|dinleyin|merhaba",
    "hi": "नहीं|एक मिनट|एक सेकंड|माफ़ कीजिए|सुनो|सुनिए|लेकिन|बस|हैलो|nahi|nahin|suno|suniye|ek minute",
}
"""What gets the floor at once where it opens what is said, by language, also as ears spell it that
have but a syllable: "know" and "now" are "no"."""

HALTS: dict[str, str] = {
    "en": "stop|wait|weight|hold on|hang on|hold up|hold it|shut up|be quiet",
    "es": "espera|espere|espérate|espérese|aguarda|aguarde|alto|basta|calla|cállate|cállese|"
    "detente|deténgase|silencio",
    "fr": "stop|attends|attendez|arrête|arrêtez|ça suffit|silence|taisez vous|tais toi",
    "de": "stopp|stop|halt|warte|warten|aufhören|hör auf",
    "it": "ferma|fermati|si fermi|aspetta|aspetti|basta|stop|zitto",
    "pt": "pare|espera|espere|peraí|chega|silêncio",
    "tr": "dur|durun|bekle|bekleyin|yeter|sus",
    "hi": "रुको|रुकिए|रुकें|रुक|ठहरो|ठहरिए|ruko|rukiye",
}
"""The commands that say nothing else, by language: they do it wherever they stand, as in "can you
stop", but for what is longer than HALTED_WITHIN words."""

HALTED_WITHIN = 5
LONG_COMMAND = 5
"""Of so many sounds, another command is known by them too: "scose" is "scusi"."""
COMMAND_SOUNDS_AN_EDIT = 7
"""Of so many sounds of such a command one may be misheard: "un'artimo" is "un attimo", but "I'm
mixed" is no "one sec"."""

_EVERYWHERE = "ok|okay|okey|oke"

_HUM = re.compile(r"(h?m+|(h?[eu]+h*|m+)?h*m+h*m*|h?[aeou]+h+|[aou]+h+[aou]+h*|h?[aeou])")
_LAUGHTER = re.compile(r"[aeh]*((ha|he|hi|ho|ja|je|ah|eh)){2,}h?|k{2,}|(rs){2,}s?")
_LAUGHS = re.compile(r"laugh|chuckl|giggl|risa|rire|lach|risat|kahkaha", re.IGNORECASE)
_NOTE = re.compile(r"\[[^]]*\]|\([^)]*\)|\*[^*]*\*|♪[^♪]*♪?|<[^>]*>")

_LONGEST_PHRASE = 3

Phrase = tuple[str, ...]


def spoken_words(text: str) -> list[str]:
    """The words of `text` to compare by: no case, accents, hyphens or stretched letters."""
    accents_off = "".join(
        c for c in unicodedata.normalize("NFKD", text.casefold()) if not "\u0300" <= c <= "\u036f"
    )
    # A vowel sign of Devanagari is a mark and not a letter, and belongs to its word.
    spaced = "".join(
        c if c.isalnum() or unicodedata.category(c)[0] == "M" else "" if c in "'’" else " "
        for c in accents_off
    )
    return [re.sub(r"(.)\1{2,}", r"\1", word) for word in spaced.split()]


def has_figure(text: str) -> bool:
    """Whether a number is among the words, in figures: nobody hums one."""
    return any(letter.isdigit() for letter in text)


class Listener:
    """Judges what is said in one language.

    Args:
        language: a two-letter code; one without a list of its own is judged by the English one.
        more: further acknowledgements; one that is on the list of commands is none any more.
    """

    def __init__(self, language: str = "en", more: Iterable[str] = ()) -> None:
        own = _phrases(more)
        self._backchannels = _listed(BACKCHANNELS, language) | _phrases([*_EVERYWHERE.split("|")])
        self._backchannels |= own
        self._halts = _listed(HALTS, language) - own
        self._commands = (_listed(COMMANDS, language) | self._halts) - own
        self._begun = tuple(" ".join(phrase) for phrase in self._backchannels)
        self._halt_sounds = frozenset(map(sound_of, self._halts))
        self._command_sounds = frozenset(
            sound for sound in map(sound_of, self._commands) if len(sound) >= LONG_COMMAND
        )
        self._backchannel_sounds = frozenset(map(sound_of, self._backchannels))

    def worth(self, text: str) -> Worth:
        """What `text` is worth, interim or final."""
        words = spoken_words(_NOTE.sub(" ", text))
        if not words:
            return Worth.BACKCHANNEL if _LAUGHS.search(text) else Worth.NOTHING
        left, has_command = self._sift(words)
        if has_command or (left and self._sounds_like_command(words)):
            return Worth.COMMAND
        return (Worth.BACKCHANNEL, Worth.WORD)[left] if left < 2 else Worth.SENTENCE

    def may_become_backchannel(self, text: str) -> bool:
        """Whether interim words may be the beginning of one: "that makes", "exact"."""
        words = spoken_words(_NOTE.sub(" ", text))
        # What stands before it may itself be an acknowledgement, as in "oh, I".
        tails = (" ".join(words[at:]) for at in range(min(len(words), _LONGEST_PHRASE)))
        return any(
            self._sift(words[:at])[0] == 0 and any(known.startswith(tail) for known in self._begun)
            for at, tail in enumerate(tails)
        )

    def count(self, text: str) -> int:
        """How many of the words say more than that the caller listens."""
        return self._sift(spoken_words(_NOTE.sub(" ", text)))[0]

    def _sounds_like_command(self, words: list[str]) -> bool:
        """Whether it is a halt misspelt, or another command that is long enough to be known by its
        sounds: the whole of it, and more like that than like "yeah"."""
        if len(words) > _LONGEST_PHRASE:
            return False
        heard = sound_of(words)
        edits = nearest(heard, self._halt_sounds)
        if edits is None:
            edits = nearest(heard, self._command_sounds, COMMAND_SOUNDS_AN_EDIT)
        rival = None if edits is None else nearest(heard, self._backchannel_sounds)
        return edits is not None and (rival is None or edits < rival)

    def _sift(self, words: list[str]) -> tuple[int, bool]:
        """How many words are no acknowledgement, and whether a command comes before all of them.

        The longest phrase at a place counts: "no problem" is no "no", "um momento" no "um". A
        command opens what is said, after "yeah" or "oh" perhaps: "fair enough" is none. Only a
        halt may come later.
        """
        left, at, has_command = 0, 0, False
        is_short = len(words) <= HALTED_WITHIN
        while at < len(words):
            for length in range(_LONGEST_PHRASE, 0, -1):
                phrase = tuple(words[at : at + length])
                is_command = phrase in self._commands
                if is_command or phrase in self._backchannels:
                    opens = left == 0 or (is_short and phrase in self._halts)
                    has_command |= is_command and opens
                    left += len(phrase) * is_command
                    at += len(phrase)
                    break
            else:
                word = words[at]
                left += not (_HUM.fullmatch(word) or _LAUGHTER.fullmatch(word))
                at += 1
        return left, has_command


def _phrases(phrases: Iterable[str]) -> frozenset[Phrase]:
    return frozenset(tuple(spoken_words(phrase)) for phrase in phrases) - {()}


def _listed(table: dict[str, str], language: str) -> frozenset[Phrase]:
    return _phrases(table.get(language, table["en"]).split("|"))
