//! [`Site`]: one stack's place in bucket and table, with the clients to reach it.

use std::error::Error;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use ferrocrete_core::state::StateError;
use ferrocrete_core::urn::check_name;

use crate::clients::Clients;
use crate::failure::{About, Failure};
use crate::location::S3Location;

/// One stack's place.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    pub(crate) clients: Clients,
    pub(crate) location: S3Location,
    /// `PREFIX/PROJECT/STACK`: what all keys of its objects begin with.
    dir: String,
    /// Partition key of its items; holds the bucket too, as buckets may share a table.
    pub(crate) pk: String,
    /// For messages.
    place: String,
}

impl Site {
    pub(crate) fn new(
        location: S3Location,
        config: &SdkConfig,
        project: &str,
        stack: &str,
    ) -> Result<Self, StateError> {
        let clients = Clients::new(&location, config)?;
        Self::of(location, clients, project, stack)
    }

    /// Another stack's place in the same bucket and table.
    pub(crate) fn for_stack(&self, project: &str, stack: &str) -> Result<Self, StateError> {
        Self::of(self.location.clone(), self.clients.clone(), project, stack)
    }

    fn of(
        location: S3Location,
        clients: Clients,
        project: &str,
        stack: &str,
    ) -> Result<Self, StateError> {
        check("project", project)?;
        check("stack", stack)?;
        let mut stack_location = location.clone();
        stack_location.prefix = match location.prefix.as_str() {
            "" => format!("{project}/{stack}"),
            prefix => format!("{prefix}/{project}/{stack}"),
        };
        Ok(Self {
            clients,
            pk: format!("{}/{}", location.bucket, stack_location.prefix),
            place: stack_location.to_string(),
            dir: stack_location.prefix,
            location,
        })
    }

    /// The stack's URL, for messages.
    pub(crate) fn place(&self) -> String {
        self.place.clone()
    }

    /// The key of the stack's object `name`.
    pub(crate) fn key(&self, name: &str) -> String {
        format!("{}/{name}", self.dir)
    }

    /// The URL of the stack's object `name`, for messages.
    pub(crate) fn object_place(&self, name: &str) -> String {
        format!("s3://{}/{}/{name}", self.location.bucket, self.dir)
    }

    /// The table's item `sk`, for messages.
    pub(crate) fn item_place(&self, sk: &str) -> String {
        format!("item `{}`, `{sk}` of DynamoDB table `{}`", self.pk, self.location.table)
    }

    /// Explains a failed S3 call.
    pub(crate) fn bucket_failure<E>(
        &self,
        call: &str,
        error: &SdkError<E, HttpResponse>,
    ) -> StateError
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let (bucket, region) = (&self.location.bucket, &self.clients.region);
        Failure::of(error).explain(call, About::Bucket { bucket, region })
    }

    /// Explains a failed DynamoDB call.
    pub(crate) fn table_failure<E>(
        &self,
        call: &str,
        error: &SdkError<E, HttpResponse>,
    ) -> StateError
    where
        E: Error + ProvideErrorMetadata + 'static,
    {
        let (table, region) = (&self.location.table, &self.clients.region);
        Failure::of(error).explain(call, About::Table { table, region })
    }
}

/// Names become parts of keys: no slashes, and nothing that tools take for a folder's parent.
fn check(what: &'static str, name: &str) -> Result<(), StateError> {
    let why = match check_name(what, name) {
        Err(error) => error.to_string(),
        Ok(()) if matches!(name, "." | "..") => format!("{what} `{name}` is not valid"),
        Ok(()) => return Ok(()),
    };
    Err(StateError::Unusable {
        place: format!("{what} `{name}`"),
        why,
        fix: format!("choose another {what} name"),
    })
}
