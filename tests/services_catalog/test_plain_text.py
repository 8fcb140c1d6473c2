"""A structured answer says the same as text: every card, its limits, the question and its answers."""

from __future__ import annotations

import pytest

from api.presenting import hit_view
from services_catalog.languages import LANGUAGES
from services_catalog.plain_text import plain_text
from services_catalog.search import SearchEngine


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_offer_is_named_numbered_and_explained(engine: SearchEngine, tag: str) -> None:
    hits = [hit_view(hit, tag, engine.catalogue) for hit in engine.search("fodbold til min søn", language=tag).hits[:3]]
    text = plain_text(
        {
            "language": tag,
            "outcome": "offers",
            "messages": [{"text": "intro"}],
            "offers": hits,
            "question": "which?",
            "quick_replies": [{"text": "this", "payload": "this"}, {"text": "that", "payload": "that"}],
        },
        "https://example.org",
    )
    assert text.startswith("intro")
    for number, hit in enumerate(hits, 1):
        assert f"{number}. {hit['name']}" in text
        assert hit["danish_name"] in text
        assert hit["summary"] in text
        assert f"https://example.org{hit['url']}" in text
    assert "which?" in text
    assert "this · that" in text


def test_an_answer_about_one_offer_does_not_repeat_its_card(engine: SearchEngine) -> None:
    hit = hit_view(engine.search("fodbold til min søn", language="da").hits[0], "da", engine.catalogue)
    answer = {"language": "da", "outcome": "answer", "messages": [{"text": "Det er gratis."}], "offers": [hit]}
    assert plain_text(answer) == "Det er gratis."
