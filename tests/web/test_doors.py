"""Every page asks who is there, but for those through which people come in and those for everyone."""

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from annotations.web.urls import urlpatterns

# Whoever was handed a capture may learn how to check it, and take the program that does.
OPEN = {
    "outside_answer",
    "outside_sign_in",
    "check_yourself",
    "second_step",
    "sign_in",
    "sign_out",
    "theme",
    "verify_program",
    "welcome",
}
SAMPLES = {"IntConverter": 1, "SlugConverter": "x", "StringConverter": "x"}

pages = [pattern for pattern in urlpatterns if isinstance(pattern, URLPattern)]


def address_of(pattern: URLPattern) -> str:
    samples = {
        name: SAMPLES[type(converter).__name__] for name, converter in pattern.pattern.converters.items()
    }
    return reverse(pattern.name or "", kwargs=samples)


def test_every_page_has_a_name_of_its_own() -> None:
    names = [pattern.name for pattern in pages]
    assert len(names) == len(urlpatterns) == len(set(names))
    assert set(names) >= OPEN


@pytest.mark.django_db
@pytest.mark.parametrize(
    "pattern", [page for page in pages if page.name not in OPEN], ids=lambda page: str(page.name)
)
def test_a_stranger_is_sent_to_sign_in(pattern: URLPattern, client: Client) -> None:
    address = address_of(pattern)
    looked, sent = client.get(address), client.post(address)
    assert (looked.status_code, sent.status_code) == (302, 302)
    assert looked["Location"] == f"/sign-in/?next={address}"
    # What was sent is gone, so the way back leads to where the form stood, here unknown.
    assert sent["Location"] == "/sign-in/?next=/"
