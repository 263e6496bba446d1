//! [`LifecyclePolicy`]: which images expire, said in Rust instead of JSON text.

use ferrocrete_core::Input;
use serde_json::{Value, json};

/// Which images of a repository expire; accepted where a property takes such a policy as JSON
/// text.
///
/// An image is judged by the first rule that fits it. Rules about every image come last, whatever
/// the order in which they are added, because ECR wants it so.
///
/// ```
/// use ferrocrete_resources::ecr::{LifecyclePolicy, Repository};
/// Repository::builder().lifecycle_policy_text(
///     LifecyclePolicy::new().expire_untagged_after_days(7).keep_last_tagged(["v"], 50).keep_last(100),
/// );
/// ```
#[derive(Clone, Debug, Default)]
pub struct LifecyclePolicy {
    some: Vec<Value>,
    every: Vec<Value>,
}

impl LifecyclePolicy {
    /// A policy by which nothing expires yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Keeps so many images, the newest ones.
    #[must_use]
    pub fn keep_last(mut self, images: u32) -> Self {
        self.every.push(json!({"tagStatus": "any", "countType": MORE_THAN, "countNumber": images}));
        self
    }

    /// Keeps images so many days after their push.
    #[must_use]
    pub fn expire_after_days(mut self, days: u32) -> Self {
        self.every.push(json!({
            "tagStatus": "any", "countType": SINCE_PUSH, "countUnit": "days", "countNumber": days,
        }));
        self
    }

    /// Keeps so many untagged images, the newest ones.
    #[must_use]
    pub fn keep_last_untagged(mut self, images: u32) -> Self {
        self.some
            .push(json!({"tagStatus": "untagged", "countType": MORE_THAN, "countNumber": images}));
        self
    }

    /// Keeps untagged images, such as those whose tag went to a newer one, so many days after
    /// their push.
    #[must_use]
    pub fn expire_untagged_after_days(mut self, days: u32) -> Self {
        self.some.push(json!({
            "tagStatus": "untagged", "countType": SINCE_PUSH, "countUnit": "days",
            "countNumber": days,
        }));
        self
    }

    /// Keeps so many images, the newest ones, of those that have tags beginning with each of
    /// these prefixes.
    #[must_use]
    pub fn keep_last_tagged<X: Into<String>>(
        mut self,
        prefixes: impl IntoIterator<Item = X>,
        images: u32,
    ) -> Self {
        let prefixes: Vec<String> = prefixes.into_iter().map(Into::into).collect();
        self.some.push(json!({
            "tagStatus": "tagged", "tagPrefixList": prefixes, "countType": MORE_THAN,
            "countNumber": images,
        }));
        self
    }

    /// The policy as JSON text.
    pub fn to_json(&self) -> String {
        let rules = self.some.iter().chain(&self.every).zip(1..).map(|(selection, priority)| {
            json!({
                "rulePriority": priority,
                "selection": selection,
                "action": {"type": "expire"},
            })
        });
        json!({"rules": rules.collect::<Vec<_>>()}).to_string()
    }
}

const MORE_THAN: &str = "imageCountMoreThan";
const SINCE_PUSH: &str = "sinceImagePushed";

impl From<LifecyclePolicy> for Input<String> {
    fn from(policy: LifecyclePolicy) -> Self {
        policy.to_json().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_about_every_image_come_last() {
        let policy = LifecyclePolicy::new()
            .keep_last(100)
            .expire_after_days(400)
            .expire_untagged_after_days(7)
            .keep_last_untagged(3)
            .keep_last_tagged(["v", "r"], 50);
        let found: Value = serde_json::from_str(&policy.to_json()).expect("JSON");
        let rule = |priority: u32, selection: Value| {
            json!({
                "rulePriority": priority, "selection": selection, "action": {"type": "expire"},
            })
        };
        let days = |status: &str, days: u32| {
            json!({
                "tagStatus": status, "countType": "sinceImagePushed", "countUnit": "days",
                "countNumber": days,
            })
        };
        let last = |status: &str, images: u32| json!({"tagStatus": status, "countType": "imageCountMoreThan", "countNumber": images});
        let mut tagged = last("tagged", 50);
        tagged["tagPrefixList"] = json!(["v", "r"]);
        let rules = [
            rule(1, days("untagged", 7)),
            rule(2, last("untagged", 3)),
            rule(3, tagged),
            rule(4, last("any", 100)),
            rule(5, days("any", 400)),
        ];
        assert_eq!(found, json!({"rules": rules}));
    }
}
