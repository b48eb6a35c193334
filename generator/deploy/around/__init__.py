"""What one does with a platform besides deploying it: look, compare, evacuate, destroy."""
