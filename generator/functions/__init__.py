"""Source of the Lambda functions behind custom resources: read as text, run in AWS, imported never.

Each file becomes `Code.ZipFile` of a function, so it is one short file (4 MB zipped is the limit)
and imports only what AWS provides: the standard library, boto3 and cfnresponse.
"""
