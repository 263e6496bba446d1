//! A retrieval-augmented generation service on Fargate: documents in S3, model providers' keys
//! in Secrets Manager. Staging and production differ in configuration only.

use ferrocrete::components::{BucketAccess, FargateService, LoadBalancer, Network};
use ferrocrete::prelude::*;
use ferrocrete::s3::Bucket;
use ferrocrete::secretsmanager::{self, GenerateSecretString};

use crate::config::Rag;

/// The part of the bucket that the service uses.
const PREFIX: &str = "rag/";

pub fn program(stack: &Stack, config: Rag) {
    let global = stack.reference("global");
    let repository: Output<String> = global.output("repository_url");

    let network = stack.component(
        "network",
        Network::builder().zones(config.zones).nat_gateways(config.nat_gateways).build(),
    );
    let documents = stack.add(
        "documents",
        Bucket::builder().versioning_status("Enabled").empty_on_delete(config.disposable),
    );
    let openai = api_key(stack, "openai", config.openai_api_key, config.disposable);
    let anthropic = api_key(stack, "anthropic", config.anthropic_api_key, config.disposable);

    let web = stack.component(
        "web",
        LoadBalancer::builder()
            .placement(network.public())
            .maybe_certificate_arn(config.certificate_arn)
            .health_check_path("/health")
            .build(),
    );
    let tag = Output::of(config.image_tag);
    let service = stack.component(
        "service",
        FargateService::builder()
            .placement(network.with_egress())
            .traffic(web.traffic())
            .image(interpolate!("{repository}:{tag}"))
            .repository_arn(global.output("repository_arn"))
            .cpu(config.cpu)
            .memory(config.memory)
            .desired_count(config.tasks)
            .maybe_scaling(config.scaling)
            .environment("ENVIRONMENT", stack.name())
            .environment("DOCUMENTS_BUCKET", &documents.bucket_name)
            .environment("DOCUMENTS_PREFIX", PREFIX)
            .secret("OPENAI_API_KEY", &openai)
            .secret("ANTHROPIC_API_KEY", &anthropic)
            .bucket(BucketAccess::builder().bucket_arn(&documents.arn).prefix(PREFIX).build())
            .log_retention_in_days(config.log_retention_in_days)
            .build(),
    );

    stack.export("url", &web.url);
    stack.export("documents_bucket", &documents.bucket_name);
    stack.export("cluster", &service.cluster_name);
    stack.export("service", &service.service_name);
    stack.export("log_group", &service.log_group_name);
}

/// The secret that holds a provider's key; until it is given, something that no provider takes.
fn api_key(stack: &Stack, name: &str, key: Option<Secret>, disposable: bool) -> Output<String> {
    let secret = secretsmanager::Secret::builder()
        .description(format!("API key of {name}"))
        .recovery_window_in_days(if disposable { 0 } else { 30 });
    let secret = match key {
        Some(key) => stack.add(name, secret.secret_string(key)),
        None => {
            let placeholder = GenerateSecretString::builder().exclude_punctuation(true);
            stack.add(name, secret.generate_secret_string(placeholder))
        }
    };
    secret.secret_arn.clone()
}
