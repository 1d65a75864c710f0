"""Proving who is on the phone."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection

from bot.members.roster import Details
from bot.members.verification import (
    add_failure,
    failures,
    known_phone,
    link_phone,
    verify_birth_date,
    verify_keys,
)
from tests.members.people import TODAY, VAULT, add_guardian, add_member, link

ANN = Details("999900000001", "Ann", "Bell", "1990-05-04", "F", "46201")
LEO = Details("999900000002", "Leo", "Bell", "2015-03-10", "M", "46201")
EVA = Details("999900000003", "Eva", "Bell", "2015-03-10", "F", "46201")  # Leo's twin
SAM = Details("999900000004", "Sam", "Bell", "2019-01-01", "M", "46201")
PHONE = "f" * 32


@pytest.fixture
def family(conn: Connection) -> Connection:
    for id_, details in [("ann", ANN), ("leo", LEO), ("eva", EVA), ("sam", SAM)]:
        add_member(conn, id_, details)
    add_guardian(conn, "g-ann", "Ann", "Bell", member="ann")
    add_guardian(conn, "g-dad", "Tom", "Bell")
    for child in ("leo", "eva", "sam"):
        link(conn, child, "g-ann")
    link(conn, "eva", "g-dad")
    return conn


def picked(conn: Connection, birth_date: str, today: date = TODAY) -> tuple[str, str | None] | None:
    match = verify_birth_date(conn, VAULT, PHONE, birth_date, today)
    return match and (match[0].id, match[1])


@pytest.mark.parametrize(
    ("plan", "member_id", "birth_date", "zip_code", "who"),
    [
        ("indiana", "999900000001", "1990-05-04", "46201", "ann"),
        ("indiana", "9999-0000-0001", "1990-05-04", "46201-1234", "ann"),
        ("ohio", "999900000001", "1990-05-04", "46201", None),
        ("indiana", "999900000009", "1990-05-04", "46201", None),
        ("indiana", "999900000001", "1990-05-05", "46201", None),
        ("indiana", "999900000001", "1990-05-04", "46202", None),
        ("indiana", "999900000001", "", "", None),
        ("indiana", "", "", "", None),
        ("indiana", "999900000001", "ñ", "٤٦٢٠١", None),
    ],
)
def test_all_three_keys_must_fit(
    family: Connection, plan: str, member_id: str, birth_date: str, zip_code: str, who: str | None
) -> None:
    found = verify_keys(family, VAULT, plan, member_id, birth_date, zip_code)
    assert who == (found and found.id)


def test_a_member_without_a_zip_on_file_cannot_be_verified_by_leaving_it_out(conn: Connection) -> None:
    add_member(conn, "ann", Details("999900000001", "Ann", "Bell", "1990-05-04"))
    assert None is verify_keys(conn, VAULT, "indiana", "999900000001", "1990-05-04", "")


def test_a_phone_is_known_once_it_verified(family: Connection) -> None:
    assert not known_phone(family, PHONE)
    assert None is picked(family, ANN.birth_date)
    link_phone(family, PHONE, "ann", None, 1.0)
    link_phone(family, PHONE, "ann", None, 2.0)
    assert known_phone(family, PHONE)
    assert picked(family, ANN.birth_date) == ("ann", None)
    assert None is picked(family, "1990-05-05")


def test_the_birth_date_picks_the_member_on_a_shared_phone(family: Connection) -> None:
    add_member(family, "bob", Details("999900000007", "Bob", "Bell", "1985-01-01", "M", "46201"))
    link_phone(family, PHONE, "ann", None, 1.0)
    link_phone(family, PHONE, "bob", None, 1.0)
    assert picked(family, "1985-01-01") == ("bob", None)
    assert picked(family, ANN.birth_date) == ("ann", None)


def test_the_other_childrens_birth_dates_do_too(family: Connection) -> None:
    link_phone(family, PHONE, "leo", "g-ann", 1.0)
    assert picked(family, SAM.birth_date) == ("sam", "g-ann")
    assert None is picked(family, ANN.birth_date)  # a child's keys never open the parent's own record


def test_a_parent_who_verified_as_herself_may_give_a_childs(family: Connection) -> None:
    link_phone(family, PHONE, "ann", None, 1.0)
    assert picked(family, SAM.birth_date) == ("sam", "g-ann")


def test_twins_of_one_guardian_are_either(family: Connection) -> None:
    link_phone(family, PHONE, "leo", "g-ann", 1.0)
    link_phone(family, PHONE, "eva", "g-ann", 1.0)
    assert picked(family, LEO.birth_date) == ("eva", "g-ann")


def test_twins_of_two_guardians_on_one_phone_need_the_full_keys(family: Connection) -> None:
    link_phone(family, PHONE, "leo", "g-ann", 1.0)
    link_phone(family, PHONE, "eva", "g-dad", 1.0)
    assert None is picked(family, LEO.birth_date)


def test_grown_twins_on_one_phone_need_the_full_keys(conn: Connection) -> None:
    for id_ in ("999900000001", "999900000002"):
        add_member(conn, id_, Details(id_, "A", "Bell", "1990-05-04", "F", "46201"))
        link_phone(conn, PHONE, id_, None, 1.0)
    assert None is picked(conn, "1990-05-04")


def test_a_guardian_whose_child_is_18_or_whose_link_ended_is_nobody(family: Connection) -> None:
    link_phone(family, PHONE, "sam", "g-ann", 1.0)
    assert picked(family, SAM.birth_date, date(2036, 12, 31)) == ("sam", "g-ann")
    assert None is picked(family, SAM.birth_date, date(2037, 1, 1))
    add_member(family, "kim", Details("999900000008", "Kim", "Lee", "2016-01-01", "F", "46201"))
    link(family, "kim", "g-dad", expires=date(2026, 6, 14))
    link_phone(family, PHONE, "kim", "g-dad", 1.0)
    assert None is picked(family, "2016-01-01")


def test_the_last_to_give_the_keys_speaks(family: Connection) -> None:
    link_phone(family, PHONE, "eva", "g-ann", 1.0)
    link_phone(family, PHONE, "eva", "g-dad", 2.0)
    assert picked(family, EVA.birth_date) == ("eva", "g-dad")


def test_failures_are_counted_by_subject_since_a_time(conn: Connection) -> None:
    for moment in (10.0, 20.0, 30.0):
        add_failure(conn, "phone:" + PHONE, moment)
    add_failure(conn, "member:ann", 30.0)
    assert failures(conn, "phone:" + PHONE, 20.0) == 2
    assert failures(conn, "member:ann", 0.0) == 1
    assert failures(conn, "member:bob", 0.0) == 0
