"""What is left of a message before it is read: its words, without what would hide them."""

from __future__ import annotations

import pytest

from api.plain_words import plain_words, whole_characters
from api.privacy import redact


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("／／restart", "restart"),
        ("ｍｕｎｉｃｉｐａｌ ｐｒｏｇｒａｍｍｅ", "municipal programme"),
        ("ressourc\ufe0feteam kon\u034fsulent", "ressourceteam konsulent"),
        ("da\x0fn\x80s\x00k\tkur\x9fsus\n", "dansk\tkursus"),
        ("KLASSE FOR BØRN" + "!" * 200, "KLASSE FOR BØRN!!!"),
        ("<b>dansk</b> kursus", "dansk  kursus"),
        ("ні-ні... так", "ні-ні... так"),
    ],
)
def test_only_words_are_left(text: str, words: str) -> None:
    assert plain_words(text) == words


def test_half_a_character_does_not_make_a_message_unreadable() -> None:
    assert whole_characters("dansk \ud83d") == "dansk \ufffd"
    assert whole_characters(5) == 5


@pytest.mark.parametrize(
    "text", ["mit cpr er 010190<b></b>-1234", "０１０１９０－１２３４", "skriv til ａｎｎａ＠ｅｘａｍｐｌｅ．ｄｋ"]
)
def test_nothing_personal_hides_in_tags_or_wide_letters(text: str) -> None:
    kept = redact(plain_words(text))
    assert "1234" not in kept
    assert "example" not in kept
