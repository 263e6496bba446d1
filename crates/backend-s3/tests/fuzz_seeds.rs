//! The seeds of the fuzz targets, through the same functions: the targets cannot rot.

#[path = "../../../fuzz/replay.rs"]
mod replay;

use replay::replay;

#[test]
fn items() {
    replay("items", ferrocrete_backend_s3::fuzzing::items);
}
