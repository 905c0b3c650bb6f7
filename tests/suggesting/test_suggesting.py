"""Proposals rank by what can be checked, and say why."""

import pytest

from annotations.domain.claims.check_reasons import MAX_SHOWN, CheckReason
from annotations.suggesting import UNKNOWN, detect, propose
from annotations.suggesting.checkworthy import score
from annotations.suggesting.language import passage_language
from annotations.suggesting.lexicon import SPLIT_LANGUAGES, Lexicon, lexicon
from annotations.suggesting.speakers import Speaker, speaker

INJURED = (
    "Volgens een woordvoerder van het Salud Chacao-ziekenhuis zijn minstens vijftig gewonden binnengebracht."
)
REPLACED = "President Nicolás Maduro liet weten dat het hoofd van de inlichtingendienst SEBIN is vervangen."
FREED = "Oppositieleider Leopoldo López zei dat hij door militairen is bevrijd."
EVERY_REASON = (
    "The president was replaced, a spokesman of the hospital said on 30 April 2019.",
    "Prices rose 3 percent to € 3.10, more than in Paris, and fifty people were injured.",
)
ARTICLE = f"Onrust in Caracas\n\n{FREED} Het was een mooie dag. Wat nu?\n\n{REPLACED} {INJURED}"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("nl", "Het hoofd van de inlichtingendienst is vervangen, zei de president gisteren."),
        ("en", "The head of the intelligence service was replaced, the president said yesterday."),
        ("es", "El jefe del servicio de inteligencia fue reemplazado, dijo ayer el presidente."),
        ("de", "Der Chef des Geheimdienstes wurde ersetzt, sagte der Präsident gestern."),
        ("fr", "Le chef des services de renseignement a été remplacé, a dit hier le président."),
        ("pt", "O chefe do serviço de inteligência foi substituído, disse ontem o presidente."),
        ("ar", "تم استبدال رئيس جهاز المخابرات، كما قال الرئيس أمس."),
        ("zh", "总统昨天表示，情报部门负责人已被撤换。"),
    ],
)
def test_the_language_of_a_sentence_is_told(language: str, text: str) -> None:
    assert detect(text) == language


def test_a_few_words_take_the_language_they_are_given() -> None:
    assert detect("Vier woorden zijn weinig") == UNKNOWN
    assert detect("Vier woorden zijn weinig", hint="nl") == "nl"


def test_a_paragraph_keeps_the_articles_language_unless_it_is_clearly_another() -> None:
    spanish = (
        "El presidente de la república dijo ayer que el jefe del servicio de inteligencia "
        "fue reemplazado por otro general."
    )
    assert passage_language(spanish, "nl") == "es"
    assert passage_language("El presidente dijo no.", "nl") == "nl"


def test_each_language_has_its_own_words_and_another_has_none() -> None:
    for code in SPLIT_LANGUAGES:
        words = lexicon(code)
        assert all(getattr(words, name) for name in Lexicon.__slots__)
        assert all(
            word == word.casefold()
            for name in Lexicon.__slots__
            for word in getattr(words, name)
            if "ß" not in word
        )
    assert lexicon("xx") == Lexicon()
    assert lexicon("nl-BE") == lexicon("nl")


@pytest.mark.parametrize(
    ("language", "sentence", "reasons"),
    [
        ("nl", INJURED, {"figure": "vijftig", "utterance": "volgens", "act": "gewonden"}),
        ("nl", REPLACED, {"office": "president, vervangen", "utterance": "liet"}),
        ("nl", FREED, {"utterance": "zei", "act": "bevrijd"}),
        ("nl", "De inflatie steeg met 2,4% tot € 3,10.", {"percentage": "2,4%", "money": "€ 3,10"}),
        ("nl", "Er waren zevenendertig mensen.", {"figure": "zevenendertig"}),
        (
            "en",
            "GDP grew 3 percent in 2018, more than ever.",
            {"percentage": "percent", "date": "2018", "comparison": "more"},
        ),
        (
            "es",
            "El 30 de abril murieron cuatro personas.",
            {"date": "30 de abril", "figure": "cuatro", "act": "murieron"},
        ),
        (
            "de",
            "Der Minister wurde am 3. Mai entlassen.",
            {"date": "3. Mai", "office": "minister, entlassen"},
        ),
        (
            "fr",
            "Selon l’hôpital, cinquante blessés ont été admis.",
            {"utterance": "selon", "figure": "cinquante"},
        ),
        ("pt", "O presidente demitiu o ministro.", {"office": "presidente, demitiu"}),
    ],
)
def test_reasons_name_what_can_be_checked(language: str, sentence: str, reasons: dict[str, str]) -> None:
    found = dict(score(sentence, language).reasons)
    assert reasons.items() <= found.items()


@pytest.mark.parametrize(
    ("language", "sentence", "figure"),
    [
        ("es", "Murieron 30 hombres en el barrio.", "30"),
        ("en", "At least 54 hospitals were hit.", "54"),
        ("nl", "Er brandden 3 huizen af.", "3"),
        ("nl", "Zij zag 12 uurwerken in de kast.", "12"),
    ],
)
def test_a_figure_before_a_word_that_begins_as_an_hour_is_no_time(
    language: str, sentence: str, figure: str
) -> None:
    reasons = dict(score(sentence, language).reasons)
    assert reasons["figure"] == figure
    assert "date" not in reasons


@pytest.mark.parametrize(
    "time", ["9 h", "12.30 uur", "8 Uhr", "7 p.m", "10 am", "5 o’clock", "20 horas", "1 heure"]
)
def test_a_figure_with_its_hour_is_a_time(time: str) -> None:
    reasons = dict(score(f"It happened at {time}, they wrote.", "en").reasons)
    assert reasons["date"] == time


def test_each_reason_is_found_in_some_sentence_and_has_its_weight() -> None:
    found = {reason.code for sentence in EVERY_REASON for reason in score(sentence, "en").reasons}
    assert found == set(CheckReason) - {CheckReason.OTHER}


def test_a_reason_shows_no_more_than_is_kept_of_it() -> None:
    long = "The mayor of " + " ".join(["Longville"] * 100) + " said so."
    assert len(dict(score(long, "en").reasons)["name"]) == MAX_SHOWN


def test_opinions_questions_and_scraps_rank_lower() -> None:
    plain = score("De minister heeft vijftig mensen ontslagen.", "nl").value
    assert score("Heeft de minister vijftig mensen ontslagen?", "nl").value < plain
    assert score("Misschien heeft de minister vijftig mensen ontslagen.", "nl").value < plain
    assert score("Vijftig ontslagen.", "nl").value < plain


def test_a_score_lies_between_nothing_and_one() -> None:
    assert score("", "nl").value == 0.0
    everything = (
        "Volgens Jansen steeg op 3 mei 2019 de minister met 50%, meer dan € 5 mrd., "
        "en werd Pieters ontslagen en gewond."
    )
    assert 0.9 < score(everything, "nl").value <= 1.0


def test_the_checkable_sentences_are_proposed_best_first_with_their_words() -> None:
    proposals = propose(ARTICLE, "nl")
    assert [proposal.statement for proposal in proposals] == [INJURED, REPLACED, FREED]
    assert all(ARTICLE[proposal.start : proposal.end] == proposal.statement for proposal in proposals)
    assert [proposal.score for proposal in proposals] == sorted(
        (proposal.score for proposal in proposals), reverse=True
    )


def test_a_low_score_hides_no_sentence_that_has_something_to_check() -> None:
    assert [proposal.statement for proposal in propose("Kwam dat misschien in 2019?", "nl")] == [
        "Kwam dat misschien in 2019?"
    ]


@pytest.mark.parametrize(
    ("language", "sentence", "who"),
    [
        ("nl", INJURED, Speaker("", "person", "woordvoerder van het Salud Chacao-ziekenhuis")),
        ("nl", FREED, Speaker("Leopoldo López", "person", "Oppositieleider")),
        ("nl", "“Wij gaan door!” zei Juan Guaidó.", Speaker("Juan Guaidó", "person")),
        ("nl", "“Wij gaan door”, zei president Maduro dinsdag.", Speaker("Maduro", "person", "president")),
        (
            "nl",
            "Het ministerie van Defensie meldde dat alles rustig was.",
            Speaker("ministerie van Defensie", "organization"),
        ),
        (
            "en",
            "According to the ministry of Health, 69 people were injured.",
            Speaker("ministry of Health", "organization"),
        ),
        ("en", "“We are fine,” said spokesman John Brown.", Speaker("John Brown", "person", "spokesman")),
        ("es", "Según la Policía, hubo diez detenidos.", Speaker("Policía", "organization")),
        ("fr", "Selon Emmanuel Macron, le chômage a baissé.", Speaker("Emmanuel Macron", "person")),
        ("fr", "Selon l’hôpital, cinquante blessés ont été admis.", Speaker("hôpital", "organization")),
        ("de", "„Wir gehen“, sagte Angela Merkel.", Speaker("Angela Merkel", "person")),
        ("pt", "“Vamos”, disse o presidente Lula.", Speaker("Lula", "person", "presidente")),
    ],
)
def test_a_clear_speaker_is_suggested(language: str, sentence: str, who: Speaker) -> None:
    assert speaker(sentence, language) == who


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("nl", "“Wij zijn vrij”, zei hij."),
        ("nl", "Er vielen vijftig gewonden."),
        ("en", "He said it was over."),
        ("zh", "总统说，情报部门负责人已被撤换。"),
    ],
)
def test_no_speaker_is_made_up(language: str, sentence: str) -> None:
    assert speaker(sentence, language) is None
