import json

import pytest

from annotations.domain.hops import Hop
from annotations.fetching.walls import wall_in_front

STORY = (
    "<p>The city council voted on Tuesday to close the old market hall for two years while its roof is "
    "rebuilt. Eleven members were in favour and six against, the clerk said after the vote.</p>"
)
MENU = "<nav><a href=/>Home</a><a href=/politics>Politics</a><a href=/sport>Sport</a></nav>"
LOGIN_FORM = (
    "<form action=/session method=post><label>E-mail <input type=email name=e></label>"
    "<label>Password <input type='password' name=p></label><button>Log in</button></form>"
)
ASKED = "https://news.example/story"


def page(body: str, title: str = "Market hall to close", head: str = "") -> bytes:
    return f"<!doctype html><title>{title}</title>{head}<body>{MENU}{body}</body>".encode()


def facts(**values: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', **values})}</script>"


def wall(body: bytes, status: int = 200, headers: dict[str, str] | None = None, led_to: str = "") -> str:
    hops = [Hop(url=ASKED)] + ([Hop(url=led_to)] if led_to else [])
    return wall_in_front(status, tuple((headers or {}).items()), body, tuple(hops), ASKED)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (403, {"CF-Mitigated": "challenge"}, page("")),
        (403, {"X-DataDome": "protected"}, page("<p>Please enable JS</p>")),
        (503, {}, page("<div id=cf-chl-widget></div>", "Just a moment...")),
        (429, {}, page("<p>Type the letters.</p>", "Are you a robot?")),
        (403, {}, page("<p>Reference https://errors.edgesuite.net/18.5</p>", "Access Denied")),
        (200, {}, page("<iframe src='/_Incapsula_Resource?x'></iframe>", "")),
        (200, {}, page("<p>Please wait while we check your browser.</p>", "Checking your browser")),
        (200, {}, page("<script>window.gokuProps = {}</script><p>One moment.</p>", "")),
        (200, {}, page("<p>Something about your browser made us think that.</p>", "Pardon Our Interruption")),
    ],
)
def test_a_check_for_robots_is_recognised(status: int, headers: dict[str, str], body: bytes) -> None:
    assert wall(body, status, headers) == "bot_block"


@pytest.mark.parametrize(
    "body",
    [
        page(LOGIN_FORM, "Welcome"),
        page(f"<h1>Members only</h1><p>Log in to read on.</p>{LOGIN_FORM}", "Members"),
        page(f"<div class=page><form id=aspnetForm><div>{LOGIN_FORM}</div></form></div>", "Sign in"),
    ],
)
def test_a_page_that_is_only_a_log_in_form_is_recognised(body: bytes) -> None:
    assert wall(body) == "login_wall"


def test_a_redirect_to_a_log_in_is_recognised_unless_it_was_asked_for() -> None:
    assert wall(page(STORY * 9), led_to="https://id.example/login?next=/story") == "login_redirect"
    hops = (Hop(url="https://id.example/login"), Hop(url="https://id.example/login/step"))
    assert wall_in_front(200, (), page(LOGIN_FORM), hops, "https://id.example/login") == ""


@pytest.mark.parametrize(
    "head",
    [
        facts(isAccessibleForFree=False),
        facts(isAccessibleForFree="False"),
        f"<script type='application/ld+json'>[{{'a': 1}}</script>{facts(isAccessibleForFree='false')}",
        facts(mainEntity={"hasPart": [{"isAccessibleForFree": False, "cssSelector": ".rest"}]}),
        facts(isAccessibleForFree=False, wordCount=900),
    ],
)
def test_a_teaser_of_a_page_that_is_not_free_is_recognised(head: str) -> None:
    assert wall(page(STORY + "<p>Subscribe to read on.</p>", head=head)) == "paywall_block"


def test_payment_required_is_a_paywall_whatever_the_page_says() -> None:
    assert wall(b"", 402) == "paywall_block"


@pytest.mark.parametrize(
    ("body", "led_to"),
    [
        (page("<p>We use cookies.</p>"), "https://consent.news.example/m?continue=story"),
        (page("<p>We use cookies.</p>"), "https://myprivacy.example/consent?siteKey=1"),
        (page("<p>Cookies.</p>"), "https://news.example/cookiewall?target=/story"),
        (page("<p>We and 812 partners store data.</p><button>Accept</button>", "We value your privacy"), ""),
        (page("<form><input type=submit value=Akkoord></form>", "Toestemming voor cookies"), ""),
    ],
)
def test_a_request_for_consent_is_recognised(body: bytes, led_to: str) -> None:
    assert wall(body, led_to=led_to) == "consent_wall"


@pytest.mark.parametrize(
    "body",
    [
        page(STORY, "Short news"),
        page(STORY * 6, "Are you a robot? How captchas came to rule the web"),
        page(STORY * 6 + "<script src=/cdn-cgi/challenge-platform/x.js></script>"),
        page(STORY * 6 + "<div class=cf-turnstile></div>" + LOGIN_FORM),
        page(LOGIN_FORM + STORY * 4),
        page(f"<form>{LOGIN_FORM}{STORY * 4}</form>"),
        page("<p>Write &lt;input type=password&gt; to ask for a password.</p>" + STORY * 2, "Forms"),
        page(STORY * 8, "Paywalls are back", head=facts(isAccessibleForFree=True)),
        page(STORY * 8, head=facts(isAccessibleForFree=False)),
        page(STORY * 2, head=facts(isAccessibleForFree=False, wordCount=60)),
        page("<div id=app></div>", head=facts(isAccessibleForFree=False, articleBody="word " * 400)),
        page(STORY * 8 + "<button>Accept</button>", "Cookie law explained"),
        page("<h1>Best cookies in town</h1>" + STORY, "Cookies and cake"),
        page("<p>Say when it suits you.</p><div class=g-recaptcha></div><button>Send</button>", "Contact us"),
        page("<a name=top>" + LOGIN_FORM + STORY * 4),
        b"",
        b"\x00\xff\xfe" * 1000,
        b'{"password": "is a word"}',
    ],
)
def test_an_ordinary_page_is_no_wall_because_of_a_word_in_it(body: bytes) -> None:
    assert wall(body) == ""


@pytest.mark.parametrize("status", [401, 403, 404, 429, 451, 500, 503])
def test_a_plain_refusal_keeps_its_own_code(status: int) -> None:
    assert wall(page("<h1>Sorry</h1><div class=g-recaptcha></div>", "Not available"), status) == ""


def test_a_redirect_to_an_ordinary_address_is_no_wall() -> None:
    assert wall(page(STORY), led_to="https://news.example/2024/authors-sign-letter") == ""
    assert wall(page(STORY), led_to="https://news.example/consenting-adults") == ""
