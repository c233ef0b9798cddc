"""The commands of casework."""
