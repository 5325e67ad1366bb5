"""Coordinate systems against published vectors; sources are named beside them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import Invalid
from server.formats.datum import bd09_to_gcj02, gcj02_to_bd09, gcj02_to_wgs84, to_wgs84, wgs84_to_gcj02

# A map provider's own values for ten cities: hujiulong/gcoord test/fixtures/china-cities.json (WGS-84, GCJ-02, BD-09).
CITIES = {
    "郑州市": ((113.6192856, 34.7478004), (113.6253334, 34.7466173), (113.6317519, 34.7528605)),
    "邵阳市": ((111.4622119, 27.242124), (111.4677938, 27.2388981), (111.4742271, 27.2451662)),
    "邢台市": ((114.498916, 37.0700925), (114.5048503, 37.0705911), (114.5113116, 37.0766797)),
    "荆门市": ((112.1935849, 31.0376011), (112.1994301, 31.0354012), (112.2058231, 31.0417338)),
    "那曲地区": ((92.0499619, 31.4784436), (92.0512438, 31.4762063), (92.0576832, 31.4824421)),
    "莱芜市": ((117.6708588, 36.2138283), (117.6767323, 36.2138184), (117.6832831, 36.2195866)),
    "广州市": ((113.2590543, 23.131788), (113.2643859, 23.1291146), (113.2708188, 23.135343)),
    "上海市": ((121.4691633, 31.2323443), (121.4737061, 31.2304194), (121.4802435, 31.2363541)),
    "梅州市": ((116.1174053, 24.2912377), (116.1222426, 24.2886182), (116.1287823, 24.2944828)),
    "白城市": ((122.8329467, 45.6176673), (122.8388352, 45.6195912), (122.8454267, 45.6253938)),
}
china_lon, china_lat = st.floats(73, 136), st.floats(17, 54)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Distance of two near points, on a sphere."""
    east = (one[0] - other[0]) * math.cos(math.radians(one[1]))
    return math.hypot(east, one[1] - other[1]) * 111_195


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),  # googollee/eviltransform go
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),  # googollee/eviltransform go
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),  # wandergis/coordtransform
    ],
)
def test_wgs84_to_gcj02(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    assert wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-9)
    assert gcj02_to_wgs84(*gcj) == pytest.approx(wgs, abs=1e-9)


def test_bd09_to_gcj02() -> None:
    expected = (116.39762729119315, 39.90865673957631)  # wandergis/coordtransform
    assert bd09_to_gcj02(116.404, 39.915) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("city", CITIES)
def test_cities_of_a_map_provider(city: str) -> None:
    wgs, gcj, bd = CITIES[city]
    assert wgs84_to_gcj02(*wgs) == pytest.approx(gcj, abs=1e-5)
    assert gcj02_to_bd09(*gcj) == pytest.approx(bd, abs=1e-6)
    assert bd09_to_gcj02(*bd) == pytest.approx(gcj, abs=1e-5)
    assert metres(to_wgs84(*gcj, "gcj02"), wgs) < 0.75
    assert metres(to_wgs84(*bd, "bd09"), wgs) < 1.0


def test_a_known_wrong_value_is_not_reproduced() -> None:
    """googollee/eviltransform issue 43: without the factor 3000/180 its BD-09 values are 8 to 40 m off."""
    wrong = (120.00877901149691, 29.196131605295484)
    assert metres(to_wgs84(120.019809, 29.199786, "bd09"), wrong) > 5


@given(lon=china_lon, lat=china_lat)
def test_gcj02_there_and_back_is_exact_to_a_micrometre(lon: float, lat: float) -> None:
    assert metres(gcj02_to_wgs84(*wgs84_to_gcj02(lon, lat)), (lon, lat)) < 1e-6
    assert metres(wgs84_to_gcj02(*gcj02_to_wgs84(lon, lat)), (lon, lat)) < 1e-6


@given(lon=china_lon, lat=china_lat)
def test_bd09_there_and_back_stays_within_half_a_metre(lon: float, lat: float) -> None:
    assert metres(bd09_to_gcj02(*gcj02_to_bd09(lon, lat)), (lon, lat)) < 0.5


@given(lon=china_lon, lat=china_lat)
def test_the_offset_is_what_would_be_taken_for_another_site(lon: float, lat: float) -> None:
    assert 10 < metres(wgs84_to_gcj02(lon, lat), (lon, lat)) < 1500


@given(lon=st.floats(-180, 180), lat=st.floats(-90, 90), datum=st.sampled_from(["wgs84", "cgcs2000", "gcj02", "bd09"]))
def test_every_tagged_reading_gives_finite_degrees(lon: float, lat: float, datum: str) -> None:
    found = to_wgs84(lon, lat, datum)
    assert all(map(math.isfinite, found))
    if datum in ("wgs84", "cgcs2000"):
        assert found == (lon, lat)
    else:
        assert abs(found[0] - lon) < 1
        assert abs(found[1] - lat) < 1


def test_nothing_is_decided_by_position() -> None:
    """A reading in Seoul tagged GCJ-02 is converted, one in Beijing tagged WGS-84 is not."""
    assert to_wgs84(126.978, 37.5665, "gcj02") != (126.978, 37.5665)
    assert to_wgs84(116.404, 39.915, "wgs84") == (116.404, 39.915)


def test_the_poles_have_no_offset() -> None:
    assert wgs84_to_gcj02(10.0, 90.0) == (10.0, 90.0)
    assert gcj02_to_wgs84(10.0, -89.0) == (10.0, -89.0)


@pytest.mark.parametrize("datum", ["unknown", "", "WGS84", "gcj-02"])
def test_an_unknown_datum_is_never_converted(datum: str) -> None:
    with pytest.raises(Invalid) as caught:
        to_wgs84(113.0, 23.0, datum)
    assert caught.value.code == "datum-unknown"


@pytest.mark.parametrize(("lon", "lat"), [(181, 0), (0, 90.1), (math.nan, 0), (0, math.inf), (-180.1, 0)])
def test_numbers_that_are_no_degrees(lon: float, lat: float) -> None:
    with pytest.raises(Invalid) as caught:
        to_wgs84(lon, lat, "gcj02")
    assert caught.value.code == "position-invalid"
