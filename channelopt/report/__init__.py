"""Reports: results become CSV and Excel files."""
