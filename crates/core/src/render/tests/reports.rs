use std::time::Duration;

use insta::assert_snapshot;

use super::*;
use crate::error::{ErrorKind, OpError, StepFailure};
use crate::event::Event;
use crate::execute::Report;
use crate::plan::Summary;
use crate::render::{
    Style, duration, event_json, event_line, exports_text, outputs_json, refresh_text, report_json,
    report_text,
};

fn exports() -> PropertyMap {
    [
        ("app_url".to_owned(), Value::from("http://1.2.3.4:8000")),
        ("db_password".to_owned(), Value::secret("plain-secret".into())),
        ("ports".to_owned(), Value::List(vec![Value::Int(22), Value::Int(8000)])),
    ]
    .into()
}

#[test]
fn a_run_that_went_well() {
    let report = Report {
        done: Summary { create: 12, update: 1, same: 3, ..Summary::default() },
        exports: exports(),
        took: Duration::from_millis(83_400),
        ..Report::default()
    };
    let text = report_text(&report, "up", Style::Plain);
    assert_eq!(text, "Done in 1m23s: 12 created, 1 updated, 3 unchanged.\n");
    assert_snapshot!(exports_text(&report.exports, Style::Plain), @r#"
    Exports
      app_url     = "http://1.2.3.4:8000"
      db_password = (secret)
      ports       = [22, 8000]
    "#);
}

fn bad() -> Report {
    let mut error = OpError::new(ErrorKind::Invalid, "The subnet has no free addresses");
    error.code = Some("InsufficientFreeAddressesInSubnet".into());
    error.operation = "ec2:RunInstances".into();
    error.request_id = Some("7a62".into());
    Report {
        done: Summary { create: 4, ..Summary::default() },
        failures: vec![StepFailure {
            urn: urn("AWS::EC2::Instance", &["app"], "web"),
            action: "create",
            error,
        }],
        skipped: vec![(
            urn("AWS::Route53::RecordSet", &[], "api"),
            Action::Create,
            "`app/web` failed".into(),
        )],
        open: vec![urn("AWS::RDS::DBInstance", &[], "db")],
        exports: exports(),
        took: Duration::from_secs(12),
        ..Report::default()
    }
}

#[test]
fn a_run_that_failed() {
    assert_snapshot!(report_text(&bad(), "up", Style::Plain));
}

#[test]
fn a_run_that_was_interrupted() {
    let report = Report { interrupted: true, failures: vec![], ..bad() };
    assert_snapshot!(report_text(&report, "up", Style::Plain));
}

#[test]
fn reports_and_outputs_for_programs() {
    let json = report_json(&bad());
    assert!(!json.contains("plain-secret"));
    assert_snapshot!(json);
    let shown = outputs_json("shop", "dev", &exports(), false);
    assert_snapshot!(shown, @r#"{"format":"ferrocrete-outputs","version":1,"project":"shop","stack":"dev","outputs":{"app_url":"http://1.2.3.4:8000","db_password":{"secret":true},"ports":[22,8000]}}"#);
    assert!(outputs_json("shop", "dev", &exports(), true).contains("plain-secret"));
}

fn events() -> Vec<Event> {
    let web = urn("AWS::EC2::Instance", &["app"], "web");
    let (urn, generation) = (web, 2);
    vec![
        Event::Phase { name: "lock", detail: "file:///x".into() },
        Event::Settled { urn: urn.clone(), outcome: "its create had got through".into() },
        Event::Started { urn: urn.clone(), generation, action: Action::Create },
        Event::Waiting { urn: urn.clone(), generation, status: "pending".into() },
        Event::Retrying { urn: urn.clone(), generation, why: "InvalidParameter\nmore".into() },
        Event::Finished {
            urn: urn.clone(),
            generation,
            action: Action::Create,
            id: Some("i-0abc".into()),
            took: Duration::from_millis(1_234),
        },
        Event::Failed {
            urn: urn.clone(),
            generation,
            action: Action::Update,
            error: "ec2:ModifyInstance: no".into(),
        },
        Event::Skipped {
            urn,
            generation,
            action: Action::DeleteReplaced,
            because: "`db` failed".into(),
        },
        Event::Paced { service: "route53".into(), region: None, per_second: Some(5) },
        Event::Paced {
            service: "ec2".into(),
            region: Some("eu-central-1".into()),
            per_second: Some(1),
        },
        Event::Paced {
            service: "ec2".into(),
            region: Some("eu-central-1".into()),
            per_second: None,
        },
        Event::Warning { text: "clock is off".into() },
        Event::Interrupt { count: 1 },
    ]
}

#[test]
fn events_as_lines() {
    let lines: Vec<String> = events().iter().filter_map(|e| event_line(e, Style::Plain)).collect();
    assert_snapshot!(lines.join("\n"));
}

#[test]
fn events_for_programs() {
    let lines: Vec<String> = events().iter().map(event_json).collect();
    assert_snapshot!(lines.join("\n"));
}

#[test]
fn durations() {
    let of = |ms| duration(Duration::from_millis(ms));
    assert_eq!(
        [of(40), of(9_940), of(12_300), of(123_000), of(3_900_000)],
        ["0.0s", "9.9s", "12s", "2m03s", "1h05m"]
    );
}

#[test]
fn a_refresh() {
    let mut gone = with_id(step(Action::Forget, "AWS::S3::Bucket", "logs"), "shop-logs");
    gone.gone = true;
    let mut drifted = with_id(step(Action::Same, "AWS::EC2::Instance", "web"), "i-1");
    drifted.changes = vec![PropertyChange {
        kind: ChangeKind::Drift,
        ..change("instance_type", text("t3.large"), text("t3.micro"))
    }];
    let same = with_id(step(Action::Same, "AWS::EC2::VPC", "main"), "vpc-1");
    assert_snapshot!(refresh_text(&plan(vec![gone, drifted, same.clone()]), Style::Plain));
    let text = refresh_text(&plan(vec![same]), Style::Plain);
    assert_eq!(text, "1 resource was read; all are as recorded.\n");
}
