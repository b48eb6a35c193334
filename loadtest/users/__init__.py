"""The users of a load. A task sends one request, and every request waits for its slot."""
