"""taskcat over our templates, in the order in which they need each other (docs/taskcat.md).

    python -m tests.taskcat run       .taskcat.yml, batch by batch, to CREATE_COMPLETE
    python -m tests.taskcat update    the previous release, then this one over the same stacks

taskcat launches every test at once and knows no order. So a run is cut into batches by the
manifest's own `after`, and each batch is one CFNTest of taskcat's Python API.

    configuration   .taskcat.yml and manifests, as data; what is launched when   (pure)
    project         the folder that taskcat uploads: a build, under plain names
    releases        the previous release, built
    launching       a batch: Config, CFNTest, what its stacks answered
    watching        waiting for stacks, and why one failed
    updating        change sets over what stands, and what they changed
    remains         what CloudFormation keeps when a stack goes
    report          taskcat's report and logs, without the network

It runs in taskcat's own environment (requirements-taskcat.txt) and imports nothing of the
generator; `configuration`, `project`, `releases` and `report` need no taskcat either.
"""
