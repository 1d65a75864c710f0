"""The settings by name, with type, default and meaning: the one source of README's table and of the defaults."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of the settings table. An empty default with `derived` says where the value comes from instead."""

    name: str
    kind: str
    default: str
    meaning: str
    derived: str = ""


SETTINGS = (
    Setting(
        "CARESTART_ENV",
        "development, production",
        "development",
        "`production` refuses SQLite, generated keys, sample data and the simulator",
    ),
    Setting(
        "CARESTART_DATA",
        "folder",
        ".data",
        "Where the SQLite file, the embedded Redis and generated keys live; `--data` wins",
    ),
    Setting(
        "PUBLIC_BASE_URL",
        "URL",
        "",
        "The address Twilio calls, without a path; `https` in production. Signatures are checked against it",
    ),
    Setting("PORT", "number", "8000", "Port of the web server; `--port` wins"),
    Setting("HOST", "address", "127.0.0.1", "Address the web server listens on; 0.0.0.0 for every network"),
    Setting("WEB_WORKERS", "number", "2", "Web processes; one request each at a time"),
    Setting(
        "LOG_LEVEL",
        "debug, info, warning, error",
        "info",
        "Least level that is logged. No level logs what a member wrote",
    ),
    Setting("TWILIO_ACCOUNT_SID", "AC…", "", "Twilio account; requests that name another are refused"),
    Setting(
        "TWILIO_AUTH_TOKEN",
        "secret",
        "",
        "Checks Twilio's signatures and sends texts; without it unsigned webhooks are refused and the simulator serves",
    ),
    Setting("TWILIO_MESSAGING_SERVICE_SID", "MG…", "", "Messaging Service that texts are sent through"),
    Setting(
        "TWILIO_OPT_OUT",
        "default, advanced, self",
        "default",
        "Who answers STOP, START and HELP: Twilio's defaults, Advanced Opt-Out, or CareStart itself",
    ),
    Setting(
        "SIMULATOR",
        "yes, no",
        "",
        "Serve the phone in the browser at /simulator/",
        "yes while no Twilio token is set, outside production",
    ),
    Setting(
        "SAMPLE_DATA", "yes, no", "", "Fill an empty store with made-up members and providers", "yes outside production"
    ),
    Setting("REDIS_URL", "URL, secret", "", "Redis or Valkey", "an embedded server in the data folder"),
    Setting("REDIS_CLUSTER", "yes, no", "no", "REDIS_URL names a node of a Redis Cluster"),
    Setting(
        "QUEUE_URL",
        "URL, secret",
        "",
        "Redis or Valkey, no Cluster, through which the worker is woken; nothing of a member is in it",
        "REDIS_URL",
    ),
    Setting(
        "DATABASE_URL", "URL, secret", "", "SQLite or PostgreSQL, as SQLAlchemy writes it", "SQLite in the data folder"
    ),
    Setting(
        "SQLITE_SYNCHRONOUS", "full, normal", "full", "`normal` is faster and may lose the last turns in a power cut"
    ),
    Setting(
        "ENCRYPTION_KEYS",
        "NUMBER:BASE64, … secret",
        "",
        "Keys of 32 bytes that seal sensitive columns and sessions, newest first",
        "generated into the data folder",
    ),
    Setting(
        "LOOKUP_KEY",
        "BASE64, secret",
        "",
        "Key of 32 bytes or more for keyed hashes of phone numbers and IDs",
        "generated into the data folder",
    ),
    Setting(
        "SIMULATOR_SECRET", "secret", "", "Signs what the simulator's browser keeps", "generated into the data folder"
    ),
    Setting("FLOWS", "folder", "flows", "The content"),
    Setting("MODEL", "folder", "nlu/model", "The trained classifier"),
    Setting(
        "PLANS", "ids, comma separated", "", "Plans to serve, by the id in their file", "every plan of the content"
    ),
    Setting(
        "ACTION_ENDPOINT_URL",
        "URL",
        "",
        "A Rasa action server, such as http://127.0.0.1:5055/webhook",
        "actions run in the web process",
    ),
    Setting(
        "ONCALL_WEBHOOK_URL", "URL, secret", "", "Told at once, by POST, of an urgent hand-off: a member in danger"
    ),
    Setting("ONCALL_WEBHOOK_SECRET", "secret", "", "Signs those POSTs: `X-CareStart-Signature: sha256=...`"),
    Setting("ONCALL_EMAIL", "email address", "", "Told at once, by email, of an urgent hand-off"),
    Setting("ONCALL_EMAIL_FROM", "email address", "", "Whom those emails are from", "ONCALL_EMAIL"),
    Setting(
        "SMTP_URL", "URL, secret", "", "Mail server: `smtp+starttls://USER:PASSWORD@HOST:587`, `smtps://` or `smtp://`"
    ),
    Setting(
        "DELIVERY_WEBHOOK_URL",
        "URL, secret",
        "",
        "Every record is posted there as it is written, signed as Standard Webhooks says (docs/delivery.md)",
    ),
    Setting(
        "DELIVERY_WEBHOOK_SECRETS",
        "whsec_BASE64, … secret",
        "",
        "Sign those posts, 24 to 64 secret bytes each; newest first, so that they can be changed",
    ),
    Setting(
        "DELIVERY_FHIR_URL",
        "URL, secret",
        "",
        "Base address of a FHIR R4 server: every record that is a FHIR resource is created there as it is written",
    ),
    Setting("DELIVERY_FHIR_TOKEN", "secret", "", "Bearer token for it"),
    Setting(
        "DELIVERY_FHIR_TOKEN_URL",
        "URL, secret",
        "",
        "Where tokens for it are asked for instead (OAuth 2.0 client credentials, SMART Backend Services)",
    ),
    Setting("DELIVERY_FHIR_CLIENT_ID", "text", "", "As what CareStart is registered there"),
    Setting("DELIVERY_FHIR_CLIENT_SECRET", "secret", "", "Its secret there"),
    Setting(
        "DELIVERY_FHIR_CLIENT_KEY",
        "PEM, secret",
        "",
        "Its private key there instead, P-384 or RSA: it proves itself by private_key_jwt",
    ),
    Setting("DELIVERY_FHIR_SCOPE", "text", "system/*.cu", "What those tokens are for"),
    Setting("REMINDERS_A_MONTH", "number", "3", "Most reminders that a phone gets in 30 days, however often it asks"),
    Setting("TURN_SECONDS", "seconds", "5", "Longest that a SQL statement or an action server may take"),
    Setting("LEASE_SECONDS", "seconds", "15", "How long a turn owns its conversation; more than TURN_SECONDS"),
    Setting(
        "WEBHOOK_SECONDS",
        "seconds",
        "8",
        "Longest a webhook waits for its turn before it answers empty and the reply follows; less than Twilio's 15",
    ),
    Setting("SESSION_DAYS", "days", "30", "How long Redis keeps a conversation; SQL keeps it always"),
    Setting(
        "VERIFICATION_HOURS", "hours", "24", "How long a phone stays verified; after that the birth date is enough"
    ),
    Setting("VERIFICATION_TRIES", "number", "3", "Failed verifications before a person takes over"),
    Setting("LOCKOUT_HOURS", "hours", "24", "How long verification stays closed after that"),
    Setting("CONSOLE_IDLE_MINUTES", "minutes", "30", "Without a click for so long, staff sign in to the console again"),
    Setting("CONSOLE_HOURS", "hours", "12", "Staff sign in again after that, however busy"),
    Setting(
        "OIDC_ISSUER", "URL", "", "OpenID provider that staff may sign in with, beside accounts of the console's own"
    ),
    Setting(
        "OIDC_CLIENT_ID",
        "text",
        "",
        "As what CareStart is registered there; it is called back at /console/oidc/callback",
    ),
    Setting("OIDC_CLIENT_SECRET", "secret", "", "Its secret there"),
    Setting(
        "OIDC_ROLES",
        "GROUP=ROLE, …",
        "",
        "Role that a value of the ID token's `groups` or `roles` gives; the first that fits counts, none: no entry",
    ),
    Setting(
        "PMP_EFFECTIVE",
        "next_month, today",
        "next_month",
        "When a chosen PMP takes effect: the first of next month, or at once",
    ),
)


def settings_table() -> str:
    """The settings as the Markdown table that README shows."""
    rows = [f"| `{s.name}` | {s.kind} | {_default(s)} | {s.meaning} |" for s in SETTINGS]
    return "\n".join(["| setting | type | default | meaning |", "|---|---|---|---|", *rows])


def _default(setting: Setting) -> str:
    return f"`{setting.default}`" if setting.default else setting.derived or "none"
