//! How well the cloud and the backend do.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// Rates in percent, times in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Weather {
    /// Calls refused as too many.
    pub throttle: u8,
    /// Calls that fail inside the service, one half after they took effect.
    pub service: u8,
    /// Calls whose answer is lost, one half after they took effect.
    pub lost: u8,
    /// Calls that hang for a minute and then count as lost.
    pub hang: u8,
    /// Longest way of a request, and of an answer.
    pub slow: u16,
    /// Longest time until everybody sees a change.
    pub late: u16,
    /// Backend calls that fail, one half after they took effect.
    pub backend: u8,
    /// Longest time, in seconds, for which something still counts as in use after whoever used
    /// it went.
    pub cling: u16,
    /// Changes that find the cloud at work on the same thing, for up to a minute.
    pub busy: u8,
}

impl Weather {
    /// Whether nothing fails and nothing is lost: a run gets through, however late, slow and
    /// short of time the cloud is.
    pub fn is_mild(self) -> bool {
        let Self { service, lost, hang, backend, .. } = self;
        [service, lost, hang, backend] == [0; 4]
    }
}

/// What becomes of one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    Fine,
    Throttled,
    Fails { took_effect: bool },
    Lost { took_effect: bool },
    Hangs { took_effect: bool },
}

/// Dice, and the weather they stand for.
pub struct Sky {
    pub weather: Weather,
    dice: StdRng,
}

impl Sky {
    pub fn new(seed: u64) -> Self {
        Self { weather: Weather::default(), dice: StdRng::seed_from_u64(seed) }
    }

    pub fn fate(&mut self) -> Fate {
        let Weather { throttle, service, lost, hang, .. } = self.weather;
        let took_effect = self.dice.random();
        let mut roll: u32 = self.dice.random_range(0..100);
        for (rate, fate) in [
            (throttle, Fate::Throttled),
            (service, Fate::Fails { took_effect }),
            (lost, Fate::Lost { took_effect }),
            (hang, Fate::Hangs { took_effect }),
        ] {
            match roll.checked_sub(u32::from(rate)) {
                Some(rest) => roll = rest,
                None => return fate,
            }
        }
        Fate::Fine
    }

    pub fn backend_fate(&mut self) -> Fate {
        let took_effect = self.dice.random();
        match self.dice.random_range(0..100) < self.weather.backend {
            true => Fate::Fails { took_effect },
            false => Fate::Fine,
        }
    }

    /// For how long the cloud now works on a thing by itself; mostly not at all.
    pub fn busy(&mut self) -> Duration {
        match self.dice.random_range(0..100) < self.weather.busy {
            true => Duration::from_secs(self.dice.random_range(1..=60)),
            false => Duration::ZERO,
        }
    }

    /// For how long what something used stays in use when that one goes.
    pub fn cling(&mut self) -> Duration {
        match self.weather.cling {
            0 => Duration::ZERO,
            most => Duration::from_secs(self.dice.random_range(0..=most).into()),
        }
    }

    /// For how long what goes slowly is still to be seen.
    pub fn going(&mut self) -> Duration {
        Duration::from_secs(self.dice.random_range(20..=400))
    }

    fn upto(&mut self, most: u16) -> Duration {
        Duration::from_millis(self.dice.random_range(0..=u64::from(most)))
    }

    pub fn way(&mut self) -> Duration {
        Duration::from_millis(1) + self.upto(self.weather.slow)
    }

    pub fn delay(&mut self) -> Duration {
        self.upto(self.weather.late)
    }
}
