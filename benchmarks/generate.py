"""Make catalogues of any size, and questions whose right answer is known; the same seed gives the same ones.

Each offer is a pure function of the seed and its number, so that a million need no memory: what it is about, for whom and
where is drawn first (`outline`), then the words of four languages. The vocabulary is `generate.yml` and the need taxonomy;
half of the taxonomy's questions stand in the offers, the other half is asked.

.venv/bin/python benchmarks/generate.py 1000 --show 2
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from services_catalog.catalogue import Catalogue
from services_catalog.offer import (
    Access,
    Audience,
    Availability,
    ChoiceCriterion,
    Cost,
    Kind,
    Offer,
    Publication,
    RangeCriterion,
    Source,
    Texts,
    TranslationState,
)
from services_catalog.records import District, NeedQuestions, Organisation
from services_catalog.seed import read_catalogue

#: The real catalogue's municipality; no generated offer lies there.
HOME = "koebenhavn"
LANGUAGES = ("da", "en", "uk", "ar")
_COUNTRY = 100_000
_PER_MUNICIPALITY = 1000
_DISTRICTS = 8
_ABOUT_AN_ACTIVITY = 0.65
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "é": "e", ".": "", " ": "-"})
_SOURCE = Source.model_construct(id="s1", file="generated.txt", section="1", quote="generated", fact=None)


@dataclass(frozen=True)
class Question:
    """A question, what kind it is (`name`, `need`, `typo` or a real one's own), where it is asked, and what answers it."""

    text: str
    language: str
    kind: str
    municipality: str
    gold: frozenset[str]


@dataclass(frozen=True)
class Outline:
    """What an offer is about, drawn before its words. `ages` are whole years; None leaves them or the district open."""

    number: int
    municipality: str
    theme: str
    who: int
    ages: tuple[int, int] | None
    district: str | None

    @property
    def id(self) -> str:
        return f"{self.municipality}-{self.theme}-{self.number}"[:80]

    def suits(self, age: int, district: str | None) -> bool:
        return (self.ages is None or self.ages[0] <= age <= self.ages[1]) and self.district in (None, district)


def slug(name: str) -> str:
    """Return a name as an id: `Høje-Taastrup` is `hoeje-taastrup`."""
    return name.lower().translate(_LETTERS)


class Country:
    """`size` generated offers in about a thousand per municipality beyond the 98 of Denmark, uneven as real ones are."""

    def __init__(self, size: int, seed: int = 1) -> None:
        self.size, self._seed = size, seed
        self._data: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))
        self.real = read_catalogue()
        self._themes = [*self._data["activities"], *self._taken_from_the_taxonomy()]
        self._activities = len(self._data["activities"])
        names = self._data["municipalities"]
        for number in range(max(0, size // _PER_MUNICIPALITY - len(names)) if size > _COUNTRY else 0):
            names = [*names, self._place(_chance(f"{seed}:town:{number}")) + f" {number}"]
        self.municipalities = {slug(name): name for name in names}
        others = [one for one in self.municipalities if one != HOME]
        shares = itertools.accumulate(1 / (5 + place) ** 0.6 for place in range(len(others)))
        self._others, self._shares = others, list(shares)

    def _taken_from_the_taxonomy(self) -> list[str]:
        needs = self.real.needs
        above = {need.broader for need in needs.values()}
        return [f"need-{one}" for one in needs if one not in above and needs[one].broader != "professional"]

    def outline(self, number: int) -> Outline:
        """Return what offer `number` (from 0) is about."""
        return self._drawn(number)[0]

    def _drawn(self, number: int) -> tuple[Outline, random.Random]:
        draw = _chance(self._seed * 10_000_000 + number)
        place = bisect.bisect(self._shares, draw.random() * self._shares[-1])
        municipality = self._others[min(place, len(self._others) - 1)]
        themes = (0, self._activities) if draw.random() < _ABOUT_AN_ACTIVITY else (self._activities, len(self._themes))
        theme = self._themes[draw.randrange(*themes)]
        who = draw.randrange(len(self._data["audiences"]))
        ages = self._data["audiences"][who]["ages"]
        if ages is not None:
            ages = (max(0, ages[0] + draw.choice((-1, 0, 0, 1))), min(120, ages[1] + draw.choice((-1, 0, 0, 2))))
        district = draw.choice(self.districts_of(municipality)) if draw.random() < 0.3 else None
        return Outline(number, municipality, theme, who, ages, district), draw

    @lru_cache(maxsize=2000)  # noqa: B019 - lives as long as the benchmark
    def districts_of(self, municipality: str) -> tuple[str, ...]:
        """Return the names of a municipality's districts."""
        draw, data = _chance(f"{self._seed}:{municipality}"), self._data
        parts = [
            draw.choice(data["name_beginnings"])
            + draw.choice(data["name_middles"])
            + draw.choice(("by", "havn", "bro", "kvarteret"))
            for _ in range(_DISTRICTS)
        ]
        return tuple(dict.fromkeys(parts))

    def offer(self, number: int) -> Offer:
        """Return offer `number` (from 0)."""
        outline, draw = self._drawn(number)
        data = self._data
        place, project = self._place(draw), self._place(draw)
        provider = draw.choice(data["providers"]) % self._place(draw)
        words = self._words_of(outline.theme)
        picked = {
            "room": draw.choice(data["rooms"]),
            "day": draw.choice(data["days"]),
            "who": data["audiences"][outline.who],
        }
        pattern, hour = draw.randrange(4), draw.randrange(8, 21)
        texts = {}
        for tag in LANGUAGES:
            thing, other = draw.sample(words[tag], 2) if len(words[tag]) > 1 else words[tag] * 2
            who = picked["who"][tag]
            name = (
                f"{_capital(thing)} – {place}",
                f"{project}: {thing}",
                f"{_capital(thing)}, {who} – {project}",
                project + place.lower() if tag == "da" else f"{project}{place.lower()} ({thing})",
            )[pattern]
            fill = {
                "thing": thing, "other": other, "who": who, "room": picked["room"][tag], "day": picked["day"][tag],
                "hour": hour, "place": outline.district or place, "name": name, "provider": provider,
                "Thing": _capital(thing), "Other": _capital(other), "Name": name, "Room": _capital(picked["room"][tag]),
            }  # fmt: skip
            details = draw.sample(data["details"][tag], 3)
            examples = [one.format(**fill) for one in draw.sample(data["examples"][tag], 2)]
            examples += (
                draw.sample(self._questions[outline.theme, tag][0], 1) if outline.theme.startswith("need-") else []
            )
            texts[tag] = Texts.model_construct(
                state=TranslationState.SOURCE if tag == "da" else TranslationState.UNREVIEWED,
                name=name,
                summary=draw.choice(data["summaries"][tag]).format(**fill),
                who=_capital(who),
                how=details[0].format(**fill),
                good_to_know=" ".join(details[1:]).format(**fill),
                keywords=tuple(words[tag][:6]),
                examples=tuple(dict.fromkeys(examples)),
            )
        return Offer.model_construct(
            id=outline.id,
            kind=Kind.RESIDENT_OFFER,
            availability=Availability.ACTIVE if draw.random() < 0.95 else Availability.PLANNED,
            audience=Audience.RESIDENT,
            publication=Publication.PUBLISHED,
            provider=outline.municipality,
            official_name=texts["da"].name,
            needs=(self.need_of(outline.theme),),
            eligibility=tuple(self._criteria(outline)),
            access=Access.model_construct(route=draw.choice(("self", "self", "referral")), source="s1"),
            cost=Cost.model_construct(kind=draw.choice(("free", "free", "paid")), amount=None, source="s1"),
            sources=(_SOURCE,),
            texts=texts,
        )

    def need_of(self, theme: str) -> str:
        """Return the need of the taxonomy that a theme answers."""
        return (
            theme.removeprefix("need-") if theme.startswith("need-") else str(self._data["activities"][theme]["need"])
        )

    def _criteria(self, outline: Outline) -> Iterator[RangeCriterion | ChoiceCriterion]:
        if outline.ages is not None:
            least, most = outline.ages
            yield RangeCriterion.model_construct(
                criterion="age", minimum=least, maximum=None if most == 120 else most, strict=True, source="s1"
            )
        if outline.district is not None:
            lies_in = f"{outline.municipality}-{slug(outline.district)}"
            yield ChoiceCriterion.model_construct(
                criterion="district", any=(lies_in,), none=(), strict=True, source="s1"
            )

    def _place(self, draw: random.Random) -> str:
        data = self._data
        return str(
            draw.choice(data["name_beginnings"]) + draw.choice(data["name_middles"]) + draw.choice(data["name_ends"])
        )

    @lru_cache(maxsize=500)  # noqa: B019 - lives as long as the benchmark
    def _words_of(self, theme: str) -> Mapping[str, list[str]]:
        if not theme.startswith("need-"):
            return {tag: self._data["activities"][theme][tag] for tag in LANGUAGES}
        need = self.real.needs[theme.removeprefix("need-")]
        return {tag: [need.labels[tag], *need.synonyms.get(tag, ())] for tag in LANGUAGES}

    @cached_property
    def _questions(self) -> dict[tuple[str, str], tuple[list[str], list[str]]]:
        """By theme and language, the taxonomy's questions that stand in the catalogue, and those that are asked of it."""
        return {
            (f"need-{need}", tag): (list(some[::2]), list(some[1::2]))
            for need, one in self.real.questions.items()
            for tag, some in one.questions.items()
        }

    def offers(self) -> Iterator[tuple[Offer, str]]:
        """Yield the real offers, then every generated one, each with its municipality."""
        for real in self.real.published:
            yield real, HOME
        for number in range(self.size):
            yield self.offer(number), self.outline(number).municipality

    def vocabulary(self) -> Catalogue:
        """Return the real catalogue without its offers, for the whole country: nowhere is elsewhere, every municipality has
        its districts, and what will be asked is not known yet."""
        districts = dict(self.real.districts)
        for municipality in self.municipalities:
            for name in self.districts_of(municipality) if municipality != HOME else ():
                one = f"{municipality}-{slug(name)}"
                labels = dict.fromkeys(LANGUAGES, name)
                districts[one] = District(id=one, labels=labels, phrases={"da": (name,)})
        organisations = {one: Organisation(id=one, name=f"{name} Kommune") for one, name in self.municipalities.items()}
        known = {
            need: NeedQuestions(
                id=need, questions={tag: tuple(self._questions[f"need-{need}", tag][0]) for tag in one.questions}
            )
            for need, one in self.real.questions.items()
        }
        return replace(
            self.real,
            offers={},
            questions=known,
            districts=districts,
            organisations={**self.real.organisations, **organisations},
            other_places={},
        )

    def questions(self, count: int) -> list[Question]:
        """Return `count` questions of each kind in each language, about offers from all over the catalogue."""
        draw = _chance(f"{self._seed}:questions")
        wanted = []
        for tag, kind, _ in itertools.product(LANGUAGES, ("name", "need", "typo"), range(count)):
            outline = self.outline(draw.randrange(self.size))
            age = draw.randint(*outline.ages) if outline.ages else draw.randint(3, 80)
            district = outline.district if draw.random() < 0.5 else None
            wanted.append((tag, kind, outline, min(age, 99), district))
        alike = defaultdict(list)
        asked = {(one.municipality, one.theme) for _, _, one, _, _ in wanted}
        for number in range(self.size):
            outline = self.outline(number)
            if (outline.municipality, outline.theme) in asked:
                alike[outline.municipality, outline.theme].append(outline)
        made = []
        for tag, kind, outline, age, district in wanted:
            gold = {outline.id}
            if kind == "name":
                text = self.offer(outline.number).texts[tag].name
            else:
                text = self._asked(outline.theme, tag, age, district, draw)
                text = _with_typo(text, draw) if kind == "typo" else text
                said = re.search(r"\d", text) is not None
                gold |= {
                    one.id
                    for one in alike[outline.municipality, outline.theme]
                    if (one.suits(age, district) if said else one.district in (None, district))
                }
            made.append(Question(text, tag, kind, outline.municipality, frozenset(gold)))
        return made

    def _asked(self, theme: str, tag: str, age: int, district: str | None, draw: random.Random) -> str:
        if theme.startswith("need-"):
            text = draw.choice(self._questions[theme, tag][1])
        else:
            thing, other = draw.sample(self._words_of(theme)[tag], 2)
            text = draw.choice(self._data["asked"][tag]).format(thing=thing, other=other, age=age)
        return f"{text}, {district}" if district else text


class GeneratedOffers(Mapping[str, Offer]):
    """The offers of a country by id, made when they are first asked for: a catalogue of a million without its memory."""

    def __init__(self, country: Country) -> None:
        self._country = country
        self._made: dict[str, Offer] = {}

    def __getitem__(self, offer_id: str) -> Offer:
        if offer_id in self._country.real.offers:
            return self._country.real.offers[offer_id]
        number = offer_id.rpartition("-")[2]
        if not number.isdigit() or int(number) >= self._country.size:
            raise KeyError(offer_id)
        if offer_id not in self._made:
            self._made[offer_id] = self._country.offer(int(number))
        return self._made[offer_id]

    def __iter__(self) -> Iterator[str]:
        return (offer.id for offer, _ in self._country.offers())

    def __len__(self) -> int:
        return self._country.size + len(self._country.real.published)


def city(size: int, seed: int = 1) -> Catalogue:
    """Return the real catalogue with generated offers beside the real ones, as one municipality's own, `size` in all."""
    real = read_catalogue()
    country = Country(size - len(real.published), seed)
    bare = (
        offer.model_copy(
            update={
                "provider": real.offers["jobcenter-koebenhavn"].provider,
                "eligibility": tuple(one for one in offer.eligibility if isinstance(one, RangeCriterion)),
            }
        )
        for offer in map(country.offer, range(country.size))
    )
    return replace(real, offers={**real.offers, **{offer.id: offer for offer in bare}})


def _chance(seed: int | str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - nothing here is secret


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _with_typo(text: str, draw: random.Random) -> str:
    """Return a text with one slip in its longest word: a letter left out, doubled, or changed places with the next."""
    word = max(re.findall(r"[^\W\d_]+", text), key=len)
    if len(word) < 5:
        return text
    at = draw.randrange(1, len(word) - 2)
    slips = (
        word[:at] + word[at + 1 :],
        word[: at + 1] + word[at:],
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
    )
    return text.replace(word, draw.choice(slips), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3, help="print so many offers and questions of each kind")
    options = parser.parse_args()
    country = Country(options.size, options.seed)
    for number in range(min(options.show, options.size)):
        print(yaml.safe_dump(country.offer(number).model_dump(mode="json", exclude_defaults=True), allow_unicode=True))
    for question in country.questions(options.show):
        print(question.language, question.kind, question.municipality, question.text, len(question.gold), sep=" | ")


if __name__ == "__main__":
    main()
