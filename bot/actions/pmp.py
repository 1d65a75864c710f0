"""Primary medical providers: the one on file, and the search."""

from __future__ import annotations

from bot import actions
from bot.actions.lookup import Lookup, Slots
from bot.actions.progress import spoken_date
from bot.calendar import effective_date
from bot.directory.search import Criteria, Match, details, search, why_none
from bot.lookups import Lookups
from bot.members.roster import member
from bot.records.choices import latest_pmp
from bot.records.database import Connection
from nlu.answers.provider_search import parse_provider_search

PAGE = 3  # providers offered at a time
_GENDERS = {"F": "female", "M": "male", "": ""}  # as typed -> as FHIR has it


class PmpOnFile(Lookup):
    called = "action_pmp_on_file"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        with look.connection() as conn:
            who = member(conn, look.vault, slots["person"])
            provider = latest_pmp(conn, slots["person"]) or (who.pmp_provider if who else None)
            found = details(conn, provider, _networks(look, slots)) if provider else None
        return {
            "pmp_on_file": found is not None,
            "pmp_on_file_id": found.provider if found else None,
            "pmp_on_file_name": _called(found) if found else None,
        }


class FindProviders(Lookup):
    """Three at a time of those who fit; where none does, why."""

    called = "action_find_providers"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        page = int(slots.get("pmp_page") or 0)
        with look.connection() as conn:
            criteria = _criteria(look, conn, slots, page)
            found = search(conn, criteria)
            problem = None if found else why_none(conn, criteria)
        offers = [{"value": match.provider, "title": _offer(match)} for match in found[:PAGE]]
        return {
            "pmp_offers": offers,
            "pmp_found": float(len(offers)),
            "pmp_more": len(found) > PAGE,
            "pmp_problem": problem or "none",
        }


class MoreProviders(Lookup):
    """The next page; after the last, the first again."""

    called = "action_more_providers"

    def find(self, slots: Slots) -> Slots:
        return {"pmp_page": float(slots.get("pmp_page") or 0) + 1 if slots.get("pmp_more") else 0.0}


class ProviderDetails(Lookup):
    called = "action_provider_details"

    def find(self, slots: Slots) -> Slots:
        look = actions.lookups()
        kept = slots["pmp_pick"] == "on_file"
        provider = slots["pmp_on_file_id"] if kept else slots["pmp_pick"]
        with look.connection() as conn:
            found = details(conn, provider, _networks(look, slots), _near(look, conn, slots))
        takes_effect = effective_date(look.today(slots), look.settings.pmp_effective, kept=kept)
        return {
            "pmp_id": provider,
            "pmp_name": _called(found) if found else slots.get("pmp_on_file_name"),
            "pmp_details": _details(found) if found else None,
            "pmp_phone": found.phone if found else None,
            "pmp_effective": spoken_date(takes_effect.isoformat()),
        }


def _criteria(look: Lookups, conn: Connection, slots: Slots, page: int) -> Criteria:
    asked = parse_provider_search(slots["pmp_search"], slots.get("language") or "en")
    plan = look.plan(slots["plan"])
    age = slots.get("person_age")
    return Criteria(
        networks=plan.networks,
        kinds=tuple(asked.kinds),
        name=asked.name,
        zip=asked.zip or ("" if asked.name else _home(look, conn, slots)),
        languages=tuple(asked.languages),
        gender=_GENDERS[asked.gender],
        age=int(age) if age is not None else None,
        sex=slots.get("person_sex"),
        limit=PAGE + 1,
        offset=page * PAGE,
    )


def _near(look: Lookups, conn: Connection, slots: Slots) -> str:
    """The ZIP that decides which of a provider's places is told: the one searched near, else the member's own."""
    searched = parse_provider_search(slots.get("pmp_search") or "", "en").zip
    return searched or _home(look, conn, slots)


def _home(look: Lookups, conn: Connection, slots: Slots) -> str:
    """The ZIP to measure from where none was given: the member's own."""
    who = member(conn, look.vault, slots["person"])
    return who.details.zip if who else ""


def _networks(look: Lookups, slots: Slots) -> tuple[str, ...]:
    return look.plan(slots["plan"]).networks


def _called(match: Match) -> str:
    return f"{match.name}, {match.credential}" if match.credential else match.name


def _offer(match: Match) -> str:
    """One line of a choice: name, city, miles."""
    away = f", {match.miles:.0f} mi" if match.miles is not None else ""
    return f"{_called(match)}, {match.city}{away}"


def _details(match: Match) -> str:
    return ", ".join(filter(None, (_called(match), match.practice, match.street, f"{match.city} {match.zip}")))
