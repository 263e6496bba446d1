//! The parameters of a group: read, set, reset.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_rds::types::{ApplyMethod, Parameter};

use crate::prelude::*;
use crate::rds::shared::{PAGE, filter};

/// Most parameters that one call takes.
const CHUNK: usize = 20;

/// Values by name.
type Values = BTreeMap<String, String>;

/// What differs from the engine's defaults.
pub(super) async fn set_by_user(aws: &Aws, group: &str) -> Result<Values> {
    let call = aws.rds().describe_db_parameters().db_parameter_group_name(group);
    let mut pages = call.source("user").max_records(PAGE).into_paginator().send();
    let mut values = Values::new();
    while let Some(page) = pages.next().await {
        let page = page.op("rds:DescribeDBParameters")?;
        values.extend(
            page.parameters
                .unwrap_or_default()
                .into_iter()
                .filter_map(|p| Some((p.parameter_name?, p.parameter_value?))),
        );
    }
    Ok(values)
}

/// Of these values, those that are declared, in the declared spelling of the names: AWS reads
/// names without regard to case.
pub(super) fn ours(live: Values, declared: Option<&Values>) -> Option<Values> {
    let Some(declared) = declared else { return (!live.is_empty()).then_some(live) };
    let spelling = |name: String| {
        declared.keys().find(|d| d.eq_ignore_ascii_case(&name)).cloned().unwrap_or(name)
    };
    let live: Values = live.into_iter().map(|(name, value)| (spelling(name), value)).collect();
    (!live.is_empty()).then_some(live)
}

/// What to set and what to reset on the way from `old` to `new`.
fn difference(old: &Values, new: &Values) -> (Values, BTreeSet<String>) {
    let set = new
        .iter()
        .filter(|(name, value)| old.get(*name) != Some(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let reset = old.keys().filter(|name| !new.contains_key(*name)).cloned().collect();
    (set, reset)
}

/// Sets and resets what differs.
pub(super) async fn change(aws: &Aws, group: &str, old: &Values, new: &Values) -> Result<()> {
    let (set, reset) = difference(old, new);
    let names: Vec<String> = set.keys().chain(&reset).cloned().collect();
    if names.is_empty() {
        return Ok(());
    }
    let dynamic = dynamic(aws, group, &names).await?;
    let parameter = |name: &str, value: Option<&String>| {
        // Static parameters take only this method; it is right for unknown ones, too.
        let method = match dynamic.contains(&name.to_ascii_lowercase()) {
            true => ApplyMethod::Immediate,
            false => ApplyMethod::PendingReboot,
        };
        Parameter::builder()
            .parameter_name(name)
            .set_parameter_value(value.cloned())
            .apply_method(method)
            .build()
    };
    let to_set: Vec<Parameter> = set.iter().map(|(n, v)| parameter(n, Some(v))).collect();
    for chunk in to_set.chunks(CHUNK) {
        let call = aws.rds().modify_db_parameter_group().db_parameter_group_name(group);
        let call = call.set_parameters(Some(chunk.to_vec()));
        call.send().await.op("rds:ModifyDBParameterGroup")?;
    }
    let to_reset: Vec<Parameter> = reset.iter().map(|n| parameter(n, None)).collect();
    for chunk in to_reset.chunks(CHUNK) {
        let call = aws.rds().reset_db_parameter_group().db_parameter_group_name(group);
        let call = call.reset_all_parameters(false).set_parameters(Some(chunk.to_vec()));
        call.send().await.op("rds:ResetDBParameterGroup")?;
    }
    Ok(())
}

/// Which of these, in small letters, take effect without a reboot.
async fn dynamic(aws: &Aws, group: &str, names: &[String]) -> Result<BTreeSet<String>> {
    let mut dynamic = BTreeSet::new();
    for chunk in names.chunks(CHUNK) {
        let call = aws.rds().describe_db_parameters().db_parameter_group_name(group);
        let call = call.filters(filter("parameter-name", chunk)).max_records(PAGE);
        let mut pages = call.into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.op("rds:DescribeDBParameters")?;
            dynamic.extend(
                page.parameters
                    .unwrap_or_default()
                    .into_iter()
                    .filter(|p| p.apply_type.as_deref() == Some("dynamic"))
                    .filter_map(|p| p.parameter_name.map(|n| n.to_ascii_lowercase())),
            );
        }
    }
    Ok(dynamic)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(list: &[(&str, &str)]) -> Values {
        list.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn only_what_differs_is_sent() {
        let old = values(&[("a", "1"), ("b", "1"), ("c", "1")]);
        let new = values(&[("a", "1"), ("b", "2"), ("d", "1")]);
        let (set, reset) = difference(&old, &new);
        assert_eq!(set, values(&[("b", "2"), ("d", "1")]));
        assert_eq!(reset, BTreeSet::from(["c".to_owned()]));
    }

    #[test]
    fn names_are_spelled_as_declared() {
        let live = values(&[("timezone", "UTC"), ("other", "1")]);
        let declared = values(&[("TimeZone", "UTC")]);
        let found = ours(live.clone(), Some(&declared));
        assert_eq!(found, Some(values(&[("TimeZone", "UTC"), ("other", "1")])));
        assert_eq!(ours(live.clone(), None), Some(live));
        assert_eq!(ours(Values::new(), Some(&declared)), None);
    }
}
