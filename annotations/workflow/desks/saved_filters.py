"""Saved filters: a person's named filters of the claims page."""

from django.db import transaction

from annotations.domain.desks.roles import Action
from annotations.domain.errors import Duplicate, Invalid, Missing
from annotations.models import SavedFilter, User
from annotations.permissions import check_can
from annotations.workflow.once import refused_where_taken


class FilterRefused(Invalid):
    """A name that cannot be used for a saved filter."""

    code = "filter_invalid"


class FilterExists(Duplicate):
    """The person has a filter of this name on this desk."""

    code = "filter_exists"


@transaction.atomic(durable=True)
def save_filter(*, desk_id: int, name: str, query: str, by: User) -> SavedFilter:
    """Keep a filter of the claims page under a name. Raises Missing, FilterRefused or FilterExists."""
    check_can(by, Action.READ, desk_id)
    title = " ".join(name.split())
    if not title or len(title) > 80 or len(query) > 2000:
        raise FilterRefused(
            "Give the filter a name of at most 80 characters.", fields={"name": "1 to 80 characters."}
        )
    taken = FilterExists(f"You have a filter “{title}” already.", fields={"name": "Taken."})
    with refused_where_taken("saved_filter_unique", taken):
        return SavedFilter.objects.create(user=by, desk_id=desk_id, name=title, query=query)


@transaction.atomic(durable=True)
def delete_filter(filter_id: int, *, by: User) -> None:
    """Forget one of the person's own filters. Raises Missing."""
    deleted, _ = SavedFilter.objects.filter(pk=filter_id, user=by).delete()
    if not deleted:
        raise Missing("There is no such filter among yours.")
