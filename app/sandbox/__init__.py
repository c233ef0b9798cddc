"""Embedded Postgres and Valkey for the demo, the tests and laptops: no root, no Docker, no installation."""
