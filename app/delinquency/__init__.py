"""Who is behind, since when and how far; who is in default, and what is charged off."""
