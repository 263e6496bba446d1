//! How many calls each environment costs: `cargo test --test prod_stack figures -- --nocapture`.

use std::time::Instant;

use crate::team::Team;

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_costs_less_than_a_call_per_resource() {
    let team = Team::new().await;
    println!(
        "| environment | resources | first up | no-op plan | destroy |\n|---|---|---|---|---|"
    );
    let mut rows = Vec::new();
    for env in ["global", "staging", "prod", "pyshop"] {
        let resources = team.plan(env, &[]).len();
        let up = measured(&team, &["up", "--yes"], env).await;
        let plan = measured(&team, &["plan", "--exit-code"], env).await;
        // Some types are read one by one, and tags of some are asked apart; most come in lists.
        assert!(plan.0 <= resources * 3 / 2 + 10, "{env}: {} for {resources}", plan.0);
        rows.push((env, resources, up, plan));
    }
    for (env, resources, up, plan) in rows.into_iter().rev() {
        let destroy = measured(&team, &["destroy", "--yes"], env).await;
        let cell = |(calls, seconds): (usize, f64)| format!("{calls} calls, {seconds:.1} s");
        println!("| {env} | {resources} | {} | {} | {} |", cell(up), cell(plan), cell(destroy));
    }
}

/// AWS calls and seconds of one command.
async fn measured(team: &Team, args: &[&str], env: &str) -> (usize, f64) {
    team.account.reset_calls().await.unwrap();
    let start = Instant::now();
    team.run(0, env, args);
    let seconds = start.elapsed().as_secs_f64();
    (team.account.calls().await.unwrap().total, seconds)
}
