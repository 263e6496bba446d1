//! [`S3Location`]: which bucket, prefix, table, region and profile.

use std::fmt;
use std::str::FromStr;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use ferrocrete_core::state::StateError;

use crate::percent;

/// The table used when a URL names none. It holds locks and journals of all stacks that use it,
/// whatever their buckets.
pub const DEFAULT_TABLE: &str = "ferrocrete-state";

/// Where stacks are kept: `s3://BUCKET/PREFIX?table=NAME&region=REGION&profile=NAME`.
///
/// Only the bucket is required. [`Display`](fmt::Display) writes the same URL back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct S3Location {
    /// The bucket.
    pub bucket: String,
    /// Where in the bucket, without slashes at either end; empty is the bucket's root.
    pub prefix: String,
    /// The DynamoDB table with locks and journals. Default [`DEFAULT_TABLE`].
    pub table: String,
    /// The region of bucket and table. Default: that of the AWS configuration in use.
    pub region: Option<String>,
    /// The profile of the AWS configuration files to use for state. Default: the environment's.
    pub profile: Option<String>,
}

/// A text that is not an [`S3Location`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{url}` is not a place for state in S3: {problem}")]
pub struct LocationError {
    /// What was given.
    pub url: String,
    /// What is wrong with it.
    pub problem: LocationProblem,
}

/// What is wrong with a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationProblem {
    /// Another scheme, or none.
    #[error("it does not start with `s3://`")]
    NotS3,
    /// Nothing follows `s3://`.
    #[error("it names no bucket")]
    NoBucket,
    /// S3 does not allow such a bucket name.
    #[error(
        "`{0}` cannot be a bucket: use 3 to 63 lower-case letters, digits, `-` or `.`, with a letter or digit at both ends"
    )]
    Bucket(String),
    /// The prefix has an empty, `.` or `..` part, is too long, or holds a special character.
    #[error(
        "`{0}` cannot be a prefix: use up to 400 letters, digits, `-`, `_`, `.`, `=` or `/`, without empty, `.` or `..` parts"
    )]
    Prefix(String),
    /// It has a `#`.
    #[error("a `#` has no meaning in it")]
    Fragment,
    /// A part of the query is not `key=value`.
    #[error("`{0}` in its query is not of the form key=value")]
    NotKeyValue(String),
    /// A key of the query is not known.
    #[error("its query key `{0}` is not known: the keys are `table`, `region` and `profile`")]
    UnknownKey(String),
    /// A key of the query is given twice.
    #[error("its query key `{0}` is given twice")]
    Twice(String),
    /// A value of the query is empty or badly percent-encoded.
    #[error("its query key `{0}` has no usable value")]
    NoValue(String),
    /// DynamoDB does not allow such a table name.
    #[error("`{0}` cannot be a table: use 3 to 255 letters, digits, `-`, `_` or `.`")]
    Table(String),
    /// Not the form of an AWS region.
    #[error("`{0}` cannot be a region: use the form `eu-central-1`")]
    Region(String),
}

impl S3Location {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`LocationError`] says which part of the URL is wrong.
    pub fn parse(url: &str) -> Result<Self, LocationError> {
        parse(url).map_err(|problem| LocationError { url: url.to_owned(), problem })
    }

    /// The AWS configuration for this place: the environment's, with the region and profile
    /// given here.
    pub async fn load_config(&self) -> SdkConfig {
        let mut loader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        }
        if let Some(profile) = &self.profile {
            loader = loader.profile_name(profile);
        }
        loader.load().await
    }
}

fn parse(url: &str) -> Result<S3Location, LocationProblem> {
    let rest = url.strip_prefix("s3://").ok_or(LocationProblem::NotS3)?;
    if rest.contains('#') {
        return Err(LocationProblem::Fragment);
    }
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    if bucket.is_empty() {
        return Err(LocationProblem::NoBucket);
    }
    if !is_bucket(bucket) {
        return Err(LocationProblem::Bucket(bucket.to_owned()));
    }
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    if !is_prefix(prefix) {
        return Err(LocationProblem::Prefix(prefix.to_owned()));
    }
    let query = Query::parse(query)?;
    Ok(S3Location {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        table: query.table.unwrap_or_else(|| DEFAULT_TABLE.to_owned()),
        region: query.region,
        profile: query.profile,
    })
}

#[derive(Default)]
struct Query {
    table: Option<String>,
    region: Option<String>,
    profile: Option<String>,
}

impl Query {
    fn parse(text: &str) -> Result<Self, LocationProblem> {
        let mut query = Self::default();
        if text.is_empty() {
            return Ok(query);
        }
        for pair in text.split('&') {
            let (key, value) = pair
                .split_once('=')
                .ok_or_else(|| LocationProblem::NotKeyValue(pair.to_owned()))?;
            let slot = match key {
                "table" => &mut query.table,
                "region" => &mut query.region,
                "profile" => &mut query.profile,
                _ => return Err(LocationProblem::UnknownKey(key.to_owned())),
            };
            let value = percent::decode(value)
                .filter(|value| !value.is_empty() && !value.contains(char::is_control))
                .ok_or_else(|| LocationProblem::NoValue(key.to_owned()))?;
            match key {
                "table" if !is_table(&value) => return Err(LocationProblem::Table(value)),
                "region" if !is_region(&value) => return Err(LocationProblem::Region(value)),
                _ => {}
            }
            if slot.replace(value).is_some() {
                return Err(LocationProblem::Twice(key.to_owned()));
            }
        }
        Ok(query)
    }
}

fn is_bucket(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.chars().all(|c| plain(c) || c == '-' || c == '.')
        && name.starts_with(plain)
        && name.ends_with(plain)
        && !name.contains("..")
}

fn is_prefix(prefix: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
    let part = |part: &str| !matches!(part, "" | "." | "..") && part.chars().all(plain);
    prefix.is_empty() || (prefix.len() <= 400 && prefix.split('/').all(part))
}

fn is_table(name: &str) -> bool {
    (3..=255).contains(&name.len())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn is_region(name: &str) -> bool {
    let mut parts = name.split('-');
    let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    parts.next_back().is_some_and(number) && name.matches('-').count() >= 2 && parts.all(word)
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.bucket)?;
        if !self.prefix.is_empty() {
            write!(f, "/{}", self.prefix)?;
        }
        let table = Some(&self.table).filter(|table| *table != DEFAULT_TABLE);
        let pairs = [("table", table), ("region", self.region.as_ref())];
        let pairs = pairs.into_iter().chain([("profile", self.profile.as_ref())]);
        let given = pairs.filter_map(|(key, value)| Some((key, value?)));
        for (index, (key, value)) in given.enumerate() {
            let mark = if index == 0 { '?' } else { '&' };
            write!(f, "{mark}{key}={}", percent::encode(value))?;
        }
        Ok(())
    }
}

impl FromStr for S3Location {
    type Err = LocationError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        Self::parse(url)
    }
}

impl From<LocationError> for StateError {
    fn from(error: LocationError) -> Self {
        Self::Unusable {
            place: error.url,
            why: error.problem.to_string(),
            fix: "give it as s3://BUCKET/PREFIX?table=NAME&region=REGION&profile=NAME; only \
                  the bucket is required"
                .to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_url() {
        let url = "s3://my.bucket-1/a/b=c?table=locks&region=eu-central-1&profile=two%20words";
        let location = S3Location::parse(url).unwrap();
        assert_eq!(location.bucket, "my.bucket-1");
        assert_eq!(location.prefix, "a/b=c");
        assert_eq!(location.table, "locks");
        assert_eq!(location.region.as_deref(), Some("eu-central-1"));
        assert_eq!(location.profile.as_deref(), Some("two words"));
        assert_eq!(location.to_string(), url);
    }

    #[test]
    fn defaults_and_trailing_slashes() {
        for url in
            ["s3://bucket", "s3://bucket/", "s3://bucket?", "s3://bucket?table=ferrocrete-state"]
        {
            let location: S3Location = url.parse().unwrap();
            assert_eq!((location.prefix.as_str(), location.table.as_str()), ("", DEFAULT_TABLE));
            assert_eq!((&location.region, &location.profile), (&None, &None));
            assert_eq!(location.to_string(), "s3://bucket");
        }
        assert_eq!(S3Location::parse("s3://bucket/p/").unwrap().to_string(), "s3://bucket/p");
        for region in ["us-gov-west-1", "ap-southeast-2", "us-iso-east-1"] {
            let url = format!("s3://bucket?region={region}");
            assert_eq!(S3Location::parse(&url).unwrap().to_string(), url);
        }
    }

    #[test]
    fn malformed() {
        use LocationProblem as P;
        let text = str::to_owned;
        let cases = [
            ("", P::NotS3),
            ("bucket/prefix", P::NotS3),
            ("http://bucket", P::NotS3),
            ("S3://bucket", P::NotS3),
            ("s3://", P::NoBucket),
            ("s3:///prefix", P::NoBucket),
            ("s3://?table=abc", P::NoBucket),
            ("s3://My-Bucket", P::Bucket(text("My-Bucket"))),
            ("s3://ab", P::Bucket(text("ab"))),
            ("s3://user@bucket/x", P::Bucket(text("user@bucket"))),
            ("s3://bucket:80/x", P::Bucket(text("bucket:80"))),
            ("s3://-bucket", P::Bucket(text("-bucket"))),
            ("s3://bu..cket", P::Bucket(text("bu..cket"))),
            ("s3://bucket//a", P::Prefix(text("/a"))),
            ("s3://bucket/a//b", P::Prefix(text("a//b"))),
            ("s3://bucket/../b", P::Prefix(text("../b"))),
            ("s3://bucket/a b", P::Prefix(text("a b"))),
            ("s3://bucket/a%20b", P::Prefix(text("a%20b"))),
            ("s3://bucket/a#b", P::Fragment),
            ("s3://bucket?table", P::NotKeyValue(text("table"))),
            ("s3://bucket?table=abc&", P::NotKeyValue(text(""))),
            ("s3://bucket?tabel=abc", P::UnknownKey(text("tabel"))),
            ("s3://bucket?Table=abc", P::UnknownKey(text("Table"))),
            ("s3://bucket?table=abc&table=abc", P::Twice(text("table"))),
            ("s3://bucket?table=", P::NoValue(text("table"))),
            ("s3://bucket?profile=%zz", P::NoValue(text("profile"))),
            ("s3://bucket?table=a/b", P::Table(text("a/b"))),
            ("s3://bucket?table=ab", P::Table(text("ab"))),
            ("s3://bucket?region=frankfurt", P::Region(text("frankfurt"))),
            ("s3://bucket?region=eu-central", P::Region(text("eu-central"))),
            ("s3://bucket?region=eu--1", P::Region(text("eu--1"))),
        ];
        for (url, problem) in cases {
            let error = S3Location::parse(url).unwrap_err();
            assert_eq!(error.problem, problem, "{url}");
            assert!(error.to_string().contains(&format!("`{url}`")));
        }
    }

    #[test]
    fn the_message_names_the_unknown_key_and_what_to_do() {
        let error = S3Location::parse("s3://bucket?tabel=abc").unwrap_err();
        let text = StateError::from(error).to_string();
        assert!(text.contains("`tabel` is not known: the keys are `table`, `region`"), "{text}");
        assert!(text.contains("what to do: give it as s3://BUCKET/PREFIX?table="), "{text}");
    }
}
