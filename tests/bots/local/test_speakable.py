"""What is written and what is said: one table a language, and what holds for any text."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bots.local.speakable import LANGUAGES, speakable

pytestmark = pytest.mark.unit

ENGLISH = [
    # codes and reference numbers
    ("Your code is AB-4471.", "Your code is A B, four four seven one."),
    ("Take B12 daily", "Take B twelve daily"),
    ("Room 4B is upstairs", "Room four B is upstairs"),
    ("an MP3 file", "an M P three file"),
    ("COVID-19", "COVID nineteen"),
    ("ISO-9001", "I S O, nine zero zero one"),
    ("A1B2C3", "A one B two C three"),
    ("order 104823", "order one zero four, eight two three"),
    ("order number 4471", "order number four four seven one"),
    ("PIN 0042", "PIN zero zero four two"),
    ("#7", "number seven"),
    ("#4471", "number four four seven one"),
    ("007", "zero zero seven"),
    ("CA 90210", "CA nine zero two one zero"),
    ("24-hour emergency line", "twenty-four hour emergency line"),
    ("5G", "five G"),
    ("The code is 4-7-1-9.", "The code is four seven one nine."),
    ("123-45-6789", "one two three, four five, six seven eight nine"),
    ("97205-1234", "nine seven two zero five, one two three four"),
    ("Call 911.", "Call nine one one."),
    ("v2.1", "version two point one"),
    ("Wi-Fi 6E", "Wi-Fi six E"),
    # phone numbers
    ("Call 555-0100.", "Call five five five, zero one zero zero."),
    ("(555) 123-4567", "five five five, one two three, four five six seven"),
    ("555.123.4567", "five five five, one two three, four five six seven"),
    ("5551234567", "five five five, one two three, four five six seven"),
    ("+1 (555) 123-4567", "plus one, five five five, one two three, four five six seven"),
    ("+44 20 7946 0958", "plus four four, two zero, seven nine four six, zero nine five eight"),
    ("1-800-555-0199", "one, eight zero zero, five five five, zero one nine nine"),
    ("555-0100 ext. 12", "five five five, zero one zero zero, extension one two"),
    # the net
    ("info@bloom-dental.com", "info at bloom dash dental dot com"),
    ("jane_doe@mail.example.org", "jane underscore doe at mail dot example dot org"),
    ("www.bloomdental.com/booking", "bloomdental dot com slash booking"),
    ("https://bloom.example/a?b=1", "bloom dot example slash a question mark b equals one"),
    ("Visit bloom.com.", "Visit bloom dot com."),
    ("192.168.0.1", "one nine two dot one six eight dot zero dot one"),
    # times
    ("We open at 9:30 am.", "We open at nine thirty AM."),
    ("9:30 a.m. on Monday", "nine thirty AM on Monday"),
    ("We open at 9:30 a.m.", "We open at nine thirty AM."),
    ("at 7 p.m. Please come", "at seven PM. Please come"),
    ("9am", "nine AM"),
    ("9:05", "nine oh five"),
    ("8:00", "eight o'clock"),
    ("14:00", "two PM"),
    ("14:30", "two thirty PM"),
    ("00:15", "twelve fifteen AM"),
    ("12:00 pm", "twelve PM"),
    ("9am-5pm", "nine AM to five PM"),
    ("9:00-17:30", "nine o'clock to five thirty PM"),
    ("9:30–10:45 am", "nine thirty to ten forty-five AM"),
    ("9–11 am", "nine to eleven AM"),
    ("10:30:15", "ten thirty and fifteen seconds"),
    # dates and years
    ("2026-11-21", "November twenty-first, twenty twenty-six"),
    ("11/21/2026", "November twenty-first, twenty twenty-six"),
    ("12/25", "December twenty-fifth"),
    ("March 3", "March third"),
    ("Mar. 3rd, 2026", "March third, twenty twenty-six"),
    ("3 March 2026", "the third of March, twenty twenty-six"),
    ("the 3rd of March", "the third of March"),
    ("March 10-12", "March tenth to twelfth"),
    ("June 2026", "June twenty twenty-six"),
    ("in 1999", "in nineteen ninety-nine"),
    ("in 1905", "in nineteen oh five"),
    ("since 1900", "since nineteen hundred"),
    ("in 2005", "in two thousand five"),
    ("1990-1995", "nineteen ninety to nineteen ninety-five"),
    ("the 80s", "the eighties"),
    ("the 1980s", "the nineteen eighties"),
    # money
    ("$12.50", "twelve dollars and fifty cents"),
    ("$1", "one dollar"),
    ("$1.01", "one dollar and one cent"),
    ("$0.99", "ninety-nine cents"),
    ("$20.00", "twenty dollars"),
    ("$1,250.75", "one thousand two hundred fifty dollars and seventy-five cents"),
    ("$3.5 million", "three point five million dollars"),
    ("$2M", "two million dollars"),
    ("$10-$20", "ten to twenty dollars"),
    ("$10–20", "ten to twenty dollars"),
    ("-$5", "minus five dollars"),
    ("12.50 EUR", "twelve euros and fifty cents"),
    ("USD 20", "twenty dollars"),
    ("€5", "five euros"),
    ("5€", "five euros"),
    ("£3.20", "three pounds and twenty pence"),
    ("¥500", "five hundred yen"),
    ("50¢", "fifty cents"),
    ("99c each", "ninety-nine cents each"),
    ("C$40", "forty Canadian dollars"),
    ("$5/hr", "five dollars per hour"),
    ("$99.99/month", "ninety-nine dollars and ninety-nine cents per month"),
    # measures
    ("12.5%", "twelve point five percent"),
    ("10-15%", "ten to fifteen percent"),
    ("5 km", "five kilometers"),
    ("1 km", "one kilometer"),
    ("5-10 km", "five to ten kilometers"),
    ("10kg", "ten kilograms"),
    ("60 mph", "sixty miles per hour"),
    ("30 min.", "thirty minutes."),
    ("20°C", "twenty degrees Celsius"),
    ("-5°F", "minus five degrees Fahrenheit"),
    ("5'10", "five foot ten"),
    ('The large is 16".', "The large is sixteen inches."),
    ('"Room 5" she said', '"Room five" she said'),
    # numbers
    ("0", "zero"),
    ("71", "seventy-one"),
    ("-5", "minus five"),
    ("3.14", "three point one four"),
    ("0.5", "zero point five"),
    ("1,250", "one thousand two hundred fifty"),
    ("100,000", "one hundred thousand"),
    ("12000", "twelve thousand"),
    ("1000000", "one million"),
    ("1st and 22nd", "first and twenty-second"),
    ("1/2", "one half"),
    ("2 1/2 hours", "two and a half hours"),
    ("2½ hours", "two and a half hours"),
    ("3/4", "three quarters"),
    ("24/7", "twenty-four seven"),
    ("50/50", "fifty fifty"),
    ("Fri 8-12, closed", "Friday eight to twelve, closed"),
    ("open 9-5", "open nine to five"),
    ("10–16", "ten to sixteen"),
    ("between 10-16", "between ten and sixteen"),
    ("3x4", "three by four"),
    ("1.5x", "one point five times"),
    ("1,2,3", "one, two, three"),
    # abbreviations and addresses
    ("Dr. Smith", "Doctor Smith"),
    ("Mr. and Mrs. Lee", "Mister and Missus Lee"),
    ("12 Main St.", "twelve Main Street."),
    ("1200 Main St. is near", "twelve hundred Main Street is near"),
    ("221 Baker St, upstairs", "two twenty-one Baker Street, upstairs"),
    ("4471 Oak Ave", "forty-four seventy-one Oak Avenue"),
    ("St. Mary", "Saint Mary"),
    ("Mon-Fri", "Monday to Friday"),
    ("Mon–Fri, 9-5", "Monday to Friday, nine to five"),
    ("Sat 10-2", "Saturday ten to two"),
    ("Fri-Sun", "Friday to Sunday"),
    ("on Sat or Sun.", "on Saturday or Sunday."),
    ("Sun, sea and the Moon", "Sun, sea and the Moon"),
    ("his/her dog", "his or her dog"),
    ("a 10-minute walk", "a ten minute walk"),
    ("10 am - 4 pm", "ten AM to four PM"),
    ("No. 5", "number five"),
    ("e.g. cats", "for example cats"),
    ("Bloom & Sons", "Bloom and Sons"),
    ("coffee w/ milk and/or sugar", "coffee with milk and or sugar"),
    # what has no sound
    ("**bold** and _it_ and `code`", "bold and it and code"),
    ("# Title\nText", "Title. Text"),
    ("- first\n- second", "first. second"),
    ("[here](https://bloom.example)", "here"),
    ("Hi 👋 there!", "Hi there!"),
    ("Bloom (the clinic) opens", "Bloom, the clinic, opens"),
    ("Tom's “place”", 'Tom\'s "place"'),
    ("👍", ""),
    ("...", ""),
    # words are left alone
    ("Yes, we are open on Saturday.", "Yes, we are open on Saturday."),
    ("I sat in the sun in May.", "I sat in the sun in May."),
    ("A well-known twenty-one year old", "A well-known twenty-one year old"),
]

OTHERS = {
    "es": [
        ("Abrimos a las 9:30.", "Abrimos a las nueve y media."),
        ("a las 13:45", "a las trece y cuarenta y cinco"),
        ("a la 1:00", "a la una"),
        ("12,50 €", "doce euros con cincuenta céntimos"),
        ("1.250 €", "mil doscientos cincuenta euros"),
        ("15 %", "quince por ciento"),
        ("el 3 de marzo de 2026", "el tres de marzo de dos mil veintiséis"),
        ("03/03/2026", "tres de marzo de dos mil veintiséis"),
        ("info@bloom.es", "info arroba bloom punto es"),
        ("912 345 678", "nueve uno dos, tres cuatro cinco, seis siete ocho"),
        ("AB-4471", "A B, cuatro cuatro siete uno"),
        ("la 2ª planta", "la segunda planta"),
        ("Sr. López", "señor López"),
        ("de 9 a 17", "de nueve a diecisiete"),
        ("3,5 km", "tres coma cinco kilómetros"),
    ],
    "fr": [
        ("à 9h30", "à neuf heures et demie"),
        ("à 14 h 15", "à quatorze heures quinze"),
        ("à 21h", "à vingt et une heures"),
        ("12,50 €", "douze euros cinquante"),
        ("1 200 €", "mille deux cents euros"),
        ("15 %", "quinze pour cent"),
        ("le 1er mars 2026", "le premier mars deux mille vingt-six"),
        ("01 42 68 53 00",
         "zéro un, quarante-deux, soixante-huit, cinquante-trois, zéro zéro"),
        ("info@bloom.fr", "info arobase bloom point fr"),
        ("M. Dupont", "monsieur Dupont"),
    ],
    "it": [
        ("alle 9:30", "alle nove e mezza"),
        ("12,50 €", "dodici euro e cinquanta centesimi"),
        ("il 3 marzo", "il tre marzo"),
        ("15%", "quindici per cento"),
        ("info@bloom.it", "info chiocciola bloom punto it"),
        ("Sig.ra Rossi", "signora Rossi"),
    ],
    "pt": [
        ("às 9h30", "às nove e meia"),
        ("às 14:00", "às catorze horas"),
        ("às 2h", "às duas horas"),
        ("R$ 12,50", "doze reais e cinquenta centavos"),
        ("3 de março", "três de março"),
        ("(11) 91234-5678", "um um, nove um dois três quatro, cinco seis sete oito"),
        ("info@bloom.com.br", "info arroba bloom ponto com ponto br"),
        ("Sra. Silva", "senhora Silva"),
    ],
}  # fmt: skip

_FIGURES = st.text(alphabet="0123456789 .,:;-–/$€£%#@()'\"abcAPMxsthkm*_+=&~°º½²\n", max_size=24)
_TEXTS = st.one_of(_FIGURES, st.text(max_size=24))


@pytest.mark.parametrize(("written", "said"), ENGLISH)
def test_english_is_said_as_people_say_it(written: str, said: str) -> None:
    """Each written form has its spoken one."""
    assert speakable(written) == said


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [(language, *row) for language, rows in OTHERS.items() for row in rows],
)
def test_other_languages_have_their_own_words(language: str, written: str, said: str) -> None:
    """Times, money, dates and addresses follow the language, not English."""
    assert speakable(written, language) == said


@settings(max_examples=400, deadline=None)
@given(text=_TEXTS, language=st.sampled_from(LANGUAGES))
@example(text="9" * 400, language="en")
@example(text="9" * 400, language="pt")
def test_no_digit_is_left_for_the_model(text: str, language: str) -> None:
    """Whatever comes in, the model sees words: it would drop or misread a figure."""
    assert not any(char.isdigit() for char in speakable(text, language))


@settings(max_examples=400, deadline=None)
@given(text=_TEXTS, language=st.sampled_from((*LANGUAGES, "de")))
def test_saying_it_twice_changes_nothing(text: str, language: str) -> None:
    """Words that were made speakable are speakable."""
    spoken = speakable(text, language)
    assert speakable(spoken, language) == spoken


def test_a_region_speaks_as_its_language() -> None:
    """`pt-BR` is Portuguese, `en_US` English."""
    assert speakable("2", "pt-BR") == "dois"
    assert speakable("2", "en_US") == "two"


def test_an_unknown_language_is_only_freed_of_markup() -> None:
    """No rules, no guesses: letters stay, symbols go."""
    assert speakable("**Guten Tag**, Herr Müller! 👋", "de") == "Guten Tag, Herr Müller!"
