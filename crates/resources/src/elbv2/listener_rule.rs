//! `AWS::ElasticLoadBalancingV2::ListenerRule`: what happens to some of a listener's requests.
//!
//! | operation | SDK calls |
//! |---|---|
//! | create | CreateRule |
//! | read | DescribeRules, DescribeTags when tags are declared |
//! | find | DescribeRules of the listener, DescribeTags |
//! | update | SetRulePriorities, ModifyRule, AddTags, RemoveTags |
//! | delete | DeleteRule |
//!
//! Traps: a priority belongs to one rule of a listener. SetRulePriorities takes many at once, so rules
//! that exchange theirs are changed in one call. A target group belongs to one load balancer
//! (`TargetGroupAssociationLimit`, TF#22005), so a rule that takes its group to another one deletes
//! the old rule first. AWS never returns a client secret of OpenID Connect. Of network load balancers listeners
//! have no rules.
//! Left out: `transforms`, which rewrite host and path; `is_default`, always false; of actions
//! `actions.target_group_arn`, which a list of one in its configuration stands for;
//! `actions.authenticate_oidc_config.use_existing_client_secret`, because the secret is known;
//! `actions.jwt_validation_config`; of conditions the structs per field
//! (`conditions.host_header_config`, `conditions.path_pattern_config`,
//! `conditions.http_request_method_config`, `conditions.source_ip_config`,
//! `conditions.http_header_config.values`, `conditions.http_header_config.regex_values`), because the list of
//! values has them.
//! Differences:
//! - renamed `actions.action_type` (`actions.type`): a word that Rust reserves.
//! - renamed `conditions.http_header_name` (`conditions.http_header_config.http_header_name`),
//!   `conditions.query_string_values` (`conditions.query_string_config.values`): without the
//!   wrapping.
//! - read back `listener_arn`: AWS tells the rules of a listener.
//! - required `listener_arn`: there is no rule without a listener.

use aws_sdk_elasticloadbalancingv2::types::{Rule, RuleCondition, RulePriorityPair};
use ferrocrete_core::schema::Claim;
use ferrocrete_core::value::PropertyMap;

use super::action::{actions_from_sdk, actions_to_sdk};
use super::shared::{by_arn, declared_tags, first_of_ours, forwards, ids, retag, to_sdk};
use super::{Action, Condition};
use crate::prelude::*;

/// What happens to those of a listener's requests that fit all conditions.
#[derive(Clone, Serialize, Deserialize, Resource)]
#[resource(
    type = "AWS::ElasticLoadBalancingV2::ListenerRule",
    deleted_with = "listener_arn",
    unique("listener_arn", "priority"),
    together,
    claims = ListenerRule::claims,
    eventual("ListenerNotFound", "RuleNotFound", "TargetGroupNotFound"),
    iam(
        create(
            "elasticloadbalancing:CreateRule",
            "elasticloadbalancing:AddTags",
            "cognito-idp:DescribeUserPoolClient"
        ),
        read("elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"),
        find("elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTags"),
        update(
            "elasticloadbalancing:SetRulePriorities",
            "elasticloadbalancing:ModifyRule",
            "elasticloadbalancing:AddTags",
            "elasticloadbalancing:RemoveTags",
            "cognito-idp:DescribeUserPoolClient"
        ),
        delete("elasticloadbalancing:DeleteRule")
    )
)]
pub struct ListenerRule {
    /// ARN of the listener. Replaces.
    #[field(replaces)]
    pub listener_arn: String,
    /// Which rule is tried first: 1 to 50000, each once; the lowest wins.
    pub priority: i32,
    /// Which requests it is about, such as [`Condition::path`]: those that fit all of them.
    #[field(set)]
    pub conditions: Vec<Condition>,
    /// What happens to them, such as [`Action::forward`].
    pub actions: Vec<Action>,
    /// Tags; the stack's default tags are added.
    #[field(tags)]
    pub tags: Option<Tags>,
}

/// What AWS knows of a [`ListenerRule`].
#[derive(Clone, Serialize, Deserialize, Outputs)]
pub struct ListenerRuleOutputs {
    /// ARN.
    pub rule_arn: String,
}

const DESCRIBE: &str = "elasticloadbalancing:DescribeRules";

impl Resource for ListenerRule {
    type Cloud = Aws;

    async fn create(&self, cx: &Cx) -> Result<Made<Self>> {
        const CALL: &str = "elasticloadbalancing:CreateRule";
        self.turn(cx, Turn::Comes).await?;
        let call = cx
            .elasticloadbalancingv2()
            .create_rule()
            .listener_arn(&self.listener_arn)
            .priority(self.priority)
            .set_conditions(Some(self.conditions()?))
            .set_actions(Some(actions_to_sdk(&self.actions)))
            .set_tags(Some(to_sdk(&self.tags)));
        let answer = call.send().await.op(CALL)?;
        let made = answer.rules.unwrap_or_default().into_iter().next();
        let arn = need(need(made, CALL, "rule")?.rule_arn, CALL, "rule_arn")?;
        Ok(Made::Ready(arn.clone(), ListenerRuleOutputs { rule_arn: arn }))
    }

    async fn read(cloud: &Aws, items: &[ReadRequest<Self>]) -> Result<Vec<Option<Live<Self>>>> {
        let rules = by_arn(ids(items), |arns| async move {
            let call = cloud.elasticloadbalancingv2().describe_rules().set_rule_arns(Some(arns));
            Ok(call.send().await.op(DESCRIBE)?.rules.unwrap_or_default())
        })
        .await?;
        let there = |id: &str| rules.iter().find(|rule| rule.rule_arn() == Some(id));
        let tags = declared_tags(cloud, items, |id| there(id).is_some(), |i| &i.tags).await?;
        let one = |item: &ReadRequest<Self>| {
            let tags = tags.of(&item.id)?;
            there(&item.id).map(|rule| live(rule, &item.id, tags))
        };
        Ok(items.iter().map(one).collect())
    }

    async fn find(&self, cx: &Cx) -> Result<Option<String>> {
        let call = cx.elasticloadbalancingv2().describe_rules().listener_arn(&self.listener_arn);
        let mut pages = call.into_paginator().send();
        let mut arns = Vec::new();
        while let Some(page) = pages.next().await {
            let Some(page) = found(page.op(DESCRIBE))? else { break };
            let all = page.rules.unwrap_or_default().into_iter();
            let others = all.filter(|rule| rule.is_default != Some(true));
            arns.extend(others.filter_map(|rule| rule.rule_arn));
        }
        first_of_ours(cx, arns).await
    }

    async fn update(&self, cx: &Cx, id: &str, old: &Self, changes: &Changes) -> Result<Progress> {
        let elb = cx.elasticloadbalancingv2();
        if changes.has("tags") {
            retag(cx, id, &old.tags, &self.tags).await?;
        }
        if changes.has("priority") {
            let pair = RulePriorityPair::builder().rule_arn(id).priority(self.priority).build();
            self.turn(cx, Turn::Moves(pair)).await?;
        }
        if changes.any(&["conditions", "actions"]) {
            let mut call = elb.modify_rule().rule_arn(id);
            if changes.has("conditions") {
                call = call.set_conditions(Some(self.conditions()?));
            }
            if changes.has("actions") {
                call = call.set_actions(Some(actions_to_sdk(&self.actions)));
            }
            call.send().await.op("elasticloadbalancing:ModifyRule")?;
        }
        Ok(Progress::Done)
    }

    async fn delete(&self, cx: &Cx, id: &str) -> Result<Progress> {
        self.turn(cx, Turn::Goes(id.to_owned())).await?;
        Ok(Progress::Done)
    }
}

/// What happens to a rule's priority while others of the listener want it or give it up.
enum Turn {
    /// A new rule takes one.
    Comes,
    /// A rule takes another one.
    Moves(RulePriorityPair),
    /// A rule goes and gives its own up: its ARN.
    Goes(String),
}

/// Deletes who goes, then moves the others in one call; who comes does so afterwards.
async fn carry_out(aws: Aws, turns: Vec<Turn>) -> Result<()> {
    let elb = aws.elasticloadbalancingv2();
    let mut pairs = Vec::new();
    for turn in turns {
        match turn {
            Turn::Comes => {}
            Turn::Moves(pair) => pairs.push(pair),
            Turn::Goes(arn) => {
                let call = elb.delete_rule().rule_arn(arn);
                found(call.send().await.op("elasticloadbalancing:DeleteRule"))?;
            }
        }
    }
    if pairs.is_empty() {
        return Ok(());
    }
    let call = elb.set_rule_priorities().set_rule_priorities(Some(pairs));
    call.send().await.op("elasticloadbalancing:SetRulePriorities").map(drop)
}

impl ListenerRule {
    fn claims(properties: &PropertyMap) -> Vec<Claim> {
        let groups = forwards(properties, "listener_arn", "actions");
        groups.into_iter().map(Claim::apart).collect()
    }

    async fn turn(&self, cx: &Cx, turn: Turn) -> Result<()> {
        let aws = cx.cloud().clone();
        cx.together(turn, |turns| carry_out(aws, turns)).await
    }

    fn conditions(&self) -> Result<Vec<RuleCondition>> {
        self.conditions.iter().map(Condition::to_sdk).collect()
    }
}

fn live(rule: &Rule, arn: &str, tags: Option<Tags>) -> Live<ListenerRule> {
    Live::ready(
        ListenerRule {
            listener_arn: listener_of(arn),
            priority: rule.priority().and_then(|p| p.parse().ok()).unwrap_or_default(),
            conditions: rule.conditions().iter().map(Condition::from_sdk).collect(),
            actions: actions_from_sdk(rule.actions()),
            tags,
        },
        ListenerRuleOutputs { rule_arn: arn.to_owned() },
    )
}

/// The ARN of the listener, which stands in that of its rule.
fn listener_of(rule: &str) -> String {
    let listener = rule.rsplit_once('/').map_or(rule, |(listener, _)| listener);
    listener.replacen(":listener-rule/", ":listener/", 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_tells_its_listener() {
        let start = "arn:aws:elasticloadbalancing:eu-central-1:1:listener";
        let rule = format!("{start}-rule/app/a/50dc/f2f7/9683");
        assert_eq!(listener_of(&rule), format!("{start}/app/a/50dc/f2f7"));
    }
}
