//! The calls on parameters.

use std::collections::HashMap;

use aws_sdk_ssm::types::{
    Parameter as SdkParameter, ParameterMetadata, ParameterStringFilter, ResourceTypeForTagging,
    Tag,
};

use crate::prelude::*;

crate::required_tags!(Tag);

/// Most names that GetParameters takes.
const GET: usize = 10;
/// Most values of a filter, and most parameters in one answer, of DescribeParameters.
const DESCRIBE: usize = 50;

/// Parameters by name.
pub(super) async fn get(
    aws: &Aws,
    names: Vec<String>,
    decrypted: bool,
) -> Result<HashMap<String, SdkParameter>> {
    let chunks: Vec<Vec<String>> = names.chunks(GET).map(<[String]>::to_vec).collect();
    let found = batch::each(chunks, |chunk| async move {
        let call = aws.ssm().get_parameters().set_names(Some(chunk)).with_decryption(decrypted);
        Ok(call.send().await.op("ssm:GetParameters")?.parameters.unwrap_or_default())
    });
    let all = found.await?.into_iter().flatten();
    Ok(all.filter_map(|p| Some((p.name.clone()?, p))).collect())
}

/// What else there is to know of parameters, by name.
pub(super) async fn describe(
    aws: &Aws,
    names: Vec<String>,
) -> Result<HashMap<String, ParameterMetadata>> {
    let chunks: Vec<Vec<String>> = names.chunks(DESCRIBE).map(<[String]>::to_vec).collect();
    let found = batch::each(chunks, |chunk| async move {
        let filter = ParameterStringFilter::builder().key("Name").option("Equals");
        let filter = filter.set_values(Some(chunk)).build();
        let filter = filter.map_err(|e| OpError::invalid(e.to_string()))?;
        let call = aws.ssm().describe_parameters().parameter_filters(filter);
        let mut pages = call.max_results(50).into_paginator().send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            all.extend(page.op("ssm:DescribeParameters")?.parameters.unwrap_or_default());
        }
        Ok(all)
    });
    let all = found.await?.into_iter().flatten();
    Ok(all.filter_map(|p| Some((p.name.clone()?, p))).collect())
}

/// The tags of a parameter; `None` when SSM does not find it.
pub(super) async fn list_tags(aws: &Aws, name: &str) -> Result<Option<Option<Tags>>> {
    let call = aws.ssm().list_tags_for_resource().resource_id(name);
    let call = call.resource_type(ResourceTypeForTagging::Parameter);
    match call.send().await.op("ssm:ListTagsForResource") {
        Ok(answer) => Ok(Some(from_sdk(answer.tag_list()))),
        // AWS's code for a parameter that does not exist.
        Err(error) if error.has_code("InvalidResourceId") => Ok(None),
        Err(error) => Err(error),
    }
}

pub(super) async fn retag(
    aws: &Aws,
    name: &str,
    old: &Option<Tags>,
    new: &Option<Tags>,
) -> Result<()> {
    const KIND: ResourceTypeForTagging = ResourceTypeForTagging::Parameter;
    let set = |set| async move {
        let call = aws.ssm().add_tags_to_resource().resource_type(KIND);
        let call = call.resource_id(name).set_tags(Some(to_sdk(&set)));
        call.send().await.op("ssm:AddTagsToResource").map(drop)
    };
    let remove = |keys| async move {
        let call = aws.ssm().remove_tags_from_resource().resource_type(KIND);
        let call = call.resource_id(name).set_tag_keys(Some(keys));
        call.send().await.op("ssm:RemoveTagsFromResource").map(drop)
    };
    tags::retag(old, new, set, remove).await
}

pub(super) async fn arn(aws: &Aws, name: &str) -> Result<String> {
    aws.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/'))).await
}
