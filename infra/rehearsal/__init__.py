"""What `make rehearse` does: a whole environment on the real engine, without an account and without a network."""
