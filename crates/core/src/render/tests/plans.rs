use super::*;
use crate::render::{Style, plan_json, plan_markdown, plan_text};
use insta::assert_snapshot;

#[test]
fn a_plan_with_everything() {
    assert_snapshot!(plan_text(&full(), Style::Plain));
}

#[test]
fn the_same_for_a_pull_request() {
    assert_snapshot!(plan_markdown(&full()));
}

#[test]
fn the_same_for_programs() {
    let json = plan_json(&full());
    assert!(!json.contains('\n'));
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_snapshot!(serde_json::to_string_pretty(&value).unwrap());
    assert_eq!(json, plan_json(&full()));
}

#[test]
fn colour_marks_the_symbols() {
    let text = plan_text(&full(), Style::Ansi);
    assert!(text.contains("\u{1b}[32m+ create\u{1b}[0m AWS::EC2::SecurityGroup web"), "{text}");
    assert!(text.contains("\u{1b}[31m- delete\u{1b}[0m AWS::S3::Bucket"), "{text}");
}

#[test]
fn no_rendering_shows_a_secret() {
    let plan = full();
    for text in [
        plan_text(&plan, Style::Plain),
        plan_text(&plan, Style::Ansi),
        plan_markdown(&plan),
        plan_json(&plan),
    ] {
        assert!(!text.contains("plain-old") && !text.contains("plain-new"), "{text}");
    }
}

#[test]
fn nothing_to_do() {
    let same = with_id(step(Action::Same, "AWS::EC2::VPC", "main"), "vpc-1");
    let mut plan = plan(vec![same]);
    assert_eq!(
        plan_text(&plan, Style::Plain),
        "No changes. Your infrastructure matches the program.\n"
    );
    plan.refreshed = false;
    assert_snapshot!(plan_text(&plan, Style::Plain), @r"
    No changes. Your infrastructure matches the program.
    Live state was not read, so changes made outside this program are not seen.
    ");
    assert_snapshot!(plan_markdown(&plan), @r"
    ### Ferrocrete plan: `shop/dev`

    No changes. Your infrastructure matches the program.
    Live state was not read, so changes made outside this program are not seen.
    ");
    plan.steps.clear();
    (plan.destroy, plan.refreshed) = (true, true);
    assert_eq!(plan_text(&plan, Style::Plain), "Nothing to destroy: the stack has no resources.\n");
}

#[test]
fn only_exports_change() {
    let mut plan = plan(vec![with_id(step(Action::Same, "AWS::EC2::VPC", "main"), "vpc-1")]);
    plan.exports.insert("url".into(), ExportChange { old: None, new: text("http://x") });
    assert_snapshot!(plan_text(&plan, Style::Plain), @r#"
    Plan for shop/dev

    Exports
      + url: "http://x"

    Plan: 1 unchanged.
    "#);
}

#[test]
fn a_destroy() {
    let mut web = with_id(step(Action::Delete, "AWS::EC2::Instance", "web"), "i-1");
    web.reasons = vec![Reason::Destroy];
    let mut group = with_id(step(Action::Delete, "AWS::EC2::SecurityGroup", "web"), "sg-1");
    group.reasons = vec![Reason::Destroy];
    group.gone = true;
    let mut plan = plan(vec![web, group]);
    plan.destroy = true;
    assert_snapshot!(plan_text(&plan, Style::Plain), @r"
    Plan to destroy shop/dev

    - delete AWS::EC2::Instance web (i-1)

    - delete AWS::EC2::SecurityGroup web (sg-1), already gone from AWS

    Plan: 2 to delete.
    ");
}

#[test]
fn leftovers_of_a_replacement_are_counted() {
    let mut old = with_id(step(Action::DeleteReplaced, "AWS::EC2::Instance", "web"), "i-1");
    old.reasons = vec![Reason::Replaced];
    assert_snapshot!(plan_text(&plan(vec![old]), Style::Plain), @r"
    Plan for shop/dev

    - delete replaced AWS::EC2::Instance web (i-1)
        deleted because it was replaced

    Plan: 1 left over from a replacement to delete.
    ");
}

#[test]
fn documents_and_long_values() {
    let policy = |action: &str| {
        let statement = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["{action}","s3:PutObject"],"Resource":"arn:aws:s3:::shop-dev-content/*"}}]}}"#
        );
        Some(Value::String(statement))
    };
    let key =
        |end: &str| Some(Value::String(format!("ssh-ed25519 {}{end}", "AAAAC3Nz".repeat(20))));
    let mut role = step(Action::Update, "AWS::IAM::RolePolicy", "content");
    role.reasons = vec![Reason::Changed { property: "policy_document".into() }];
    role.changes = vec![
        change("policy_document", policy("s3:GetObject"), policy("s3:GetObjectVersion")),
        change("public_key", key("x"), key("y")),
        change(
            "nested",
            Some(map([
                ("password", Value::secret("plain-old".into())),
                ("long", "x".repeat(90).as_str().into()),
            ])),
            Some(map([
                ("password", Value::secret("plain-new".into())),
                ("long", "x".repeat(90).as_str().into()),
            ])),
        ),
    ];
    let mut create = step(Action::Create, "AWS::EC2::Instance", "web");
    create.changes = vec![
        change("user_data", None, text("#!/bin/bash\nset -e\napt-get update\n")),
        change("policy", None, policy("s3:GetObject")),
        change("key_name", None, text("k")),
    ];
    let text = plan_text(&plan(vec![role, create]), Style::Plain);
    assert!(!text.contains("plain-"), "{text}");
    assert_snapshot!(text);
}

#[test]
fn chains_end_where_they_bite_their_tail() {
    let mut a = step(Action::Update, "T::A::One", "a");
    let mut b = step(Action::Update, "T::A::Two", "b");
    a.reasons = vec![Reason::Dependency {
        property: "x".into(),
        urn: b.urn.clone(),
        action: Action::Update,
    }];
    b.reasons = vec![Reason::Dependency {
        property: "y".into(),
        urn: a.urn.clone(),
        action: Action::Update,
    }];
    assert_snapshot!(plan_text(&plan(vec![a, b]), Style::Plain), @r"
    Plan for shop/dev

    ~ update T::A::One a
        updated because `x` changes, because Two `b` is updated, because its `y` changes, because One `a` is updated

    ~ update T::A::Two b
        updated because `y` changes, because One `a` is updated, because its `x` changes, because Two `b` is updated

    Plan: 2 to update.
    ");
}

#[test]
fn every_reason_reads_as_a_sentence() {
    let first = urn("AWS::EC2::Subnet", &["net"], "a");
    let of = |action, name: &str, reasons| {
        let mut step = step(action, "AWS::EC2::Instance", name);
        step.reasons = reasons;
        step
    };
    let plan = plan(vec![
        of(Action::Create, "gone", vec![Reason::Missing]),
        of(Action::Update, "half", vec![Reason::Unfinished]),
        of(Action::Replace, "broken", vec![Reason::Broken { status: "failed".into() }]),
        of(
            Action::Replace,
            "forced",
            vec![
                Reason::Changed { property: "a".into() },
                Reason::Changed { property: "b".into() },
                Reason::Drifted { property: "c".into() },
                Reason::Drifted { property: "d".into() },
                Reason::DependencyDeletedFirst { urn: first },
            ],
        ),
        of(Action::Read, "ami", vec![]),
    ]);
    assert_snapshot!(plan_text(&plan, Style::Plain));
}
