//! How a type differs from CloudFormation's, on purpose: what the head of its file says.
//!
//! ```text
//! //! Left out: `a`, `b.c`, and why.
//! //! Differences:
//! //! - in place `d`: why.
//! //! - renamed `e` (`f.e`): why.
//! //! - spelled out `g`, `h` (`attributes`): why.
//! ```
//!
//! Under "Left out" every name in backticks is a property or output of CloudFormation's type
//! that is not here. [`Kind`] has the words that begin a line under "Differences".

use std::fmt;

use crate::cfn::key;
use crate::source::{paragraph, paragraph_lines};

/// In which way something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// CloudFormation has it, we do not.
    LeftOut,
    /// We have it, CloudFormation does not.
    Own,
    /// A change replaces; there, it does not, or in some cases.
    Replaces,
    /// A change is carried out in place; there, it replaces, or in some cases.
    InPlace,
    /// Must be set; there, it need not.
    Required,
    /// Need not be set; there, it must.
    Optional,
    /// Never compared with what AWS has; there, it is.
    NotReadBack,
    /// Compared with what AWS has; there, it is not.
    ReadBack,
    /// An IAM action that CloudFormation's handlers do without.
    AlsoNeeds,
    /// An IAM action of another service that CloudFormation's handlers need.
    NotNeeded,
}

const KINDS: [(Kind, &str); 9] = [
    (Kind::Own, "own"),
    (Kind::Replaces, "replaces"),
    (Kind::InPlace, "in place"),
    (Kind::Required, "required"),
    (Kind::Optional, "optional"),
    (Kind::NotReadBack, "not read back"),
    (Kind::ReadBack, "read back"),
    (Kind::AlsoNeeds, "also needs"),
    (Kind::NotNeeded, "does not need"),
];

/// What the head of a file says.
#[derive(Default)]
pub struct Claims {
    /// The text under "Left out".
    pub left_out: String,
    /// The lines under "Differences".
    pub lines: Vec<String>,
    /// Each difference by kind and our name.
    all: Vec<(Kind, String)>,
    /// Our name and CloudFormation's.
    renamed: Vec<(String, String)>,
    /// Why CloudFormation has no such type.
    pub own_type: bool,
    /// What cannot be read.
    pub wrong: Vec<String>,
}

impl Kind {
    fn text(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("left out", |(_, text)| text)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Reads the head of a file.
pub fn parse(head: &[&str]) -> Claims {
    let left_out = paragraph(head, "Left out:");
    // What is in a link is another type.
    let plain = left_out.replace("[`", "[").replace("`]", "]");
    let names = quoted(&plain).filter(|n| is_name(n));
    let mut claims = Claims {
        all: names.map(|n| (Kind::LeftOut, n.to_owned())).collect(),
        left_out: left_out.clone(),
        ..Claims::default()
    };
    for line in paragraph_lines(head, "Differences:").iter().skip(1) {
        match (line.strip_prefix("- "), claims.lines.last_mut()) {
            (None, Some(last)) => *last = format!("{last} {}", line.trim()),
            (item, _) => claims.lines.push(item.unwrap_or(line).to_owned()),
        }
    }
    for line in claims.lines.clone() {
        claims.read(&line);
    }
    claims
}

impl Claims {
    fn read(&mut self, line: &str) {
        let Some((what, why)) = line.split_once(": ") else {
            return self.wrong.push(format!("no reason in {line:?}"));
        };
        if why.len() < 8 {
            self.wrong.push(format!("no reason in {line:?}"));
        }
        let names: Vec<_> = quoted(what).map(str::to_owned).collect();
        if what == "own type" {
            self.own_type = true;
        } else if what.starts_with("renamed") {
            match names.chunks(2).map(|pair| pair.to_vec()).collect::<Vec<_>>() {
                pairs if !pairs.is_empty() && pairs.iter().all(|p| p.len() == 2) => {
                    let pairs = pairs.into_iter().map(|p| (p[0].clone(), p[1].clone()));
                    self.renamed.extend(pairs);
                }
                _ => self.wrong.push(format!("not pairs of names in {line:?}")),
            }
        } else if what.starts_with("spelled out") {
            let Some((list, ours)) = names.split_last() else {
                return self.wrong.push(format!("no names in {line:?}"));
            };
            let pairs = ours.iter().map(|name| (name.clone(), format!("{list}.{name}")));
            self.renamed.extend(pairs);
        } else {
            match KINDS.iter().find(|(_, text)| what.starts_with(&format!("{text} `"))) {
                Some((kind, _)) => self.all.extend(names.into_iter().map(|name| (*kind, name))),
                None => self.wrong.push(format!("unknown kind of difference in {line:?}")),
            }
        }
    }

    /// Each difference by kind and CloudFormation's name.
    pub fn all(&self) -> impl Iterator<Item = (Kind, String)> + '_ {
        self.all.iter().map(|(kind, name)| (*kind, self.theirs(name)))
    }

    /// Whether a property is named by itself as one that is in another struct there.
    pub fn moves(&self, ours: &str) -> bool {
        self.renamed.iter().any(|(from, to)| from == ours && to.contains('.'))
    }

    /// CloudFormation's name of our property, as [`key`].
    pub fn theirs(&self, ours: &str) -> String {
        let ours = key(ours);
        let fits = self.renamed.iter().filter_map(|(from, to)| {
            let rest = ours.strip_prefix(&key(from))?;
            (rest.is_empty() || rest.starts_with('.')).then(|| (key(to), rest))
        });
        // Of several, the one that leaves least.
        fits.min_by_key(|(_, rest)| rest.len())
            .map_or_else(|| ours.clone(), |(to, rest)| format!("{to}{rest}"))
    }
}

fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn is_name(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(plain)
}

#[test]
fn a_head_is_read() {
    let head = [
        "Traps: none.",
        "Left out: `a_b` and `c.d`: [`super::Other`] has them.",
        "Differences:",
        "- in place `e`, `f`: AWS can do it",
        "  since 2020.",
        "- renamed `g` (`h.i`): one value in a list.",
        "- wrong `j`: a reason.",
        "- own `k`: no.",
        "",
        "- own `l`: another paragraph.",
    ];
    let claims = parse(&head);
    let all = [("left out", "a_b"), ("left out", "c.d"), ("in place", "e"), ("in place", "f")];
    let found: Vec<_> = claims.all.iter().map(|(k, n)| (k.text(), n.as_str())).collect();
    assert_eq!(found[..4], all);
    assert_eq!(claims.lines[0], "in place `e`, `f`: AWS can do it since 2020.");
    assert_eq!(claims.wrong.len(), 2, "{:?}", claims.wrong);
    assert_eq!((claims.theirs("g"), claims.theirs("g.x")), ("h.i".into(), "h.i.x".into()));
    assert_eq!(claims.theirs("gg"), "gg");
}
