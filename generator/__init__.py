"""Global Traffic Management on AWS: a settings file to a global platform's CloudFormation."""

__version__ = "0.1.0"
