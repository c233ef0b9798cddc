"""What monitoring refuses, each with what to do next."""


class MonitoringError(Exception):
    """Monitoring cannot do what its settings ask for."""


class TooManySeriesError(MonitoringError):
    """The full series by tenant and schedule were asked for, for more tenants than are allowed."""

    def __init__(self, tenants: int, most: int) -> None:
        super().__init__(
            f"MATINS_TENANT_SERIES=full is for up to {most} active tenants, and there are {tenants}: leave it out, or "
            "raise MATINS_FULL_SERIES_TENANTS_MAX if your Prometheus bears one series more per tenant and schedule."
        )


class AddressTakenError(MonitoringError):
    """The exporter cannot listen where it should."""

    def __init__(self, host: str, port: int, error: OSError) -> None:
        super().__init__(
            f"Cannot listen at {host}:{port} ({error.strerror}): stop what does, or give --port and --host."
        )
