//! What is not there yet, or looks as it was.

use super::{Behaviour, Group};

pub(super) const GROUP: Group = Group {
    title: "Not there yet",
    behaviours: &[
        Behaviour {
            does: "What was made a moment ago is not found by the calls that come next.",
            services: "EC2, IAM, KMS, CloudWatch Logs, SQS, SNS, ECR, Secrets Manager, S3",
            source: "<https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>, TF PR#31877, TF: `propagationTimeout` of each service",
            setting: "young",
            answer: "`eventual` codes are borne while the resource, or anything that it is made from, is young",
            tests: &["test_young: the_next_call_does_not_find_it", "patient: one_up_each"],
        },
        Behaviour {
            does: "CreateNatGateway calls a young address and subnet unknown by codes of its own (`InvalidElasticIpID.NotFound`, `InvalidSubnet`).",
            services: "EC2",
            source: "TF#27087, openshift/hypershift#711, TF: `internal/service/ec2/vpc_nat_gateway.go`",
            setting: "young",
            answer: "`eventual`",
            tests: &["ec2/nat_gateway: what_ec2_does_not_know_yet_is_tried_again"],
        },
        Behaviour {
            does: "A new group has a rule that lets everything out, beside which others restrict nothing.",
            services: "EC2",
            source: "<https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html>, TF: `internal/service/ec2/vpc_security_group.go`",
            setting: "",
            answer: "`implies`: a declared egress rule takes it away, and the plan says why",
            tests: &[
                "ec2/security_group: a_declared_egress_rule_takes_awss_own_away",
                "ec2/security_group: rules_that_nobody_declared_are_shown_and_removed",
            ],
        },
        Behaviour {
            does: "What was made is missing in listings and descriptions for a while.",
            services: "EC2, IAM, Route 53",
            source: "<https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html>",
            setting: "",
            answer: "missing counts only after looks over `EngineOptions::visibility`",
            tests: &["test_late: late_ec2", "test_late: late_zone"],
        },
        Behaviour {
            does: "A new role, trust policy, first policy or instance profile cannot be used by services, nor be named in policies.",
            services: "IAM, as seen by ECS, EC2, RDS, S3, SNS, SQS, KMS, Secrets Manager",
            source: "<https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html>, TF#29323, TF#26041, terraform#2037, terraform#5455",
            setting: "young_role",
            answer: "`eventual` codes with a piece of the message; young is also what is two hops away",
            tests: &[
                "test_roles: a_changed_trust_policy_works_late",
                "test_roles: what_two_hops_away_is_young",
                "patient: one_up_each",
            ],
        },
        Behaviour {
            does: "The first use of a service in an account makes its role, which cannot be assumed for a minute or two.",
            services: "ECS, Application Auto Scaling, RDS",
            source: "aws-cloudformation/cloudformation-coverage-roadmap#818, <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html>, TF: `internal/service/appautoscaling/target.go`",
            setting: "first_use",
            answer: "`passing` codes, borne for five minutes whatever is young",
            tests: &[
                "test_roles: the_first_use_makes_a_role",
                "applicationautoscaling/scalable_target: lives",
            ],
        },
        Behaviour {
            does: "A modified database stays `available` with pending values, and its former parameter group keeps a member.",
            services: "RDS",
            source: "<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html>, TF: `internal/service/rds/instance.go`",
            setting: "rds_late_modify",
            answer: "`settles`: the first good status is not believed; pending values that are ours are waited for",
            tests: &[
                "test_rds_unkind: it_looks_available_before_it_is_modified",
                "rds/db_instance_settings: the_rest_changes_in_place",
            ],
        },
        Behaviour {
            does: "Changes of a database wait for the maintenance window unless `ApplyImmediately` is set, some of them; until then they are pending values of a database that is `available`.",
            services: "RDS",
            source: "<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.DBInstance.Modifying.html>, model: `ModifyDBInstance`",
            setting: "",
            answer: "a pending value that is declared is no difference, and is waited for only with `apply_immediately`; what finishes a create is applied at once",
            tests: &[
                "test_rds: changes_wait_for_the_window_unless_immediate",
                "rds/db_instance_settings: changes_wait_for_the_maintenance_window_unless_they_are_wanted_now",
                "rds/db_instance_replica: is_found_again",
            ],
        },
        Behaviour {
            does: "A restored database, like a read replica, has the data's user and encryption, and begins with settings of its own; some it takes only once it is there.",
            services: "RDS",
            source: "model: `RestoreDBInstanceFromDBSnapshot`, `RestoreDBInstanceToPointInTime`, TF: `internal/service/rds/instance.go`",
            setting: "",
            answer: "`Made::Partial`: waited for, compared, and the rest set at once",
            tests: &[
                "test_rds_replicas: a_restored_database_begins_with_settings_of_its_own",
                "rds/db_instance_restore: a_snapshot_comes_back_once",
                "rds/db_instance_restore: a_point_in_time_comes_back_once",
            ],
        },
        Behaviour {
            does: "Services are shown as they were before the last change, new ones not at all.",
            services: "ECS",
            source: "aws-actions/amazon-ecs-deploy-task-definition PR#860, TF: `internal/service/ecs/service.go`",
            setting: "ecs_stale",
            answer: "an update is followed by the id of its own deployment, and waited for until what was asked for is seen",
            tests: &[
                "test_ecs: services_are_shown_as_they_were",
                "ecs/service_deployments: a_first_deployment_that_failed_is_mended_in_place",
            ],
        },
        Behaviour {
            does: "A rollback to the same task definition looks like success.",
            services: "ECS",
            source: "aws-actions/amazon-ecs-deploy-task-definition PR#860",
            setting: "",
            answer: "the deployment's own record is read",
            tests: &[
                "test_ecs: a_rollback_to_the_same_definition_looks_like_success",
                "ecs/service_deployments: a_rollback_that_was_over_before_the_first_look_is_seen",
            ],
        },
        Behaviour {
            does: "The reason of a failed deployment says only that tasks did not start; why is told by the stopped tasks, for an hour.",
            services: "ECS",
            source: "<https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html>",
            setting: "",
            answer: "the stopped tasks of that definition are asked, and their reasons told with the failure",
            tests: &[
                "test_ecs: tasks_that_did_not_start_say_why",
                "ecs/service_deployments: a_rollback_that_was_over_before_the_first_look_is_seen",
            ],
        },
        Behaviour {
            does: "An internet gateway is `attaching` first; a route to it is refused as of a different network.",
            services: "EC2",
            source: "TF: `internal/service/ec2/vpc_route.go`, terraform#1775",
            setting: "gateway_attach",
            answer: "the attachment waits for `available`; the code with its message is `eventual`",
            tests: &["test_ec2_late: a_gateway_is_attached_late", "patient: one_up_each"],
        },
        Behaviour {
            does: "Containers, volumes, variables and secrets of a task definition come back in another order.",
            services: "ECS",
            source: "TF PR#36029, TF PR#11463, TF PR#35792",
            setting: "ecs_reorder",
            answer: "lists of named things are compared by name (`by`)",
            tests: &[
                "test_ecs: what_aws_makes_of_lists",
                "ecs/task_definition: every_change_is_a_new_revision",
            ],
        },
        Behaviour {
            does: "A principal that is an account becomes its root, a deleted one an id; conditions become texts.",
            services: "IAM, S3, SNS, SQS, KMS, ECR, Secrets Manager",
            source: "<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>, TF: `internal/verify`",
            setting: "",
            answer: "policies are compared by what they mean (`policy`)",
            tests: &[
                "test_writes: principals",
                "s3/bucket_policy: what_s3_writes_in_its_own_way_is_no_drift_and_a_deleted_role_is_trusted_anew",
            ],
        },
        Behaviour {
            does: "A queue whose KMS key is taken away is encrypted by nothing, although a new queue is encrypted by SQS itself.",
            services: "SQS",
            source: "<https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>, recordings `sqs__sqs.json`",
            setting: "",
            answer: "taking `kms_master_key_id` out turns SQS's own encryption on again in the same call",
            tests: &[
                "test_kms_sqs: queue_attributes",
                "sqs/queue: without_its_kms_key_a_queue_is_encrypted_by_sqs_again",
            ],
        },
        Behaviour {
            does: "Ranges lose their host bits; delivery policies are completed.",
            services: "EC2, SNS",
            source: "<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>, recordings `sns__sns.json`",
            setting: "",
            answer: "`cidr` compares networks; `partial_json` compares what is declared",
            tests: &[
                "test_writes: ranges_have_no_host_bits",
                "ec2/rules: another_spelling_of_a_range_is_no_change",
                "test_writes: delivery_policies_are_completed",
            ],
        },
    ],
};
