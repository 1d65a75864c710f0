"""The SQL schema, for SQLite and PostgreSQL alike.

Columns that end in `_sealed` are encrypted by bot.vault at the place "table.column"; columns that end in `_index` are
keyed hashes (Vault.index). Times are UTC seconds since the epoch."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# BIGINT that still auto-increments on SQLite.
_Serial = BigInteger().with_variant(Integer, "sqlite")


def _uid() -> Column[str]:
    """The name under which others know a record: random, so that it is the same wherever the record is copied to."""
    return Column("uid", String(32), nullable=False, unique=True, default=lambda: uuid4().hex)


# --- who -------------------------------------------------------------------------------------------------------------

members = Table(
    "members",
    metadata,
    Column("id", String(32), primary_key=True),  # random, ours; never the plan's member ID
    Column("plan", String(40), nullable=False),
    Column("member_id_index", String(32), nullable=False),  # Vault.index("member_id", plan + ":" + ID)
    Column("phone_index", String(32)),  # Vault.index("phone", E.164)
    Column("name_index", String(32)),  # Vault.index("name", casefolded "first last")
    Column("details_sealed", LargeBinary, nullable=False),  # msgpack of bot.members.roster.Details
    Column("language", String(2), nullable=False, default="en"),
    Column("benefits_begin", Date),
    Column("benefits_end", Date),
    Column("pmp_provider", String(64)),  # provider id on file, directory.providers.id
    Column("version", Integer, nullable=False, default=0),  # fence for facts about the member
    Column("updated_at", Float, nullable=False),
    UniqueConstraint("plan", "member_id_index"),
    Index(None, "phone_index"),
    Index(None, "name_index"),
    Index(None, "pmp_provider"),
)

guardians = Table(
    "guardians",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name_index", String(32), nullable=False),
    Column("phone_index", String(32)),
    Column("details_sealed", LargeBinary, nullable=False),  # first, last, phone
    Column("member", String(32), ForeignKey("members.id")),  # where the guardian is a member too
    Index(None, "member"),
    Index(None, "name_index"),
    Index(None, "phone_index"),
)

guardian_links = Table(
    "guardian_links",
    metadata,
    Column("member", String(32), ForeignKey("members.id"), primary_key=True),
    Column("guardian", String(32), ForeignKey("guardians.id"), primary_key=True),
    Column("relationship", String(20), nullable=False),  # parent, guardian, representative
    Column("expires", Date),
    Index(None, "guardian"),
)

roster_files = Table(  # the newest X12 834 transaction that was loaded of each sender, so that an older one is noticed
    "roster_files",
    metadata,
    Column("plan", String(40), primary_key=True),
    Column("sender", String(40), primary_key=True),  # ISA06 GS02
    Column("created", String(16), nullable=False),  # BGN03, BGN04
    Column("interchange", String(16), nullable=False),  # ISA13, zeros before it
    Column("group_number", String(16), nullable=False),  # GS06, likewise
    Column("loaded_at", Float, nullable=False),
)

phone_links = Table(  # phones that have verified
    "phone_links",
    metadata,
    Column("phone_index", String(32), primary_key=True),
    Column("member", String(32), ForeignKey("members.id"), primary_key=True),  # whose keys were given
    Column("guardian", String(32), ForeignKey("guardians.id")),  # who gave them, where not the member
    Column("verified_at", Float, nullable=False),
    Index(None, "member"),
)

verification_failures = Table(
    "verification_failures",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("subject", String(40), nullable=False),  # "phone:<index>" or "id:<index of the ID typed>"
    Column("at", Float, nullable=False),
    Index(None, "subject", "at"),
)

accommodations = Table(  # how somebody needs to be spoken with
    "accommodations",
    metadata,
    Column("speaker", String(48), primary_key=True),  # member:<id>, guardian:<id>
    Column("kind", String(12), primary_key=True),  # relay
    Column("at", Float, nullable=False),
)

# --- the turn --------------------------------------------------------------------------------------------------------

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),  # Vault.index of (their number, our number)
    Column("version", Integer, nullable=False),
    Column("owner", String(48), nullable=False, default="bot"),  # bot.ownership: bot | queue | agent:<id> | nobody
    Column("waiting_since", Float),  # for the agent who has it, since the member wrote; null: no answer is owed
    Column("session_sealed", LargeBinary, nullable=False),
    Column("address_sealed", LargeBinary, nullable=False),  # msgpack {"member": E.164, "ours": E.164}
    Column("phone_index", String(32)),  # Vault.index("phone", their number)
    Column("language", String(2)),  # spoken last; null: of before it was kept
    Column("how", String(12)),  # sms, voice, relay; null: of before it was kept
    Column("started_at", Float),
    Column("updated_at", Float, nullable=False),
    Index(None, "phone_index"),
    Index(None, "waiting_since"),
)

spoken_of = Table(  # of whom a conversation was verified to speak: whose keys were given, who was chosen
    "spoken_of",
    metadata,
    Column("conversation", String(32), primary_key=True),
    Column("member", String(32), ForeignKey("members.id"), primary_key=True),
    Column("at", Float, nullable=False),
)

inbound = Table(
    "inbound",
    metadata,
    Column("message_id", String(64), primary_key=True),  # Twilio's MessageSid
    Column("conversation", String(32), nullable=False),
    Column("state", String(8), nullable=False),  # pending: webhook answered empty before its turn; done: turn taken
    Column("body_sealed", LargeBinary, nullable=False),
    Column("reply_sealed", LargeBinary),
    Column("arrived_at", Float, nullable=False),
    Column("done_at", Float),
    Column("answered_at", Float),  # when the reply was handed over; null: the worker sends it by the outbox
    Column("gloss_sealed", LargeBinary),  # the reply in English for staff, where it is in another language
    Column("version", Integer),  # of the conversation, that this turn made
    Index(None, "conversation", "arrived_at"),
    Index("ix_inbound_unanswered", "answered_at", "state", "arrived_at"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation", String(32), nullable=False),
    Column("message_id", String(64)),  # the inbound message it answers, where it is a late reply
    Column("body_sealed", LargeBinary, nullable=False),
    Column("reason", String(20), nullable=False),  # late_reply, reminder, agent, urgent...
    # due (or waiting to be tried again); sending: in a worker's hands; sent: taken by the outlet; delivered: it
    # arrived; undelivered, failed: it did not, and will not; dropped: an opt-out, an agent or the member's coming back
    # forbade it; unknown: it may have gone out, and is not sent again
    Column("state", String(12), nullable=False),
    Column("due_at", Float, nullable=False),  # its place among the texts of its conversation, too
    Column("sent_at", Float),
    Column("attempts", Integer, nullable=False, default=0),
    Column("zone", String(40)),  # where it may not be night when it goes out; null: an answer, at any hour
    Column("by", String(48)),  # agent:<id>, who wrote it or speaks in it; null: the bot
    Column("gloss_sealed", LargeBinary),  # as in inbound
    Column("again_at", Float),  # when it may be tried again; null: it was not tried, or not in vain
    Column("sid", String(34)),  # Twilio's name for it
    Column("error", Integer),  # Twilio's code for why it did not go out or arrive (bot.twilio_codes)
    UniqueConstraint("message_id"),
    Index(None, "state", "due_at"),
    Index(None, "conversation", "due_at"),
)

deliveries = Table(  # append-only: what Twilio reported of texts of the outbox, each once
    "deliveries",
    metadata,
    Column("sid", String(34), primary_key=True),
    Column("status", String(12), primary_key=True),  # Twilio's MessageStatus
    Column("outbox", String(32), nullable=False),
    Column("error", Integer),
    Column("at", Float, nullable=False),
    Index(None, "outbox"),
)

flagged_numbers = Table(  # phones that cannot be texted, so Twilio says
    "flagged_numbers",
    metadata,
    Column("phone_index", String(32), primary_key=True),
    Column("code", Integer, nullable=False),
    Column("at", Float, nullable=False),
)

# --- what was said and decided ---------------------------------------------------------------------------------------

answers = Table(  # append-only; folding it is the position
    "answers",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("member", String(32), ForeignKey("members.id")),  # null before the person is known
    Column("conversation", String(32), nullable=False),
    Column("run", String(32), nullable=False),
    Column("flow", String(64), nullable=False),
    Column("question", String(160), nullable=False),  # step path in the flow
    Column("status", String(10), nullable=False),  # value, declined, withdrawn, offered
    Column("value_sealed", LargeBinary),
    Column("said_by", String(48), nullable=False),  # member:<id>, guardian:<id>, or conversation before verification
    Column("how", String(12), nullable=False),  # sms, voice, relay, agent
    Column("message_id", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Index(None, "run", "id"),
    Index(None, "member", "flow", "id"),
    Index(None, "conversation", "id"),
)

runs = Table(  # one visit to a flow about a member; open until finished
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("member", String(32), ForeignKey("members.id")),
    Column("flow", String(64), nullable=False),
    Column("state", String(10), nullable=False),  # open, finished
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float),
    Index(None, "member", "flow", "state"),
)

places = Table(  # how far a task about a member has come, to go on with it in another conversation
    "places",
    metadata,
    Column("member", String(32), ForeignKey("members.id"), primary_key=True),
    Column("flow", String(64), primary_key=True),
    Column("speaker", String(48), primary_key=True),  # member:<id>, guardian:<id>: goes on for nobody else
    Column("conversation", String(32), nullable=False),  # that wrote it last
    Column("marks_sealed", LargeBinary, nullable=False),  # msgpack of bot.records.places.Kept
    Column("at", Float, nullable=False),
)

preferences = Table(
    "preferences",
    metadata,
    Column("id", _Serial, primary_key=True),
    _uid(),
    Column("member", String(32), ForeignKey("members.id"), nullable=False),
    Column("channel", String(8), nullable=False),  # mail, email, text
    Column("contact_sealed", LargeBinary),  # the address confirmed or corrected
    Column("language", String(2), nullable=False),
    Column("said_by", String(48), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Index(None, "member", "id"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", _Serial, primary_key=True),
    _uid(),
    Column("member", String(32), ForeignKey("members.id")),
    Column("phone_index", String(32)),
    Column("phone_sealed", LargeBinary),  # E.164; null: of before it was kept, to be found by a conversation there
    Column("kind", String(20), nullable=False),  # text_messages, opt_out, opt_in
    Column("status", String(8), nullable=False),  # granted, revoked
    Column("wording", String(80), nullable=False),  # response name and content digest
    Column("wording_sealed", LargeBinary, nullable=False),  # exactly what was shown: it may name the member
    Column("channel", String(8), nullable=False),
    Column("language", String(2), nullable=False),
    Column("said_by", String(48), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Index(None, "member", "id"),
    Index(None, "phone_index", "id"),
)

opt_outs = Table(  # global, by phone
    "opt_outs",
    metadata,
    Column("phone_index", String(32), primary_key=True),
    Column("since", Float, nullable=False),
)

pmp_choices = Table(
    "pmp_choices",
    metadata,
    Column("id", _Serial, primary_key=True),
    _uid(),
    Column("member", String(32), ForeignKey("members.id"), nullable=False),
    Column("provider", String(64), nullable=False),
    Column("provider_name", String(160), nullable=False),
    Column("kept", Boolean, nullable=False),
    Column("effective", Date, nullable=False),
    Column("said_by", String(48), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Index(None, "member", "id"),
    Index(None, "provider"),
)

screenings = Table(
    "screenings",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("member", String(32), ForeignKey("members.id"), nullable=False),
    Column("questionnaire", String(160), nullable=False),  # canonical|version
    Column("status", String(12), nullable=False),  # in-progress, completed
    Column("response_sealed", LargeBinary),  # FHIR R4 QuestionnaireResponse JSON
    Column("open_question", String(160)),  # what it waits for; "": to be sent; null: sent, or of before it was kept
    Column("said_by", String(48), nullable=False),
    Column("language", String(2), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("completed_at", Float),
    Column("updated_at", Float),  # when it last changed; null: of before it was kept
    Index(None, "member", "status"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("screening", String(32), nullable=False),
    Column("member", String(32), ForeignKey("members.id")),
    Column("rule", String(24), nullable=False),
    Column("rule_version", String(40), nullable=False),
    Column("tier", String(8), nullable=False),  # INFO, MED, HIGH, URGENT
    Column("topic", String(40), nullable=False, default=""),
    Column("at", Float, nullable=False),
    UniqueConstraint("screening", "rule"),
    Index(None, "member"),
)

referrals = Table(
    "referrals",
    metadata,
    Column("id", _Serial, primary_key=True),
    _uid(),
    Column("screening", String(32), nullable=False, unique=True),
    Column("member", String(32), ForeignKey("members.id")),
    Column("tier", String(8), nullable=False),
    Column("rules", Text, nullable=False),  # JSON list of rule ids
    Column("state", String(10), nullable=False),  # open, taken, closed
    Column("at", Float, nullable=False),
    Column("taken_by", String(48)),  # agent:<id>
    Column("taken_at", Float),
    Column("closed_at", Float),
    Column("outcome", String(20)),  # bot.records.referrals.Outcome
    Index(None, "state"),
    Index(None, "member"),
)

handoffs = Table(  # what waits for a person, or had one
    "handoffs",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("conversation", String(32), nullable=False),
    Column("member", String(32), ForeignKey("members.id")),
    Column("reason", String(40), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("state", String(10), nullable=False),  # open, claimed, closed
    Column("at", Float, nullable=False),
    Column("plan", String(40)),
    Column("language", String(2)),
    Column("how", String(12)),  # sms, voice, relay, agent
    Column("due_at", Float),  # when somebody should have come, in the hours of Member Services; null: no promise
    Column("tell_at", Float),  # when the member is to be told that nobody could: then, or at closing time
    Column("told_at", Float),  # when they were
    Column("claimed_by", String(48)),  # agent:<id>
    Column("claimed_at", Float),
    Column("closed_at", Float),
    Column("outcome", String(20)),  # returned, closed, task_started, answered...
    Index(None, "state", "urgent", "at"),
    Index(None, "state", "tell_at"),
    Index(None, "conversation"),
)

ownership = Table(  # append-only: every change of who may speak
    "ownership",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("conversation", String(32), nullable=False),
    Column("version", Integer, nullable=False),  # of the conversation, from which on it holds
    Column("before", String(48), nullable=False),
    Column("after", String(48), nullable=False),
    Column("by", String(48), nullable=False),  # bot, worker, agent:<id>
    Column("why", String(20), nullable=False),
    Column("at", Float, nullable=False),
    UniqueConstraint("conversation", "version"),
)

acts = Table(  # append-only: what staff did, each once
    "acts",
    metadata,
    Column("id", String(64), primary_key=True),  # of the form that asked for it
    Column("conversation", String(32), nullable=False),
    Column("by", String(48), nullable=False),
    Column("kind", String(20), nullable=False),  # the tags of bot.inputs.Act
    Column("version", Integer, nullable=False),  # of the conversation, that this act made
    Column("at", Float, nullable=False),
    Index(None, "conversation", "at"),
)

notes = Table(  # of staff, for staff
    "notes",
    metadata,
    Column("id", String(64), primary_key=True),  # of the form that wrote it
    Column("conversation", String(32)),
    Column("member", String(32), ForeignKey("members.id")),
    Column("by", String(48), nullable=False),
    Column("text_sealed", LargeBinary, nullable=False),
    Column("at", Float, nullable=False),
    Index(None, "conversation", "at"),
    Index(None, "member", "at"),
)

callbacks = Table(  # a person of Member Services calls at this time
    "callbacks",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("conversation", String(32), nullable=False),
    Column("member", String(32), ForeignKey("members.id")),
    Column("phone_index", String(32), nullable=False),  # whose phone it was asked on
    Column("phone_sealed", LargeBinary, nullable=False),  # E.164: the number to call
    Column("due_at", Float, nullable=False),
    Column("zone", String(40), nullable=False),  # in which the time was said
    Column("language", String(2), nullable=False),
    Column("how", String(12), nullable=False),  # sms, voice, relay: to be called by relay, too
    Column("state", String(10), nullable=False),  # booked, called, missed, cancelled
    Column("message_id", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),  # how often somebody has called
    Column("outcome", String(12)),  # of the last try: reached, no_answer, wrong_number
    Column("done_by", String(48)),  # agent:<id>, who made it
    Column("done_at", Float),
    Column("told_at", Float),  # when staff were told that it is due soon
    Column("late_told_at", Float),  # and that nobody has called
    Index(None, "state", "due_at"),
    Index(None, "due_at"),
    Index(None, "member", "state"),
    Index(None, "phone_index", "state"),
)

dispatches = Table(  # records on their way to the plan's own systems (bot.records.dispatches)
    "dispatches",
    metadata,
    Column("id", _Serial, primary_key=True),  # in this order for each member
    Column("uid", String(32), nullable=False, unique=True),  # by which the receiver knows a repeat
    Column("sink", String(8), nullable=False),  # webhook, fhir
    Column("kind", String(20), nullable=False),  # of bot.records.export
    Column("record", String(32), nullable=False),  # its uid
    Column("about", String(40), nullable=False),  # whose records keep their order: a member, else a phone
    # due (or waiting to be tried again); sending: in a worker's hands; sent: the receiver has it; dead: it refused it,
    # or could not be reached for too long; dropped: somebody of staff gave it up
    Column("state", String(8), nullable=False),
    Column("at", Float, nullable=False),  # since when it has been due
    Column("again_at", Float, nullable=False),  # when it may be tried
    Column("attempts", Integer, nullable=False),
    Column("taken_at", Float),
    Column("settled_at", Float),  # when it was sent, given up or dropped
    Column("problem", String(40)),  # of the last attempt: bot.records.dispatches.Problem
    Column("status", Integer),  # and the HTTP status that came with it
    Index(None, "sink", "state", "again_at"),
    Index(None, "sink", "about", "state", "id"),
    Index(None, "record"),
)

alerts = Table(  # what staff are to be told at once
    "alerts",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("conversation", String(32), nullable=False),
    Column("kind", String(20), nullable=False, server_default="urgent_handoff"),  # or callback_due
    Column("reason", String(40), nullable=False),
    Column("way", String(8), nullable=False),  # webhook, email
    Column("state", String(8), nullable=False),  # due, sent, dead, dropped
    Column("due_at", Float, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("at", Float, nullable=False),  # of what it tells: the hand-off, the time agreed on for the call
    Index(None, "state", "due_at"),
)

completions = Table(  # each of the three steps, wherever it was finished: the events a reward cites
    "completions",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("member", String(32), ForeignKey("members.id"), nullable=False),
    Column("step", String(12), nullable=False),  # preference, pmp, screening
    Column("source", String(10), nullable=False),  # carestart, portal, phone
    Column("reference", String(64), nullable=False),  # message id or import line, unique per source
    Column("said_by", String(48)),  # member:<id>, guardian:<id>, agent:<id>; null: imported
    Column("at", Float, nullable=False),
    UniqueConstraint("member", "step", "source", "reference"),
    Index(None, "member", "step", "at"),
)

rewards = Table(
    "rewards",
    metadata,
    Column("id", _Serial, primary_key=True),
    _uid(),
    Column("member", String(32), ForeignKey("members.id"), nullable=False),
    Column("programme_year", Integer, nullable=False),
    Column("cents", Integer, nullable=False),
    Column("completions", Text, nullable=False),  # JSON: the three completion ids
    Column("at", Float, nullable=False),
    UniqueConstraint("member", "programme_year"),
)

audit = Table(  # append-only
    "audit",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("at", Float, nullable=False),
    Column("actor", String(48), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("detail", Text, nullable=False, default=""),  # ids and counts only
    Index(None, "subject"),
)

# --- staff and their console ------------------------------------------------------------------------------------------

staff = Table(
    "staff",
    metadata,
    Column("id", String(12), primary_key=True),  # random; agent:<id> wherever somebody of staff did something
    Column("sign_in", String(64), nullable=False, unique=True),  # lower case
    Column("name", String(80), nullable=False),
    Column("password_hash", String(160)),  # argon2id; null: signs in by the identity provider only
    Column("role", String(10), nullable=False),  # bot.staff.ROLES
    Column("active", Boolean, nullable=False),
    Column("at", Float, nullable=False),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_index", String(64), primary_key=True),  # SHA-256 of what the cookie holds
    Column("staff", String(12), ForeignKey("staff.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("started_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),
    Index(None, "staff"),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("subject", String(48), nullable=False),  # account:<index of what was typed> or address:<index>
    Column("at", Float, nullable=False),
    Index(None, "subject", "at"),
)

# --- the provider directory (bot.directory) ---------------------------------------------------------------------------

networks = Table(
    "networks",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(160), nullable=False),
)

providers = Table(
    "providers",
    metadata,
    Column("id", String(64), primary_key=True),  # NPI where there is one, else the resource id
    Column("npi", String(10)),
    Column("name", String(160), nullable=False),  # as shown: "Dr. Ana Ruiz, MD" without titles: "Ana Ruiz"
    Column("family", String(80), nullable=False),
    Column("credential", String(40), nullable=False, default=""),
    Column("gender", String(8), nullable=False, default=""),  # female, male, ""
    Column("kinds", String(160), nullable=False),  # space separated, padded: " family pediatrics "
    Column("taxonomies", String(240), nullable=False),
    Column("languages", String(80), nullable=False, default=" en "),  # " en es ", padded so that LIKE '% es %' finds it
    Column("active", Boolean, nullable=False, default=True),
    Column("updated_at", Float, nullable=False),
    Column("source", String(10), nullable=False, server_default="plan_net"),  # or nppes
    Column("source_updated", String(32), nullable=False, server_default=""),  # ISO; when the source last changed it
)

_NARROWING = (
    *("accepting", "languages", "kinds", "from_age", "to_age", "women_only", "gender"),
    *("latitude", "longitude", "provider"),
)

provider_sites = Table(  # one provider at one place in one network
    "provider_sites",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("provider", String(64), ForeignKey("providers.id"), nullable=False),
    Column("network", String(64), nullable=False),
    Column("place", String(64), nullable=False),  # Location id
    Column("practice", String(160), nullable=False),
    Column("street", String(160), nullable=False),
    Column("city", String(80), nullable=False),
    Column("state", String(2), nullable=False),
    Column("zip", String(5), nullable=False),
    Column("phone", String(40), nullable=False, default=""),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    Column("accepting", String(12), nullable=False),  # newpt, nopt, existptonly, existptfam, unknown
    # What a search filters by stands beside the place, so that what is near is narrowed without a join.
    Column("kinds", String(80), nullable=False),  # of the roles at this site, padded as in providers
    Column("languages", String(80), nullable=False),
    Column("gender", String(8), nullable=False, default=""),
    Column("from_age", Integer, nullable=False),  # youngest and oldest age seen here, whole years, both included
    Column("to_age", Integer, nullable=False),
    Column("women_only", Boolean, nullable=False),
    Column("cell", Integer, nullable=False),  # bot.directory.distance.square of size CELL
    Column("area", Integer, nullable=False),  # and of size AREA
    UniqueConstraint("provider", "network", "place"),
    # All that narrows a search, so that what is near is found in the index alone.
    Index("ix_provider_sites_near", "network", "cell", *_NARROWING),
    Index("ix_provider_sites_far", "network", "area", *_NARROWING),
)

provider_names = Table(  # the words of each provider's name
    "provider_names",
    metadata,
    Column("provider", String(64), ForeignKey("providers.id"), primary_key=True),
    Column("word", String(30), primary_key=True),  # "ruiz"
    Column("family", Boolean, nullable=False, server_default=false()),  # whether it belongs to the family name
    Index(None, "word", "family", "provider"),
)

name_pairs = Table(  # every two words of a name, in the order of the alphabet: few have both of two common names
    "name_pairs",
    metadata,
    Column("one", String(30), primary_key=True),
    Column("two", String(30), primary_key=True),
    Column("provider", String(64), ForeignKey("providers.id"), primary_key=True),
    Index(None, "provider"),
    sqlite_with_rowid=False,
)

name_keys = Table(  # the words of all names, under every key by which a misspelling finds them
    "name_keys",
    metadata,
    Column("key", String(40), primary_key=True),  # "ruiz", "~RS" (its sound), "-riz" (a slip)
    Column("word", String(30), primary_key=True),
)

directory_resources = Table(  # Plan-Net resources as last read, so that a file of changes alone can be put together
    "directory_resources",
    metadata,
    Column("feed", String(40), primary_key=True),  # whose directory: ids are unique only there
    Column("kind", String(8), primary_key=True),  # person, role, place, org, service, member
    Column("id", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),  # of a person the provider id, of a role the practitioner's id
    Column("updated", String(32), nullable=False),  # meta.lastUpdated in UTC
    Column("packed", LargeBinary, nullable=False),  # msgpack of bot.directory.plan_net_records
    Index(None, "feed", "kind", "owner"),
)

pmp_notices = Table(  # members whose primary provider can no longer be theirs: staff help them choose another
    "pmp_notices",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("member", String(32), ForeignKey("members.id"), nullable=False),
    Column("provider", String(64), nullable=False),
    Column("reason", String(16), nullable=False),  # closed, left_network, not_accepting
    Column("at", Float, nullable=False),
    Column("settled_at", Float),  # when the provider was back, or staff said so
    Index(None, "provider"),
    Index(None, "member", "settled_at"),
)
