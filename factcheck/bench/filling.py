"""Fill a desk with articles of 300 claims and bring the claims into the states of a working newsroom."""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import connection

from annotations.domain.desks.roles import Role
from annotations.domain.documents.text import clean_text
from annotations.management.many import processes_for
from annotations.models import Claim, Desk, Document, Membership, Rating, User
from annotations.suggesting import propose
from annotations.workflow.desks import manage
from annotations.workflow.documents import load
from annotations.workflow.documents.particulars import About

CLAIMS_AN_ARTICLE = 300
ARTICLES_ALONE = 30
PEOPLE = 8


@dataclass(frozen=True)
class Filled:
    """The desk and people that a run measures, and the claims per second of each way to load.

    `many` is the command with all files at once. `single` is one article after another in one process.
    `finding` and `storing` are the two halves of `single`.
    """

    desk: Desk
    editors: list[User]
    reviewer: User
    first_document: Document
    processes: int
    many: float
    single: float
    finding: float
    storing: float


def article(number: int) -> str:
    """Return an article of about 60,000 characters with 300 sentences that can each be checked."""
    paragraphs = []
    for index in range(CLAIMS_AN_ARTICLE // 5):
        sentences = [_sentence(number * CLAIMS_AN_ARTICLE + index * 5 + place) for place in range(5)]
        paragraphs.append(" ".join(sentences))
    return "\n\n".join(paragraphs)


def _sentence(number: int) -> str:
    return (
        f"Volgens woordvoerder Jansen van het ziekenhuis in wijk {1000 + number} werden er op 30 april 2019 "
        f"minstens {50 + number % 900} gewonden binnengebracht, "
        f"{1 + number % 97} procent meer dan een week eerder in de hele hoofdstad."
    )


def fill(claims: int, *, name: str) -> Filled:
    """Load articles until the desk has `claims` proposed claims, timed, then bring them into their states."""
    owner = User.objects.create_superuser(f"{name}-owner")
    desk = manage.create_desk(name=name, by=owner)
    people = User.objects.bulk_create(
        User(username=f"{name}-{number}", password=make_password(None)) for number in range(PEOPLE)
    )
    *editors, reviewer = people
    Membership.objects.bulk_create(
        Membership(desk=desk, user=person, role=Role.REVIEWER if person is reviewer else Role.EDITOR)
        for person in people
    )
    texts = [article(number) for number in range(-(-claims // CLAIMS_AN_ARTICLE))]
    seconds = _load_files(texts, desk, editors[0])
    loaded = Claim.objects.filter(desk=desk).count()
    single, finding = _load_one_by_one(texts[:ARTICLES_ALONE], name, owner)
    advance(desk, editors[0], reviewer)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    alone = len(texts[:ARTICLES_ALONE]) * CLAIMS_AN_ARTICLE
    return Filled(
        desk=desk,
        editors=editors,
        reviewer=reviewer,
        first_document=Document.objects.filter(desk=desk).earliest("pk"),
        processes=processes_for(len(texts)),
        many=loaded / seconds,
        single=alone / single,
        finding=alone / finding,
        storing=alone / (single - finding),
    )


def _load_files(texts: Sequence[str], desk: Desk, by: User) -> float:
    """Load the texts as files with the command; return its run time in seconds."""
    with tempfile.TemporaryDirectory(prefix="articles-") as folder:
        paths = [Path(folder, f"{number}.txt") for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        began = time.perf_counter()
        call_command(
            "load_document", *paths, desk=desk.slug, by=by.username, language="nl", stdout=StringIO()
        )
        return time.perf_counter() - began


def _load_one_by_one(texts: Sequence[str], name: str, owner: User) -> tuple[float, float]:
    """Load the texts on a desk of their own; return the seconds for it, and for finding the claims."""
    desk = manage.create_desk(name=f"{name}-alone", by=owner)
    began = time.perf_counter()
    for number, text in enumerate(texts):
        load.load_text(desk=desk, by=owner, text=text, about=About(title=f"Article {number}", language="nl"))
    single = time.perf_counter() - began
    cleaned = [clean_text(text) for text in texts]
    began = time.perf_counter()
    for text in cleaned:
        propose(text, "nl")
    return single, time.perf_counter() - began


# The changes below pass every constraint and trigger; only the workflow's line in the log is left out.
_OPEN = """
UPDATE annotations_claim SET state = 'open', priority = 1 + id %% 5,
    due_at = CASE WHEN id %% 4 = 0 THEN now() + make_interval(hours => (id %% 400)::int - 20) END,
    tags = ARRAY['tag' || id %% 50], claimant_name = 'J. Jansen', claimant_kind = 'person',
    said_on = '2019-04-30'
WHERE desk_id = %(desk)s AND state = 'proposed' AND id %% 20 <> 0
"""
_REFERENCE = """
INSERT INTO annotations_reference (desk_id, url, canonical_url, host, is_file, title, site, author, language,
    excerpt, fetch_state, fetch_code, created_by_id)
SELECT %(desk)s, 'https://example.org/' || n, 'https://example.org/' || n, 'example.org', false, 'Page ' || n,
    'Example', '', 'nl', '', 'fetched', 'ok', %(author)s
FROM generate_series(1, 1000) n
"""
_EVIDENCE = """
WITH pages AS (SELECT array_agg(id) AS ids FROM annotations_reference WHERE desk_id = %(desk)s)
INSERT INTO annotations_evidence (claim_id, reference_id, url_given, stance, passage, note, author_ids,
    version, created_by_id)
SELECT c.id, pages.ids[1 + c.id %% 1000], '', 'supports', 'The passage relied on.', '',
    ARRAY[%(author)s]::bigint[], 1, %(author)s
FROM annotations_claim c, pages WHERE c.desk_id = %(desk)s AND c.state = 'open' AND c.id %% 10 < 7
"""
_VERDICT = """
INSERT INTO annotations_verdict
    (claim_id, number, rating_id, reasoning, as_of, reason_for_change, created_by_id)
SELECT c.id, 1, %(rating)s, 'The hospital register of that day shows it.', '2019-05-01', '', %(author)s
FROM annotations_claim c WHERE c.desk_id = %(desk)s AND c.state = 'open' AND c.id %% 10 < 7
"""
_SUBMIT = """
UPDATE annotations_claim c SET verdict_id = v.id, rating_id = v.rating_id
FROM annotations_verdict v WHERE v.claim_id = c.id AND c.desk_id = %(desk)s AND c.state = 'open'
"""
_IN_REVIEW = """
UPDATE annotations_claim c SET state = 'in_review', submitted_by_id = %(author)s, submitted_at = now()
WHERE c.desk_id = %(desk)s AND c.state = 'open' AND c.verdict_id IS NOT NULL
"""
_REVIEW = """
INSERT INTO annotations_review
    (claim_id, verdict_id, record_id, submitted_at, reviewer_id, reviewer_name, decision, note)
SELECT c.id, c.verdict_id, r.id, c.submitted_at, %(reviewer)s, '', 'approved', ''
FROM annotations_claim c JOIN annotations_signedrecord r ON r.claim_id = c.id
WHERE c.desk_id = %(desk)s AND c.state = 'in_review' AND c.id %% 10 < 6
"""
_VERIFY = """
UPDATE annotations_claim c SET state = 'verified', verified_by_id = %(reviewer)s, verified_at = now()
FROM annotations_review r WHERE r.claim_id = c.id AND c.desk_id = %(desk)s AND c.state = 'in_review'
"""


def advance(desk: Desk, author: User, reviewer: User) -> None:
    """Leave a twentieth proposed, about three in ten to check, one in review, the rest verified.

    Each step commits by itself, because changing rows again and again in one transaction gets ever slower.
    """
    rating = Rating.objects.get(scale__desk=desk, slug="true")
    names = {"desk": desk.pk, "author": author.pk, "reviewer": reviewer.pk, "rating": rating.pk}
    with connection.cursor() as cursor:
        for statement in (_OPEN, _REFERENCE, _EVIDENCE, _VERDICT, _SUBMIT, _IN_REVIEW, _REVIEW, _VERIFY):
            cursor.execute(statement, names)
            # In a newsroom autovacuum does this over the day; here everything happens within a minute.
            cursor.execute("ANALYZE")
