"""The platform on AWS: typed settings, pure renderers, components, and one program per stack."""
