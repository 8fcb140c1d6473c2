"""Residents who talk all the time, each of her own offer and her own age, so that a word of another's would be noticed."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

#: What is said in each language: about an offer by its name, following up, of oneself, and in danger.
_SAID = {
    "da": ("hvad er {name}?", "hvad koster det?", "jeg er {age} år og leder efter arbejde", "min mand slår mig"),
    "en": ("what is {name}?", "what does it cost?", "I am {age} years old and looking for work", "my husband hits me"),
    "uk": ("що таке {name}?", "скільки це коштує?", "мені {age} років, шукаю роботу", "мій чоловік б'є мене"),
    "ar": ("ما هو {name}؟", "كم يكلف؟", "عمري {age} سنة وأبحث عن عمل", "زوجي يضربني"),
}
#: What each asks for, by the Danish name, which stands in sentences of every language.
_OFFERS = {
    "aktive-boern-i-forening": "Aktive Børn i Forening",
    "brobold": "Brobold",
    "cbus": "Center for Børn og Unges Sundhed",
    "danskuddannelse": "Danskuddannelse",
    "den-korte-snor": "Den korte Snor",
    "helhedsorienteret-mentor": "Helhedsorienteret mentor",
    "etnisk-ung": "Etnisk Ung",
    "fakti": "Fakti",
    "feriecamps": "FerieCamps",
    "fritidsguiderne": "FritidsGuiderne",
    "geist": "Geist",
    "green-teams": "Green Teams",
    "jobcenter-koebenhavn": "Jobcenter København",
    "fensmarksgade": "Fensmarksgade",
    "boerne-og-ungekulturpiloterne": "Børne- og Ungekulturpiloterne",
    "center-for-diabetes-og-hjertesygdomme": "Center for Diabetes og Hjertesygdomme",
    "bemandede-legepladser": "Bemandede legepladser",
    "boligsociale-helhedsplaner": "Boligsociale helhedsplaner",
    "genbrugsstationer": "Genbrugsstationer",
    "intensive-laeringsforloeb": "Intensive læringsforløb",
}
_KINDS = ("name", "follow_up", "age", "danger")
_ARABIC = str.maketrans("٠١٢٣٤٥٦٧٨٩", "0123456789")


@dataclass(frozen=True)
class Turn:
    """One message and what came of it. `seconds` count from the first try to the answer; `wrong` says what must not be."""

    kind: str
    who: str
    began: float
    seconds: float
    resent: bool
    status: int
    degraded: bool = False
    forgotten: bool = False
    wrong: str = ""

    def __str__(self) -> str:
        how = "from search alone" if self.degraded else "forgotten" if self.forgotten else "in full"
        return f"{self.kind} ({self.who}; {how}, {self.seconds:.1f} s): {self.wrong or 'well'}"


@dataclass
class Resident:
    """One resident: what she asks for, and what she was answered. `client` stands at the public door; `speakers` says of each
    conversation whose it is, and is shared by all who talk at the same time."""

    client: httpx.Client
    language: str
    offer: str
    name: str
    age: int
    session: str | None = None
    speakers: dict[str, str] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)

    @property
    def who(self) -> str:
        """What tells her from the others."""
        return f"{self.language}, {self.name}"

    def say(self, kind: str) -> Turn:
        """Say one thing, a second time when the first try has no answer, and judge what comes back."""
        said = dict(zip(_KINDS, _SAID[self.language], strict=True))[kind].format(name=self.name, age=self.age)
        message = {"text": said, "language": self.language} | ({"session": self.session} if self.session else {})
        began, resent = time.monotonic(), False
        answer = self._post(message)
        if answer is None:
            resent = True
            answer = self._post(message)
        seconds = time.monotonic() - began
        if answer is None or answer.status_code != 200:
            status = answer.status_code if answer is not None else 0
            turn = Turn(kind, self.who, began, seconds, resent, status, wrong=f"no answer (status {status})")
        else:
            turn = self._judged(kind, began, seconds, resent, answer.json())
        self.turns.append(turn)
        return turn

    def _post(self, message: dict[str, Any]) -> httpx.Response | None:
        """Return the answer; None for what a browser tries again: a lost connection, or nobody there."""
        try:
            answer = self.client.post("/api/v1/chat", json=message)
        except httpx.TransportError:
            return None
        return None if answer.status_code in (502, 504) else answer

    def _judged(self, kind: str, began: float, seconds: float, resent: bool, said: dict[str, Any]) -> Turn:
        degraded, about = bool(said["degraded"]), said["about"]
        wrong = []
        owner = self.speakers.setdefault(said["session"], self.who)
        if owner != self.who:
            wrong.append(f"the conversation of {owner}")
        if about not in (None, self.offer):
            wrong.append(f"speaks of {about}, not {self.offer}")
        told = " ".join(one["text"] for one in said["remembered"]).translate(_ARABIC)
        if any(int(age) != self.age for age in re.findall(r"\d+", told)):
            wrong.append(f"remembers “{told}”, not {self.age}")
        if kind == "danger" and said["outcome"] != "crisis":
            wrong.append("no crisis answer")
        if kind in ("name", "age") and not said["offers"] and about is None:
            wrong.append(f"no offers ({said['outcome']})")
        if not said["messages"] or not said["messages"][0]["text"]:
            wrong.append("nothing said")
        if said["language"] != self.language:
            wrong.append(f"answered in {said['language']}")
        # a conversation that begins anew has lost its memory, and so has a follow-up that is about nothing
        anew = self.session not in (None, said["session"])
        self.session = said["session"]
        forgotten = anew or (kind == "follow_up" and not degraded and about is None)
        return Turn(kind, self.who, began, seconds, resent, 200, degraded, forgotten, "; ".join(wrong))


#: A round of a conversation. What is followed up was asked by name just before: `about` must be that.
ROUND = ("name", "follow_up", "age", "name", "follow_up", "danger")


class Talk:
    """Residents talking in threads while the block runs, each saying something every `pause` seconds."""

    def __init__(self, residents: Sequence[Resident], pause: tuple[float, float], seed: int = 7) -> None:
        self.residents, self._pause = residents, pause
        self._chance = [random.Random(seed + place) for place in range(len(residents))]  # noqa: S311
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._talk, args=pair, daemon=True)
            for pair in zip(residents, self._chance, strict=True)
        ]

    def __enter__(self) -> Talk:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def turns(self) -> list[Turn]:
        """Everything that was said so far, in the order it began."""
        return sorted((turn for one in self.residents for turn in list(one.turns)), key=lambda turn: turn.began)

    def _talk(self, resident: Resident, chance: random.Random) -> None:
        self._stop.wait(chance.uniform(0, self._pause[1]))
        while True:
            for kind in ROUND:
                if self._stop.is_set():
                    return
                resident.say(kind)
                self._stop.wait(chance.uniform(*self._pause))


def residents(client: Callable[[int], httpx.Client], count: int) -> list[Resident]:
    """Return at most twenty residents, of all languages, each with an offer and an age of her own. `client` is given the
    number of each."""
    languages = list(_SAID)
    speakers: dict[str, str] = {}
    return [
        Resident(client(place), languages[place % len(languages)], offer, name, 30 + place, speakers=speakers)
        for place, (offer, name) in enumerate(list(_OFFERS.items())[:count])
    ]
