"""The manifests for a cluster that exists, whose nodes run the EFS CSI driver.

cdk deploy --app "python3 examples/eks.py" -c vpc_id=vpc-… -c node_group_id=sg-… --outputs-file outputs.json
jq -r '.EksExample[]' outputs.json | kubectl apply -f -
"""

import os

from aws_cdk import App, CfnOutput, Environment, Stack
from aws_cdk import aws_ec2 as ec2

from geuse_efs import GeuseEfs

app = App()
# The account and region of the CLI's credentials: a VPC is looked up there.
here = Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION"))
stack = Stack(app, "EksExample", env=here)

vpc = ec2.Vpc.from_lookup(stack, "Vpc", vpc_id=app.node.try_get_context("vpc_id"))
nodes = ec2.SecurityGroup.from_security_group_id(stack, "Nodes", app.node.try_get_context("node_group_id"))
efs = GeuseEfs(stack, "Efs", vpc=vpc, deployment="example")

# A cluster that the CDK defines takes each of them as it is: cluster.add_manifest("Volume", volume).
volume = efs.persistent_volume("shared", client=nodes)
claim = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "shared"},
    "spec": {
        "accessModes": ["ReadWriteMany"],
        "storageClassName": "",
        "volumeName": "shared",
        "resources": {"requests": {"storage": "5Gi"}},
    },
}
CfnOutput(stack, "Volume", value=stack.to_json_string(volume))
CfnOutput(stack, "Claim", value=stack.to_json_string(claim))

app.synth()
