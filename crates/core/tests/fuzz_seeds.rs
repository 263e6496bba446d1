//! The seeds of the fuzz targets, through the same functions: the targets cannot rot.

#[path = "../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn snapshot() {
    replay("snapshot", ferrocrete_core::state::fuzzing::snapshot);
}

#[test]
fn journal() {
    replay("journal", ferrocrete_core::state::fuzzing::journal);
}

#[test]
fn plan() {
    replay("plan", ferrocrete_core::state::fuzzing::plan);
}

#[test]
fn keys() {
    replay("keys", ferrocrete_core::state::fuzzing::keys);
}
