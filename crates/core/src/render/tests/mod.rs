//! Renderings of hand-made plans, reports and graphs; each snapshot was looked at as a screen.

mod graphs;
mod plans;
mod reports;
mod shapes;

use std::collections::BTreeMap;

use crate::plan::{Action, ChangeKind, ExportChange, Plan, PropertyChange, Reason, Step};
use crate::urn::Urn;
use crate::value::{PropertyMap, Value};

pub(super) fn urn(type_name: &str, path: &[&str], name: &str) -> Urn {
    Urn::new("shop", "dev", path, type_name, name).unwrap()
}

pub(super) fn step(action: Action, type_name: &str, name: &str) -> Step {
    let (path, name) = match name.rsplit_once('/') {
        Some((path, name)) => (path.split('/').collect(), name),
        None => (Vec::new(), name),
    };
    Step {
        urn: urn(type_name, &path, name),
        generation: 1,
        action,
        id: None,
        changes: Vec::new(),
        reasons: Vec::new(),
        requires: Vec::new(),
        inputs: PropertyMap::new(),
        base: PropertyMap::new(),
        outputs: PropertyMap::new(),
        prior: None,
        record: false,
        wait_first: false,
        deleted_with: None,
        gone: false,
        going: false,
        delete_first: false,
        certain: false,
        together: None,
        provider: Default::default(),
        namespace: None,
    }
}

pub(super) fn with_id(mut step: Step, id: &str) -> Step {
    step.id = Some(id.to_owned());
    step
}

pub(super) fn change(path: &str, old: Option<Value>, new: Option<Value>) -> PropertyChange {
    let kind = match (&old, &new) {
        (None, _) => ChangeKind::Add,
        (_, None) => ChangeKind::Remove,
        _ => ChangeKind::Change,
    };
    let property = path.split('.').next().unwrap().to_owned();
    PropertyChange { property, path: path.to_owned(), kind, old, new, replaces: false }
}

pub(super) fn replacing(mut change: PropertyChange) -> PropertyChange {
    change.replaces = true;
    change
}

pub(super) fn text(value: &str) -> Option<Value> {
    Some(value.into())
}

pub(super) fn map<const N: usize>(items: [(&str, Value); N]) -> Value {
    Value::Map(items.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}

pub(super) fn plan(steps: Vec<Step>) -> Plan {
    Plan {
        project: "shop".into(),
        stack: "dev".into(),
        made_from: (3, 17),
        refreshed: true,
        destroy: false,
        moves: Vec::new(),
        concealed: Default::default(),
        steps,
        exports: BTreeMap::new(),
        reads: None,
        lookups: BTreeMap::new(),
    }
}

/// A plan with everything in it.
pub(super) fn full() -> Plan {
    let subnet = urn("AWS::EC2::Subnet", &["network"], "a");
    let mut group = step(Action::Create, "AWS::EC2::SecurityGroup", "web");
    group.reasons = vec![Reason::New];
    group.changes = vec![
        change("group_description", None, text("the web tier")),
        change("vpc_id", None, Some(Value::Unknown)),
        change("security_group_egress", None, Some(Value::List(Vec::new()))),
        change(
            "tags",
            None,
            Some(map([
                ("app", "shop".into()),
                ("ferrocrete:urn", "urn:fc:shop:dev::AWS::EC2::SecurityGroup:web@1".into()),
            ])),
        ),
    ];
    group.inputs =
        group.changes.iter().map(|c| (c.property.clone(), c.new.clone().unwrap())).collect();

    let mut new_subnet = step(Action::Replace, "AWS::EC2::Subnet", "network/a");
    new_subnet.generation = 2;
    new_subnet.id = Some("subnet-0aa1".into());
    new_subnet.reasons = vec![Reason::Changed { property: "cidr_block".into() }];
    new_subnet.changes =
        vec![replacing(change("cidr_block", text("10.0.0.0/16"), text("10.1.0.0/16")))];
    let mut old_subnet =
        with_id(step(Action::DeleteReplaced, "AWS::EC2::Subnet", "network/a"), "subnet-0aa1");
    old_subnet.reasons = vec![Reason::Replaced];

    let mut instance = step(Action::Replace, "AWS::EC2::Instance", "web");
    instance.generation = 3;
    instance.delete_first = true;
    instance.id = Some("i-0abc".into());
    instance.reasons = vec![
        Reason::Dependency { property: "subnet_id".into(), urn: subnet, action: Action::Replace },
        Reason::Changed { property: "user_data".into() },
    ];
    let script = |package: &str| {
        let mut lines: Vec<String> = (1..=20).map(|n| format!("echo step {n}")).collect();
        lines.insert(0, "#!/bin/bash".into());
        lines[9] = format!("apt-get install -y {package}");
        Some(Value::String(lines.join("\n")))
    };
    instance.changes = vec![
        replacing(change("subnet_id", text("subnet-0aa1"), Some(Value::Unknown))),
        change("user_data", script("python3.11"), script("python3.12")),
    ];
    let mut old_instance =
        with_id(step(Action::DeleteReplaced, "AWS::EC2::Instance", "web"), "i-0abc");
    old_instance.generation = 2;
    old_instance.reasons = vec![Reason::Replaced];

    let mut database =
        with_id(step(Action::Update, "AWS::RDS::DBInstance", "db"), "shop-dev-db-11aa22bb");
    database.reasons = vec![
        Reason::Changed { property: "master_user_password".into() },
        Reason::Drifted { property: "backup_retention_period".into() },
    ];
    let secret = |s: &str| Some(Value::secret(s.into()));
    let mut drift = change("backup_retention_period", Some(Value::Int(1)), Some(Value::Int(7)));
    drift.kind = ChangeKind::Drift;
    database.changes = vec![
        change("master_user_password", secret("plain-old"), secret("plain-new")),
        drift,
        change("tags.owner", None, text("anna")),
        change("tags.team", text("web"), None),
        change("tags.ferrocrete:urn", text("a@1"), text("a@2")),
    ];

    let mut gone = with_id(step(Action::Delete, "AWS::S3::Bucket", "old-logs"), "shop-old-logs");
    gone.reasons = vec![Reason::NotDeclared];
    let mut rule = with_id(step(Action::Delete, "AWS::EC2::SecurityGroupIngress", "ssh"), "sgr-1");
    rule.reasons = vec![Reason::NotDeclared];
    rule.deleted_with = Some((urn("AWS::EC2::SecurityGroup", &[], "old"), 1));
    let mut kept = with_id(step(Action::Forget, "AWS::Route53::HostedZone", "zone"), "Z123");
    kept.reasons = vec![Reason::NotDeclared];
    let same = with_id(step(Action::Same, "AWS::EC2::VPC", "network/main"), "vpc-1");

    let mut plan = plan(vec![
        same,
        group,
        new_subnet,
        instance,
        old_instance,
        old_subnet,
        database,
        gone,
        rule,
        kept,
    ]);
    let export = |old, new| ExportChange { old, new };
    plan.exports = BTreeMap::from([
        ("app_url".into(), export(text("http://1.2.3.4:8000"), Some(Value::Unknown))),
        ("db_name".into(), export(text("shop"), text("shop"))),
        ("password".into(), export(None, secret("plain-new"))),
        ("old".into(), export(text("x"), None)),
    ]);
    plan
}
