"""Compliance: rules that are checked every night, findings, outside monitors and liens."""
