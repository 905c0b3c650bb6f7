"""A harmless copy of a kept page: nothing in it runs, loads, sends or links elsewhere."""

from dataclasses import dataclass

import nh3

from annotations.domain.errors import WrongState
from annotations.models import Capture
from annotations.workflow.captures.storage import kept_body

# A larger page can only be downloaded: making a copy of it would keep other people waiting.
LARGEST = 10 * 1024 * 1024
PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif")
PAGES = ("text/html", "application/xhtml+xml")

_TAGS = set(
    "a abbr address article aside b bdi bdo blockquote br caption center cite code col colgroup dd del "
    "details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li "
    "main mark nav ol p pre q rp rt ruby s samp section small span strong sub summary sup table tbody td "
    "tfoot th thead time tr u ul var wbr".split()
)
# No addresses: following a link would leave the copy and tell the site that someone reads it.
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "img": {"alt", "height", "src", "width"},
    "ol": {"reversed", "start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "time": {"datetime"},
}
_DROPPED_WHOLE = {"script", "style", "template", "title", "svg", "math", "object", "iframe"}
_OWN_PICTURES = tuple(f"data:{kind};" for kind in PICTURES)
_STYLE = (
    "body{font:16px/1.5 sans-serif;max-width:44em;margin:1em auto;padding:0 1em;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}table{border-collapse:collapse}td,th{border:1px solid #999;padding:.2em}"
)


class NoCopy(WrongState):
    """A kept file that is not shown in a browser."""

    code = "no_copy"


@dataclass(frozen=True)
class Copy:
    """What a browser may show of a kept file, inside a sandbox."""

    media_type: str
    body: bytes


def has_copy(capture: Capture) -> bool:
    """Say whether `copy_of` would find something that a browser may show."""
    return capture.body_size <= LARGEST and capture.media_type in (*PICTURES, *PAGES)


def copy_of(capture: Capture) -> Copy:
    """Return a copy to look at: the page without scripts, styles, forms, links and anything from elsewhere.

    Pictures are shown as they are. The text of other files is on the capture's own page. The copy is
    shown in a sandbox all the same. Raises NoCopy, FileNotFoundError or StorageFailed.
    """
    if capture.body_size > LARGEST:
        raise NoCopy("This file is too large to be shown here. Read its text, or download it.")
    if capture.media_type in PICTURES:
        return Copy(capture.media_type, kept_body(capture.body_key))
    if capture.media_type not in PAGES:
        raise NoCopy("This kind of file is not shown here. Read its text, or download it.")
    inside = script_free(_decoded(kept_body(capture.body_key), capture.charset))
    framed = (
        f'<!doctype html><html><head><meta charset="utf-8"><title>Copy</title><style>{_STYLE}</style></head>'
        f"<body>{inside}</body></html>"
    )
    return Copy("text/html; charset=utf-8", framed.encode())


def script_free(source: str) -> str:
    """Return HTML in which nothing runs, loads, sends or links elsewhere."""
    return nh3.clean(
        source,
        tags=_TAGS,
        clean_content_tags=_DROPPED_WHOLE,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_own_pictures,
        url_schemes={"data"},
        link_rel=None,
    )


def _only_own_pictures(tag: str, name: str, value: str) -> str | None:
    if name == "src" and not value.strip().lower().startswith(_OWN_PICTURES):
        return None
    return value


def _decoded(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset or "utf-8", errors="replace")
    except LookupError:
        return body.decode("utf-8", errors="replace")
