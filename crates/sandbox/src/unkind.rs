//! Unkind behaviours of AWS that can be switched on, one by one.

use std::time::Duration;

use serde::Serialize;

macro_rules! unkind {
    (
        seconds { $($(#[doc = $said:literal])+ $time:ident,)+ }
        flags { $($(#[doc = $told:literal])+ $flag:ident,)* }
    ) => {
        /// What AWS does that an engine must bear. What AWS refuses always needs no switch; this
        /// is what happens for a while, or now and then. Sources are in the wrapper, beside each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        pub struct Unkind {
            $($(#[doc = $said])+ #[serde(serialize_with = "crate::config::seconds")] pub $time: Duration,)+
            $($(#[doc = $told])+ pub $flag: bool,)*
        }

        impl Unkind {
            /// Everything: what lasts a while for that long.
            pub fn all(duration: Duration) -> Self {
                Self { $($time: duration,)+ $($flag: true,)* }
            }

            /// Nothing.
            pub fn none() -> Self {
                Self { $($time: Duration::ZERO,)+ $($flag: false,)* }
            }
        }

        #[cfg(test)]
        pub(crate) const NAMES: (&[&str], &[&str]) = (&[$(stringify!($time)),+], &[$(stringify!($flag)),*]);
    };
}

unkind! {
    seconds {
        /// Route 53: `PriorRequestNotComplete` for that long after each change of a zone.
        route53_busy,
        /// What was made a moment ago is not found for that long by the calls that come next:
        /// settings of VPCs, subnets and instances, rules, routes, policies of roles, settings of
        /// buckets, keys, queues, topics, log groups, repositories and secrets.
        young,
        /// New roles, trust policies, first policies and instance profiles: that long they cannot
        /// be used by services (`Role is not valid`, `Unable to assume …`, `Invalid IAM Instance
        /// Profile name`, invalid principals).
        young_role,
        /// IAM: within that time of a change of an entity, the next one is refused once with
        /// `ConcurrentModification`; login profiles are `EntityTemporarilyUnmodifiable`.
        iam_busy,
        /// ECS, Application Auto Scaling, RDS: the first use in an account makes the service's
        /// role, which cannot be assumed that long.
        first_use,
        /// The deletion of a service-linked role: that long it is in progress.
        role_deletion,
        /// Application Auto Scaling: `ConcurrentUpdateException` (HTTP 500) for that long after a
        /// policy of the same target was put or deleted.
        scaling_busy,
        /// RDS: after ModifyDBInstance the database stays `available` that long, with pending
        /// values; a former parameter group keeps its member.
        rds_late_modify,
        /// RDS: how long the backup takes that each new database begins with.
        rds_backup,
        /// Secrets Manager: how long a forced deletion holds the name.
        secret_deletion,
        /// EC2: how long an internet gateway is `attaching`, and routes to it are refused.
        gateway_attach,
        /// Interfaces of load balancers and Fargate tasks: that long they hold subnets, groups
        /// and gateways after their owner is gone.
        interfaces,
        /// EC2: that long after a NAT gateway is gone its address cannot be released.
        nat_address,
        /// ECS: DescribeServices shows services that long as they were before the last change, and
        /// new ones not at all.
        ecs_stale,
        /// CloudWatch Logs: that long the name of a deleted group cannot be used, and within that
        /// time of a change the next one is refused once (`OperationAbortedException`).
        logs_busy,
        /// S3: that long the name of a deleted bucket cannot be used (`OperationAborted`).
        s3_deletion,
    }
    flags {
        /// One interface of each load balancer and service is left behind, `available`; it holds
        /// what it is in until somebody deletes it.
        interfaces_left,
        /// ECS: containers, volumes, variables and secrets of a task definition come back in
        /// another order.
        ecs_reorder,
    }
}

impl Unkind {
    /// For tests: everything, for 0.3 s each; long enough to be met, short enough to wait for.
    pub fn tests() -> Self {
        Self::all(Duration::from_millis(300))
    }

    /// For demonstrations: everything, for a second each.
    pub fn demo() -> Self {
        Self::all(Duration::from_secs(1))
    }
}

impl Default for Unkind {
    /// [`Unkind::none`].
    fn default() -> Self {
        Self::none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names in a tuple of the wrapper's settings.
    fn python(tuple: &str) -> Vec<&'static str> {
        let (_, text) = crate::wrapper::SOURCES
            .iter()
            .find(|(path, _)| path.ends_with("/settings.py"))
            .expect("settings.py");
        let from = text.find(tuple).expect("the tuple");
        let to = from + text[from..].find("\n)").expect("its end");
        text[from..to].split('"').skip(1).step_by(2).collect()
    }

    #[test]
    fn both_sides_know_the_same_behaviours() {
        assert_eq!(python("UNKIND_SECONDS"), NAMES.0);
        assert_eq!(python("UNKIND_FLAGS"), NAMES.1);
    }

    #[test]
    fn seconds_and_flags_as_the_server_reads_them() {
        let json = serde_json::to_value(Unkind::tests()).unwrap();
        for name in NAMES.0 {
            assert_eq!(json[name], 0.3, "{name}");
        }
        for name in NAMES.1 {
            assert_eq!(json[name], true, "{name}");
        }
        assert!(serde_json::to_value(Unkind::default()).unwrap()["route53_busy"] == 0.0);
    }
}
