"""Articles made of numbered sentences, edited at random, and the book of what became of each one."""

from dataclasses import dataclass, field, replace
from itertools import count
from random import Random

from annotations.domain.claims.anchoring import AnchorState, anchor_at
from annotations.domain.claims.article_revision import ArticleRevision
from annotations.domain.claims.reanchoring import NEEDS_A_PERSON

TOWNS = ("Almere", "Breda", "Zwolle", "Sevilla", "Lyon", "Leeds", "Graz", "Braga")
# Sentences that can stand in one article several times, word for word or nearly so.
TWINS = (
    "Dat is {n} procent meer dan vorig jaar.",
    "Dat zijn er {n} meer dan verwacht.",
    "That is {n} percent more than last year.",
    "Eso es un {n} por ciento más que el año pasado.",
    "Das sind {n} Prozent mehr als im Vorjahr.",
    "Ja.",
    "Volgens dr. Jansen waren het er {n}.",
    "“Het waren er {n}.”",
    "C'est {n} pour cent de plus.",
)
OPENINGS = (
    "De gemeente {town} telde {n} diefstallen.",
    "In {town} raakten minstens {n} mensen gewond.",
    "El ayuntamiento de {town} sostiene que hubo {n} heridos.",
    "The mayor of {town} said {n} people were freed.",
    "In {town} lag het aantal boven de {n}.",
    "Volgens een woordvoerder van {town} zijn er {n} doden.",
    "{town}",
    "Cijfers over {town}: {n} aangiften, meldt prof. De Vries.",
)
# One thing said, and nearly the opposite.
TURNS = (
    ("sostiene", "niega"), ("said", "said it was unlikely that"), ("boven", "onder"), ("meer", "minder"),
    ("minstens", "hooguit"), (".", "?"), ("más", "menos"), ("more", "less"), ("percent", "per cent"),
    ("Volgens een woordvoerder van", "In"), ("telde", "telde geen"), ("mehr", "weniger"),
    ("waren", "waren niet"),
)  # fmt: skip
SPEAKERS = ("Volgens een woordvoerder van het ziekenhuis ", "Naar verluidt ", "According to the police, ")
_ids = count(1)


@dataclass
class Sentence:
    """One sentence; a copy is another sentence with the same words.

    `origin` is the sentence of which it was copied: after the same sentence, a reader could not tell the two
    apart.
    """

    words: str
    id: int = field(default_factory=lambda: next(_ids))
    origin: int = 0

    def __post_init__(self) -> None:
        self.origin = self.origin or self.id


@dataclass
class Article:
    """Paragraphs of sentences."""

    paragraphs: list[list[Sentence]]

    def copy(self) -> "Article":
        """Return the article with the same sentences, to be edited."""
        return Article([[replace(one) for one in paragraph] for paragraph in self.paragraphs])

    def sentences(self) -> list[Sentence]:
        """Return all sentences in order."""
        return [one for paragraph in self.paragraphs for one in paragraph]

    def text(self) -> str:
        """Return the article as it is stored."""
        paragraphs = filter(None, self.paragraphs)
        return "\n\n".join(" ".join(one.words for one in paragraph) for paragraph in paragraphs)

    def places(self) -> list[tuple[int, int, Sentence]]:
        """Return the start and end of each sentence in the text."""
        found, at = [], 0
        for paragraph in filter(None, self.paragraphs):
            for one in paragraph:
                found.append((at, at + len(one.words), one))
                at += len(one.words) + 1
            at += 1
        return found


def written(chance: Random, *, most: int) -> Article:
    """Return a new article of 3 to `most` paragraphs."""
    paragraphs = []
    for _ in range(chance.randint(3, most)):
        paragraph = []
        for _ in range(chance.randint(1, 4)):
            pattern = chance.choice(TWINS if chance.random() < 0.5 else OPENINGS)
            number = chance.choice((5, 6, 7, 12, 50, chance.randint(100, 999)))
            words = pattern.format(town=chance.choice(TOWNS), n=number)
            # A sentence said twice in a row is one to a reader: nobody could tell which was taken away.
            if not paragraph or paragraph[-1].words != words:
                paragraph.append(Sentence(words))
        paragraphs.append(paragraph)
    return Article(paragraphs)


def edit(article: Article, chance: Random) -> None:
    """Change one thing, as editors do or as somebody would who wants a claim to land elsewhere."""
    paragraphs = [paragraph for paragraph in article.paragraphs if paragraph]
    article.paragraphs = paragraphs
    every = article.sentences()
    if not every:
        paragraphs.append([Sentence("Nieuw.")])
        return
    paragraph, one, other = chance.choice(paragraphs), chance.choice(every), chance.choice(every)
    new = Sentence(chance.choice(TWINS + OPENINGS).format(town=chance.choice(TOWNS), n=chance.randint(3, 9)))
    match chance.randrange(15):
        case 0:
            a, b = chance.randrange(len(paragraphs)), chance.randrange(len(paragraphs))
            paragraphs[a], paragraphs[b] = paragraphs[b], paragraphs[a]
        case 1:
            paragraphs.remove(paragraph)
        case 2:
            copied = [Sentence(each.words, origin=each.origin) for each in paragraph]
            paragraphs.insert(chance.randint(0, len(paragraphs)), copied)
        case 3:
            paragraphs.remove(paragraph)
            paragraphs.insert(chance.randint(0, len(paragraphs)), paragraph)
        case 4:
            paragraph.pop(chance.randrange(len(paragraph)))
        case 5:
            paragraph.insert(chance.randint(0, len(paragraph)), new)
        case 6:
            copied = [Sentence(one.words, origin=one.origin)]
            at = chance.randint(0, len(paragraph))
            paragraph[at:at] = copied
        case 7:
            digits = [char for char in one.words if char.isdigit()] or ["."]
            one.words = one.words.replace(digits[0], str(chance.randrange(10)), 1)
        case 8:
            turn, turned = chance.choice(TURNS)
            if chance.random() < 0.5:
                turn, turned = turned, turn
            one.words = one.words.replace(turn, turned, 1)
        case 9:
            speaker = chance.choice(SPEAKERS)
            without = one.words.removeprefix(speaker)
            one.words = without if without != one.words else speaker + one.words
        case 10:
            # Two sentences that differ in a figure or a name get each other's; they stay where they are.
            alike = [each for each in every if each.words.split()[:1] == one.words.split()[:1]]
            other = chance.choice(alike)
            one.words, other.words = other.words, one.words
        case 11:
            if one.words != other.words:
                # Two sentences change places.
                for row in paragraphs:
                    row[:] = [{one.id: other, other.id: one}.get(each.id, each) for each in row]
        case 12:
            at = chance.randrange(len(paragraphs))
            if at + 1 < len(paragraphs):
                paragraphs[at] += paragraphs.pop(at + 1)
        case 13:
            cut = chance.randint(0, len(paragraph))
            paragraphs.insert(paragraphs.index(paragraph) + 1, paragraph[cut:])
            del paragraph[cut:]
        case 14:
            paragraphs.insert(chance.randint(0, len(paragraphs)), [new])


@dataclass
class Tally:
    """What became of the claims of many edited articles."""

    edits: int = 0
    placed: int = 0
    untouched: int = 0
    kept: int = 0
    wrong: list[str] = field(default_factory=list)


def try_edits(seed: int, edits: int, *, most: int = 9) -> Tally:
    """Make about `edits` edits, and place claims on sentences, on parts of one and on two after each."""
    chance, tally = Random(seed), Tally()
    while tally.edits < edits:
        before = written(chance, most=most)
        after = before.copy()
        for _ in range(chance.choice((1, 1, 2, 3))):
            edit(after, chance)
            tally.edits += 1
        _compare(before, after, chance, tally)
    return tally


def _compare(before: Article, after: Article, chance: Random, tally: Tally) -> None:
    old, new = before.text(), after.text()
    if not new or new == old:
        # Sentences with the same words changed places, or nothing did.
        return
    revision = ArticleRevision(old, new)
    old_places, new_places = before.places(), after.places()
    once = {words for words in _words(old_places) if _words(old_places).count(words) == 1}
    once &= {words for words in _words(new_places) if _words(new_places).count(words) == 1}
    for index, (start, end, sentence) in enumerate(old_places):
        claim_start, claim_end, more = start, end, 0
        if chance.random() < 0.3:
            # A claim on some of the words.
            blanks = [at for at in range(start, end) if old[at] == " "]
            if blanks:
                claim_end = chance.choice(blanks)
        elif chance.random() < 0.1 and index + 1 < len(old_places):
            claim_end, more = old_places[index + 1][1], 1
        found = revision.place(anchor_at(old, claim_start, claim_end))
        tally.placed += 1
        is_silent = found.state not in NEEDS_A_PERSON
        now = next((one for _, _, one in new_places if one.id == sentence.id), None)
        if not more and sentence.words in once and now is not None and now.words == sentence.words:
            tally.untouched += 1
            tally.kept += is_silent
        if is_silent:
            assert found.state in (AnchorState.EXACT, AnchorState.MOVED)
            assert found.start is not None
            landed = next((at for at, place in enumerate(new_places) if place[0] == found.start), None)
            why = _wrong(old_places, index, new_places, landed, more, changed=found.before_changed)
            if why:
                tally.wrong.append(f"{why}: {old[claim_start:claim_end]!r}\n--- old\n{old}\n--- new\n{new}\n")


Places = list[tuple[int, int, Sentence]]


def _words(places: Places) -> list[str]:
    return [one.words for _, _, one in places]


def _wrong(old: Places, index: int, new: Places, landed: int | None, more: int, *, changed: bool) -> str:
    """Return what is wrong with a claim that was carried over without a person; empty if nothing is."""
    if landed is None or landed + more >= len(new):
        return "it is no sentence"
    for step in range(more + 1):
        was, now = old[index + step][2], new[landed + step][2]
        if now.words != was.words:
            return "other words"
        if now.id != was.id and not _is_as_good(old, index, new, landed, step, changed=changed):
            return "another sentence"
    before = old[index - 1][2].words if index else None
    now_before = new[landed - 1][2].words if landed else None
    if before != now_before and not changed:
        return "another sentence before it, and nothing says so"
    return ""


def _is_as_good(old: Places, index: int, new: Places, landed: int, step: int, *, changed: bool) -> bool:
    """Whether another sentence with the same words says the same to a reader.

    A twin is who it follows. A copy is as good as what was copied, unless it follows another sentence and
    nothing says so.
    """
    was, now = old[index + step][2], new[landed + step][2]
    before = old[index - 1][2] if index else None
    now_before = new[landed - 1][2] if landed else None
    if (before.id if before else 0) == (now_before.id if now_before else 0):
        return True
    paragraph, now_paragraph = _paragraph(old, index), _paragraph(new, landed)
    if len(paragraph) > 1 and paragraph == now_paragraph:
        # Edits that undo each other leave the paragraph as it was.
        return True
    by_words = before is not None and now_before is not None and before.words == now_before.words
    if by_words and _words(old).count(before.words) == _words(new).count(before.words) == 1:
        return True
    follows = before is not None and now_before is not None and before.origin == now_before.origin
    opens = _opens(old, index) and _opens(new, landed)
    return now.origin == was.origin and (follows or opens or changed)


def _paragraph(places: Places, index: int) -> list[str]:
    """Return the words of each sentence of a paragraph."""
    first, last = index, index + 1
    while not _opens(places, first):
        first -= 1
    while last < len(places) and not _opens(places, last):
        last += 1
    return _words(places[first:last])


def _opens(places: Places, index: int) -> bool:
    """Whether a sentence is the first of its paragraph: two characters stand before it, not one blank."""
    return index == 0 or places[index][0] - places[index - 1][1] > 1
