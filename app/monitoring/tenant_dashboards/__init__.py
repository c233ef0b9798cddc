"""A dashboard and a folder for each tenant, for a Grafana whose tenants must not see each other."""
