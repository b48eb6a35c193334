"""A local AWS to deploy to: ministack, pinned to one version, with what it lacks added in-process.

It is a server, reached by AWS_ENDPOINT_URL and nothing else; what deploys does not know that it
exists. It listens on loopback only, needs no Docker and no account, and is ready in seconds.

    process          starts and stops it as a child process           (what commands and tests use)
    server           the child: install(), then ministack's own application on 127.0.0.1
    extension        install(): everything below is registered, or it refuses to start
    seams            with *_seams: all that touches ministack's private names
    contract         what such a name must look like
    template_urls    amazonaws.com template URLs to the emulator's own buckets
    nested_stacks    AWS::CloudFormation::Stack as a whole stack of its own
    change_sets      states, tokens and nested ones
    nested_changes   what IncludeNestedStacks adds to a change set
    stack_actions    ClientRequestToken, RoleARN, states and the like on the stack actions
    failed_rollbacks  what a rollback could not delete is deleted with its stack
    interrupted      what a persistent server finds in progress
    public_parameters  the AMI ids that AWS publishes in the Parameter Store
    stack_sets/      the StackSet API
    resources/       the resource types that our templates use and ministack lacks
    inline_modules/  what AWS Lambda puts beside inline code
    function_processes  Lambda functions, forked from a process that has boto3 imported
    inner_calls      calls of the server to itself, without a connection
    data_plane/      a Region's real Valkey, HAProxy and services, as processes beside it

It is an emulator and refuses loudly what it does not know. Never claim from it: periods and
dimensions of alarms, target health, an alarm that runs a scaling policy, DNS answers, what IAM
would allow, prices, quotas or times. What the project says about those comes from its own models,
from botocore's Stubber, or from real processes.
"""

VERSION = "1.5.33"
"""The one ministack release that the extension is written against."""
