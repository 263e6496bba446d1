//! What EC2 types share: filters, reads in batches, ranges.

use aws_sdk_ec2::types::{AttributeBooleanValue, Filter};
use ferrocrete_core::plan::network;

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

/// A range as AWS stores it, IPv6 in small letters and its shortest form; what is none, such as
/// the id of a prefix list, stays.
pub(crate) fn stored(range: &str) -> String {
    network(range).map_or_else(|| range.to_owned(), |net| net.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_known_as_aws_stores_it() {
        assert_eq!(stored("2001:DB8:0::/32"), "2001:db8::/32");
        assert_eq!(stored("10.0.0.0/16"), "10.0.0.0/16");
        assert_eq!(stored("pl-1"), "pl-1");
    }
}
