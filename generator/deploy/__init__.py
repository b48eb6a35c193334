"""Deploy: built files and what stands, to a plan, to a rollout.

    build/<env>/ ─→ release ─┐
                             ├─→ plan (pure) ─→ steps, a DAG ─→ execute ─→ journal
    AWS ─→ look ─→ world ────┘

A plan is made by a pure function, so that what was reviewed is what is executed, and so that what
happens in the worst of states can be tested without that state. Only `look` and what `execute`
calls talk to AWS, through one door: botocore, which finds its endpoint and credentials as every
other tool does (AWS_ENDPOINT_URL, AWS_PROFILE).

CloudFormation is the truth about what stands; the journal only adds when and by whom. So a
deploy that was killed is simply looked at again: what is in flight is waited for, and what is
missing is planned.
"""
