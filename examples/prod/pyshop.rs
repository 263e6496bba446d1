//! A complete platform for a web API: network, load balancer, service, database, monitoring,
//! and if wanted domain and certificate.

use ferrocrete::components::{
    Database, DnsAndTls, FargateService, LoadBalancer, Monitoring, Network,
};
use ferrocrete::prelude::*;
use ferrocrete::secretsmanager::{self, GenerateSecretString};

use crate::config::Pyshop;

pub fn program(stack: &Stack, config: Pyshop) {
    let ranges = |list: [&str; 2]| list.map(str::to_owned).to_vec();
    let network = stack.component(
        "network",
        Network::builder()
            .cidr_block("10.0.0.0/16")
            .public_cidr_blocks(ranges(["10.0.1.0/24", "10.0.2.0/24"]))
            .private_cidr_blocks(ranges(["10.0.10.0/24", "10.0.11.0/24"]))
            .nat_gateways(config.nat_gateways)
            .maybe_flow_logs(config.flow_logs)
            .build(),
    );
    let url = config.domain.as_ref().map(|domain| {
        let scheme = if domain.tls { "https" } else { "http" };
        format!("{scheme}://{}", domain.name)
    });
    let dns = config.domain.map(|domain| {
        let dns = DnsAndTls::builder()
            .domain(domain.name)
            .zone(domain.zone)
            .certificate(domain.tls)
            .subdomains(vec!["www".to_owned()]);
        stack.component("dns", dns.build())
    });
    let certificate = dns.as_ref().and_then(|dns| dns.certificate_arn.as_ref());
    let web = stack.component(
        "web",
        LoadBalancer::builder()
            .placement(network.public())
            .maybe_certificate_arn(certificate)
            .health_check_path("/healthz")
            .build(),
    );
    if let Some(dns) = &dns {
        dns.point(stack, &["", "www"], &web);
        stack.export("name_servers", &dns.name_servers);
    }

    let recovery = if config.disposable { 0 } else { 30 };
    let database = stack.component(
        "database",
        Database::builder()
            .placement(network.private())
            .engine_version("15")
            .instance_class(config.database.instance_class)
            .allocated_storage(20)
            .database_name("pyshop")
            .username("pyshop")
            .multi_az(config.database.multi_az)
            .replicas(config.database.replicas)
            .backup_retention_period(7)
            .monitoring_interval(60)
            .deletion_protection(!config.disposable)
            .skip_final_snapshot(config.disposable)
            .secret_recovery_days(recovery)
            .build(),
    );
    let secret_key = stack.add(
        "secret-key",
        secretsmanager::Secret::builder()
            .description("signs access tokens")
            .recovery_window_in_days(recovery)
            .generate_secret_string(
                GenerateSecretString::builder().password_length(64).exclude_punctuation(true),
            ),
    );
    let mut placement = network.with_egress();
    if config.single_zone {
        placement = placement.first(1);
    }
    let service = stack.component(
        "service",
        FargateService::builder()
            .placement(placement)
            .traffic(web.traffic())
            .image(config.image)
            .cpu(config.cpu)
            .memory(config.memory)
            .desired_count(config.tasks)
            .scaling(config.scaling)
            .spot(config.spot)
            .environment("ENVIRONMENT", config.environment)
            .environment(
                "ACCESS_TOKEN_EXPIRE_MINUTES",
                config.access_token_expire_minutes.to_string(),
            )
            .secret("SECRET_KEY", &secret_key.secret_arn)
            .secret("DATABASE_URL", &database.url_secret_arn)
            .enable_execute_command(true)
            .log_retention_in_days(config.log_retention_in_days)
            .build(),
    );
    database.allow_from(stack, "database-from-service", &service.security_group_id);
    let monitoring = stack.component(
        "monitoring",
        Monitoring::builder()
            .emails(config.alarm_emails)
            .service(service.metrics(), config.alarms.service)
            .load_balancer(web.metrics(), config.alarms.load_balancer)
            .database(database.metrics(), config.alarms.database)
            .build(),
    );

    stack.export("url", url.map_or_else(|| web.url.clone(), Output::of));
    stack.export("database_host", &database.host);
    stack.export("cluster", &service.cluster_name);
    stack.export("service", &service.service_name);
    stack.export("log_group", &service.log_group_name);
    stack.export("alarm_topic", &monitoring.topic_arn);
    stack.export("dashboard", &monitoring.dashboard_name);
}
