"""CloudFormation's protocol for custom resources: the request, its properties and the response."""
