//! Events line by line, for logs and pipes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use ferrocrete_core::Urn;
use ferrocrete_core::event::Event;
use ferrocrete_core::plan::Action;
use ferrocrete_core::render::{Style, duration, event_line, words};

use crate::io::Io;

use super::title;

/// A step that is silent for that long is mentioned.
const SILENCE: Duration = Duration::from_secs(30);

/// Events line by line.
pub(super) struct Plain {
    io: Io,
    style: Style,
    running: BTreeMap<(Urn, u64), Running>,
}

struct Running {
    action: Action,
    since: Instant,
    mentioned: Instant,
    status: String,
}

impl Plain {
    pub fn new(io: Io, style: Style) -> Self {
        Self { io, style, running: BTreeMap::new() }
    }

    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Started { urn, generation, action } => {
                let now = Instant::now();
                let (action, status) = (*action, String::new());
                let running = Running { action, since: now, mentioned: now, status };
                self.running.insert((urn.clone(), *generation), running);
                return;
            }
            Event::Waiting { urn, generation, status } => {
                if let Some(running) = self.running.get_mut(&(urn.clone(), *generation)) {
                    if running.status == *status {
                        return;
                    }
                    running.status.clone_from(status);
                    running.mentioned = Instant::now();
                }
            }
            Event::Finished { urn, generation, .. } | Event::Failed { urn, generation, .. } => {
                self.running.remove(&(urn.clone(), *generation));
            }
            // The report at the end says why each of these was not started.
            Event::Skipped { .. } => return,
            _ => {}
        }
        if let Some(line) = event_line(event, self.style) {
            self.io.err(format!("{line}\n"));
        }
    }

    pub fn tick(&mut self) {
        for ((urn, _), running) in &mut self.running {
            if running.mentioned.elapsed() >= SILENCE {
                running.mentioned = Instant::now();
                let what = words(running.action).present;
                let took = duration(running.since.elapsed());
                let status = match running.status.as_str() {
                    "" => String::new(),
                    status => format!(", waiting: {status}"),
                };
                self.io.err(format!("still {what} {} ({took}{status})\n", title(urn, self.style)));
            }
        }
    }
}
