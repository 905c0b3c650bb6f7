"""The languages a person can choose for an article, by their English names."""

LANGUAGES: tuple[tuple[str, str], ...] = (
    ("nl", "Dutch"),
    ("en", "English"),
    ("es", "Spanish"),
    ("de", "German"),
    ("fr", "French"),
    ("pt", "Portuguese"),
    ("ar", "Arabic"),
    ("zh", "Chinese"),
    ("cs", "Czech"),
    ("da", "Danish"),
    ("el", "Greek"),
    ("fa", "Persian"),
    ("fi", "Finnish"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hu", "Hungarian"),
    ("id", "Indonesian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("ko", "Korean"),
    ("no", "Norwegian"),
    ("pl", "Polish"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("sv", "Swedish"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
)
_NAMES = dict(LANGUAGES)


def language_name(code: str) -> str:
    """Return the English name of a language, or its code where it is none of these."""
    if code in ("", "und"):
        return "Unknown"
    return _NAMES.get(code.partition("-")[0], code)


def choices_with(code: str) -> list[tuple[str, str]]:
    """Return the languages to choose from, `code` always among them; the empty choice detects it."""
    known = list(LANGUAGES)
    if code and code not in _NAMES:
        known.insert(0, (code, language_name(code)))
    return [("", "Detect it"), *known]
