"""The settings of an environment: what is written down fits together, and what does not is refused in a sentence."""

import tomllib

import pytest

from config import queues
from infra.settings import SettingsError, connections, load
from infra.settings.loading import HERE
from tests.infra.recording import ENVIRONMENTS

PROD = (HERE / "prod.toml").read_text()


@pytest.fixture
def changed(tmp_path):
    """Return a function that loads production with some of its lines replaced."""

    def load_changed(*replacements):
        text = PROD
        for old, new in replacements:
            assert text.count(old) >= 1, old
            text = text.replace(old, new)
        (tmp_path / "prod.toml").write_text(text)
        return load("prod", folder=tmp_path)

    return load_changed


def refusal(load_changed, *replacements):
    with pytest.raises(SettingsError) as refused:
        load_changed(*replacements)
    return str(refused.value).partition("\n")[2].splitlines()


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_every_environment_is_sound(name):
    assert load(name).name == name


def test_every_environment_that_has_a_file_is_tested():
    assert sorted(path.stem for path in HERE.glob("*.toml")) == sorted(ENVIRONMENTS)


def test_a_queue_takes_from_the_common_worker_what_it_does_not_say_itself():
    environment = load("prod")
    assert list(environment.workers) == list(queues.NAMES)
    assert environment.workers["money"] == environment.worker.model_copy(update={"max_tasks": 20})
    assert environment.workers["casework"] == environment.worker


def test_an_environment_that_nobody_wrote_is_named_with_those_that_exist():
    with pytest.raises(
        SettingsError, match=r"There is no environment 'nowhere': write .*take one of dev, prod, staging"
    ):
        load("nowhere")


def test_a_file_that_is_no_toml_says_where(tmp_path):
    (tmp_path / "prod.toml").write_text("production = perhaps")
    with pytest.raises(SettingsError, match=r"prod\.toml is no TOML: Invalid value \(at line 1, column 14\)"):
        load("prod", folder=tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[queues.money]", "[queues.monney]", "queues.monney: there is no such queue in app/config/queues.py, only"),
        (
            "memory = 1024\nconcurrency",
            "memory = 900\nconcurrency",
            "queues.control: Fargate sells no 900 MiB with 512",
        ),
        ("cpu = 2048\nmemory = 4096\nc", "cpu = 3000\nmemory = 4096\nc", "worker: Fargate sells no 3000 CPU units"),
        (
            '"db.r7g.xlarge"',
            '"db.huge"',
            "database.instance_class: 'db.huge' is not offered; take one of db.t4g.medium",
        ),
        ("backup_days = 35", "backup_days = 7", "database.backup_days: Input should be greater than or equal to 14"),
        ("version = 17", "version = 15", "database.version: Input should be greater than or equal to 16"),
        ("storage_gib_max = 2000", "storage_gib_max = 20", "database.storage_gib_max: less than storage_gib."),
        ("10.30.0.0/16", "10.30.0.0/24", "network.cidr: 10.30.0.0/24 is too small"),
        ('"eu-west-1c"', '"eu-north-1c"', "network.zones: eu-north-1c is no zone of eu-west-1."),
        ('"eu-west-1c"', '"eu-west-1b"', "network.zones: each zone once"),
        ('zone = "example.com"', 'zone = "example.org"', "site.domain: matins.example.com does not lie in the zone"),
        ("max_tasks = 6", "max_tasks = 2", "web.max_tasks: 2 is less than its tasks, 3."),
        ("standby = true", "standby = false", "production needs database.standby: true."),
        ("nodes = 3", "nodes = 1", "production needs broker.nodes: 2 or more."),
        ('nat = "per-zone"', 'nat = "one"', "production needs network.nat: per-zone."),
        ("[beat]", "[beat]\ncolour = 1", "beat.colour: Extra inputs are not permitted"),
        ('account_id = "111111111111"', 'account_id = "1"', "account_id: String should match pattern"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(changed, old, new, sentence):
    (line,) = [line for line in refusal(changed, (old, new)) if sentence in line]
    assert line.startswith(f"  {sentence}")


def test_every_fault_is_told_at_once(changed):
    lines = refusal(changed, ("standby = true", "standby = false"), ("nodes = 3", "nodes = 1"))
    assert lines == ["  production needs database.standby: true.", "  production needs broker.nodes: 2 or more."]


def test_somebody_must_be_told(changed):
    on_call = tomllib.loads(PROD)["on_call"]
    nobody = [(f'pages = ["{on_call["pages"][0]}"]', ""), (f'mail = ["{on_call["mail"][0]}"]', "")]
    assert refusal(changed, *nobody) == ["  on_call: nobody would be told; name at least one address in pages or mail."]


def test_the_connections_of_all_services_fit_the_database(changed):
    """468 are needed; a t4g.medium has 450, of which 360 may be used."""
    assert sum(holder.connections for holder in connections.holders(load("prod"))) == 468
    (line,) = refusal(changed, ('"db.r7g.xlarge"', '"db.t4g.medium"'))
    assert line == (
        "  database.instance_class: the services may hold 468 connections, and db.t4g.medium has 360 for them; "
        "take a larger one, or less of worker-money (20 x 8)."
    )


def test_a_deployment_at_the_peak_fits_too(changed):
    (line,) = refusal(changed, ('"db.r7g.xlarge"', '"db.t4g.large"'))
    assert line == (
        "  database.instance_class: the services may hold 936 connections, while deployed, and db.t4g.large has 896 "
        "for them; take a larger one, or less of worker-money (20 x 8)."
    )


def test_a_queue_that_is_added_needs_connections(monkeypatch):
    before = sum(holder.connections for holder in connections.holders(load("prod")))
    monkeypatch.setattr(queues, "NAMES", (*queues.NAMES, "letters"))
    after = connections.holders(load("prod"))
    assert sum(holder.connections for holder in after) == before + 80
    assert [holder.service for holder in after if holder.service == "worker-letters"] == ["worker-letters"]


BY_SAML = 'sign_in = "saml"\nsaml_metadata = "https://idp.example.com/metadata"'


def test_whoever_signs_in_with_saml_is_in_a_group_of_its_own_naming(changed):
    grafana = changed(
        ('sign_in = "identity-center"', BY_SAML), (f'"{load("prod").grafana.admins[0]}"', '"sre"')
    ).grafana
    assert (grafana.sign_in, grafana.admins, grafana.saml_groups) == ("saml", ("sre",), "groups")


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"identity-center"', '"saml"', "grafana.saml_metadata: name the address of your SAML provider's metadata."),
        (
            '"identity-center"',
            f'"identity-center"\n{BY_SAML.splitlines()[1]}',
            'grafana.saml_metadata: it is not asked unless sign_in is "saml".',
        ),
        (
            'sign_in = "identity-center"',
            f'{BY_SAML}\nviewers = ["x"]',
            "grafana.viewers: whoever the SAML provider lets in may look; leave it out.",
        ),
        (
            'sign_in = "identity-center"',
            'sign_in = "identity-center"\nviewers = ["sre"]',
            (
                "grafana: 'sre' is no id of a group in Identity Center; `aws identitystore list-groups "
                "--identity-store-id …` lists them."
            ),
        ),
    ],
)
def test_a_grafana_that_nobody_could_sign_in_to_is_refused(changed, old, new, sentence):
    assert refusal(changed, (old, new)) == [f"  {sentence}"]
