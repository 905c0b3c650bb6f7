"""Recognition of pages that are gone but answer with success and the words "page not found".

Only what a page says about itself counts, and only if the page says little else: an article about missing
pages is an article.
"""

import re
from urllib.parse import unquote, urlsplit

# A page with more words than this has something to say.
MAX_WORDS = 150
_MAX_WORDS_WITHOUT_TITLE = 60
_CHARACTERS_A_WORD = 6

_THING = r"(?:page|article|story|content)(?: (?:you|that)[\w' ]{0,40})?"
# Things that can be missing and the words for that; each row is one way of saying it.
_PHRASES = "|".join(
    (
        # English
        rf"{_THING} (?:was |is |has )?(?:been )?(?:not found|no longer \w+|not available)",
        rf"{_THING} (?:was|has been) (?:removed|deleted|moved)",
        rf"{_THING} (?:could not|couldn't|cannot|can't) be found",
        rf"{_THING} does(?: not|n't) exist",
        r"we (?:cannot|can't|could not|couldn't) find (?:the|that|this) (?:page|article|story)",
        r"404 (?:error|not found)|(?:error|http) 404",
        # Dutch
        r"(?:pagina|artikel|bericht)[\w ]{0,20} niet (?:meer )?(?:gevonden|te vinden|beschikbaar)",
        r"(?:pagina|artikel|bericht) (?:bestaat niet|is verwijderd)",
        # Spanish
        r"(?:página|contenido|artículo|noticia)[\w ]{0,20} no (?:encontrad[oa]|existe|(?:está )?disponible)",
        r"no (?:se ha|hemos) (?:encontrado|podido encontrar) (?:la página|el contenido|el artículo)",
        # German
        r"(?:seite|artikel|inhalt)[\w ]{0,30} nicht (?:gefunden|vorhanden|verfügbar|mehr verfügbar)",
        r"(?:seite|artikel) existiert nicht",
        # French
        r"(?:page|article|contenu)[\w ]{0,20} (?:introuvable|non trouvée?|inexistante?)",
        r"(?:page|article|contenu)[\w ]{0,20} n'(?:existe (?:pas|plus)|est plus disponible)",
        # Portuguese, Italian
        r"(?:página|conteúdo|artigo|notícia) não (?:foi )?(?:encontrad[oa]|existe|(?:está )?disponível)",
        r"pagina non (?:è stata )?(?:trovata|disponibile|esiste)",
        # Arabic, Chinese, Russian
        r"الصفحة غير موجودة|لم يتم العثور على الصفحة",
        r"页面不存在|找不到页面|页面未找到|页面已删除|頁面不存在",
        r"страница не (?:найдена|существует)",
    )
)
_BARE = (
    r"(?:error|fehler|fout|erreur|erro|errore)?\W*404|(?:404\W+)?(?:not found|niet gevonden|no encontrad[oa]"
    r"|nicht gefunden|introuvable|não encontrad[oa]|non trovat[oa])"
)
_SAYS_MISSING = re.compile(_PHRASES, re.IGNORECASE)
# The match has to start at the first word, because otherwise the headline is about something else.
_TITLE_MISSING = re.compile(
    rf"\W*(?:(?:{_BARE})\W*$|(?:404\W+)?(?:oops\W+|sorry\W+)?(?:\w{{1,6}} )?(?:{_PHRASES}))", re.IGNORECASE
)
_PARTS = re.compile(r"\s+[|\-–—·:»]+\s+")
_HOME = re.compile(r"(?:index|home|default|accueil|start|inicio)(?:\.\w{2,5})?", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?", re.IGNORECASE)
_MISSING_ADDRESS = re.compile(
    r"(?:^|[/_\-.])(?:404|not-?found|page-?not-?found|notfound|error404)(?:$|[/_\-.])", re.IGNORECASE
)


def looks_missing(*, title: str, text: str, status: int | None, url: str, final_url: str) -> str:
    """Return why the page is probably gone although it answered, or "" if nothing says so.

    `title` and `text` were read from the page. `url` is the address that was asked and `final_url` the one
    that answered. The reason is `status` (the answer was 404 or 410), `address` (it led to an error page),
    `title` or `words` (they say so, and little else is said), or `home` or `parent` (a deep address led to
    the front page or to the section above it).
    """
    if status in (404, 410):
        return "status"
    path, final = _path(url), _path(final_url or url)
    if final != path and _MISSING_ADDRESS.search(final):
        return "address"
    said = _said(title, text)
    return said or _led_up(url, final_url or url)


def _said(title: str, text: str) -> str:
    title, text = (said.replace("’", "'") for said in (title, text))
    words = max(len(text.split()), len(text) // _CHARACTERS_A_WORD)
    if words > MAX_WORDS:
        return ""
    # The site's name may come before or after the rest of the title.
    if any(_TITLE_MISSING.match(part) for part in _PARTS.split(title)):
        return "title"
    return "words" if words <= _MAX_WORDS_WITHOUT_TITLE and _SAYS_MISSING.search(text) else ""


def _led_up(url: str, final_url: str) -> str:
    asked, answered = urlsplit(url), urlsplit(final_url)
    path, final = _path(url), _path(final_url)
    same_site = _site(asked.hostname) == _site(answered.hostname)
    # With a query, an address at the root may name an article.
    if not same_site or path == final or answered.query or len(path) < 2:
        return ""
    steps = [step for step in path.split("/") if step]
    left = [step for step in final.split("/") if step]
    if not steps or _is_home(path):
        return ""
    if _is_home(final):
        return "home"
    deep = len(steps) >= 2 and len(left) < len(steps)
    return "parent" if deep and steps[: len(left)] == left and _names_something(steps[-1]) else ""


def _path(url: str) -> str:
    return unquote(urlsplit(url).path).rstrip("/") or "/"


def _site(host: str | None) -> str:
    return (host or "").removeprefix("www.").removeprefix("m.")


def _is_home(path: str) -> bool:
    steps = [step for step in path.split("/") if step]
    if steps and _HOME.fullmatch(steps[-1]):
        steps.pop()
    return not steps or (len(steps) == 1 and bool(_LANGUAGE.fullmatch(steps[0])))


def _names_something(step: str) -> bool:
    """Return whether a path step names an article, rather than a page of one, a view or a folder's file."""
    return len(step) >= 12 and bool(re.search(r"[a-z]", step, re.IGNORECASE)) and not _HOME.fullmatch(step)
