"""Load for the platform: who sends what, how fast, and what came back.

    profiles/*.yaml → users, shapes → Locust → recording → results → report, gate, baseline
                                                 events ──────┘

A run leaves a folder that says everything (`results`). What draws or judges reads that folder only,
so that it serves a run of Locust, of JMeter, and a rehearsal alike.
"""
