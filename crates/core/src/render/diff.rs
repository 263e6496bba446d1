//! Line by line, for values too long to stand side by side.

/// A line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// In both.
    Same(String),
    /// Only in the old one.
    Old(String),
    /// Only in the new one.
    New(String),
    /// That many equal lines left out.
    Gap(usize),
}

/// Equal lines shown around a change.
const CONTEXT: usize = 2;
/// Most lines compared; beyond that, the middle is shown as replaced as a whole.
const LIMIT: usize = 2_000;

/// The changed lines of two texts with a little of what surrounds them; empty when equal.
pub(super) fn compare(old: &[String], new: &[String]) -> Vec<Line> {
    let prefix = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[prefix..], &new[prefix..]);
    let suffix =
        old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let old_middle = &old_rest[..old_rest.len() - suffix];
    let new_middle = &new_rest[..new_rest.len() - suffix];
    if old_middle.is_empty() && new_middle.is_empty() {
        return Vec::new();
    }
    let mut all: Vec<Line> = old[..prefix].iter().cloned().map(Line::Same).collect();
    if old_middle.len().max(new_middle.len()) > LIMIT {
        all.extend(old_middle.iter().cloned().map(Line::Old));
        all.extend(new_middle.iter().cloned().map(Line::New));
    } else {
        all.extend(middle(old_middle, new_middle));
    }
    all.extend(old_rest[old_rest.len() - suffix..].iter().cloned().map(Line::Same));
    fold(all)
}

/// Longest common subsequence.
fn middle(old: &[String], new: &[String]) -> Vec<Line> {
    let width = new.len() + 1;
    let mut best = vec![0_u32; (old.len() + 1) * width];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            best[i * width + j] = if old[i] == new[j] {
                best[(i + 1) * width + j + 1] + 1
            } else {
                best[(i + 1) * width + j].max(best[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < old.len() || j < new.len() {
        if i < old.len() && j < new.len() && old[i] == new[j] {
            out.push(Line::Same(old[i].clone()));
            (i, j) = (i + 1, j + 1);
        } else if j >= new.len()
            || (i < old.len() && best[(i + 1) * width + j] >= best[i * width + j + 1])
        {
            out.push(Line::Old(old[i].clone()));
            i += 1;
        } else {
            out.push(Line::New(new[j].clone()));
            j += 1;
        }
    }
    out
}

/// Leaves out equal lines far from any change.
fn fold(all: Vec<Line>) -> Vec<Line> {
    let near: Vec<bool> = (0..all.len())
        .map(|at| {
            let from = at.saturating_sub(CONTEXT);
            let to = (at + CONTEXT + 1).min(all.len());
            all[from..to].iter().any(|l| !matches!(l, Line::Same(_)))
        })
        .collect();
    let mut out = Vec::new();
    for (line, near) in all.into_iter().zip(near) {
        match (near, out.last_mut()) {
            (true, _) => out.push(line),
            (false, Some(Line::Gap(n))) => *n += 1,
            (false, _) => out.push(Line::Gap(1)),
        }
    }
    out
}
