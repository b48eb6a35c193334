"""What is drawn of a build for people: reads its manifest and templates, and imports no layer."""
