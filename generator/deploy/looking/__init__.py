"""Reads, and nothing but reads: what stands, what it holds, and what CloudFormation tells of it."""
