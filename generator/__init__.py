"""Global Traffic Management on AWS: one settings file to the CloudFormation of a global platform."""

__version__ = "0.1.0"
