"""The origin of a title, an author or a date of a page, as people read it."""

_PLACES: dict[str, str] = {
    "byline": "the byline",
    "document properties": "the properties of the file",
    "extractor": "the text itself",
    "first line": "the first line",
    "h1": "the headline on the page",
    "html lang": "the code of the page",
    "json-ld": "what it tells search engines",
    "microdata": "what it tells search engines",
    "opengraph": "what it tells social networks",
    "pdf properties": "the properties of the file",
    "picture header": "the properties of the file",
    "rel author": "a link to the author",
    "time": "a time on the page",
    "title": "the title of the window",
    "twitter": "what it tells social networks",
    "url": "the address",
}


def origin_words(origin: str) -> str:
    """Return the origin of a value in words. An origin unknown to this version is returned unchanged."""
    known = _PLACES.get(origin)
    if known is not None:
        return known
    kind, _, name = origin.partition(" ")
    if kind == "meta":
        return f"the head of the page ({name})"
    return _PLACES.get(kind, origin)
