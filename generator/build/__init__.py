"""Settings to files: pure, without network, deterministic to the byte."""
