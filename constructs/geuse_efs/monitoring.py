"""Metrics, alarms and dashboard widgets of a file system.

Names, units and dimensions: https://docs.aws.amazon.com/efs/latest/ug/efs-metrics.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_efs as efs

from geuse_efs.argument_types import checked

if TYPE_CHECKING:
    from geuse_efs.waiting_file_system import WaitingFileSystem

_RECOMMENDED_MINUTES = 15
_WIDGET_WIDTH = 12


def metric(file_system: WaitingFileSystem, metric_name: str, **options: Any) -> cloudwatch.Metric:
    """A metric of the namespace AWS/EFS, per minute as EFS sends it. See `GeuseEfsBase.metric`."""
    dimensions = {"FileSystemId": file_system.file_system.file_system_id, **options.pop("dimensions_map", {})}
    return cloudwatch.Metric(
        namespace="AWS/EFS",
        metric_name=metric_name,
        dimensions_map=dimensions,
        **{"statistic": cloudwatch.Stats.AVERAGE, "period": Duration.minutes(1), **options},
    )


def storage_bytes(file_system: WaitingFileSystem, storage_class: str, **options: Any) -> cloudwatch.Metric:
    """EFS sends it every 15 minutes, for each storage class and for their total."""
    options = {"period": Duration.minutes(15), **options}
    return metric(file_system, "StorageBytes", dimensions_map={"StorageClass": storage_class}, **options)


def add_alarms(file_system: WaitingFileSystem, *actions: cloudwatch.IAlarmAction) -> list[cloudwatch.Alarm]:
    """See `GeuseEfsBase.add_alarms`."""
    at_least, at_most = (
        cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
    )
    alarms = []
    if _may_have(file_system, "performance_mode", efs.PerformanceMode.GENERAL_PURPOSE):
        description = "the I/O limit of the general purpose performance mode is reached, requests become slow"
        alarms.append(_alarm(file_system, "PercentIOLimit", 100, at_least, description))
    if _may_have(file_system, "throughput_mode", efs.ThroughputMode.BURSTING):
        description = "no burst credits are left, throughput falls to the baseline of the stored amount of data"
        alarms.append(_alarm(file_system, "BurstCreditBalance", 0, at_most, description))
    for alarm in alarms:
        alarm.add_alarm_action(*actions)
    return alarms


def _alarm(
    file_system: WaitingFileSystem,
    name: str,
    threshold: float,
    comparison: cloudwatch.ComparisonOperator,
    description: str,
) -> cloudwatch.Alarm:
    return cloudwatch.Alarm(
        file_system,
        f"{name}Alarm",
        metric=metric(file_system, name),
        threshold=threshold,
        comparison_operator=comparison,
        evaluation_periods=_RECOMMENDED_MINUTES,
        datapoints_to_alarm=_RECOMMENDED_MINUTES,
        # A file system of another mode, or without clients, has no data points.
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description=f"EFS {file_system.node.path}: {description}",
    )


def _may_have(file_system: WaitingFileSystem, attribute: str, mode: efs.PerformanceMode | efs.ThroughputMode) -> bool:
    """Whether the file system has the mode; the modes of an adopted one are not known at synth."""
    resource = file_system.file_system.node.default_child
    # CloudFormation writes generalPurpose, the enumeration GENERAL_PURPOSE.
    given = getattr(resource, attribute, None)
    return given is None or str(given).lower() == mode.value.lower().replace("_", "")


def dashboard_widgets(file_system: Any) -> list[cloudwatch.GraphWidget]:
    """See `GeuseEfsBase.dashboard_widgets`."""
    total = cloudwatch.Stats.SUM
    graphs: dict[str, list[cloudwatch.IMetric]] = {
        "Client connections": [file_system.metric_client_connections()],
        "Throughput": [
            # Bytes per second, as the permitted throughput is.
            cloudwatch.MathExpression(
                expression="metered / PERIOD(metered)",
                using_metrics={"metered": file_system.metric_metered_io_bytes(statistic=total)},
                label="Metered throughput",
                period=Duration.minutes(1),
            ),
            file_system.metric_permitted_throughput(),
        ],
        "I/O limit": [file_system.metric_percent_io_limit()],
        "Burst credits": [file_system.metric_burst_credit_balance()],
        "Storage": [file_system.metric_storage_bytes()],
    }
    return [
        cloudwatch.GraphWidget(title=f"{file_system.node.id}: {title}", left=metrics, width=_WIDGET_WIDTH)
        for title, metrics in graphs.items()
    ]


class Metrics:
    """The part of `GeuseEfsBase` that monitors; `self` is one."""

    @checked
    def metric(self: Any, metric_name: str, **options: Any) -> cloudwatch.Metric:
        """A metric of the namespace AWS/EFS for this file system: average per minute unless the options say otherwise.

        Args:
            metric_name: as AWS writes it, like ``DataReadIOBytes``.
            **options: of `aws_cloudwatch.Metric`: statistic, period, label, color, …
        """
        return metric(self, metric_name, **options)

    def metric_percent_io_limit(self: Any, **options: Any) -> cloudwatch.Metric:
        """How near the I/O limit of the general purpose performance mode is, in percent."""
        return metric(self, "PercentIOLimit", **options)

    def metric_burst_credit_balance(self: Any, **options: Any) -> cloudwatch.Metric:
        """The burst credits that are left, in bytes; bursting throughput only."""
        return metric(self, "BurstCreditBalance", **options)

    def metric_client_connections(self: Any, **options: Any) -> cloudwatch.Metric:
        """The number of connections, one per host that mounts; the sum per minute."""
        return metric(self, "ClientConnections", **{"statistic": cloudwatch.Stats.SUM, **options})

    @checked
    def metric_storage_bytes(self: Any, storage_class: str = "Total", **options: Any) -> cloudwatch.Metric:
        """The size in bytes, every 15 minutes: ``Total``, ``Standard``, ``IA`` or ``Archive``."""
        return storage_bytes(self, storage_class, **options)

    def metric_permitted_throughput(self: Any, **options: Any) -> cloudwatch.Metric:
        """The throughput that is allowed, in bytes per second."""
        return metric(self, "PermittedThroughput", **options)

    def metric_metered_io_bytes(self: Any, **options: Any) -> cloudwatch.Metric:
        """The bytes of all operations that count against the permitted throughput; the sum per minute."""
        return metric(self, "MeteredIOBytes", **{"statistic": cloudwatch.Stats.SUM, **options})

    @checked
    def add_alarms(self: Any, *actions: cloudwatch.IAlarmAction) -> list[cloudwatch.Alarm]:
        """Define the alarms that AWS recommends for the modes of this file system; an adopted one gets both.

        - PercentIOLimit, average of a minute at least 100 percent in 15 of 15 minutes: general purpose performance mode.
        - BurstCreditBalance, average of a minute at most 0 bytes in 15 of 15 minutes: bursting throughput mode.

        Source of thresholds and periods: "Recommended alarms" in the CloudWatch user guide, section Amazon EFS,
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html#EFS

        Args:
            actions: what happens at an alarm, like ``cloudwatch_actions.SnsAction(topic)``.
        """
        return add_alarms(self, *actions)

    def dashboard_widgets(self: Any) -> list[cloudwatch.GraphWidget]:
        """Graphs for ``dashboard.add_widgets``: connections, throughput, I/O limit, burst credits, storage."""
        return dashboard_widgets(self)
