"""The editors' room, form by form as a browser without JavaScript sends them: through the real application and database."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from lxml import html
from openpyxl import load_workbook

from api.login import COOKIE, CSRF_FIELD, csrf_token
from api.main import create_app
from api.settings import Settings
from services_catalog.accounts.accounts import AccountStore, Role
from services_catalog.editors.demand import Lack
from services_catalog.editors.differences import differences
from services_catalog.editors.editing import Editing
from services_catalog.editors.feedback import Kind
from services_catalog.offer import Offer, TranslationState
from services_catalog.seeding import seed_database
from services_catalog.tallies import FEWEST_SHOWN
from tests.api.selecting import form_fields, select, texts
from tests.conftest import LEARNED, free_port

PASSWORD = "four words make one"
ROLES = {"anna": Role.EDITOR, "bent": Role.EDITOR, "paula": Role.PUBLISHER, "ada": Role.ADMIN, "stine": Role.STAFF}
Fields = dict[str, list[str]]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application over a database of its own, with an account for each role."""
    url = f"sqlite:///{tmp_path_factory.mktemp('editors')}/catalogue.db"
    seed_database(url)
    store = AccountStore(url)
    for name, role in ROLES.items():
        store.add(name, frozenset({role}), PASSWORD)
    store.close()
    settings = Settings(
        database_url=url, bot_port=free_port(), data_folder=LEARNED.parent, relearn_after=3600, import_limit=5_000_000
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as running:
        yield running


@dataclass
class Person:
    """Somebody at a browser without JavaScript."""

    client: TestClient

    def page(self, path: str) -> Any:
        answer = self.client.get(f"/en/editor{path}")
        assert answer.status_code == 200, answer.text[:2000]
        return html.fromstring(answer.text)

    def post(self, path: str, fields: Fields, files: Any = None) -> Any:
        fields = {CSRF_FIELD: [csrf_token(self.client.cookies[COOKIE])], **fields}
        # a form with files is sent as multipart, as the pages say
        return self.client.post(f"/en/editor{path}", data=fields, files=files or {"nothing": ("", b"")})

    def form(self, offer_id: str) -> Fields:
        """Return the offer's form as a browser would send it."""
        return form_fields(self.page(f"/offers/{offer_id}").get_element_by_id("offer-form"))

    def save(self, offer_id: str, fields: Fields, do: str = "save", **changed: str) -> Any:
        given = fields | {name: [value] for name, value in changed.items()}
        return self.post(f"/offers/{offer_id}", given | {"do": [do], "reason": [changed.get("reason", "a test")]})

    def step(self, offer_id: str, do: str, **more: str) -> Any:
        revision = self.form(offer_id)["revision"]
        fields = {"do": [do], "reason": ["a test"], "revision": revision} | {key: [one] for key, one in more.items()}
        return self.post(f"/offers/{offer_id}/step", fields)


SignIn = Callable[[str], Person]


@pytest.fixture
def sign_in(app: TestClient) -> SignIn:
    def new(name: str) -> Person:
        client = TestClient(app.app, raise_server_exceptions=False, follow_redirects=False)
        assert client.post("/en/login", data={"name": name, "password": PASSWORD}).status_code == 303
        return Person(client)

    return new


@pytest.fixture
def editing(app: TestClient) -> Editing:
    desk: Editing = app.app.state.editing  # type: ignore[attr-defined]
    return desk


def record(editing: Editing, offer_id: str) -> Offer:
    newest = editing.newest("offers", offer_id).record
    assert isinstance(newest, Offer)
    return newest


def test_who_may_come_in(app: TestClient, sign_in: SignIn) -> None:
    stranger = TestClient(app.app, follow_redirects=False)
    answer = stranger.get("/da/editor/offers?overdue=1")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/da/login?next=%2Fda%2Feditor%2Foffers%3Foverdue%3D1"
    assert sign_in("stine").client.get("/en/editor").status_code == 403
    editor = sign_in("anna")
    assert editor.client.get("/en/editor").status_code == 200
    assert editor.client.get("/en/editor/users").status_code == 403
    admin = sign_in("ada")
    assert admin.client.get("/en/editor/offers").status_code == 403
    assert texts(admin.page("/users"), ".rooms-of-editors a") == ["Accounts"]
    missing_token = editor.client.post("/en/editor/offers/brobold", data={"do": "save"})
    assert missing_token.status_code == 403


def test_a_form_sent_as_it_came_changes_nothing_of_any_offer(sign_in: SignIn, editing: Editing) -> None:
    anna = sign_in("anna")
    for offer_id in ("kontingentstoette", "etnisk-konsulentteam", "bogstart", "danskuddannelse"):
        before = record(editing, offer_id)
        assert anna.save(offer_id, anna.form(offer_id)).status_code == 303
        assert differences(before, record(editing, offer_id)) == []


def test_a_danish_change_makes_the_translations_outdated_and_residents_see_the_old_text(
    app: TestClient, sign_in: SignIn, editing: Editing
) -> None:
    anna = sign_in("anna")
    form = anna.form("geist")
    answer = anna.save("geist", form, **{"texts.da.summary": "Et nyt sted\r\nfor unge <b>i</b> byen."})
    assert answer.headers["location"] == "/en/editor/offers/geist?done=saved"
    saved = record(editing, "geist")
    assert saved.texts["da"].summary == "Et nyt sted\nfor unge <b>i</b> byen."
    assert {saved.texts[tag].state for tag in ("en", "uk", "ar")} == {TranslationState.OUTDATED}
    assert "Et nyt sted" not in app.get("/da/offers/geist").text
    assert "Et nyt sted" in anna.client.get("/en/editor/offers/geist").text
    assert "<b>i</b>" not in anna.client.get("/en/editor/offers/geist").text, "a text is never HTML"
    listed = select(anna.page("/offers?outdated=uk"), "tr[data-offer]")
    assert [row.get("data-offer") for row in listed] == ["geist"]
    waits = select(anna.page("/translations?to=uk&state=outdated"), "tr[data-waits]")
    assert [row.get("data-waits") for row in waits] == ["geist"]
    tile = select(anna.page(""), '[data-tile="translations?to=uk&state=outdated"] b')
    assert tile[0].text == "1"
    assert anna.step("geist", "restore", number="1").status_code == 303


def test_the_second_of_two_editors_loses_nothing(sign_in: SignIn, editing: Editing) -> None:
    anna, bent = sign_in("anna"), sign_in("bent")
    hers, his = anna.form("brobold"), bent.form("brobold")
    assert bent.save("brobold", his, owner="bent", **{"texts.en.name": "Bridge ball"}).status_code == 303
    clash = anna.save("brobold", hers, **{"texts.en.name": "Bro-bold", "texts.en.summary": "Football for girls."})
    assert clash.status_code == 409
    page = html.fromstring(clash.text)
    assert [one.get("data-both") for one in select(page, "[data-both]")] == ["texts.en.name"]
    theirs = {one.get("data-field-changed") for one in select(page, "[data-theirs] [data-field-changed]")}
    yours = {one.get("data-field-changed") for one in select(page, "[data-yours] [data-field-changed]")}
    assert theirs == {"owner", "texts.en.name"}
    assert yours == {"texts.en.name", "texts.en.summary"}
    assert record(editing, "brobold").texts["en"].summary != "Football for girls."
    again = form_fields(page.get_element_by_id("offer-form"))
    assert again["reason"] == ["a test"]
    assert anna.save("brobold", again).status_code == 303
    merged = record(editing, "brobold")
    assert (merged.owner, merged.texts["en"].name, merged.texts["en"].summary) == (
        "bent", "Bro-bold", "Football for girls."
    )  # fmt: skip


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_is_kept(sign_in: SignIn, editing: Editing) -> None:
    anna = sign_in("anna")
    form = anna.form("nexus")
    before = editing.newest("offers", "nexus").number
    refused = anna.save(
        "nexus", form, review_by="soon", **{"texts.uk.name": " ", "texts.da.examples": f"ja\n{'x' * 401}", "reason": ""}
    )
    assert refused.status_code == 422
    page = html.fromstring(refused.text)
    for name in ("review_by", "texts.uk.name", "texts.da.examples", "reason"):
        field = page.get_element_by_id(name)
        assert field.get("aria-invalid") == "true"
        described = field.get("aria-describedby").split()
        assert page.get_element_by_id(described[-1]).text_content().strip()
        assert select(page, f'[data-errors] a[href="#{name}"]')
    assert page.get_element_by_id("review_by").value == "soon"
    assert editing.newest("offers", "nexus").number == before


def test_rows_are_added_filled_and_taken_out_without_a_script(sign_in: SignIn, editing: Editing) -> None:
    anna = sign_in("anna")
    source = record(editing, "sjakket").sources[0].id
    added = anna.save("sjakket", anna.form("sjakket"), do="add:eligibility:district", owner="anna")
    assert added.status_code == 200
    page = html.fromstring(added.text)
    row = select(page, '[data-row="district"]')[-1].get("id")
    form = form_fields(page.get_element_by_id("offer-form"))
    assert form["owner"] == ["anna"], "what was typed stays when a row is added"
    refused = anna.save("sjakket", form)
    assert refused.status_code == 422
    assert select(html.fromstring(refused.text), f'[data-errors] a[href^="#{row}"]')
    form |= {f"{row}.choices": ["noerrebro", "nordvest"], f"{row}.source": [source]}
    assert anna.save("sjakket", form).status_code == 303
    saved = record(editing, "sjakket").eligibility
    assert saved[-1].any == ("noerrebro", "nordvest")  # type: ignore[union-attr]
    form = anna.form("sjakket") | {f"{row}.gone": ["yes"]}
    assert anna.save("sjakket", form).status_code == 303
    assert len(record(editing, "sjakket").eligibility) == len(saved) - 1


def test_from_a_blank_form_to_the_residents_page_and_back(app: TestClient, sign_in: SignIn, editing: Editing) -> None:
    anna, paula = sign_in("anna"), sign_in("paula")
    model = anna.form("aaben-skole")
    taken = anna.save("new", model | {"revision": ["0"], "id": ["brobold"]})
    assert taken.status_code == 422
    assert select(html.fromstring(taken.text), '[data-errors] a[href="#id"]')
    form = model | {"revision": ["0"], "id": ["proevetilbud"], "official_name": ["Prøvetilbud"], "parent": [""]}
    assert anna.save("new", form, do="submit").headers["location"] == "/en/editor/offers/proevetilbud?done=submitted"
    assert editing.newest("offers", "proevetilbud").state == "in_review"
    assert anna.step("proevetilbud", "publish").status_code == 403, "publishing takes a publisher"
    assert not select(anna.page("/offers/proevetilbud"), 'button[value="publish"]')
    assert app.get("/da/offers/proevetilbud").status_code == 404
    assert paula.step("proevetilbud", "publish").headers["location"].endswith("done=published")
    assert app.get("/da/offers/proevetilbud").status_code == (200 if model["audience"] != ["staff"] else 404)
    assert paula.step("proevetilbud", "archive").headers["location"].endswith("done=archived")
    assert app.get("/da/offers/proevetilbud").status_code == 404


def test_what_breaks_a_rule_is_not_published_and_the_rule_is_named(sign_in: SignIn) -> None:
    anna, paula = sign_in("anna"), sign_in("paula")
    anna.save("perspektiv", anna.form("perspektiv"), do="submit", **{"texts.ar.keywords": "واحد"})
    todo = select(anna.page("/offers/perspektiv"), '[data-todo] a[href="#texts.ar.keywords"]')
    assert len(todo) == 1
    refused = paula.step("perspektiv", "publish")
    assert refused.status_code == 422
    assert "texts.ar.keywords" in refused.text
    assert anna.step("perspektiv", "restore", number="1").status_code == 303
    assert select(html.fromstring(refused.text), "h1[data-problem]")


def test_vouching_saves_a_draft_with_both_days(sign_in: SignIn, editing: Editing) -> None:
    anna = sign_in("anna")
    assert anna.step("muhabet", "assure").status_code == 422
    assert anna.step("muhabet", "assure", review_by="2020-01-01").status_code == 422
    assert anna.step("muhabet", "assure", review_by="2099-01-01").headers["location"].endswith("done=assured")
    assert str(record(editing, "muhabet").review_by) == "2099-01-01"


def test_a_revision_shows_marked_words_and_is_taken_up_again(sign_in: SignIn, editing: Editing) -> None:
    anna, paula = sign_in("anna"), sign_in("paula")
    before = record(editing, "ord")
    first = editing.newest("offers", "ord").number
    anna.save("ord", anna.form("ord"), owner="anna", **{"texts.da.name": f"{before.texts['da'].name} Plus"})
    shown = anna.page(f"/offers/ord/revisions/{first + 1}")
    assert texts(shown, '[data-field-changed="texts.da.name"] ins') == ["[added: Plus]"]
    assert select(shown, '[data-field-changed="owner"]')
    numbers = [one.get("data-revision") for one in select(anna.page("/offers/ord/revisions"), "[data-revision]")]
    assert numbers == [str(first + 1), str(first)]
    assert anna.client.get("/en/editor/offers/ord/revisions/99").status_code == 404
    assert anna.step("ord", "restore", number=str(first)).headers["location"].endswith("done=restored")
    assert differences(before, record(editing, "ord")) == []
    assert anna.step("ord", "rollback", number=str(first)).status_code == 403
    assert paula.step("ord", "rollback", number=str(first)).headers["location"].endswith("done=rolled_back")


def test_a_preview_is_drawn_as_residents_see_it_and_saves_nothing(sign_in: SignIn, editing: Editing) -> None:
    anna = sign_in("anna")
    before = editing.newest("offers", "fakti").number
    form = anna.form("fakti") | {"texts.ar.name": ["مركز <فاكتي>"], "texts.da.name": ["Fakti ny"]}
    answer = anna.post("/offers/fakti/preview", form)
    assert answer.status_code == 200
    page = html.fromstring(answer.text)
    arabic = select(page, '[data-preview="ar"]')[0]
    assert (arabic.get("lang"), arabic.get("dir")) == ("ar", "rtl")
    assert texts(arabic, ".card-heading") == ["مركز <فاكتي>"]
    assert texts(page, '[data-preview="da"] .card-heading') == ["Fakti ny"]
    assert page.get_element_by_id("texts.da.name").value.strip() == "Fakti ny"
    part = anna.post("/offers/fakti/preview?part=1", form)
    assert "<html" not in part.text
    assert 'data-preview="uk"' in part.text
    broken = anna.post("/offers/fakti/preview", form | {"provider": ["nobody"]})
    assert broken.status_code == 422
    assert select(html.fromstring(broken.text), '[data-errors] a[href="#provider"]')
    assert editing.newest("offers", "fakti").number == before


def test_a_question_is_tried_on_a_draft(sign_in: SignIn, editing: Editing) -> None:
    anna = sign_in("anna")
    form = anna.form("brobold")
    question = "Hvor kan min datter spille kvidditch på kost?"
    form["texts.da.examples"] = [form["texts.da.examples"][0] + f"\r\n{question}"]
    number = editing.newest("offers", "brobold").number
    page = html.fromstring(anna.post("/offers/brobold/try", form | {"questions": [question]}).text)
    own = select(page, '[data-trial] tr[data-move="brobold"] td')
    assert [one.text for one in own[:2]] == ["–", "1"]
    assert editing.newest("offers", "brobold").number == number


def test_texts_go_to_an_agency_and_back(sign_in: SignIn, editing: Editing) -> None:
    anna = sign_in("anna")
    xliff = anna.client.get("/en/editor/translations/uk.xlf")
    assert xliff.headers["content-type"] == "application/xliff+xml"
    old = record(editing, "kringlebakken").texts["uk"].name
    assert old in xliff.text
    came_back = xliff.text.replace(f">{old}<", ">Крінгле новий<").encode()
    file = {"file": ("uk.xlf", came_back)}
    checked = html.fromstring(anna.post("/translations?to=uk", {"do": ["check"]}, file).text)
    assert select(checked, '[data-returned="kringlebakken"]')
    assert record(editing, "kringlebakken").texts["uk"].name == old
    saved = html.fromstring(anna.post("/translations?to=uk", {"do": ["save"], "reason": ["back"]}, file).text)
    assert int(select(saved, "[data-saved]")[0].get("data-saved")) >= 1
    assert record(editing, "kringlebakken").texts["uk"].name == "Крінгле новий"
    refused = anna.post("/translations?to=uk", {"do": ["check"]}, {"file": ("x.xlf", b"<xliff")})
    assert refused.status_code == 422
    assert select(html.fromstring(refused.text), "[data-problems]")


def test_a_workbook_is_checked_cell_by_cell_and_comes_in_as_drafts(
    sign_in: SignIn, editing: Editing, tmp_path: Path
) -> None:
    anna = sign_in("anna")
    exported = anna.client.get("/en/editor/exchange/export?as=xlsx&drafts=1")
    assert exported.headers["content-disposition"].endswith('"vejviser.xlsx"')
    book = load_workbook(io.BytesIO(exported.content))
    sheet = book["offers"]
    headings = [cell.value for cell in sheet[1]]
    row = next(one for one in sheet.iter_rows(min_row=2) if one[headings.index("id")].value == "u-turn")
    owner, kind = row[headings.index("owner")], row[headings.index("kind")]
    right, kind.value, owner.value = kind.value, "wish", "anna"
    file = tmp_path / "catalogue.xlsx"
    book.save(file)
    number = editing.newest("offers", "u-turn").number
    refused = anna.post("/exchange", {"do": ["save"], "reason": ["new"]}, {"file": (file.name, file.read_bytes())})
    assert refused.status_code == 422
    assert kind.coordinate in " ".join(texts(html.fromstring(refused.text), "[data-problems] td"))
    kind.value = right
    book.save(file)
    upload = {"file": (file.name, file.read_bytes())}
    checked = html.fromstring(anna.post("/exchange", {"do": ["check"]}, upload).text)
    assert texts(checked, "[data-problems] td") == []
    assert texts(checked, "[data-counts]")[0].startswith("0 new, 1 changed")
    assert editing.newest("offers", "u-turn").number == number
    saved = html.fromstring(anna.post("/exchange", {"do": ["save"], "reason": ["new"]}, upload).text)
    assert select(saved, "[data-imported]")[0].get("data-imported") == "1"
    assert (record(editing, "u-turn").owner, editing.newest("offers", "u-turn").state) == ("anna", "draft")
    assert anna.post("/exchange", {"do": ["check"]}).status_code == 422, "no file was chosen"


@pytest.mark.parametrize("form", ["yaml", "csv", "hsds"])
def test_the_catalogue_goes_out_in_every_form(sign_in: SignIn, form: str) -> None:
    exported = sign_in("anna").client.get(f"/en/editor/exchange/export?as={form}")
    assert exported.status_code == 200
    assert len(exported.content) > 100_000


def test_another_record_is_written_as_yaml_and_told_its_lines(sign_in: SignIn, editing: Editing) -> None:
    anna = sign_in("anna")
    assert anna.client.get("/en/editor/records/offers/brobold").status_code == 303
    page = anna.page("/records/needs/afford-leisure")
    yaml = page.get_element_by_id("yaml").value.strip()
    fields = {"revision": [select(page, "input[name=revision]")[0].value], "reason": ["a word more"]}
    bad = anna.post("/records/needs/afford-leisure", fields | {"yaml": [yaml + "\ncolour: red"]})
    assert bad.status_code == 422
    line = len(yaml.split("\n")) + 1
    assert texts(html.fromstring(bad.text), "#yaml-error li") == [f"{line}: colour: must not be given here"]
    good = f"{yaml}\n"
    assert anna.post("/records/needs/afford-leisure", fields | {"yaml": [good]}).status_code == 303
    assert editing.newest("needs", "afford-leisure").author == "anna"
    late = anna.post("/records/needs/afford-leisure", fields | {"yaml": [good]})
    assert late.status_code == 409
    assert select(html.fromstring(late.text), "[data-conflict]")


def test_a_question_in_vain_becomes_an_example_and_a_check(app: TestClient, sign_in: SignIn, editing: Editing) -> None:
    anna = sign_in("anna")
    demand = app.app.state.demand  # type: ignore[attr-defined]
    for _ in range(FEWEST_SHOWN):
        demand.count("hvor spiller man padel <gratis>", "da", ["find-a-club"], Lack.NOTHING_FOUND)
    page = anna.page("/demand")
    (key,) = [one.get("data-question") for one in select(page, "[data-question]")]
    assert "padel <gratis>" in page.text_content()
    missing = anna.post(f"/demand/{key}", {"how": ["example"], "reason": ["asked"]})
    assert missing.status_code == 422
    settled = anna.post(f"/demand/{key}", {"how": ["example"], "offer": ["foreningsguidning"], "reason": ["asked"]})
    assert settled.headers["location"] == "/en/editor/demand?done=settled"
    assert "hvor spiller man padel <gratis>" in record(editing, "foreningsguidning").texts["da"].examples
    assert not select(anna.page("/demand"), "[data-question]")
    (check,) = select(anna.page("/checks"), "[data-check]")
    assert check.get("data-holds") in ("yes", "no")
    gone = anna.post("/checks", {"remove": [check.get("data-check")]})
    assert gone.headers["location"].endswith("done=check_removed")
    assert not select(anna.page("/checks"), "[data-check]")


def test_feedback_is_read_and_done_with(app: TestClient, sign_in: SignIn) -> None:
    anna = sign_in("anna")
    feedback = app.app.state.feedback  # type: ignore[attr-defined]
    given = feedback.add(Kind.WRONG, "da", offer_id="geist", text="<b>flyttet</b>")
    page = anna.page("/feedback")
    assert "<b>flyttet</b>" in select(page, f'[data-feedback="{given.id}"]')[0].text_content()
    assert anna.post(f"/feedback/{given.id}", {"do": ["settle"]}).status_code == 303
    assert not select(anna.page("/feedback"), "[data-feedback]")


def test_questions_are_counted_and_drawn_with_a_table(app: TestClient, sign_in: SignIn) -> None:
    for _ in range(FEWEST_SHOWN):
        answer = app.post("/api/v1/chat", json={"text": "Hvor kan jeg lære dansk?"})
        assert answer.json()["outcome"] == "offers"
    app.get("/uk/search", params={"q": "де вивчити данську мову"})
    counts = app.app.state.counts  # type: ignore[attr-defined]
    counts.close()
    page = sign_in("anna").page("/figures?days=1")
    results = select(page, '[data-chart="results"] tbody tr')
    assert select(results[0], "td")[0].text_content().strip() == str(FEWEST_SHOWN)
    ukrainian = next(one for one in results if "Українська" in one.text_content())
    assert select(ukrainian, "td")[0].text_content().strip() == "<5", "small numbers are not told"
    needs = select(page, '[data-chart="needs"] tbody tr td')
    assert needs[0].text_content().strip() == str(FEWEST_SHOWN + 1), "needs are summed over the languages"
    for chart in select(page, "[data-chart]"):
        assert not select(chart, "[style]")
    assert select(page, '[data-chart="results"] .bars svg rect')
    assert select(page, '[data-chart="daily"] .columns svg rect')


def test_accounts_are_made_and_changed_by_an_administrator(app: TestClient, sign_in: SignIn) -> None:
    ada = sign_in("ada")
    short = ada.post("/users", {"name": ["carl"], "password": ["short"], "roles": ["editor"]})
    assert short.status_code == 422
    assert html.fromstring(short.text).get_element_by_id("password").get("aria-invalid") == "true"
    assert ada.post("/users", {"name": ["carl"], "password": [PASSWORD], "roles": ["editor"]}).status_code == 303
    assert ada.post("/users", {"name": ["carl"], "password": [PASSWORD], "roles": ["editor"]}).status_code == 422
    carl = sign_in("carl")
    assert carl.client.get("/en/editor").status_code == 200
    assert ada.post("/users/carl", {"do": ["disable"]}).status_code == 303
    assert carl.client.get("/en/editor").status_code == 303, "his session ended at once"
    assert ada.post("/users/ada", {"do": ["disable"]}).status_code == 403
    assert ada.post("/users/ada", {"do": ["roles"], "roles": ["staff"]}).status_code == 403
    assert (
        sign_in("anna").post("/users", {"name": ["eve"], "password": [PASSWORD], "roles": ["admin"]}).status_code == 403
    )


def test_what_rests_on_a_policy_is_traced(sign_in: SignIn) -> None:
    anna = sign_in("anna")
    policy = "integrations-og-medborgerskabspolitik-2023-26"
    page = anna.page(f"/sources?name={policy}&ending=2026")
    assert "kontingentstoette" in {one.get("data-rests") for one in select(page, "[data-rests]")}
    assert policy in {one.get("data-policy") for one in select(page, "[data-policy]")}
    assert select(anna.page("/sources?name=nothing"), "p[role=status]")
    assert select(anna.page("/sources/offers/kontingentstoette"), '[data-source="s1"]')
    assert select(anna.page("/launch"), "[data-item]")
    assert any(one.get("data-change") for one in select(anna.page("/audit?author=anna"), "[data-change]"))
