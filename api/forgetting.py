"""Forget a conversation because the person asks for it: also where Rasa, which understands many ways to say so, is away."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from api.endings import Endings
from api.sessions import Session, SessionStore
from services_catalog.normalize import words

_READ = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def _any_of(phrases: list[str]) -> str:
    return "|".join(re.escape(" ".join(words(phrase))) for phrase in phrases)


_POLITE = _any_of(_READ["politeness"].split())
_ASKS = re.compile(
    rf"(?:(?:{_POLITE}) )*(?:{_any_of(_READ['verbs'].split())}) (?:{_any_of(_READ['objects'].split(','))})(?: (?:{_POLITE}))*"
)


def asks_to_forget(text: str) -> bool:
    """Tell whether a message surely asks that what is known be deleted, and says nothing else."""
    return _ASKS.fullmatch(" ".join(words(text))) is not None


async def begin_anew(endings: Endings, sessions: SessionStore, ended: Session, speaker: str) -> Session:
    """End a conversation, here and in Rasa, and return a new one of which only the languages and the role are known."""
    await endings.end(ended.id, speaker)
    session = await sessions.open(None, speaker)
    session.language, session.asked_language = ended.language, ended.asked_language
    session.written_language, session.staff = ended.written_language, ended.staff
    return session
