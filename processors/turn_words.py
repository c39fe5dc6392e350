"""The words of turn_cues.py, a language each: what trails, hesitates, counts and answers.

Lower case, as a recogniser writes them. A language without a list has no cues, and the model alone
decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> frozenset[str]:
    return frozenset(part.strip() for part in text.split(","))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """One language."""

    trailing: frozenset[str]
    """No sentence ends in one of these: conjunctions, articles, possessives."""
    leaning: frozenset[str]
    """Prepositions and auxiliaries: a statement does not end in one, a question may."""
    hesitations: frozenset[str]
    """Sounds of a caller who looks for a word."""
    digits: frozenset[str]
    """A digit a word."""
    tens: frozenset[str] = field(default_factory=frozenset)
    """Two digits a word: ten to nineteen, and the tens."""
    number_topics: frozenset[str]
    """After one of these a run of digits is an identifier, and not a count."""
    email_topics: frozenset[str]
    at: frozenset[str]
    """How the sign @ is said."""
    dot: frozenset[str]
    """How the dot of an address is said."""
    address_topics: frozenset[str]
    """Phrases before a postal address."""
    streets: frozenset[str]
    """What a street's name contains: a town may follow."""
    has_streets_first: bool = False
    """Whether they stand before the name: "rua Augusta"."""
    has_streets_glued: bool = False
    """Whether they may be the end of the name: "Lindenstraße"."""
    spelling_topics: frozenset[str]
    as_in: frozenset[str] = field(default_factory=frozenset)
    """Between a letter and the word that spells it: "S as in Sam"."""
    answers: frozenset[str]
    """Whole turns in themselves."""
    thanks: frozenset[str]
    """What closes a turn, wherever it stands last."""


WORDS: dict[str, Words] = {
    "en": Words(
        trailing=_set(
            "and or but because so if that than the a an my your his her its our their this these "
            "those very some any every each which whose where when while although though unless "
            "until since also like well actually basically then not please i'm i'd i'll we're "
            "you're it's there's let's could would should can will i we they he she"
        ),
        leaning=_set(
            "to of in on at for with from about by into onto over under between through during "
            "without is are was were be been am do does did have has had"
        ),
        hesitations=_set("um uh uhm umm er erm hmm hm mm ah eh"),
        digits=_set("zero oh one two three four five six seven eight nine double triple"),
        tens=_set(
            "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen "
            "twenty thirty forty fifty sixty seventy eighty ninety"
        ),
        number_topics=_phrases(
            "number, phone, telephone, code, card, reference, account, pin, policy, order, plate, "
            "extension, zip, reach me at, call me at"
        ),
        email_topics=_phrases("email, e-mail, mail address, write to"),
        at=_set("at"),
        dot=_set("dot"),
        address_topics=_phrases(
            "live at, live in, address is, send it to, deliver it to, i'm at, located at"
        ),
        streets=_set("street avenue road lane drive boulevard square apartment flat suite floor"),
        spelling_topics=_phrases("spelled, spelt, spell, that's with, name is, letters, plate"),
        as_in=_phrases("as in"),
        answers=_phrases(
            "yes, yeah, yep, no, nope, sure, okay, ok, right, correct, that's right, "
            "that's correct, of course, exactly, yes please, no thanks, no thank you, hello, hi"
        ),
        thanks=_phrases("thanks, thank you, bye, goodbye, that's all, that's it, thanks a lot"),
    ),
    "es": Words(
        trailing=_set(
            "y e o u pero porque que si el la los las un una unos unas mi mis tu tus su sus este "
            "esta estos estas muy como cuando donde aunque entonces pues también ni más al del "
            "nuestro nuestra cada algún alguna yo"
        ),
        leaning=_set(
            "a de en con por para sin sobre entre hasta desde hacia según es son era está están "
            "he ha han había tengo quiero quisiera me se lo le"
        ),
        hesitations=_set("eh em este mmm mm ah hm"),
        digits=_set("cero uno dos tres cuatro cinco seis siete ocho nueve doble"),
        tens=_set(
            "diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte "
            "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
        ),
        number_topics=_phrases(
            "número, numero, teléfono, telefono, código, tarjeta, referencia, cuenta, pedido, "
            "póliza, matrícula, clave, extensión"
        ),
        email_topics=_phrases("correo, email, e-mail, mail"),
        at=_set("arroba"),
        dot=_set("punto"),
        address_topics=_phrases("vivo en, dirección es, direccion es, calle, envíelo a"),
        streets=_set("calle avenida plaza paseo carrera camino piso número"),
        has_streets_first=True,
        spelling_topics=_phrases("deletrea, deletreo, se escribe, apellido es, matrícula"),
        as_in=_phrases("de, como"),
        answers=_phrases(
            "sí, si, no, claro, vale, bueno, correcto, exacto, eso es, de acuerdo, sí por favor, "
            "no gracias, sí gracias, hola"
        ),
        thanks=_phrases(
            "gracias, muchas gracias, adiós, adios, hasta luego, nada más, eso es todo"
        ),
    ),
    "fr": Words(
        trailing=_set(
            "et ou mais car que qui si le la les un une des du au aux mon ma mes ton ta tes son sa "
            "ses notre votre leur ce cette ces très comme quand donc alors puis ni je j'ai c'est "
            "il elle on nous quel quelle lorsque puisque parce"
        ),
        leaning=_set(
            "à a de en dans sur sous avec pour par sans chez entre vers est sont était suis ai as "
            "avons avez ont me se ne pas"
        ),
        hesitations=_set("euh heu ben hum mm hm bah"),
        digits=_set("zéro un deux trois quatre cinq six sept huit neuf double"),
        tens=_set(
            "dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante "
            "septante quatre-vingt nonante"
        ),
        number_topics=_phrases(
            "numéro, numero, téléphone, code, carte, référence, compte, commande, dossier, "
            "immatriculation, poste"
        ),
        email_topics=_phrases("mail, email, e-mail, courriel"),
        at=_set("arobase"),
        dot=_set("point"),
        address_topics=_phrases(
            "habite, j'habite, adresse est, l'adresse est, adresse c'est, l'adresse c'est, "
            "envoyez à, livrer à"
        ),
        streets=_set("rue avenue boulevard place chemin allée impasse étage"),
        has_streets_first=True,
        spelling_topics=_phrases("s'écrit, épelle, j'épelle, nom est, nom c'est, plaque"),
        as_in=_phrases("comme"),
        answers=_phrases(
            "oui, non, ouais, si, d'accord, ok, bien sûr, exact, exactement, c'est ça, voilà, "
            "oui merci, non merci, oui s'il vous plaît, bonjour, allô"
        ),
        thanks=_phrases("merci, merci beaucoup, au revoir, c'est tout, bonne journée"),
    ),
    "de": Words(
        trailing=_set(
            "und oder aber weil dass denn wenn ob der die das den dem des ein eine einen einem "
            "einer mein meine meinen meinem meiner ihr ihre unser unsere dieser diese dieses sehr "
            "als wie also sondern obwohl damit noch zum zur im am vom beim ich wir kein keine"
        ),
        leaning=_set(
            "in an auf für von mit zu bei nach aus über unter zwischen ohne gegen um ist sind war "
            "waren habe hat haben wird werden möchte"
        ),
        hesitations=_set("äh ähm öh hm mm mhm"),
        digits=_set("null eins ein zwei zwo drei vier fünf sechs sieben acht neun doppel"),
        tens=_set(
            "zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig "
            "dreißig vierzig fünfzig sechzig siebzig achtzig neunzig"
        ),
        number_topics=_phrases(
            "nummer, telefonnummer, kundennummer, code, karte, referenz, konto, pin, bestellung, "
            "kennzeichen, postleitzahl"
        ),
        email_topics=_phrases("email, e-mail, mailadresse, mail-adresse, mail"),
        at=_set("at ät klammeraffe"),
        dot=_set("punkt"),
        address_topics=_phrases("wohne in, adresse ist, anschrift ist, schicken sie es"),
        streets=_set("straße strasse weg platz allee gasse ring hausnummer stock"),
        has_streets_glued=True,
        spelling_topics=_phrases("buchstabiere, geschrieben, schreibt sich, name ist, kennzeichen"),
        as_in=_phrases("wie"),
        answers=_phrases(
            "ja, nein, nee, genau, richtig, okay, ok, gut, klar, natürlich, stimmt, ja bitte, "
            "nein danke, ja gerne, hallo"
        ),
        thanks=_phrases("danke, vielen dank, danke schön, tschüss, auf wiederhören, das war's"),
    ),
    "it": Words(
        trailing=_set(
            "e ed o ma perché che se il lo la i gli le un uno una mio mia miei mie suo sua questo "
            "questa molto come quando dove quindi allora poi anche né più del della dei delle al "
            "alla nel nella dal sul io ogni"
        ),
        leaning=_set(
            "a di in con per da su tra fra senza è sono era ho ha abbiamo hanno vorrei mi si lo"
        ),
        hesitations=_set("eh ehm uhm mm hm allora cioè"),
        digits=_set("zero uno due tre quattro cinque sei sette otto nove doppio"),
        tens=_set(
            "dieci undici dodici tredici quattordici quindici sedici diciassette diciotto "
            "diciannove venti trenta quaranta cinquanta sessanta settanta ottanta novanta"
        ),
        number_topics=_phrases(
            "numero, telefono, codice, carta, riferimento, conto, ordine, polizza, targa, interno"
        ),
        email_topics=_phrases("email, e-mail, mail, posta elettronica"),
        at=_set("chiocciola"),
        dot=_set("punto"),
        address_topics=_phrases("abito in, indirizzo è, vivo in, spedisca a"),
        streets=_set("via viale piazza corso vicolo piano numero"),
        has_streets_first=True,
        spelling_topics=_phrases("si scrive, lettera per lettera, cognome è, targa"),
        as_in=_phrases("come, di"),
        answers=_phrases(
            "sì, si, no, certo, va bene, ok, esatto, giusto, d'accordo, sì grazie, no grazie, "
            "pronto, ciao"
        ),
        thanks=_phrases("grazie, grazie mille, arrivederci, è tutto, basta così"),
    ),
    "pt": Words(
        trailing=_set(
            "e ou mas porque que se o os as um uma uns umas meu minha meus minhas seu sua este "
            "esta esse essa muito como quando onde então também nem mais do da dos das no na nos "
            "nas ao à pelo pela eu cada"
        ),
        leaning=_set(
            "a de em com por para sem sobre entre até desde é são era está estão tenho tem quero "
            "queria gostaria me"
        ),
        hesitations=_set("é hum ahn eh hã mm hm ã"),
        digits=_set("zero um dois duas três quatro cinco seis meia sete oito nove"),
        tens=_set(
            "dez onze doze treze catorze quatorze quinze dezesseis dezessete dezoito dezenove "
            "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"
        ),
        number_topics=_phrases(
            "número, numero, telefone, código, cartão, referência, conta, pedido, placa, cpf, cep, "
            "ramal"
        ),
        email_topics=_phrases("email, e-mail, correio eletrônico"),
        at=_set("arroba"),
        dot=_set("ponto"),
        address_topics=_phrases("moro na, moro em, endereço é, envie para"),
        streets=_set("rua avenida praça travessa alameda andar apartamento número"),
        has_streets_first=True,
        spelling_topics=_phrases("soletrar, soletro, se escreve, sobrenome é, placa"),
        as_in=_phrases("de, como"),
        answers=_phrases(
            "sim, não, claro, certo, tá, ok, isso, exato, isso mesmo, pode ser, sim por favor, "
            "não obrigado, não obrigada, alô, olá, oi"
        ),
        thanks=_phrases("obrigado, obrigada, muito obrigado, muito obrigada, tchau, é só isso"),
    ),
    "tr": Words(
        trailing=_set(
            "ve veya ya da de ama fakat çünkü ki eğer ile bir bu şu o benim senin onun bizim sizin "
            "çok daha en hem ne gibi için kadar sonra önce yani şey"
        ),
        leaning=_set("mı mi mu mü ise diye"),
        hesitations=_set("ııı eee hmm şey hm ıı"),
        digits=_set("sıfır bir iki üç dört beş altı yedi sekiz dokuz"),
        tens=_set("on yirmi otuz kırk elli altmış yetmiş seksen doksan yüz"),
        number_topics=_phrases(
            "numara, numaram, numarası, telefon, telefonum, kod, kart, referans, hesap, sipariş, "
            "plaka"
        ),
        email_topics=_phrases("e-posta, e-postam, eposta, epostam, mail, mailim, email"),
        at=_set("et kuyruklu"),
        dot=_set("nokta"),
        address_topics=_phrases("adresim, adresi, oturuyorum"),
        streets=_set("sokak cadde caddesi sokağı mahallesi bulvarı apartmanı kat daire"),
        spelling_topics=_phrases("kodluyorum, harf harf, soyadım, plaka"),
        answers=_phrases("evet, hayır, tamam, olur, peki, doğru, tabii, aynen, yok, alo, merhaba"),
        thanks=_phrases(
            "teşekkürler, teşekkür ederim, sağ olun, sağ ol, hoşça kalın, bu kadar, görüşürüz"
        ),
    ),
    "hi": Words(
        trailing=_set(
            "और या लेकिन मगर क्योंकि कि अगर तो जो जब मेरा मेरी मेरे आपका आपकी आपके यह ये वह एक बहुत "
            "भी फिर इसलिए का की के को में से पर ने"
        ),
        leaning=_set("तक साथ लिए बारे पास"),
        hesitations=_set("अं उम् हम्म मतलब अ उं"),
        digits=_set("शून्य जीरो ज़ीरो एक दो तीन चार पाँच पांच छह छः सात आठ नौ डबल"),
        tens=_set("दस बीस तीस चालीस पचास साठ सत्तर अस्सी नब्बे"),
        number_topics=_phrases("नंबर, नम्बर, फोन, फ़ोन, कोड, कार्ड, खाता, ऑर्डर, पिन"),
        email_topics=_phrases("ईमेल, ई-मेल, मेल"),
        at=_set("एट ऐट"),
        dot=_set("डॉट"),
        address_topics=_phrases("पता है, रहता हूँ, रहती हूँ"),
        streets=_set("रोड सड़क गली नगर कॉलोनी मार्ग मंज़िल"),
        spelling_topics=_phrases("स्पेलिंग, वर्तनी"),
        answers=_phrases("हाँ, हां, जी, जी हाँ, जी हां, नहीं, जी नहीं, ठीक है, सही, बिल्कुल, हैलो, नमस्ते"),
        thanks=_phrases("धन्यवाद, शुक्रिया, बहुत धन्यवाद, अलविदा, बस इतना ही"),
    ),
}
"""By two-letter code."""
