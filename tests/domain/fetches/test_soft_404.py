import pytest

from annotations.domain.fetches.soft_404 import looks_missing

URL = "https://news.example/world/2026/02/03/bridge-closed-for-two-years"
LONG = "The council voted on Tuesday to close the bridge for two years, at a cost of 41 million euros. " * 20


def missing(title: str = "", text: str = "", status: int = 200, url: str = URL, final_url: str = "") -> str:
    return looks_missing(title=title, text=text, status=status, url=url, final_url=final_url or url)


@pytest.mark.parametrize(
    "title",
    [
        "Page not found",
        "404 - Page not found | The Courier",
        "The Courier – Page not found",
        "This page is no longer available",
        "Pagina niet gevonden - De Courant",
        "Deze pagina bestaat niet meer",
        "Página no encontrada | EL DIARIO",
        "Seite nicht gefunden – Die Zeitung",
        "Page introuvable - Le Journal",
        "Página não encontrada",
        "الصفحة غير موجودة",
        "页面不存在",
        "Error 404",
    ],
)
def test_a_title_that_says_so_over_few_words_is_missing(title: str) -> None:
    assert missing(title, "Go to the front page, or search.") == "title"


@pytest.mark.parametrize(
    "text",
    [
        "Sorry, we can't find the page you asked for.",
        "The article you requested has been removed.",
        "Helaas, het artikel is niet meer beschikbaar.",
        "Lo sentimos: la página que busca no existe.",
        "Die Seite konnte leider nicht gefunden werden. Seite nicht gefunden.",
        "Désolé, cette page n’existe plus.",
        "Infelizmente a página não foi encontrada.",
        "لم يتم العثور على الصفحة",
        "抱歉，您访问的页面不存在",
    ],
)
def test_a_few_words_that_say_so_are_missing(text: str) -> None:
    assert missing("The Courier", text) == "words"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Why the web forgets: a quarter of pages not found after ten years", LONG),
        ("404: how an error became a joke", LONG),
        ("Page not found: the decay of the web", LONG),
        ("Bridge closed", "The bridge was closed. The mayor said a missing person was found."),
        ("Bridge closed", "El puente se cerró el martes; costó 41 millones."),
        ("Rescue goes on", "The climber was not found on Monday. The page of history turns."),
        ("New page", "The page was found in an attic, and the article about it has moved many."),
        ("", ""),
        ("Brug dicht", "De vermiste man is gevonden bij de brug."),
    ],
)
def test_an_article_about_missing_things_is_an_article(title: str, text: str) -> None:
    assert missing(title, text) == ""


@pytest.mark.parametrize("status", [404, 410])
def test_the_status_alone_is_enough(status: int) -> None:
    assert missing("Bridge closed", LONG, status=status) == "status"


@pytest.mark.parametrize(
    ("final_url", "why"),
    [
        ("https://news.example/", "home"),
        ("https://www.news.example", "home"),
        ("https://news.example/en/", "home"),
        ("https://news.example/index.html", "home"),
        ("https://news.example/world/", "parent"),
        ("https://news.example/world/2026/02", "parent"),
        ("https://news.example/404", "address"),
        ("https://news.example/errors/page-not-found.html", "address"),
        ("https://news.example/world/2026/02/03/bridge-closed-for-two-years/", ""),
        ("https://news.example/world/bridge-closed-for-two-years-4711", ""),
        ("https://news.example/?p=4711", ""),
        ("https://other.example/", ""),
    ],
)
def test_a_deep_address_that_leads_up_is_missing(final_url: str, why: str) -> None:
    assert missing("The Courier", LONG, final_url=final_url) == why


@pytest.mark.parametrize(
    ("url", "final_url"),
    [
        ("https://news.example/", "https://www.news.example/en/"),
        ("https://news.example/index.php", "https://news.example/"),
        ("https://news.example/world/page2", "https://news.example/world"),
        ("https://news.example/bridge-closed-for-two-years/", "https://news.example/bridge"),
    ],
)
def test_a_shallow_address_that_leads_up_is_not_missing(url: str, final_url: str) -> None:
    assert missing("The Courier", LONG, url=url, final_url=final_url) == ""
