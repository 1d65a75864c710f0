"""Who may speak for whom, and whom one conversation may be about."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Connection

from bot.members.household import Person, children_of, guardians_of, household, match_guardian
from bot.members.names import name_distance
from bot.members.roster import Details, age, find_by_member_id, find_by_phone, is_minor, member
from tests.members.people import TODAY, VAULT, add_guardian, add_member, link

MARIA = Details("999900000001", "María José", "García López", "1988-02-29", "F", "46201", phone="+13175550101")
LEO = Details("999900000002", "Leo", "García", "2015-03-10", "M", "46201", phone="+13175550101")
EVA = Details("999900000003", "Eva", "García", "2018-09-01", "F", "46201")
BEN = Details("999900000004", "Ben", "García", "2008-06-15", "M", "46201")  # 18 on TODAY


@pytest.fixture
def family(conn: Connection) -> Connection:
    """Maria, a member, guards Leo, Eva and (until today) Ben; her mother Rosa is no member and guards Eva."""
    for id_, details in [("maria", MARIA), ("leo", LEO), ("eva", EVA), ("ben", BEN)]:
        add_member(conn, id_, details)
    add_guardian(conn, "g-maria", "Old", "Name", member="maria")
    add_guardian(conn, "g-rosa", "Rosa", "López")
    for child in ("leo", "eva", "ben"):
        link(conn, child, "g-maria")
    link(conn, "eva", "g-rosa")
    return conn


def people(found: tuple[Person, ...]) -> list[tuple[str, bool]]:
    return [(person.id, person.self) for person in found]


def test_with_her_own_keys_a_parent_reaches_her_children_and_herself(family: Connection) -> None:
    for guardian in (None, "g-maria"):
        found = household(family, VAULT, "maria", guardian, TODAY)
        assert people(found) == [("leo", False), ("eva", False), ("maria", True)]
    assert Person("leo", "Leo", 11, "M", False, date(2033, 3, 10)) == found[0]


def test_with_a_childs_keys_the_guardian_reaches_the_children_but_not_her_own_record(family: Connection) -> None:
    assert people(household(family, VAULT, "leo", "g-maria", TODAY)) == [("leo", False), ("eva", False)]


def test_a_guardian_who_is_not_a_member_has_no_self(family: Connection) -> None:
    assert people(household(family, VAULT, "eva", "g-rosa", TODAY)) == [("eva", False)]


def test_a_guardianship_that_ends_sooner_bounds_how_long_the_guardian_may_speak(conn: Connection) -> None:
    add_member(conn, "leap", Details("999900000005", "Kim", "Day", "2016-02-29", "F", "46201"))
    for guardian in ("g-long", "g-short"):
        add_guardian(conn, guardian, "Ada", "Day")
    link(conn, "leap", "g-long")
    link(conn, "leap", "g-short", expires=date(2030, 1, 31))
    assert [date(2034, 3, 1)] == [one.until for one in household(conn, VAULT, "leap", "g-long", TODAY)]
    assert [date(2030, 2, 1)] == [one.until for one in household(conn, VAULT, "leap", "g-short", TODAY)]


def test_at_18_a_child_answers_alone(family: Connection) -> None:
    assert "ben" in dict(people(household(family, VAULT, "maria", None, date(2026, 6, 14))))
    assert "ben" not in dict(people(household(family, VAULT, "maria", None, TODAY)))
    assert people(household(family, VAULT, "ben", None, TODAY)) == [("ben", True)]
    assert guardians_of(family, VAULT, "ben", TODAY) == []
    assert [g.id for g in guardians_of(family, VAULT, "ben", date(2026, 6, 14))] == ["g-maria"]


def test_an_expired_link_is_ignored_from_the_day_after(conn: Connection) -> None:
    add_member(conn, "leo", LEO)
    add_guardian(conn, "g", "Rosa", "Lopez")
    link(conn, "leo", "g", expires=date(2026, 6, 15))
    assert [child.id for child in children_of(conn, VAULT, "g", TODAY)] == ["leo"]
    assert match_guardian(conn, VAULT, "leo", "Rosa Lopez", TODAY) == "g"
    tomorrow = date(2026, 6, 16)
    assert children_of(conn, VAULT, "g", tomorrow) == []
    assert None is match_guardian(conn, VAULT, "leo", "Rosa Lopez", tomorrow)
    assert household(conn, VAULT, "leo", "g", tomorrow) == ()


def test_nobody_has_no_household(conn: Connection) -> None:
    assert household(conn, VAULT, "stranger", None, TODAY) == ()
    assert guardians_of(conn, VAULT, "stranger", TODAY) == []


def test_a_guardian_who_is_a_member_is_named_as_the_roster_names_her_now(family: Connection) -> None:
    assert match_guardian(family, VAULT, "leo", "maria garcia", TODAY) == "g-maria"
    assert None is match_guardian(family, VAULT, "leo", "Old Name", TODAY)
    assert None is match_guardian(family, VAULT, "leo", "Rosa López", TODAY)  # on file for Eva only
    assert match_guardian(family, VAULT, "eva", "Lopez, Rosa", TODAY) == "g-rosa"


def test_an_exact_name_wins_over_one_with_a_typo(conn: Connection) -> None:
    add_member(conn, "leo", LEO)
    for id_, first in [("g1", "Maria"), ("g2", "Mario")]:
        add_guardian(conn, id_, first, "Garcia")
        link(conn, "leo", id_)
    assert match_guardian(conn, VAULT, "leo", "mario garcia", TODAY) == "g2"
    assert match_guardian(conn, VAULT, "leo", "maria garcia", TODAY) == "g1"


@pytest.mark.parametrize(
    ("typed", "distance"),
    [
        ("María José García López", 0),
        ("maria jose garcia lopez", 0),
        ("GARCIA LOPEZ, MARIA JOSE", 0),
        ("Maria Garcia", 0),
        ("Garcia Maria", 0),
        ("Maria J. Garcia", 0),
        ("  maria   garcia ", 0),
        ("Mrs. Maria Garcia", 0),
        ("Maria-Jose Garcia-Lopez", 0),
        ("Maria Gracia", 1),
        ("Mria Garcia", 1),
        ("Maria", None),
        ("Garcia", None),
        ("Garcia Lopez", None),
        ("Maria Jose", None),
        ("Mar Gar", None),
        ("Maria G", None),
        ("M Garcia", None),
        ("Mara Gracia", None),
        ("Maria Garcia Smith", None),
        ("", None),
        ("😀", None),
        ("de la", None),
    ],
)
def test_both_names_must_match(typed: str, distance: int | None) -> None:
    assert distance == name_distance(typed, "María José", "García López")


@pytest.mark.parametrize(
    ("typed", "first", "last", "distance"),
    [
        ("Juan de", "Juan", "de la Cruz", None),
        ("Juan Cruz", "Juan", "de la Cruz", 0),
        ("Juan De La Cruz", "Juan", "de la Cruz", 0),
        ("Van Nguyen", "Van", "Nguyen", 0),
        ("Shawn ONeil", "Shawn", "O'Neil", 0),
        ("Robert Hall Jr.", "Robert", "Hall", 0),
        ("Robert Hall", "Robert", "Hall Jr", 0),
        ("Ann Li", "Ana", "Li", None),  # too short to call it a typo
        ("Ana Li", "Ana", "Li", 0),
        ("Ana Li", "", "Li", None),
        ("Mary Ann Hall", "Maryann", "Hall", 0),
    ],
)
def test_names_as_people_write_them(typed: str, first: str, last: str, distance: int | None) -> None:
    assert distance == name_distance(typed, first, last)


def test_ages_turn_on_the_birthday() -> None:
    assert age("2008-06-16", TODAY) == 17
    assert age("2008-06-15", TODAY) == 18
    assert (age("2008-02-29", date(2026, 2, 28)), age("2008-02-29", date(2026, 3, 1))) == (17, 18)
    assert is_minor(LEO, TODAY)
    assert not is_minor(BEN, TODAY)


def test_members_are_found_by_id_and_by_phone_in_their_own_plan(family: Connection) -> None:
    found = find_by_member_id(family, VAULT, "indiana", " 9999-0000 0001")
    assert found is not None
    assert (found.id, found.details) == ("maria", MARIA)
    assert None is find_by_member_id(family, VAULT, "ohio", MARIA.member_id)
    assert [m.id for m in find_by_phone(family, VAULT, "+13175550101")] == ["leo", "maria"]
    assert None is member(family, VAULT, "nobody")
