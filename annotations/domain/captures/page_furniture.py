"""Lines of a page about the site and not about its subject: counters, stamps, “read also”.

The lists are small on purpose and cover the languages the workbench splits. Everything else counts as text,
so a list that is too short alerts people once too often and never once too seldom.
"""

import re


def _any(*phrases: str) -> str:
    return "|".join("|".join(piece.strip() for piece in line.split("|")) for line in phrases)


_MONTH = (
    r"(?:jan|feb|fév|mar|maart|mrt|apr|abr|mai|mei|may|mayo|jun|jul|aug|ago|sep|oct|okt|nov|dec|déc|dic|ene)"
    r"[a-zé]*\.?"
)
_MOMENT = re.compile(
    rf"""\b(?:
        \d{{1,2}}[:.h]\d{{2}}(?:[:.]\d{{2}})?(?:\s?(?:uur|u|h|hrs?|[ap]\.?m\.?))?
        | \d{{1,2}}(?:st|nd|rd|th)?\s(?:de\s)?{_MONTH}(?:,?\s(?:de\s)?\d{{4}})?
        | {_MONTH}\s\d{{1,2}}(?:,?\s?\d{{4}})?
        | \d{{4}}-\d\d-\d\d | \d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}
        | (?:hace\s)?\d+\s
          (?:sec|min|hour|day|week|month|uur|uren|dag|weken|maand|hora|día|dia|semana|mes)
          [a-z]*(?:\s(?:ago|geleden|atrás))?
    )(?!\w)""",
    re.IGNORECASE | re.VERBOSE,
)
_LEADS_AWAY = re.compile(
    "(?:"
    + _any(
        "read (?:also|more|next)|see also|more on this|most read|recommended for you|you may also like",
        "lees (?:ook|meer|verder)|zie ook|bekijk ook|meest gelezen|meer over dit onderwerp",
        "lea (?:también|más)|lee (?:también|más)|ver también|más leíd[oa]s|te puede interesar",
        "lire aussi|à lire aussi|lesen sie auch|mehr zum thema|das könnte sie auch interessieren",
        "leia (?:também|mais)|veja também",
    )
    + r")\b",
    re.IGNORECASE,
)
_SITE_WORDS = re.compile(
    "(?:"
    + _any(
        "(?:last |first )?(?:updated?|published|posted|modified)|share(?: this)?|related|popular|trending",
        "sponsored|advertisement|subscribe|sign up|newsletter|cookies?|comments?|leave a (?:comment|reply)",
        "follow us|copyright|all rights reserved|print|e-?mail",
        "(?:laatst )?(?:bijgewerkt|gepubliceerd|geplaatst|gewijzigd|aangepast)|delen|deel dit|gerelateerd",
        "advertentie|reclame|abonneer|nieuwsbrief|reacties|volg ons|aanbevolen",
        "(?:última )?(?:publicad[oa]|actualizad[oa]|actualización)|compartir|relacionad[oa]s?|publicidad",
        "suscríbe(?:te|ase)|boletín|comentarios|síguenos|abónate",
        "publié|mis à jour|partager|publicité|veröffentlicht|aktualisiert|anzeige|teilen|kommentare",
    )
    + r")\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:"
    + _any(
        "views?|likes?|shares?|comments?|retweets?|reads|min(?:utes?)? read",
        "reacties?|weergaven|keer gelezen|keer gedeeld|min(?:uten)? leestijd",
        "comentarios?|visitas|vistas|lecturas|me gusta|veces compartido|min(?:utos)? de lectura",
    )
    + r")\b",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\W*(?:"
    + _any(
        "corrections?|corrected|clarification|editor['’]?s note|retraction|update[^.]{0,30}:|erratum",
        "(?:in )?an earlier version|rectificatie|correctie|verduidelijking|aanvulling|noot van de redactie",
        "naschrift|(?:in )?een eerdere versie|corrección|fe de erratas|aclaración|rectificación",
        "nota (?:del|de la) (?:editor|redacción)|(?:en )?una versión anterior|berichtigung|korrektur",
        "richtigstellung|anmerkung der redaktion|rectificatif|note de la rédaction|correção|errata",
    )
    + r")(?!\w)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?…。！？]\W*$")
_LONGEST = 400
_LINK_WORDS = 20
_SITE_LINE_WORDS = 6
_COPYRIGHT = ("©", "(c) ")


def announces_correction(line: str) -> bool:
    """Return whether a paragraph begins as the notice of a correction, update or earlier version does."""
    return bool(_CORRECTION.match(line))


def is_furniture(line: str) -> bool:
    """Return whether a line says nothing about the subject of its page."""
    if len(line) > _LONGEST or announces_correction(line):
        return False
    number = len(line.split())
    if number <= _LINK_WORDS and (_LEADS_AWAY.match(line) or line.startswith(_COPYRIGHT)):
        return True
    # A date or an hour, alone or with a word of the site: "30 April 2019, 12:30", "Updated 3 hours ago".
    rest = _MOMENT.sub(" ", line)
    if not any(character.isalnum() for character in rest):
        return True
    short = len(rest.split()) <= _SITE_LINE_WORDS and not _SENTENCE.search(rest)
    counts = any(character.isdigit() for character in line) and _COUNTED.search(line)
    return short and bool(_SITE_WORDS.match(rest.lstrip(" ·|-")) or counts)
