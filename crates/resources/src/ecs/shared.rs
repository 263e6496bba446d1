//! What ECS types share: tags, capacity providers, names in ARNs.

use aws_sdk_ecs::types::{CapacityProviderStrategyItem as SdkItem, Tag};

use super::sdk::sdk;
use crate::prelude::*;

crate::optional_tags!(Tag);

/// Sets and removes what differs between two sets of tags.
pub(crate) async fn retag(
    aws: &Aws,
    arn: &str,
    old: &Option<Tags>,
    new: &Option<Tags>,
) -> Result<()> {
    retagged!(
        aws.ecs(), resource_arn(arn), old => new, to_sdk,
        tag_resource: "ecs:TagResource",
        untag_resource: "ecs:UntagResource"
    )
}

/// How tasks are spread over capacity providers.
#[derive(Clone, Serialize, Deserialize, Properties)]
pub struct CapacityProviderStrategyItem {
    /// Name, such as `FARGATE` or `FARGATE_SPOT`.
    pub capacity_provider: String,
    /// Share of the tasks above every `base`, 0 to 1,000. Default: 0.
    #[field(server_default)]
    pub weight: Option<i32>,
    /// Tasks that run here before any other provider is used; for one provider only. Default: 0.
    #[field(server_default)]
    pub base: Option<i32>,
}

sdk! {
    CapacityProviderStrategyItem = SdkItem [expect];
    capacity_provider set_capacity_provider always;
    weight set_weight zero;
    base set_base zero;
}

/// What follows the last slash of an ARN; a name stays as it is.
pub(crate) fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The declared spelling when it means what AWS answers as an ARN: a name, or the ARN itself.
pub(crate) fn echo_name(declared: Option<&str>, arn: &str) -> String {
    match declared {
        Some(name) if name == last(arn) => name.to_owned(),
        _ => arn.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_another_way_to_say_an_arn() {
        let arn = "arn:aws:ecs:eu-central-1:1:cluster/web";
        assert_eq!(last(arn), "web");
        assert_eq!(echo_name(Some("web"), arn), "web");
        assert_eq!(echo_name(Some("api"), arn), arn);
        assert_eq!(echo_name(Some(arn), arn), arn);
        assert_eq!(echo_name(None, arn), arn);
    }
}
