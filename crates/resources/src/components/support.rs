//! What several components need.

use std::collections::BTreeMap;

use ferrocrete_core::resource::Tags;
use ferrocrete_core::{Handle, Input, Output, Stack};

use crate::ec2::{SecurityGroup, SecurityGroupIngress};
use crate::iam::{PolicyDocument, Role, Statement};

/// Several inputs, whose number is known: `[&a.id, &b.id]`, `&network.private_subnet_ids`.
#[derive(Debug, Clone, Default)]
pub struct Inputs(Vec<Input<String>>);

impl Inputs {
    /// One by one.
    pub fn iter(&self) -> std::slice::Iter<'_, Input<String>> {
        self.0.iter()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// As the value of a property.
    pub fn to_input(&self) -> Input<Vec<String>> {
        self.0.iter().collect()
    }
}

impl<X: Into<Input<String>>> FromIterator<X> for Inputs {
    fn from_iter<I: IntoIterator<Item = X>>(items: I) -> Self {
        Self(items.into_iter().map(Into::into).collect())
    }
}

impl<X: Into<Input<String>>, const N: usize> From<[X; N]> for Inputs {
    fn from(items: [X; N]) -> Self {
        items.into_iter().collect()
    }
}

impl<X: Into<Input<String>>> From<Vec<X>> for Inputs {
    fn from(items: Vec<X>) -> Self {
        items.into_iter().collect()
    }
}

impl<'a, X> From<&'a Vec<X>> for Inputs
where
    &'a X: Into<Input<String>>,
{
    fn from(items: &'a Vec<X>) -> Self {
        items.iter().collect()
    }
}

/// The `Name` tag, which the AWS console shows: project, stack and a name.
pub(super) fn named(scope: &Stack, name: &str) -> Tags {
    let name = format!("{}-{}-{name}", scope.project(), scope.name());
    Tags::from([("Name".to_owned(), name)])
}

/// A security group that lets nobody in yet.
pub(super) fn closed_group(
    scope: &Stack,
    name: &str,
    what: &str,
    vpc_id: &Input<String>,
) -> Handle<SecurityGroup> {
    let group =
        SecurityGroup::builder().group_description(what).vpc_id(vpc_id).tags(named(scope, name));
    scope.add(name, group)
}

/// A role that an AWS service takes on, such as `ecs-tasks.amazonaws.com`.
pub(super) fn service_role(scope: &Stack, name: &str, service: &str) -> Handle<Role> {
    let assume = Statement::new().action("sts:AssumeRole").principal_service(service);
    let role = Role::builder().assume_role_policy_document(PolicyDocument::new().allow(assume));
    scope.add(name, role)
}

/// Lets `source`, another group, in on a TCP port.
pub(super) fn let_in(
    scope: &Stack,
    name: &str,
    group: &Output<String>,
    source: &Output<String>,
    port: &Output<i32>,
) -> Handle<SecurityGroupIngress> {
    scope.add(
        name,
        SecurityGroupIngress::builder()
            .group_id(group)
            .source_security_group_id(source)
            .ip_protocol("tcp")
            .from_port(port)
            .to_port(port),
    )
}

/// Named inputs, whose names are known.
#[derive(Debug, Clone, Default)]
pub struct InputMap(BTreeMap<String, Input<String>>);

impl InputMap {
    /// Sets one; the last value of a name counts.
    pub fn set(&mut self, name: &str, value: impl Into<Input<String>>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// The values, by their names' order.
    pub fn values(&self) -> impl Iterator<Item = &Input<String>> {
        self.0.values()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As the value of a property.
    pub fn to_input(&self) -> Input<BTreeMap<String, String>> {
        self.0.iter().map(|(name, value)| (name.clone(), value)).collect()
    }
}
