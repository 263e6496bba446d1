//! Finding what an interrupted create made, by its ownership tag.

use aws_sdk_ec2::types::Filter;

use super::shared::filter;
use crate::prelude::*;

/// Fits what carries the ownership tag of this urn and generation.
pub(crate) fn owned(cx: &Cx<Aws>) -> Filter {
    filter(&format!("tag:{OWNER}"), [cx.owner_tag()])
}

/// The id of the resource that is ours: one call of the type's own describe, because
/// DescribeTags also tells of what is gone already.
macro_rules! find_owned {
    ($cx:expr, $method:ident, $op:literal, $list:ident, $id:ident) => {{
        let call = $cx.ec2().$method().filters($crate::ec2::find::owned($cx));
        let answer = call.send().await.op($op)?;
        Ok(answer.$list().iter().find_map(|item| item.$id.clone()))
    }};
}
pub(crate) use find_owned;
