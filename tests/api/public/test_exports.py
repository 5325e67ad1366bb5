"""Open data: formats, byte-stability, and a manifest that tells the truth."""

import csv
import hashlib
import io
import json
import re
import xml.etree.ElementTree as ET

import pytest
from flask.testing import FlaskClient

from tests.api.public.conftest import ADDRESS
from tests.factories.published import NOW, Season

API = "/api/v1/public/exports"
FILES = ("cases.atom", "cases.csv", "cases.geojson", "cases.json")
ATOM = "{http://www.w3.org/2005/Atom}"
FORBIDDEN = ("实名", "13812345678", "chenshiming", "114.416", "23.1123", "submitted_by", "evidence", "uploaded")


def manifest(portal: FlaskClient) -> dict:
    return json.loads(portal.get(f"{API}/manifest.json").data)


@pytest.mark.parametrize("name", FILES)
def test_the_manifest_fits_every_file_to_the_byte(portal: FlaskClient, name: str) -> None:
    data = portal.get(f"{API}/{name}").data
    (told,) = [file for file in manifest(portal)["files"] if file["name"] == name]
    assert told["bytes"] == len(data)
    assert told["sha256"] == hashlib.sha256(data).hexdigest()
    assert told["rows"] == 3
    assert portal.get(f"{API}/{name}").data == data


def test_the_manifest_is_dated_by_the_data(portal: FlaskClient) -> None:
    assert manifest(portal)["generated_at"] == NOW.isoformat()
    assert portal.get(f"{API}/manifest.json").data == portal.get(f"{API}/manifest.json").data


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_an_unchanged_file_is_not_sent_again(portal: FlaskClient, name: str) -> None:
    first = portal.get(f"{API}/{name}")
    again = portal.get(f"{API}/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = portal.get(f"{API}/{name}", headers={"If-None-Match": 'W/"other"'})
    assert other.status_code == 200


def test_csv_opens_in_spreadsheets(portal: FlaskClient, season: Season) -> None:
    reply = portal.get(f"{API}/cases.csv")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.data.startswith(b"\xef\xbb\xbf")
    assert reply.data.endswith(b"\r\n")
    assert b"\n" not in reply.data.replace(b"\r\n", b"")
    rows = list(csv.DictReader(io.StringIO(reply.data.decode("utf-8-sig"), newline="")))
    assert [row["案例编号"] for row in rows] == list(reversed(season.cases))
    assert {row["所在通报"] for row in rows} == {season.slug}


def test_json_equals_the_single_cases(portal: FlaskClient, season: Season) -> None:
    rows = json.loads(portal.get(f"{API}/cases.json").data)
    assert rows == [portal.get(f"/api/v1/public/cases/{number}").json for number in reversed(season.cases)]


def test_geojson_positions_are_as_coarse_as_the_policy(portal: FlaskClient) -> None:
    reply = portal.get(f"{API}/cases.geojson")
    assert reply.mimetype == "application/geo+json"
    collection = json.loads(reply.data, parse_float=str)
    assert set(collection) == {"type", "features"}
    numbers = [number for feature in collection["features"] for number in feature["geometry"]["coordinates"]]
    assert len(numbers) == 6
    assert all(re.fullmatch(r"-?\d+\.\d{2}", number) for number in numbers)
    assert ["114.42", "23.11"] in [feature["geometry"]["coordinates"] for feature in collection["features"]]


def test_atom_is_well_formed_and_complete(portal: FlaskClient, season: Season) -> None:
    feed = ET.fromstring(portal.get(f"{API}/cases.atom").data)
    assert feed.tag == f"{ATOM}feed"
    for required in ("id", "title", "updated", "author"):
        assert feed.find(f"{ATOM}{required}") is not None
    assert feed.findtext(f"{ATOM}updated") == "2026-10-12T01:30:00Z"
    entries = feed.findall(f"{ATOM}entry")
    ids = {entry.findtext(f"{ATOM}id") for entry in entries}
    assert len(entries) == len(ids) == 3
    assert all(str(identity).startswith("urn:uuid:") for identity in ids)
    links = [entry.find(f"{ATOM}link").attrib["href"] for entry in entries]
    assert all(link.startswith(f"{ADDRESS}/cases/") for link in links)
    assert portal.get(links[0].removeprefix(ADDRESS)).status_code == 200


def public_addresses(season: Season) -> list[str]:
    api, slug = "/api/v1/public", season.slug
    files = [f"{API}/{name}" for name in (*FILES, "manifest.json")]
    bulletin = [f"{api}/bulletins/{slug}{end}" for end in ("", ".html", ".md", "/records?limit=200", "/records.csv")]
    pages = ["/", "/bulletins", "/cases", "/open-data", f"/bulletins/{slug}", f"/bulletins/{slug}/records?limit=200"]
    cases = [f"{base}/{number}" for number in season.cases for base in (f"{api}/cases", "/cases")]
    return [*files, f"{api}/bulletins", f"{api}/cases", *bulletin, *pages, *cases]


def test_no_public_byte_holds_what_must_not_leave(portal: FlaskClient, season: Season) -> None:
    addresses = public_addresses(season)
    assert len(addresses) > 20
    for address in addresses:
        reply = portal.get(address)
        assert reply.status_code == 200, address
        text = reply.data.decode()
        assert [word for word in (*FORBIDDEN, *season.originals) if word in text] == [], address
        assert not re.search(r"(?<![0-9a-f])1[3-9]\d{9}(?![0-9a-f])", text), address


def test_before_anything_is_published(empty_portal: FlaskClient) -> None:
    told = manifest(empty_portal)
    assert [file["rows"] for file in told["files"]] == [0, 0, 0, 0]
    for file in told["files"]:
        data = empty_portal.get(f"{API}/{file['name']}").data
        assert hashlib.sha256(data).hexdigest() == file["sha256"]
    assert json.loads(empty_portal.get(f"{API}/cases.json").data) == []
    ET.fromstring(empty_portal.get(f"{API}/cases.atom").data)


def test_an_unknown_file(portal: FlaskClient) -> None:
    assert portal.get(f"{API}/cases.xls").status_code == 404
