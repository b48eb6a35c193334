"""A load made by load generators in AWS: told by a person's machine, put together there.

    person's machine                 a Region's bucket                  its instances
    driving ── order, current.json ─────────▶ ◀──────────────────────── instance: reads the order
            ── sizes of the groups ──────────────────────────────────▶  launched
                                     master's address, workers ◀─────── they find each other
            ◀─ ready ─────────────────────── ◀──────────────────────── all workers are there
            ── go, once all Regions are ready ▶ ──────────────────────▶ Locust
            ◀─ progress, results, done ────── ◀──────────────────────── groups back to no instance
            merging ──▶ one folder of results

The bucket is the only place where the two sides meet: nobody calls an instance, and an instance
calls nobody. `aws` is the one module that talks to AWS.
"""
