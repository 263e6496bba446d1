//! The dev stack: a FastAPI service on EC2 with Postgres, and a release-note helper's bucket
//! and DNS. Read from top to bottom, it is an introduction to Ferrocrete.
//!
//!     cargo run --example dev -- up --sandbox

mod config;
mod database;
mod service;

use std::process::ExitCode;

use ferrocrete::ec2::{DefaultVpc, SecurityGroup, SecurityGroupIngress};
use ferrocrete::prelude::*;
use ferrocrete::resources::sts::CallerIdentity;
use ferrocrete::route53::{HostedZone, RecordSet};
use ferrocrete::secretsmanager;

use config::Config;
use database::Database;
use service::{Service, bucket};

fn main() -> ExitCode {
    Runner::new("dev-example")
        .config::<Config>()
        .config_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/dev"))
        .secret_keys(["tavily_api_key", "gemini_api_key", "database.password"])
        .run(program)
}

async fn program(stack: Stack, config: Config) -> Result<()> {
    stack.default_tags([
        ("app", config.app.as_str()),
        ("environment", stack.name()),
        ("owner", config.owner.as_str()),
    ]);

    // `answer` asks AWS now, for values that steer the program; `lookup` asks as part of the
    // graph, and its answers are outputs like any resource's.
    let caller = stack.answer::<CallerIdentity>(CallerIdentity::builder()).await?;
    let vpc = stack.lookup("default", DefaultVpc::builder());

    // Setting a property to another resource's output is all there is to a dependency.
    let web = stack.add(
        "web",
        SecurityGroup::builder().group_description("FastAPI service").vpc_id(&vpc.vpc_id),
    );
    for (name, port, cidr) in [("ssh", 22, config.ssh_cidr.as_str()), ("http", 8000, "0.0.0.0/0")] {
        stack.add(
            name,
            SecurityGroupIngress::builder()
                .group_id(&web.group_id)
                .ip_protocol("tcp")
                .from_port(port)
                .to_port(port)
                .cidr_ip(cidr),
        );
    }

    // Secret configuration taints what is made of it: never shown, encrypted in state.
    let keys =
        [("TAVILY_API_KEY", config.tavily_api_key), ("GEMINI_API_KEY", config.gemini_api_key)];
    let names = keys.each_ref().map(|(name, _)| *name);
    let values = keys.map(|(_, key)| key.unwrap_or_default().to_output());
    let api_keys = Output::all(values).map(move |values| {
        let pairs = names.iter().zip(&values).filter(|(_, value)| !value.is_empty());
        serde_json::Value::from_iter(pairs.map(|(n, v)| ((*n).to_owned(), v.clone()))).to_string()
    });
    let api_keys = stack.add(
        "api-keys",
        secretsmanager::Secret::builder()
            .description("API keys of the FastAPI service")
            .recovery_window_in_days(0)
            .secret_string(api_keys),
    );

    // Components group resources and have outputs of their own.
    let database = stack.component(
        "database",
        Database {
            config: config.database,
            vpc_id: vpc.vpc_id.clone(),
            client_group_id: web.group_id.clone(),
        },
    );
    let service = stack.component(
        "service",
        Service {
            region: caller.region,
            instance_type: config.instance_type,
            repository: config.repository,
            branch: config.branch,
            public_key: config.public_key,
            group_id: web.group_id.clone(),
            keys_secret_arn: api_keys.secret_arn.clone(),
            database: &database,
        },
    );

    // The release-note helper: a versioned bucket, a zone, and a name for the API.
    let docs = bucket(&stack, "docs", true);
    let zone = stack.add("root", HostedZone::builder().name(&config.root_domain));
    let api_address = match config.api_address {
        Some(address) => Output::of(address),
        None => service.public_ip.clone(),
    };
    let api = stack.add(
        "api",
        RecordSet::builder()
            .hosted_zone_id(&zone.hosted_zone_id)
            .name(format!("api.{}", config.root_domain))
            .record_type("A")
            .ttl(300)
            .resource_records([&api_address]),
    );

    stack.export("app_url", interpolate!("http://{}:8000", &service.public_ip));
    stack.export("public_ip", &service.public_ip);
    stack.export("instance_id", &service.instance_id);
    stack.export("rds_endpoint", interpolate!("{}:{}", &database.host, &database.port));
    stack.export("db_name", &database.name);
    stack.export("docs_bucket_name", &docs);
    stack.export("api_fqdn", &api.fqdn);
    stack.export("name_servers", &zone.name_servers);
    Ok(())
}
