"""Metro 2: the records by which credit bureaus are told of loans, and the file they make, from plain values."""
