//! Every resource type and lookup, by the cargo features that are on.

use ferrocrete_core::resource::Registry;

use crate::aws::AwsConnector;
use crate::sts;

/// All types, connected by `connector`.
pub fn registry(connector: AwsConnector) -> Registry {
    let builder = Registry::builder(connector);
    let builder = sts::register(builder);
    #[cfg(feature = "ec2")]
    let builder = crate::ec2::register(builder);
    #[cfg(feature = "iam")]
    let builder = crate::iam::register(builder);
    #[cfg(feature = "rds")]
    let builder = crate::rds::register(builder);
    #[cfg(feature = "route53")]
    let builder = crate::route53::register(builder);
    #[cfg(feature = "s3")]
    let builder = crate::s3::register(builder);
    #[cfg(feature = "secretsmanager")]
    let builder = crate::secretsmanager::register(builder);
    builder.build()
}
