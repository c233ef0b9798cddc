"""Embedded Postgres and Valkey for laptops, the demo and the tests."""
