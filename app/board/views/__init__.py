"""The pages: who is signed in, one selector or action, one template."""
