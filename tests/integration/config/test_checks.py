"""What production refuses, by the id of the check, and that worker, beat and web then do not start."""

import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.core.checks import run_checks
from django.test import override_settings

from config.celery import app

APP = Path(__file__).resolve().parents[3] / "app"

KEY = b64encode(bytes(range(64))).decode()
SOUND = {
    "MATINS_ENV": "production",
    "MATINS_SANDBOX": False,
    "DEBUG": False,
    "SECRET_KEY": "k" * 50,
    "TIME_ZONE": "UTC",
    "MATINS_CLOCK_FILE": "",
    "MATINS_DB_ROLE": "app",
    "MATINS_APP_DB_USER": "app",
    "MATINS_OWNER_DB_USER": "owner",
    "MATINS_PAYMENT_PROCESSOR": "payments.ach.processor.AchProcessor",
    "MATINS_IDENTITY_KEYS": [KEY],
}


def ids(**changed):
    with override_settings(**{**SOUND, **changed}):
        return [message.id for message in run_checks(tags=["matins"])]


@pytest.fixture
def broker(sandbox):
    """The broker's client; the eviction policy is as before after the test."""
    with redis.Redis.from_url(sandbox.env["REDIS_URL"]) as client:
        yield client
        client.config_set("maxmemory-policy", "noeviction")


def test_a_sound_deployment_passes():
    assert ids() == []


@pytest.mark.parametrize(
    ("changed", "id_"),
    [
        ({"MATINS_SANDBOX": True}, "matins.E001"),
        ({"DEBUG": True}, "matins.E002"),
        ({"SECRET_KEY": "insecure: for laptops only, refused when MATINS_ENV=production"}, "matins.E003"),
        ({"TIME_ZONE": "Europe/Rome"}, "matins.E004"),
        ({"MATINS_CLOCK_FILE": "/somewhere/clock"}, "matins.E006"),
        ({"MATINS_DB_ROLE": "owner"}, "matins.E007"),
        ({"MATINS_OWNER_DB_USER": "app"}, "matins.E008"),
        ({"MATINS_PAYMENT_PROCESSOR": "payments.ach.simulator.Simulator"}, "matins.E010"),
        ({"MATINS_IDENTITY_KEYS": [settings.SANDBOX_IDENTITY_KEY]}, "matins.E011"),
        ({"MATINS_IDENTITY_KEYS": [KEY, settings.SANDBOX_IDENTITY_KEY]}, "matins.E011"),
    ],
)
def test_production_refuses_a_laptops_setting(changed, id_):
    assert ids(**changed) == [id_]


def test_production_refuses_to_run_without_a_key():
    assert sorted(ids(MATINS_IDENTITY_KEYS=[])) == ["matins.E011", "matins.E012"]


@pytest.mark.parametrize("key", ["", "no base64!", b64encode(bytes(63)).decode()])
def test_a_key_that_cannot_seal_is_refused_everywhere_and_not_repeated(key):
    with override_settings(MATINS_ENV="development", MATINS_IDENTITY_KEYS=[KEY, key]):
        [error] = run_checks(tags=["matins"])
    assert (error.id, error.hint is not None) == ("matins.E012", True)
    assert error.msg.startswith("Key 2 of MATINS_IDENTITY_KEYS is not 64 bytes in base64")
    assert not key or key not in error.msg


@pytest.mark.parametrize(
    ("option", "value", "id_"),
    [("timezone", "Europe/Rome", "matins.E004"), ("task_always_eager", True, "matins.E005")],
)
def test_production_refuses_a_celery_option(monkeypatch, option, value, id_):
    monkeypatch.setitem(app.conf, option, value)
    assert ids() == [id_]


def test_a_command_may_run_as_the_owner(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["app/manage.py", "migrate"])
    assert ids(MATINS_DB_ROLE="owner") == []


def test_production_refuses_a_broker_that_evicts(broker):
    broker.config_set("maxmemory-policy", "allkeys-lru")
    assert ids() == ["matins.E009"]


def test_a_broker_that_does_not_answer_is_a_warning(monkeypatch):
    monkeypatch.setitem(app.conf, "broker_url", "redis://127.0.0.1:1/1")
    assert ids() == ["matins.W001"]


def test_a_laptop_may_do_all_of_it():
    laptop = {"MATINS_SANDBOX": True, "DEBUG": True, "MATINS_CLOCK_FILE": "/somewhere/clock"}
    assert ids(MATINS_ENV="development", **laptop) == []


def test_every_refusal_says_what_to_do():
    with override_settings(MATINS_ENV="production", MATINS_SANDBOX=True):
        assert all(message.hint for message in run_checks(tags=["matins"]))


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "celery", "-A", "config", "worker"],
        ["-m", "celery", "-A", "config", "beat"],
        ["-m", "uvicorn", "config.asgi:application", "--port", "0"],
    ],
    ids=["worker", "beat", "web"],
)
def test_a_process_of_an_unsound_deployment_says_why_and_does_not_start(process_env, command):
    env = {**process_env, "MATINS_ENV": "production", "PYTHONPATH": f"{APP}:{APP.parent}"}
    done = subprocess.run(
        [sys.executable, *command], cwd=APP, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "(matins.E001) The embedded sandbox is no database for production." in done.stderr
    assert "Traceback" not in done.stderr
