"""Columns of yes and no, in several languages: one level each, whatever the capitals."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence

from thalweg.data.cells import trimmed


def folded(text: str) -> str:
    """A word without capitals and without spaces around it; the dot of an i does not count.

    HAYIR is the capitals of hayır in Turkey, and of hayir elsewhere.
    """
    return _small(text).replace("\u0131", "i")


def _small(text: str) -> str:
    """A word in small letters, each letter with its accent as one sign."""
    word = unicodedata.normalize("NFKC", trimmed(text)).casefold().replace("i\u0307", "i")
    return unicodedata.normalize("NFC", word)


# Yes and no in one language each; "j", "y" and "n" are abbreviations on forms.
LANGUAGES: Mapping[str, tuple[frozenset[str], frozenset[str]]] = {
    name: (frozenset(map(folded, yes.split())), frozenset(map(folded, no.split())))
    for name, yes, no in (
        ("English", "yes y yeah", "no n nope"),
        ("English, true and false", "true t", "false f"),
        ("German", "ja j", "nein n"),
        ("French", "oui o vrai", "non n faux"),
        ("Spanish", "sí si s verdadero", "no n falso"),
        ("Italian", "sì si s vero", "no n falso"),
        ("Portuguese", "sim s verdadeiro", "não nao n falso"),
        ("Catalan", "sí si s", "no n"),
        ("Dutch", "ja j waar", "nee n onwaar"),
        ("Danish, Norwegian", "ja j", "nej nei n"),
        ("Swedish", "ja j", "nej n"),
        ("Finnish", "kyllä kylla k", "ei e"),
        ("Polish", "tak t", "nie n"),
        ("Czech", "ano a", "ne n"),
        ("Slovak", "áno ano a", "nie n"),
        ("Hungarian", "igen i", "nem n"),
        ("Slovene, Croatian", "da d", "ne n"),
        ("Romanian", "da d", "nu n"),
        ("Turkish", "evet e", "hayır hayir h"),
        ("Russian", "да д", "нет н"),
        ("Ukrainian", "так т", "ні н"),
        ("Greek", "ναι ν", "όχι οχι ο"),
        ("Estonian", "jah j", "ei e"),
        ("Latvian", "jā ja j", "nē ne n"),
        ("Lithuanian", "taip t", "ne n"),
        ("Indonesian", "ya y", "tidak t"),
        ("Chinese", "是", "否"),
        ("Japanese", "はい", "いいえ"),
        ("Korean", "예", "아니오 아니요"),
    )
}


_TRUE = frozenset(["true", "vrai", "verdadero", "vero", "verdadeiro", "waar"])


def says_true(yes: str) -> bool:
    """Whether a word for yes is one for true, as in true and false."""
    return folded(yes) in _TRUE


def are_yes_no(texts: Collection[str]) -> bool:
    """Whether texts are words for yes and no of one language, at most two but for capitals."""
    words = {folded(text) for text in texts}
    if not words:
        return False
    return any(
        words <= yes | no and len(words & yes) <= 1 and len(words & no) <= 1
        for yes, no in LANGUAGES.values()
    )


def same_answers(texts: Collection[str]) -> tuple[list[str], list[str]] | None:
    """Words for yes and words for no, of several languages or spellings; None for other texts.

    A word that is yes in one language and no in another says nothing, and letters alone are codes,
    unless the other answers have a word of the same language.
    """
    every = [frozenset[str]().union(*words) for words in zip(*LANGUAGES.values(), strict=True)]
    sides: tuple[list[str], list[str]] = ([], [])
    for text in texts:
        held = [folded(text) in words for words in every]
        if held not in ([True, False], [False, True]):
            return None
        sides[held[1]].append(text)
    long = {folded(text) for text in texts if len(folded(text)) > 1}
    clear = all(any(_speaks(folded(text), long) for text in side) for side in sides)
    return sides if clear and len(texts) > len(sides) else None


def _speaks(word: str, long: Collection[str]) -> bool:
    """Whether a word is more than a letter, or an abbreviation in the language of such words."""
    both = (yes | no for yes, no in LANGUAGES.values())
    return word in long or any(word in words and words & set(long) for words in both)


def yes_of(labels: Collection[str]) -> str | None:
    """The word for yes of two labels that are yes and no in one language; None for all others.

    None also if languages disagree about which of them is yes.
    """
    by_word = {folded(label): label for label in labels}
    if len(labels) != 2 or len(by_word) != 2:
        return None
    found = {
        word
        for yes, no in LANGUAGES.values()
        for word in by_word
        if word in yes and by_word.keys() - {word} <= no
    }
    return by_word[found.pop()] if len(found) == 1 else None


def as_known(texts: Sequence[str | None], known: Iterable[object]) -> list[str | None]:
    """Words for yes and no as the known ones are spelled; all texts as they are if some are not."""
    levels = [str(level) for level in known]
    if not are_yes_no([*levels, *(text for text in texts if text is not None)]):
        return list(texts)
    by_word = {folded(level): level for level in levels}
    return [None if text is None else by_word.get(folded(text), text) for text in texts]


def levels_of(texts: Collection[str]) -> dict[str, str]:
    """The level of each folded word: as it is written, or without capitals if in several ways."""
    spellings: dict[str, set[str]] = {}
    for text in texts:
        spellings.setdefault(folded(text), set()).add(trimmed(text))
    return {
        word: found.pop() if len(found) == 1 else max(map(_small, found))
        for word, found in spellings.items()
    }
