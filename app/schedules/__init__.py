"""What must run when: the catalog, windows and runs, the beat scheduler, the reconciler, catch-up."""
