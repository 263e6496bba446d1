//! Where state is kept, by URL.

use std::path::{Path, PathBuf};

use ferrocrete_backend_s3::S3Location;
use ferrocrete_core::state::StateError;

use crate::error::{CliError, Result};

/// Where state is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    /// A folder.
    Local(PathBuf),
    /// Bucket and table.
    S3(S3Location),
}

/// Name of the folder beside the configuration that is the default.
pub(crate) const DEFAULT_FOLDER: &str = ".ferrocrete";

impl Location {
    /// Reads a URL; relative folders start at `base`.
    pub fn parse(url: &str, base: &Path) -> Result<Self> {
        if let Some(path) = url.strip_prefix("file://") {
            if path.is_empty() {
                return Err(unusable(url));
            }
            return Ok(Location::Local(base.join(path)));
        }
        if url.starts_with("s3://") {
            return Ok(Location::S3(S3Location::parse(url).map_err(StateError::from)?));
        }
        Err(unusable(url))
    }

    /// As a URL.
    pub fn url(&self) -> String {
        match self {
            Location::Local(path) => format!("file://{}", path.display()),
            Location::S3(location) => location.to_string(),
        }
    }
}

fn unusable(url: &str) -> CliError {
    CliError::new(format!("`{url}` is not a place for state"))
        .hint("give `file://PATH` or `s3://BUCKET/PREFIX?table=NAME`, with --backend, FERROCRETE_BACKEND, or `backend` in the table [ferrocrete]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        let base = Path::new("/work/app");
        let local = |url| match Location::parse(url, base) {
            Ok(Location::Local(path)) => path,
            other => panic!("{other:?}"),
        };
        assert_eq!(local("file://state"), Path::new("/work/app/state"));
        assert_eq!(local("file:///var/state"), Path::new("/var/state"));
        assert!(matches!(Location::parse("s3://bucket/x", base), Ok(Location::S3(_))));
        for bad in ["", "state", "http://x", "file://", "gs://bucket"] {
            let error = Location::parse(bad, base).unwrap_err();
            assert!(error.message.contains("not a place for state"), "{}", error.message);
            assert!(error.hints[0].contains("s3://BUCKET"));
        }
    }
}
