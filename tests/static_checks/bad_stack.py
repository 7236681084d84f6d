"""The control: a stack that every checker must dislike. ``python -m tests.static_checks.bad_stack`` synthesises it."""

from __future__ import annotations

from aws_cdk import App, CfnResource, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from tests.static_checks.checkers import add_checkers

NAME = "bad"


def define_bad_stack(app: App) -> Stack:
    stack = Stack(app, NAME)
    efs.CfnFileSystem(stack, "FileSystem", encrypted=False)
    ec2.CfnSecurityGroup(
        stack,
        "Group",
        group_description="Everybody",
        vpc_id="vpc-0123456789abcdef0",
        security_group_ingress=[
            ec2.CfnSecurityGroup.IngressProperty(ip_protocol="tcp", from_port=22, to_port=22, cidr_ip="0.0.0.0/0")
        ],
    )
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    role = iam.CfnRole(
        stack,
        "Role",
        assume_role_policy_document={
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        },
        policies=[
            iam.CfnRole.PolicyProperty(
                policy_name="Everything", policy_document={"Version": "2012-10-17", "Statement": [everything]}
            )
        ],
    )
    lambda_.CfnFunction(
        stack,
        "Function",
        role=role.attr_arn,
        handler="index.handler",
        runtime="python3.8",
        code=lambda_.CfnFunction.CodeProperty(zip_file="def handler(*_): ..."),
    )
    CfnResource(stack, "Untyped", type="AWS::EFS::FileSystem", properties={"Encrypted": "perhaps"})
    return stack


if __name__ == "__main__":
    main = App()
    add_checkers(main)
    define_bad_stack(main)
    main.synth()
