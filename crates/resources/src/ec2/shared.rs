//! What EC2 types share: filters, reads in batches, ranges.

use std::net::{Ipv4Addr, Ipv6Addr};

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter};

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

/// Reads a type by ids and finds it by our tag, both by filters: an id that is missing would
/// fail a whole call that asks for ids. In the type's file, this makes
/// - `describe(aws, items)`: what is there, by id;
/// - `find_owned(cx)`: the id of what carries our ownership tag. DescribeTags would tell of what
///   is gone already, too.
///
/// `paged` and `whole` say whether the call has pages; the names are the SDK's. With filter,
/// type and id alone, only `describe` is made, from the file's own `list(aws, filter)`.
macro_rules! described {
    ($kind:ident, $method:ident, $op:literal, $filter:literal, $list:ident, $sdk:ty, $id:ident) => {
        $crate::ec2::shared::described!($filter, $sdk, $id);

        async fn find_owned(cx: &Cx) -> Result<Option<String>> {
            let found = list(cx, $crate::ec2::shared::owned(cx)).await?;
            Ok(found.into_iter().find_map(|item| item.$id))
        }

        async fn list(aws: &Aws, by: aws_sdk_ec2::types::Filter) -> Result<Vec<$sdk>> {
            let call = aws.ec2().$method().filters(by);
            $crate::ec2::shared::described!(@$kind call, $op, $list)
        }
    };
    ($filter:literal, $sdk:ty, $id:ident) => {
        async fn describe<R>(
            aws: &Aws,
            items: &[ReadRequest<R>],
        ) -> Result<std::collections::HashMap<String, $sdk>> {
            let ids = items.iter().map(|i| i.id.clone()).collect();
            let fetch = |chunk| list(aws, $crate::ec2::shared::filter($filter, chunk));
            batch::by_id(ids, fetch, |item: &$sdk| item.$id()).await
        }
    };
    (@whole $call:ident, $op:literal, $list:ident) => {
        Ok($call.send().await.op($op)?.$list.unwrap_or_default())
    };
    (@paged $call:ident, $op:literal, $list:ident) => {{
        let mut pages = $call.into_paginator().page_size($crate::ec2::shared::PAGE).send();
        let mut all = Vec::new();
        while let Some(page) = pages.next().await {
            all.extend(page.op($op)?.$list.unwrap_or_default());
        }
        Ok(all)
    }};
}
pub(crate) use described;

/// Fits what carries the ownership tag of this urn and generation.
pub(crate) fn owned(cx: &Cx) -> Filter {
    filter(&format!("tag:{OWNER}"), [cx.owner_tag()])
}

/// Refuses a range that AWS would store in another form: it would differ at every plan.
pub(crate) fn check_cidr(property: &str, range: &str) -> Result<()> {
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
}
