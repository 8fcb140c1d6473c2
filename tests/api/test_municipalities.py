"""Two municipalities in one installation: each answers from its own, and nothing of one is seen in the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.installation import create_installation, host_of
from api.preparation import make_folder_of
from api.settings import Settings
from api.sites import catalogues
from services_catalog.accounts.accounts import AccountStore
from services_catalog.accounts.roles import Role
from services_catalog.accounts.tokens import TokenStore
from services_catalog.database import DatabaseRepository
from services_catalog.errors import CatalogueUnavailable
from services_catalog.municipality_folder import Look, contrast, make_folder, read_site
from services_catalog.offer import Publication
from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, free_port
from tests.municipalities import AARHUS, ODENSE, make

SECRET = "inside"
AARHUS_BASE, ODENSE_BASE = "http://aarhus.localhost", "http://odense.localhost"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("installation")
    (folder / "learned").symlink_to(LEARNED)
    root = folder / "municipalities"
    (make(root, AARHUS) / "site.yml").write_text(
        'name: Aarhus Kommune\nhosts: [aarhus.localhost]\nlook: {accent: "#7a1fa2", accent_on_dark: "#e1bee7"}\n'
        "exit_url: https://www.yr.no/\n"
    )
    make(root, ODENSE)
    return Settings(
        municipalities_folder=root,
        data_folder=folder,
        database_url=f"sqlite:///{folder}/catalogue.db",
        bot_port=free_port(),
        internal_secret=SecretStr(SECRET),
        rate_per_address="",
    )


@pytest.fixture(scope="module")
def installation(settings: Settings) -> Iterator[TestClient]:
    LEARNED.mkdir(parents=True, exist_ok=True)
    for one in catalogues(settings):
        one.data_folder.mkdir(parents=True, exist_ok=True)
        make_folder_of(one.database_url)
        seed_database(one.database_url, one.seed_folder)
    app = create_installation(settings)
    with TestClient(app, base_url=AARHUS_BASE, follow_redirects=False) as running:
        yield running


def names(answer: object) -> set[str]:
    assert isinstance(answer, dict)
    return {hit["danish_name"] for hit in [*answer.get("hits", []), *answer.get("offers", [])]}


def chat(installation: TestClient, base: str, text: str, session: str | None = None) -> dict[str, object]:
    body = {"text": text} | ({"session": session} if session else {})
    answer = installation.post(f"{base}/api/v1/chat", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    ("base", "own", "other"),
    [
        (AARHUS_BASE, "Dansk på Bispehaven", "Dansk i Vollsmose"),
        (ODENSE_BASE, "Dansk i Vollsmose", "Dansk på Bispehaven"),
    ],
    ids=["aarhus", "odense"],
)
def test_a_question_is_answered_from_the_municipality_it_is_asked_in(
    installation: TestClient, base: str, own: str, other: str
) -> None:
    for question in ("hvor kan jeg lære dansk", own, other):
        for answer in (
            installation.get(f"{base}/api/v1/search", params={"q": question}).json(),
            chat(installation, base, question),
        ):
            assert other not in names(answer)
    assert own in names(installation.get(f"{base}/api/v1/search", params={"q": "hvor kan jeg lære dansk"}).json())
    # one id, two offers: each municipality shows its own
    assert installation.get(f"{base}/api/v1/offers/danskuddannelse").json()["danish_name"] == own
    assert other not in installation.get(f"{base}/da/offers/danskuddannelse").text


def test_what_only_the_other_has_is_not_there(installation: TestClient) -> None:
    assert installation.get(f"{ODENSE_BASE}/api/v1/offers/kontingentstoette").status_code == 404
    assert installation.get(f"{AARHUS_BASE}/api/v1/offers/lektiecafeer").status_code == 404
    for base, foreign in ((AARHUS_BASE, "Lektier ved Åen"), (ODENSE_BASE, "Kontingentfonden Midt")):
        for path in ("/hsds/services", "/da/areas", "/sitemap.xml", "/da"):
            found = installation.get(base + path)
            assert found.status_code == 200, path
            assert foreign not in found.text, path


def test_hand_overs_lead_to_the_contact_centre_of_each(installation: TestClient) -> None:
    for base, own, other in ((AARHUS_BASE, "89 40 20 00", "66 13 13 72"), (ODENSE_BASE, "66 13 13 72", "89 40 20 00")):
        page = installation.get(f"{base}/da").text
        assert own in page
        assert other not in page
        answer = chat(installation, base, "hvor parkerer jeg min båd")
        said = str(answer["messages"])
        assert answer["outcome"] == "nothing_found"
        assert own in said
        assert other not in said


def test_accounts_and_tokens_open_only_their_own(installation: TestClient, settings: Settings) -> None:
    own, other = catalogues(settings)
    accounts = AccountStore(own.database_url)
    accounts.add("anna", frozenset({Role.ADMIN, Role.PUBLISHER}), "four words and a sea")
    _, token = TokenStore(accounts).create("anna", "test", frozenset({Role.PUBLISHER}), days=1)
    accounts.close()
    headers = {"Authorization": f"Bearer {token}"}
    assert installation.get(f"{AARHUS_BASE}/api/v1/editor/records/offers", headers=headers).status_code == 200
    assert installation.get(f"{ODENSE_BASE}/api/v1/editor/records/offers", headers=headers).status_code == 403
    login = {"name": "anna", "password": "four words and a sea"}
    assert installation.post(f"{ODENSE_BASE}/api/v1/login", json=login).status_code == 401
    there = AccountStore(other.database_url)
    assert there.all() == []
    there.close()


def test_a_conversation_of_one_is_a_new_one_in_the_other(installation: TestClient) -> None:
    session = str(chat(installation, AARHUS_BASE, "hvor kan jeg lære dansk")["session"])
    assert chat(installation, AARHUS_BASE, "tak", session)["session"] == session
    assert chat(installation, ODENSE_BASE, "tak", session)["session"] != session


def test_the_action_server_says_whose_catalogue_it_asks(installation: TestClient) -> None:
    body = {"text": "hvor kan jeg lære dansk", "language": "da"}
    for slug, own in (("aarhus", "Dansk på Bispehaven"), ("odense", "Dansk i Vollsmose")):
        headers = {"X-Vejviser-Secret": SECRET, "X-Vejviser-Municipality": slug}
        # the host does not count for what is said inside
        found = installation.post(f"{AARHUS_BASE}/internal/find", json=body, headers=headers)
        assert names(found.json()) == {own}
    for headers in ({"X-Vejviser-Secret": SECRET}, {"X-Vejviser-Secret": SECRET, "X-Vejviser-Municipality": "aalborg"}):
        assert installation.post(f"{AARHUS_BASE}/internal/find", json=body, headers=headers).status_code == 404
    headers = {"X-Vejviser-Secret": "wrong", "X-Vejviser-Municipality": "aarhus"}
    assert installation.post(f"{AARHUS_BASE}/internal/find", json=body, headers=headers).status_code == 403


def test_a_publication_in_one_leaves_the_other_as_it_was(installation: TestClient, settings: Settings) -> None:
    before = installation.get(f"{ODENSE_BASE}/health/ready").json()["version"]
    repository = DatabaseRepository(catalogues(settings)[0].database_url)
    catalogue = repository.load()
    offer = catalogue.offers["kontingentstoette"]
    assert offer.publication is Publication.PUBLISHED
    version = repository.replace(catalogue)
    repository.close()
    import time

    deadline = time.monotonic() + 60
    while installation.get(f"{AARHUS_BASE}/health/ready").json()["version"] != version:
        assert time.monotonic() < deadline, "the publication did not arrive"
        time.sleep(0.1)
    assert installation.get(f"{ODENSE_BASE}/health/ready").json()["version"] == before


def test_a_municipality_answers_in_its_own_languages(installation: TestClient) -> None:
    """Aarhus speaks Danish and English here, Odense all four."""
    page = installation.get(f"{AARHUS_BASE}/uk/areas")
    assert (page.status_code, page.headers["location"]) == (303, "/da/areas")
    assert 'hreflang="uk"' not in installation.get(f"{AARHUS_BASE}/da").text
    assert installation.get(f"{ODENSE_BASE}/uk/areas").status_code == 200
    answer = chat(installation, AARHUS_BASE, "يا ريت أعرف شو الطقس بكرا في المدينة")
    assert answer["language"] == "da"
    assert [one["text"] for one in answer["quick_replies"]] == ["Dansk", "English"]  # type: ignore[attr-defined]
    found = installation.get(f"{AARHUS_BASE}/api/v1/search", params={"q": "أين أتعلم اللغة الدنماركية"}).json()
    assert found["language"] == "da"
    assert "Dansk på Bispehaven" in names(found)


def test_a_person_in_danger_is_answered_in_her_own_language_everywhere(installation: TestClient) -> None:
    for base in (AARHUS_BASE, ODENSE_BASE):
        answer = chat(installation, base, "чоловік мене б'є, мені страшно")
        assert (answer["outcome"], answer["language"]) == ("crisis", "uk")


def test_the_front_asks_once(installation: TestClient) -> None:
    front = "http://vejviser.localhost"
    page = installation.get(front, headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "Aarhus Kommune" in page.text
    assert "Odense Kommune" in page.text
    chosen = installation.get(f"{front}/choose/odense")
    assert (chosen.status_code, chosen.headers["location"]) == (303, f"{ODENSE_BASE}/")
    assert "httponly" in chosen.headers["set-cookie"].lower()
    again = installation.get(front, headers={"Cookie": "municipality=odense"})
    assert (again.status_code, again.headers["location"]) == (303, f"{ODENSE_BASE}/")
    assert installation.get(f"{front}/?change=1", headers={"Cookie": "municipality=odense"}).status_code == 200
    assert installation.get(front, headers={"Cookie": "municipality=nowhere"}).status_code == 200
    for path in ("/da", "/api/v1/search?q=dansk", "/hsds/services", "/internal/life-areas/da"):
        assert installation.get(front + path).status_code == 404, path
    assert installation.get(f"{front}/health/ready").json()["municipalities"].keys() == {"aarhus", "odense"}


def test_each_has_its_own_look(installation: TestClient) -> None:
    page = installation.get(f"{AARHUS_BASE}/da").text
    assert "Aarhus Kommune" in page
    assert "/look.css?v=" in page
    assert 'href="https://www.yr.no/"' in page
    sheet = installation.get(f"{AARHUS_BASE}/look.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert "#7a1fa2" in sheet.text
    assert "/look.css" not in installation.get(f"{ODENSE_BASE}/da").text


@pytest.mark.parametrize(
    ("header", "host"),
    [("a.dk", "a.dk"), ("A.dk:8000", "a.dk"), ("a.dk.", "a.dk"), ("", ""), ("[::1]:80", "[::1]"), ("::1", ":")],
)
def test_the_host_of_a_request(header: str, host: str) -> None:
    assert host_of(header) == host


def test_what_cannot_be_a_municipality_is_refused_and_nothing_is_made(tmp_path: Path) -> None:
    from dataclasses import replace

    make_folder(tmp_path, AARHUS)
    for wrong, why in (
        (AARHUS, "exists already"),
        (replace(AARHUS, slug="../aarhus"), "small letters"),
        (replace(AARHUS, slug="nord", hosts=()), "hosts"),
        (replace(AARHUS, slug="nord", hosts=("a b",)), "hosts.0"),
    ):
        with pytest.raises(CatalogueUnavailable, match=why):
            make_folder(tmp_path, wrong)
    assert [one.name for one in tmp_path.iterdir()] == ["aarhus"]


def test_colours_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    folder = make_folder(tmp_path, AARHUS)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    (folder / "site.yml").write_text('name: A\nhosts: [a.dk]\nlook: {accent: "#aaaaaa", accent_on_dark: "#ffffff"}\n')
    with pytest.raises(CatalogueUnavailable, match=r"look\.accent #aaaaaa"):
        read_site(folder)
    assert Look(accent="#000000", accent_on_dark="#ffffff")


def test_two_municipalities_cannot_have_one_address(tmp_path: Path) -> None:
    from dataclasses import replace

    make_folder(tmp_path, AARHUS)
    make_folder(tmp_path, replace(ODENSE, hosts=AARHUS.hosts))
    with pytest.raises(CatalogueUnavailable, match=r"aarhus\.localhost is the address of two"):
        create_installation(Settings(municipalities_folder=tmp_path, data_folder=tmp_path))


def test_postgresql_needs_a_database_for_each(tmp_path: Path) -> None:
    make_folder(tmp_path, AARHUS)
    one = {"municipalities_folder": tmp_path, "municipality": "aarhus"}
    with pytest.raises(ValueError, match=r"\{municipality\}"):
        Settings(**one, database_url="postgresql://db/vejviser")
    own = Settings(**one, database_url="postgresql://db/vejviser_{municipality}")
    assert own.database_url == "postgresql://db/vejviser_aarhus"
