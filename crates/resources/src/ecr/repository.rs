//! `AWS::ECR::Repository`: where versions of a container image are kept.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateRepository; PutLifecyclePolicy, SetRepositoryPolicy where declared |
//! | read | DescribeRepositories, 100 a call; GetLifecyclePolicy, GetRepositoryPolicy, ListTagsForResource where declared |
//! | find | ListTagsForResource |
//! | update | PutImageScanningConfiguration, PutImageTagMutability, PutLifecyclePolicy, DeleteLifecyclePolicy, SetRepositoryPolicy, DeleteRepositoryPolicy, TagResource, UntagResource |
//! | delete | DeleteRepository |
//!
//! Traps: one missing name fails DescribeRepositories as a whole; then each is asked for alone. A
//! repository made moments ago may be unknown to the calls that set its policies, and a policy that
//! names a role made moments ago is refused as `InvalidParameterException`, which means everything:
//! `Invalid repository policy provided` (Terraform's provider waits that out in
//! `internal/service/ecr/repository_policy.go`).
//! `empty_on_delete` works once it has been applied: set it, run `up`, destroy.
//! Left out: `lifecycle_policy.registry_id`, which can only be the account's.
//! Differences:
//! - renamed `lifecycle_policy_text` (`lifecycle_policy.lifecycle_policy_text`): without the
//!   wrapping.
//! - renamed `image_tag_mutability_exclusion_filters.filter`
//!   (`image_tag_mutability_exclusion_filters.image_tag_mutability_exclusion_filter_value`),
//!   `image_tag_mutability_exclusion_filters.filter_type`
//!   (`image_tag_mutability_exclusion_filters.image_tag_mutability_exclusion_filter_type`): as the
//!   SDK has them.

mod aspects;

use aws_sdk_ecr::types::{
    EncryptionConfiguration as SdkEncryption, ImageTagMutability, Repository as SdkRepository, Tag,
};

use crate::aws::answer::{advise, ours_or};
use crate::prelude::*;

crate::required_tags!(Tag);

/// Where versions of a container image are kept.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ECR::Repository",
    identity("repository_name"),
    eventual(
        "InvalidParameterException" = "Invalid repository policy provided",
        "KmsException",
        "RepositoryNotFoundException"
    ),
    iam(
        create(
            "ecr:CreateRepository",
            "ecr:TagResource",
            "ecr:PutLifecyclePolicy",
            "ecr:SetRepositoryPolicy",
            "ecr:ListTagsForResource",
            "kms:DescribeKey",
            "kms:CreateGrant"
        ),
        read(
            "ecr:DescribeRepositories",
            "ecr:GetLifecyclePolicy",
            "ecr:GetRepositoryPolicy",
            "ecr:ListTagsForResource"
        ),
        find("ecr:ListTagsForResource"),
        update(
            "ecr:PutImageScanningConfiguration",
            "ecr:PutImageTagMutability",
            "ecr:PutLifecyclePolicy",
            "ecr:DeleteLifecyclePolicy",
            "ecr:SetRepositoryPolicy",
            "ecr:DeleteRepositoryPolicy",
            "ecr:TagResource",
            "ecr:UntagResource"
        ),
        delete("ecr:DeleteRepository", "kms:RetireGrant")
    )
)]
pub struct Repository {
    /// Name: 2 to 256 small letters, digits and `._-/`. Default: derived from the urn. Replaces.
    #[field(replaces, name(max = 256, lowercase, extra = "._-/"))]
    pub repository_name: Option<String>,
    /// Whether a tag may go to another image: `MUTABLE`, `IMMUTABLE`, or
    /// `MUTABLE_WITH_EXCLUSION`, `IMMUTABLE_WITH_EXCLUSION` with exceptions. Default: `MUTABLE`.
    #[field(server_default)]
    pub image_tag_mutability: Option<String>,
    /// Tags that are an exception to `image_tag_mutability`, up to 5.
    #[field(by("filter"))]
    pub image_tag_mutability_exclusion_filters: Option<Vec<ImageTagMutabilityExclusionFilter>>,
    /// Whether images are scanned for known vulnerabilities. Default: as the registry says.
    #[field(server_default)]
    pub image_scanning_configuration: Option<ImageScanningConfiguration>,
    /// Encryption at rest. Default: AES256. Replaces.
    #[field(replaces, server_default)]
    pub encryption_configuration: Option<EncryptionConfiguration>,
    /// Which images expire, as JSON or as a [`super::LifecyclePolicy`]. Default: none.
    #[field(json)]
    pub lifecycle_policy_text: Option<String>,
    /// Who else may use it, as JSON or as an `iam::PolicyDocument`. Default: nobody outside the
    /// account.
    #[field(policy)]
    pub repository_policy_text: Option<String>,
    /// Delete all images with the repository. Default: false, so that a repository with images
    /// refuses to go.
    #[field(write_only)]
    pub empty_on_delete: Option<bool>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// Tags that are an exception to a [`Repository`]'s mutability.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ImageTagMutabilityExclusionFilter {
    /// `WILDCARD`, which is the only one.
    pub filter_type: String,
    /// The tag, with `*` as wildcard.
    pub filter: String,
}

/// Whether images of a [`Repository`] are scanned.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct ImageScanningConfiguration {
    /// When they are pushed.
    pub scan_on_push: bool,
}

/// How a [`Repository`] is encrypted.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct EncryptionConfiguration {
    /// `AES256`, `KMS` or `KMS_DSSE`.
    pub encryption_type: String,
    /// KMS key by id, alias or ARN. Default: the account's key for ECR.
    #[field(server_default)]
    pub kms_key: Option<String>,
}

/// What AWS knows of a [`Repository`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct RepositoryOutputs {
    /// Name.
    #[output(from_input)]
    pub repository_name: String,
    /// ARN.
    pub arn: String,
    /// Where images are pushed and pulled, such as
    /// `111122223333.dkr.ecr.eu-central-1.amazonaws.com/web`.
    pub repository_uri: String,
    /// Account whose repository it is.
    pub registry_id: String,
}

/// Names of the properties that are set by calls of their own after the create.
const ASPECTS: [&str; 2] = ["lifecycle_policy_text", "repository_policy_text"];

impl Resource for Repository {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "ecr:CreateRepository";
        let name = self.name();
        let call = cx
            .ecr()
            .create_repository()
            .repository_name(&name)
            .set_image_tag_mutability(
                self.image_tag_mutability.as_deref().map(ImageTagMutability::from),
            )
            .set_image_tag_mutability_exclusion_filters(aspects::filters(self))
            .set_image_scanning_configuration(
                self.image_scanning_configuration.as_ref().map(aspects::scanning),
            )
            .set_encryption_configuration(self.encryption())
            .set_tags(Some(to_sdk(&self.tags)));
        let repository = match call.send().await.op(CALL) {
            Ok(answer) => Some(need(answer.repository, CALL, "repository")?),
            // Made by an attempt before this one, perhaps without what follows.
            Err(error) => ours_or(self, cx, error).await.map(|_| None)?,
        };
        let declared: Vec<&str> = ASPECTS.into_iter().filter(|a| self.declares(a)).collect();
        if !declared.is_empty() {
            cx.accepted(&name).await?;
            for aspect in declared {
                aspects::apply(self, cx, &name, aspect).await?;
            }
        }
        Ok(match repository {
            Some(repository) => Made::Ready(name, aspects::outputs(&repository)),
            None => Made::Pending(name),
        })
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let names: Vec<String> = items.iter().map(|i| i.id.clone()).collect();
        let all = describe(cloud, names).await?;
        batch::each(items, |item| {
            let repository = all.iter().find(|r| r.repository_name() == Some(&item.id));
            async move {
                let Some(repository) = repository else { return Ok(None) };
                aspects::live(cloud, repository, item.inputs.as_ref()).await
            }
        })
        .await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let name = self.name();
        let arn = cx.arn("ecr", &format!("repository/{name}")).await?;
        let tags = aspects::list_tags(cx, &arn).await?.flatten();
        Ok(tags::is_ours(cx, &tags).then_some(name))
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        aspects::update(self, cx, id, old, changes).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        let empties = self.empty_on_delete == Some(true);
        let call = cx.ecr().delete_repository().repository_name(id).force(empties);
        match call.send().await.op("ecr:DeleteRepository") {
            Err(error) if error.has_code("RepositoryNotEmptyException") => Err(advise(
                error,
                "delete its images, or set `empty_on_delete` to true and run `up` before you \
                 delete it",
            )),
            other => gone(other),
        }
    }
}

impl Repository {
    /// The name as AWS writes it.
    fn name(&self) -> String {
        self.repository_name.clone().unwrap_or_default().to_ascii_lowercase()
    }

    fn declares(&self, aspect: &str) -> bool {
        match aspect {
            "lifecycle_policy_text" => self.lifecycle_policy_text.is_some(),
            "repository_policy_text" => self.repository_policy_text.is_some(),
            _ => false,
        }
    }

    fn encryption(&self) -> Option<SdkEncryption> {
        self.encryption_configuration.as_ref().map(|e| {
            SdkEncryption::builder()
                .encryption_type(e.encryption_type.as_str().into())
                .set_kms_key(e.kms_key.clone())
                .build()
                .expect("the type is set")
        })
    }
}

/// The repositories of these names that are there.
async fn describe(aws: &Aws, names: Vec<String>) -> Result<Vec<SdkRepository>> {
    /// Most repositories of one call.
    const CHUNK: usize = 100;
    let ask = async |names: Vec<String>| {
        let call = aws.ecr().describe_repositories().set_repository_names(Some(names));
        let answer = found(call.send().await.op("ecr:DescribeRepositories"))?;
        Ok::<_, OpError>(answer.map(|a| a.repositories.unwrap_or_default()))
    };
    let mut all = Vec::new();
    for chunk in names.chunks(CHUNK) {
        match ask(chunk.to_vec()).await? {
            Some(found) => all.extend(found),
            None if chunk.len() > 1 => {
                let each = batch::each(chunk, |name| ask(vec![name.clone()])).await?;
                all.extend(each.into_iter().flatten().flatten());
            }
            None => {}
        }
    }
    Ok(all)
}
