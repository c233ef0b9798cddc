"""What can be seen: the exporter that judges the night, the canaries, the health of each process kind."""
