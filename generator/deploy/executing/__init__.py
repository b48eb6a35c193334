"""Executing a plan: one module a kind of step, and what their calls have in common."""
