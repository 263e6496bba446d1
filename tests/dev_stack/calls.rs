//! The AWS calls of a first `up`: those that a careful hand-written script would make.

use std::collections::BTreeMap;

use ferrocrete_sandbox::{Config, Unkind};

use crate::user::User;

/// Each call and how often, the polls of what takes time left out.
const NEEDED: [(&str, usize); 24] = [
    ("ec2:AllocateAddress", 1),
    ("ec2:AssociateAddress", 1),
    ("ec2:AuthorizeSecurityGroupIngress", 3),
    ("ec2:CreateSecurityGroup", 2),
    ("ec2:DescribeImages", 1),
    ("ec2:DescribeSubnets", 1),
    ("ec2:DescribeVpcs", 1),
    ("ec2:RunInstances", 1),
    ("iam:AddRoleToInstanceProfile", 1),
    ("iam:CreateInstanceProfile", 1),
    ("iam:CreateRole", 1),
    ("iam:PutRolePolicy", 1),
    ("rds:CreateDBInstance", 1),
    ("rds:CreateDBSubnetGroup", 1),
    ("route53:ChangeResourceRecordSets", 1),
    ("route53:ChangeTagsForResource", 1),
    ("route53:CreateHostedZone", 1),
    ("s3:CreateBucket", 4),
    // Declared security is sent, also where new buckets have it by themselves.
    ("s3:PutBucketEncryption", 4),
    ("s3:PutPublicAccessBlock", 4),
    ("s3:PutBucketVersioning", 1),
    ("secretsmanager:CreateSecret", 2),
    // The password that the instance's secret holds goes to the database.
    ("secretsmanager:GetSecretValue", 1),
    // One for the name of the state's bucket, one for the run.
    ("sts:GetCallerIdentity", 2),
];

const POLLS: [&str; 2] = ["ec2:DescribeInstances", "rds:DescribeDBInstances"];

#[tokio::test(flavor = "multi_thread")]
async fn a_first_up_makes_no_needless_call() {
    let user = User::new("calls").await;
    // What AWS refuses at first is asked for again; that is no needless call.
    user.account.configure(Config::unkind(Unkind::none())).await.unwrap();
    user.expect(0, &["up", "--yes"]);
    let log = user.account.calls().await.unwrap();
    let mut made: BTreeMap<String, usize> = BTreeMap::new();
    for call in log.calls {
        let is_state = call.service == "dynamodb" || call.resource.contains("ferrocrete-state");
        let name = format!("{}:{}", call.service, call.operation);
        if !is_state && !POLLS.contains(&name.as_str()) {
            *made.entry(name).or_default() += 1;
        }
    }
    let needed = NEEDED.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
    assert_eq!(made, needed);
}
