"""A second opinion on every resource: rules that know nothing of the programs, only what must never be deployed."""
