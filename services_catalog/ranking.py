"""The numbers the ranking rests on, read from `ranking.yml` and checked."""

from __future__ import annotations

import functools
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

RANKING_FILE = Path(__file__).with_name("ranking.yml")


class _Numbers(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldWeights(_Numbers):
    name: float = Field(ge=0)
    alias: float = Field(ge=0)
    summary: float = Field(ge=0)
    who: float = Field(ge=0)
    good_to_know: float = Field(ge=0)
    keywords: float = Field(ge=0)
    example: float = Field(ge=0)


class SignalWeights(_Numbers):
    learned: float = Field(ge=0)
    need: float = Field(ge=0)
    name: float = Field(ge=0)


class UntranslatedWeights(_Numbers):
    learned: float = Field(ge=0)
    need: float = Field(ge=0)
    base: float


class EligibilityPoints(_Numbers):
    fails_strict: float = Field(le=0)
    fails_loose: float = Field(le=0)
    meets: float = Field(ge=0)
    spoken: float = Field(ge=0)


class CertaintyWeights(_Numbers):
    bias: float
    inside: float = Field(ge=0)
    best: float = Field(ge=0)


class Thresholds(_Numbers):
    refuse: float = Field(ge=0, le=1)
    sure: float = Field(ge=0, le=1)
    named: float = Field(ge=0, le=1)


class Ranking(_Numbers):
    """All weights. Features and availability are keyed by kind and by availability."""

    features: dict[str, float]
    fields: FieldWeights
    signals: SignalWeights
    untranslated: UntranslatedWeights
    base: float
    eligibility: EligibilityPoints
    access: dict[str, float]
    overdue: float = Field(le=0)
    availability: dict[str, float]
    certainty: CertaintyWeights
    thresholds: Thresholds


@functools.cache
def ranking(path: Path = RANKING_FILE) -> Ranking:
    """Return the checked contents of the ranking file. Raises pydantic.ValidationError naming the wrong number."""
    return Ranking.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
