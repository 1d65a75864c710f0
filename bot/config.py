"""Every setting: read once, from the environment, typed and checked. The only file that reads the environment."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, cast, get_args

from bot.setting_values import (
    Reading,
    Secret,
    base_url,
    database_url,
    email_address,
    encryption_keys,
    groups_to_roles,
    lookup_key,
    private_key,
    redis_url,
    smtp_url,
    twilio_sid,
    web_url,
    webhook_secrets,
)
from bot.settings_table import SETTINGS
from bot.staff import Role
from bot.vault import Vault, parse_keys

Environment = Literal["development", "production"]
OptOutMode = Literal["default", "advanced", "self"]
Synchronous = Literal["full", "normal"]
LogLevel = Literal["debug", "info", "warning", "error"]
Change = Literal["next_month", "today"]

KEYS_FILE = "keys.json"
_SAMPLE_PASSWORD = "SAMPLE_STAFF_PASSWORD"  # in that file; no setting
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Settings:
    """What the process was told. Times are in seconds unless the name says otherwise; empty text means not set."""

    environment: Environment
    data: Path
    public_base_url: str  # no trailing slash
    port: int
    host: str
    web_workers: int
    log_level: LogLevel
    twilio_account_sid: str
    twilio_auth_token: Secret
    twilio_messaging_service_sid: str
    twilio_opt_out: OptOutMode
    simulator: bool
    sample_data: bool
    redis_cluster: bool
    redis_url: Secret  # empty: the embedded server (bot.embedded_redis.redis_for)
    queue_url: Secret  # empty: redis_url; see queue_at
    database_url: Secret
    sqlite_synchronous: Synchronous
    encryption_keys: Secret
    lookup_key: Secret
    simulator_secret: Secret
    flows: Path
    model: Path
    plans: tuple[str, ...]  # empty: every plan of the content
    action_endpoint_url: str
    oncall_webhook_url: Secret
    oncall_webhook_secret: Secret
    oncall_email: str
    oncall_email_from: str
    smtp_url: Secret
    delivery_webhook_url: Secret
    delivery_webhook_secrets: Secret  # whsec_..., comma separated, newest first
    delivery_fhir_url: Secret  # no trailing slash
    delivery_fhir_token: Secret
    delivery_fhir_token_url: Secret
    delivery_fhir_client_id: str
    delivery_fhir_client_secret: Secret
    delivery_fhir_client_key: Secret  # PEM
    delivery_fhir_scope: str
    reminders_a_month: int
    turn_seconds: float
    lease_seconds: float
    webhook_seconds: float
    session_days: int
    verification_hours: int
    verification_tries: int
    lockout_hours: int
    console_idle_minutes: int
    console_hours: int
    oidc_issuer: str
    oidc_client_id: str
    oidc_client_secret: Secret
    oidc_roles: tuple[tuple[str, Role], ...]  # (group, role)
    pmp_effective: Change

    @property
    def production(self) -> bool:
        return self.environment == "production"

    @property
    def queue_at(self) -> Secret:
        """The Redis that the worker is woken through."""
        return self.queue_url or self.redis_url

    @property
    def alert_by(self) -> tuple[str, ...]:
        """The ways in which staff are told at once of an urgent hand-off: webhook, email."""
        ways = {"webhook": bool(self.oncall_webhook_url), "email": bool(self.oncall_email)}
        return tuple(way for way, wanted in ways.items() if wanted)

    @property
    def deliver_to(self) -> tuple[str, ...]:
        """The sinks that records go to as they are written (bot.records.dispatches): webhook, fhir."""
        sinks = {"webhook": bool(self.delivery_webhook_url), "fhir": bool(self.delivery_fhir_url)}
        return tuple(sink for sink, wanted in sinks.items() if wanted)


class SettingsRefused(Exception):
    """Some settings are missing or wrong. `problems` has one sentence each, saying what to do."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def process_environ() -> dict[str, str]:
    """A copy of this process's environment."""
    return dict(os.environ)


def child_environ(settings: Settings) -> dict[str, str]:
    """The environment for a child process that is to read these same settings."""
    given = {
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
        "CARESTART_DATA": str(settings.data),
        "REDIS_URL": settings.redis_url.reveal(),
        "HOST": settings.host,
        "PORT": str(settings.port),
        "WEB_WORKERS": str(settings.web_workers),
    }
    return process_environ() | given


def pass_on(settings: Settings) -> None:
    """Let children that inherit this process's environment read these settings."""
    os.environ.update(child_environ(settings))


def data_folder(environ: Mapping[str, str], option: Path | None = None) -> Path:
    """The data folder, absolute: `--data`, else CARESTART_DATA, else .data here."""
    return (option or Path(environ.get("CARESTART_DATA") or ".data")).expanduser().resolve()


def load_settings(environ: Mapping[str, str], data: Path) -> Settings:
    """Read and check every setting. Raises SettingsRefused with all problems at once."""
    kept = _kept_keys(data)
    reading = Reading({**kept, **{name: value for name, value in environ.items() if value.strip()}})
    settings = _read(reading, data)
    problems = [*reading.problems, *_unknown(environ)]
    if not reading.problems:
        problems += _contradictions(settings)
        problems += _unfit_for_production(settings, environ, kept) if settings.production else []
    if problems:
        raise SettingsRefused(tuple(problems))
    return settings


def ensure_keys(data: Path) -> Path:
    """Generate this data folder's keys where there are none yet; two processes at once agree on one set."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = data / KEYS_FILE
    if not file.exists():
        draft = data / f".{KEYS_FILE}.{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(_new_keys(), indent=1) + "\n")
        try:
            file.hardlink_to(draft)
        except FileExistsError:
            pass  # another process was first: its keys count
        finally:
            draft.unlink()
    return file


def sample_password(data: Path) -> str:
    """The password of the sample staff of this data folder, made where there is none yet. One process at a time."""
    kept = _kept_keys(data)
    if _SAMPLE_PASSWORD not in kept:
        kept[_SAMPLE_PASSWORD] = secrets.token_urlsafe(12)
        draft = data / f".{KEYS_FILE}.{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(kept, indent=1) + "\n")
        draft.replace(data / KEYS_FILE)
    return kept[_SAMPLE_PASSWORD]


def open_vault(settings: Settings) -> Vault:
    """The vault under this process's keys."""
    return Vault(parse_keys(settings.encryption_keys.reveal()), base64.b64decode(settings.lookup_key.reveal()))


def _new_keys() -> dict[str, str]:
    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    return {"ENCRYPTION_KEYS": f"1:{key()}", "LOOKUP_KEY": key(), "SIMULATOR_SECRET": key()}


def _kept_keys(data: Path) -> dict[str, str]:
    try:
        kept = json.loads((data / KEYS_FILE).read_text())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise SettingsRefused((f"{data / KEYS_FILE} is not JSON: restore it from your backup",)) from error
    return {name: str(value) for name, value in kept.items()}


def _read(reading: Reading, data: Path) -> Settings:
    environment = cast(Environment, reading.one_of("CARESTART_ENV", get_args(Environment)))
    relaxed = environment != "production"
    return Settings(
        environment=environment,
        data=data,
        public_base_url=reading.parsed("PUBLIC_BASE_URL", base_url, ""),
        port=reading.number("PORT", 1, 65535),
        host=reading.text("HOST"),
        web_workers=reading.number("WEB_WORKERS", 1, 64),
        log_level=cast(LogLevel, reading.one_of("LOG_LEVEL", get_args(LogLevel))),
        twilio_account_sid=reading.parsed("TWILIO_ACCOUNT_SID", lambda text: twilio_sid(text, "AC"), ""),
        twilio_auth_token=reading.secret("TWILIO_AUTH_TOKEN"),
        twilio_messaging_service_sid=reading.parsed(
            "TWILIO_MESSAGING_SERVICE_SID", lambda text: twilio_sid(text, "MG"), ""
        ),
        twilio_opt_out=cast(OptOutMode, reading.one_of("TWILIO_OPT_OUT", get_args(OptOutMode))),
        simulator=reading.yes("SIMULATOR", relaxed and not reading.text("TWILIO_AUTH_TOKEN")),
        sample_data=reading.yes("SAMPLE_DATA", relaxed),
        redis_url=Secret(reading.parsed("REDIS_URL", redis_url, "")),
        queue_url=Secret(reading.parsed("QUEUE_URL", redis_url, "")),
        redis_cluster=reading.yes("REDIS_CLUSTER", False),
        database_url=Secret(reading.parsed("DATABASE_URL", lambda text: database_url(text, data), "")),
        sqlite_synchronous=cast(Synchronous, reading.one_of("SQLITE_SYNCHRONOUS", get_args(Synchronous))),
        encryption_keys=Secret(reading.parsed("ENCRYPTION_KEYS", encryption_keys, "")),
        lookup_key=Secret(reading.parsed("LOOKUP_KEY", lookup_key, "")),
        simulator_secret=reading.secret("SIMULATOR_SECRET"),
        flows=ROOT / Path(reading.text("FLOWS")).expanduser(),
        model=ROOT / Path(reading.text("MODEL")).expanduser(),
        plans=tuple(filter(None, (plan.strip() for plan in reading.text("PLANS").split(",")))),
        action_endpoint_url=reading.parsed("ACTION_ENDPOINT_URL", web_url, ""),
        oncall_webhook_url=Secret(reading.parsed("ONCALL_WEBHOOK_URL", web_url, "")),
        oncall_webhook_secret=reading.secret("ONCALL_WEBHOOK_SECRET"),
        oncall_email=reading.parsed("ONCALL_EMAIL", email_address, ""),
        oncall_email_from=reading.parsed("ONCALL_EMAIL_FROM", email_address, ""),
        smtp_url=Secret(reading.parsed("SMTP_URL", smtp_url, "")),
        delivery_webhook_url=Secret(reading.parsed("DELIVERY_WEBHOOK_URL", web_url, "")),
        delivery_webhook_secrets=Secret(reading.parsed("DELIVERY_WEBHOOK_SECRETS", webhook_secrets, "")),
        delivery_fhir_url=Secret(reading.parsed("DELIVERY_FHIR_URL", web_url, "").rstrip("/")),
        delivery_fhir_token=reading.secret("DELIVERY_FHIR_TOKEN"),
        delivery_fhir_token_url=Secret(reading.parsed("DELIVERY_FHIR_TOKEN_URL", web_url, "")),
        delivery_fhir_client_id=reading.text("DELIVERY_FHIR_CLIENT_ID"),
        delivery_fhir_client_secret=reading.secret("DELIVERY_FHIR_CLIENT_SECRET"),
        delivery_fhir_client_key=Secret(reading.parsed("DELIVERY_FHIR_CLIENT_KEY", private_key, "")),
        delivery_fhir_scope=reading.text("DELIVERY_FHIR_SCOPE"),
        reminders_a_month=reading.number("REMINDERS_A_MONTH", 0, 31),
        turn_seconds=reading.seconds("TURN_SECONDS"),
        lease_seconds=reading.seconds("LEASE_SECONDS"),
        webhook_seconds=reading.seconds("WEBHOOK_SECONDS"),
        session_days=reading.number("SESSION_DAYS"),
        verification_hours=reading.number("VERIFICATION_HOURS"),
        verification_tries=reading.number("VERIFICATION_TRIES"),
        lockout_hours=reading.number("LOCKOUT_HOURS"),
        console_idle_minutes=reading.number("CONSOLE_IDLE_MINUTES", 1, 24 * 60),
        console_hours=reading.number("CONSOLE_HOURS", 1, 24 * 7),
        oidc_issuer=reading.parsed("OIDC_ISSUER", web_url, ""),
        oidc_client_id=reading.text("OIDC_CLIENT_ID"),
        oidc_client_secret=reading.secret("OIDC_CLIENT_SECRET"),
        oidc_roles=reading.parsed("OIDC_ROLES", groups_to_roles, ()),
        pmp_effective=cast(Change, reading.one_of("PMP_EFFECTIVE", get_args(Change))),
    )


def for_this_computer_only(settings: Settings) -> bool:
    """Whether nobody else reaches the web server."""
    return _loopback(settings.host)


def _contradictions(settings: Settings) -> list[str]:
    checks = {
        "LEASE_SECONDS: must be more than TURN_SECONDS, or a turn could outlive its lease": (
            settings.lease_seconds <= settings.turn_seconds
        ),
        "WEBHOOK_SECONDS: must be more than TURN_SECONDS and less than 15, when Twilio gives up": not (
            settings.turn_seconds < settings.webhook_seconds < 15
        ),
        "TWILIO_ACCOUNT_SID: set it too, so that requests for another account are refused": (
            bool(settings.twilio_auth_token) and not settings.twilio_account_sid
        ),
        "PUBLIC_BASE_URL: set it to the address Twilio calls, signatures are checked against it": (
            bool(settings.twilio_auth_token) and not settings.public_base_url
        ),
        "QUEUE_URL: set it to a Redis or Valkey that is no Cluster; the worker cannot be woken through one": (
            settings.redis_cluster and not settings.queue_url
        ),
        "SMTP_URL: set it too, ONCALL_EMAIL is sent through it": bool(settings.oncall_email) and not settings.smtp_url,
        "OIDC_ISSUER: set OIDC_CLIENT_ID, OIDC_CLIENT_SECRET and OIDC_ROLES too, or nobody can sign in with it": (
            bool(settings.oidc_issuer)
            and not (settings.oidc_client_id and settings.oidc_client_secret and settings.oidc_roles)
        ),
        "DELIVERY_WEBHOOK_SECRETS: set it too, records never leave unsigned": (
            bool(settings.delivery_webhook_url) and not settings.delivery_webhook_secrets
        ),
        "DELIVERY_FHIR_TOKEN_URL: set DELIVERY_FHIR_CLIENT_ID too, and either DELIVERY_FHIR_CLIENT_SECRET or "
        "DELIVERY_FHIR_CLIENT_KEY": bool(settings.delivery_fhir_token_url) and not _knows_itself(settings),
        "DELIVERY_FHIR_TOKEN: give it or DELIVERY_FHIR_TOKEN_URL, not both": (
            bool(settings.delivery_fhir_token_url) and bool(settings.delivery_fhir_token)
        ),
        "HOST: the simulator is for this computer only; remove HOST, or set SIMULATOR to no": (
            settings.simulator and not _loopback(settings.host)
        ),
    }
    return [problem for problem, wrong in checks.items() if wrong]


def _knows_itself(settings: Settings) -> bool:
    """As whom it asks for tokens, and one way to prove it."""
    proofs = (bool(settings.delivery_fhir_client_secret), bool(settings.delivery_fhir_client_key))
    return bool(settings.delivery_fhir_client_id) and proofs.count(True) == 1


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _is_open(url: Secret) -> bool:
    """Whether what is sent there can be read on the way."""
    return url.reveal().lower().startswith("http://")


def _unfit_for_production(settings: Settings, environ: Mapping[str, str], kept: Mapping[str, str]) -> list[str]:
    generated = {
        name
        for name in ("ENCRYPTION_KEYS", "LOOKUP_KEY")
        if not environ.get(name, "").strip() or environ[name].strip() == kept.get(name)
    }
    checks = {
        "DATABASE_URL: production does not run on SQLite; give a postgresql:// URL": (
            settings.database_url.reveal().startswith("sqlite")
        ),
        "SIMULATOR: production does not serve the simulator; remove the setting": settings.simulator,
        "SAMPLE_DATA: production does not load made-up people; remove the setting": settings.sample_data,
        "PUBLIC_BASE_URL: production needs the https address that Twilio calls": (
            not settings.public_base_url.startswith("https://")
        ),
        "OIDC_ISSUER: production needs an https address": settings.oidc_issuer.startswith("http://"),
        "DELIVERY_WEBHOOK_URL: production needs an https address": _is_open(settings.delivery_webhook_url),
        "DELIVERY_FHIR_URL: production needs an https address": _is_open(settings.delivery_fhir_url),
        "DELIVERY_FHIR_TOKEN_URL: production needs an https address": _is_open(settings.delivery_fhir_token_url),
        "TWILIO_ACCOUNT_SID: production needs it": not settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN: production needs it": not settings.twilio_auth_token,
    }
    return [problem for problem, wrong in checks.items() if wrong] + [
        f"{name}: production needs a key of your own, kept outside the data folder (see docs/operations.md)"
        for name in sorted(generated)
    ]


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = {setting.name for setting in SETTINGS}
    return [
        f"{name}: no such setting" for name in sorted(environ) if name.startswith("CARESTART_") and name not in known
    ]
