//! Progress redrawn in place.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use ferrocrete_core::Urn;
use ferrocrete_core::event::Event;
use ferrocrete_core::plan::Action;
use ferrocrete_core::render::{Colour, Style, duration, event_line, words};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::title;

/// Most steps with a line of their own; more would not fit a screen.
const LINES: usize = 12;
const TICK: Duration = Duration::from_millis(120);

type Key = (Urn, u64);

/// Progress redrawn in place, below lines for what is finished.
pub(super) struct Live {
    screen: MultiProgress,
    style: Style,
    /// The line at the bottom: a phase, or how far the apply is.
    head: Option<ProgressBar>,
    total: usize,
    ended: usize,
    lines: BTreeMap<Key, ProgressBar>,
    /// Under way, but without a line.
    hidden: VecDeque<(Key, Action)>,
}

impl Live {
    pub fn new(style: Style) -> Self {
        Self {
            screen: MultiProgress::new(),
            style,
            head: None,
            total: 0,
            ended: 0,
            lines: BTreeMap::new(),
            hidden: VecDeque::new(),
        }
    }

    pub fn applying(&mut self, steps: usize) {
        self.total = steps;
        self.ended = 0;
        self.show_head();
    }

    pub fn clear(&mut self) {
        for (_, line) in std::mem::take(&mut self.lines) {
            line.finish_and_clear();
        }
        self.hidden.clear();
        if let Some(head) = self.head.take() {
            head.finish_and_clear();
        }
        // The terminal may be gone; there is nothing to clear then.
        let _ = self.screen.clear();
    }

    pub fn note(&mut self, text: &str) {
        let _ = self.screen.println(self.style.paint(Colour::Yellow, text));
    }

    pub fn event(&mut self, event: &Event) {
        match event {
            Event::Phase { name, detail } => self.phase(name, detail),
            Event::Started { urn, generation, action } => {
                self.start((urn.clone(), *generation), *action);
            }
            Event::Waiting { urn, generation, status } => {
                if let Some(line) = self.lines.get(&(urn.clone(), *generation)) {
                    line.set_message(format!("waiting: {status}"));
                }
            }
            Event::Retrying { urn, generation, why } => {
                if let Some(line) = self.lines.get(&(urn.clone(), *generation)) {
                    let why = why.lines().next().unwrap_or("");
                    line.set_message(format!("tried again: {}", cut(why)));
                }
            }
            Event::Finished { urn, generation, action, id, took } => {
                self.end(&(urn.clone(), *generation));
                let words = words(*action);
                let mark = self.style.paint(Colour::Green, "✓");
                let id = id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
                let took = self.style.paint(Colour::Dim, duration(*took));
                let what = format!("{:<9}", words.past);
                self.print(format!("{mark} {what} {}{id} {took}", title(urn, self.style)));
            }
            Event::Failed { urn, generation, action, error } => {
                self.end(&(urn.clone(), *generation));
                let mark = self.style.paint(Colour::Red, "✗");
                let (verb, name) = (words(*action).verb, title(urn, self.style));
                let error = error.lines().next().unwrap_or("");
                self.print(format!("{mark} {verb:<9} {name}: {error}"));
            }
            Event::Skipped { .. } => self.ended += 1,
            Event::Interrupt { .. } => {}
            Event::Locked { lock } => {
                if let Some(head) = &self.head {
                    head.set_message(format!("waiting for the lock, which is held by {lock}"));
                }
            }
            other => {
                if let Some(line) = event_line(other, self.style) {
                    self.print(line);
                }
            }
        }
        self.update_head();
    }

    fn phase(&mut self, name: &str, detail: &str) {
        if self.total > 0 {
            return;
        }
        let what = match name {
            "lock" => format!("taking the lock of {detail}"),
            "load" => "reading state".to_owned(),
            "refresh" => "reading what AWS has now".to_owned(),
            "plan" => "planning".to_owned(),
            other => other.to_owned(),
        };
        let head =
            self.head.get_or_insert_with(|| spinner(&self.screen, "{spinner} {msg} {elapsed}"));
        head.set_message(what);
    }

    fn show_head(&mut self) {
        if let Some(old) = self.head.take() {
            old.finish_and_clear();
        }
        let head = spinner(&self.screen, "{spinner} {prefix} {wide_msg:.dim}");
        self.head = Some(head);
        self.update_head();
    }

    fn update_head(&mut self) {
        if self.total == 0 {
            return;
        }
        let Some(head) = &self.head else { return };
        let under_way = self.lines.len() + self.hidden.len();
        let left = self.total.saturating_sub(self.ended + under_way);
        let took = duration(head.elapsed());
        head.set_prefix(format!("{} of {} done, {took}", self.ended, self.total));
        let mut more = Vec::new();
        if !self.hidden.is_empty() {
            more.push(format!("{} more under way", self.hidden.len()));
        }
        if left > 0 {
            more.push(format!("{left} waiting for others"));
        }
        head.set_message(more.join(", "));
    }

    fn start(&mut self, key: Key, action: Action) {
        if self.lines.len() >= LINES {
            self.hidden.push_back((key, action));
            return;
        }
        let words = words(action);
        let verb = self.style.paint(words.colour, format!("{:<9}", words.present));
        let line = ProgressBar::new_spinner()
            .with_style(template("{spinner} {prefix} {elapsed} {msg:.dim}"))
            .with_prefix(format!("{verb} {}", title(&key.0, self.style)));
        let line = match &self.head {
            Some(head) => self.screen.insert_before(head, line),
            None => self.screen.add(line),
        };
        line.enable_steady_tick(TICK);
        self.lines.insert(key, line);
    }

    fn end(&mut self, key: &Key) {
        self.ended += 1;
        self.hidden.retain(|(hidden, _)| hidden != key);
        if let Some(line) = self.lines.remove(key) {
            line.finish_and_clear();
            self.screen.remove(&line);
        }
        if let Some((key, action)) = self.hidden.pop_front() {
            self.start(key, action);
        }
    }

    fn print(&self, line: String) {
        let _ = self.screen.println(line);
    }
}

fn spinner(screen: &MultiProgress, look: &str) -> ProgressBar {
    let line = screen.add(ProgressBar::new_spinner().with_style(template(look)));
    line.enable_steady_tick(TICK);
    line
}

fn template(look: &str) -> ProgressStyle {
    ProgressStyle::with_template(look).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
