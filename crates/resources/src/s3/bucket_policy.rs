//! `AWS::S3::BucketPolicy`: who may do what with a bucket.
//!
//! | operation | SDK calls | IAM actions |
//! |---|---|---|
//! | create, update | PutBucketPolicy | s3:PutBucketPolicy |
//! | read | GetBucketPolicy | s3:GetBucketPolicy |
//! | delete | none when the bucket goes too, else DeleteBucketPolicy | s3:DeleteBucketPolicy |
//!
//! Traps: a bucket has one policy; declaring it takes over whatever policy was there.

use crate::prelude::*;

/// Who may do what with a bucket.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::S3::BucketPolicy",
    outputs = BucketPolicyOutputs,
    link = "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucketpolicy.html",
    delete_before_replace,
    deleted_with = "bucket",
    eventual("NoSuchBucket", "MalformedPolicy", "OperationAborted"),
    iam(
        create("s3:PutBucketPolicy"),
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
    #[field(json)]
    pub policy_document: String,
}

/// What is known of a [`BucketPolicy`].
#[derive(Clone, Debug, Serialize, Deserialize, Outputs)]
pub struct BucketPolicyOutputs {
    /// Name of the bucket.
    #[output(from_input)]
    pub bucket: String,
}

async fn get(aws: &Aws, bucket: String) -> Result<Option<Live<BucketPolicy>>, OpError> {
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
    async fn put(&self, aws: &Aws) -> Result<(), OpError> {
        let call = aws.s3().put_bucket_policy().bucket(&self.bucket).policy(&self.policy_document);
        call.send().await.op("s3:PutBucketPolicy").map(drop)
    }
}

impl Resource for BucketPolicy {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx<Aws>) -> Result<Made<Self>, OpError> {
        self.put(cx).await?;
        let bucket = self.bucket.clone();
        Ok(Made::Ready(bucket.clone(), BucketPolicyOutputs { bucket }))
    }

    async fn read(
        cloud: &Aws,
        items: &[ReadRequest<Self>],
    ) -> Result<Vec<Option<Live<Self>>>, OpError> {
        batch::each(items, |item| get(cloud, item.id.clone())).await
    }

    async fn find(&self, cx: &Cx<Aws>) -> Result<Option<String>, OpError> {
        Ok(get(cx, self.bucket.clone()).await?.map(|l| l.outputs.bucket))
    }

    async fn update(
        &self,
        cx: &Cx<Aws>,
        _: &str,
        _: &Self,
        _: &Changes,
    ) -> Result<Progress, OpError> {
        self.put(cx).await?;
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx<Aws>, id: &str) -> Result<Progress, OpError> {
        found(cx.s3().delete_bucket_policy().bucket(id).send().await.op("s3:DeleteBucketPolicy"))?;
        Ok(Progress::Done)
    }
}
