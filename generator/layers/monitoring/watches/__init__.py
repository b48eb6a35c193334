"""What is watched, as tables: one module a subject."""
