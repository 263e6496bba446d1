//! What only one can be or have.

use super::{Behaviour, Group};

pub(super) const GROUP: Group = Group {
    title: "What only one can be or have",
    behaviours: &[
        Behaviour {
            does: "Two resources of a program are one thing where AWS makes no id: attachments, policies, rules, routes, records, named things.",
            services: "all",
            source: "the API of each",
            setting: "",
            answer: "`identity`: a loop whose key changes moves records; declared twice is refused in the plan",
            tests: &[
                "rekeyed: every_record_moves_and_nothing_else_happens",
                "rekeyed_b: a_loop_whose_key_changes_changes_nothing",
                "identities: every_type_is_known_by_something",
            ],
        },
        Behaviour {
            does: "A target group serves one load balancer (`TargetGroupAssociationLimit`); a port and a priority have one owner; priorities are set together.",
            services: "Elastic Load Balancing",
            source: "TF#22005, <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_SetRulePriorities.html>",
            setting: "",
            answer: "`claims` and `together`: who takes waits for who gives up, an exchange is one call",
            tests: &[
                "test_elb_use: a_target_group_serves_one_load_balancer",
                "test_elb_use: priorities_change_together",
                "slots: priorities_of_rules",
                "slots: a_target_group_of_a_balancer_that_is_replaced",
            ],
        },
        Behaviour {
            does: "Ranges of subnets must not overlap, at no moment.",
            services: "EC2",
            source: "<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>",
            setting: "",
            answer: "`unique` ranges: a circle is opened by deleting one first",
            tests: &["slots: ranges_of_subnets"],
        },
        Behaviour {
            does: "A simple record beside a routed one, or a CNAME beside any other, is refused (`InvalidChangeBatch`); weighted ones have one TTL.",
            services: "Route 53",
            source: "TF#11485, <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html>",
            setting: "",
            answer: "what replaces each other is one batch",
            tests: &[
                "test_route53: simple_and_routed_records_do_not_mix",
                "test_route53: a_cname_conflicts_both_ways",
                "rekeyed_b: records_that_exclude_each_other_change_in_one_call",
            ],
        },
        Behaviour {
            does: "All certificates of a domain are validated by one record, which each renewal looks for again.",
            services: "ACM, Route 53",
            source: "TF#7918, <https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html>",
            setting: "",
            answer: "an identical record is taken over; one that somebody else's certificate needs is not deleted",
            tests: &[
                "acm/certificate_validation: a_record_that_others_need_is_shared",
                "acm/certificate_validation: another_record_of_that_name_is_not_taken_over",
            ],
        },
        Behaviour {
            does: "A metric of a target is followed by one policy.",
            services: "Application Auto Scaling",
            source: "TF#41179",
            setting: "",
            answer: "`claims`: two are refused in the plan",
            tests: &["test_autoscaling: a_metric_is_followed_once"],
        },
        Behaviour {
            does: "A role that is taken by name, a policy that is attached, a database whose subnets are deleted: what is in use stays.",
            services: "IAM, EC2, RDS, ECS, ACM",
            source: "<https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html> and its like",
            setting: "",
            answer: "`busy` codes; the message says who holds it",
            tests: &[
                "test_iam: policy_in_use_is_not_deleted",
                "test_rds_unkind: who_uses_a_subnet_group",
                "test_acm: certificate_in_use_is_not_deleted",
            ],
        },
    ],
};
