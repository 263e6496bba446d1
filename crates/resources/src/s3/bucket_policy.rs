//! `AWS::S3::BucketPolicy`: who may do what with a bucket.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | GetBucketPolicy, PutBucketPolicy |
//! | read, find | GetBucketPolicy |
//! | update | PutBucketPolicy |
//! | delete | none when the bucket goes too, else DeleteBucketPolicy |
//!
//! Traps: a bucket has one policy, without tags, and PutBucketPolicy overwrites it silently:
//! create looks first, and a policy that means the same counts as ours. A principal that IAM made
//! moments ago is `Invalid principal in policy` (TF: `internal/service/s3/bucket_policy.go`); any
//! other malformed policy is a mistake. S3 rewrites an account
//! id in `Principal` to the ARN of the account's root, which compares as equal.
//! Left out: nothing.

use ferrocrete_core::plan::same_policy;

use crate::prelude::*;

/// Who may do what with a bucket.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::S3::BucketPolicy",
    identity("bucket"),
    global,
    deleted_with = "bucket",
    eventual("NoSuchBucket", "MalformedPolicy" = "Invalid principal in policy"),
    busy("OperationAborted"),
    iam(
        create("s3:GetBucketPolicy", "s3:PutBucketPolicy"),
        find("s3:GetBucketPolicy"),
        read("s3:GetBucketPolicy"),
        update("s3:PutBucketPolicy"),
        delete("s3:DeleteBucketPolicy")
    )
)]
pub struct BucketPolicy {
    /// Name of the bucket. Replaces.
    #[field(replaces)]
    pub bucket: String,
    /// The JSON policy document.
    #[field(policy)]
    pub policy_document: String,
}

/// What is known of a [`BucketPolicy`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct BucketPolicyOutputs {
    /// Name of the bucket.
    #[output(from_input)]
    pub bucket: String,
}

async fn get(aws: &Aws, bucket: String) -> Result<Option<Live<BucketPolicy>>> {
    let answer = aws.s3().get_bucket_policy().bucket(&bucket).send().await;
    let policy = found(answer.op("s3:GetBucketPolicy"))?.and_then(|a| a.policy);
    Ok(policy.map(|policy_document| {
        Live::ready(
            BucketPolicy { bucket: bucket.clone(), policy_document },
            BucketPolicyOutputs { bucket },
        )
    }))
}

impl BucketPolicy {
    async fn put(&self, aws: &Aws) -> Result<()> {
        let call = aws.s3().put_bucket_policy().bucket(&self.bucket).policy(&self.policy_document);
        call.send().await.op("s3:PutBucketPolicy").map(drop)
    }
}

impl Resource for BucketPolicy {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        let bucket = self.bucket.clone();
        let there = get(cx, bucket.clone()).await?;
        if there.is_some_and(|l| !same_policy(&l.inputs.policy_document, &self.policy_document)) {
            return Err(OpError::new(
                ErrorKind::AlreadyExists,
                format!(
                    "bucket `{bucket}` has another policy, which is not ours\n  what to do: delete that policy first"
                ),
            ));
        }
        self.put(cx).await?;
        Ok(Made::Ready(bucket.clone(), BucketPolicyOutputs { bucket }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        batch::each(items, |item| get(cloud, item.id.clone())).await
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let there = get(cx, self.bucket.clone()).await?;
        Ok(there
            .filter(|l| same_policy(&l.inputs.policy_document, &self.policy_document))
            .map(|l| l.outputs.bucket))
    }

    async fn update(&self, cx: &Cx, _: &str, _: &Self, _: &Changes) -> Result<Progress> {
        self.put(cx).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        found(cx.s3().delete_bucket_policy().bucket(id).send().await.op("s3:DeleteBucketPolicy"))?;
        Ok(Progress::Done)
    }
}
