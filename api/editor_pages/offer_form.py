"""An offer as the fields of a form, and back. Every field of the record has a control, so nothing is lost on the way.

A form is flat: `texts.da.name`, `eligibility.0.minimum`. What a person typed is kept as it is (`Values`), valid or not; a
record is made of it only when it is saved or tried.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from starlette.datastructures import FormData

from services_catalog.editors.translations import READ_FIELDS
from services_catalog.field_errors import said
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.offer import Offer, TranslationState

#: What stands in the controls of a form, by their names.
Values = dict[str, list[str]]

_SINGLE = ("kind", "availability", "audience", "provider", "parent", "official_name", "described_in", "ended_on",
           "assured_on", "review_by", "owner")  # fmt: skip
#: Fields with as many controls of one name as there are values.
_REPEATED = ("partners", "policies", "alternatives", "needs", "limits", "editor_notes")
#: Fields with a value on each line of one control.
_LINES = ("aliases",)
_TEXT_LINES = ("keywords", "examples")
_STATED = {"access": ("route", "source"), "cost": ("kind", "amount", "source")}
#: Fields made of rows, with the controls of a row; a row counts when one of the first is filled.
_ROWS = {
    "eligibility": (("criterion",), ("minimum", "maximum", "side", "choices", "strict", "source")),
    "service_languages": (("tag",), ("source",)),
    "sources": (("id", "file", "section", "quote", "fact"), ()),
}
RANGES = ("age", "school_grade", "years_in_denmark")
CHOICES = ("district", "situation")
#: Beside boxes to tick stands in which order the ticked were kept.
_ORDER = ".order"
_ROW = re.compile(rf"({'|'.join(_ROWS)})\.(\d+)\.(\w+)")


def values_in(form: FormData) -> Values:
    """Return what was typed, with rows that were taken out or left empty gone and the others numbered anew."""
    typed: Values = defaultdict(list)
    for name, given in form.multi_items():
        if isinstance(given, str):
            typed[name].append(given.replace("\x00", "").replace("\r\n", "\n"))
    for name in [name for name in typed if name.endswith(_ORDER)]:
        _reorder(typed, name.removesuffix(_ORDER), typed.pop(name)[0].split())
    values = {name: given for name, given in typed.items() if not _ROW.match(name)}
    for group, rows in _rows_in(typed).items():
        kept = [row for row in rows if "gone" not in row and any(_first(row, part) for part in _ROWS[group][0])]
        for number, row in enumerate(kept):
            values |= {f"{group}.{number}.{part}": given for part, given in row.items()}
    return values


def values_of(offer: Offer) -> Values:
    """Return an offer as it stands in the form."""
    body = offer.model_dump(mode="json", exclude_none=True)
    values: Values = {name: [str(body[name])] for name in ("id", *_SINGLE) if name in body}
    values |= {name: [str(one) for one in body[name]] for name in _REPEATED}
    values |= {name: ["\n".join(body[name])] for name in _LINES}
    for name, parts in _STATED.items():
        values |= {f"{name}.{part}": [_number(body[name][part])] for part in parts if part in body[name]}
    for group in _ROWS:
        for number, row in enumerate(body[group]):
            values |= {f"{group}.{number}.{part}": given for part, given in _row_values(row)}
    for tag, texts in body["texts"].items():
        values |= {f"texts.{tag}.{name}": [texts[name]] for name in ("state", *READ_FIELDS) if name in texts}
        values |= {f"texts.{tag}.{name}": ["\n".join(texts[name])] for name in _TEXT_LINES}
    return values


def record_in(values: Values) -> tuple[Offer | None, dict[str, list[str]]]:
    """Return the offer that was typed, or None with what is wrong, by the names of the controls."""
    try:
        return Offer.model_validate(_body(values)), {}
    except ValidationError as error:
        errors: dict[str, list[str]] = defaultdict(list)
        for one in error.errors():
            told = said(one)
            if isinstance(one["loc"][-1], int) and isinstance(one["input"], str):
                told = f"“{one['input'][:60]}” {told}"
            errors[control_of(one["loc"])].append(told)
        return None, dict(errors)


def control_of(location: Iterable[str | int]) -> str:
    """Return the name of the control in which a field of a record stands."""
    # pydantic names the branch of a union inside a location
    steps = [str(step) for step in location]
    if steps[0] == "eligibility":
        steps = steps[:2] + [step for step in steps[2:] if step not in (*RANGES, *CHOICES)]
        if len(steps) > 2 and steps[2] in ("any", "none"):
            return ".".join([*steps[:2], "choices"])
    if steps[0] == "texts":
        return ".".join(steps[:3])
    if steps[0] in _ROWS:
        return ".".join(steps[:3])
    return ".".join(steps[:2]) if steps[0] in _STATED else steps[0]


def rows(values: Values, group: str) -> list[dict[str, list[str]]]:
    """Return the rows of a group, each as the controls of one row."""
    return _rows_in(values)[group]


def merged(seen: Values, theirs: Values, yours: Values) -> tuple[Values, list[str]]:
    """Return a form in which somebody else's changes stand where you changed nothing, and the fields that both changed,
    in which yours stand. Rows of a group go together."""
    groups = [_grouped(one) for one in (seen, theirs, yours)]
    both, result = [], {}
    for name in dict.fromkeys(name for group in groups for name in group):
        before, other, mine = (group.get(name, {}) for group in groups)
        if mine != before and other not in (before, mine):
            both.append(name)
        result.update(other if mine == before else mine)
    return result, both


def _body(values: Values) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name in ("id", *_SINGLE):
        if given := _first(values, name):
            body[name] = given
    body |= {name: [one for one in map(str.strip, values.get(name, ())) if one] for name in _REPEATED}
    body |= {name: _lines(values, name) for name in _LINES}
    for name, parts in _STATED.items():
        body[name] = {part: _decimal(part, given) for part in parts if (given := _first(values, f"{name}.{part}"))}
    body["eligibility"] = [_criterion(row) for row in rows(values, "eligibility")]
    for group in ("service_languages", "sources"):
        body[group] = [
            {part: given for part in (*_ROWS[group][0], *_ROWS[group][1]) if (given := _first(row, part))}
            for row in rows(values, group)
        ]
    body["texts"] = {tag: texts for tag in _languages_in(values) if (texts := _texts(values, tag)) is not None}
    return body


def _texts(values: Values, tag: str) -> dict[str, Any] | None:
    """Return the texts of a language; None when nothing is written in it."""
    texts: dict[str, Any] = {name: given for name in READ_FIELDS if (given := _first(values, f"texts.{tag}.{name}"))}
    texts |= {name: lines for name in _TEXT_LINES if (lines := _lines(values, f"texts.{tag}.{name}"))}
    if not texts and tag != SOURCE_LANGUAGE:
        return None
    fresh = TranslationState.SOURCE if tag == SOURCE_LANGUAGE else TranslationState.UNREVIEWED
    return {"state": _first(values, f"texts.{tag}.state") or fresh.value, **texts}


def _languages_in(values: Values) -> list[str]:
    written = [name.split(".")[1] for name in values if name.startswith("texts.") and name.count(".") == 2]
    return list(dict.fromkeys((*LANGUAGES, *written)))


def _criterion(row: Mapping[str, list[str]]) -> dict[str, Any]:
    criterion: dict[str, Any] = {
        part: given for part in ("criterion", "minimum", "maximum", "source") if (given := _first(row, part))
    }
    criterion["strict"] = bool(_first(row, "strict"))
    if criterion["criterion"] in CHOICES:
        criterion["none" if _first(row, "side") == "none" else "any"] = row.get("choices", [])
    return criterion


def _row_values(row: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    for part, given in row.items():
        if part == "strict":
            if given:
                yield part, ["yes"]
        elif part in ("any", "none"):
            if given:
                yield "side", [part]
                yield "choices", list(given)
        else:
            yield part, [str(given)]


def _rows_in(values: Mapping[str, list[str]]) -> dict[str, list[dict[str, list[str]]]]:
    numbered: dict[str, dict[int, dict[str, list[str]]]] = {group: {} for group in _ROWS}
    for name, given in values.items():
        if match := _ROW.fullmatch(name):
            group, number, part = match.groups()
            numbered[group].setdefault(int(number), {})[part] = given
    return {group: [found[number] for number in sorted(found)] for group, found in numbered.items()}


def _grouped(values: Values) -> dict[str, Values]:
    """Return the controls of a form by what is changed as a whole: one text, one field, all rows of a group. Empty controls
    are as good as none, and line ends do not count."""
    groups: dict[str, Values] = defaultdict(dict)
    for name, given in values.items():
        filled = [one.strip() for one in given if one.strip()]
        if filled:
            groups[name if name.startswith("texts.") else name.split(".")[0]][name] = filled
    return groups


def _reorder(typed: Values, name: str, order: Sequence[str]) -> None:
    """Put what was ticked in the order it was kept in, what is new behind it."""
    if name in typed:
        typed[name] = sorted(typed[name], key=lambda one: order.index(one) if one in order else len(order))


def _first(values: Mapping[str, Sequence[str]], name: str) -> str:
    given = values.get(name)
    return given[0].strip() if given else ""


def _lines(values: Values, name: str) -> list[str]:
    return [line.strip() for line in _first(values, name).split("\n") if line.strip()]


def _number(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) and value == int(value) and value < 1e6 else str(value)


def _decimal(part: str, given: str) -> str:
    return given.replace(",", ".") if part == "amount" else given
