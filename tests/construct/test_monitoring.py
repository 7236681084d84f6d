"""Metrics, the alarms that AWS recommends for the modes of a file system, and graphs."""

from __future__ import annotations

from typing import Any

import pytest
from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs_
from aws_cdk import aws_sns as sns

from geuse_efs import GeuseEfs
from tests.construct.adopting import adopt
from tests.construct.templates import of_type, properties_of, resources_of

ALARM = "AWS::CloudWatch::Alarm"
I_O_LIMIT, BURST_CREDITS = "PercentIOLimit", "BurstCreditBalance"


def alarms_in(stack: Stack) -> dict[str, dict[str, Any]]:
    properties = [alarm["Properties"] for alarm in of_type(resources_of(stack), ALARM).values()]
    return {one["MetricName"]: one for one in properties}


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        ({}, {I_O_LIMIT, BURST_CREDITS}),
        ({"throughput_mode": efs_.ThroughputMode.ELASTIC}, {I_O_LIMIT}),
        ({"performance_mode": efs_.PerformanceMode.MAX_IO}, {BURST_CREDITS}),
    ],
)
def test_alarms_are_those_of_the_modes(stack: Stack, vpc: ec2.IVpc, modes: dict[str, Any], expected: set[str]) -> None:
    GeuseEfs(stack, "Efs", vpc=vpc, **modes).add_alarms()
    assert alarms_in(stack).keys() == expected


def test_an_adopted_file_system_has_both_since_its_modes_are_unknown(stack: Stack, vpc: ec2.IVpc) -> None:
    adopt(stack, vpc).add_alarms()
    assert alarms_in(stack).keys() == {I_O_LIMIT, BURST_CREDITS}


def test_an_alarm_acts_after_15_minutes_at_the_limit(stack: Stack, vpc: ec2.IVpc) -> None:
    topic = sns.Topic(stack, "Topic")
    GeuseEfs(stack, "Efs", vpc=vpc).add_alarms(actions.SnsAction(topic))
    alarms = alarms_in(stack)
    compared = {name: (one["ComparisonOperator"], one["Threshold"]) for name, one in alarms.items()}
    assert compared == {
        I_O_LIMIT: ("GreaterThanOrEqualToThreshold", 100),
        BURST_CREDITS: ("LessThanOrEqualToThreshold", 0),
    }
    for one in alarms.values():
        assert (one["Period"], one["EvaluationPeriods"], one["DatapointsToAlarm"]) == (60, 15, 15)
        assert one["AlarmActions"] == [stack.resolve(topic.topic_arn)]


@pytest.mark.parametrize(
    ("method", "name", "statistic"),
    [
        ("metric_percent_io_limit", I_O_LIMIT, "Average"),
        ("metric_burst_credit_balance", BURST_CREDITS, "Average"),
        ("metric_client_connections", "ClientConnections", "Sum"),
        ("metric_storage_bytes", "StorageBytes", "Average"),
        ("metric_permitted_throughput", "PermittedThroughput", "Average"),
        ("metric_metered_io_bytes", "MeteredIOBytes", "Sum"),
    ],
)
def test_a_metric_is_of_this_file_system(stack: Stack, vpc: ec2.IVpc, method: str, name: str, statistic: str) -> None:
    efs = GeuseEfs(stack, "Efs", vpc=vpc)
    metric: cloudwatch.Metric = getattr(efs, method)()
    assert (metric.namespace, metric.metric_name, metric.statistic) == ("AWS/EFS", name, statistic)
    assert (metric.dimensions or {})["FileSystemId"] == efs.file_system.file_system_id


def test_a_dashboard_takes_the_widgets(stack: Stack, vpc: ec2.IVpc) -> None:
    dashboard = cloudwatch.Dashboard(stack, "Dashboard")
    dashboard.add_widgets(*GeuseEfs(stack, "Efs", vpc=vpc).dashboard_widgets())
    body = str(properties_of("AWS::CloudWatch::Dashboard", stack)["DashboardBody"])
    for name in (
        "ClientConnections",
        "MeteredIOBytes",
        "PermittedThroughput",
        I_O_LIMIT,
        BURST_CREDITS,
        "StorageBytes",
    ):
        assert name in body
