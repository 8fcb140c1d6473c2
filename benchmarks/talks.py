"""Conversations as residents hold them, for a load: the first question is one of our own evaluation set, what follows is about
the offers that were shown. In four languages; a few only greet, ask for what Vejviser does not know, or are in danger.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

EVALUATION = Path(__file__).resolve().parents[1] / "data" / "eval"

#: Of a hundred conversations, so many begin with a question of this kind.
_SHARES = {"need": 62, "noisy": 10, "mixed": 8, "name": 7, "oos": 6, "crisis": 3}
_SHARE_OF_GREETINGS = 4
_LONGEST = 6

_FOLLOW_UPS = {
    "da": (
        "Hvad koster det?", "Hvor ligger det?", "Hvem kan bruge det?", "Hvordan kommer jeg i gang?",
        "Hvad med den anden?", "Han er 9 år", "Vi bor på Nørrebro", "Har I et telefonnummer?",
    ),
    "en": (
        "How much does it cost?", "Where is it?", "Who can use it?", "How do I sign up?",
        "What about the second one?", "He is 9", "We live in Nørrebro", "Do you have a phone number?",
    ),
    "uk": (
        "Скільки це коштує?", "Де це?", "Хто може скористатися?", "Як записатися?",
        "А другий варіант?", "Йому 9 років", "Ми живемо на Нерребро", "Є номер телефону?",
    ),
    "ar": (
        "كم يكلف؟", "أين يقع؟", "من يمكنه الاستفادة منه؟", "كيف أسجل؟",
        "وماذا عن الثاني؟", "عمره 9 سنوات", "نسكن في نوربرو", "هل هناك رقم هاتف؟",
    ),
}  # fmt: skip
_GREETINGS = {"da": "Hej", "en": "Hello", "uk": "Добрий день", "ar": "مرحبا"}
_THANKS = {"da": "Tak", "en": "Thank you", "uk": "Дякую", "ar": "شكرا"}


@dataclass(frozen=True)
class Talk:
    """What one resident says, message by message. `danger`: her first message needs the crisis answer."""

    language: str
    danger: bool
    messages: tuple[str, ...]


def talks(seed: int) -> Iterator[Talk]:
    """Yield conversations without end, the same ones for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a load, no secret
    openings = _openings()
    kinds, weights = zip(*_SHARES.items(), strict=True)
    while True:
        language = chance.choice(tuple(_FOLLOW_UPS))
        kind = chance.choices(kinds, weights)[0]
        first = [chance.choice(openings[language][kind])]
        if chance.randrange(100) < _SHARE_OF_GREETINGS:
            first.insert(0, _GREETINGS[language])
        more = chance.sample(_FOLLOW_UPS[language], chance.randint(0, _LONGEST - len(first) - 1))
        last = [_THANKS[language]] if chance.random() < 0.3 else []
        yield Talk(language, kind == "crisis", (*first, *more, *last))


def messages_in_danger() -> list[tuple[str, str]]:
    """Return (language, message) of everything in our evaluation set that needs the crisis answer."""
    return [(language, text) for language, kinds in _openings().items() for text in kinds["crisis"]]


def _openings() -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for path in sorted(EVALUATION.glob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            kind = "near miss" if row["type"] == "crisis" and row["crisis"] is None else row["type"]
            found.setdefault(row["lang"], {}).setdefault(kind, []).append(row["text"])
    return found
