"""A text is a string, or one string for each language."""

from flows.schema import Definition, Label, Text

FALLBACK = "en"


def localized(text: Text | Label, locale: str) -> str:
    """Return a text in a reader's language: `hi-IN` reads `hi-IN`, else `hi`, else English."""
    return translations(text).get(choose(text, locale), "")


def called(definition: Definition, state: str) -> str:
    """Return what staff call a state: its title, and the name by which it is known."""
    return f"{localized(definition.states[state].title, FALLBACK)} ({state})"


def choose(text: Text | Label, locale: str) -> str:
    """Return which of a text's languages a reader gets."""
    known = translations(text)
    candidates = (locale, locale.partition("-")[0].lower(), FALLBACK)
    return next((candidate for candidate in candidates if candidate in known), FALLBACK)


def translations(text: Text | Label) -> dict[str, str]:
    """Return a text by language."""
    return {FALLBACK: text} if isinstance(text, str) else text
