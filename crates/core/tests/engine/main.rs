//! The engine on a fake cloud, with a paused clock.

mod accounts;
mod aliases;
mod anytime;
mod cloud;
mod contend;
mod drift;
mod execute;
mod going;
mod half_made;
mod known;
mod lock;
mod lookups;
mod moves;
mod names;
mod nested;
mod outputs;
mod parts;
mod plans;
mod references;
mod replace;
mod secrets;
mod settle;
mod throttled;
mod types;
mod unsure;
mod world;
