//! What AWS documents as default: a property that is taken out of the program is so again, and what
//! somebody changes by hand is drift although nobody declares it.

use std::time::Duration;

use aws_sdk_ec2::types::{AttributeBooleanValue, VpcAttributeName};
use ferrocrete_core::{Handle, Stack};
use ferrocrete_resources::cloudwatch::Alarm;
use ferrocrete_resources::dynamodb::{AttributeDefinition, KeySchemaElement, Table};
use ferrocrete_resources::ec2::{Subnet, Vpc};
use ferrocrete_resources::kms::Key;
use ferrocrete_resources::s3::{Bucket, PublicAccessBlock};
use ferrocrete_resources::sns::{Subscription, Topic};
use ferrocrete_sandbox::{Config, Unkind};

use crate::world::World;

const FILTER: &str = r#"{"kind":["order"]}"#;

fn topic(stack: &Stack) -> Handle<Topic> {
    stack.add("news", Topic::builder())
}

/// Everything says other than the default, or nothing of it.
fn program(says: bool) -> impl Fn(&Stack) {
    move |stack| {
        let on = says.then_some(true);
        let off = says.then_some(false);
        let vpc = Vpc::builder().cidr_block("10.0.0.0/16").maybe_enable_dns_hostnames(on);
        let vpc = stack.add("net", vpc);
        let subnet = Subnet::builder().vpc_id(&vpc.vpc_id).cidr_block("10.0.1.0/24");
        stack.add("a", subnet.maybe_map_public_ip_on_launch(on));
        let alarm = Alarm::builder().alarm_name("full").metric_name("Errors").namespace("Shop");
        let alarm = alarm.period(60).statistic("Sum").threshold(5.0).evaluation_periods(1);
        let alarm = alarm.comparison_operator("GreaterThanThreshold");
        stack.add("full", alarm.maybe_actions_enabled(off));
        stack.add("key", Key::builder().maybe_enable_key_rotation(on));
        let id = AttributeDefinition::builder().attribute_name("id").attribute_type("S");
        let hash = KeySchemaElement::builder().attribute_name("id").key_type("HASH");
        let table = Table::builder().table_name("orders").billing_mode("PAY_PER_REQUEST");
        let table = table.attribute_definitions([id]).key_schema([hash]);
        stack.add("orders", table.maybe_deletion_protection_enabled(on));
        let mail = Subscription::builder().topic_arn(&topic(stack).topic_arn).protocol("email");
        let mail = mail.endpoint("anna@example.org").filter_policy(FILTER);
        stack.add("mail", mail.maybe_filter_policy_scope(says.then_some("MessageBody")));
    }
}

const CHANGED: [&str; 6] = ["a", "full", "key", "mail", "net", "orders"];

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_out_is_as_aws_has_it_by_default() {
    let world = World::new().await;
    let aws = world.aws().await;
    let scope = async |arn: String| {
        let call = aws.sns().get_subscription_attributes().subscription_arn(arn);
        let all = call.send().await.unwrap().attributes.unwrap();
        all.get("FilterPolicyScope").cloned()
    };
    world.up(program(true)).await;
    assert_eq!(scope(world.id("mail").await).await.as_deref(), Some("MessageBody"));
    let mut changes = world.up(program(false)).await;
    changes.sort();
    assert_eq!(changes, CHANGED.map(|name| format!("update {name}")));
    let scope = scope(world.id("mail").await).await;
    assert!(scope.is_none_or(|scope| scope == "MessageAttributes"));

    // By hand.
    let vpc = world.id("net").await;
    let names = AttributeBooleanValue::builder().value(true).build();
    let call = aws.ec2().modify_vpc_attribute().vpc_id(&vpc).enable_dns_hostnames(names);
    call.send().await.unwrap();
    let subnet = world.id("a").await;
    let public = AttributeBooleanValue::builder().value(true).build();
    let call = aws.ec2().modify_subnet_attribute().subnet_id(&subnet);
    call.map_public_ip_on_launch(public).send().await.unwrap();
    aws.cloudwatch().disable_alarm_actions().alarm_names("full").send().await.unwrap();
    let key = world.id("key").await;
    aws.kms().disable_key().key_id(&key).send().await.unwrap();
    let mut changes = world.up(program(false)).await;
    changes.sort();
    // The attributes of a VPC cost a call each, so they are read where they are declared.
    assert_eq!(changes, ["a", "full", "key"].map(|name| format!("update {name}")));
    let call = aws.ec2().describe_vpc_attribute().vpc_id(&vpc);
    let answer = call.attribute(VpcAttributeName::EnableDnsHostnames).send().await.unwrap();
    assert_eq!(answer.enable_dns_hostnames.unwrap().value, Some(true));
    world.destroy().await;
}

/// Also what new buckets have by themselves today, and what is said in part.
#[tokio::test]
async fn declared_security_is_sent() {
    let world = World::new().await;
    // What is refused at first need not be said again when it is so already.
    let unkind = Unkind { young: Duration::ZERO, ..Unkind::tests() };
    world.account.configure(Config::unkind(unkind)).await.unwrap();
    let program = |stack: &Stack| {
        let all = PublicAccessBlock::builder()
            .block_public_acls(true)
            .block_public_policy(true)
            .ignore_public_acls(true)
            .restrict_public_buckets(true);
        let bucket = Bucket::builder().public_access_block(all);
        stack.add("docs", bucket.object_ownership("BucketOwnerEnforced"));
    };
    world.up(program).await;
    assert_eq!(world.count("s3:PutPublicAccessBlock").await, 1);
    assert_eq!(world.count("s3:PutBucketOwnershipControls").await, 1);
}
