//! Every environment from its first `up` to its `destroy`.

use crate::account::everything;
use crate::team::{SECRETS, Team};

/// The RAG service needs what `global` exports, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn rag_service_in_staging_and_prod() {
    let team = Team::new().await;
    let aws = team.aws().await;
    let before = everything(&aws).await;
    let early = team.run(1, "staging", &["plan"]);
    assert!(early.contains("global"), "{early}");

    for env in ["global", "staging", "prod"] {
        team.up(env, &[]);
    }
    for file in files(team.state()) {
        let bytes = std::fs::read(&file).unwrap();
        for plain in SECRETS {
            let shown = bytes.windows(plain.len()).any(|w| w == plain.as_bytes());
            assert!(!shown, "{} shows {plain}", file.display());
        }
    }
    let refused = team.run(1, "global", &["destroy", "--yes"]);
    assert!(refused.contains("staging` reads") && refused.contains("--force"), "{refused}");
    for env in ["prod", "staging", "global"] {
        team.run(0, env, &["destroy", "--yes"]);
    }
    assert_eq!(everything(&aws).await, before, "what is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn pyshop_with_a_domain_and_every_switch() {
    let team = Team::new().await;
    let aws = team.aws().await;
    let before = everything(&aws).await;
    let all = [
        "--set=pyshop.domain.name=pyshop.example.org",
        "--set=pyshop.domain.zone=new",
        "--set=pyshop.domain.tls=true",
        "--set=pyshop.flow_logs.retention_in_days=7",
        "--set=pyshop.database.multi_az=true",
        "--set=pyshop.database.replicas=1",
        "--set=pyshop.spot=true",
        "--set=pyshop.single_zone=true",
        "--set=pyshop.nat_gateways=none",
    ];
    team.up("pyshop", &all);
    team.run(0, "pyshop", &[&["destroy", "--yes"], &all[..]].concat());
    assert_eq!(everything(&aws).await, before, "what is left");
}

/// State that the stack `global` made room for is kept there.
#[tokio::test(flavor = "multi_thread")]
async fn state_of_others_is_kept_in_the_backend_of_global() {
    let team = Team::new().await;
    // With deletion protection, as it is without the example's switch.
    team.up("global", &["--set", "global.disposable=false"]);
    let backend = team.output("global", "backend");
    let found = team.run(0, "pyshop", &["backend", "init", "--backend", &backend]);
    assert!(!found.contains("created") && !found.contains("changed"), "{found}");
    team.run(0, "pyshop", &["plan", "--backend", &backend]);
    // Nor does it change anything that `global` declares.
    assert_eq!(team.plan("global", &["--set", "global.disposable=false"]), []);
}

fn files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}

/// The READMEs' pictures are drawn from these.
#[tokio::test(flavor = "multi_thread")]
async fn graphs_are_those_of_the_program() {
    let team = Team::new().await;
    for env in ["staging", "pyshop"] {
        let kept = format!("examples/prod/graphs/{env}.dot");
        let fresh = team.run(0, env, &["graph"]);
        let same = std::fs::read_to_string(&kept).unwrap() == fresh;
        assert!(same, "{kept} is old: `graph --env {env} > {kept}`, then `dot -Tsvg`");
    }
}
