"""Who is asked and told: one topic, for approvals and for executions that failed."""

from __future__ import annotations

from hashlib import sha256

from troposphere import GetAtt, Ref
from troposphere.events import InputTransformer, Rule, Target
from troposphere.kms import Key
from troposphere.sns import SubscriptionResource, Topic, TopicPolicy

from generator import names
from generator.layers.draft import Draft
from generator.policies import pipeline as policies


def add(draft: Draft, key: Key) -> Topic:
    """The topic, who publishes, who is told: the addresses that alarms go to."""
    name = names.pipeline(draft.settings)
    topic = draft.add(
        Topic("PipelineTopic", TopicName=name, DisplayName=name, KmsMasterKeyId=Ref(key))
    )
    rule = draft.add(_failures(draft, topic))
    draft.add(
        TopicPolicy(
            "PipelineTopicPolicy",
            Topics=[Ref(topic)],
            PolicyDocument=policies.topic_policy(Ref(topic), GetAtt(rule, "Arn")),
        )
    )
    for email in draft.settings.monitoring.emails:
        _subscribe(draft, topic, email)
    return topic


def _failures(draft: Draft, topic: Topic) -> Rule:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html"""
    name = names.pipeline(draft.settings)
    told = InputTransformer(
        InputPathsMap={"execution": "$.detail.execution-id", "region": "$.region"},
        InputTemplate=f'"{name}: execution <execution> failed in <region>. What it did stays; '
        'see the log of its last action, mend the cause and retry the stage."',
    )
    return Rule(
        "PipelineFailed",
        Description=f"Executions of {name} that failed.",
        EventPattern={
            "source": ["aws.codepipeline"],
            "detail-type": ["CodePipeline Pipeline Execution State Change"],
            "detail": {"pipeline": [name], "state": ["FAILED"]},
        },
        Targets=[Target(Id="topic", Arn=Ref(topic), InputTransformer=told)],
    )


def _subscribe(draft: Draft, topic: Topic, email: str) -> None:
    # Named after the address: whoever joins or leaves, the others need not confirm again.
    mark = sha256(email.lower().encode()).hexdigest()[:8]
    draft.add(
        SubscriptionResource(
            f"PipelineEmail{mark}", TopicArn=Ref(topic), Protocol="email", Endpoint=email
        )
    )
