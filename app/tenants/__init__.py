"""Who is served: tenants, their schemas and domains, onboarding and suspension."""
