//! What EC2 types share: filters, reads in batches, ranges, calls on what is a moment old.

use std::fmt;
use std::marker::PhantomData;
use std::net::{Ipv4Addr, Ipv6Addr};

use aws_sdk_ec2::config::Builder as ConfigBuilder;
use aws_sdk_ec2::types::{AttributeBooleanValue, Filter};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::prelude::*;

/// Most items of one page.
pub(crate) const PAGE: i32 = 1000;

/// A filter on one name; any of the values fits.
pub(crate) fn filter<S: Into<String>>(name: &str, values: impl IntoIterator<Item = S>) -> Filter {
    let values = values.into_iter().map(Into::into).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}

/// A boolean as attribute calls take it.
pub(crate) fn attribute(value: bool) -> AttributeBooleanValue {
    AttributeBooleanValue::builder().value(value).build()
}

/// A text that AWS leaves empty instead of leaving it out.
pub(crate) fn text(value: Option<&str>) -> Option<String> {
    value.filter(|v| !v.is_empty()).map(str::to_owned)
}

/// Reads by a filter on ids: what is missing does not fail the call. Pages and chunks.
macro_rules! describe {
    ($cloud:expr, $items:expr, $method:ident, $op:literal, $filter:literal, $list:ident, $id:ident) => {{
        let ids: Vec<String> = $items.iter().map(|i| i.id.clone()).collect();
        $crate::aws::batch::by_id(
            ids,
            |chunk| async move {
                let mut pages = $cloud
                    .ec2()
                    .$method()
                    .filters($crate::ec2::shared::filter($filter, chunk))
                    .into_paginator()
                    .page_size($crate::ec2::shared::PAGE)
                    .send();
                let mut all = Vec::new();
                while let Some(page) = pages.next().await {
                    all.extend(page.op($op)?.$list.unwrap_or_default());
                }
                Ok(all)
            },
            |item| item.$id(),
        )
        .await?
    }};
}
pub(crate) use describe;

/// For a second call on what the first one made a moment ago: until every part of EC2 knows
/// the new id, the SDK repeats the call instead of failing. `E` is the second call's error.
pub(crate) fn just_made<E>() -> ConfigBuilder
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    aws_sdk_ec2::Config::builder().retry_classifier(JustMade::<E>(PhantomData))
}

struct JustMade<E>(PhantomData<fn() -> E>);

impl<E> fmt::Debug for JustMade<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JustMade")
    }
}

impl<E> ClassifyRetry for JustMade<E>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn classify_retry(&self, cx: &InterceptorContext) -> RetryAction {
        let error = cx.output_or_error().and_then(Result::err);
        let error = error.and_then(OrchestratorError::as_operation_error);
        match error.and_then(|e| e.downcast_ref::<E>()).and_then(|e| e.code()) {
            Some(code) if is_too_early(code) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "just made"
    }
}

fn is_too_early(code: &str) -> bool {
    code.ends_with(".NotFound") || matches!(code, "IncorrectState" | "IncorrectInstanceState")
}

/// Refuses a range that AWS would store in another form: it would differ at every plan.
pub(crate) fn check_cidr(property: &str, range: &str) -> Result<(), OpError> {
    match canonical(range) {
        Some(same) if same == range => Ok(()),
        Some(other) => Err(OpError::invalid(format!(
            "`{property}` is `{range}`, which AWS stores as `{other}`\n  what to do: write `{other}`"
        ))),
        None => Err(OpError::invalid(format!(
            "`{property}` is `{range}`, which is no range in CIDR notation, such as `10.0.0.0/16`"
        ))),
    }
}

/// The range with its host bits cleared, IPv6 in its shortest form.
fn canonical(range: &str) -> Option<String> {
    let (address, length) = range.split_once('/')?;
    let length: u32 = length.parse().ok()?;
    if let Ok(v4) = address.parse::<Ipv4Addr>() {
        let host = u32::MAX.checked_shr(length).unwrap_or(0);
        return (length <= 32)
            .then(|| format!("{}/{length}", Ipv4Addr::from(u32::from(v4) & !host)));
    }
    let v6: Ipv6Addr = address.parse().ok()?;
    let host = u128::MAX.checked_shr(length).unwrap_or(0);
    (length <= 128).then(|| format!("{}/{length}", Ipv6Addr::from(u128::from(v6) & !host)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_taken_only_as_aws_stores_them() {
        for good in ["0.0.0.0/0", "10.0.0.0/16", "10.1.2.3/32", "::/0", "2001:db8::/32", "::1/128"]
        {
            assert!(check_cidr("cidr_ip", good).is_ok(), "{good}");
        }
        for (bad, stored) in [
            ("10.0.0.1/16", "10.0.0.0/16"),
            ("1.2.3.4/0", "0.0.0.0/0"),
            ("2001:DB8::/32", "2001:db8::/32"),
            ("2001:db8::1/32", "2001:db8::/32"),
        ] {
            let error = check_cidr("cidr_ip", bad).unwrap_err();
            assert!(error.message.contains(&format!("write `{stored}`")), "{error}");
        }
        for nonsense in ["10.0.0.0", "10.0.0.0/33", "::/129", "x/8", "10.0.0.0/-1", ""] {
            let error = check_cidr("cidr_ip", nonsense).unwrap_err();
            assert!(error.message.contains("no range"), "{nonsense}: {error}");
        }
    }

    #[test]
    fn only_passing_errors_are_too_early() {
        assert!(is_too_early("InvalidVpcID.NotFound") && is_too_early("IncorrectInstanceState"));
        assert!(!is_too_early("InvalidParameterValue") && !is_too_early("UnauthorizedOperation"));
    }

    #[test]
    fn empty_texts_are_absent() {
        assert_eq!((text(Some("")), text(None)), (None, None));
        assert_eq!(text(Some("a")).as_deref(), Some("a"));
    }
}
