"""What the intent classifier looks at: words, lemmas, pairs of words, letter groups, concepts, kinds of entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

import regex

#: The blocks of features with their weights. Each block of a message gets this length, so that long words do not drown
#: short ones. Letter groups carry compounds, endings and typing errors. Found by cross-validation; the optimum is flat.
BLOCKS = {"words": 1.0, "letters": 1.4, "concepts": 1.0, "shape": 0.5}
_SHORTEST, _LONGEST = 2, 5
_DIGITS = regex.compile(r"\d+")
_LENGTHS = (1, 2, 4, 7, 12, 20)
# A story of many words is told in its beginning and end; this also bounds the time for a text of 5,000 characters.
_MOST_TOKENS = 80
_MOST_CONCEPTS = 10


def features(
    tokens: Sequence[str], lemmas: Sequence[str], concepts: Sequence[str], entities: Iterable[str]
) -> dict[str, Counter[str]]:
    """Return the counted features of one message by block.

    `concepts` are what it speaks of in order of mention, `entities` the kinds of entities that were found in it.
    """
    if len(tokens) > _MOST_TOKENS:
        half = _MOST_TOKENS // 2
        tokens, lemmas = [*tokens[:half], *tokens[-half:]], [*lemmas[:half], *lemmas[-half:]]
    words = [_DIGITS.sub("0", token) for token in tokens]
    return {
        "words": Counter(_words(words, [_DIGITS.sub("0", lemma) for lemma in lemmas])),
        "letters": Counter(_letters(words)),
        "concepts": Counter(_concepts(concepts)),
        "shape": Counter(_shape(words, entities)),
    }


def _words(words: Sequence[str], lemmas: Sequence[str]) -> Iterable[str]:
    for word in words:
        yield f"w:{word}"
    for lemma in lemmas:
        yield f"l:{lemma}"
    bounded = ["<", *lemmas, ">"]
    for first, second in pairwise(bounded):
        yield f"b:{first} {second}"


def _concepts(concepts: Sequence[str]) -> Iterable[str]:
    """One by one, in pairs ("where" and "it" asks for a place), and the first, which often is the question word."""
    told = concepts[:_MOST_CONCEPTS]
    for name in told:
        yield f"k:{name}"
    for first, second in combinations(sorted(told), 2):
        yield f"p:{first} {second}"
    yield f"f:{told[0]}" if told else "k:none"


def _letters(words: Sequence[str]) -> Iterable[str]:
    for word in words:
        padded = f" {word} "
        for size in range(_SHORTEST, _LONGEST + 1):
            if size >= len(padded):
                yield padded
                break
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


def _shape(words: Sequence[str], entities: Iterable[str]) -> Iterable[str]:
    for entity in set(entities):
        yield f"e:{entity}"
    for limit in _LENGTHS:
        if len(words) <= limit:
            yield f"n:{limit}"
            break
    if "?" in words:
        yield "question"
