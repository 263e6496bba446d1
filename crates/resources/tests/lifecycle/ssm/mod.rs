//! Systems Manager.

mod lookups;
mod parameter;
mod parameter_secure;

use std::collections::BTreeMap;

use aws_sdk_ssm::types::{
    Parameter, ParameterMetadata, ParameterStringFilter, ResourceTypeForTagging, Tag,
};
use ferrocrete_resources::aws::Aws;

/// The parameter, decrypted.
async fn parameter(aws: &Aws, name: &str) -> Option<Parameter> {
    let answer = aws.ssm().get_parameter().name(name).with_decryption(true).send().await;
    answer.ok()?.parameter
}

async fn value(aws: &Aws, name: &str) -> String {
    parameter(aws, name).await.unwrap().value.unwrap()
}

async fn details(aws: &Aws, name: &str) -> ParameterMetadata {
    let filter = ParameterStringFilter::builder().key("Name").values(name).build().unwrap();
    let answer = aws.ssm().describe_parameters().parameter_filters(filter).send().await.unwrap();
    answer.parameters.unwrap().remove(0)
}

async fn tags(aws: &Aws, name: &str) -> BTreeMap<String, String> {
    let call = aws.ssm().list_tags_for_resource().resource_id(name);
    let call = call.resource_type(ResourceTypeForTagging::Parameter);
    let answer = call.send().await.unwrap();
    answer.tag_list().iter().map(|t: &Tag| (t.key().into(), t.value().into())).collect()
}
