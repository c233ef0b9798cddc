"""What watches a deployment from outside: alerts, runbooks, dashboards; read by Prometheus, Alertmanager, Grafana."""
