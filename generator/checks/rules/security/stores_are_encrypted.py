from cfnlint.rules import CloudFormationLintRule, RuleMatch
from cfnlint.template import Template

from generator.checks.rules._template import Spot, layer_tags, report, resources, values

# Type -> the properties that turn encryption on; one of them is enough. Buckets, log groups, caches
# and tables have rules of their own; Secrets Manager always encrypts.
ENCRYPTION: dict[str, tuple[str, ...]] = {
    "AWS::Backup::BackupVault": ("EncryptionKeyArn",),
    "AWS::EC2::Volume": ("Encrypted",),
    "AWS::EFS::FileSystem": ("Encrypted",),
    "AWS::Kinesis::Stream": ("StreamEncryption",),
    "AWS::KinesisFirehose::DeliveryStream": ("DeliveryStreamEncryptionConfigurationInput",),
    "AWS::RDS::DBCluster": ("StorageEncrypted",),
    # A member has its cluster's storage.
    "AWS::RDS::DBInstance": ("StorageEncrypted", "DBClusterIdentifier"),
    "AWS::RDS::GlobalCluster": ("StorageEncrypted", "SourceDBClusterIdentifier"),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::SQS::Queue": ("KmsMasterKeyId", "SqsManagedSseEnabled"),
}


class StoresAreEncrypted(CloudFormationLintRule):
    """Whatever stores data or messages encrypts them at rest, and says so."""

    id = "E9025"
    shortdesc = "Stores are encrypted at rest"
    description = (
        "Topics, queues, streams, volumes, file systems, databases and vaults state their"
        " encryption."
    )
    source_url = "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_protect_data_rest_encrypt.html"
    tags = layer_tags("security")
    risk = (
        "Data at rest without encryption can be read from a snapshot, a copied volume or a"
        " misdirected grant."
    )
    fix = (
        "Set the type's encryption property, with the platform's customer key where one can be"
        " named."
    )

    def match(self, cfn: Template) -> list[RuleMatch]:
        return [
            report(store, f"encryption at rest is not on: set {' or '.join(names)}")
            for kind, names in ENCRYPTION.items()
            for store in resources(cfn, kind)
            if not any(_is_on(cfn, store, name) for name in names)
        ]


def _is_on(cfn: Template, store: Spot, name: str) -> bool:
    return all(
        value is not None and str(value).lower() != "false" for value in values(cfn, store, name)
    )
