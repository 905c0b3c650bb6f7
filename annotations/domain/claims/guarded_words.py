"""Words that turn a claim into another claim when they change: figures, dates, money, negations, names."""

import re
from collections import Counter

from annotations.domain.claims.anchoring import fold_marks

# These lists are small and closed on purpose. They hold words that deny, limit or reverse what a sentence
# says, in every language the workbench splits. A word of one language found in another only makes us more
# careful.
NEGATIONS = frozenset(
    """
    niet geen nooit niets niemand noch zonder nergens evenmin
    not no never none nobody nothing neither nor without hardly cannot
    nicht kein keine keinen keinem keiner keines nie niemals nichts weder ohne kaum
    ne pas jamais aucun aucune rien sans ni personne non
    nunca jamás ningún ninguna ninguno nadie nada sin tampoco
    não nenhum nenhuma ninguém sem tampouco nem
    """.split()
)
MONTHS_AND_DAYS = frozenset(
    """
    januari februari maart april mei juni juli augustus september oktober november december
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag gisteren vandaag morgen eergisteren
    yesterday today tomorrow
    januar februar märz mai juli dezember montag dienstag mittwoch donnerstag freitag samstag sonntag
    gestern heute
    janvier février mars avril juin juillet août septembre octobre novembre décembre
    lundi mardi mercredi jeudi vendredi samedi dimanche hier aujourd'hui demain
    enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
    lunes martes miércoles jueves viernes sábado domingo ayer hoy mañana
    janeiro fevereiro março maio junho julho setembro outubro novembro dezembro
    segunda-feira terça-feira quarta-feira quinta-feira sexta-feira ontem hoje amanhã
    """.split()
)
NUMBER_WORDS = frozenset(
    """
    nul één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien twintig dertig
    veertig
    vijftig zestig zeventig tachtig negentig honderd honderden duizend duizenden miljoen miljoenen
    miljard miljarden
    half halve helft dubbele tientallen tiental dozijn eerste tweede derde
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand
    thousands
    million millions billion billions trillion dozen dozens half double first second third
    null zwei drei vier fünf sechs sieben acht neun zehn elf zwölf zwanzig dreißig vierzig fünfzig sechzig
    siebzig achtzig neunzig hundert hunderte tausend tausende million millionen milliarde milliarden
    hälfte dutzend
    deux trois quatre cinq sept huit neuf dix onze douze vingt trente quarante cinquante soixante cent
    cents mille
    millier milliers centaine centaines dizaine dizaines vingtaine moitié milliard milliards double
    cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta
    cincuenta sesenta
    setenta ochenta noventa cien ciento cientos mil miles millón millones mitad docena decenas doble
    dois três quatro sete oito nove dez onze doze vinte trinta quarenta cinquenta sessenta setenta
    oitenta noventa
    cem cento centenas milhar milhares milhão milhões bilhão bilhões metade dúzia dezenas dobro
    """.split()
)
_QUALIFIERS = frozenset(
    """
    minstens minder meer ruim bijna hoogstens maximaal minimaal slechts
    least most less more fewer over under almost only
    mindestens höchstens weniger mehr fast nur
    moins plus presque seulement
    menos más casi solo sólo
    mais quase apenas
    """.split()
)
_GUARDED = NEGATIONS | MONTHS_AND_DAYS | NUMBER_WORDS | _QUALIFIERS

_TOKEN = re.compile(r"\d+(?:[.,:/\-]\d+)*|[%‰€$£¥]|[^\W\d_]+(?:['-][^\W\d_]+)*")
_CONTRACTED_NOT = re.compile(r"n't$")


def guarded_tokens(words: str) -> Counter[str]:
    """Return the tokens of a stretch of text that must not change unnoticed, with their counts.

    These are figures, signs of currency and percentage, number words, months and days, negations and limits
    in nl, en, de, fr, es and pt, and capitalised words other than the first.
    """
    found: Counter[str] = Counter()
    for place, match in enumerate(_TOKEN.finditer(fold_marks(words))):
        token = match.group()
        lower = token.casefold()
        if not token[0].isalpha() or lower in _GUARDED or _is_name(token, place):
            found[lower] += 1
        elif _CONTRACTED_NOT.search(lower):
            found["not"] += 1
    return found


def _is_name(token: str, place: int) -> bool:
    """Return whether a word is capitalised after the start, or has a capital inside, as acronyms do."""
    return (place > 0 and token[0].isupper()) or any(letter.isupper() for letter in token[1:])
