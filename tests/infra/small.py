"""Programs of a few resources that need no provider, and a workshop to run them in: what the engine's tests use."""

import json
import os
import time

import pulumi

from infra.engine import Engine


def program():
    """One thing of each name in THINGS, the protected ones of PROTECTED, and two outputs."""
    protected = os.environ.get("PROTECTED", "").split()
    for name in os.environ.get("THINGS", "one two").split():
        pulumi.Stash(name, input="value", opts=pulumi.ResourceOptions(protect=name in protected))
    pulumi.export("plain", 7)
    pulumi.export("hidden", pulumi.Output.secret("hush"))


def loose():
    """The same, and nothing is protected."""
    os.environ.pop("PROTECTED", None)
    program()


def topic():
    """A resource of AWS, which others may change."""
    import pulumi_aws as aws

    account = pulumi.ResourceOptions(provider=aws.Provider("aws", region="eu-west-1"))
    aws.sns.Topic("alarms", name="alarms", display_name="Matins", opts=account)


def crashes():
    """Fail as a program with a mistake in it does."""
    {}["nothing"]


def refuses():
    """Fail as a program does that knows what is wrong."""
    from infra.settings import load

    load("nowhere")


def hangs():
    """Never end."""
    print("A program may print.")
    pulumi.log.info("It hangs.")
    time.sleep(600)


def workshop(folder, *stacks):
    """Return an engine with a backend of its own, and an empty project of each stack."""
    for stack in stacks:
        (folder / stack).mkdir()
        (folder / stack / "Pulumi.yaml").write_text(f"name: matins-{stack}\nruntime: python\n")
    (folder / "state").mkdir()
    variables = {
        "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "1",
    }
    return Engine(projects=folder, variables=variables, grace_s=5)


def things(engine, stack):
    """Return the names of what exists, as the state has it."""
    path = engine.projects / "state" / ".pulumi" / "stacks" / f"matins-{stack}" / "dev.json"
    resources = json.loads(path.read_text())["checkpoint"]["latest"].get("resources") or []
    return sorted(one["urn"].rpartition("::")[2] for one in resources if one["type"].endswith("Stash"))
