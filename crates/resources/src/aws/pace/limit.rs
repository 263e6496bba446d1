//! [`Limit`]: how many calls a second a service answers, as far as its answers tell.
//!
//! There is none until calls are refused for their number. Answers are looked at in rounds:
//!
//! | of a round's calls were refused | from then on |
//! |---|---|
//! | none | a tenth faster; after three such rounds by half each time |
//! | up to one in ten | the same: this is the service's rate |
//! | up to half | as many a second as were answered |
//! | up to half, though it was slowed down for that already | as fast as before, for half a minute: slowing down does not help, for somebody else uses up the account's rate |
//! | more | as many a second as were answered, at least a quarter of what was sent |
//!
//! The last but one is why this does not end like a limit that is lowered at each refusal: where
//! three calls of ten are refused at any speed, that one ends at a standstill.

use std::time::Duration;

use tokio::time::Instant;

/// Answers that tell enough for a decision.
const ENOUGH: u32 = 20;
/// Shortest round.
const ROUND: Duration = Duration::from_millis(500);
/// Shortest round when more than half of it was refused.
const FLOOD: Duration = Duration::from_millis(200);
/// A round without any refusal ends after that long, however few calls it has.
const QUIET: Duration = Duration::from_secs(3);
/// So many quiet rounds in a row mean that the service has become faster.
const QUIET_ROUNDS: u32 = 3;
/// How long a limit stays that slowing down did not help.
const LEFT_ALONE: Duration = Duration::from_secs(30);
/// Never slower than that, in calls a second.
const SLOWEST: f64 = 1.0;
/// Slower than that only while more than half of all calls are refused: the lowest documented
/// rates are about that (Route 53's five, in `DNSLimitations`).
const SLOW: f64 = 5.0;
/// A limit above that is none.
const FAST: f64 = 200.0;
/// After a rest so much of it may be made up for at once.
const CREDIT: f64 = 0.5;

/// The rate of one service, and when its next call may leave.
#[derive(Debug)]
pub(super) struct Limit {
    /// Calls a second; `None` for as many as there are.
    rate: Option<f64>,
    /// The documented rate, above which it is of no use to go.
    ceiling: Option<f64>,
    /// When the next call may leave.
    next: Option<Instant>,
    round: Option<Round>,
    /// Only answers to calls that left later count.
    decided: Option<Instant>,
    /// Slowed down, and not yet known whether that helps.
    trial: Option<Trial>,
    left_alone: Option<Instant>,
    quiet_rounds: u32,
}

#[derive(Debug)]
struct Round {
    since: Instant,
    answers: u32,
    refused: u32,
}

#[derive(Debug)]
struct Trial {
    /// The rate before it was slowed down.
    before: Option<f64>,
    /// The part that was refused then.
    refused: f64,
}

impl Limit {
    /// None at first, or the documented one.
    pub(super) fn new(ceiling: Option<f64>) -> Self {
        Self {
            rate: ceiling,
            ceiling,
            next: None,
            round: None,
            decided: None,
            trial: None,
            left_alone: None,
            quiet_rounds: 0,
        }
    }

    /// Calls a second; `None` for as many as there are.
    pub(super) fn rate(&self) -> Option<f64> {
        self.rate
    }

    /// When the next call may leave; `None` for at once.
    pub(super) fn next(&self) -> Option<Instant> {
        self.rate.and(self.next)
    }

    /// A call leaves.
    pub(super) fn take(&mut self, now: Instant) {
        let Some(rate) = self.rate else { return };
        let slot = Duration::from_secs_f64(1.0 / rate);
        let credit = Duration::from_secs_f64(CREDIT).saturating_sub(slot);
        let earliest = now.checked_sub(credit).unwrap_or(now);
        self.next = Some(self.next.map_or(earliest, |next| next.max(earliest)) + slot);
    }

    /// A call that left at `sent` was answered, or refused for the number of calls. Returns
    /// whether the rate changed.
    pub(super) fn answer(&mut self, sent: Instant, now: Instant, refused: bool) -> bool {
        if self.decided.is_some_and(|decided| sent <= decided) {
            return false;
        }
        let round = self.round.get_or_insert(Round { since: sent, answers: 0, refused: 0 });
        round.answers += 1;
        round.refused += u32::from(refused);
        let took = now.saturating_duration_since(round.since);
        let part = f64::from(round.refused) / f64::from(round.answers);
        let over = match round.refused {
            0 if took >= QUIET => true,
            _ if round.answers < ENOUGH => false,
            _ if part > 0.5 => took >= FLOOD,
            _ => took >= ROUND,
        };
        if !over {
            return false;
        }
        let sent = f64::from(round.answers) / took.as_secs_f64().max(1.0);
        self.round = None;
        self.decided = Some(now);
        let before = self.rate;
        self.decide(part, sent, now);
        self.rate != before
    }

    /// `part` of the calls were refused, when `sent` were sent a second.
    fn decide(&mut self, part: f64, sent: f64, now: Instant) {
        if part == 0.0 {
            self.trial = None;
            self.quiet_rounds += 1;
            let factor = if self.quiet_rounds < QUIET_ROUNDS { 1.1 } else { 1.5 };
            self.rate = self.rate.map(|rate| rate * factor);
            self.bound();
            return;
        }
        self.quiet_rounds = 0;
        if part <= 0.1 {
            self.trial = None;
            return;
        }
        let many = part > 0.5;
        match self.trial.take() {
            Some(trial) if !many && part > trial.refused / 2.0 => {
                self.rate = trial.before;
                self.left_alone = Some(now + LEFT_ALONE);
                return;
            }
            _ if !many && self.left_alone.is_some_and(|until| now < until) => return,
            trial => {
                let before = trial.map_or(self.rate, |trial| trial.before);
                self.trial = Some(Trial { before, refused: part });
            }
        }
        let answered = sent * (1.0 - part);
        let lowest = if many { SLOWEST.max(self.rate.unwrap_or(sent) / 4.0) } else { SLOW };
        let slower = answered.max(lowest);
        self.rate = Some(self.rate.map_or(slower, |rate| rate.min(slower)));
        self.next = Some(self.next.map_or(now, |next| next.max(now)));
    }

    fn bound(&mut self) {
        self.rate = match (self.rate, self.ceiling) {
            (Some(rate), Some(ceiling)) => Some(rate.min(ceiling)),
            (Some(rate), None) if rate > FAST => None,
            (rate, _) => rate,
        };
    }
}
