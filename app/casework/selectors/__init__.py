"""What casework reads of loans and cases, as of a business date."""
