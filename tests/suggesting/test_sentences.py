"""Sentences end where a reader says they end, in six languages and where there are no blanks."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.domain.documents.text import normalise_text
from annotations.suggesting.sentences import LONGEST_SENTENCE, sentence_spans


def split(text: str, language: str = "nl") -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


@pytest.mark.parametrize(
    ("language", "sentences"),
    [
        ("nl", ["Om 9 uur ’s-ochtends kwam dhr. Jansen aan.", "Het bleef stil."]),
        ("nl", ["De N.V. maakte ca. € 2,4 mrd. winst.", "'s Avonds bleef het stil.", "’s-Ochtends niet."]),
        (
            "nl",
            ["C. de Vries en J.P. Balkenende traden af op 30 april jl. in Caracas.", "Dat was d.w.z. alles."],
        ),
        ("nl", ["“Wij gaan door!” zei López.", "Hij liep weg."]),
        ("nl", ["“Het is klaar. We gaan naar huis”, zei president Maduro.", "Het volk zweeg."]),
        ("nl", ["“Hij riep ‘Nee. Nooit!’ en liep weg.”", "Daarna was het stil."]),
        ("nl", ["Hij zei: “Er zijn 50 gewonden. Er komen er meer.”", "De teller liep op."]),
        ("nl", ["Zo’n 50 auto’s stonden stil.", "De foto's kwamen later."]),
        ("en", ["Mr. Smith met Gen. J. R. Brown at 5 p.m. on Jan. 3.", "They left."]),
        ("en", ["“Are you sure?” she asked.", "He was, i.e. mostly."]),
        ("es", ["El Sr. García dijo: “No. Nunca”.", "¿Por qué?", "Porque sí."]),
        ("de", ["Dr. Müller sagte z.B. nichts.", "„Wir gehen. Sofort“, sagte er.", "Das war am 3. Mai."]),
        ("fr", ["M. Dupont a dit : « Nous partons. »", "Mme Durand est restée."]),
        ("pt", ["O Sr. Silva disse que não.", "“Vamos embora!” gritou ele."]),
        ("ar", ["هل هذا صحيح؟", "نعم هذا صحيح."]),
    ],
)
def test_sentences_of_a_paragraph(language: str, sentences: list[str]) -> None:
    assert split(" ".join(sentences), language) == sentences


def test_chinese_needs_no_blanks() -> None:
    assert split("据医院称，有五十人受伤。“真的吗？”他问。", "zh") == [
        "据医院称，有五十人受伤。",
        "“真的吗？”",
        "他问。",
    ]


def test_a_heading_on_a_line_of_its_own_stands_alone() -> None:
    text = "De militairen trokken de stad in.\nOnrust\nDe president zweeg de hele dag lang."
    assert split(text)[1] == "Onrust"


def test_a_wrapped_line_does_not_end_a_sentence() -> None:
    text = "De militairen bezetten daar\nhet vliegveld van de hoofdstad\nzonder schot."
    assert split(text) == [text]


def test_a_full_stop_with_no_blank_after_it_ends_a_sentence() -> None:
    assert split("Dat was alles.De president zweeg.") == ["Dat was alles.", "De president zweeg."]


def test_an_address_is_not_parted() -> None:
    assert split("Zie www.voorbeeld.nl/pagina.html voor meer.") == [
        "Zie www.voorbeeld.nl/pagina.html voor meer."
    ]


def test_a_text_without_ends_is_cut_at_blanks() -> None:
    pieces = split("woord " * 1000)
    assert max(map(len, pieces)) <= LONGEST_SENTENCE
    assert " ".join(pieces) == ("woord " * 1000).strip()


@given(
    st.text(alphabet=st.sampled_from("aB3 .!?\n“”‘’\"'€。é,…")).map(normalise_text),
    st.sampled_from(["nl", "fr", "zh"]),
)
def test_sentences_stand_in_order_and_leave_out_nothing_but_blanks(text: str, language: str) -> None:
    spans = sentence_spans(text, language)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
