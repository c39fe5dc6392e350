"""The words of Spanish, French, Italian and Portuguese that the romance rules put in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bots.local.speakable.numerals import cardinal


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language's words. `currencies` is symbol -> one, many, the hundredths."""

    code: str
    to: str
    minus: str
    percent: str
    degrees: str
    first: str
    date_joint: str
    money_joint: str
    half: str
    hour: Callable[[int], str]
    minutes: Callable[[str], str]
    months: tuple[str, ...]
    currencies: dict[str, tuple[str, str, str]]
    units: dict[str, tuple[str, str]]
    abbreviations: dict[str, str]
    symbols: dict[str, str]
    said: dict[str, str]
    phone_in_pairs: bool = False


def _hour_es(hour: int) -> str:
    return "una" if hour == 1 else cardinal(hour, "es")


def _hour_fr(hour: int) -> str:
    if hour == 12:
        return "midi"
    if hour in (0, 24):
        return "minuit"
    word = cardinal(hour, "fr")
    word = word[:-2] + "une" if word.endswith("un") else word
    return f"{word} heure{'' if hour == 1 else 's'}"


def _hour_it(hour: int) -> str:
    return {0: "mezzanotte", 1: "una", 12: "mezzogiorno", 24: "mezzanotte"}.get(
        hour, cardinal(hour, "it")
    )


def _hour_pt(hour: int) -> str:
    word = cardinal(hour, "pt")
    for masculine, feminine in (("um", "uma"), ("dois", "duas")):
        if word == masculine or word.endswith(f" {masculine}"):
            word = word[: -len(masculine)] + feminine
    return f"{word} hora{'' if hour == 1 else 's'}"


def _currencies(
    dollar: tuple[str, str, str],
    euro: tuple[str, str, str],
    pound: tuple[str, str, str],
    real: tuple[str, str, str],
) -> dict[str, tuple[str, str, str]]:
    return {
        "$": dollar, "US$": dollar, "USD": dollar, "€": euro, "EUR": euro,
        "£": pound, "GBP": pound, "R$": real, "BRL": real,
    }  # fmt: skip


def _symbols(at: str, dot: str, dash: str, under: str, slash: str, plus: str) -> dict[str, str]:
    return {"@": at, ".": dot, "-": dash, "_": under, "/": slash, "+": plus, ":": "", "?": ""}


TONGUES = {
    "es": Tongue(
        code="es", to="a", minus="menos", percent="por ciento", degrees="grados",
        first="uno", date_joint=" de ", money_joint="con", half="y media",
        hour=_hour_es, minutes=lambda words: f"y {words}",
        months=(
            "enero", "febrero", "marzo", "abril",
            "mayo", "junio", "julio", "agosto",
            "septiembre", "octubre", "noviembre", "diciembre",
        ),
        currencies=_currencies(
            ("dólar", "dólares", "centavos"), ("euro", "euros", "céntimos"),
            ("libra", "libras", "peniques"), ("real", "reales", "centavos"),
        ),
        units={
            "km": ("kilómetro", "kilómetros"), "m": ("metro", "metros"),
            "cm": ("centímetro", "centímetros"), "kg": ("kilo", "kilos"),
            "g": ("gramo", "gramos"), "l": ("litro", "litros"), "ml": ("mililitro", "mililitros"),
            "min": ("minuto", "minutos"),
            "km/h": ("kilómetro por hora", "kilómetros por hora"),
        },
        abbreviations={
            "sr.": "señor", "sra.": "señora", "srta.": "señorita", "dr.": "doctor",
            "dra.": "doctora", "d.": "don", "avda.": "avenida", "av.": "avenida",
            "c/": "calle ", "núm.": "número", "nº": "número", "tel.": "teléfono",
            "p. ej.": "por ejemplo", "etc.": "etcétera", "ud.": "usted", "uds.": "ustedes",
            "aprox.": "aproximadamente",
        },
        symbols=_symbols("arroba", "punto", "guion", "guion bajo", "barra", "más"),
        said={"&": "y", "+": "más", "=": "igual a", "%": "por ciento", "@": "arroba"},
    ),
    "fr": Tongue(
        code="fr", to="à", minus="moins", percent="pour cent", degrees="degrés",
        first="premier", date_joint=" ", money_joint="", half="et demie",
        hour=_hour_fr, minutes=lambda words: words,
        months=(
            "janvier", "février", "mars", "avril",
            "mai", "juin", "juillet", "août",
            "septembre", "octobre", "novembre", "décembre",
        ),
        currencies=_currencies(
            ("dollar", "dollars", "cents"), ("euro", "euros", "centimes"),
            ("livre", "livres", "pence"), ("réal", "réaux", "centimes"),
        ),
        units={
            "km": ("kilomètre", "kilomètres"), "m": ("mètre", "mètres"),
            "cm": ("centimètre", "centimètres"), "kg": ("kilo", "kilos"),
            "g": ("gramme", "grammes"), "l": ("litre", "litres"),
            "ml": ("millilitre", "millilitres"), "min": ("minute", "minutes"),
            "km/h": ("kilomètre à l'heure", "kilomètres à l'heure"),
        },
        abbreviations={
            "m.": "monsieur", "mme": "madame", "mlle": "mademoiselle", "dr": "docteur",
            "dr.": "docteur", "av.": "avenue", "bd": "boulevard", "n°": "numéro",
            "nº": "numéro", "tél.": "téléphone", "etc.": "et cetera", "p. ex.": "par exemple",
            "env.": "environ", "rdv": "rendez-vous",
        },
        symbols=_symbols("arobase", "point", "tiret", "tiret bas", "slash", "plus"),
        said={"&": "et", "+": "plus", "=": "égale", "%": "pour cent", "@": "arobase"},
        phone_in_pairs=True,
    ),
    "it": Tongue(
        code="it", to="a", minus="meno", percent="per cento", degrees="gradi",
        first="primo", date_joint=" ", money_joint="e", half="e mezza",
        hour=_hour_it, minutes=lambda words: f"e {words}",
        months=(
            "gennaio", "febbraio", "marzo", "aprile",
            "maggio", "giugno", "luglio", "agosto",
            "settembre", "ottobre", "novembre", "dicembre",
        ),
        currencies=_currencies(
            ("dollaro", "dollari", "centesimi"), ("euro", "euro", "centesimi"),
            ("sterlina", "sterline", "penny"), ("real", "real", "centesimi"),
        ),
        units={
            "km": ("chilometro", "chilometri"), "m": ("metro", "metri"),
            "cm": ("centimetro", "centimetri"), "kg": ("chilo", "chili"),
            "g": ("grammo", "grammi"), "l": ("litro", "litri"), "ml": ("millilitro", "millilitri"),
            "min": ("minuto", "minuti"),
            "km/h": ("chilometro orario", "chilometri orari"),
        },
        abbreviations={
            "sig.": "signor", "sig.ra": "signora", "sig.na": "signorina", "dott.": "dottor",
            "dott.ssa": "dottoressa", "dr.": "dottor", "p.zza": "piazza", "v.le": "viale",
            "c.so": "corso", "n.": "numero", "n°": "numero", "tel.": "telefono",
            "ecc.": "eccetera", "es.": "esempio", "ca.": "circa",
        },
        symbols=_symbols("chiocciola", "punto", "trattino", "trattino basso", "barra", "più"),
        said={"&": "e", "+": "più", "=": "uguale a", "%": "per cento", "@": "chiocciola"},
    ),
    "pt": Tongue(
        code="pt", to="a", minus="menos", percent="por cento", degrees="graus",
        first="primeiro", date_joint=" de ", money_joint="e", half="e meia",
        hour=_hour_pt, minutes=lambda words: f"e {words}",
        months=(
            "janeiro", "fevereiro", "março", "abril",
            "maio", "junho", "julho", "agosto",
            "setembro", "outubro", "novembro", "dezembro",
        ),
        currencies=_currencies(
            ("dólar", "dólares", "centavos"), ("euro", "euros", "centavos"),
            ("libra", "libras", "centavos"), ("real", "reais", "centavos"),
        ),
        units={
            "km": ("quilômetro", "quilômetros"), "m": ("metro", "metros"),
            "cm": ("centímetro", "centímetros"), "kg": ("quilo", "quilos"),
            "g": ("grama", "gramas"), "l": ("litro", "litros"), "ml": ("mililitro", "mililitros"),
            "min": ("minuto", "minutos"),
            "km/h": ("quilômetro por hora", "quilômetros por hora"),
        },
        abbreviations={
            "sr.": "senhor", "sra.": "senhora", "dr.": "doutor", "dra.": "doutora",
            "av.": "avenida", "r.": "rua", "nº": "número", "n.º": "número", "tel.": "telefone",
            "etc.": "etcétera", "p. ex.": "por exemplo", "aprox.": "aproximadamente",
        },
        symbols=_symbols("arroba", "ponto", "hífen", "sublinhado", "barra", "mais"),
        said={"&": "e", "+": "mais", "=": "igual a", "%": "por cento", "@": "arroba"},
    ),
}  # fmt: skip
