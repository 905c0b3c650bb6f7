"""The names of kept files. Most contain the hash of their content, so a name says what the file must hold."""

import re

_KINDS = (
    (re.compile(r"captures/([0-9a-f]{2})/(?P<sha256>\1[0-9a-f]{62})"), "body"),
    (re.compile(r"texts/([0-9a-f]{2})/(?P<sha256>\1[0-9a-f]{62})\.txt"), "text"),
    (re.compile(r"wire/([0-9a-f]{2})/(?P<sha256>\1[0-9a-f]{62})\.warc\.gz"), "wire"),
    (re.compile(r"manifests/(?P<desk>[a-z0-9-]{1,40})/(?P<number>[1-9][0-9]{0,14})\.json"), "manifest"),
    (re.compile(r"timestamps/(?P<root>[0-9a-f]{64})/batch\.json"), "batch"),
    (re.compile(r"timestamps/(?P<root>[0-9a-f]{64})/(?P<manifest>[0-9a-f]{64})\.json"), "inclusion"),
    (re.compile(r"timestamps/(?P<root>[0-9a-f]{64})/(?P<sha256>[0-9a-f]{64})\.tst"), "token"),
)


def body_name(sha256: str) -> str:
    """The name of the decoded body of a page, or of an uploaded file."""
    return f"captures/{sha256[:2]}/{sha256}"


def text_name(sha256: str) -> str:
    """The name of the text that was extracted from a page, in UTF-8."""
    return f"texts/{sha256[:2]}/{sha256}.txt"


def wire_name(sha256: str) -> str:
    """The name of the exchange with the site, a WARC file."""
    return f"wire/{sha256[:2]}/{sha256}.warc.gz"


def manifest_name(desk: str, number: int) -> str:
    """The name of the envelope of a signed manifest. `desk` is in lower-case letters, digits and hyphens."""
    return f"manifests/{desk}/{number}.json"


def batch_name(root: str) -> str:
    """The name of the list of the manifests under one Merkle root."""
    return f"timestamps/{root}/batch.json"


def inclusion_name(root: str, manifest: str) -> str:
    """The name of the proof that one manifest is under a Merkle root. Downloads hold it and no list."""
    return f"timestamps/{root}/{manifest}.json"


def token_name(root: str, token_sha256: str) -> str:
    """The name of a time stamp on a Merkle root; `token_sha256` is the SHA-256 of the stamp's own bytes."""
    return f"timestamps/{root}/{token_sha256}.tst"


def name_in_wacz(name: str) -> str:
    """The name of a kept file inside a WACZ. WACZ programs expect one level of folders only."""
    return f"evidence/{name.replace('/', '_')}"


def name_from_wacz(inside: str) -> str:
    """The name of the kept file that is called `inside` in a WACZ: the reverse of `name_in_wacz`."""
    return inside.removeprefix("evidence/").replace("_", "/")


def kind_of(name: str) -> tuple[str, dict[str, str]]:
    """The kind of a kept file, by its name, and the parts of the name.

    The kind is `body`, `text`, `wire`, `manifest`, `batch`, `inclusion` or `token`, and empty for any
    other file.
    """
    for pattern, kind in _KINDS:
        if match := pattern.fullmatch(name):
            return kind, match.groupdict()
    return "", {}
