"""The sentences a bot's brain is instructed with, in the languages that have a local voice.

Used by bots/facts.py. A language without an entry is instructed in English and told which language
to answer in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from num2words import num2words


@dataclass(frozen=True, slots=True)
class Wording:
    """What a small model needs to hear, in one language."""

    greeted: str
    """Tells what the bot opened the call with; `{greeting}` is filled in."""
    rule: str
    """Stands before the facts."""
    unknown: str
    """What the bot says where the facts are silent."""
    otherwise: str
    """Stands after the facts; `{unknown}` is filled in."""
    foreign_questions: tuple[tuple[str, str], ...]
    """Questions no business's facts answer, each with the word that would prove otherwise."""
    about: str
    """Asks for any fact; `{subject}` is filled in."""
    today: str
    """`{weekday}`, `{day}`, `{month}`, `{time}` are filled in."""
    tomorrow: str
    """The word for the next day."""
    after_tomorrow: str
    """The words for the day after that one."""
    day_after: str
    """A regular expression: the day after the one that was talked of."""
    weekend: str
    """A regular expression: Saturday and Sunday."""
    weekdays: tuple[str, ...]
    """Monday first, as written inside a sentence."""
    months: tuple[str, ...]
    time_words: str
    """A regular expression: a question with one of these needs to know today's date."""
    today_words: str
    """A regular expression: a question with one of these is about today's weekday."""
    yes_no: tuple[str, str]
    """What an answer that takes a side begins with."""
    leaning: str
    """A regular expression: a question with one of these is about what was talked of before."""
    courtesies: str
    """A regular expression: what goes with a question and changes nothing of it."""


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WORDINGS: dict[str, Wording] = {
    "en": Wording(
        greeted='You have answered the call with: "{greeting}"',
        rule=(
            "You are on the phone with a caller. "
            "Answer with one short spoken sentence, using only these facts:"
        ),
        unknown="I do not know that, but I can find out for you.",
        otherwise="If the facts do not say, answer: {unknown}",
        foreign_questions=(
            ("Do you sell bicycles?", "bicycle"),
            ("Can you fix my roof?", "roof"),
            ("Who won the football match?", "football"),
        ),
        about="What about {subject}?",
        today="Today is {weekday}, {day} {month}, and it is {time}.",
        tomorrow="tomorrow",
        after_tomorrow="the day after tomorrow",
        day_after=r"the (?:day after|next day)(?! tomorrow)",
        weekend=r"week-?ends?",
        weekdays=_names("Monday Tuesday Wednesday Thursday Friday Saturday Sunday"),
        months=_names(
            "January February March April May June July August September October November December"
        ),
        time_words=(
            r"today|tonight|now|tomorrow|yesterday|currently|still open|at the moment"
            r"|this (?:morning|afternoon|evening|week)|what time is it|what day|the date"
        ),
        yes_no=("Yes", "No"),
        today_words=r"today|tonight|now|currently|at the moment|this (?:morning|afternoon|evening)",
        leaning=(
            r"^(?:and|or|so|what about|how about|until)\b"
            r"|\b(?:it|that|those|they|them|she|he|her|him|ones?|two)\b"
        ),
        courtesies=(
            r"please|hello|hi|hey|good (?:morning|afternoon|evening)|excuse me|sorry|okay|ok"
            r"|thanks|thank you"
        ),
    ),
    "es": Wording(
        greeted='Has contestado la llamada con: "{greeting}"',
        rule=(
            "Estás al teléfono con una persona que llama. "
            "Responde con una sola frase corta y hablada, usando solo estos hechos:"
        ),
        unknown="Eso no lo sé, pero puedo averiguarlo.",
        otherwise="Si los hechos no lo dicen, responde: {unknown}",
        foreign_questions=(
            ("¿Venden bicicletas?", "bicicleta"),
            ("¿Pueden arreglar mi tejado?", "tejado"),
        ),
        about="¿Qué me puede decir de {subject}?",
        today="Hoy es {weekday}, {day} de {month}, y son las {time}.",
        tomorrow="mañana",
        after_tomorrow="pasado mañana",
        day_after=r"el día (?:siguiente|después)",
        weekend=r"fin(?:es)? de semana",
        weekdays=_names("lunes martes miércoles jueves viernes sábado domingo"),
        months=_names(
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
            "diciembre"
        ),
        time_words=r"hoy|ahora|mañana|ayer|esta (?:tarde|noche|semana)|qué hora|qué día|fecha",
        yes_no=("Sí", "No"),
        today_words=r"hoy|ahora|esta (?:tarde|noche)",
        leaning=(r"^\W*(?:y|o|entonces)\b|\b(?:eso|esa|ese|esos|esas|ellos?|ellas?)\b"),
        courtesies=(
            r"por favor|hola|buenos días|buenas(?: tardes| noches)?|oiga|perdone?|disculpe"
            r"|gracias"
        ),
    ),
    "fr": Wording(
        greeted='Vous avez décroché en disant : "{greeting}"',
        rule=(
            "Vous êtes au téléphone avec une personne qui appelle. "
            "Répondez par une seule phrase courte et parlée, en utilisant seulement ces faits :"
        ),
        unknown="Je ne le sais pas, mais je peux me renseigner pour vous.",
        otherwise="Si les faits ne le disent pas, répondez : {unknown}",
        foreign_questions=(
            ("Vendez-vous des vélos ?", "vélo"),
            ("Pouvez-vous réparer mon toit ?", "toit"),
        ),
        about="Que pouvez-vous me dire sur {subject} ?",
        today="Aujourd'hui nous sommes {weekday} {day} {month}, et il est {time}.",
        tomorrow="demain",
        after_tomorrow="après-demain",
        day_after=r"le lendemain|le jour (?:d'après|suivant)",
        weekend=r"week-?ends?",
        weekdays=_names("lundi mardi mercredi jeudi vendredi samedi dimanche"),
        months=_names(
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
        ),
        time_words=(
            r"aujourd'hui|maintenant|demain|hier|ce soir|cette semaine|quelle heure|quel jour|date"
        ),
        yes_no=("Oui", "Non"),
        today_words=r"aujourd'hui|maintenant|ce soir",
        leaning=(r"^\W*(?:et|ou|alors)\b|\b(?:ça|cela|celle|celui|ils?|elles?)\b"),
        courtesies=r"s['’]il (?:vous|te) pla[iî]t|bonjour|bonsoir|excusez-moi|pardon|merci",
    ),
    "it": Wording(
        greeted='Hai risposto alla chiamata con: "{greeting}"',
        rule=(
            "Sei al telefono con una persona che chiama. "
            "Rispondi con una sola frase breve e parlata, usando solo questi fatti:"
        ),
        unknown="Questo non lo so, ma posso informarmi per lei.",
        otherwise="Se i fatti non lo dicono, rispondi: {unknown}",
        foreign_questions=(
            ("Vendete biciclette?", "biciclett"),
            ("Potete riparare il mio tetto?", "tetto"),
        ),
        about="Che cosa mi può dire su {subject}?",
        today="Oggi è {weekday} {day} {month}, e sono le {time}.",
        tomorrow="domani",
        after_tomorrow="dopodomani",
        day_after=r"il giorno (?:dopo|seguente)",
        weekend=r"fine settimana|week-?end",
        weekdays=_names("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
        months=_names(
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
            "dicembre"
        ),
        time_words=r"oggi|adesso|ora|domani|ieri|stasera|questa settimana|che giorno|data",
        yes_no=("Sì", "No"),
        today_words=r"oggi|adesso|ora|stasera",
        leaning=(r"^\W*(?:e|o|allora)\b|\b(?:quello|quella|questo|questa|lui|lei|loro)\b"),
        courtesies=r"per favore|per piacere|buongiorno|buonasera|salve|ciao|mi scusi|scusi|grazie",
    ),
    "pt": Wording(
        greeted='Você atendeu a ligação com: "{greeting}"',
        rule=(
            "Você está ao telefone com uma pessoa que liga. "
            "Responda com uma única frase curta e falada, usando apenas estes fatos:"
        ),
        unknown="Isso eu não sei, mas posso descobrir para você.",
        otherwise="Se os fatos não disserem, responda: {unknown}",
        foreign_questions=(
            ("Vocês vendem bicicletas?", "biciclet"),
            ("Podem consertar o meu telhado?", "telhado"),
        ),
        about="O que pode me dizer sobre {subject}?",
        today="Hoje é {weekday}, {day} de {month}, e são {time}.",
        tomorrow="amanhã",
        after_tomorrow="depois de amanhã",
        day_after=r"(?:n?o) dia (?:seguinte|depois)",
        weekend=r"fi[mn]s? de semana",
        weekdays=_names(
            "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo"
        ),
        months=_names(
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
            "dezembro"
        ),
        time_words=r"hoje|agora|amanhã|ontem|esta semana|que horas|que dia|data",
        yes_no=("Sim", "Não"),
        today_words=r"hoje|agora",
        leaning=(r"^\W*(?:e|ou|então)\b|\b(?:isso|esse|essa|ele|ela|eles|elas)\b"),
        courtesies=r"por favor|olá|oi|bom dia|boa (?:tarde|noite)|com licença|desculpe|obrigad[oa]",
    ),
}


def wording(language: str) -> Wording:
    """The wording of a language tag ("en", "en-GB"), English where there is none."""
    return WORDINGS.get(language.partition("-")[0].lower(), WORDINGS["en"])


def spoken_time(moment: datetime, language: str) -> str:
    """A time of day as it is said: "ten past two in the afternoon"; digits outside English."""
    if not language.startswith("en"):
        return f"{moment.hour}:{moment.minute:02}"
    hour, minute = moment.hour, moment.minute
    part = "at night" if hour >= 21 or hour < 5 else "in the morning" if hour < 12 else ""
    part = part or ("in the afternoon" if hour < 18 else "in the evening")
    said = num2words(hour % 12 or 12)
    if minute:
        said += f" {'oh ' if minute < 10 else ''}{num2words(minute)}".replace("-", " ")
    return f"{said} {part}"
