"""For every rule of the policy pack, resources that break it: recorded ones with one thing changed."""

from tests.infra.breaks import containers, databases, identity, network, services, storage

BREAKS = [
    one
    for module in (containers, databases, identity, network, services, storage)
    for some in module.BREAKS
    for one in some
]
