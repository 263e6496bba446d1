//! An image by its tag. SDK call: DescribeImages. IAM: ecr:DescribeImages.

use aws_sdk_ecr::types::ImageIdentifier;

use crate::prelude::*;

/// An image of a repository by its tag.
///
/// Its `image_uri` names the image by digest: a task definition that uses it changes when the tag
/// goes to another image, and runs the same one for ever when not.
#[derive(Clone, Serialize, Deserialize, Lookup)]
#[lookup(type = "AWS::ECR::Image")]
pub struct Image {
    /// Name of the repository.
    pub repository_name: String,
    /// Tag of the image, such as `v1.4.2`. Default: `latest`.
    pub image_tag: Option<String>,
    /// Account whose repository it is. Default: one's own.
    pub registry_id: Option<String>,
}

/// The image that was found.
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ImageOutputs {
    /// Digest, such as `sha256:0abc…`.
    pub image_digest: String,
    /// What to run: the repository's URI, `@`, and the digest.
    pub image_uri: String,
    /// The repository's URI, such as `111122223333.dkr.ecr.eu-central-1.amazonaws.com/web`.
    pub repository_uri: String,
    /// Account whose repository it is.
    pub registry_id: String,
    /// All tags of the image.
    pub image_tags: Vec<String>,
}

impl Lookup for Image {
    type Cloud = Aws;

    async fn lookup(&self, cloud: &Aws) -> Result<ImageOutputs> {
        const CALL: &str = "ecr:DescribeImages";
        let tag = self.image_tag.as_deref().unwrap_or("latest");
        let answer = cloud
            .ecr()
            .describe_images()
            .set_registry_id(self.registry_id.clone())
            .repository_name(&self.repository_name)
            .image_ids(ImageIdentifier::builder().image_tag(tag).build())
            .send()
            .await
            .op(CALL);
        let answer = answer.map_err(|error| self.explain(cloud, tag, error))?;
        let images = answer.image_details.unwrap_or_default();
        let image = images.into_iter().next().ok_or_else(|| self.no_image(tag))?;
        let image_digest = need(image.image_digest, CALL, "image_digest")?;
        let registry_id = need(image.registry_id, CALL, "registry_id")?;
        let repository_uri = uri(&registry_id, cloud.region(), &self.repository_name);
        Ok(ImageOutputs {
            image_uri: format!("{repository_uri}@{image_digest}"),
            image_digest,
            repository_uri,
            registry_id,
            image_tags: image.image_tags.unwrap_or_default(),
        })
    }
}

impl Image {
    fn explain(&self, cloud: &Aws, tag: &str, error: OpError) -> OpError {
        if error.has_code("ImageNotFoundException") {
            return self.no_image(tag);
        }
        if error.has_code("RepositoryNotFoundException") {
            let whose = match &self.registry_id {
                Some(account) => format!("account {account}"),
                None => "this account".to_owned(),
            };
            return OpError::new(
                ErrorKind::NotFound,
                format!(
                    "{whose} has no repository `{}` in {}\n  what to do: create it first, or \
                     correct `repository_name`",
                    self.repository_name,
                    cloud.region()
                ),
            );
        }
        error
    }

    fn no_image(&self, tag: &str) -> OpError {
        OpError::new(
            ErrorKind::NotFound,
            format!(
                "repository `{}` has no image with tag `{tag}`\n  what to do: push it first, or \
                 correct `image_tag`",
                self.repository_name
            ),
        )
    }
}

fn uri(account: &str, region: &str, name: &str) -> String {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    format!("{account}.dkr.ecr.{region}.{suffix}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_of_its_partition() {
        assert_eq!(uri("1", "eu-west-1", "a/b"), "1.dkr.ecr.eu-west-1.amazonaws.com/a/b");
        assert_eq!(uri("1", "cn-north-1", "a"), "1.dkr.ecr.cn-north-1.amazonaws.com.cn/a");
    }
}
