"""Scraping the exporter inside the test: the same registry that it serves, read with Prometheus's own parser."""

from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families


class Scrape(dict):
    """Every series of one scrape: value by (name without `matins_`, label values by name, sorted)."""

    def __init__(self, text):
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self[sample.name.removeprefix("matins_"), tuple(sorted(sample.labels.items()))] = sample.value

    def one(self, name, **labels):
        """Return the value of one series; an error when there is none."""
        return self[name, tuple(sorted(labels.items()))]

    def of(self, name, by, **labels):
        """Return the values of a metric that are not 0, by one label; the others given must match."""
        found = {}
        for (metric, pairs), value in self.items():
            if metric == name and value and labels.items() <= dict(pairs).items():
                found[dict(pairs)[by]] = value
        return found

    def names(self):
        return {name for name, _ in self}


def scraped(monitor, *, look=True):
    """Let a monitor look at the night (or not), and return what it serves then."""
    if look:
        monitor.night.look()
        monitor.queues.look()
    return Scrape(generate_latest(monitor.registry).decode())
