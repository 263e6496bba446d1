//! What the tests of network types share.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::Tag;
use ferrocrete_core::execute::Report;
use ferrocrete_core::{Handle, Stack};
use ferrocrete_resources::ec2::Vpc;

/// A VPC to put things into.
pub fn vpc(stack: &Stack, name: &str, cidr: &str) -> Handle<Vpc> {
    stack.add(name, Vpc::builder().cidr_block(cidr))
}

/// The value of a tag.
pub fn tag<'t>(tags: &'t [Tag], key: &str) -> Option<&'t str> {
    tags.iter().find(|t| t.key() == Some(key)).and_then(Tag::value)
}

/// Somebody tags by hand.
pub async fn tag_by_hand(ec2: &Client, id: &str, key: &str, value: &str) {
    let tag = Tag::builder().key(key).value(value).build();
    ec2.create_tags().resources(id).tags(tag).send().await.unwrap();
}

/// The code of the only failure; what went through besides does not matter.
pub fn failure(report: &Report) -> &str {
    assert_eq!(report.failures.len(), 1, "{:?}", report.failures);
    let error = &report.failures[0].error;
    error.code.as_deref().unwrap_or_else(|| panic!("no code: {error}"))
}
