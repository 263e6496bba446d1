//! What AWS refuses although it looks well.

use super::{Behaviour, Group};

/// What the engine does about all of them.
const ONE_ERROR: &str = "one error that says what AWS said, once";

pub(super) const GROUP: Group = Group {
    title: "Refused",
    behaviours: &[
        Behaviour {
            does: "What the model of an operation forbids: lengths, patterns, enums, numbers of members.",
            services: "all but S3",
            source: "model; recordings `kms__kms.json`, `sns__sns.json`, `cloudwatch__cloudwatch.json`, `iam__iam.json`",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_refusals: the_model_is_kept"],
        },
        Behaviour {
            does: "Ports out of range or the wrong way round, unknown protocols.",
            services: "EC2",
            source: "aws-cli#1066, boto3#336, aws-sdk-go-v2#1203",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_refusals: rules_of_groups"],
        },
        Behaviour {
            does: "Descriptions beyond ASCII or a set of characters, groups named `sg-…`.",
            services: "EC2",
            source: "TF PR#43854, cfn-lint#173, pulumi-awsx#328",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_refusals: words_of_groups", "test_refusals: rules_of_groups"],
        },
        Behaviour {
            does: "Reserved tags (`aws:`), too long or too many ones.",
            services: "EC2, S3, IAM",
            source: "cloud-custodian#5975, <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html>",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_refusals: tags"],
        },
        Behaviour {
            does: "A private key where a public one belongs.",
            services: "EC2",
            source: "<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>",
            setting: "",
            answer: "refused before any call, without printing it",
            tests: &["test_refusals: a_private_key_is_no_public_one"],
        },
        Behaviour {
            does: "Bucket names with capitals, like addresses, or with reserved beginnings.",
            services: "S3",
            source: "<https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_refusals: names_of_buckets"],
        },
        Behaviour {
            does: "Lifecycle rules without action, of one name, with unknown storage classes or days that do not fit.",
            services: "S3",
            source: "crossplane-contrib/provider-aws#1337, <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_refusals: rules_of_a_lifecycle"],
        },
        Behaviour {
            does: "Values that are none of their type: TXT unquoted or over 255 characters, addresses, MX, SRV, CAA; names with empty or long labels.",
            services: "Route 53",
            source: "octodns#1196, boto3#1462, <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html>",
            setting: "",
            answer: "one error for that record; the others of the batch are made",
            tests: &[
                "test_refusals: values_of_records",
                "test_refusals: names_and_good_values_of_records",
            ],
        },
        Behaviour {
            does: "A change of a database that asks for nothing, when nothing is pending, either.",
            services: "RDS",
            source: "crossplane-contrib/provider-aws#1795, terraform#2595",
            setting: "",
            answer: "`apply_immediately` by itself asks for what is pending, when something is",
            tests: &[
                "test_rds: a_change_of_nothing_is_refused",
                "rds/db_instance_settings: changes_wait_for_the_maintenance_window_unless_they_are_wanted_now",
            ],
        },
        Behaviour {
            does: "A subnet group moves to no other VPC, and a database out of no group.",
            services: "RDS",
            source: "TF#16419",
            setting: "",
            answer: "`vpc_id` of the group replaces it, and its databases, in the plan; without it the error says what to do",
            tests: &[
                "test_refusals: databases",
                "rds/db_subnet_group: another_vpc_is_another_group_and_another_database",
                "rds/db_subnet_group: a_group_that_was_not_told_its_vpc_says_what_to_do",
            ],
        },
        Behaviour {
            does: "A parameter group that a database uses stays, so its name is not free for one of another family.",
            services: "RDS",
            source: "<https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBParameterGroup.html>",
            setting: "",
            answer: "refused in the plan (`held_by_users`); the screen says which databases of others use it",
            tests: &[
                "test_rds: parameter_groups",
                "rds/db_parameter_group: another_family_under_the_same_name_is_refused_while_a_database_uses_it",
            ],
        },
        Behaviour {
            does: "A subscription that nobody has confirmed is not unsubscribed.",
            services: "SNS",
            source: "go-to-k/cdkd#1301, TF: `internal/service/sns/topic_subscription.go`, recordings `sns__sns.json`",
            setting: "",
            answer: "it counts as gone when it is asked to go",
            tests: &[
                "test_logs_sns: what_is_not_confirmed_cannot_be_unsubscribed",
                "sns/subscription: what_nobody_confirmed_goes_by_itself",
            ],
        },
        Behaviour {
            does: "A role to which others have attached policies, or which stands in their instance profiles, is not deleted.",
            services: "IAM",
            source: "<https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html>",
            setting: "",
            answer: "the screen says what holds it; `force_detach_policies` takes it away first",
            tests: &[
                "test_iam: role_in_use_is_not_deleted",
                "iam/role: what_others_attached_goes_with_the_role_when_the_program_says_so",
            ],
        },
        Behaviour {
            does: "A point in time of a database that keeps no automated backups (`PointInTimeRestoreNotEnabled`).",
            services: "RDS",
            source: "model: `RestoreDBInstanceToPointInTime`",
            setting: "",
            answer: ONE_ERROR,
            tests: &[
                "test_rds_replicas: a_point_in_time_needs_backups_and_one_time",
                "rds/db_instance_restore: a_source_without_backups_is_one_clear_error",
            ],
        },
        Behaviour {
            does: "A smaller disk than a database has.",
            services: "RDS",
            source: "<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html>",
            setting: "",
            answer: "refused in the plan when the program declares less than before (`moves(up)`); a disk that grew by itself is as good as declared",
            tests: &["test_refusals: databases", "rds/db_instance: changes_in_place"],
        },
        Behaviour {
            does: "Downgrades of engines, major upgrades without the flag.",
            services: "RDS",
            source: "TF#16419, aws-controllers-k8s/community#1265, <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html>",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_refusals: databases"],
        },
    ],
};
