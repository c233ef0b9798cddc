"""What can be wrong with a Grafana that is kept in step, each with what to do next."""

from monitoring.exceptions import MonitoringError

TOKEN = "MATINS_GRAFANA_TOKEN"  # noqa: S105 - the name of the variable that holds it


class NoTenantsError(MonitoringError):
    """There is no tenant, so everything would be removed."""

    def __init__(self) -> None:
        super().__init__(
            "This database has no tenant, so all dashboards would be removed; is DATABASE_URL the right one?"
        )


class BadAddressError(MonitoringError):
    """What was given is no address of a Grafana."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The address of Grafana {reason}; give it as https://grafana.example.com or with a path.")


class NoTokenError(MonitoringError):
    """There is no token to show."""

    def __init__(self) -> None:
        super().__init__(f"Set {TOKEN} to the token of a service account with the role Admin; it is no argument.")


class GrafanaUnreachableError(MonitoringError):
    """Grafana did not answer, several times."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"Grafana at {url} does not answer ({reason}); try again, what is done is not done twice.")


class GrafanaRefusedError(MonitoringError):
    """Grafana answered with something else than what was asked for."""

    def __init__(self, asked: str, status: int, message: str) -> None:
        super().__init__(f"Grafana answered {status} to {asked}: {message}")


class NotGrafanaError(MonitoringError):
    """Whatever answered is no Grafana."""

    def __init__(self, asked: str) -> None:
        super().__init__(f"The answer to {asked} is not Grafana's JSON; does the address lead to Grafana itself?")
