//! [`View`]: shows events while they come, live on a terminal, else line by line.

mod live;
mod plain;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ferrocrete_core::Urn;
use ferrocrete_core::event::{Event, Events};
use ferrocrete_core::execute::Interrupt;
use ferrocrete_core::render::{Style, event_json};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::app::App;
use crate::io::Io;
use live::Live;
use plain::Plain;

/// Shows events until it is closed.
pub(crate) struct View {
    events: Events,
    orders: mpsc::UnboundedSender<Order>,
    tally: Arc<Mutex<Tally>>,
    task: JoinHandle<()>,
}

/// How far an apply is.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    /// Steps in all.
    pub steps: usize,
    /// Steps that are done and recorded.
    pub done: usize,
    /// Steps that are under way.
    running: BTreeSet<(Urn, u64)>,
}

impl Tally {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Started { urn, generation, .. } => {
                self.running.insert((urn.clone(), *generation));
            }
            Event::Finished { urn, generation, .. } => {
                self.running.remove(&(urn.clone(), *generation));
                self.done += 1;
            }
            Event::Failed { urn, generation, .. } => {
                self.running.remove(&(urn.clone(), *generation));
            }
            _ => {}
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { steps, done, running } = self;
        write!(f, "{done} of {steps} steps done, {} under way", running.len())
    }
}

enum Order {
    /// An apply of that many steps begins.
    Applying(usize),
    /// Everything so far must be on the screen, and the screen free for other text.
    Settle(oneshot::Sender<()>),
}

/// A way to show events.
enum Screen {
    Json(Io),
    Live(Live),
    Plain(Plain),
}

impl Screen {
    fn event(&mut self, event: &Event) {
        match self {
            Screen::Json(io) => io.out(event_json(event) + "\n"),
            Screen::Live(live) => live.event(event),
            Screen::Plain(plain) => plain.event(event),
        }
    }

    fn applying(&mut self, steps: usize) {
        match self {
            Screen::Live(live) => live.applying(steps),
            Screen::Json(_) | Screen::Plain(_) => {}
        }
    }

    fn settle(&mut self) {
        if let Screen::Live(live) = self {
            live.clear();
        }
    }

    fn note(&mut self, io: &Io, text: &str) {
        match self {
            Screen::Live(live) => live.note(text),
            Screen::Json(_) | Screen::Plain(_) => io.err(format!("{text}\n")),
        }
    }

    fn tick(&mut self) {
        if let Screen::Plain(plain) = self {
            plain.tick();
        }
    }
}

impl View {
    /// Starts to listen.
    pub fn new(app: &App<'_>) -> Self {
        Self::start(app, app.global.json)
    }

    /// Starts to listen for a command that prints one document: no event goes to standard
    /// output.
    pub fn new_quiet(app: &App<'_>) -> Self {
        Self::start(app, false)
    }

    fn start(app: &App<'_>, json: bool) -> Self {
        let (events, heard) = Events::channel();
        let (orders, received) = mpsc::unbounded_channel();
        let io = app.io.clone();
        // Log lines and redrawn lines would write over each other.
        let live = io.can_redraw() && app.global.verbose == 0 && !app.global.no_color;
        let screen = if json {
            Screen::Json(io.clone())
        } else if live {
            Screen::Live(Live::new(app.err))
        } else {
            Screen::Plain(Plain::new(io.clone(), app.err))
        };
        let tally = Arc::<Mutex<Tally>>::default();
        let task = tokio::spawn(listen(screen, heard, received, io, tally.clone()));
        Self { events, orders, tally, task }
    }

    /// Where the engine sends its events.
    pub fn events(&self) -> Events {
        self.events.clone()
    }

    /// An apply of that many steps begins.
    pub fn applying(&self, steps: usize) {
        let _ = self.orders.send(Order::Applying(steps));
    }

    /// How far the apply is, as far as it is shown.
    pub fn tally(&self) -> Tally {
        lock(&self.tally).clone()
    }

    /// Returns once everything so far is shown and the screen is free for other text.
    pub async fn settle(&self) {
        let (done, shown) = oneshot::channel();
        if self.orders.send(Order::Settle(done)).is_ok() {
            let _ = shown.await;
        }
    }

    /// Shows what is left and ends.
    pub async fn close(self) {
        self.settle().await;
        self.task.abort();
    }
}

/// What the user reads when Ctrl-C came during an apply.
fn interrupt_note(count: u8) -> &'static str {
    match count {
        1 => "stopping: finishing what runs; press Ctrl-C again to stop waiting",
        2 => "stopping now: what AWS still works on is recorded, and the next run goes on with it",
        _ => "leaving at once",
    }
}

async fn listen(
    mut screen: Screen,
    mut events: mpsc::UnboundedReceiver<Event>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    io: Io,
    tally: Arc<Mutex<Tally>>,
) {
    let interrupt: Interrupt = io.interrupt().clone();
    let mut interrupts = interrupt.count();
    let mut applying = false;
    let mut clock = tokio::time::interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            biased;
            Some(event) = events.recv() => {
                lock(&tally).event(&event);
                screen.event(&event);
            }
            () = interrupt.reached(interrupts.saturating_add(1)), if interrupts < 3 => {
                // Some signals count as two at once.
                interrupts = interrupt.count();
                if applying {
                    screen.event(&Event::Interrupt { count: interrupts });
                    screen.note(&io, interrupt_note(interrupts));
                }
            }
            Some(order) = orders.recv() => match order {
                Order::Applying(steps) => {
                    applying = true;
                    *lock(&tally) = Tally { steps, ..Tally::default() };
                    screen.applying(steps);
                }
                Order::Settle(done) => {
                    while let Ok(event) = events.try_recv() {
                        lock(&tally).event(&event);
                        screen.event(&event);
                    }
                    screen.settle();
                    let _ = done.send(());
                }
            },
            _ = clock.tick() => screen.tick(),
            else => break,
        }
    }
}

/// "RDS::DBInstance db" in the colour of plain text; used by both screens.
fn title(urn: &ferrocrete_core::Urn, style: Style) -> String {
    use ferrocrete_core::render::Colour;
    format!("{} {}", urn.type_name(), style.paint(Colour::Bold, urn.short()))
}

fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}
