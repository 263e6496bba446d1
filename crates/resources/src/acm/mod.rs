//! Certificate Manager: TLS certificates.

mod certificate;
mod certificate_by_domain;
mod certificate_validation;
mod shared;
mod validation_record;

use ferrocrete_core::resource::RegistryBuilder;

use crate::aws::AwsConnector;

pub use certificate::*;
pub use certificate_by_domain::*;
pub use certificate_validation::*;
pub use validation_record::*;

/// Adds the service's types, one line each.
pub fn register(builder: RegistryBuilder<AwsConnector>) -> RegistryBuilder<AwsConnector> {
    builder
        .resource::<Certificate>()
        .resource::<CertificateValidation>()
        .lookup::<CertificateByDomain>()
}
