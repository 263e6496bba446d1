//! Events as JSON lines.

use serde::Serialize;

use crate::event::Event;
use crate::plan::Action;
use crate::urn::Urn;

#[derive(Serialize, Default)]
struct EventDoc<'a> {
    format: &'static str,
    version: u32,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    urn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    generation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<Action>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    per_second: Option<u32>,
}

impl<'a> EventDoc<'a> {
    fn new(event: &'static str) -> Self {
        Self { format: super::EVENT_FORMAT, version: super::VERSION, event, ..Self::default() }
    }

    fn about(event: &'static str, urn: &'a Urn) -> Self {
        Self {
            urn: Some(urn.as_str()),
            r#type: Some(urn.type_name()),
            path: Some(urn.path()),
            name: Some(urn.name()),
            ..Self::new(event)
        }
    }

    fn step(event: &'static str, urn: &'a Urn, generation: u64, action: Option<Action>) -> Self {
        Self { generation: Some(generation), action, ..Self::about(event, urn) }
    }
}

/// An event as one line of JSON.
pub fn event_json(event: &Event) -> String {
    let holder = match event {
        Event::Locked { lock } => lock.to_string(),
        _ => String::new(),
    };
    let document = match event {
        Event::Phase { name, detail } => {
            let text = (!detail.is_empty()).then_some(detail.as_str());
            EventDoc { phase: Some(name), text, ..EventDoc::new("phase") }
        }
        Event::Locked { .. } => EventDoc { text: Some(&holder), ..EventDoc::new("locked") },
        Event::Settled { urn, outcome } => {
            EventDoc { text: Some(outcome), ..EventDoc::about("settled", urn) }
        }
        Event::Started { urn, generation, action } => {
            EventDoc::step("started", urn, *generation, Some(*action))
        }
        Event::Waiting { urn, generation, status } => {
            EventDoc { status: Some(status), ..EventDoc::step("waiting", urn, *generation, None) }
        }
        Event::Retrying { urn, generation, why } => {
            EventDoc { error: Some(why), ..EventDoc::step("retrying", urn, *generation, None) }
        }
        Event::Finished { urn, generation, action, id, took } => EventDoc {
            id: id.as_deref(),
            took_ms: Some(u64::try_from(took.as_millis()).unwrap_or(u64::MAX)),
            ..EventDoc::step("finished", urn, *generation, Some(*action))
        },
        Event::Failed { urn, generation, action, error } => EventDoc {
            error: Some(error),
            ..EventDoc::step("failed", urn, *generation, Some(*action))
        },
        Event::Skipped { urn, generation, action, because } => EventDoc {
            text: Some(because),
            ..EventDoc::step("skipped", urn, *generation, Some(*action))
        },
        Event::Paced { service, region, per_second } => EventDoc {
            service: Some(service),
            region: region.as_deref(),
            per_second: *per_second,
            ..EventDoc::new("paced")
        },
        Event::Warning { text } => EventDoc { text: Some(text), ..EventDoc::new("warning") },
        Event::Interrupt { count } => {
            EventDoc { count: Some(*count), ..EventDoc::new("interrupt") }
        }
    };
    super::text(&document)
}
