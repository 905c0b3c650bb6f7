import pytest
from django.core.exceptions import ImproperlyConfigured

from factcheck.fetch_settings import denied_hosts


def test_sites_are_named_as_people_name_them() -> None:
    given = ["Example.org", " .news.example ", "bücher.example", "93.184.216.34", "", "localhost"]
    assert denied_hosts(given) == (
        "example.org", "news.example", "xn--bcher-kva.example", "93.184.216.34", "localhost"
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["https://example.org", "example.org/page", "example.org:8080", "a b", "*.example"]
)
def test_what_is_no_name_of_a_site_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="FETCH_DENIED_HOSTS"):
        denied_hosts([text])
