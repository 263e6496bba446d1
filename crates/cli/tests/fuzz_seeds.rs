//! The seeds of the fuzz targets, through the same functions: the targets cannot rot.

#[path = "../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn configuration() {
    replay("configuration", ferrocrete_cli::fuzzing::configuration);
}

#[test]
fn location() {
    replay("location", ferrocrete_cli::fuzzing::location);
}
