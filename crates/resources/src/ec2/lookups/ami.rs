//! The newest image that fits. SDK call: DescribeImages. IAM: ec2:DescribeImages.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Image;

use crate::ec2::shared::{PAGE, filter};
use crate::prelude::*;

/// The newest available image of these owners that fits every filter; deprecated ones left out.
///
/// A newer image may appear any day, and an instance that uses this answer is then replaced.
/// Give the instance the option `ignore_changes` with `image_id` to keep the image that it was
/// launched with.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::EC2::Ami")]
pub struct Ami {
    /// Account ids or aliases (`amazon`, `aws-marketplace`, `self`) of owners to trust; at
    /// least one, because anybody can publish an image under any name.
    pub owners: Vec<String>,
    /// Name, with `*` and `?` as wildcards, such as `al2023-ami-2023.*`.
    pub name: Option<String>,
    /// `x86_64`, `arm64`, `i386` or `x86_64_mac`. Default: any.
    pub architecture: Option<String>,
    /// Further filters of DescribeImages by name, such as `virtualization-type`: any of the
    /// values fits.
    pub filters: Option<BTreeMap<String, Vec<String>>>,
}

/// The image that was found.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct AmiOutputs {
    /// Id, such as `ami-0abc`.
    pub image_id: String,
    /// Name.
    pub name: String,
    /// Account id of its owner.
    pub owner_id: String,
    /// When it was made, in RFC 3339.
    pub creation_date: String,
    /// `x86_64`, `arm64`, `i386` or `x86_64_mac`.
    pub architecture: String,
    /// Device of its root volume, such as `/dev/xvda`, for `block_device_mappings`.
    pub root_device_name: String,
}

impl Lookup for Ami {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<AmiOutputs> {
        if self.owners.is_empty() {
            return Err(OpError::invalid("`owners` is empty: anybody could publish such an image"));
        }
        let mut call = cloud
            .ec2()
            .describe_images()
            .set_owners(Some(self.owners.clone()))
            .filters(filter("state", ["available"]));
        if let Some(name) = &self.name {
            call = call.filters(filter("name", [name]));
        }
        if let Some(architecture) = &self.architecture {
            call = call.filters(filter("architecture", [architecture]));
        }
        for (name, values) in self.filters.iter().flatten() {
            call = call.filters(filter(name, values));
        }
        let mut pages = call.into_paginator().page_size(PAGE).send();
        let mut best = None;
        while let Some(page) = pages.next().await {
            let images = page.op("ec2:DescribeImages")?.images.unwrap_or_default();
            best = newest(best.into_iter().chain(images));
        }
        let image = best.ok_or_else(|| self.nothing(cloud))?;
        Ok(AmiOutputs {
            image_id: need(image.image_id, "ec2:DescribeImages", "image_id")?,
            name: image.name.unwrap_or_default(),
            owner_id: image.owner_id.unwrap_or_default(),
            creation_date: image.creation_date.unwrap_or_default(),
            architecture: image.architecture.map(|a| a.as_str().to_owned()).unwrap_or_default(),
            root_device_name: image.root_device_name.unwrap_or_default(),
        })
    }
}

impl Ami {
    fn nothing(&self, cloud: &Aws) -> OpError {
        let name = self.name.as_deref().unwrap_or("*");
        OpError::new(
            ErrorKind::NotFound,
            format!(
                "no available image of {} in {} is named `{name}` and fits the other filters",
                self.owners.join(", "),
                cloud.region()
            ),
        )
    }
}

/// Dates are RFC 3339 in UTC, so they sort as text; ids decide between equals.
fn newest(images: impl Iterator<Item = Image>) -> Option<Image> {
    images.max_by(|a, b| (a.creation_date(), a.image_id()).cmp(&(b.creation_date(), b.image_id())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_wins_and_the_id_decides_between_equals() {
        let image =
            |id: &str, date: &str| Image::builder().image_id(id).creation_date(date).build();
        let all = [
            image("ami-2", "2025-01-02T00:00:00.000Z"),
            image("ami-3", "2025-01-02T00:00:00.000Z"),
            image("ami-9", "2024-12-31T00:00:00.000Z"),
        ];
        let found = newest(all.into_iter()).unwrap();
        assert_eq!(found.image_id(), Some("ami-3"));
        assert!(newest(std::iter::empty()).is_none());
    }
}
