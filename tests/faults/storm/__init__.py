"""A month of nights in one storm: everything that can be disturbed is, and the books must not show it."""
