"""What `make preview`, `deploy`, `destroy` and `drift` do: an environment's stacks in order, with their guards."""
