"""Every part of an installation is killed while twenty residents talk and an editor publishes: nobody waits, nobody gets
another's words, nothing that was acknowledged is lost, and soon all is as before.

Each part is killed `VEJVISER_KILLS` times. The report is printed (-s) and written to var/reports/killed_parts.md.
"""

from __future__ import annotations

import os
import secrets

import pytest

from deploy.installation import installation
from deploy.residents import Talk, residents
from deploy.servers import missing_packages
from tests.chaos.killing import LONGEST_FAULT, PARTS, Editor, Report, kill_all, normal
from tests.conftest import ROOT

KILLS = int(os.environ.get("VEJVISER_KILLS", "2"))
#: Seconds an answer may take.
LONGEST_ANSWER = 5.0
#: Seconds between two messages of a resident.
PAUSE = (3.0, 5.0)

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(300 + 300 * KILLS),
    pytest.mark.skipif(bool(missing_packages()), reason=f"not installed: {', '.join(missing_packages())}"),
]


@pytest.fixture(scope="module")
def report() -> Report:
    with installation(namespaces=False) as everything:
        everything.command("users", "add", "anna", "--role", "publisher", said=secrets.token_urlsafe(16) + "\n")
        wanted = ("--name", "a test", "--scope", "publisher", "--days", "1")
        token = everything.command("users", "token", "anna", *wanted).strip()
        talking = residents(lambda place: everything.client(f"127.0.1.{place + 1}"), 20)
        with everything.client() as client:
            with Talk(talking, PAUSE) as talk, Editor(client, token) as editor:
                assert normal(everything, editor), "not normal before anything was killed"
                kills = kill_all(everything, editor, KILLS)
            seen = Report(kills, talk.turns, len(editor.acknowledged), editor.refused, editor.lost())
        for one in talking:
            one.client.close()
    written = ROOT / "var" / "reports" / "killed_parts.md"
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(seen.table() + "\n")
    wrong = [str(turn) for turn in seen.turns if turn.wrong or turn.seconds > LONGEST_ANSWER]
    print("", seen.table(), *wrong, sep="\n")
    return seen


def test_every_message_is_answered_in_time(report: Report) -> None:
    assert len(report.turns) > 50
    assert [str(turn) for turn in report.turns if turn.seconds > LONGEST_ANSWER] == []


def test_every_answer_helps_and_is_of_the_right_conversation(report: Report) -> None:
    assert [str(turn) for turn in report.turns if turn.wrong] == []


@pytest.mark.parametrize("part", PARTS)
def test_soon_all_is_as_before(report: Report, part: str) -> None:
    times = [one.to_normal for one in report.kills if one.part == part]
    assert len(times) == KILLS
    assert max(times) <= LONGEST_FAULT[part]


def test_answers_without_rasa_say_so(report: Report) -> None:
    assert any(turn.degraded for turn in report.during("Rasa")), (
        "nobody spoke while Rasa was away: the test shows nothing"
    )


def test_no_acknowledged_edit_is_lost(report: Report) -> None:
    assert report.edits >= KILLS, "hardly anything was published: the test shows nothing"
    assert report.lost == []
