"""A fifth language is data only: Polish, added in a temporary folder, is trained, served and spoken.

Nothing of the project is touched: a copy of it with fewer examples learns, and finds the language by its setting.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import Stack, start_stack, stop_stack
from tests.languages.smaller import smaller_project

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]

POLISH = Path(__file__).with_name("pl")


@pytest.fixture(scope="module")
def polish(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole service with Polish, learned and trained in a folder of its own."""
    folder = tmp_path_factory.mktemp("polish")
    shutil.copytree(POLISH, folder / "languages" / "pl")
    root = smaller_project(folder / "project")
    data = folder / "data"
    data.mkdir()
    added = {"VEJVISER_LANGUAGES_FOLDER": str(folder / "languages")}
    prepared = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "serve", "--prepare"],
        cwd=root,
        env=os.environ
        | added
        | {"VEJVISER_DATA_FOLDER": str(data), "VEJVISER_DATABASE_URL": f"sqlite:///{data}/catalogue.db"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    running = start_stack(data, root, LANGUAGES_FOLDER=str(folder / "languages"))
    deadline = time.monotonic() + 60
    while running.chat("dzień dobry")["degraded"] and time.monotonic() < deadline:
        time.sleep(1)  # the first message after a start may take longer than Rasa is waited for
    yield running
    stop_stack(running)


class Talk:
    """One conversation; each call is a turn."""

    def __init__(self, stack: Stack) -> None:
        self._stack, self._session = stack, None

    def __call__(self, text: str) -> dict[str, Any]:
        answer: dict[str, Any] = self._stack.chat(text, self._session)
        self._session = answer["session"]
        assert not answer["degraded"], text
        return answer


def said(answer: dict[str, Any]) -> str:
    return " ".join(message["text"] for message in answer["messages"])


def ids(answer: dict[str, Any]) -> list[str]:
    return [offer["id"] for offer in answer["offers"]]


def test_a_need_a_follow_up_an_age_and_another_language(polish: Stack) -> None:
    say = Talk(polish)
    found = say("Mój syn chce grać w piłkę nożną, ale nie stać nas na składkę")
    assert (found["language"], found["direction"], found["outcome"]) == ("pl", "ltr", "offers")
    best = found["offers"][0]
    assert (best["id"], best["language"]) == ("kontingentstoette", "pl")
    assert best["name"].startswith("Pomoc w opłaceniu składki")
    assert any("Dotyczy" in why for why in best["why"])
    assert "oferty" in said(found) or "ofert," in said(found), "a plural form of the language"

    cost = say("ile to kosztuje?")
    assert (cost["language"], cost["outcome"], cost["attribute"]) == ("pl", "answer", "cost")
    assert cost["about"] == "kontingentstoette"
    assert "1000 koron rocznie" in said(cost)

    young = say("on ma 8 lat")
    assert young["language"] == "pl"
    assert "kontingentstoette" in ids(young)
    assert any("8" in one["text"] for one in young["remembered"])
    grown = say("nie, on ma 20 lat")
    told = {one["id"]: one["eligibility"] for one in grown["offers"]}
    assert "age" not in told.get("kontingentstoette", {"unknown": []})["unknown"]
    assert told.get("kontingentstoette", {"fails": ["od 3 do 17 lat"]})["fails"] == ["od 3 do 17 lat"]

    english = say("pisz po angielsku")
    assert (english["language"], english["outcome"]) == ("en", "language_switch")
    back = say("pisz po polsku")
    assert (back["language"], back["outcome"]) == ("pl", "language_switch")
    assert said(back) == "Od teraz piszę po polsku."


@pytest.mark.parametrize(
    ("text", "category", "first_words"),
    [
        ("mój mąż mnie bije", "partner_violence", "Jeśli właśnie teraz grozi niebezpieczeństwo"),
        ("Nie chce juz zyc", "suicide", "Jeśli twoje albo czyjeś życie jest teraz zagrożone"),
        ("nie mamy dziś gdzie spać", "homeless_tonight", "Zadzwoń do Den Sociale Døgnvagt"),
    ],
)
def test_danger_is_noticed_and_answered_in_the_language(
    polish: Stack, text: str, category: str, first_words: str
) -> None:
    answer = Talk(polish)(text)
    assert (answer["outcome"], answer["language"]) == ("crisis", "pl")
    assert answer["crisis"]["category"] == category
    assert answer["crisis"]["steps"][0]["text"].startswith(first_words)
    assert answer["crisis"]["steps"][0]["phone"]


def test_what_only_sounds_like_danger_is_none(polish: Stack) -> None:
    assert Talk(polish)("mój mąż szuka pracy")["outcome"] == "offers"


def test_what_the_service_cannot_know_is_refused_in_the_language(polish: Stack) -> None:
    answer = Talk(polish)("gdzie mogę zaparkować samochód w Kopenhadze?")
    assert (answer["outcome"], answer["language"]) == ("nothing_found", "pl")
    assert said(answer).startswith("Nie znalazłem takiej oferty.")


def test_small_talk_and_a_person(polish: Stack) -> None:
    say = Talk(polish)
    assert say("dzień dobry")["outcome"] == "greeting"
    assert "Oczywiście, możesz porozmawiać z człowiekiem" in said(say("chcę rozmawiać z człowiekiem"))
    thanks = say("bardzo dziękuję za pomoc")
    assert (thanks["outcome"], said(thanks)) == ("thanks", "Proszę bardzo. Napisz znowu, kiedy zechcesz.")


def test_an_offer_without_the_language_is_danish_and_says_so(polish: Stack) -> None:
    view = httpx.get(f"{polish.base}/api/v1/offers/muhabet?language=pl", trust_env=False).json()
    assert (view["language"], view["translation"]) == ("da", "missing")
    page = httpx.get(f"{polish.base}/pl/offers/muhabet", trust_env=False).text
    assert "To nie jest jeszcze przetłumaczone. Tekst jest po duńsku." in page


def test_pages_of_the_language(polish: Stack) -> None:
    page = httpx.get(f"{polish.base}/pl", trust_env=False).text
    assert '<html lang="pl" dir="ltr">' in page
    assert 'hreflang="pl"' in page
    assert "Opuść tę stronę natychmiast" in page
    welcomed = httpx.get(polish.base, headers={"Accept-Language": "pl-PL,pl;q=0.9"}, trust_env=False)
    assert welcomed.headers["content-language"] == "pl"
    search = httpx.get(f"{polish.base}/pl/search", params={"q": "szukam pracy"}, trust_env=False).text
    assert "Jobcenter København (urząd pracy gminy)" in search


@pytest.mark.parametrize(
    ("text", "language", "offer"),
    [
        ("hvor kan jeg lære dansk", "da", "danskuddannelse"),
        ("my son wants to play football but we cannot afford the club", "en", "kontingentstoette"),
        ("шукаю роботу", "uk", "jobcenter-koebenhavn"),
        ("أين أتعلم الدنماركية", "ar", "danskuddannelse"),
    ],
)
def test_the_other_languages_speak_on(polish: Stack, text: str, language: str, offer: str) -> None:
    answer = Talk(polish)(text)
    assert (answer["language"], answer["outcome"]) == (language, "offers")
    assert any(offer.split("-")[0] in one for one in ids(answer))
