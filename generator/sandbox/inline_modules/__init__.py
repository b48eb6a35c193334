"""Modules that AWS Lambda puts beside inline code: read as text, imported by functions only."""
