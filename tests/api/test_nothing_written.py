"""A hundred marked conversations, and everything that the service wrote meanwhile: nothing of them is in it."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from api.session_ids import conversation_of
from tests.conftest import ROOT, Stack, start_stack, stop_stack

#: What is said in each conversation; `{word}` is a word of its own, the rest is personal.
CONVERSATIONS = (
    ("jeg hedder {name} og søger dansk {word}, cpr {cpr}", "hvad koster det {word}", "ring til mig på {phone} {word}"),
    ("my name is {name}, my son is 8 and likes football {word}", "is it free {word}", "call {phone} {word}"),
    ("мене звати {name}, шукаю роботу {word}, мій cpr {cpr}", "скільки це коштує {word}", "телефон {phone} {word}"),
    ("اسمي {name} بدي اتعلم دنماركي {word} رقمي {cpr}", "كم سعرها {word}", "اتصل على {phone} {word}"),
    ("min mand slår mig {word}, jeg hedder {name}", "jeg er bange {word}", "cpr {cpr} {word}"),
    ("I want to end my life {word}, my name is {name}", "still here {word}", "{phone} {word}"),
    ("/restart {word} {cpr}", '/greet{{"a": "{word}"}} {phone}', "jeg hedder {name} {word}"),
    ("{word} {word}", "Gdzie mogę zapisać {word} syna do przedszkola, {phone}", "slet alt hvad du ved om mig"),
)
HOW_MANY = 100
SECRET = "a secret of this test alone"
#: What a conversation may be asked to answer; everything else is a mistake of the test.
FINE = {200, 201, 204, 303, 307, 400, 404, 405, 413, 415, 422}


def marks(number: int) -> dict[str, str]:
    """Return what marks one conversation. No word of any language, no number anybody has."""
    return {
        "word": f"qzwx{number:03d}vkj",
        "name": f"Qvzx{number:03d}dorf",
        "cpr": f"0102{number % 90 + 10}-7{number:03d}",
        "phone": f"29{number:03d}787",
    }


def traces(number: int) -> set[bytes]:
    """Return every way in which a mark may stand in a file, in small letters."""
    marked = marks(number)
    spaced = " ".join(marked["phone"][at : at + 2] for at in range(0, 8, 2))
    return {one.lower().encode() for one in {*marked.values(), marked["cpr"].replace("-", ""), spaced}}


TRACES = frozenset(trace for number in range(HOW_MANY) for trace in traces(number))
#: Whatever looks like one of them; a look for each of so many would take minutes.
_LIKE_ONE = re.compile(
    rb"qzwx\d{3}vkj|qvzx\d{3}dorf|(?<![\d.])(?:0102\d\d-?7\d{3}|29\d{3}787|29 \d\d \d7 87)(?!\d)", re.IGNORECASE
)


def found_in(folders: Iterable[Path], since: float = 0.0) -> set[tuple[str, bytes]]:
    """Return the name of each file written since a moment that holds a trace, with the trace; links are not followed."""
    found = set()
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            with contextlib.suppress(FileNotFoundError):  # a file may go while we look
                if path.is_file() and not path.is_symlink() and path.stat().st_mtime >= since:
                    like = {one.lower() for one in _LIKE_ONE.findall(path.read_bytes())}
                    found |= {(path.name, one) for one in like & TRACES}
    return found


def converse(stack: Stack, number: int) -> None:
    """Hold one conversation, and use every other way in which words reach the service."""
    marked = marks(number)
    with httpx.Client(base_url=stack.base, timeout=20, trust_env=False) as client:

        def fine(answer: httpx.Response) -> httpx.Response:
            while answer.status_code in (429, 503):  # too fast for the service: it says when to come again
                time.sleep(float(answer.headers.get("retry-after", "1")))
                answer = client.send(answer.request)
            assert answer.status_code in FINE, (answer.status_code, answer.text[:300])
            return answer

        session: str | None = None
        for text in CONVERSATIONS[number % len(CONVERSATIONS)]:
            body = {"text": text.format(**marked)} | ({"session": session} if session else {})
            session = fine(client.post("/api/v1/chat", json=body)).json()["session"]
        asked = "{word} jeg hedder {name}, cpr {cpr}, tlf {phone}".format(**marked)
        told = "jeg hedder {name}, cpr {cpr}, tlf {phone}".format(**marked)
        given = {"kind": "wrong", "language": "da", "text": told, "question": asked}
        match number % 5:
            case 0:
                fine(client.get("/da/search", params={"q": asked}))
                fine(client.get("/api/v1/search", params={"q": asked}))
            case 1:
                fine(client.post("/api/v1/feedback", json=given))
                fine(client.post("/da/feedback", data=given | {"kind": "did_not_help"}))
            case 2:
                fine(client.post("/api/v1/chat", json={"text": asked * 200}))
                fine(client.post("/api/v1/chat", content=b'{"text": "' + asked.encode()))
                fine(client.post("/api/v1/chat", json={"text": asked, marked["word"]: asked}))
            case 3:
                fine(client.get(f"/da/{marked['word']}/{marked['cpr']}", params={"q": asked}))
                fine(client.put("/api/v1/chat", json={"text": asked}))
                fine(client.get("/hsds/services", params={"search": asked}))
            case _:
                fine(client.delete(f"/api/v1/chat/{session}"))
                fine(client.delete(f"/api/v1/chat/{marked['word']}"))


def about_in_rasa(stack: Stack, session: str) -> object:
    """Return the offer that Rasa itself speaks about in a conversation, asked past the api; None when it knows of none."""
    told = {"sender": conversation_of(session), "text": "what does it cost?", "metadata": {"language": "en"}}
    url = f"http://127.0.0.1:{stack.bot_port}/webhooks/vejviser/webhook"
    answer = httpx.post(url, json=told, headers={"X-Vejviser-Secret": SECRET}, timeout=20, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()[-1]["custom"].get("about")


def rasa_forgets(stack: Stack) -> None:
    """End one conversation by its id and another by its own words: Rasa knows neither any more."""
    ended, asked = (str(stack.chat("my son is 8 and wants football")["session"]) for _ in range(2))
    assert about_in_rasa(stack, ended)
    assert about_in_rasa(stack, asked)
    assert httpx.delete(f"{stack.base}/api/v1/chat/{ended}", timeout=20, trust_env=False).status_code == 204
    assert stack.chat("delete what you know about me", asked)["outcome"] == "reset"
    assert about_in_rasa(stack, ended) is None
    assert about_in_rasa(stack, asked) is None


@pytest.mark.stack
@pytest.mark.timeout(600)
def test_nothing_that_was_said_is_in_anything_the_service_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, home, temporary = (tmp_path / name for name in ("data", "home", "temporary"))
    for one in (folder, home, temporary):
        one.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TMPDIR", str(temporary))
    began = time.time()
    stack = start_stack(folder, RATE_PER_ADDRESS="6000/minute", INTERNAL_SECRET=SECRET)
    try:
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda number: converse(stack, number), range(HOW_MANY)))
        rasa_forgets(stack)
        # while it runs too: a temporary file may be gone at the end
        assert found_in([folder, home, temporary]) == set()
    finally:
        stop_stack(stack)
    assert (folder / "catalogue.db").stat().st_size > 0
    assert found_in([folder, home, temporary]) == set()
    rooms = (ROOT / name for name in ("bot", "actions", "api", "services_catalog", "data", "var"))
    mine = [path for room in rooms for path in room.iterdir() if path.name != ".venv"]
    assert found_in(mine, since=began) == set()


def test_the_look_finds_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "serve.log").write_text(f"something {marks(3)['word']} something\n")
    database = sqlite3.connect(tmp_path / "catalogue.db")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE kept (text)")
    database.execute("INSERT INTO kept VALUES (?)", (f"ring {marks(7)['phone']}",))
    database.commit()
    held = [one for number in range(HOW_MANY) for one in marks(number).values()]
    (tmp_path / "all.txt").write_text("\n".join(held).upper())
    found = found_in([tmp_path])
    assert ("serve.log", marks(3)["word"].encode()) in found
    assert ("catalogue.db-wal", marks(7)["phone"].encode()) in found
    assert {one for name, one in found if name == "all.txt"} == {one.lower().encode() for one in held}
    database.close()
