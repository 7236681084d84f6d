"""The console command ``geuse-efs``: checks a file system before a deployment adopts it, with the Lambda's own code.

Needs the extra ``geuse-efs[check]``: click for the arguments, boto3 for AWS.
"""
