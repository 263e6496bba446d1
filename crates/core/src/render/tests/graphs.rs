use std::sync::Arc;

use async_trait::async_trait;
use insta::assert_snapshot;

use super::*;
use crate::error::OpError;
use crate::graph::{Graph, build};
use crate::program::{ComponentDecl, Declaration, Declared, LookupDecl, Options, ResourceDecl};
use crate::render::{dot, mermaid};
use crate::resource::{
    Created, Handler, LiveState, LookupHandler, Namespace, OpContext, Progress, ProviderConfig,
    ReadItem, Registry,
};
use crate::schema::{Field, OutputField, Schema};
use crate::value::Expr;

/// A type that is only drawn.
struct Drawn(&'static Schema);

const fn schema(type_name: &'static str) -> Schema {
    Schema { type_name, ..Schema::PLAIN }
}

static VPC: Schema = schema("AWS::EC2::VPC");
static SUBNET: Schema = schema("AWS::EC2::Subnet");

#[async_trait]
impl Handler for Drawn {
    fn schema(&self) -> &'static Schema {
        self.0
    }
    async fn namespace(&self, _: &ProviderConfig) -> Result<Namespace, OpError> {
        unreachable!()
    }
    async fn create(&self, _: Arc<OpContext>, _: &PropertyMap) -> Result<Created, OpError> {
        unreachable!()
    }
    async fn read(
        &self,
        _: &ProviderConfig,
        _: Vec<ReadItem>,
    ) -> Result<Vec<Option<LiveState>>, OpError> {
        unreachable!()
    }
    async fn find(&self, _: Arc<OpContext>, _: &PropertyMap) -> Result<Option<String>, OpError> {
        unreachable!()
    }
    async fn update(
        &self,
        _: Arc<OpContext>,
        _: &str,
        _: &PropertyMap,
        _: &PropertyMap,
        _: &[String],
    ) -> Result<Progress, OpError> {
        unreachable!()
    }
    async fn delete(
        &self,
        _: Arc<OpContext>,
        _: &str,
        _: &PropertyMap,
    ) -> Result<Progress, OpError> {
        unreachable!()
    }
}

#[async_trait]
impl LookupHandler for Drawn {
    fn type_name(&self) -> &'static str {
        "AWS::Zones"
    }
    fn fields(&self) -> &'static [Field] {
        &[]
    }
    fn outputs(&self) -> &'static [OutputField] {
        &[]
    }
    async fn lookup(&self, _: &ProviderConfig, _: &PropertyMap) -> Result<PropertyMap, OpError> {
        unreachable!()
    }
}

fn resource(type_name: &'static str, path: &[&str], name: &str, uses: &[&Urn]) -> Declaration {
    let inputs = uses
        .iter()
        .enumerate()
        .map(|(n, urn)| (n.to_string(), Expr::Get { urn: (*urn).clone(), field: "id".into() }))
        .collect();
    Declaration::Resource(Box::new(ResourceDecl {
        urn: urn(type_name, path, name),
        type_name,
        inputs: Expr::Map(inputs),
        aliases: Vec::new(),
        options: Options::new(),
    }))
}

fn graph() -> Graph {
    let zones = urn("AWS::Zones", &[], "zones");
    let vpc = urn("AWS::EC2::VPC", &["network"], "main");
    let declared = Declared {
        nodes: vec![
            Declaration::Component(ComponentDecl { urn: urn("shop:Network", &[], "network") }),
            Declaration::Lookup(Box::new(LookupDecl {
                urn: zones.clone(),
                type_name: "AWS::Zones",
                args: Expr::Map(Default::default()),
                provider: ProviderConfig::default(),
                parents: Vec::new(),
                depends_on: Vec::new(),
            })),
            resource("AWS::EC2::VPC", &["network"], "main", &[]),
            resource("AWS::EC2::Subnet", &["network", "zone-a"], "public", &[&vpc, &zones]),
            resource("AWS::EC2::Subnet", &["network", "zone-b"], "public", &[&vpc, &zones]),
            resource("AWS::EC2::VPC", &[], "alone", &[]),
        ],
        ..Declared::default()
    };
    let registry = Registry::default()
        .with_handler(Arc::new(Drawn(&VPC)))
        .with_handler(Arc::new(Drawn(&SUBNET)))
        .with_lookup(Arc::new(Drawn(&VPC)));
    build("shop", "dev", declared, &registry).unwrap()
}

#[test]
fn for_graphviz() {
    assert_snapshot!(dot(&graph()));
}

#[test]
fn for_markdown() {
    assert_snapshot!(mermaid(&graph()));
}
