//! Databases by identifier, as the SDK has them.

use aws_sdk_rds::types::DbInstance as Sdk;

use crate::prelude::*;
use crate::rds::shared::{CHUNK, PAGE, filter};

/// Instances by identifier; a missing one does not fail the call.
pub(in crate::rds) async fn describe(aws: &Aws, ids: &[String]) -> Result<Vec<Sdk>> {
    let chunks: Vec<Vec<String>> = ids.chunks(CHUNK).map(<[String]>::to_vec).collect();
    let found = batch::each(&chunks, |chunk| {
        let by_id = filter("db-instance-id", chunk);
        let single = chunk.len() == 1;
        let call = aws.rds().describe_db_instances().filters(by_id).max_records(PAGE);
        async move {
            let mut pages = call.into_paginator().send();
            let mut instances = Vec::new();
            while let Some(page) = pages.next().await {
                match page.op("rds:DescribeDBInstances") {
                    Ok(page) => instances.extend(page.db_instances.unwrap_or_default()),
                    // Of several it would not say which.
                    Err(e) if single && e.kind == ErrorKind::NotFound => break,
                    Err(e) => return Err(e),
                }
            }
            Ok(instances)
        }
    });
    Ok(found.await?.into_iter().flatten().collect())
}
