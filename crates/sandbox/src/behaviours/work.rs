//! What is still going on, and how long.

use super::{Behaviour, Group};

pub(super) const GROUP: Group = Group {
    title: "Still going on",
    behaviours: &[
        Behaviour {
            does: "A zone takes one change at a time (`PriorRequestNotComplete`).",
            services: "Route 53",
            source: "<https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html>",
            setting: "route53_busy",
            answer: "`busy`; changes that fall together are one batch",
            tests: &[
                "test_route53: a_zone_takes_one_change_at_a_time",
                "rekeyed_b: many_records_are_few_calls_and_one_bad_one_fails_alone",
            ],
        },
        Behaviour {
            does: "Two changes of an entity in quick succession: the second is refused (`ConcurrentModification`, `EntityTemporarilyUnmodifiable`).",
            services: "IAM",
            source: "model, TF: `internal/service/iam/role_policy_attachment.go`",
            setting: "iam_busy",
            answer: "`busy`, on updates, too",
            tests: &[
                "test_iam: changes_in_quick_succession",
                "patient: one_up_each",
                "iam/role: lives",
            ],
        },
        Behaviour {
            does: "Two changes of a log group in quick succession, or the name of a deleted one: `OperationAbortedException`.",
            services: "CloudWatch Logs",
            source: "model, aws-cdk: `aws-logs/lib/log-retention`",
            setting: "logs_busy",
            answer: "`busy`",
            tests: &["test_logs_sns: a_log_group_is_busy_for_a_while", "logs/log_group: lives"],
        },
        Behaviour {
            does: "A change of one target's policies while another is under way: `ConcurrentUpdateException`, as HTTP 500.",
            services: "Application Auto Scaling",
            source: "TF#17915",
            setting: "scaling_busy",
            answer: "`busy`",
            tests: &[
                "test_autoscaling: one_policy_after_the_other",
                "applicationautoscaling/scaling_policy: lives",
            ],
        },
        Behaviour {
            does: "A new database begins with a backup, and takes no change meanwhile (`InvalidDBInstanceState`).",
            services: "RDS",
            source: "<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.html>",
            setting: "rds_backup",
            answer: "`busy`, on updates, too",
            tests: &["test_rds_unkind: a_backup_refuses_changes", "patient: one_up_each"],
        },
        Behaviour {
            does: "A table takes one change, and one index, at a time.",
            services: "DynamoDB",
            source: "<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html>",
            setting: "",
            answer: "one call after the other, each waited for",
            tests: &[
                "test_dynamodb: one_change_at_a_time",
                "test_dynamodb: indexes_come_and_go_one_by_one",
            ],
        },
        Behaviour {
            does: "A cluster that is busy takes no change (`UpdateInProgressException`).",
            services: "ECS",
            source: "model",
            setting: "",
            answer: "`busy`",
            tests: &["test_ecs: a_busy_cluster_takes_no_change", "ecs/cluster: changes_in_place"],
        },
        Behaviour {
            does: "Interfaces of load balancers and tasks hold subnets, groups and gateways for up to 45 minutes after their owner is gone.",
            services: "EC2, Elastic Load Balancing, ECS",
            source: "TF#9495, <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html>",
            setting: "interfaces",
            answer: "`busy` with `busy_for = 2700`; the screen says who holds it",
            tests: &[
                "test_ec2_interfaces: they_hold_what_they_are_in_for_a_while",
                "patient: one_up_each",
            ],
        },
        Behaviour {
            does: "Some interfaces are left behind `available`, and hold what they are in until somebody deletes them.",
            services: "EC2",
            source: "TF: `internal/service/ec2/vpc_network_interface.go`",
            setting: "interfaces_left",
            answer: "they are deleted before the subnet or group",
            tests: &["test_ec2_interfaces: some_are_left_behind", "patient: one_up_each"],
        },
        Behaviour {
            does: "The address of a NAT gateway that is gone cannot be released at once (`AuthFailure`).",
            services: "EC2",
            source: "TF#13763",
            setting: "nat_address",
            answer: "`busy`",
            tests: &["test_ec2_late: an_address_is_held_after_its_gateway", "patient: one_up_each"],
        },
        Behaviour {
            does: "The deletion of a service-linked role is a task that may fail later, with a reason.",
            services: "IAM",
            source: "<https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServiceLinkedRole.html>",
            setting: "role_deletion",
            answer: "the task is followed by its id; its reason is told",
            tests: &[
                "test_roles: the_deletion_of_a_service_linked_role_may_fail",
                "iam/service_linked_role: lives",
            ],
        },
        Behaviour {
            does: "A secret deleted by force holds its name for a while, one with a recovery window for that long.",
            services: "Secrets Manager",
            source: "<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>",
            setting: "secret_deletion",
            answer: "`name_lingers`: what comes back has another name; a chosen name waits, or is restored",
            tests: &[
                "test_secrets: a_forced_deletion_takes_a_while",
                "secretsmanager/secret: lives",
            ],
        },
        Behaviour {
            does: "The name of a deleted bucket cannot be used for a while (`OperationAborted`).",
            services: "S3",
            source: "TF: `internal/service/s3/bucket.go`",
            setting: "s3_deletion",
            answer: "`busy`; derived names are others",
            tests: &[
                "test_s3: the_name_of_a_deleted_bucket_is_taken_for_a_while",
                "s3/bucket: lives",
            ],
        },
        Behaviour {
            does: "The name of a deleted queue cannot be used for 60 seconds.",
            services: "SQS",
            source: "<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html>",
            setting: "",
            answer: "`name_lingers`; a chosen name waits",
            tests: &[
                "test_kms_sqs: the_name_of_a_deleted_queue",
                "sqs/queue: drift_is_mended_and_a_deleted_queues_name_waited_for",
            ],
        },
        Behaviour {
            does: "Calls above a service's rate are refused, each service in its own words; Route 53 takes 5 a second.",
            services: "all",
            source: "<https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html>",
            setting: "",
            answer: "each service has a pace; a throttled call is repeated until the step's own timeout",
            tests: &[
                "test_rate: each_service_has_its_own_words",
                "throttled: three_hundred_records_get_through",
            ],
        },
        Behaviour {
            does: "A lack of capacity comes as HTTP 500, and is definite.",
            services: "EC2",
            source: "<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>",
            setting: "",
            answer: "neither repeated nor looked for",
            tests: &["test_ec2_late: no_capacity_is_a_server_error"],
        },
    ],
};
