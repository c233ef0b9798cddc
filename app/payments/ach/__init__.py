"""ACH: debits through the Automated Clearing House, as files of 94-character records (Nacha)."""
