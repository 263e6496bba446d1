//! What AWS does that surprises a program, each with its source, how the engine answers, and what
//! shows it: `docs/aws-behaviour.md` is made from this table (`cargo xtask behaviours`).

use std::fmt::Write;

/// One thing that AWS does.
#[derive(Debug, Clone, Copy)]
pub struct Behaviour {
    /// What AWS does, as a sentence.
    pub does: &'static str,
    /// Which services, as their API names.
    pub services: &'static str,
    /// Where that is known from.
    pub source: &'static str,
    /// The setting of the emulator that switches it, a field of [`crate::Unkind`]; empty where it
    /// is always so.
    pub setting: &'static str,
    /// What the engine and the types do about it.
    pub answer: &'static str,
    /// What shows it, as `FILE: test`: in the emulator, then in the engine.
    pub tests: &'static [&'static str],
}

/// A part of the page.
#[derive(Debug, Clone, Copy)]
pub struct Group {
    /// Its heading.
    pub title: &'static str,
    /// What it has.
    pub behaviours: &'static [Behaviour],
}

mod identities;
mod late;
mod refusals;
mod work;

/// All of them.
pub const GROUPS: [Group; 4] = [late::GROUP, work::GROUP, identities::GROUP, refusals::GROUP];

/// The page.
pub fn document() -> String {
    let mut page = String::from(
        "# What AWS does\n\n\
         No machine of this project reaches AWS, and emulators are kind. So what AWS does is kept here: \
         where that is known from, how the engine answers, and which tests show it. The sandbox does all \
         of it. What lasts for a while or happens now and then has a setting (`Unkind`), and is on in \
         tests and demos, for a moment each; what AWS refuses needs none.\n\n\
         `TF#` is an issue of hashicorp/terraform-provider-aws, `TF:` a file of it, `recordings` are answers \
         of AWS itself, `model` is botocore's model of the service. Tests of the emulator are in \
         `crates/sandbox/wrapper/tests`, those of the types in `crates/resources/tests/lifecycle`, those of the engine in \
         `crates/core/tests`.\n\n\
         Made by `cargo xtask behaviours` from `crates/sandbox/src/behaviours`; a test compares it.\n",
    );
    for group in GROUPS {
        writeln!(page, "\n## {}\n", group.title).expect("writing to a string");
        page.push_str("| AWS | services | source | setting | the engine | tests |\n");
        page.push_str("|---|---|---|---|---|---|\n");
        for b in group.behaviours {
            let setting = match b.setting {
                "" => "always".to_owned(),
                setting => format!("`{setting}`"),
            };
            let tests: Vec<String> = b.tests.iter().map(|test| format!("`{test}`")).collect();
            let (does, answer, tests) = (b.does, b.answer, tests.join(", "));
            let (services, source) = (b.services, b.source);
            writeln!(page, "| {does} | {services} | {source} | {setting} | {answer} | {tests} |")
                .expect("writing to a string");
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::*;

    const UPDATE: &str = "FERROCRETE_UPDATE_DOCS";

    fn root() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn all() -> impl Iterator<Item = &'static Behaviour> {
        GROUPS.iter().flat_map(|group| group.behaviours)
    }

    #[test]
    fn the_page_is_up_to_date() {
        let path = root().join("docs/aws-behaviour.md");
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&path, document()).expect("docs/ can be written");
            return;
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        let said = "docs/aws-behaviour.md is not up to date: run `cargo xtask behaviours`";
        assert!(found == document(), "{said}");
    }

    /// Every test that is named exists: `test_young: the_next_call…` is a Python one.
    #[test]
    fn every_test_is_there() {
        let folders = ["crates/resources/tests/lifecycle", "crates/core/tests", "crates/core/src"];
        let mut problems = Vec::new();
        for behaviour in all() {
            if behaviour.tests.is_empty() {
                problems.push(format!("no test: {}", behaviour.does));
            }
            for test in behaviour.tests {
                let (file, name) = test.split_once(": ").expect("FILE: test");
                let (paths, function) = if file.starts_with("test_") {
                    let path = format!("crates/sandbox/wrapper/tests/{file}.py");
                    (vec![root().join(path)], format!("def test_{name}("))
                } else {
                    let of = |folder: &&str| root().join(folder).join(format!("{file}.rs"));
                    (folders.iter().map(of).collect(), format!("fn {name}("))
                };
                let texts = paths.iter().filter_map(|path| std::fs::read_to_string(path).ok());
                if !texts.into_iter().any(|text| text.contains(&function)) {
                    problems.push(format!("there is no test {test}"));
                }
            }
        }
        assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
    }

    #[test]
    fn every_setting_is_named_and_every_source_told() {
        let named: BTreeSet<_> = all().map(|b| b.setting).filter(|s| !s.is_empty()).collect();
        let (times, flags) = crate::unkind::NAMES;
        assert_eq!(named, times.iter().chain(flags).copied().collect());
        for behaviour in all() {
            let told = [behaviour.does, behaviour.services, behaviour.source, behaviour.answer];
            assert!(told.iter().all(|text| !text.is_empty() && !text.contains('|')), "{told:?}");
        }
    }
}
