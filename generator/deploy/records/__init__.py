"""What is kept of rollouts: the lease, the journal, saved plans, and the timeline of a run."""
