"""What statements are made of, read from the books for many loans at once."""
