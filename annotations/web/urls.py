"""The addresses of the pages, listed by each module of views."""

from django.urls import URLPattern, URLResolver

from annotations.web import alerts, proof, reports
from annotations.web.captures import views as captures
from annotations.web.claims import lists as claim_lists
from annotations.web.claims import queue
from annotations.web.claims import views as claims
from annotations.web.desks import account, email_address, outside, second_factor, second_step, start
from annotations.web.desks import views as desks
from annotations.web.documents import reader
from annotations.web.documents import views as documents
from annotations.web.evidence import passages
from annotations.web.evidence import views as evidence
from annotations.web.references import lists as reference_lists
from annotations.web.references import views as references
from annotations.web.verdicts import changed_words, reviews
from annotations.web.verdicts import views as verdicts

urlpatterns: list[URLPattern | URLResolver] = [
    *queue.urlpatterns,
    *alerts.urlpatterns,
    *claim_lists.urlpatterns,
    *claims.urlpatterns,
    *evidence.urlpatterns,
    *passages.urlpatterns,
    *verdicts.urlpatterns,
    *reviews.urlpatterns,
    *changed_words.urlpatterns,
    *documents.urlpatterns,
    *reader.urlpatterns,
    *reference_lists.urlpatterns,
    *references.urlpatterns,
    *proof.urlpatterns,
    *captures.urlpatterns,
    *account.urlpatterns,
    *second_factor.urlpatterns,
    *second_step.urlpatterns,
    *email_address.urlpatterns,
    *start.urlpatterns,
    *outside.urlpatterns,
    *desks.urlpatterns,
    *reports.urlpatterns,
]
