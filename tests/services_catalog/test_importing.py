"""What comes in from outside: every form is told by what it holds, bad input is named and nothing of it taken over."""

from __future__ import annotations

import datetime as dt
import io
import json
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from services_catalog.catalogue import Catalogue
from services_catalog.errors import CatalogueUnavailable, Problem, RecordInvalid
from services_catalog.exchange.archives import Limits
from services_catalog.exchange.csv_files import write_csv
from services_catalog.exchange.exporting import to_yaml, write_catalogue, write_zip
from services_catalog.exchange.importing import Plan, merge, plan, read_import
from services_catalog.exchange.workbook import write_xlsx
from services_catalog.languages import LANGUAGES
from services_catalog.offer import Availability, Offer, Publication
from services_catalog.plainness import markup_in
from services_catalog.seed import FOLDERS
from services_catalog.yaml_records import load_records
from tests.services_catalog.catalogues import any_offer, small

TODAY = dt.date(2026, 6, 1)


@pytest.fixture(scope="module")
def two(catalogue: Catalogue) -> Catalogue:
    return small(catalogue, "geist", "kontingentstoette")


def zipped(path: Path, files: Mapping[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def refused(path: Path, limits: Limits | None = None) -> str:
    with pytest.raises(RecordInvalid) as caught:
        read_import(path, limits=limits or Limits())
    return str(caught.value)


def problems_of(path: Path) -> list[Problem]:
    """Return what is wrong, of single records or with the whole; anything but RecordInvalid fails the test."""
    try:
        return list(read_import(path).problems)
    except RecordInvalid as error:
        return error.problems


def planned(current: Catalogue, path: Path) -> Plan:
    return plan(current, read_import(path), TODAY)


def of_yaml(current: Catalogue, folder: Path, *offers: Offer) -> Plan:
    return planned(current, zipped(folder / "in.zip", {f"offers/{one.id}.yml": to_yaml(one) for one in offers}))


@pytest.mark.parametrize("form", ["folder", "yaml", "xlsx", "csv", "hsds"])
def test_what_was_exported_changes_nothing(form: str, catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "exported"  # the name says nothing about the form
    if form == "folder":
        write_catalogue(catalogue, path)
    elif form == "yaml":
        write_zip(catalogue, path)
    elif form == "xlsx":
        write_xlsx(catalogue, path)
    elif form == "csv":
        write_csv(catalogue, path)
    else:
        from services_catalog.hsds.exchange import hsds_export

        path.write_text(json.dumps(hsds_export(catalogue)), encoding="utf-8")
    found = planned(catalogue, path)
    assert found.problems == []
    assert (found.new, found.changed) == ([], [])
    assert found.unchanged >= len(catalogue.offers)
    for kind in FOLDERS:
        assert list(getattr(found.catalogue, kind).items()) == list(getattr(catalogue, kind).items())


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(any_offer())
def test_any_offer_comes_back_from_yaml_as_it_was(offer: Offer) -> None:
    (value,) = load_records("offer.yml", to_yaml(offer).encode())
    assert Offer.model_validate(value) == offer


def test_progress_is_told_up_to_the_end(two: Catalogue, tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    write_zip(two, tmp_path / "in.zip")
    found = read_import(tmp_path / "in.zip", lambda *step: told.append(step))
    plan(two, found, TODAY, lambda *step: told.append(step))
    assert {what: (done, total) for what, done, total in told} == {"reading files": (13, 13), "checking offers": (2, 2)}


def test_records_that_are_not_named_stay(two: Catalogue, tmp_path: Path) -> None:
    offer = two.offers["geist"].model_copy(update={"owner": "Somebody"})
    found = of_yaml(two, tmp_path, offer)
    assert found.problems == []
    assert [one for _, one in found.changed] == [offer]
    assert found.catalogue.offers == {**two.offers, "geist": offer}
    assert merge(two, {}) == two


# --- what is no catalogue at all, or a danger ----------------------------------------------------------------------


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CatalogueUnavailable, match="cannot be read"):
        read_import(tmp_path / "nothing")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is nothing that can be imported"),
        (b"%PDF-1.7", "is nothing that can be imported"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "save it as .xlsx"),
        (b"PK\x03\x04 and then nothing", "is not a whole zip file"),
        (b'{"services": [', "is not JSON"),
        (b'{"services": NaN}', "NaN is no number"),
        (b"[" * 100_000, "is not JSON"),
        (b'{"name": "b\xf8rn"}', "is not UTF-8"),
        (b'{"services": [1, 2]}', "services"),
        (b'"only a text"', "is nothing that can be imported"),
    ],
)
def test_what_cannot_be_imported_is_refused(data: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(data)
    assert said in refused(tmp_path / "in")


def test_a_single_file_of_many_is_refused(tmp_path: Path) -> None:
    (tmp_path / "offers.csv").write_text("id;kind", encoding="utf-8")
    assert "is a single file" in refused(tmp_path / "offers.csv")


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    assert "is 200.0 MB; at most 100.0 MB can be imported" in refused(path)


def test_a_zip_bomb_is_refused_unopened(tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", {f"offers/{n}.yml": b"#" * 10_000_000 for n in range(6)})
    assert path.stat().st_size < 100_000
    assert "would unpack to 60.0 MB; at most 5.0 MB" in refused(path, Limits(file_bytes=1_000_000))


def test_a_bomb_in_a_workbook_is_refused(two: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "in.xlsx"
    write_xlsx(two, path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet99.xml", b" " * 20_000_000)
    assert "would unpack to" in refused(path, Limits(file_bytes=2_000_000))


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", {f"offers/{n}.yml": "" for n in range(30)})
    assert "holds 30 files; at most 20" in refused(path, Limits(files=20))
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "folder")
    assert "holds more than 20 files" in refused(tmp_path / "folder", Limits(files=20))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("../offers/geist.yml", "", "leads outside"),
        ("/etc/passwd", "", "leads outside"),
        ("offers\\geist.yml", "", "leads outside"),
        ("C:/offers.csv", "", "leads outside"),
        ("more.zip", b"", "an archive inside the archive"),
        ("offers/geist.yml", b"PK\x03\x04", "archive inside the archive"),
        ("notes.txt", "", "holds nothing that can be imported"),
        ("datapackage.json", "{}", "HSDS data package"),
    ],
)
def test_a_zip_with_something_strange_is_refused(name: str, data: bytes | str, said: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "in.zip", {name: data})
    assert said in "\n".join(map(str, problems_of(path)))


def test_a_zip_with_a_password_or_torn_is_refused(two: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "in.zip"
    write_zip(two, path)
    data = bytearray(path.read_bytes())
    (tmp_path / "torn.zip").write_bytes(data[: len(data) // 2])
    assert "is not a whole zip file" in refused(tmp_path / "torn.zip")
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the mark of an encrypted file
    path.write_bytes(data)
    assert "is encrypted" in refused(path)


def test_a_zip_made_on_a_desktop_is_read(two: Catalogue, tmp_path: Path) -> None:
    name = f"my catalogue/offers/{'geist'}.yml"
    files = {
        name: to_yaml(two.offers["geist"]),
        "__MACOSX/my catalogue/._offers": b"\0",
        "my catalogue/.DS_Store": b"\0",
    }
    found = read_import(zipped(tmp_path / "in.zip", files))
    assert list(found.records["offers"]) == ["geist"]


def test_an_xml_entity_in_a_workbook_is_refused(two: Catalogue, tmp_path: Path) -> None:
    write_xlsx(two, tmp_path / "good.xlsx")
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><workbook>&b;</workbook>'
    with zipfile.ZipFile(tmp_path / "good.xlsx") as good:
        files = {name: good.read(name) for name in good.namelist()}
    for name in ("xl/workbook.xml", "xl/styles.xml", "xl/worksheets/sheet2.xml"):
        assert "declares a document type" in refused(zipped(tmp_path / "in.xlsx", {**files, name: bomb}))
        utf16 = bomb.decode().replace("?xml version", "?xml encoding='utf-16' version").encode("utf-16")
        assert "declares a document type" in refused(zipped(tmp_path / "in.xlsx", {**files, name: utf16}))


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("id: geist\nkind: &k place\n", 2, "anchors and aliases"),
        ("- id: a\n- *k\n", 2, "anchors and aliases"),
        ("id: !!python/object/apply:os.system [ls]\n", 1, "tags are not allowed"),
        ("id: !!str geist\n", 1, "tags are not allowed"),
        ("id: geist\nkind: place\nid: other\n", 3, "the key 'id' stands twice"),
        ("[" * 5000, 1, "is nested more than 20 deep"),
        ("- " * 5000, 1, "is nested more than 20 deep"),
        ("id: a\n---\nid: b\n", 2, "second document"),
        ("? [a]\n: b\n", 1, "cannot be a key"),
        ("id: geist\nended_on: 2026-02-31\n", 2, "is no value"),
        ("id: a\x07\n", 0, "is not YAML"),
        ("id: 'unclosed\n", 2, "is not YAML"),
    ],
)
def test_yaml_beyond_plain_values_is_refused(text: str, line: int, said: str, tmp_path: Path) -> None:
    found = read_import(zipped(tmp_path / "in.zip", {"offers/geist.yml": text}))
    (problem,) = found.problems
    assert (problem.path, problem.line) == ("offers/geist.yml", line)
    assert said in problem.message


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=300), start=st.sampled_from([b"", b"PK\x03\x04", b"{", b"[", b'{"services":', b"id: "]))
def test_no_bytes_break_the_import(data: bytes, start: bytes, tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(start + data)
    in_place = {"offers/a.yml": data, "policies.yml": start + data}
    in_sheets = {f"{name}.csv": data for name in ("offers", "da", "sources")}
    for path in (tmp_path / "in", zipped(tmp_path / "y.zip", in_place), zipped(tmp_path / "c.zip", in_sheets)):
        assert all(isinstance(problem, Problem) for problem in problems_of(path))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damage_to_a_workbook_breaks_the_import(data: st.DataObject, workbook: Mapping[str, bytes]) -> None:
    files = dict(workbook)
    name = data.draw(st.sampled_from(sorted(files)))
    part = bytearray(files[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(part) - 1))
        part[place : place + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=8))
    files[name] = bytes(part)
    with tempfile.TemporaryDirectory() as folder:
        path = zipped(Path(folder, "in.xlsx"), files)
        assert all(isinstance(problem, Problem) for problem in problems_of(path))


@pytest.fixture(scope="module")
def workbook(two: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    path = tmp_path_factory.mktemp("book") / "in.xlsx"
    write_xlsx(replace(two, needs={}, facts={}, organisations={}), path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


# --- records that break a rule --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"provider": "nobody"}, "provider", "'nobody' does not exist: give the id of an organisation"),
        ({"needs": ("fly",)}, "needs", "'fly' does not exist: give the id of a need"),
        ({"parent": "geist"}, "parent", "the chain of parents comes back to 'geist'"),
        ({"official_name": "<b>Geist</b>"}, "official_name", "holds HTML (<b): texts are plain text"),
        ({"aliases": ("a", "Gei&shy;st")}, "aliases.1", "holds an HTML entity (&shy;)"),
        ({"editor_notes": ("bell \x07",)}, "editor_notes.0", "holds a control character (U+0007)"),
        ({"review_by": dt.date(2026, 5, 31)}, "review_by", "2026-05-31 has passed"),
        ({"assured_on": dt.date(2026, 6, 2)}, "assured_on", "2026-06-02 is in the future"),
    ],
)
def test_a_broken_rule_is_named_with_its_line(
    changes: dict[str, object], field: str, said: str, two: Catalogue, tmp_path: Path
) -> None:
    offer = two.offers["geist"].model_copy(update=changes)
    (problem,) = of_yaml(two, tmp_path, offer).problems
    lines = to_yaml(offer).splitlines()
    assert (problem.path, problem.field) == ("offers/geist.yml", field)
    assert field.partition(".")[0] in "\n".join(lines[problem.line - 3 : problem.line])
    assert said in problem.message


def test_the_same_rule_is_named_by_cell_in_a_workbook(two: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "in.xlsx"
    write_xlsx(two, path)
    book = load_workbook(path)
    book["offers"]["F2"] = "nobody"
    book["ar"]["D3"] = "<script>alert(1)</script>"
    book["sources"]["D2"] = "s1"
    book["offers"]["W3"] = dt.date(2020, 1, 1)
    book.save(path)
    assert [(one.path, one.line, one.field) for one in planned(two, path).problems] == [
        ("ar", 3, "D3 summary"),
        ("offers", 2, "F2 provider"),
        ("offers", 3, "W3 review by"),
    ]


def test_problems_of_one_record_and_between_records_come_together(two: Catalogue, tmp_path: Path) -> None:
    bad = to_yaml(two.offers["geist"]).replace("kind: ", "kind: x")
    child = two.offers["kontingentstoette"].model_copy(update={"provider": "nobody"})
    found = planned(two, zipped(tmp_path / "in.zip", {"offers/geist.yml": bad, "offers/k.yml": to_yaml(child)}))
    assert [(one.path, one.field) for one in found.problems] == [
        ("offers/geist.yml", "kind"),
        ("offers/k.yml", "provider"),
    ]


def test_what_points_to_an_unreadable_record_is_not_blamed(two: Catalogue, tmp_path: Path) -> None:
    bad = to_yaml(two.offers["geist"].model_copy(update={"id": "new-one"})).replace("kind: ", "kind: x")
    child = two.offers["geist"].model_copy(update={"parent": "new-one"})
    found = planned(two, zipped(tmp_path / "in.zip", {"offers/new.yml": bad, "offers/geist.yml": to_yaml(child)}))
    assert [(one.path, one.field) for one in found.problems] == [("offers/new.yml", "kind")]


def test_what_was_wrong_before_elsewhere_does_not_stop_an_import(two: Catalogue, tmp_path: Path) -> None:
    before = replace(
        two, offers={**two.offers, "old": two.offers["geist"].model_copy(update={"id": "old", "provider": "x"})}
    )
    good = two.offers["geist"].model_copy(update={"owner": "Somebody"})
    assert of_yaml(before, tmp_path, good).problems == []


def test_a_change_that_breaks_another_record_is_told(two: Catalogue, tmp_path: Path) -> None:
    pointing = two.offers["kontingentstoette"].model_copy(update={"alternatives": ("geist",)})
    before = replace(two, offers={**two.offers, "kontingentstoette": pointing})
    texts = {
        tag: one.model_copy(update={"availability_note": "Ended."}) for tag, one in two.offers["geist"].texts.items()
    }
    ended = two.offers["geist"].model_copy(update={"availability": Availability.HISTORICAL, "texts": texts})
    (problem,) = of_yaml(before, tmp_path, ended).problems
    assert problem == Problem(
        "offers in the catalogue", 0, "kontingentstoette.alternatives", "'geist' cannot be had itself"
    )


def test_two_offers_of_one_id_are_refused(two: Catalogue, tmp_path: Path) -> None:
    text = to_yaml(two.offers["geist"])
    found = planned(two, zipped(tmp_path / "in.zip", {"offers/a.yml": text, "offers/b.yml": text}))
    assert [(one.path, one.line, one.message) for one in found.problems] == [
        ("offers/b.yml", 1, "'geist' is used twice")
    ]


def test_a_loop_of_needs_is_refused(two: Catalogue, tmp_path: Path) -> None:
    first, second = [one for one in two.needs.values() if one.broader][:2]
    loop = [first.model_copy(update={"broader": second.id}), second.model_copy(update={"broader": first.id})]
    found = planned(two, zipped(tmp_path / "in.zip", {"taxonomy/needs.yml": to_yaml(loop)}))
    assert {one.field for one in found.problems} == {"broader"}


def test_a_language_that_does_not_exist_is_refused(two: Catalogue, tmp_path: Path) -> None:
    texts = {**two.offers["geist"].texts, "xx": two.offers["geist"].texts["ar"]}
    (problem,) = of_yaml(two, tmp_path, two.offers["geist"].model_copy(update={"texts": texts})).problems
    assert (problem.field, problem.message) == ("texts.xx", "this language does not exist here; da, en, uk, ar do")


def test_a_draft_may_be_incomplete_but_not_wrong(two: Catalogue, tmp_path: Path) -> None:
    geist = two.offers["geist"]
    danish = geist.texts["da"].model_copy(update={"how": None, "examples": ()})
    offer = geist.model_copy(
        update={"id": "new-one", "publication": Publication.DRAFT, "texts": {"da": danish}},
    )
    assert of_yaml(two, tmp_path, offer).problems == []
    assert of_yaml(two, tmp_path, offer.model_copy(update={"provider": "nobody"})).problems != []
    published = of_yaml(two, tmp_path, offer.model_copy(update={"publication": Publication.PUBLISHED}))
    assert {f"the language {tag!r} is missing" for tag in LANGUAGES if tag != "da"} <= {
        one.message for one in published.problems
    }


def test_files_that_are_none_of_ours_are_named(two: Catalogue, tmp_path: Path) -> None:
    files = {"offers/geist.yml": to_yaml(two.offers["geist"]), "offer/typo.yml": "id: x", "readme.txt": ""}
    assert read_import(zipped(tmp_path / "in.zip", files)).ignored == ["offer/typo.yml"]


@pytest.mark.parametrize(
    "text", ["<b>", "</p", "<script src=x", "a <!-- b", "<?php", "&nbsp;", "&#60;", "&#x3C;", "a\x00"]
)
def test_markup_is_found(text: str) -> None:
    assert markup_in(f"før {text}")


@pytest.mark.parametrize(
    "text", ["3 < 4 > 2", "børn <18 år", "I <3 you", "Q&A; C & D", "AT&T", "a\nb\tc", "‏عربي", "«>»"]
)
def test_ordinary_signs_are_no_markup(text: str) -> None:
    assert markup_in(text) is None


def test_an_export_that_would_mix_with_another_is_refused(two: Catalogue, tmp_path: Path) -> None:
    write_catalogue(two, tmp_path)
    write_catalogue(two, tmp_path)  # over itself it may be written, for git
    (tmp_path / "offers" / "gone.yml").write_text("id: gone", encoding="utf-8")
    with pytest.raises(RecordInvalid, match=r"offers/gone\.yml:0: file: would stand beside"):
        write_catalogue(two, tmp_path)


def test_equal_catalogues_give_equal_files(two: Catalogue, tmp_path: Path) -> None:
    for write in (write_zip, write_csv):
        write(two, tmp_path / "a")
        write(two, tmp_path / "b")
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert io.BytesIO((tmp_path / "a").read_bytes()).read(2) == b"PK"
