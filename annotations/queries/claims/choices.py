"""The options that the filters and bulk actions of claim lists offer."""

from dataclasses import dataclass

from annotations.models import Document, Membership, Rating, SavedFilter, User

NEWEST_DOCUMENTS = 100


@dataclass(frozen=True)
class Choices:
    """The options on one desk: documents, ratings by slug, people by id."""

    documents: list[tuple[str, str]]
    ratings: list[tuple[str, str]]
    people: list[tuple[str, str]]


def choices_on(desk_id: int, *, document_id: int | None = None) -> Choices:
    """Return the options for narrowing a desk's claims: three queries, four with an older `document_id`.

    The documents are the newest NEWEST_DOCUMENTS, and `document_id` even if it is older.
    """
    ratings = Rating.objects.filter(scale__desk_id=desk_id, scale__is_current=True).order_by("position")
    members = Membership.objects.filter(desk_id=desk_id, user__is_active=True).select_related("user")
    return Choices(
        documents=documents_on(desk_id, document_id=document_id),
        ratings=list(ratings.values_list("slug", "label")),
        people=[
            (str(member.user_id), member.user.display_name)
            for member in members.order_by("user__first_name", "user__username")
        ],
    )


def documents_on(desk_id: int, *, document_id: int | None = None) -> list[tuple[str, str]]:
    """Return id and title of the desk's newest documents, and of `document_id` even if it is older."""
    documents = list(
        Document.objects.filter(desk_id=desk_id).order_by("-pk").values_list("pk", "title")[:NEWEST_DOCUMENTS]
    )
    if document_id is not None and document_id not in dict(documents):
        documents += Document.objects.filter(desk_id=desk_id, pk=document_id).values_list("pk", "title")
    return [(str(pk), title) for pk, title in documents]


def saved_filters_of(user: User, desk_id: int) -> list[SavedFilter]:
    """Return the person's own filters on a desk by name: one query."""
    return list(SavedFilter.objects.filter(user=user, desk_id=desk_id).order_by("name"))
