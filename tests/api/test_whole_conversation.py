"""What a conversation keeps, asks, forgets and hands over, with the trained model and the running action server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import ROOT, STAFF_TOKEN, Stack

pytestmark = pytest.mark.stack


def post(stack: Stack, *, staff: bool = False, **body: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {STAFF_TOKEN}"} if staff else {}
    response = httpx.post(f"{stack.base}/api/v1/chat", json=body, headers=headers, timeout=15, trust_env=False)
    assert response.status_code == 200, response.text
    answer = dict(response.json())
    assert not answer["degraded"], answer
    return answer


def facts(answer: dict[str, Any]) -> set[str]:
    return {fact["id"] for fact in answer["remembered"]}


def test_what_is_remembered_is_shown_kept_and_taken_back(stack: Stack) -> None:
    first = post(stack, text="my son is 8 and wants to play football, we live in Valby")
    assert {"age", "district:valby"} <= facts(first)
    narrowed = post(stack, session=first["session"], text="we get no benefits")
    assert {"age", "district:valby"} <= facts(narrowed)
    less = post(stack, session=first["session"], remove=["district:valby"])
    assert "district:valby" not in facts(less)
    assert "age" in facts(less)
    assert less["outcome"] == "offers"


def test_a_question_is_asked_at_most_twice_in_a_row_and_a_choice_is_taken(stack: Stack) -> None:
    questions = (
        "skole til barn der lige er kommet til danmark",
        "hjælp til at få arbejde for indvandrerkvinder",
        "et sted at mødes for ældre fra andre lande",
        "mit barn skal have vurderet sit sprog",
    )
    answer = next(one for text in questions if (one := post(stack, text=text))["question"])
    choice = answer["quick_replies"][0]
    assert answer["quick_replies"][-1]["text"] == "Spring over"
    chosen = post(stack, session=answer["session"], text=choice["payload"])
    assert chosen["outcome"] in ("offers", "nothing_found")
    assert facts(chosen) > facts(answer)
    in_a_row = 1 + bool(chosen["question"])
    while chosen["question"]:
        chosen = post(stack, session=answer["session"], text="Spring over")
        in_a_row += bool(chosen["question"])
        assert in_a_row <= 2


def test_after_a_danger_nothing_cheerful_is_said(stack: Stack) -> None:
    first = post(stack, text="min mand slår mig")
    assert first["outcome"] == "crisis"
    thanked = post(stack, session=first["session"], text="tak")
    assert thanked["messages"][0]["text"] != post(stack, text="tak")["messages"][0]["text"]
    assert post(stack, session=first["session"], text="hvor kan jeg lære dansk")["offers"]


def test_staff_see_the_way_to_refer_and_the_next_client_starts_anew(stack: Stack) -> None:
    question = "familie hvor ære og kontrol spiller ind, hvem kan jeg sparre med om sagen"
    first = post(stack, staff=True, text=f"{question}, pigen er 15 og bor i Valby")
    assert first["offers"]
    assert all(offer["how"] for offer in first["offers"])
    new = post(stack, staff=True, session=first["session"], text="ny borger")
    assert new["outcome"] == "reset"
    assert new["messages"][0]["text"].startswith("Klar til den næste")
    second = post(stack, staff=True, session=first["session"], text="hvor kan han lære dansk")
    assert not {"age", "district:valby"} & facts(second)


def test_why_conversations_go_to_a_person_is_counted(stack: Stack) -> None:
    for _ in range(5):
        assert post(stack, text="I want to speak to a real person please")["outcome"] == "handover"
    environment = os.environ | {"VEJVISER_DATABASE_URL": f"sqlite:///{stack.folder}/catalogue.db"}
    printed = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "counts", "--json"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    counted = {(one["name"], one["detail"], one["language"]): one["times"] for one in json.loads(printed)}
    assert counted["handover", "asked", "en"] >= 5


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("da", "min søn vil spille fodbold"),
        ("en", "my son wants to play football"),
        ("uk", "син хоче грати у футбол"),
        ("ar", "ابني بدو يلعب كرة قدم"),
    ],
)
def test_the_terminal_carries_the_whole_answer_and_keeps_a_transcript(
    stack: Stack, tmp_path: Path, language: str, said: str
) -> None:
    kept = tmp_path / "transcript.txt"
    talked = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "chat", "--base", stack.base,
         "--language", language, "--transcript", str(kept)],
        cwd=ROOT, input=f"{said}\n/quit\nnever sent\n", capture_output=True, text=True, check=True,
    )  # fmt: skip
    offers = post(stack, text=said, language=language)["offers"]
    assert offers
    for number, offer in enumerate(offers, 1):
        assert f"{number}. {offer['name']}" in talked.stdout
        assert f"{stack.base}{offer['url']}" in talked.stdout
    assert kept.read_text(encoding="utf-8").startswith(f"> {said}")
    assert "never sent" not in kept.read_text(encoding="utf-8")


def test_the_terminal_says_what_is_wrong_in_one_sentence(stack: Stack) -> None:
    for arguments, complaint in (
        (["--base", "http://127.0.0.1:9"], "no service answers"),
        (["--base", stack.base, "--language", "xx"], "is not spoken here"),
    ):
        talked = subprocess.run(
            [sys.executable, "-c", "from api.cli import main; main()", "chat", *arguments],
            cwd=ROOT, input="hej\n", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert talked.returncode != 0
        assert complaint in " ".join(talked.stderr.replace("│", " ").split())
        assert "Traceback" not in talked.stderr


def test_two_messages_at_once_are_both_answered_and_cost_no_second(stack: Stack) -> None:
    session = post(stack, text="football for my son")["session"]
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda text: post(stack, session=session, text=text), ("he is 8", "is it free?")))
    assert all(answer["messages"][0]["text"] for answer in both)


def test_the_steps_of_a_turn_are_told(stack: Stack) -> None:
    response = httpx.post(f"{stack.base}/api/v1/chat", json={"text": "learn Danish"}, timeout=15, trust_env=False)
    assert {"redaction", "language", "crisis", "conversation"} <= {
        part.split(";")[0].strip() for part in response.headers["server-timing"].split(",")
    }


def test_transcripts_are_written_from_what_is_really_answered(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "conversations.yml").write_text(
        "hello:\n  title: A greeting and a need\n  says: [hello, where can I learn Danish]\n", encoding="utf-8"
    )
    subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "transcripts", str(tmp_path), "--base", stack.base],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    written = (tmp_path / "hello.md").read_text(encoding="utf-8")
    assert written.startswith("# A greeting and a need")
    assert written.index("> hello") < written.index("> where can I learn Danish")
    assert post(stack, text="where can I learn Danish")["offers"][0]["name"] in written
