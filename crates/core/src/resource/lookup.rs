//! [`Lookup`]: something that exists already and is only read (a data source).

use std::future::Future;

use crate::error::OpError;

use super::{Outputs, Properties};

/// What `#[derive(Lookup)]` knows about a lookup.
pub trait LookupType: Properties {
    /// What it answers.
    type Outputs: Outputs;
    /// Type name, such as `AWS::EC2::DefaultVpc`.
    const TYPE: &'static str;
    /// Its documentation.
    const DOC: &'static str;
}

/// The question and its answer: what an author writes.
pub trait Lookup: LookupType {
    /// The clients it needs.
    type Cloud: Clone + Send + Sync + 'static;

    /// Asks AWS. Finding nothing, or several where one is meant, is an error that says so.
    fn lookup(
        &self,
        cloud: &Self::Cloud,
    ) -> impl Future<Output = Result<<Self as LookupType>::Outputs, OpError>> + Send;
}
