//! [`Listing`]: everything in an account, asked through the SDK, told so that two accounts in
//! which the same is declared read alike.

mod ec2;
mod others;

use std::collections::BTreeMap;

use crate::user::User;

/// What there is, a line each, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing(BTreeMap<String, usize>);

impl Listing {
    pub async fn of(user: &User) -> Self {
        let aws = user.aws().await;
        let mut found = Found { account: user.account.id.clone(), ..Found::default() };
        ec2::addresses(aws.ec2(), &mut found).await;
        ec2::groups(aws.ec2(), &mut found).await;
        ec2::machines(aws.ec2(), &mut found).await;
        ec2::network(aws.ec2(), &mut found).await;
        others::identities(&aws, &mut found).await;
        others::databases(&aws, &mut found).await;
        others::zones(&aws, &mut found).await;
        others::buckets(&aws, &mut found).await;
        others::secrets(&aws, &mut found).await;
        let config = aws_sdk_dynamodb::config::Builder::from(aws.config()).build();
        let tables = aws_sdk_dynamodb::Client::from_conf(config).list_tables().send();
        for name in tables.await.unwrap().table_names() {
            found.add(format!("table {name}"));
        }
        Self(found.lines)
    }

    /// What is here and not expected, or expected and not here.
    pub fn differences(&self, expected: &Self) -> Vec<String> {
        let count = |listing: &Self, line: &str| listing.0.get(line).copied().unwrap_or(0);
        let lines = self.0.keys().chain(expected.0.keys().filter(|l| !self.0.contains_key(*l)));
        lines
            .filter(|line| count(self, line) != count(expected, line))
            .map(|line| {
                format!("{} instead of {}: {line}", count(self, line), count(expected, line))
            })
            .collect()
    }

    /// How many things there are.
    pub fn len(&self) -> usize {
        self.0.values().sum()
    }
}

/// Lines so far, and what differs from account to account.
#[derive(Default)]
struct Found {
    account: String,
    /// Random values and what is written in their place.
    aliases: Vec<(String, String)>,
    lines: BTreeMap<String, usize>,
}

impl Found {
    fn add(&mut self, line: impl Into<String>) {
        let mut line = line.into().replace(&self.account, "[account]");
        for (random, name) in &self.aliases {
            line = line.replace(random, name);
        }
        *self.lines.entry(without_digests(&line)).or_default() += 1;
    }

    fn alias(&mut self, random: Option<&str>, name: &str) {
        if let Some(random) = random.filter(|text| !text.is_empty()) {
            self.aliases.push((random.to_owned(), format!("[{name}]")));
        }
    }
}

/// Without what tells generations apart: digests in derived names, `@2` in ownership tags.
/// How often something was replaced is no property of what is there.
fn without_digests(line: &str) -> String {
    let is_digest = |word: &str| {
        word.len() == 8 && word.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
    };
    let mut told = String::new();
    for word in line.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '@') {
        let (text, end) = match word.chars().last().filter(|c| !c.is_ascii_alphanumeric()) {
            Some(end) => (&word[..word.len() - end.len_utf8()], Some(end)),
            None => (word, None),
        };
        let text = text.split_once('@').map_or(text, |(before, _)| before);
        told.push_str(if is_digest(text) { "[digest]" } else { text });
        told.extend(end);
    }
    told
}

/// Tags as `{a=b c=d}`, in order.
fn tags<'t>(pairs: impl Iterator<Item = (Option<&'t str>, Option<&'t str>)>) -> String {
    let mut all: Vec<_> =
        pairs.map(|(k, v)| format!("{}={}", k.unwrap_or(""), v.unwrap_or(""))).collect();
    all.sort();
    format!("{{{}}}", all.join(" "))
}

#[test]
fn what_differs_from_run_to_run_is_left_out() {
    let line = "role shop-dev-web-0a1b2c3d {ferrocrete:urn=urn:fc:a:b::T:web@2}";
    assert_eq!(
        without_digests(line),
        "role shop-dev-web-[digest] {ferrocrete:urn=urn:fc:a:b::T:web}"
    );
    let one = Listing(BTreeMap::from([("a".into(), 1), ("b".into(), 2)]));
    let two = Listing(BTreeMap::from([("b".into(), 1), ("c".into(), 1)]));
    assert_eq!(
        one.differences(&two),
        ["1 instead of 0: a", "2 instead of 1: b", "0 instead of 1: c"]
    );
}
