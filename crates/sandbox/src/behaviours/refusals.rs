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
            does: "The same outside of these, each in the service's own words.",
            services: "KMS, SNS, SQS, ECR, ECS, CloudWatch, CloudWatch Logs, SSM, Secrets Manager, ACM, IAM, Elastic Load Balancing, RDS, DynamoDB",
            source: "recordings `kms__kms.json`, model, <https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html>",
            setting: "",
            answer: "refused in the plan, with our own tags counted",
            tests: &["test_limits: tags"],
        },
        Behaviour {
            does: "Policies that are too long: a managed one, a trust policy, all inline ones of a role together.",
            services: "IAM",
            source: "docker/docs#6218, kops#12558, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>",
            setting: "",
            answer: ONE_ERROR,
            tests: &[
                "test_limits: policies_that_are_too_long",
                "test_limits: inline_policies_count_together",
            ],
        },
        Behaviour {
            does: "Types of machines and classes of databases that do not exist.",
            services: "EC2, RDS",
            source: "moto#1695, ryanmurakami/trash-panda-buffet#5",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_limits: machines_that_do_not_exist"],
        },
        Behaviour {
            does: "Periods of alarms, sizes of Fargate tasks and numbers of queues other than the documented ones.",
            services: "CloudWatch, ECS, SQS",
            source: "awsdocs/aws-cloudformation-user-guide PR#777, TF#42389, <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html>, <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>",
            setting: "",
            answer: ONE_ERROR,
            tests: &[
                "test_limits: periods_of_alarms",
                "test_limits: sizes_of_fargate",
                "test_limits: numbers_of_queues",
            ],
        },
        Behaviour {
            does: "Aliases that begin as those of AWS's own keys do.",
            services: "KMS",
            source: "<https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html>",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_limits: aliases_of_awss_own_keys"],
        },
        Behaviour {
            does: "To stop an instance that has never run, or a Spot Instance; to change a running one's type or user data.",
            services: "EC2",
            source: "cloud-custodian#6014, <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Stop_Start.html>",
            setting: "",
            answer: "it is stopped, changed and started, in a run of any number of parts; a tag says so to the next run",
            tests: &[
                "test_ec2_lifecycle: what_cannot_be_stopped",
                "ec2/instance_stopped: is_stopped_changed_and_started",
                "ec2/instance_stopped: a_run_that_is_killed_in_between_is_finished",
                "ec2/instance_stopped: what_aws_refuses_leaves_it_running",
            ],
        },
        Behaviour {
            does: "Whom a role's trust policy does not let in: another external id, session tags without `sts:TagSession`, too long a session.",
            services: "STS",
            source: "<https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html>, <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>, <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>",
            setting: "",
            answer: "`external_id`, `session_name`, `session_seconds` and `session_tags` of a provider",
            tests: &[
                "test_sts: an_external_id_must_fit",
                "test_sts: a_session_is_no_longer_than_the_role_allows",
                "test_sts: tags_of_a_session_must_be_allowed",
                "assumed: a_role_is_assumed_as_the_provider_says",
            ],
        },
        Behaviour {
            does: "A private key where a public one belongs.",
            services: "EC2",
            source: "<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>",
            setting: "",
            answer: "refused before any call, without printing it",
            tests: &[
                "test_refusals: a_private_key_is_no_public_one",
                "ec2/key_pair: a_private_key_is_refused_and_not_shown",
            ],
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
            does: "Downgrades of engines, major upgrades without the flag, smaller disks, subnets of another VPC for a subnet group.",
            services: "RDS",
            source: "TF#16419, aws-controllers-k8s/community#1265, <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_UpgradeDBInstance.Upgrading.html>",
            setting: "",
            answer: ONE_ERROR,
            tests: &["test_refusals: databases"],
        },
    ],
};
