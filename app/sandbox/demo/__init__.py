"""The demo: 31 nights of five tenants on real servers and processes, disturbed on purpose."""
