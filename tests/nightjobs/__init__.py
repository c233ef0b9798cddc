"""A night of its own for the tests: a few jobs that write rows, and misbehave when told to."""
