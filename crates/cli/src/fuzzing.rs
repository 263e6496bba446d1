//! What the fuzz targets and the replay of their corpora call; a broken rule is a panic.

use std::collections::BTreeMap;
use std::path::Path;

use ferrocrete_core::Secret;
use serde::Deserialize;

use crate::args::Global;
use crate::config::{Layers, Settings};
use crate::io::Io;
use crate::location::Location;

/// Every kind of value that a configuration may want.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Config {
    name: String,
    port: Option<u16>,
    ratio: Option<f64>,
    #[serde(default)]
    on: bool,
    #[serde(default)]
    list: Vec<i64>,
    #[serde(default)]
    map: BTreeMap<String, String>,
    nested: Option<Nested>,
    size: Option<Size>,
    password: Option<Secret>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Nested {
    cidr: String,
    ports: Option<Vec<u16>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code)]
enum Size {
    Small,
    Custom { cpu: u32 },
}

/// Layers of configuration, divided by lines that hold nothing but `---`: the file, variables
/// (`NAME=VALUE` a line), and what `--set` was given.
pub fn configuration(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut parts = text.split("\n---\n");
    let (file, variables) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let sets: Vec<String> = parts.next().unwrap_or("").lines().map(str::to_owned).collect();
    let mut io = Io::captured();
    for (name, value) in variables.lines().filter_map(|line| line.split_once('=')) {
        io = io.env(name, value);
    }
    let Ok(layers) = Layers::of_text(file, &io, &sets) else { return };
    let filled = futures::executor::block_on(layers.fill::<Config>(async |_: &str| None));
    if let Err(error) = filled {
        assert!(!error.message.is_empty());
        assert!(!error.json().is_empty() && error.text(Default::default()).ends_with('\n'));
    }
    let _ = Settings::new(&layers, &Global::default(), &io);
    for (path, leaf) in layers.tree.leaves() {
        let _ = (layers.tree.get(&path), leaf.to_string());
    }
}

/// Where state is kept.
pub fn location(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let base = Path::new("/base");
    if let Ok(location) = Location::parse(text, base) {
        let url = location.url();
        let again = Location::parse(&url, base).expect("what is shown can be given");
        assert_eq!(again, location, "`{text}` is shown as `{url}`");
    }
    ferrocrete_backend_s3::fuzzing::url(bytes);
}
