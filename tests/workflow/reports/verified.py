"""Verified claims for tests, written as the database demands it: verdict, submission, review, approval."""

import hashlib
from datetime import date

from django.db.models.functions import Now

from annotations.models import (
    Anchor,
    Capture,
    Claim,
    Desk,
    Document,
    DocumentVersion,
    Evidence,
    Membership,
    Rating,
    RatingScale,
    Reference,
    Review,
    SignedRecord,
    User,
    Verdict,
)
from tests.without_rules import change_row, save_whole

TEXT = "Zeker vijftig gewonden werden binnengebracht. 🇻🇪 López werd bevrijd door soldaten."
SCALE = (
    ("true", "True", 4),
    ("mostly_true", "Mostly true", 3),
    ("misleading", "Misleading", 2),
    ("false", "False", 1),
    ("unproven", "Unproven", None),
)


class Newsroom:
    """A desk with an editor, a reviewer, a manager, a scale and one article."""

    def __init__(self, slug="foreign"):
        self.desk = Desk.objects.create(name=f"The {slug} desk", slug=slug)
        self.editor = self.person("edith", "editor", first_name="Edith", last_name="Or")
        self.reviewer = self.person("rev", "reviewer", first_name="Rev", last_name="Iewer")
        self.manager = self.person("max", "manager")
        self.viewer = self.person("vera", "viewer")
        scale = RatingScale.objects.create(desk=self.desk, name="Standard")
        self.ratings = {
            slug: Rating.objects.create(
                scale=scale,
                position=position,
                slug=slug,
                label=label,
                definition=f"What {label} means.",
                value=value,
                tone="none",
                needs_evidence=False,
            )
            for position, (slug, label, value) in enumerate(SCALE, 1)
        }
        self.document = self.article("Onrust in Caracas")

    def person(self, name, role, **fields):
        user = User.objects.create(username=f"{name}-{self.desk.slug}", password="!", **fields)
        Membership.objects.create(desk=self.desk, user=user, role=role)
        return user

    def article(self, title, text=TEXT):
        document = Document.objects.create(
            desk=self.desk,
            title=title,
            url="https://paper.example.com/onrust",
            outlet="The Paper",
            author="R. Edacteur",
            published_on=date(2019, 4, 30),
            loading_state="loading",
            created_by=self.editor,
        )
        self.version(document, text)
        return document

    def version(self, document, text):
        version = DocumentVersion.objects.create(
            document=document,
            number=document.versions.count() + 1,
            text=text,
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            length=len(text),
        )
        document.current_version = version
        document.loading_state = "ready"
        save_whole(document)
        return version

    def claim(
        self, statement="Fifty people were injured.", *, document=None, words="vijftig gewonden", **fields
    ):
        document = document or self.document
        claim = Claim.objects.create(
            desk=self.desk,
            document=document,
            state="open",
            origin="selected",
            statement=statement,
            statement_author_ids=[self.editor.pk],
            **fields,
        )
        self.anchor(claim, document.current_version, words)
        return claim

    def anchor(self, claim, version, words):
        start = version.text.index(words)
        return Anchor.objects.create(
            claim=claim, document_version=version, start=start, end=start + len(words), exact=words
        )

    def source(self, claim, *, url="https://news.example.org/injured", fetched=True, **fields):
        reference, _ = Reference.objects.get_or_create(
            desk=self.desk,
            canonical_url=url,
            defaults={"url": url, "title": "Injured", "site": "Example News", "created_by": self.editor},
        )
        capture = None
        if fetched:
            capture = Capture.objects.create(
                reference=reference,
                outcome_code="ok",
                body_sha256="b" * 64,
                body_size=1,
                body_key="b",
                title="Hospital counts the injured",
            )
        given = {
            "stance": "supports",
            "passage": "At least fifty",
            "note": "By name.",
            "url_given": url,
        } | fields
        return Evidence.objects.create(
            claim=claim,
            reference=reference,
            capture=capture,
            author_ids=[self.editor.pk],
            created_by=self.editor,
            **given,
        )

    def verify(self, claim, rating="true", *, at=None):
        verdict = Verdict.objects.create(
            claim=claim,
            number=claim.verdicts.count() + 1,
            rating=self.ratings[rating],
            reasoning="Three sources agree.",
            as_of=date(2019, 5, 3),
            reason_for_change="New facts." if claim.verdicts.exists() else "",
            created_by=self.editor,
        )
        claim.verdict, claim.rating = verdict, verdict.rating
        save_whole(claim)
        claim.state, claim.submitted_by, claim.submitted_at = "in_review", self.editor, Now()
        save_whole(claim)
        claim.refresh_from_db()
        Review.objects.create(
            claim=claim,
            verdict=verdict,
            record=SignedRecord.objects.in_force(claim.pk),
            submitted_at=claim.submitted_at,
            reviewer=self.reviewer,
            decision="approved",
        )
        claim.state, claim.verified_by, claim.verified_at = "verified", self.reviewer, Now()
        save_whole(claim)
        if at is not None:
            change_row("UPDATE annotations_claim SET verified_at = %s WHERE id = %s", at, claim.pk)
        claim.refresh_from_db()
        return claim

    def verified(self, statement="Fifty people were injured.", *, rating="true", at=None, **fields):
        return self.verify(self.claim(statement, **fields), rating, at=at)

    def reopen(self, claim):
        claim.state, claim.verified_by, claim.verified_at = "open", None, None
        save_whole(claim)
