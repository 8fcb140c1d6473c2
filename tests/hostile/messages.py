"""Hostile chat messages by a seed: what scripts, attackers and broken keyboards send, woven with plain questions of the
four languages, so that the language of the answer can be judged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from services_catalog.catalogue import Catalogue
from services_catalog.languages import LANGUAGES
from services_catalog.normalize import words
from tests.hostile.pieces import (
    BIDI,
    CONTROL,
    FORMATS,
    INVISIBLE,
    JSON,
    MARKUP,
    ORDERS,
    OTHER_SCRIPTS,
    PATHS,
    RASA,
    SQL,
    TEMPLATES,
    XML,
)

#: Fewest words of a question that is plainly in its language.
FEWEST_WORDS = 5
#: At least such a share of its words is used in one language twice as often as in the others.
_PLAIN_SHARE = 0.8
#: The answers a body that is no message may get.
REFUSED = frozenset({400, 413, 415, 422})
ANSWERED = frozenset({200})


@dataclass(frozen=True)
class Hostile:
    """One request to the chat. `language` is the one its plain words are in, None where they do not decide; `said` is the
    text, None where the body is none that could be read."""

    kind: str
    body: bytes
    said: str | None = None
    language: str | None = None
    statuses: frozenset[int] = ANSWERED
    headers: Mapping[str, str] = field(default_factory=dict)


class Questions:
    """Plain questions of residents by language: the catalogue's examples, without those that mix languages or are hardly more
    than a name, which says nothing of the language."""

    def __init__(self, catalogue: Catalogue) -> None:
        examples = {
            tag: [one for offer in catalogue.published if tag in offer.texts for one in offer.texts[tag].examples]
            for tag in LANGUAGES
        }
        official = (name for offer in catalogue.published for name in (offer.official_name, *offer.aliases))
        names = {word for name in official for word in words(name)}
        used = {tag: Counter(word for one in asked for word in words(one)) for tag, asked in examples.items()}

        def plain(question: str, tag: str) -> bool:
            said = words(question)
            own = sum(all(used[tag][word] >= 2 * used[other][word] for other in used if other != tag) for word in said)
            telling = sum(word not in names for word in said)
            return telling >= FEWEST_WORDS and own >= _PLAIN_SHARE * len(said)

        self.by_language = {tag: [one for one in asked if plain(one, tag)] for tag, asked in examples.items()}

    def one(self, chance: Random) -> tuple[str, str]:
        """Return a language and a question in it."""
        language = chance.choice(sorted(self.by_language))
        return language, chance.choice(self.by_language[language])


def messages(seed: int, questions: Questions) -> Iterator[Hostile]:
    """Yield hostile messages without end, the same for the same seed; every kind comes up about as often."""
    chance = Random(seed)  # noqa: S311 - to repeat, not to hide
    while True:
        for kind in chance.sample(KINDS, len(KINDS)):
            language, question = questions.one(chance)
            yield _MAKERS[kind](kind, chance, language, question)


# --- how a text is made of a question -----------------------------------------------------------------------------

Twist = Callable[[Random, str], str]


def _woven(pieces: tuple[str, ...]) -> Twist:
    """Return a twist that sets one of some pieces before, after, around or between the words of a question."""

    def twist(chance: Random, question: str) -> str:
        piece = chance.choice(pieces)
        split = question.split(" ")
        place = chance.randint(1, len(split) - 1)
        return chance.choice(
            (
                f"{piece} {question}",
                f"{question} {piece}",
                f"{question}{piece}",
                f"{piece}{question}{piece}",
                " ".join([*split[:place], piece, *split[place:]]),
            )
        )

    return twist


def _strewn(characters: str) -> Twist:
    """Return a twist that strews characters between the letters of a question."""

    def twist(chance: Random, question: str) -> str:
        share = chance.choice((0.05, 0.3, 1.0))
        return "".join(one + (chance.choice(characters) if chance.random() < share else "") for one in question)

    return twist


def _between_words(characters: str) -> Twist:
    return lambda chance, question: "".join(
        one if one != " " else f" {chance.choice(characters) * chance.randint(1, 3)} " for one in question
    )


def _towers(chance: Random, question: str) -> str:
    marks = "".join(chr(chance.randint(0x300, 0x36F)) for _ in range(chance.choice((3, 20, 60))))
    return "".join(one + marks for one in question)[:3900]


def _only(pieces: tuple[str, ...]) -> Twist:
    return lambda chance, _question: chance.choice(("", " ", "\n")).join(chance.choices(pieces, k=chance.randint(1, 6)))


def _long(chance: Random, question: str) -> str:
    letter = chance.choice(
        ("a", "م", "ї", "ø", "1", "/", "(", "<", "{", "@", ".", "-", "'", "é", "0 ", "٠", "a1", "gade 1 ", "+45 ")
    )
    return chance.choice((letter * 4000, f"{question} {letter * 3000}"))[:4000]


#: Texts in which the plain words still decide the language.
_PLAIN: dict[str, Twist] = {
    "control": _strewn(CONTROL),
    "bidi": _strewn(BIDI),
    "invisible": _strewn(INVISIBLE),
    "variation": _strewn("\ufe0f\ufe0e"),
    "sql": _woven(SQL),
    "templates": _woven(TEMPLATES[:4]),
    "formats": _woven(FORMATS[:4]),
    "paths": _woven(PATHS[:2]),
    "markup": _woven(MARKUP),
    "rasa": _woven(RASA),
    "nul": _between_words("\0"),
    "half-characters": _between_words("\ud800\udfff\udc00"),
    "noncharacters": _between_words("\uffff\ufffe\ufdd0\U0010ffff\ue000"),
    "line-ends": _between_words("\r\n\t\u2028\u2029\u0085\v\f\x1c\x1d\x1e\x1f"),
    "shouting": lambda chance, question: question.upper() + "!" * chance.randint(1, 200),
    "fullwidth": lambda _chance, question: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in question),
    "repeated": lambda chance, question: " ".join([question] * chance.randint(2, 30))[:4000],
    "smileys": _woven(("😀", "👩‍👩‍👧‍👦", "🏳️‍🌈", "🤷🏽‍♀️😭😭😭", "¯\\_(ツ)_/¯")),
    "marks": _woven(("؟؟؟", "?!?!?!", "……", "\\\\\\", "\"\"\"", "'''", "“‘„«", "|||", "~~~", "***", "___", "###")),
}  # fmt: skip
_WOVEN = frozenset({"sql", "templates", "formats", "paths", "markup", "rasa", "smileys", "marks"})
#: Texts of which the language is anybody's guess: only that there is an answer, wholly in one language, is asked.
_UNCLEAR: dict[str, Twist] = {
    "towers": _towers,
    "long": _long,
    "other-scripts": _only(OTHER_SCRIPTS),
    "woven-scripts": _woven(OTHER_SCRIPTS),
    "json": _woven(JSON),
    "xml": _woven(XML),
    "orders": _woven(ORDERS),
    "more-templates": _woven(TEMPLATES),
    "more-formats": _woven(FORMATS),
    "more-paths": _woven(PATHS),
    "only-markup": _only(MARKUP),
    "only-rasa": _only(RASA),
    "only-invisible": _only(tuple(BIDI + INVISIBLE + CONTROL + " ")),
    "only-halves": _only(("\ud800", "\udfff", "\0", "\uffff")),
    "numbers": _only(("112", "٠١٢٣", "9" * 400, "-1", "1e999", "NaN", "½", "Ⅷ", "010190-1234", "²³")),
    "anything": lambda chance, _question: "".join(
        chr(chance.choice((chance.randint(0, 0x2FF), chance.randint(0, 0xFFFF), chance.randint(0, 0x10FFFF))))
        for _ in range(chance.randint(1, 300))
    ),
    "two-languages": lambda chance, question: question + " " + chance.choice(
        ("hvad koster det for mit barn", "how much does it cost for my child", "كم يكلف هذا لطفلي", "скільки це коштує")
    ),
}  # fmt: skip


def _text(kind: str, chance: Random, language: str, question: str) -> Hostile:
    said = (_PLAIN | _UNCLEAR)[kind](chance, question)
    # the question must outweigh what stands beside it
    beside = len(words(said)) - len(words(question))
    plain = kind in _PLAIN and (kind not in _WOVEN or len(words(question)) >= 2 * beside)
    # characters outside ASCII as escapes or as they are; halves of characters can only be written as escapes
    body = json.dumps({"text": said}, ensure_ascii=chance.random() < 0.5)
    try:
        sent = body.encode()
    except UnicodeEncodeError:
        sent = json.dumps({"text": said}).encode()
    return Hostile(kind, sent, said, language if plain and len(said) <= 4000 else None, _text_statuses(said))


def _text_statuses(said: str) -> frozenset[int]:
    return ANSWERED if len(said) <= 4000 else frozenset({413})


# --- requests that are no message, or one with something beside it ---------------------------------------------------


def _too_large(kind: str, chance: Random, _language: str, _question: str) -> Hostile:
    size = chance.choice((4001, 30_000, 66_000, 1_000_000))
    return Hostile(kind, json.dumps({"text": "å"[: size % 2] + "a" * size}).encode(), statuses=frozenset({413}))


def _broken(kind: str, chance: Random, _language: str, question: str) -> Hostile:
    whole = json.dumps({"text": question}, ensure_ascii=False).encode()
    body = chance.choice(
        (
            whole[: chance.randint(0, len(whole) - 1)],
            whole[:10] + b"\xff\xfe\xc3" + whole[10:],
            b"\x00" * 100,
            b"[" * 20_000,
            b'{"a":' * 8000 + b"1" + b"}" * 8000,
            b'{"text": ' + b"9" * 20_000 + b"}",
            b'{"text": 1e999}',
            b'{"text": "a", "text": 5}',
            b'{"text": "\\ud83d\\u', b"<chat><text>hej</text></chat>", b"text=hej", b"\x1f\x8b\x08\x00\x00",
            b"null", b'"hej"', b"[]",
        )
    )  # fmt: skip
    return Hostile(kind, body, statuses=REFUSED)


def _wrong_types(kind: str, chance: Random, _language: str, question: str) -> Hostile:
    wrong: list[object] = [5, None, True, [question], {"text": question}, 1.5, [[]] * 50]
    field = chance.choice(
        ("text", "session", "remove", "plain", "language", "sender", "input_channel", "metadata", "__class__")
    )
    given: dict[str, object] = {"text": question, field: chance.choice(wrong)}
    harmless = (field in ("session", "language") and given[field] is None) or (
        field == "plain" and given[field] is True
    )
    statuses = ANSWERED if harmless else ANSWERED | REFUSED if given[field] == [question] else REFUSED
    return Hostile(kind, json.dumps(given).encode(), statuses=statuses)


def _twice(kind: str, chance: Random, language: str, question: str) -> Hostile:
    first = json.dumps({"text": chance.choice(SQL)})[:-1]
    return Hostile(kind, (first + f', "text": {json.dumps(question)}}}').encode(), question, language)


def _with_fields(kind: str, chance: Random, language: str, question: str) -> Hostile:
    junk = chance.choice(
        (*SQL, *PATHS, *MARKUP, *TEMPLATES, "\0", "\ud800", "x" * 100, "", "da\r\nX: y", "ar-XX", "../ar")
    )[:100]
    given: dict[str, object] = {"text": question, "plain": chance.random() < 0.3}
    given[chance.choice(("session", "language"))] = junk[:35]
    statuses = REFUSED if "\ud800" in junk else ANSWERED
    if chance.random() < 0.3:
        given["remove"] = [junk, "age"]
        return Hostile(kind, json.dumps(given).encode(), question, statuses=statuses)
    return Hostile(kind, json.dumps(given).encode(), question, language, statuses)


_HEADERS: tuple[tuple[dict[str, str], frozenset[int]], ...] = (
    ({"X-Forwarded-For": "127.0.0.1, ::1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}, ANSWERED),
    ({"Accept-Language": "xx;q=nan,ar;q=1e999," + "a" * 3000}, ANSWERED),
    ({"Cookie": "vejviser_login=" + "A" * 3000 + "; x=%00; =;;;"}, ANSWERED),
    ({"X-HTTP-Method-Override": "DELETE", "X-Vejviser-Secret": "guess"}, ANSWERED),
    ({"Origin": "https://evil.example", "Referer": "javascript:alert(1)"}, ANSWERED),
    ({"Authorization": "Bearer guess"}, frozenset({401, 403})),
    ({"Authorization": "Basic " + "QQ==" * 500}, frozenset({401, 403})),
    ({"Authorization": "Bearer \x80\xff'; DROP TABLE"}, frozenset({401, 403})),
    ({"Content-Type": "text/plain"}, REFUSED),
    ({"Content-Type": "application/json; charset=utf-7"}, ANSWERED),
    ({"Content-Type": "multipart/form-data; boundary=x"}, REFUSED),
    ({"Content-Encoding": "gzip"}, ANSWERED | REFUSED),
    ({"Accept": "text/html", "Accept-Encoding": "identity;q=0.5, *;q=zzz"}, ANSWERED),
    ({"traceparent": "00-" + "f" * 500, "X-Request-ID": "a" * 2000 + "{{7*7}}"}, ANSWERED),
)


def _with_headers(kind: str, chance: Random, language: str, question: str) -> Hostile:
    headers, statuses = chance.choice(_HEADERS)
    return Hostile(kind, json.dumps({"text": question}).encode(), question, language, statuses, headers)


Maker = Callable[[str, Random, str, str], Hostile]
_MAKERS: dict[str, Maker] = dict.fromkeys((*_PLAIN, *_UNCLEAR), _text) | {
    "too-large": _too_large,
    "broken": _broken,
    "wrong-types": _wrong_types,
    "twice": _twice,
    "with-fields": _with_fields,
    "with-headers": _with_headers,
}
KINDS = tuple(_MAKERS)
