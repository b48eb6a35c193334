"""The service that the instances run: sessions and rankings, near their users in every Region.

It travels in an archive as a package of its own, `service`: nothing of the generator is imported
here, and only redis, uvicorn and botocore from elsewhere. It runs as `python -m
service` there and as `python -m generator.service` in a checkout, told by its environment.

    settings        the environment, all of it checked before anything starts
    workers         one process a CPU, each with a listener of its own
    server          uvicorn, and what a signal means
    draining        the way out: no request fails because an instance leaves
    app             puts together all that follows
    gate            in front of every request: origin secret, limits, failures, figures
    exchange        a request and its response, over ASGI
    router, routes  what is answered where
    sessions        DynamoDB first, then Redis, then the acknowledgement
    ranking         a sorted set in Redis, durable in DynamoDB
    work            the CPU-bound path
    cache           Redis, coalesced and behind a circuit breaker
    table           DynamoDB, with bounded retries, threads and waiting
    secrets         Secrets Manager
    logs, metrics   JSON lines; one of them a minute in CloudWatch's embedded metric format
"""
