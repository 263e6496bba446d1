//! Which web pages of other origins may use a bucket.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule as SdkRule};

use super::aspects::{absent, bad};
use crate::prelude::*;

/// Which web pages of other origins may use the bucket.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct CorsRule {
    /// Origins, such as `https://example.org`; one `*` is allowed in each.
    #[field(set)]
    pub allowed_origins: Vec<String>,
    /// `GET`, `PUT`, `HEAD`, `POST`, `DELETE`.
    #[field(set)]
    pub allowed_methods: Vec<String>,
    /// Request headers that are allowed. Default: none.
    #[field(set)]
    pub allowed_headers: Option<Vec<String>>,
    /// Response headers that the page may see. Default: none.
    #[field(set)]
    pub exposed_headers: Option<Vec<String>>,
    /// Name, up to 255 characters. Default: none.
    pub id: Option<String>,
    /// Seconds that the browser keeps the answer. Default: its own choice.
    pub max_age: Option<i32>,
}

pub(super) async fn put(aws: &Aws, name: &str, rules: Option<&[CorsRule]>) -> Result<()> {
    let rules: Vec<SdkRule> =
        rules.unwrap_or_default().iter().map(to_sdk).collect::<Result<_, _>>()?;
    if rules.is_empty() {
        let call = aws.s3().delete_bucket_cors().bucket(name);
        return absent(call.send().await.op("s3:PutBucketCORS")).map(drop);
    }
    let wanted = CorsConfiguration::builder().set_cors_rules(Some(rules)).build().map_err(bad)?;
    let call = aws.s3().put_bucket_cors().bucket(name).cors_configuration(wanted);
    call.send().await.op("s3:PutBucketCORS").map(drop)
}

pub(super) async fn read(aws: &Aws, name: &str) -> Result<Option<Vec<CorsRule>>> {
    let answer = aws.s3().get_bucket_cors().bucket(name).send().await;
    let answer = absent(answer.op("s3:GetBucketCORS"))?;
    Ok(answer.map(|a| a.cors_rules().iter().map(from_sdk).collect()))
}

fn to_sdk(rule: &CorsRule) -> Result<SdkRule> {
    SdkRule::builder()
        .set_allowed_origins(Some(rule.allowed_origins.clone()))
        .set_allowed_methods(Some(rule.allowed_methods.clone()))
        .set_allowed_headers(rule.allowed_headers.clone())
        .set_expose_headers(rule.exposed_headers.clone())
        .set_id(rule.id.clone())
        .set_max_age_seconds(rule.max_age)
        .build()
        .map_err(bad)
}

fn from_sdk(rule: &SdkRule) -> CorsRule {
    CorsRule {
        allowed_origins: rule.allowed_origins.clone(),
        allowed_methods: rule.allowed_methods.clone(),
        allowed_headers: rule.allowed_headers.clone().filter(|h| !h.is_empty()),
        exposed_headers: rule.expose_headers.clone().filter(|h| !h.is_empty()),
        id: rule.id.clone(),
        max_age: rule.max_age_seconds,
    }
}
