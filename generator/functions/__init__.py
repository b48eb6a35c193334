"""Source of the Lambda functions behind custom resources: read as text, run in AWS, imported never.

Each file becomes `Code.ZipFile` of a function, so it has at most 4096 characters and imports only
what AWS provides: the standard library, boto3 and cfnresponse.
"""
