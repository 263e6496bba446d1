//! What AWS answers, told apart by code, and what the user reads.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ferrocrete_core::state::StateError;

/// A failed call.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    /// The service's error code.
    pub(crate) code: Option<String>,
    /// The HTTP status.
    pub(crate) status: Option<u16>,
    /// Where the bucket is, when S3 says so.
    bucket_region: Option<String>,
    message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Answered,
    NoAnswer,
    NoCredentials,
}

/// What a failure means, whatever the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    NoCredentials,
    BadCredentials,
    Clock,
    Denied,
    WrongRegion,
    NoBucket,
    NoTable,
    NotOurTable,
    Key,
    Other,
}

/// What a call was about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About<'a> {
    Bucket { bucket: &'a str, region: &'a str },
    Table { table: &'a str, region: &'a str },
}

impl Failure {
    pub(crate) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let raw = error.raw_response();
        let kind = match error {
            _ if lacks_credentials(error) => Kind::NoCredentials,
            SdkError::ServiceError(_) => Kind::Answered,
            _ => Kind::NoAnswer,
        };
        let message = error.message().map_or_else(|| causes(error), str::to_owned);
        Self {
            kind,
            code: error.code().map(str::to_owned),
            status: raw.map(|raw| raw.status().as_u16()),
            bucket_region: raw
                .and_then(|raw| raw.headers().get("x-amz-bucket-region"))
                .map(str::to_owned),
            message,
        }
    }

    pub(crate) fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    pub(crate) fn meaning(&self) -> Meaning {
        match self.kind {
            Kind::NoCredentials => return Meaning::NoCredentials,
            Kind::NoAnswer => return Meaning::Other,
            Kind::Answered => {}
        }
        match self.code.as_deref() {
            Some(
                "InvalidAccessKeyId"
                | "SignatureDoesNotMatch"
                | "InvalidSignatureException"
                | "ExpiredToken"
                | "ExpiredTokenException"
                | "InvalidToken"
                | "TokenRefreshRequired"
                | "UnrecognizedClientException"
                | "InvalidClientTokenId"
                | "MissingAuthenticationToken"
                | "MissingAuthenticationTokenException"
                | "IncompleteSignature"
                | "NotSignedUp"
                | "OptInRequired",
            ) => Meaning::BadCredentials,
            Some("RequestTimeTooSkewed" | "RequestExpired") => Meaning::Clock,
            Some("AccessDenied" | "AccessDeniedException" | "AllAccessDisabled" | "Forbidden") => {
                Meaning::Denied
            }
            Some(
                "PermanentRedirect"
                | "TemporaryRedirect"
                | "AuthorizationHeaderMalformed"
                | "IllegalLocationConstraintException",
            ) => Meaning::WrongRegion,
            Some("NoSuchBucket") => Meaning::NoBucket,
            Some("ResourceNotFoundException" | "TableNotFoundException") => Meaning::NoTable,
            Some("ValidationException") => Meaning::NotOurTable,
            Some(code) if code.starts_with("KMS.") => Meaning::Key,
            Some(_) | None => match self.status {
                // Answers without a body, to HeadBucket and HeadObject.
                Some(301 | 307) => Meaning::WrongRegion,
                Some(403) => Meaning::Denied,
                _ => Meaning::Other,
            },
        }
    }

    /// What the user reads. `call` is like `s3:PutObject`.
    pub(crate) fn explain(&self, call: &str, about: About<'_>) -> StateError {
        let place = about.place();
        let unusable = |why: String, fix: &str| StateError::Unusable {
            place: place.clone(),
            why,
            fix: fix.to_owned(),
        };
        match self.meaning() {
            Meaning::NoCredentials => unusable(
                format!("there are no AWS credentials for it ({})", self.message),
                "log in (`aws sso login`), set AWS_PROFILE, or name a profile in --backend",
            ),
            Meaning::BadCredentials => unusable(
                format!("the AWS credentials are not accepted: {}", self.text()),
                "log in again, or check which profile and AWS_… variables are in use",
            ),
            Meaning::Clock => unusable(
                format!("this computer's clock is wrong: {}", self.text()),
                "set the clock; AWS accepts a deviation of at most 5 minutes",
            ),
            Meaning::Denied => unusable(
                format!("access is denied to {call}: {}", self.text()),
                "check account and profile, and ask for the permissions listed in the \
                 documentation of ferrocrete-backend-s3",
            ),
            Meaning::WrongRegion => unusable(
                match &self.bucket_region {
                    Some(region) => format!("it is in region {region}, not here"),
                    None => "it is in another region".to_owned(),
                },
                &match &self.bucket_region {
                    Some(region) => format!("add `region={region}` to --backend"),
                    None => "add the bucket's region to --backend, as `region=…`".to_owned(),
                },
            ),
            Meaning::NoBucket => unusable(
                "the bucket does not exist".to_owned(),
                "check the bucket name in --backend, or run `backend init` to make it",
            ),
            Meaning::NoTable => unusable(
                "the table does not exist in this account and region".to_owned(),
                "check the table name (`table=…`) and region in --backend, or run \
                 `backend init` to make the table",
            ),
            Meaning::NotOurTable => unusable(
                format!("DynamoDB refuses {call}: {}", self.text()),
                "check that the table name (`table=…`) in --backend names a table made by \
                 `backend init`",
            ),
            Meaning::Key => unusable(
                format!("the bucket's KMS key cannot be used: {}", self.text()),
                "check that the key is enabled and that its policy allows its use",
            ),
            Meaning::Other => StateError::Io { place, why: format!("{call}: {}", self.text()) },
        }
    }

    /// Message and code.
    pub(crate) fn text(&self) -> String {
        match (&self.code, self.status) {
            (Some(code), _) => format!("{} ({code})", self.message),
            (None, Some(status)) => format!("{} (HTTP status {status})", self.message),
            (None, None) => self.message.clone(),
        }
    }
}

impl About<'_> {
    fn place(self) -> String {
        match self {
            Self::Bucket { bucket, region } => format!("bucket `{bucket}` ({region})"),
            Self::Table { table, region } => format!("DynamoDB table `{table}` ({region})"),
        }
    }
}

/// Whether a cause of `error` is that no credentials could be loaded.
fn lacks_credentials(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|cause| cause.is::<CredentialsError>())
}

/// An error and its causes.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |cause: &&'a (dyn Error + 'static)| (*cause).source())
}

/// What the SDK says and all its causes, on one line.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    for cause in chain(error) {
        let text = cause.to_string();
        if !texts.iter().any(|known| known.contains(&text)) {
            texts.push(text);
        }
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(code: Option<&str>, status: u16, bucket_region: Option<&str>) -> Failure {
        Failure {
            kind: Kind::Answered,
            code: code.map(str::to_owned),
            status: Some(status),
            bucket_region: bucket_region.map(str::to_owned),
            message: "because".to_owned(),
        }
    }

    const BUCKET: About<'_> = About::Bucket { bucket: "b-1", region: "us-east-1" };
    const TABLE: About<'_> = About::Table { table: "t-1", region: "us-east-1" };

    #[test]
    fn every_unusable_place_says_what_to_do() {
        let cases = [
            (
                Some("NoSuchBucket"),
                404,
                BUCKET,
                "bucket `b-1` (us-east-1): the bucket does not exist",
                "`backend init`",
            ),
            (
                Some("ResourceNotFoundException"),
                400,
                TABLE,
                "DynamoDB table `t-1` (us-east-1): the table does not exist",
                "`table=…`",
            ),
            (
                Some("AccessDenied"),
                403,
                BUCKET,
                "access is denied to x:Y: because (AccessDenied)",
                "permissions",
            ),
            (None, 403, BUCKET, "access is denied to x:Y", "permissions"),
            (Some("AccessDeniedException"), 400, TABLE, "access is denied to x:Y", "permissions"),
            (Some("ExpiredToken"), 400, BUCKET, "credentials are not accepted", "log in again"),
            (
                Some("UnrecognizedClientException"),
                400,
                TABLE,
                "credentials are not accepted",
                "log in again",
            ),
            (Some("RequestTimeTooSkewed"), 403, BUCKET, "clock is wrong", "set the clock"),
            (Some("ValidationException"), 400, TABLE, "refuses x:Y", "table name"),
            (Some("KMS.DisabledException"), 400, BUCKET, "KMS key cannot be used", "enabled"),
        ];
        for (code, status, about, why, fix) in cases {
            let error = answered(code, status, None).explain("x:Y", about);
            assert!(matches!(error, StateError::Unusable { .. }), "{code:?}");
            let text = error.to_string();
            let (said, todo) = text.split_once("what to do").unwrap();
            assert!(said.contains(why) && todo.contains(fix), "{code:?}: {text}");
        }
    }

    #[test]
    fn the_right_region_is_named_when_known() {
        for (code, status) in [
            (Some("PermanentRedirect"), 301),
            (Some("AuthorizationHeaderMalformed"), 400),
            (None, 301),
        ] {
            let text = answered(code, status, Some("eu-west-1")).explain("x:Y", BUCKET).to_string();
            assert!(text.contains("it is in region eu-west-1"), "{text}");
            assert!(text.contains("add `region=eu-west-1` to --backend"), "{text}");
            let text = answered(code, status, None).explain("x:Y", BUCKET).to_string();
            assert!(text.contains("another region"), "{text}");
        }
    }

    #[test]
    fn other_failures_are_io() {
        let error = answered(Some("InternalError"), 500, None).explain("s3:PutObject", BUCKET);
        assert!(matches!(error, StateError::Io { .. }));
        assert!(error.to_string().contains("s3:PutObject: because (InternalError)"));
    }
}
