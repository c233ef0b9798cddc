"""What is to be paid or collected."""
