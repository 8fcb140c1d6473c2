"""The catalogue in the words of the Human Services Data Specification."""
