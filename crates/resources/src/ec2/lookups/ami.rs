//! The newest image that fits. SDK call: DescribeImages. IAM: ec2:DescribeImages.

use crate::ec2::shared::filter;
use crate::prelude::*;

/// The newest available image of these owners whose name fits.
///
/// A newer image may appear any day: give the instance
/// `Options::new().ignore_changes(["image_id"])` unless that shall replace it.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::EC2::Ami", outputs = AmiOutputs)]
pub struct Ami {
    /// Account ids or aliases (`amazon`, `self`) of trusted owners; at least one.
    pub owners: Vec<String>,
    /// Name, with `*` and `?` as wildcards.
    pub name: String,
    /// `x86_64` or `arm64`. Default: any.
    pub architecture: Option<String>,
}

/// The image that was found.
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct AmiOutputs {
    /// Id, such as `ami-0abc`.
    pub image_id: String,
    /// Name.
    pub name: String,
    /// When it was made, RFC 3339.
    pub creation_date: String,
    /// Device of its root volume.
    pub root_device_name: Option<String>,
}

impl Lookup for Ami {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<AmiOutputs, OpError> {
        if self.owners.is_empty() {
            return Err(OpError::invalid("`owners` is empty: anybody could publish such an image"));
        }
        let mut call = cloud
            .ec2()
            .describe_images()
            .set_owners(Some(self.owners.clone()))
            .filters(filter("name", [&self.name]))
            .filters(filter("state", ["available"]));
        if let Some(architecture) = &self.architecture {
            call = call.filters(filter("architecture", [architecture]));
        }
        let answer = call.send().await.op("ec2:DescribeImages")?;
        // Dates are RFC 3339 in UTC, so they sort as text; ids decide between equals.
        let newest = answer
            .images
            .unwrap_or_default()
            .into_iter()
            .max_by_key(|i| (i.creation_date.clone(), i.image_id.clone()));
        let Some(image) = newest else {
            return Err(OpError::new(
                ErrorKind::NotFound,
                format!("no image of {} is named `{}`", self.owners.join(", "), self.name),
            ));
        };
        Ok(AmiOutputs {
            image_id: image.image_id.unwrap_or_default(),
            name: image.name.unwrap_or_default(),
            creation_date: image.creation_date.unwrap_or_default(),
            root_device_name: image.root_device_name,
        })
    }
}
