"""The sieve before the entity rules: no pattern that matches is left out, and most that do not match are."""

from __future__ import annotations

import pytest
import regex
import yaml

from bot.components.gazetteer import load_gazetteers
from bot.components.needles import Sieve, needles_of
from bot.components.normalise import fold
from bot.settings import ROOT


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("børn", {"børn"}),
        ("(?<!\\w)b(?:ø|oe)rn(?!\\w)", {"børn", "boern"}),
        ("fly(?:gt|v)\\w{0,}", {"flygt", "flyv"}),
        ("(?:en )?hund", {"en hund", "hund"}),
        ("[ab]cd", {"acd", "bcd"}),
        ("i\\s+morgen", {"morgen"}),
        ("(?:kat)+", {"kat"}),
        ("(?P<n>\\d)år|(?P<n>\\d)yrs", {"år", "yrs"}),
    ],
)
def test_one_of_the_needles_stands_in_every_match(pattern: str, needles: set[str]) -> None:
    assert needles_of(pattern) == needles


@pytest.mark.parametrize("pattern", ["\\d+", "\\w*", "(?:kat)?", "kat|\\d", "(?:kat)*", "(?i)kat", "\\p{Latin}kat", ""])
def test_nothing_is_claimed_of_a_pattern_that_may_match_without(pattern: str) -> None:
    assert needles_of(pattern) is None
    assert Sieve([pattern]).standing_in("") == [0]


def test_the_patterns_that_may_match_are_told_in_their_order() -> None:
    sieve = Sieve(["hund(?:e|en)", "\\d", "år", "kat"])
    assert sieve.standing_in("en kat og hunden") == [0, 1, 3]
    assert sieve.standing_in("i år") == [1, 2]


@pytest.mark.parametrize("tag", ["ar", "da", "en", "uk"])
def test_no_rule_of_a_gazetteer_is_left_out_that_matches(tag: str) -> None:
    texts = [
        fold(example.removeprefix("- "))
        for path in sorted((ROOT / "data" / "nlu" / tag).glob("*.yml"))
        for group in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)["nlu"]
        for example in group["examples"].splitlines()[::40]
    ]
    assert len(texts) > 100
    for rules in load_gazetteers()[tag].rules.values():
        tried = 0
        for text in texts:
            candidates = {rule.pattern for rule in rules.for_text(text)}
            tried += len(candidates)
            assert [one.pattern for one in rules if one.pattern.search(text) and one.pattern not in candidates] == []
        assert tried < 0.6 * len(texts) * len(rules)


def test_what_it_knows_of_a_pattern_holds_for_regex_too() -> None:
    pattern = "(?<!\\w)(?:ikke )?(?:flygtning|asyl)\\w{0,}(?!\\w)"
    assert regex.compile(pattern).search("jeg er flygtningen") is not None
    assert Sieve([pattern]).standing_in("jeg er flygtningen") == [0]
