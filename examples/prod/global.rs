//! What the other environments share: images, and the place of their state.

use ferrocrete::components::StateBackend;
use ferrocrete::ecr::{ImageScanningConfiguration, LifecyclePolicy, Repository};
use ferrocrete::prelude::*;

use crate::config::Global;

pub fn program(stack: &Stack, config: Global) {
    let repository = stack.add(
        "rag",
        Repository::builder()
            .repository_name(&config.repository)
            .image_tag_mutability("IMMUTABLE")
            .image_scanning_configuration(ImageScanningConfiguration::builder().scan_on_push(true))
            .lifecycle_policy_text(LifecyclePolicy::new().keep_last(config.kept_images))
            .empty_on_delete(config.disposable),
    );
    let state =
        stack.component("state", StateBackend::builder().disposable(config.disposable).build());

    stack.export("repository_url", &repository.repository_uri);
    stack.export("repository_arn", &repository.arn);
    stack.export("backend", &state.url);
}
