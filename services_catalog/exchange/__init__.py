"""The catalogue out to files and back: spreadsheets, YAML, XLIFF."""
