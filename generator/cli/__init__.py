"""The commands, one file each, thin: they read options, call one function, show its result."""
