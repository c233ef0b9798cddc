"""Groups of AWS resources that belong together, each made in one place with the settings it must have."""
