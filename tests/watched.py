"""A page behind a verdict in force that changes from one check of the watch to the next, for tests."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models.functions import Now

from annotations.models import (
    Alert,
    Capture,
    Claim,
    Evidence,
    FetchJob,
    Host,
    Reference,
    Watch,
    WatchCheck,
)
from annotations.workflow.evidence.attach import attach_addresses
from annotations.workflow.fetches.run import run_fetch
from annotations.workflow.fetches.watch_schedule import keep_watch
from annotations.workflow.verdicts import review
from tests.factories import Team, give_verdict, make_claim, record_of
from tests.fakes.site import Site, response

PASSAGE = "The hospital counted fifty injured people on Tuesday."
LEDE = "It was a day of unrest in the capital, with marches in three districts and roads closed until dusk."
REST = "Most of those treated could go home the same evening, a spokesperson of the city said afterwards."
END = "The mayor asked everyone to stay inside until the streets were calm again and thanked the nurses."
TITLE = "Fifty injured in a day of unrest"
AUTHOR = "Anna Smit"
DAY = date(2019, 4, 30)


def story(
    *paragraphs: str, title: str = TITLE, author: str = AUTHOR, day: date = DAY, aside: str = ""
) -> bytes:
    """Return a news page as HTML. Without paragraphs it says what it said at first."""
    text = "".join(f"<p>{words}</p>" for words in paragraphs or (LEDE, PASSAGE, REST, END))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="author" content="{author}">'
        f'<meta property="article:published_time" content="{day.isoformat()}T08:00:00Z"></head>'
        f"<body><article><h1>{title}</h1>{text}</article><footer>{aside}</footer></body></html>"
    ).encode()


@dataclass
class WatchedPage:
    """A claim verified by the reviewer. Its verdict relies on a passage of a page of `site`."""

    team: Team
    site: Site
    claim: Claim
    evidence: Evidence
    path: str = "/story"

    @property
    def reference(self) -> Reference:
        return Reference.objects.get(pk=self.evidence.reference_id)

    @property
    def watch(self) -> Watch:
        return Watch.objects.get(pk=self.evidence.reference_id)

    @property
    def checks(self) -> list[WatchCheck]:
        return list(WatchCheck.objects.filter(reference=self.evidence.reference_id).order_by("pk"))

    @property
    def captures(self) -> list[Capture]:
        return list(Capture.objects.filter(reference=self.evidence.reference_id).order_by("pk"))

    @property
    def alert(self) -> Alert:
        return Alert.objects.get(evidence=self.evidence, state="open")

    def shows(self, body: bytes, *headers: str, status: str = "200 OK") -> None:
        """Make the site answer with this page from now on."""
        self.site.pages[self.path] = response(body, *headers, status=status)

    def look(self, *, after: timedelta = timedelta(0)) -> WatchCheck:
        """Let time pass for the watch, and check the page once."""
        reference = self.evidence.reference_id
        if after:
            watch = self.watch
            Watch.objects.filter(pk=reference).update(
                since=watch.since - after, gone_since=watch.gone_since and watch.gone_since - after
            )
        Watch.objects.filter(pk=reference).update(next_check_at=Now())
        assert keep_watch().ordered == 1
        job = FetchJob.objects.get(reference=reference, state="queued")
        Host.objects.filter(name=job.host).update(free_at=Now(), open_until=None)
        assert run_fetch(job.pk, worker="w1")
        return WatchCheck.objects.get(job=job)


def attach(team: Team, claim: Claim, address: str, *, passage: str = PASSAGE) -> Evidence:
    """Attach a page to a claim and have it fetched at once."""
    [evidence] = attach_addresses(
        claim_id=claim.pk, addresses=[address], stance="supports", passage=passage, by=team.editor
    )
    job = FetchJob.objects.filter(reference=evidence.reference, state="queued").first()
    if job is not None:
        assert run_fetch(job.pk, worker="w1")
    evidence.refresh_from_db()
    return evidence


def watched_page(
    team: Team, site: Site, *headers: str, path: str = "/story", passage: str = PASSAGE, verify: bool = True
) -> WatchedPage:
    """Return a page that was fetched, relied on and signed off, and is watched from now on."""
    site.pages[path] = response(story(), *headers)
    claim = make_claim(team)
    evidence = attach(team, claim, site.url(path), passage=passage)
    give_verdict(team, claim, submit=verify)
    if verify:
        review.approve(claim.pk, record=record_of(claim.pk), by=team.reviewer)
    claim.refresh_from_db()
    keep_watch()
    return WatchedPage(team, site, claim, evidence, path)
