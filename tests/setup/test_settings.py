"""The settings: typed, checked all at once, and silent about secrets."""

import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import pytest

from bot.config import KEYS_FILE, Settings, SettingsRefused, data_folder, ensure_keys, load_settings, open_vault
from bot.setting_values import Secret
from bot.settings_table import SETTINGS, settings_table

KEY = base64.b64encode(b"k" * 32).decode()
SID = "AC" + "0" * 32
PRODUCTION = {
    "CARESTART_ENV": "production",
    "PUBLIC_BASE_URL": "https://care.example.org",
    "TWILIO_ACCOUNT_SID": SID,
    "TWILIO_AUTH_TOKEN": "a-token",
    "DATABASE_URL": "postgresql://care:word@db/care",
    "ENCRYPTION_KEYS": f"1:{KEY}",
    "LOOKUP_KEY": KEY,
}


@pytest.fixture
def data(tmp_path):
    ensure_keys(tmp_path)
    return tmp_path


def refused(environ, data):
    with pytest.raises(SettingsRefused) as refusal:
        load_settings(environ, data)
    return refusal.value.problems


def test_with_nothing_set_everything_has_a_value(data):
    settings = load_settings({}, data)
    assert "development" == settings.environment
    assert f"sqlite:///{data}/carestart.db" == settings.database_url.reveal()
    assert (5, 15, 8) == (settings.turn_seconds, settings.lease_seconds, settings.webhook_seconds)
    assert (30, 24, 3, 24) == (
        settings.session_days,
        settings.verification_hours,
        settings.verification_tries,
        settings.lockout_hours,
    )
    assert settings.simulator and settings.sample_data and not settings.redis_url
    assert (settings.flows / "..").resolve() == (settings.model / "../..").resolve()


def test_an_empty_value_counts_as_not_set(data):
    assert load_settings({}, data) == load_settings({"PORT": " ", "REDIS_URL": ""}, data)


def test_all_problems_are_told_at_once_and_each_says_what_to_do(data):
    wrong = {
        "PORT": "80a",
        "PUBLIC_BASE_URL": "care.example.org",
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_OPT_OUT": "maybe",
        "REDIS_URL": "localhost:6379",
        "DATABASE_URL": "mysql://x",
        "ENCRYPTION_KEYS": "1:short",
        "LOOKUP_KEY": "c2hvcnQ=",
        "TURN_SECONDS": "0",
        "SAMPLE_DATA": "perhaps",
        "CARESTART_PORT": "1",
    }
    problems = refused(wrong, data)
    assert sorted(wrong) == sorted(problem.partition(":")[0] for problem in problems)
    assert all(": give " in problem or "no such setting" in problem for problem in problems)


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "DATABASE_URL", "REDIS_URL", "ENCRYPTION_KEYS", "LOOKUP_KEY"])
def test_a_problem_never_repeats_a_secret(name, data):
    problems = refused({name: "hunter2-secret", "PORT": "x"}, data)
    assert "hunter2" not in "\n".join(problems)


@pytest.mark.parametrize(
    "url", ["https://care.example.org/path", "https://a@care.example.org", "https://x/?a=1", "ftp://care.example.org"]
)
def test_the_public_address_is_only_scheme_and_host(url, data):
    assert refused({"PUBLIC_BASE_URL": url}, data)[0].startswith("PUBLIC_BASE_URL")
    assert "https://x" == load_settings({"PUBLIC_BASE_URL": "https://x/"}, data).public_base_url


def test_times_that_contradict_each_other_are_refused(data):
    assert refused({"LEASE_SECONDS": "5"}, data)[0].startswith("LEASE_SECONDS")
    assert refused({"WEBHOOK_SECONDS": "15"}, data)[0].startswith("WEBHOOK_SECONDS")


def test_a_twilio_token_needs_account_and_address_and_turns_the_simulator_off(data):
    names = {problem.partition(":")[0] for problem in refused({"TWILIO_AUTH_TOKEN": "t"}, data)}
    assert {"TWILIO_ACCOUNT_SID", "PUBLIC_BASE_URL"} == names
    given = {"TWILIO_AUTH_TOKEN": "t", "TWILIO_ACCOUNT_SID": SID, "PUBLIC_BASE_URL": "https://x"}
    assert not load_settings(given, data).simulator
    assert load_settings(given | {"SIMULATOR": "yes"}, data).simulator


def test_postgresql_addresses_name_the_driver(data):
    for given in ("postgres://u:p@h/d", "postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"):
        assert "postgresql+psycopg://u:p@h/d" == load_settings({"DATABASE_URL": given}, data).database_url.reveal()


def test_secrets_never_print(data):
    settings = load_settings(PRODUCTION | {"REDIS_URL": "rediss://:hush@redis/0"}, data)
    for text in (repr(settings), str(settings), f"{settings.redis_url}"):
        assert not any(secret in text for secret in (KEY, "a-token", "word@db", "hush"))
    assert "***" == str(settings.twilio_auth_token)
    assert "''" == repr(Secret())


# --- production ------------------------------------------------------------------------------------------------------


def test_production_starts_with_everything_of_its_own(data):
    settings = load_settings(PRODUCTION, data)
    assert settings.production
    assert not settings.simulator and not settings.sample_data


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:////tmp/x.db"}, "DATABASE_URL"),
        ({"SIMULATOR": "yes"}, "SIMULATOR"),
        ({"SAMPLE_DATA": "yes"}, "SAMPLE_DATA"),
        ({"PUBLIC_BASE_URL": "http://care.example.org"}, "PUBLIC_BASE_URL"),
        ({"TWILIO_ACCOUNT_SID": ""}, "TWILIO_ACCOUNT_SID"),
        ({"TWILIO_AUTH_TOKEN": ""}, "TWILIO_AUTH_TOKEN"),
        ({"ENCRYPTION_KEYS": ""}, "ENCRYPTION_KEYS"),
        ({"LOOKUP_KEY": ""}, "LOOKUP_KEY"),
    ],
)
def test_production_refuses(change, name, data):
    assert any(problem.startswith(f"{name}:") for problem in refused(PRODUCTION | change, data))


def test_production_refuses_a_generated_key_that_was_copied_into_the_environment(data):
    generated = json.loads((data / KEYS_FILE).read_text())
    assert refused(PRODUCTION | {"LOOKUP_KEY": generated["LOOKUP_KEY"]}, data)[0].startswith("LOOKUP_KEY")


# --- keys ------------------------------------------------------------------------------------------------------------


def test_generated_keys_are_for_the_owner_only_and_stay(tmp_path):
    file = ensure_keys(tmp_path / "new")
    before = file.read_text()
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    ensure_keys(tmp_path / "new")
    assert before == file.read_text()
    assert [KEYS_FILE] == [path.name for path in file.parent.iterdir()]


def test_processes_that_start_together_agree_on_one_set_of_keys(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(lambda _: ensure_keys(tmp_path).read_text(), range(32)))
    assert 1 == len(seen)


def test_without_keys_the_process_does_not_start(tmp_path):
    names = {problem.partition(":")[0] for problem in refused({}, tmp_path)}
    assert {"ENCRYPTION_KEYS", "LOOKUP_KEY"} == names


def test_a_broken_keys_file_is_never_replaced(data):
    (data / KEYS_FILE).write_text("{")
    assert "restore it from your backup" in refused({}, data)[0]
    ensure_keys(data)
    assert "{" == (data / KEYS_FILE).read_text()


def test_the_vault_opens_with_the_settings_keys(data):
    settings = load_settings({}, data)
    sealed = open_vault(settings).seal(b"x", "place")
    assert b"x" == open_vault(load_settings({}, data)).open(sealed, "place")
    other = replace(settings, encryption_keys=Secret(f"2:{KEY},{settings.encryption_keys.reveal()}"))
    assert b"x" == open_vault(other).open(sealed, "place")


# --- the table -------------------------------------------------------------------------------------------------------


def test_the_table_names_every_setting_once():
    renamed = {"environment": "CARESTART_ENV", "data": "CARESTART_DATA"}
    read = {renamed.get(field.name, field.name.upper()) for field in fields(Settings)}
    assert read == {setting.name for setting in SETTINGS}
    assert len(SETTINGS) == len({setting.name for setting in SETTINGS})
    assert all(f"| `{name}` |" in settings_table() for name in read)


def test_the_data_folder_is_the_option_then_the_setting_then_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert tmp_path / ".data" == data_folder({})
    assert tmp_path / "a" == data_folder({"CARESTART_DATA": "a"})
    assert tmp_path / "b" == data_folder({"CARESTART_DATA": "a"}, tmp_path / "b")


def test_a_cluster_needs_a_queue_beside_it(data):
    cluster = {"REDIS_URL": "redis://one:6379", "REDIS_CLUSTER": "yes"}
    [problem] = refused(cluster, data)
    assert problem.startswith("QUEUE_URL: set it to a Redis or Valkey that is no Cluster")
    beside = load_settings({**cluster, "QUEUE_URL": "redis://two:6379"}, data)
    assert "redis://two:6379" == beside.queue_at.reveal()
    assert "two" not in repr(beside)


def test_without_a_queue_of_its_own_the_worker_is_woken_through_redis(data):
    assert "redis://one:6379" == load_settings({"REDIS_URL": "redis://one:6379"}, data).queue_at.reveal()
