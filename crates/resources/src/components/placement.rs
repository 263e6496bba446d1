//! [`Placement`].

use ferrocrete_core::{Input, Options, Stack, Urn};

use super::support::Inputs;

/// Subnets to put something into: [`super::NetworkOutputs::public`] and the like, or those of a
/// network that is there already.
///
/// ```
/// use ferrocrete_resources::components::Placement;
/// let existing = Placement::new("vpc-0abc", ["subnet-0abc", "subnet-0def"]);
/// assert!(!existing.assign_public_ip);
/// ```
#[derive(Debug, Clone)]
pub struct Placement {
    /// Id of the VPC.
    pub vpc_id: Input<String>,
    /// Ids of the subnets, in zones of their own.
    pub subnet_ids: Inputs,
    /// Whether programs need public addresses of their own, for want of NAT.
    pub assign_public_ip: bool,
    routes: Vec<Urn>,
}

impl Placement {
    /// These subnets of this VPC.
    pub fn new(vpc_id: impl Into<Input<String>>, subnet_ids: impl Into<Inputs>) -> Self {
        Self {
            vpc_id: vpc_id.into(),
            subnet_ids: subnet_ids.into(),
            assign_public_ip: false,
            routes: Vec::new(),
        }
    }

    /// Only the first subnets, as many as this: cheaper, and lost with a zone.
    #[must_use]
    pub fn first(mut self, subnets: usize) -> Self {
        self.subnet_ids = self.subnet_ids.iter().take(subnets).collect();
        self
    }

    /// Programs get public addresses of their own.
    #[must_use]
    pub(super) fn assign_public_ip(mut self) -> Self {
        self.assign_public_ip = true;
        self
    }

    /// Refuses fewer than two zones, which AWS would refuse late.
    pub(super) fn check_two_zones(&self, scope: &Stack, what: &str) {
        if self.subnet_ids.len() < 2 {
            scope.refuse(format!(
                "{what} needs subnets in two availability zones at least\n  what to do: let the \
                 network have two zones, or give it subnets of another zone"
            ));
        }
    }

    /// What must exist before traffic flows.
    pub(super) fn after(mut self, routes: &[Urn]) -> Self {
        self.routes = routes.to_vec();
        self
    }

    /// Options of what cannot work before traffic flows.
    pub(super) fn options(&self) -> Options {
        self.routes.iter().fold(Options::new(), |options, route| options.depends_on(route))
    }
}
