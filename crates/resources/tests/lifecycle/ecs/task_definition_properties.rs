//! What a task definition is made with, property by property.

use super::task_definition::{ROLE, SECRET, ec2, fargate, is_active, live, owner, program};
use crate::world::World;

#[tokio::test]
async fn is_made_as_declared_for_fargate() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    assert_eq!(world.up(program(fargate())).await, ["create web"]);
    let arn = world.id("web").await;
    let task = live(&ecs, &arn).await;
    // The family is there for all revisions, so it has no digest of one.
    assert_eq!(task.family(), Some("test-dev-web"));
    assert_eq!((task.cpu(), task.memory()), (Some("512"), Some("1024")));
    assert_eq!(task.network_mode().unwrap().as_str(), "awsvpc");
    assert_eq!(task.requires_compatibilities()[0].as_str(), "FARGATE");
    assert_eq!(task.execution_role_arn(), Some(ROLE));
    assert_eq!(task.task_role_arn(), Some("arn:aws:iam::123456789012:role/app"));
    let platform = task.runtime_platform().unwrap();
    assert_eq!(platform.cpu_architecture().unwrap().as_str(), "ARM64");
    assert_eq!(platform.operating_system_family().unwrap().as_str(), "LINUX");
    assert_eq!(task.ephemeral_storage().unwrap().size_in_gib(), 40);
    assert_eq!(task.pid_mode().unwrap().as_str(), "task");
    assert_eq!(task.enable_fault_injection(), Some(true));
    let [scratch, shared] = task.volumes() else { panic!("{:?}", task.volumes()) };
    assert_eq!((scratch.name(), shared.name()), (Some("scratch"), Some("shared")));
    let efs = shared.efs_volume_configuration().unwrap();
    assert_eq!(
        (efs.file_system_id(), efs.root_directory()),
        ("fs-0123456789abcdef0", Some("/data"))
    );
    assert_eq!(efs.transit_encryption().unwrap().as_str(), "ENABLED");
    assert_eq!(efs.transit_encryption_port(), Some(2999));
    let access = efs.authorization_config().unwrap();
    assert_eq!(access.access_point_id(), Some("fsap-1"));
    assert_eq!(access.iam().unwrap().as_str(), "ENABLED");
    assert_eq!(owner(&ecs, &arn).await.as_deref(), Some("anna"));
    assert_eq!(world.output("web", "task_definition_arn").await, arn);
    assert_eq!(world.output("web", "family").await, "test-dev-web");
    world.destroy().await;
    assert!(!is_active(&live(&ecs, &arn).await));
}

#[tokio::test]
async fn containers_are_made_as_declared() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(program(fargate())).await;
    let task = live(&ecs, &world.id("web").await).await;
    let [app, init] = task.container_definitions() else { panic!("{task:?}") };
    assert_eq!((init.name(), init.essential()), (Some("init"), Some(false)));
    assert_eq!((app.name(), app.image()), (Some("app"), Some("nginx:1.27")));
    assert_eq!((app.cpu(), app.memory(), app.memory_reservation()), (256, Some(768), Some(512)));
    let [http, metrics] = app.port_mappings() else { panic!("{app:?}") };
    assert_eq!((http.container_port(), http.name()), (Some(8000), Some("http")));
    assert_eq!(http.app_protocol().unwrap().as_str(), "http");
    assert_eq!(metrics.protocol().unwrap().as_str(), "udp");
    let environment: Vec<_> =
        app.environment().iter().map(|p| (p.name().unwrap(), p.value().unwrap())).collect();
    assert_eq!(environment, [("ENVIRONMENT", "prod"), ("MINUTES", "30")]);
    let key = format!("{SECRET}:key::");
    let secrets: Vec<_> = app.secrets().iter().map(|s| (s.name(), s.value_from())).collect();
    assert_eq!(secrets, [("DATABASE_URL", SECRET), ("KEY", key.as_str())]);
    assert_eq!(app.environment_files()[0].value(), "arn:aws:s3:::b/x.env");
    assert_eq!(app.environment_files()[0].r#type().as_str(), "s3");
    assert_eq!((app.entry_point(), app.command().len()), (&["/bin/sh".into(), "-c".into()][..], 3));
    assert_eq!((app.working_directory(), app.user()), (Some("/srv"), Some("1000:1000")));
    let log = app.log_configuration().unwrap();
    let options = log.options().unwrap();
    assert_eq!(log.log_driver().as_str(), "awslogs");
    assert_eq!(options["awslogs-group"], "/ecs/app");
    assert_eq!(options["awslogs-region"], "eu-central-1", "filled in");
    assert_eq!(
        (log.secret_options()[0].name(), log.secret_options()[0].value_from()),
        ("token", SECRET)
    );
    let check = app.health_check().unwrap();
    assert_eq!(check.command()[0], "CMD-SHELL");
    assert_eq!((check.interval(), check.timeout()), (Some(15), Some(4)));
    assert_eq!((check.retries(), check.start_period()), (Some(2), Some(60)));
    let before = &app.depends_on()[0];
    assert_eq!((before.container_name(), before.condition().as_str()), ("init", "SUCCESS"));
    let restart = app.restart_policy().unwrap();
    assert_eq!((restart.enabled(), restart.ignored_exit_codes()), (true, &[0, 3][..]));
    assert_eq!(restart.restart_attempt_period(), Some(90));
    assert_eq!((app.start_timeout(), app.stop_timeout()), (Some(60), Some(90)));
    assert_eq!(app.readonly_root_filesystem(), Some(true));
    let [tmp, data] = app.mount_points() else { panic!("{app:?}") };
    assert_eq!((tmp.source_volume(), tmp.container_path()), (Some("scratch"), Some("/tmp")));
    assert_eq!((tmp.read_only(), data.read_only()), (Some(false), Some(true)));
    let from = &app.volumes_from()[0];
    assert_eq!((from.source_container(), from.read_only()), (Some("init"), Some(true)));
    let linux = app.linux_parameters().unwrap();
    assert_eq!(linux.init_process_enabled(), Some(true));
    assert_eq!(linux.capabilities().unwrap().add(), ["SYS_PTRACE"]);
    assert_eq!(linux.capabilities().unwrap().drop(), ["NET_RAW", "MKNOD"]);
    let files = &app.ulimits()[0];
    assert_eq!(
        (files.name().as_str(), files.soft_limit(), files.hard_limit()),
        ("nofile", 4096, 8192)
    );
    let control = &app.system_controls()[0];
    assert_eq!((control.namespace(), control.value()), (Some("net.core.somaxconn"), Some("1024")));
    assert_eq!(app.repository_credentials().unwrap().credentials_parameter(), SECRET);
    assert_eq!(app.version_consistency().unwrap().as_str(), "disabled");
    assert_eq!(app.docker_labels().unwrap()["team"], "web");
    assert_eq!((app.interactive(), app.pseudo_terminal()), (Some(true), Some(true)));
    assert_eq!(app.credential_specs(), ["credentialspec:arn:aws:s3:::b/x.json"]);
}

#[tokio::test]
async fn is_made_as_declared_for_container_instances() {
    let world = World::new().await;
    let ecs = world.aws().await.ecs().clone();
    world.up(program(ec2())).await;
    let task = live(&ecs, &world.id("web").await).await;
    assert_eq!((task.family(), task.revision()), (Some("batch"), 1));
    assert_eq!(task.ipc_mode().unwrap().as_str(), "task");
    let place = &task.placement_constraints()[0];
    assert_eq!(place.r#type().unwrap().as_str(), "memberOf");
    assert_eq!(place.expression(), Some("attribute:ecs.instance-type =~ t3.*"));
    let proxy = task.proxy_configuration().unwrap();
    assert_eq!((proxy.container_name(), proxy.r#type().unwrap().as_str()), ("app", "APPMESH"));
    assert_eq!(proxy.properties()[0].value(), Some("8080"));
    let [logs, cache, windows, objects, block] = task.volumes() else { panic!("{task:?}") };
    assert_eq!(logs.host().unwrap().source_path(), Some("/var/log"));
    let docker = cache.docker_volume_configuration().unwrap();
    assert_eq!((docker.scope().unwrap().as_str(), docker.autoprovision()), ("shared", Some(true)));
    assert_eq!(
        (docker.driver(), docker.driver_opts().unwrap()["type"].as_str()),
        (Some("local"), "tmpfs")
    );
    assert_eq!(docker.labels().unwrap()["a"], "b");
    let fsx = windows.fsx_windows_file_server_volume_configuration().unwrap();
    assert_eq!((fsx.file_system_id(), fsx.root_directory()), ("fs-1", "share"));
    let login = fsx.authorization_config().unwrap();
    assert_eq!((login.credentials_parameter(), login.domain()), (SECRET, "x.org"));
    let files = objects.s3files_volume_configuration().unwrap();
    assert!(files.file_system_arn().ends_with("file-system/fs-1"));
    assert_eq!(
        (files.root_directory(), files.transit_encryption_port()),
        (Some("/in"), Some(3000))
    );
    assert!(files.access_point_arn().unwrap().ends_with("access-point/ap-1"));
    assert_eq!(block.configured_at_launch(), Some(true));

    let app = &task.container_definitions()[0];
    assert_eq!((app.privileged(), app.hostname()), (Some(true), Some("web")));
    assert_eq!(
        (app.dns_servers(), app.dns_search_domains()),
        (&["10.0.0.2".into()][..], &["example.org".into()][..])
    );
    let host = &app.extra_hosts()[0];
    assert_eq!((host.hostname(), host.ip_address()), ("db", "10.0.0.9"));
    assert_eq!(app.docker_security_options(), ["no-new-privileges"]);
    assert_eq!((app.disable_networking(), app.links()), (Some(false), &["other".into()][..]));
    assert_eq!(app.port_mappings()[0].host_port(), Some(8080));
    assert_eq!(app.port_mappings()[1].container_port_range(), Some("8000-8010"));
    let gpu = &app.resource_requirements()[0];
    assert_eq!((gpu.r#type().as_str(), gpu.value()), ("GPU", "1"));
    let router = app.firelens_configuration().unwrap();
    assert_eq!(
        (router.r#type().as_str(), router.options().unwrap()["a"].as_str()),
        ("fluentbit", "b")
    );
    let linux = app.linux_parameters().unwrap();
    let device = &linux.devices()[0];
    assert_eq!((device.host_path(), device.container_path()), ("/dev/xvdc", Some("/dev/x")));
    assert_eq!(device.permissions()[0].as_str(), "read");
    let run = &linux.tmpfs()[0];
    assert_eq!(
        (run.container_path(), run.size(), run.mount_options()),
        ("/run", 64, &["noexec".into()][..])
    );
    assert_eq!(
        (linux.shared_memory_size(), linux.max_swap(), linux.swappiness()),
        (Some(128), Some(256), Some(10))
    );
}
