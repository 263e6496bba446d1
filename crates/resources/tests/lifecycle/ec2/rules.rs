//! Firewall rules live alike in either direction: [`rule_tests`] writes the tests of both.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::SecurityGroupRule;

/// A rule's properties. Groups go by their names in the program.
#[derive(Clone, Default)]
pub struct Allowed {
    pub group: &'static str,
    pub protocol: &'static str,
    pub from: Option<i32>,
    pub to: Option<i32>,
    pub v4: Option<&'static str>,
    pub v6: Option<&'static str>,
    pub list: Option<String>,
    pub peer: Option<&'static str>,
    pub description: Option<&'static str>,
    pub owner: Option<&'static str>,
}

pub fn http() -> Allowed {
    Allowed {
        group: "one",
        protocol: "tcp",
        from: Some(80),
        to: Some(81),
        v4: Some("192.0.2.0/24"),
        description: Some("Web"),
        owner: Some("anna"),
        ..Allowed::default()
    }
}

pub async fn find(ec2: &Client, id: &str) -> Option<SecurityGroupRule> {
    let call = ec2.describe_security_group_rules().security_group_rule_ids(id);
    call.send().await.ok()?.security_group_rules.unwrap_or_default().into_iter().next()
}

macro_rules! rule_tests {
    (
        $egress:literal, $list:ident $list_name:literal, $peer:ident $peer_name:literal,
        $authorize:ident $authorize_op:literal, $revoke:ident
    ) => {
        use aws_sdk_ec2::types::{
            IpPermission, IpRange, SecurityGroupRuleRequest, SecurityGroupRuleUpdate,
        };
        use ferrocrete_core::Stack;
        use ferrocrete_resources::ec2::SecurityGroup;

        use super::network::{failure, tag, tag_by_hand, vpc};
        use super::rules::{Allowed, find, http};
        use crate::world::World;

        /// Two groups, and perhaps a rule.
        fn program(rule: Option<Allowed>) -> impl Fn(&Stack) {
            move |stack| {
                let net = vpc(stack, "net", "10.0.0.0/16");
                let group = |name: &str| {
                    let group = SecurityGroup::builder().group_description(name);
                    // So that the group stays as it is when an egress rule comes and goes.
                    stack.add(name, group.vpc_id(&net.vpc_id).allow_all_outbound(true))
                };
                let (one, two) = (group("one"), group("two"));
                let id = |name: &str| if name == "one" { &one.group_id } else { &two.group_id };
                let Some(allowed) = &rule else { return };
                let rule = Rule::builder()
                    .group_id(id(allowed.group))
                    .ip_protocol(allowed.protocol)
                    .maybe_from_port(allowed.from)
                    .maybe_to_port(allowed.to)
                    .maybe_cidr_ip(allowed.v4)
                    .maybe_cidr_ipv6(allowed.v6)
                    .$list(allowed.list.as_ref())
                    .$peer(allowed.peer.map(id))
                    .maybe_description(allowed.description)
                    .maybe_tags(allowed.owner.map(|o| [("owner", o)]));
                stack.add("rule", rule);
            }
        }

        #[tokio::test]
        async fn lives() {
            let world = World::new().await;
            let ec2 = world.aws().await.ec2().clone();
            world.up(program(Some(http()))).await;
            let id = world.id("rule").await;
            let made = find(&ec2, &id).await.unwrap();
            assert_eq!(made.group_id, Some(world.id("one").await));
            assert_eq!(made.is_egress, Some($egress));
            assert_eq!(made.ip_protocol(), Some("tcp"));
            assert_eq!((made.from_port, made.to_port), (Some(80), Some(81)));
            assert_eq!((made.cidr_ipv4(), made.description()), (Some("192.0.2.0/24"), Some("Web")));
            assert_eq!(tag(made.tags(), "owner"), Some("anna"));
            assert_eq!(world.output("rule", "security_group_rule_id").await, id);

            let mut rule = http();
            rule.description = Some("Web servers");
            world.updates(program(Some(rule.clone())), "rule", &["description"]).await;
            let live = find(&ec2, &id).await.unwrap();
            assert_eq!(live.description(), Some("Web servers"));
            assert_eq!((live.from_port, live.cidr_ipv4()), (Some(80), Some("192.0.2.0/24")));
            rule.description = None;
            world.updates(program(Some(rule.clone())), "rule", &["description"]).await;
            let live = find(&ec2, &id).await.unwrap();
            assert_eq!(live.description().unwrap_or_default(), "");

            tag_by_hand(&ec2, &id, "cost", "7").await;
            rule.owner = Some("ben");
            world.updates(program(Some(rule.clone())), "rule", &["tags"]).await;
            assert_eq!(tag(find(&ec2, &id).await.unwrap().tags(), "owner"), Some("ben"));
            rule.owner = None;
            world.updates(program(Some(rule.clone())), "rule", &["tags"]).await;
            let live = find(&ec2, &id).await.unwrap();
            assert_eq!((tag(live.tags(), "owner"), tag(live.tags(), "cost")), (None, Some("7")));

            // Drift: somebody deletes it.
            let group = world.id("one").await;
            ec2.$revoke().group_id(&group).security_group_rule_ids(&id).send().await.unwrap();
            assert!(find(&ec2, &id).await.is_none());
            assert_eq!(world.up(program(Some(rule.clone()))).await, ["create rule"]);
            let last = world.id("rule").await;
            assert!(find(&ec2, &last).await.is_some());
            assert_eq!(world.up(program(None)).await, ["delete rule"]);
            assert!(find(&ec2, &last).await.is_none());
            world.up(program(Some(rule))).await;
            world.destroy().await;
            assert!(ec2.describe_security_groups().group_ids(&group).send().await.is_err());
        }

        #[tokio::test]
        async fn is_replaced() {
            let world = World::new().await;
            let ec2 = world.aws().await.ec2().clone();
            let list = ec2.create_managed_prefix_list().prefix_list_name("p").max_entries(1);
            let list = list.address_family("IPv4").send().await.unwrap();
            let list = list.prefix_list.unwrap().prefix_list_id.unwrap();
            world.up(program(Some(http()))).await;
            let mut rule = http();
            macro_rules! replaced {
                ($properties:expr) => {{
                    let to = program(Some(rule.clone()));
                    let (before, after) = world.replaces(to, "rule", $properties).await;
                    assert!(find(&ec2, &before).await.is_none());
                    find(&ec2, &after).await.unwrap()
                }};
            }
            (rule.from, rule.to) = (Some(443), Some(444));
            let live = replaced!(&["from_port", "to_port"]);
            assert_eq!((live.from_port, live.to_port), (Some(443), Some(444)));
            rule.protocol = "udp";
            assert_eq!(replaced!(&["ip_protocol"]).ip_protocol(), Some("udp"));
            rule.v4 = Some("198.51.100.0/24");
            assert_eq!(replaced!(&["cidr_ip"]).cidr_ipv4(), Some("198.51.100.0/24"));
            (rule.v4, rule.v6) = (None, Some("2001:db8::/32"));
            assert_eq!(replaced!(&["cidr_ip", "cidr_ipv6"]).cidr_ipv6(), Some("2001:db8::/32"));
            (rule.v6, rule.list) = (None, Some(list.clone()));
            assert_eq!(replaced!(&["cidr_ipv6", $list_name]).prefix_list_id, Some(list));
            (rule.list, rule.peer) = (None, Some("two"));
            let peer = replaced!(&[$list_name, $peer_name]).referenced_group_info.unwrap();
            assert_eq!(peer.group_id, Some(world.id("two").await));
            rule.description = Some("From a group");
            world.updates(program(Some(rule.clone())), "rule", &["description"]).await;
            let live = find(&ec2, &world.id("rule").await).await.unwrap();
            assert_eq!(live.description(), Some("From a group"));
            rule.group = "two";
            assert_eq!(replaced!(&["group_id"]).group_id, Some(world.id("two").await));
            // One that names its own group stands in no delete's way.
            world.destroy().await;
        }

        #[tokio::test]
        async fn one_that_somebody_widened_is_made_anew() {
            let world = World::new().await;
            let ec2 = world.aws().await.ec2().clone();
            world.up(program(Some(http()))).await;
            let request = SecurityGroupRuleRequest::builder().ip_protocol("tcp");
            let request = request.from_port(1).to_port(81).cidr_ipv4("192.0.2.0/24");
            let request = request.description("Web").build();
            let wider = SecurityGroupRuleUpdate::builder().security_group_rule(request);
            let wider = wider.security_group_rule_id(world.id("rule").await).build();
            let call = ec2.modify_security_group_rules().group_id(world.id("one").await);
            call.security_group_rules(wider).send().await.unwrap();
            let (old, new) = world.replaces(program(Some(http())), "rule", &["from_port"]).await;
            assert!(find(&ec2, &old).await.is_none());
            assert_eq!(find(&ec2, &new).await.unwrap().from_port, Some(80));
        }

        #[tokio::test]
        async fn protocols_are_declared_in_any_of_their_names() {
            let world = World::new().await;
            let ec2 = world.aws().await.ec2().clone();
            // `up` sees that a second one has nothing to do.
            for (protocol, ports, live) in [
                ("6", Some(80), "tcp"),
                ("TCP", Some(80), "tcp"),
                ("Icmp", Some(-1), "icmp"),
                ("ALL", Some(0), "-1"),
                ("-1", None, "-1"),
                ("-1", Some(0), "-1"),
                ("icmp", Some(-1), "icmp"),
            ] {
                let rule =
                    Allowed { protocol, from: ports, to: ports, v4: Some("10.0.0.0/8"), ..http() };
                world.up(program(Some(rule))).await;
                let made = find(&ec2, &world.id("rule").await).await.unwrap();
                assert_eq!(made.ip_protocol(), Some(live));
                world.up(program(None)).await;
            }
        }

        #[tokio::test]
        async fn another_name_of_the_protocol_is_no_change() {
            let world = World::new().await;
            for [one, other] in
                [["tcp", "6"], ["17", "udp"], ["-1", "all"], ["TCP", "tcp"], ["All", "-1"]]
            {
                let rule = |protocol: &'static str| {
                    program(Some(Allowed { protocol, v4: Some("10.0.0.0/8"), ..http() }))
                };
                world.up(rule(one)).await;
                let id = world.id("rule").await;
                assert_eq!(world.up(rule(other)).await, [""; 0]);
                // A change in place speaks the new name.
                let said = Allowed { protocol: other, description: Some("New"), ..http() };
                let said = program(Some(Allowed { v4: Some("10.0.0.0/8"), ..said }));
                world.updates(said, "rule", &["description"]).await;
                assert_eq!(world.id("rule").await, id);
                world.up(program(None)).await;
            }
        }

        #[tokio::test]
        async fn another_spelling_of_a_range_is_no_change() {
            let world = World::new().await;
            let ec2 = world.aws().await.ec2().clone();
            let rule =
                |v6: &'static str| program(Some(Allowed { v4: None, v6: Some(v6), ..http() }));
            for (spellings, stored) in [
                (["2001:DB8::/32", "2001:db8:0:0::/32", "2001:0db8::/32"], "2001:db8::/32"),
                (["0::0/0", "::/0", "0:0:0:0:0:0:0:0/0"], "::/0"),
            ] {
                // `up` sees that a second one has nothing to do.
                world.up(rule(spellings[0])).await;
                let id = world.id("rule").await;
                for other in spellings {
                    assert_eq!(world.up(rule(other)).await, [""; 0], "{other}");
                }
                let live = find(&ec2, &id).await.unwrap();
                assert_eq!(live.cidr_ipv6(), Some(stored));
                world.up(program(None)).await;
            }
        }

        #[tokio::test]
        async fn that_of_somebody_else_is_not_taken_over() {
            let world = World::new().await;
            let ec2 = world.aws().await.ec2().clone();
            world.up(program(None)).await;
            let range = IpRange::builder().cidr_ip("192.0.2.0/24").description("Theirs").build();
            let theirs = IpPermission::builder().ip_protocol("tcp").from_port(80).to_port(81);
            let call = ec2.$authorize().group_id(world.id("one").await);
            let made = call.ip_permissions(theirs.ip_ranges(range).build()).send().await.unwrap();
            let theirs = made.security_group_rules()[0].security_group_rule_id().unwrap();
            let (_, report) = world.try_up(program(Some(http()))).await.unwrap();
            assert_eq!(failure(&report), "InvalidPermission.Duplicate");
            assert_eq!(find(&ec2, theirs).await.unwrap().description(), Some("Theirs"));
        }

        #[tokio::test]
        async fn is_found_again() {
            let world = World::new().await;
            world.finds(program(Some(http())), "rule", $authorize_op).await;
        }
    };
}
pub(crate) use rule_tests;
