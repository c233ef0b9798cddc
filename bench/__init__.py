"""What is fast, measured side by side, in one run, with what users would pick instead."""
