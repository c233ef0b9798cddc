"""The list of every resource: what its URN is made of, and its options; `python -m tests.infra.inventory` writes it."""

from tests.infra.recording import ENVIRONMENTS, ROOT, STACKS, record


def lines(environment):
    """Return every stack's resources, each with the types it stands under and the options that say more."""
    found = []
    for stack in STACKS:
        for one in record(stack, environment).resources:
            above = one.request.parent.split("::")[2].removeprefix("pulumi:pulumi:Stack$") if one.request.parent else ""
            above = "" if above == "pulumi:pulumi:Stack" else f"{above}$"
            said = ", ".join(options(one.request))
            found.append(f"{stack}: {above}{one.type} {one.name}{said and f' [{said}]'}")
    return sorted(found)


def options(request):
    """Yield what a resource's options say, but for its parent, its provider, and what its inputs show anyway."""
    times = request.customTimeouts
    hooks = {"before_create": request.hooks.before_create, "before_update": request.hooks.before_update}
    seen = {urn for source in request.propertyDependencies.values() for urn in source.urns}
    given = {
        "protected": request.protect,
        "kept when deleted": request.retainOnDelete,
        "deleted before replaced": request.deleteBeforeReplace,
        f"ignores {' '.join(request.ignoreChanges)}": request.ignoreChanges,
        f"replaced on {' '.join(request.replaceOnChanges)}": request.replaceOnChanges,
        f"has {times.create} {times.update} {times.delete}": times.create or times.update or times.delete,
    }
    yield from (text for text, is_given in given.items() if is_given)
    yield from (f"{when} {' '.join(names)}" for when, names in hooks.items() if names)
    yield from sorted(f"after {_short(urn)}" for urn in set(request.dependencies) - seen)


def _short(urn):
    _, _, kind, name = urn.split("::", 3)
    return f"{kind.rpartition(':')[2]} {name}"


def path(environment):
    """Return the file that holds an environment's list."""
    return ROOT / "tests" / "infra" / "inventory" / f"{environment}.txt"


def main():
    """Write the lists."""
    for environment in ENVIRONMENTS:
        path(environment).parent.mkdir(exist_ok=True)
        path(environment).write_text("\n".join(lines(environment)) + "\n")


if __name__ == "__main__":
    main()
