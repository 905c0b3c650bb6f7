"""Claims as the API reads them: filters, new claims, changes and bulk actions."""

from typing import Any

from rest_framework import serializers

from annotations.api.endpoint import IdField, Input, MomentField, Output, PageQuery
from annotations.domain.claims.states import ClaimState
from annotations.models import Claim, ClaimantKind
from annotations.models.lengths import longest
from annotations.queries.claims.lists import ClaimFilter
from annotations.workflow.claims.edit import MAX_TAG, Particulars

MAX_BULK = 1_000
STATES = [state.value for state in ClaimState]


class ClaimQuery(PageQuery):
    """What the list of claims is filtered by; what is left out does not filter."""

    desk = IdField(required=False)
    document = IdField(required=False)
    state = serializers.CharField(
        required=False, help_text=f"One or several, separated by commas: {', '.join(STATES)}."
    )
    rating = serializers.SlugField(required=False, help_text="Of the verdict in force.")
    person = serializers.RegexField(
        r"^(me|nobody|[0-9]{1,18})$", required=False, help_text="The assignee: a number, `me` or `nobody`."
    )
    tag = serializers.CharField(required=False, max_length=MAX_TAG)
    language = serializers.CharField(required=False, max_length=longest(Claim, "language"))
    text = serializers.CharField(
        required=False, max_length=200, help_text="Words of the statement or claimant; accents do not matter."
    )
    overdue = serializers.BooleanField(required=False)

    def validate_state(self, value: str) -> str:
        """Return the states without blanks; raises ValidationError for an unknown one."""
        wanted = [state.strip() for state in value.split(",")]
        unknown = [state for state in wanted if state not in STATES]
        if unknown:
            raise serializers.ValidationError(
                f"Not a state: {', '.join(unknown)[:100]}. Use {', '.join(STATES)}."
            )
        return ",".join(wanted)


def filter_of(asked: dict[str, Any]) -> ClaimFilter:
    """Return the filter that the checked parameters of a `ClaimQuery` ask for."""
    parts = {name: asked.get(name, "") for name in ClaimFilter.__dataclass_fields__ if name != "overdue"}
    return ClaimFilter.of({**parts, "overdue": "yes" if asked.get("overdue") else ""})


class ClaimChange(Input):
    """New wording and particulars of a claim; what is left out stays."""

    statement = serializers.CharField(help_text="One neutral sentence.")
    claimant_name = serializers.CharField(required=False, default="", allow_blank=True)
    claimant_kind = serializers.ChoiceField(
        [kind.value for kind in ClaimantKind if kind], required=False, default="", allow_blank=True
    )
    claimant_role = serializers.CharField(required=False, default="", allow_blank=True)
    said_on = serializers.DateField(required=False, default=None, allow_null=True)
    said_where = serializers.CharField(required=False, default="", allow_blank=True)
    chosen_because = serializers.CharField(required=False, default="", allow_blank=True)
    language = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=longest(Claim, "language")
    )
    tags = serializers.ListField(child=serializers.CharField(allow_blank=True), required=False, default=list)


class ClaimEdit(ClaimChange):
    """A change of a claim, with the token of your lease if you hold one."""

    lease_token = serializers.IntegerField(required=False, default=None, allow_null=True)


class _NewClaim(ClaimChange):
    document = IdField()
    statement = serializers.CharField(
        required=False, default="", allow_blank=True, help_text="Left out, the words themselves."
    )


class NewClaim(_NewClaim):
    """A claim by its place in the current version of an article."""

    start = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text="In Unicode code points.")
    end = serializers.IntegerField(min_value=0, max_value=2**31 - 1, help_text="Behind the last code point.")
    exact = serializers.CharField(trim_whitespace=False, help_text="The words there: text[start:end].")
    document_version = IdField(required=False, help_text="The version you read; refused if there is a newer.")


class NewClaimFromWords(_NewClaim):
    """A claim by words that stand in the current version of an article."""

    words = serializers.CharField(trim_whitespace=False)
    place = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2**31 - 1,
        help_text="The start of the occurrence meant, where the words stand more than once.",
    )


class Place(Input):
    """Where a claim stands, once a person has looked."""

    start = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    end = serializers.IntegerField(min_value=0, max_value=2**31 - 1)
    exact = serializers.CharField(trim_whitespace=False)
    document_version = IdField(required=False, help_text="The version you read; refused if there is a newer.")


def particulars_of(given: dict[str, Any], *, words: str) -> Particulars:
    """Return the particulars of a checked input; `words` stand in for an empty statement."""
    names = (name for name in Particulars.__dataclass_fields__ if name not in ("statement", "tags"))
    return Particulars(
        statement=given["statement"] or words,
        tags=tuple(given["tags"]),
        **{name: given[name] for name in names},
    )


class Claims(Input):
    """Which claims to act on. If you may not change one of them, none is changed."""

    claims = serializers.ListField(child=IdField(), min_length=1, max_length=MAX_BULK)


class DismissReason(Input):
    """Why a claim is set aside."""

    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)


class Dismissed(Claims, DismissReason):
    """Which claims to set aside, and why."""


class Assignment(Claims):
    """Whose turn it is; null for nobody's."""

    assignee = IdField(allow_null=True)


class Priority(Claims):
    """Priority from 1 (first) to 5 (last) and due moment; what is left out stays, null removes it."""

    priority = serializers.IntegerField(required=False, min_value=1, max_value=5)
    due_at = MomentField(required=False, allow_null=True)


class Tags(Claims):
    """Tags to add and to remove."""

    add = serializers.ListField(child=serializers.CharField(), required=False, default=list)
    remove = serializers.ListField(child=serializers.CharField(), required=False, default=list)


class RefusedClaim(Output):
    """A claim that a bulk action left as it was, and why."""

    claim = serializers.IntegerField()
    reason = serializers.CharField()


class BulkOut(Output):
    """What a bulk action changed and what it left."""

    done = serializers.ListField(child=serializers.IntegerField())
    refused = RefusedClaim(many=True)


class Changed(Output):
    """How many claims changed."""

    changed = serializers.IntegerField()


NEW_CLAIM: dict[str, Any] = {
    "document": 12,
    "start": 10,
    "end": 50,
    "exact": "minstens vijftig gewonden binnengebracht",
    "statement": "At least fifty injured people were brought in.",
    "claimant_name": "Salud Chacao",
    "claimant_kind": "organization",
    "tags": ["caracas"],
}
NEW_FROM_WORDS: dict[str, Any] = {
    "document": 12,
    "words": "minstens vijftig gewonden",
    "said_on": "2019-04-30",
}
BULK: dict[str, Any] = {
    "done": [101],
    "refused": [{"claim": 102, "reason": "This claim is “Verified”."}],
}
