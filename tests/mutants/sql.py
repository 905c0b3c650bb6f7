"""Small changes to the SQL of triggers and functions: each is one mistake that someone could make."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"(?P<skip>\s+|--[^\n]*)|(?P<string>E?'(?:[^']|'')*'|\"[^\"]*\")|(?P<dollar>\$\w*\$)"
    r"|(?P<number>\d+)|(?P<word>[A-Za-z_%][\w%]*)|(?P<sign>:=|<>|<=|>=|@>|<@|->>|->|\|\||::|.)",
    re.DOTALL,
)
_OPPOSITES = {
    "=": ("<>",),
    "<>": ("=",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "@>": ("<@",),
    "+": ("-",),
    "-": ("+",),
}
# What several words in a row become.
_PHRASES = {
    "IS NOT DISTINCT FROM": ("IS DISTINCT FROM", "="),
    "IS DISTINCT FROM": ("IS NOT DISTINCT FROM", "<>"),
    "IS NOT NULL": ("IS NULL",),
    "IS NULL": ("IS NOT NULL",),
    "NOT IN": ("IN",),
    "IN": ("NOT IN",),
    "NOT BETWEEN": ("BETWEEN",),
    "BETWEEN": ("NOT BETWEEN",),
    "NOT EXISTS": ("EXISTS",),
    "EXISTS": ("NOT EXISTS",),
    "NOT FOUND": ("FOUND",),
    "FOR SHARE": ("",),
    "FOR KEY SHARE": ("",),
    "FOR NO KEY UPDATE": ("",),
    "DESC": ("",),
    "RETURN NEW": ("RETURN NULL",),
    "RETURN OLD": ("RETURN NULL",),
}
_BEFORE_A_STATEMENT = {";", "THEN", "ELSE", "LOOP", "BEGIN"}
_STATEMENTS = {"RAISE", "PERFORM", "SELECT", "INSERT", "UPDATE", "DELETE", "EXIT", "EXECUTE", "WITH"}
_BEFORE_AN_OPERAND = {"AND", "OR", "WHERE", "IF", "WHEN", "ON", "HAVING"}
_AFTER_AN_OPERAND = {
    "AND",
    "OR",
    "THEN",
    ";",
    "ORDER",
    "LIMIT",
    "FOR",
    "UNION",
    "GROUP",
    "LOOP",
    "INTO",
    "ELSE",
}
_AFTER_AN_OPERAND |= {"LEFT", "JOIN", "CROSS", "WHERE"}


@dataclass(frozen=True)
class Change:
    """One changed text, and what was changed in it."""

    what: str
    text: str


@dataclass(frozen=True)
class _Token:
    kind: str
    word: str
    start: int
    end: int


def changes(text: str) -> Iterator[Change]:
    """Yield every change of a piece of SQL or PL/pgSQL, each text once. The texts of messages stay."""
    seen, named = {text}, dict[str, int]()
    reader = _Reader(text)
    for start, end, new in reader.replacements():
        changed = text[:start] + new + text[end:]
        if changed in seen:
            continue
        seen.add(changed)
        what = f"{_short(_around(text, start, end))} -> {_short(new) or 'nothing'}"
        named[what] = named.get(what, 0) + 1
        yield Change(what if named[what] == 1 else f"{what} #{named[what]}", changed)


def _around(text: str, start: int, end: int) -> str:
    """The replaced text; a short one with the line it stands in, so that a reader finds it."""
    if end - start > 25:
        return text[start:end]
    begins, ends = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    line = text[begins : ends if ends >= 0 else len(text)]
    return f"{text[start:end]} [in: {line.strip()[:90]}]"


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 150 else f"{plain[:90]} … {plain[-50:]}"


class _Reader:
    """The words of one text, and what may be changed in them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [
            _Token(
                str(found.lastgroup),
                found[0].upper() if found.lastgroup == "word" else found[0],
                *found.span(),
            )
            for found in _TOKEN.finditer(text)
            if found.lastgroup != "skip"
        ]
        self.closing = self._pairs()
        self.said = self._spans_of_raise()
        self.plain_and = self._ands_of_between()

    def replacements(self) -> Iterator[tuple[int, int, str]]:
        """Yield place and new text of every change."""
        for index, token in enumerate(self.tokens):
            if self._starts_a_statement(index):
                yield from self._without_statement(index)
            if any(start <= index < end for start, end in self.said):
                continue
            if token.word in ("IF", "WHEN", "ELSIF"):
                yield from self._decided(index)
            yield from self._phrase(index)
            if token.kind == "sign" and token.word in _OPPOSITES and not self._is_a_prefix(index):
                yield from ((token.start, token.end, new) for new in _OPPOSITES[token.word])
            if token.kind == "number" and self.tokens[index - 1].word not in ("SELECT", "PERFORM", "LIMIT"):
                yield token.start, token.end, str(int(token.word) + 1)
            if token.word in ("AND", "OR") and index not in self.plain_and:
                yield token.start, token.end, "OR" if token.word == "AND" else "AND"
                yield from self._without_operands(index)
            if token.word == "||":
                yield from self._without_parts(index)
            if token.word == "UNION":
                yield from self._without_union(index)
            if token.word == "(":
                yield from self._without_members(index)

    def _pairs(self) -> dict[int, int]:
        closing, opened = {}, []
        for index, token in enumerate(self.tokens):
            if token.word == "(":
                opened.append(index)
            elif token.word == ")" and opened:
                closing[opened.pop()] = index
        return closing

    def _spans_of_raise(self) -> list[tuple[int, int]]:
        return [
            (index, self._end_of_statement(index))
            for index, token in enumerate(self.tokens)
            if token.word == "RAISE"
        ]

    def _ands_of_between(self) -> set[int]:
        found = set()
        for index, token in enumerate(self.tokens):
            if token.word == "BETWEEN":
                found.add(next(at for at in range(index, len(self.tokens)) if self.tokens[at].word == "AND"))
        return found

    def _starts_a_statement(self, index: int) -> bool:
        if index and self.tokens[index - 1].word not in _BEFORE_A_STATEMENT:
            return False
        words = [token.word for token in self.tokens[index : index + 4]]
        return words[0] in _STATEMENTS or ":=" in words

    def _end_of_statement(self, index: int) -> int:
        while index < len(self.tokens) and self.tokens[index].word != ";":
            index += 1
        return index

    def _without_statement(self, index: int) -> Iterator[tuple[int, int, str]]:
        end = self._end_of_statement(index)
        if end < len(self.tokens):
            yield self.tokens[index].start, self.tokens[end].start, "NULL"

    def _decided(self, index: int) -> Iterator[tuple[int, int, str]]:
        at = index + 1
        if self.tokens[index + 1].kind == "number":
            # CASE value WHEN 0: this is no condition.
            return
        while at < len(self.tokens) and self.tokens[at].word != "THEN":
            if self.tokens[at].word == ";":
                return
            at = self.closing.get(at, at) + 1
        if at < len(self.tokens) or self.tokens[index].word == "WHEN":
            yield self.tokens[index + 1].start, self.tokens[at - 1].end, "(TRUE)"
            yield self.tokens[index + 1].start, self.tokens[at - 1].end, "(FALSE)"

    def _phrase(self, index: int) -> Iterator[tuple[int, int, str]]:
        for phrase, others in _PHRASES.items():
            words = phrase.split()
            here = self.tokens[index : index + len(words)]
            if [token.word for token in here] != words:
                continue
            if words[0] in ("IN", "BETWEEN", "EXISTS") and index and self.tokens[index - 1].word == "NOT":
                continue
            if words == ["IN"] and self.tokens[index + 1].word == "EXECUTE":
                continue
            for other in others:
                yield here[0].start, here[-1].end, other

    def _is_a_prefix(self, index: int) -> bool:
        before = self.tokens[index - 1] if index else None
        return before is None or (before.word == "(" and self.tokens[index].word in "+-")

    def _without_operands(self, index: int) -> Iterator[tuple[int, int, str]]:
        nothing = "TRUE" if self.tokens[index].word == "AND" else "FALSE"
        opening = {close: start for start, close in self.closing.items()}
        left = index
        while left and not self._bounds(left - 1, _BEFORE_AN_OPERAND) and self.tokens[left - 1].word != "(":
            left = opening.get(left - 1, left - 1)
        right = index
        while (
            right + 1 < len(self.tokens)
            and not self._bounds(right + 1, _AFTER_AN_OPERAND)
            and self.tokens[right + 1].word not in (")", "$query$")
        ):
            right = self.closing.get(right + 1, right + 1)
        if left < index < right:
            yield self.tokens[left].start, self.tokens[index - 1].end, nothing
            yield self.tokens[index + 1].start, self.tokens[right].end, nothing

    def _bounds(self, index: int, words: set[str]) -> bool:
        return self.tokens[index].word in words and index not in self.plain_and

    def _without_parts(self, index: int) -> Iterator[tuple[int, int, str]]:
        """Drop what is joined before or after `||`: one name, text or bracket with what it is called."""
        yield self.tokens[index].start, self._end_of_part(index), ""
        start = self._start_of_part(index)
        yield start, self.tokens[index].end, ""

    def _end_of_part(self, index: int) -> int:
        at = index + 1
        while at + 1 < len(self.tokens) and self.tokens[at + 1].word in (".", "(", "["):
            at = self.closing.get(at + 1, at + 2)
        return self.tokens[at].end

    def _start_of_part(self, index: int) -> int:
        opening = {close: start for start, close in self.closing.items()}
        at = opening.get(index - 1, index - 1)
        if self.tokens[at].word == "(" and self.tokens[at - 1].kind == "word":
            at -= 1
        while at > 1 and self.tokens[at - 1].word == ".":
            at -= 2
        return self.tokens[at].start

    def _without_union(self, index: int) -> Iterator[tuple[int, int, str]]:
        at = index + 1
        while at < len(self.tokens) and self.tokens[at].word not in ("UNION", "ORDER", ")"):
            at = self.closing.get(at, at) + 1
        yield self.tokens[index].start, self.tokens[at - 1].end, ""

    def _without_members(self, index: int) -> Iterator[tuple[int, int, str]]:
        """Drop one of several columns compared at once, values after IN, or pairs of a JSON object."""
        members, before = self._members(index), self.tokens[index - 1].word if index else ""
        if before == "IN" and len(members) > 1 and self.tokens[index + 1].word != "SELECT":
            yield from ((*self._cut(members, number, 1), "") for number in range(len(members)))
        if before == "JSONB_BUILD_OBJECT" and len(members) > 2:
            yield from ((*self._cut(members, number, 2), "") for number in range(0, len(members), 2))
        if before in ("COALESCE", "NULLIF"):
            outer = self.tokens[index - 1].start, self.tokens[self.closing[index]].end
            for first, last in members if before == "COALESCE" else members[:1]:
                yield *outer, self.text[first:last]
        yield from self._without_column(index, members)

    def _without_column(
        self, index: int, members: Sequence[tuple[int, int]]
    ) -> Iterator[tuple[int, int, str]]:
        if index and self.tokens[index - 1].kind == "word" and self.tokens[index - 1].word not in (
            "IF", "AND", "OR", "NOT", "WHERE", "WHEN",
        ):  # fmt: skip
            return
        at = self.closing.get(index, len(self.tokens)) + 1
        between = at
        while between < len(self.tokens) and self.tokens[between].word in (
            "IS",
            "NOT",
            "DISTINCT",
            "FROM",
            "<>",
        ):
            between += 1
        if between == at or between >= len(self.tokens) or self.tokens[between].word != "(":
            return
        others = self._members(between)
        if len(others) != len(members) or len(members) < 2:
            return
        end = self.tokens[self.closing[between]].end
        sign = self.text[self.tokens[at].start : self.tokens[between - 1].end]
        for dropped in range(len(members)):
            rows = (
                ", ".join(self.text[a:b] for number, (a, b) in enumerate(row) if number != dropped)
                for row in (members, others)
            )
            yield self.tokens[index].start, end, f"({next(rows)}) {sign} ({next(rows)})"

    def _members(self, index: int) -> list[tuple[int, int]]:
        """Places of what stands between the commas of a bracket."""
        close = self.closing.get(index)
        if close is None or close == index + 1:
            return []
        found, at, first = [], index + 1, index + 1
        while at < close:
            if self.tokens[at].word == ",":
                found.append((self.tokens[first].start, self.tokens[at - 1].end))
                first = at + 1
            at = self.closing.get(at, at) + 1
        return [*found, (self.tokens[first].start, self.tokens[close - 1].end)]

    @staticmethod
    def _cut(members: Sequence[tuple[int, int]], number: int, count: int) -> tuple[int, int]:
        """The place of `count` members with one of the commas around them."""
        if number + count < len(members):
            return members[number][0], members[number + count][0]
        return members[number - 1][1], members[number + count - 1][1]
