"""One importable program per stack, so that `pulumi up`, the tests and a rehearsal run the same function."""
