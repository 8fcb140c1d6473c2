"""The catalogue in spreadsheets: nothing is lost on the way there and back, and every mistake is named by its cell."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from services_catalog.catalogue import Catalogue
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.exchange.archives import FolderFiles, Limits, ZipFiles
from services_catalog.exchange.cells import Cell, CellError, CellKind, from_cell, to_cell
from services_catalog.exchange.csv_files import read_csv, write_csv
from services_catalog.exchange.exporting import to_yaml
from services_catalog.exchange.sheet_columns import KINDS, SHEETS
from services_catalog.exchange.spreadsheets import SheetsRead
from services_catalog.exchange.workbook import write_xlsx
from services_catalog.exchange.workbook_reading import read_xlsx
from services_catalog.offer import Offer, Record
from tests.services_catalog.catalogues import any_offer, small

Write = Callable[[Catalogue, Path], None]
Read = Callable[[Path], SheetsRead]


def from_xlsx(path: Path) -> SheetsRead:
    return read_xlsx(path, Limits())


def from_csv(path: Path) -> SheetsRead:
    return read_csv(ZipFiles(path, Limits()))


FORMS: list[tuple[Write, Read]] = [(write_xlsx, from_xlsx), (write_csv, from_csv)]


@pytest.fixture(scope="module")
def two(catalogue: Catalogue) -> Catalogue:
    return small(catalogue, "geist", "kontingentstoette")


def changed(catalogue: Catalogue, cells: Mapping[str, Cell]) -> list[Problem]:
    """Return the problems of a workbook in which some cells (`sheet!C2`) were changed by hand."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "catalogue.xlsx")
        write_xlsx(catalogue, path)
        book = load_workbook(path)
        for place, value in cells.items():
            sheet, _, cell = place.partition("!")
            book[sheet][cell] = value
        book.save(path)
        return from_xlsx(path).problems


def place_of(sheet: str, column: str, row: int = 2) -> str:
    letter = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[[one.name for one in SHEETS[sheet].columns].index(column)]
    return f"{sheet}!{letter}{row}"


@pytest.mark.parametrize(("write", "read"), FORMS)
def test_the_whole_catalogue_comes_back_as_it_was(
    write: Write, read: Read, catalogue: Catalogue, tmp_path: Path
) -> None:
    write(catalogue, tmp_path / "file")
    back = read(tmp_path / "file")
    assert back.problems == []
    for kind in KINDS:
        before: Mapping[str, Record] = getattr(catalogue, kind)
        assert list(back.records[kind]) == list(before)
        for identity, record in back.records[kind].items():
            assert to_yaml(record) == to_yaml(before[identity])


@pytest.mark.parametrize(("write", "read"), FORMS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(offer=any_offer())
def test_any_offer_comes_back_as_it_was(write: Write, read: Read, offer: Offer, catalogue: Catalogue) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        write(replace(catalogue, offers={offer.id: offer}, needs={}, facts={}, organisations={}), path)
        back = read(path)
    assert back.problems == []
    assert back.records["offers"] == {offer.id: offer}


@settings(deadline=None)
@given(st.lists(st.text()).map(tuple))
def test_any_list_of_texts_fits_in_a_cell(texts: tuple[str, ...]) -> None:
    assert tuple(from_cell(CellKind.LIST, to_cell(CellKind.LIST, texts))) == texts


def test_every_field_of_an_offer_has_its_column() -> None:
    columns = {
        field
        for sheet in SHEETS.values()
        if sheet.kind == "offers"
        for field in (
            [sheet.part.partition(".")[0]] if sheet.part else [one.field.partition(".")[0] for one in sheet.columns]
        )
    }
    assert columns == set(Offer.model_fields)


def test_a_workbook_helps_the_one_who_fills_it_in(two: Catalogue, tmp_path: Path) -> None:
    write_xlsx(two, tmp_path / "file.xlsx")
    book = load_workbook(tmp_path / "file.xlsx")
    assert book.sheetnames == ["instructions", *SHEETS, "lists"]
    assert book["ar"].sheet_view.rightToLeft
    assert not book["da"].sheet_view.rightToLeft
    assert book["offers"].freeze_panes == "B2"
    rules = {
        str(rule.sqref).partition(":")[0]: rule.formula1 for rule in book["offers"].data_validations.dataValidation
    }
    assert rules["F2"].startswith("organisations!$A$2")
    letter = rules["C2"].split("$")[1]
    assert [cell.value for cell in book["lists"][letter]][:3] == ["offers availability", "active", "pilot"]


def test_a_text_like_a_formula_is_a_text(two: Catalogue, tmp_path: Path) -> None:
    offer = two.offers["geist"].model_copy(update={"official_name": "=HYPERLINK(A1)", "owner": "@SUM(1)"})
    made = replace(two, offers={"geist": offer})
    write_xlsx(made, tmp_path / "file.xlsx")
    cell = load_workbook(tmp_path / "file.xlsx")["offers"]["K2"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(A1)", "s")
    write_csv(made, tmp_path / "file.zip")
    with zipfile.ZipFile(tmp_path / "file.zip") as archive:
        (row,) = list(csv.reader(io.StringIO(archive.read("offers.csv").decode("utf-8-sig")), delimiter=";"))[1:]
    assert (row[10], row[23]) == ("'=HYPERLINK(A1)", "'@SUM(1)")
    for back in (from_xlsx(tmp_path / "file.xlsx"), from_csv(tmp_path / "file.zip")):
        assert back.records["offers"] == {"geist": offer}


@pytest.mark.parametrize(
    ("sheet", "column", "value", "said"),
    [
        ("offers", "kind", "coupon", "'coupon' is not allowed here; give resident_offer, staff_offer"),
        ("offers", "described in", "last year", "'last year' is not a whole number such as 18"),
        ("offers", "described in", 1812, "greater than or equal to 1990"),
        ("offers", "described in", True, "'True' is not a whole number"),
        ("offers", "cost amount", "1.000", "can be read in two ways"),
        ("offers", "review by", "soon", "'soon' is no date: write it as 2026-12-31"),
        ("offers", "review by", dt.datetime(2030, 1, 1, 12), "has a time of day"),
        ("offers", "provider", None, "is required"),
        ("offers", "provider", "Two Words", "must be an id: small letters a-z"),
        ("offers", "official name", "=1+1", "holds a formula"),
        ("offers", "official name", dt.date(2026, 5, 4), "the spreadsheet made a date of it"),
        ("offers", "official name", "x" * 201, "is too long: at most 200 characters"),
        ("offers", "limits", "may_change\nnever", "'never' is not allowed here"),
        ("eligibility", "minimum", "three", "'three' is not a whole number"),
        ("eligibility", "strict", "perhaps", "'perhaps' is neither yes nor no"),
        ("eligibility", "source", None, "is required"),
        ("sources", "quote", None, "either a passage"),
        ("sources", "offer", "nobody", "'nobody' is no offer on the sheet offers"),
        ("sources", "offer", None, "the id of the record this row is about"),
        ("ar", "state", "excellent", "'excellent' is not allowed here; give source, reviewed"),
        ("ar", "summary", None, "is required"),
        ("uk", "name", "#N/A", "holds an error of the spreadsheet"),
        ("needs", "broader", "Not An Id", "must be an id"),
    ],
)
def test_a_mistake_is_named_by_its_cell(two: Catalogue, sheet: str, column: str, value: Cell, said: str) -> None:
    place = place_of(sheet, column)
    problems = changed(two, {place: value})
    cell = place.partition("!")[2]
    named = [one for one in problems if one.field.startswith(f"{cell} ") or said.startswith("either")]
    assert [(one.path, one.line) for one in named] == [(sheet, 2)], problems
    assert said in named[0].message


def test_all_mistakes_come_at_once(two: Catalogue) -> None:
    wrong = {place_of("offers", "kind"): "x", place_of("da", "state", 3): "y", place_of("needs", "broader"): "Z Z"}
    assert [(one.path, one.line) for one in changed(two, wrong)] == [("offers", 2), ("da", 3), ("needs", 2)]


def test_two_rows_of_one_id_are_refused(two: Catalogue) -> None:
    problems = changed(two, {"offers!A3": "geist"})
    assert ("offers", 3, "A3 id", "'geist' is used twice; first in row 2") in [
        (one.path, one.line, one.field, one.message) for one in problems
    ]
    (problem, *_) = changed(two, {"da!A3": "geist"})
    assert problem.message == "'geist' has two rows here; the first is row 2"


def test_headings_that_are_missing_or_strange_are_refused(two: Catalogue) -> None:
    problems = changed(two, {"offers!L1": "nicknames"})
    assert {one.field for one in problems} == {"L1", "aliases"}
    (again, missing) = changed(two, {"offers!L1": "needs"})
    assert "is there twice" in again.message + missing.message


def test_a_sheet_that_is_missing_or_of_no_language_is_refused(two: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    write_xlsx(two, path)
    book = load_workbook(path)
    del book["eligibility"]
    book["uk"].title = "xx"
    book.create_sheet("my own notes")
    book.save(path)
    back = from_xlsx(path)
    assert {(one.path, one.message.partition(":")[0]) for one in back.problems} == {
        ("eligibility", "this sheet is missing"),
        ("uk", "this sheet is missing"),
        ("xx", "the language 'xx' does not exist here; da, en, uk, ar do"),
    }
    assert back.ignored == ["my own notes"]
    assert back.records["offers"] == {}


def test_columns_and_rows_may_be_moved_and_blank_rows_left(two: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    write_xlsx(two, path)
    book = load_workbook(path)
    rows = [list(row) for row in book["offers"].iter_rows(values_only=True)]
    del book["offers"]
    moved = book.create_sheet("Offers")
    for row in (rows[0], [], rows[2], [None, "  "], rows[1]):
        moved.append(row[::-1])
    book.save(path)
    back = from_xlsx(path)
    assert back.problems == []
    assert back.records["offers"] == two.offers


def test_a_cell_at_the_far_end_of_a_sheet_costs_nothing(tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "needs"
    book.active["XFD1048576"] = "far"
    book.save(tmp_path / "file.xlsx")
    assert {one.path for one in from_xlsx(tmp_path / "file.xlsx").problems} == {"needs"}


def test_a_text_too_long_for_a_cell_is_said_and_not_cut(two: Catalogue, tmp_path: Path) -> None:
    offer = two.offers["geist"].model_copy(update={"editor_notes": ("ø" * 33_000,)})
    with pytest.raises(RecordInvalid, match="offers:2: Y2 editor notes: is longer than a cell of Excel can hold"):
        write_xlsx(replace(two, offers={"geist": offer}), tmp_path / "file.xlsx")


def unpacked(catalogue: Catalogue, folder: Path, name: str = "offers.csv") -> Path:
    write_csv(catalogue, folder / "file.zip")
    with zipfile.ZipFile(folder / "file.zip") as archive:
        archive.extractall(folder / "csv")
    return folder / "csv" / name


def from_folder(folder: Path) -> SheetsRead:
    return read_csv(FolderFiles(folder, Limits()))


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_as_spreadsheets_save_it_is_read(two: Catalogue, tmp_path: Path, delimiter: str) -> None:
    path = unpacked(two, tmp_path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";"))
    place = rows[0].index("review by")
    for row in rows[1:]:  # as Danish Excel writes a date
        row[place] = dt.date.fromisoformat(row[place]).strftime("%d-%m-%Y")
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    back = from_folder(path.parent)
    assert back.problems == []
    assert back.records["offers"] == two.offers


@pytest.mark.parametrize(
    ("encoding", "said"), [("latin-1", "Latin-1 or Windows-1252); save it as “CSV UTF-8”"), ("utf-16", "but UTF-16")]
)
def test_csv_in_another_encoding_is_named(two: Catalogue, tmp_path: Path, encoding: str, said: str) -> None:
    path = unpacked(two, tmp_path)
    text = path.read_text("utf-8-sig").encode("latin-1", "replace").decode("latin-1")
    path.write_bytes(text.encode(encoding))
    with pytest.raises(RecordInvalid, match=r"offers\.csv:0: file: is not UTF-8") as caught:
        from_folder(path.parent)
    assert said in str(caught.value)


def test_a_mistake_in_csv_is_named_by_file_and_cell(two: Catalogue, tmp_path: Path) -> None:
    path = unpacked(two, tmp_path)
    path.write_text(path.read_text("utf-8-sig").replace('"resident_offer"', '"coupon"', 1), encoding="utf-8")
    (problem,) = from_folder(path.parent).problems
    assert (problem.path, problem.line, problem.field) == ("offers.csv", 2, "B2 kind")


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        ('"geist";"unclosed', "is not CSV near line"),
        (";" * 24 + "x;y\r\n", "stands under no heading"),
        ("\0", "NUL"),
        ("x" * 1_000_001, "is not CSV near line"),
    ],
)
def test_broken_csv_is_refused(two: Catalogue, tmp_path: Path, tail: str, said: str) -> None:
    path = unpacked(two, tmp_path)
    with path.open("a", encoding="utf-8", newline="") as file:
        file.write(tail)
    try:
        problems = from_folder(path.parent).problems
    except RecordInvalid as error:
        problems = error.problems
    assert any(said in problem.message for problem in problems)


@pytest.mark.parametrize("text", ["31.12.2026", "31-12-2026", "2026-12-31", " 2026-12-31 "])
def test_a_date_is_read_as_people_write_it(text: str) -> None:
    assert from_cell(CellKind.DATE, text) == dt.date(2026, 12, 31)


@pytest.mark.parametrize("text", ["12/31/2026", "31-02-2026", "2026", "٣١-١٢-٢٠٢٦x"])
def test_a_date_that_cannot_be_told_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        from_cell(CellKind.DATE, text)
