"""Who may do what, by awacs: one module a principal."""
