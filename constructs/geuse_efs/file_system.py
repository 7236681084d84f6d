"""`GeuseEfs`: the construct that everybody uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, RemovalPolicy, Size
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_efs as efs
from aws_cdk import aws_kms as kms
from constructs import Construct

from geuse_efs import validation
from geuse_efs.adopted import AdoptedEfs
from geuse_efs.argument_types import checked
from geuse_efs.availability_zones import select_zones
from geuse_efs.base import GeuseEfsBase
from geuse_efs.custom_resource import define_readiness
from geuse_efs.file_system_policy import file_system_policy
from geuse_efs.mount_targets import IpAddressType, check_addresses, define_mount_targets
from geuse_efs.security_group import define_security_group
from geuse_efs.synth_warnings import warn_at_synthesis
from geuse_efs.tags import AllTags, add_tags, default_name


class GeuseEfs(GeuseEfsBase):
    """An encrypted file system, one mount target per availability zone (AZ), and a resource that waits for them.

    What reads `file_system_id`, `dns_name` or an attribute of `mount_targets`, or depends on `mount_targets_available`,
    is created after every mount target is available.

    Encryption at rest is always on and no argument turns it off.

    Args:
        scope: where it is defined.
        construct_id: its name there. Another id is another, empty file system.
        vpc: the VPC of the mount targets.
        vpc_subnets: the subnets of the mount targets, at most one per AZ; default: one private or isolated subnet per AZ.
        allow_public_subnets: accept public subnets; default: they are refused.
        one_zone: keep the data in one AZ only, at lower price and durability; with it, the first AZ of the selection.
            Creation-only.
        ip_address_type: the addresses of the mount targets; default: IPv4. DUAL_STACK and IPV6_ONLY need subnets with an
            IPv6 block. A change needs new mount targets and fails within an AZ.
        ip_addresses: fixed IPv4 addresses by the name of the AZ; default: EFS chooses free ones of the subnet. Creation-only.
        ipv6_addresses: the same for IPv6.
        security_groups: 1 to 5 groups for the mount targets; default: creates one that lets nothing out and only the
            clients in.
        clients: who may connect on tcp 2049: security groups, instances, functions, peers; default: nobody yet, see
            `connections`. Rules are added to the first of the security groups.
        kms_key: the customer's key; default: the AWS-managed key ``aws/elasticfilesystem``. Creation-only.
        performance_mode: default: generalPurpose. Creation-only.
        throughput_mode: default: bursting.
        provisioned_throughput_per_second: 1 to 3414 MiB, with throughput_mode PROVISIONED only.
        lifecycle_policy: when unread files go to Infrequent Access; default: never.
        transition_to_archive_policy: when unread files go to Archive; default: never. Needs ELASTIC and GENERAL_PURPOSE.
        out_of_infrequent_access_policy: when files come back to primary storage; default: never.
        enable_automatic_backups: default: daily backups by AWS Backup are on.
        replication_overwrite_protection: default: ENABLED, the file system cannot become a replication destination.
        replication_configuration: a copy in another region or zone; default: none.
        removal_policy: what happens to the data with the stack; default: RETAIN_ON_UPDATE_OR_DELETE, the file system stays,
            except when the deployment that creates it fails.
        file_system_name: the tag Name; default: the end of the construct's path.
        enforce_tls: refuse clients without TLS; default: True. Mount with the EFS mount helper and ``-o tls``.
        root_squash: clients are not root on the file system unless their IAM identity is granted it; default: False.
        require_iam: only clients that sign in with IAM get access, by grants; default: False.
        deployment: the tag ``geusemaker:deployment``; default: none.
        tier: the tag ``geusemaker:tier``; default: none.
        tags: more tags for file system, mount targets, security group and access points.
        wait_timeout: how long to wait for the mount targets, up to 40 minutes; default: 5 minutes.
        allow_replacement: let an update swap the file system for a new, empty one; default: such an update fails and is
            rolled back. Set it for one deployment.
        allow_deletion_while_adopted: delete mount targets also in zones that other stacks' adoptions want; default: such a
            deletion is refused, and names the stacks.

    Raises:
        ValueError: for every mistake that can be seen at synth; the message says what to do.
    """

    @checked
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        allow_public_subnets: bool = False,
        one_zone: bool = False,
        ip_address_type: IpAddressType = IpAddressType.IPV4_ONLY,
        ip_addresses: Mapping[str, str] | None = None,
        ipv6_addresses: Mapping[str, str] | None = None,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        clients: Sequence[ec2.IConnectable] = (),
        kms_key: kms.IKey | None = None,
        performance_mode: efs.PerformanceMode = efs.PerformanceMode.GENERAL_PURPOSE,
        throughput_mode: efs.ThroughputMode = efs.ThroughputMode.BURSTING,
        provisioned_throughput_per_second: Size | None = None,
        lifecycle_policy: efs.LifecyclePolicy | None = None,
        transition_to_archive_policy: efs.LifecyclePolicy | None = None,
        out_of_infrequent_access_policy: efs.OutOfInfrequentAccessPolicy | None = None,
        enable_automatic_backups: bool = True,
        replication_overwrite_protection: efs.ReplicationOverwriteProtection = (
            efs.ReplicationOverwriteProtection.ENABLED
        ),
        replication_configuration: efs.ReplicationConfiguration | None = None,
        removal_policy: RemovalPolicy = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
        file_system_name: str | None = None,
        enforce_tls: bool = True,
        root_squash: bool = False,
        require_iam: bool = False,
        deployment: str | None = None,
        tier: str | None = None,
        tags: Mapping[str, str] | None = None,
        wait_timeout: Duration | None = None,
        allow_replacement: bool = False,
        allow_deletion_while_adopted: bool = False,
    ) -> None:
        super().__init__(scope, construct_id)
        validation.check_performance(performance_mode, throughput_mode, one_zone=one_zone)
        validation.check_throughput(throughput_mode, provisioned_throughput_per_second)
        validation.check_lifecycle(lifecycle_policy, transition_to_archive_policy, performance_mode, throughput_mode)
        validation.check_policy(enforce_tls=enforce_tls, require_iam=require_iam)
        validation.check_removal_policy(removal_policy)
        validation.check_security_groups(security_groups)
        named = {"deployment": deployment, "tier": tier, "file_system_name": file_system_name}
        validation.check_tags(tags or {}, of_file_system=True, **named)
        wait_seconds = validation.wait_seconds(wait_timeout)
        zones = select_zones(vpc, vpc_subnets, one_zone=one_zone, allow_public_subnets=allow_public_subnets)
        check_addresses("ip_addresses", ip_addresses or {}, vpc, zones, ip_address_type, version=4)
        check_addresses("ipv6_addresses", ipv6_addresses or {}, vpc, zones, ip_address_type, version=6)

        groups = security_groups or [define_security_group(self, "SecurityGroup", vpc)]
        name = file_system_name or default_name(self.node.path)
        file_system = efs.FileSystem(
            self,
            "FileSystem",
            vpc=vpc,
            # No subnet, no mount target of the L2: ours know their address type and keep their ids.
            vpc_subnets=ec2.SubnetSelection(subnets=[]),
            security_group=groups[0],
            encrypted=True,
            kms_key=kms_key,
            performance_mode=performance_mode,
            throughput_mode=throughput_mode,
            provisioned_throughput_per_second=provisioned_throughput_per_second,
            lifecycle_policy=lifecycle_policy,
            transition_to_archive_policy=transition_to_archive_policy,
            out_of_infrequent_access_policy=out_of_infrequent_access_policy,
            enable_automatic_backups=enable_automatic_backups,
            replication_overwrite_protection=replication_overwrite_protection,
            replication_configuration=replication_configuration,
            removal_policy=removal_policy,
            file_system_name=name,
            file_system_policy=file_system_policy(
                enforce_tls=enforce_tls, root_squash=root_squash, require_iam=require_iam
            ),
            # The policy above already says what an anonymous client may do; the L2 must not append to it.
            allow_anonymous_access=True,
        )
        resource = file_system.node.default_child
        assert isinstance(resource, efs.CfnFileSystem)  # noqa: S101
        if one_zone:
            resource.availability_zone_name = zones[0].availability_zone
        if not enable_automatic_backups:
            # Written out: One Zone file systems have backups on unless told otherwise.
            resource.backup_policy = efs.CfnFileSystem.BackupPolicyProperty(status="DISABLED")

        group_ids = [group.security_group_id for group in groups]
        mount_targets = define_mount_targets(
            self,
            file_system.file_system_id,
            zones,
            group_ids,
            ip_address_type,
            ip_addresses=ip_addresses or {},
            ipv6_addresses=ipv6_addresses or {},
        )
        # Whatever tags the file system, be it the app, the stack or this construct, tags the mount targets too.
        readiness = define_readiness(
            self,
            file_system,
            mount_targets,
            group_ids,
            AllTags(self, resource.tags, of_file_system=True),
            wait_seconds=wait_seconds,
            allow_replacement=allow_replacement,
            allow_deletion_while_adopted=allow_deletion_while_adopted,
        )
        self._require_iam, self._root_squash = require_iam, root_squash
        self._complete(file_system, readiness, vpc, groups, clients, require_iam=require_iam, needed=[kms_key])
        warn_at_synthesis(self, kms_key, root_squash=root_squash)
        add_tags(self, name=name, deployment=deployment, tier=tier, tags=tags or {})

    @classmethod
    def adopt(
        cls,
        scope: Construct,
        construct_id: str,
        *,
        file_system_id: str,
        vpc: ec2.IVpc,
        vpc_subnets: ec2.SubnetSelection | None = None,
        allow_public_subnets: bool = False,
        ip_address_type: IpAddressType = IpAddressType.IPV4_ONLY,
        security_groups: Sequence[ec2.ISecurityGroup] | None = None,
        clients: Sequence[ec2.IConnectable] = (),
        admit_through: ec2.ISecurityGroup | None = None,
        kms_key: kms.IKey | None = None,
        access_points: Sequence[efs.IAccessPoint] = (),
        create_missing: bool = True,
        retain_created: bool = False,
        allow_deletion_while_adopted: bool = False,
        severities: Mapping[str, str] | None = None,
        file_system_name: str | None = None,
        deployment: str | None = None,
        tier: str | None = None,
        tags: Mapping[str, str] | None = None,
        wait_timeout: Duration | None = None,
    ) -> GeuseEfsBase:
        """Use a file system that exists: kept from a deleted stack, another team's, another tool's.

        At deployment everything is checked at once and every finding reported; then only what is missing is created. What
        somebody else made is never changed and never deleted. ``geuse-efs check`` tells beforehand.

        Args:
            scope: where it is defined.
            construct_id: its name there.
            file_system_id: the id or the ARN of the file system, in the region and account of the stack. To adopt another one
                later, give a literal one: the permissions on both are in force then until the old one is released.
            vpc: the VPC of its mount targets.
            vpc_subnets: the subnets whose AZs need a mount target, at most one per AZ; any mount target in the AZ will do.
                Default: one private or isolated subnet per AZ.
            allow_public_subnets: accept public subnets; default: they are refused.
            ip_address_type: the addresses of mount targets that are created; default: IPv4.
            security_groups: up to 4 more groups for mount targets that are created, beside the adoption's own one, which lets
                only the clients in; default: none. No rule is added to groups given here.
            clients: who must be able to connect on tcp 2049: checked on the mount targets that exist, let in on those that
                are created. `allow` takes more of them, at any time. A client in a stack that is deployed after this one
                cannot be checked; a warning says so.
            admit_through: the security group of the mount targets that exist, imported: rules for the clients are added to
                it, in the stacks of the clients. Default: none is, and a client that is not admitted is a finding.
            kms_key: the key that the file system must be encrypted with; default: any.
            access_points: access points that must belong to the file system.
            create_missing: create the mount targets that are missing; default: True. If not, a missing one is an error.
            retain_created: keep what was created when the stack is deleted; default: it is deleted, and refused while
                another adoption wants the zone.
            allow_deletion_while_adopted: delete what was created also in zones that other stacks' adoptions want; default:
                such a deletion is refused, and names the stacks.
            severities: ``error``, ``warning`` or ``off`` by the code of a finding; default: as ``geuse-efs findings`` says.
            file_system_name: the tag Name of what is created; default: the construct's path.
            deployment: the tag ``geusemaker:deployment`` of what is created; default: none.
            tier: the tag ``geusemaker:tier`` of what is created; default: none.
            tags: more tags of what is created.
            wait_timeout: how long to wait for the mount targets, up to 40 minutes; default: 5 minutes.

        Raises:
            ValueError: for every mistake that can be seen at synth; the message says what to do.
        """
        return AdoptedEfs(
            scope,
            construct_id,
            file_system_id=file_system_id,
            vpc=vpc,
            vpc_subnets=vpc_subnets,
            allow_public_subnets=allow_public_subnets,
            ip_address_type=ip_address_type,
            security_groups=security_groups,
            clients=clients,
            admit_through=admit_through,
            kms_key=kms_key,
            access_points=access_points,
            create_missing=create_missing,
            retain_created=retain_created,
            allow_deletion_while_adopted=allow_deletion_while_adopted,
            severities=severities or {},
            file_system_name=file_system_name,
            deployment=deployment,
            tier=tier,
            tags=tags,
            wait_timeout=wait_timeout,
        )
