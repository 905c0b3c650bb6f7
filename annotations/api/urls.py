"""The addresses of the API, listed by each module of views."""

from django.urls import URLPattern, URLResolver, re_path

from annotations.api import description
from annotations.api.alerts import views as alerts
from annotations.api.captures import views as captures
from annotations.api.claims import moves as claim_moves
from annotations.api.claims import queue
from annotations.api.claims import views as claims
from annotations.api.desks import people
from annotations.api.desks import views as desks
from annotations.api.documents import views as documents
from annotations.api.endpoint import NoSuchAddress
from annotations.api.evidence import views as evidence
from annotations.api.references import views as references
from annotations.api.reports import views as reports
from annotations.api.verdicts import views as verdicts

urlpatterns: list[URLPattern | URLResolver] = [
    *people.urlpatterns,
    *desks.urlpatterns,
    *documents.urlpatterns,
    *claims.urlpatterns,
    *claim_moves.urlpatterns,
    *queue.urlpatterns,
    *evidence.urlpatterns,
    *references.urlpatterns,
    *captures.urlpatterns,
    *alerts.urlpatterns,
    *verdicts.urlpatterns,
    *claims.ONE_CLAIM.paths(verdicts.ACTIONS),
    *reports.urlpatterns,
    *description.urlpatterns,
    re_path(r"^(?P<path>.*)$", NoSuchAddress.as_view()),
]
