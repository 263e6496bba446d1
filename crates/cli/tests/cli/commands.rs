use ferrocrete_core::{Options, Stack};

use crate::fake::{Config, Network, PASSWORD, Server, World, shared};

#[test]
fn a_stack_comes_and_goes() {
    let world = World::new();
    let plan = world.run("plan --exit-code");
    assert_eq!(plan.code, 2, "{}{}", plan.stdout, plan.stderr);
    assert!(plan.stdout.contains("+ create Fake::Network net\n"), "{}", plan.stdout);
    assert!(plan.stdout.contains("password:   (secret)"), "{}", plan.stdout);
    assert!(plan.stdout.ends_with("Plan: 2 to create.\n"), "{}", plan.stdout);
    assert!(!world.path().join(".ferrocrete").exists(), "a plan writes nothing");

    let up = world.run("up --yes");
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    assert!(up.stdout.contains(": 2 created.\n"), "{}", up.stdout);
    assert!(
        up.stdout.ends_with("Exports\n  password  = (secret)\n  server_id = \"srv-1\"\n"),
        "{}",
        up.stdout
    );
    assert!(
        up.stderr.contains("create   Fake::Network net … done in 0.0s (net-1)\n"),
        "{}",
        up.stderr
    );

    let again = world.run("up --yes");
    assert_eq!(again.code, 0);
    assert!(again.stdout.starts_with("No changes."), "{}", again.stdout);
    assert!(again.stdout.contains("server_id = \"srv-1\""), "{}", again.stdout);
    assert_eq!(world.run("plan --exit-code").code, 0);

    let changed = world.run("up --yes --set size=2");
    assert!(changed.stdout.contains("~ size: 1 → 2\n"), "{}", changed.stdout);
    assert!(changed.stdout.contains(": 1 updated, 1 unchanged.\n"), "{}", changed.stdout);

    let replaced = world.run("plan --set size=2 --set cidr=10.9.0.0/16");
    let chain = "replaced because `network_id` changes, because Network `net` is replaced, \
                 because its `cidr` changed";
    assert!(replaced.stdout.contains(chain), "{}", replaced.stdout);

    let gone = world.run("destroy --yes");
    assert_eq!(gone.code, 0, "{}{}", gone.stdout, gone.stderr);
    assert!(gone.stdout.contains(": 2 deleted.\n"), "{}", gone.stdout);
    assert!(world.cloud.ids().is_empty());
    assert!(world.run("destroy --yes").stdout.starts_with("Nothing to destroy"));
}

#[test]
fn questions_are_asked_and_answers_count() {
    let world = World::new();
    let no = world.run_with("up", world.io().answer("n"));
    assert_eq!(no.code, 1);
    assert!(no.stderr.contains("Apply these changes? [y/N]"), "{}", no.stderr);
    assert!(no.stderr.contains("error: up was declined: nothing was changed"), "{}", no.stderr);
    assert!(world.cloud.ids().is_empty());
    let yes = world.run_with("up", world.io().answer("y"));
    assert_eq!(yes.code, 0, "{}", yes.stderr);
    assert_eq!(world.cloud.ids(), ["net-1", "srv-1"]);
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let world = World::new();
    for (command, hint) in [
        ("up", "hint: add --yes to go on without a question: up --yes"),
        ("destroy", "hint: add --yes to go on without a question: destroy --yes"),
        ("unlock", "hint: add --yes to go on without a question: unlock --yes"),
    ] {
        let outcome = world.run(command);
        assert_eq!(outcome.code, 1);
        assert!(outcome.stderr.contains("there is no terminal to answer on"), "{}", outcome.stderr);
        assert!(outcome.stderr.contains(hint), "{}", outcome.stderr);
        assert!(outcome.stdout.is_empty());
    }
    let json = world.run_with("up --json", world.io().answer("y"));
    assert_eq!(json.code, 1);
    assert!(json.stderr.contains("`up --json` asks no question"), "{}", json.stderr);
    assert!(json.stdout.contains(r#""format":"ferrocrete-error","version":1,"exit_code":1"#));
    assert!(!world.path().join(".ferrocrete").exists());
}

#[test]
fn json_is_one_document_a_line() {
    let world = World::new();
    let up = world.run("up --yes --json");
    assert_eq!(up.code, 0, "{}", up.stderr);
    let formats: Vec<String> = up
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|v| v["format"].as_str().unwrap().trim_start_matches("ferrocrete-").to_owned())
        .collect();
    assert_eq!(formats.iter().filter(|f| *f == "plan").count(), 1);
    assert!(formats.iter().filter(|f| *f == "event").count() >= 4);
    assert_eq!(formats.last().unwrap(), "report");
    let plan = |line: &str| world.run(line).stdout;
    assert_eq!(plan("plan --json"), plan("plan --format json"));
    assert_eq!(plan("plan --json").lines().count(), 1);
    let outputs: serde_json::Value = serde_json::from_str(&plan("outputs --json")).unwrap();
    assert_eq!(outputs["outputs"]["server_id"], "srv-1");
    assert_eq!(outputs["outputs"]["password"]["secret"], true);
}

#[test]
fn outputs_for_scripts() {
    let world = World::new();
    let early = world.run("outputs server_id");
    assert_eq!(early.code, 1);
    assert!(early.stderr.contains("hint: nothing is exported yet: run `up` first"));
    world.run("up --yes");
    assert_eq!(world.run("outputs server_id").stdout, "srv-1\n");
    let secret = world.run("outputs password");
    assert_eq!((secret.code, secret.stdout.as_str()), (1, ""));
    assert!(secret.stderr.contains("add --show-secrets"), "{}", secret.stderr);
    assert_eq!(world.run("outputs password --show-secrets").stdout, format!("{PASSWORD}\n"));
    let unknown = world.run("outputs sever_id");
    assert!(unknown.stderr.contains("there are: password, server_id"), "{}", unknown.stderr);
    let all = world.run("outputs").stdout;
    assert_eq!(all, "Exports\n  password  = (secret)\n  server_id = \"srv-1\"\n");
}

#[test]
fn state_backend_and_graph() {
    let world = World::new();
    assert!(world.run("state list").stderr.contains("shop/dev has no resources"));
    assert!(world.run("backend show").stdout.contains("snapshot  none yet"));
    world.run("up --yes");
    let list = world.run("state list").stdout;
    assert_eq!(list, "Fake::Network  net  net-1\nFake::Server   web  srv-1\n");
    let show = world.run("state show web");
    assert!(show.stdout.starts_with("Fake::Server web (srv-1)\n"), "{}", show.stdout);
    assert!(show.stdout.contains("    password: (secret)\n"), "{}", show.stdout);
    assert!(show.stdout.contains("  depends on: net\n"), "{}", show.stdout);
    let urn = "urn:fc:shop:dev::Fake::Server:web";
    assert_eq!(world.run(&format!("state show {urn}")).stdout, show.stdout);
    assert!(world.run("state show nobody").stderr.contains("state has no resource `nobody`"));
    let json = world.run("state show web --json").stdout;
    assert!(json.contains(r#""password":{"secret":true}"#), "{json}");
    let backend = world.run("backend show").stdout;
    assert!(backend.contains("lock      free"), "{backend}");
    let dot = world.run("graph").stdout;
    assert!(dot.starts_with("digraph stack {") && dot.contains("n0 -> n1;"), "{dot}");
    assert!(world.run("graph --format mermaid").stdout.starts_with("flowchart LR\n"));
    let init = world.run("backend init");
    assert!(init.stdout.ends_with("/.ferrocrete is ready\n"), "{}", init.stdout);
}

#[test]
fn refresh_says_what_it_found() {
    let world = World::new();
    world.run("up --yes");
    assert!(world.run("refresh").stdout.contains("2 resources were read; all are as recorded."));
    world.cloud.items.lock().unwrap().get_mut("srv-1").unwrap()["size"] = 7.into();
    let found = world.run("refresh").stdout;
    assert!(found.contains("~ size: 1 → 7  [drift]"), "{found}");
    let plan = world.run("plan").stdout;
    assert!(plan.contains("~ size: 7 → 1  [drift]"), "{plan}");
    let blind = world.run("plan --no-refresh").stdout;
    assert!(blind.starts_with("No changes."), "{blind}");
    assert!(blind.contains("Live state was not read"), "{blind}");
    world.cloud.items.lock().unwrap().remove("srv-1");
    let found = world.run("refresh").stdout;
    assert!(found.contains("- Fake::Server web (srv-1) is gone from AWS"), "{found}");
}

#[test]
fn help_goes_to_standard_output() {
    let world = World::new();
    let help = world.run("--help");
    assert_eq!((help.code, help.stderr.as_str()), (0, ""));
    assert!(help.stdout.contains("Exit codes:"), "{}", help.stdout);
    let wrong = world.run("plan --exitcode");
    assert_eq!(wrong.code, 3);
    assert!(wrong.stderr.starts_with("error: unexpected argument"), "{}", wrong.stderr);
    assert!(wrong.stderr.contains("--exit-code"), "{}", wrong.stderr);
}

#[test]
fn a_stack_reads_what_another_exports() {
    let world = World::new();
    world.file("stack.global.toml", "cidr = \"10.0.0.0/16\"\nsize = 1\n");
    let run = |line: &str| world.run_program(line, world.io(), shared);
    let early = run("plan");
    assert_eq!(early.code, 1);
    assert!(early.stderr.contains("error: there is no stack `shop/global`"), "{}", early.stderr);
    assert!(early.stderr.contains(".ferrocrete/shop/global\nhint: "), "{}", early.stderr);
    assert!(early.stderr.contains("run `up` for it first"), "{}", early.stderr);

    let global = run("up --yes --env global");
    assert_eq!(global.code, 0, "{}{}", global.stdout, global.stderr);
    let plan = run("plan");
    assert!(plan.stdout.contains("network_id: \"net-1\""), "{}", plan.stdout);
    assert!(plan.stdout.contains("password:   (secret)"), "{}", plan.stdout);
    let graph = run("graph");
    assert!(graph.stdout.contains("shape = folder") && graph.stdout.contains("n0 -> n1"));
    assert_eq!(run("up --yes").code, 0);
    assert_eq!(run("plan --exit-code").code, 0);

    // Another program behind `global` exports something else.
    let other = |line: &str| {
        world.run_program(line, world.io(), async |s: Stack, _| {
            s.export("netwrk_id", 7);
            Ok(())
        })
    };
    let refused = other("up --yes --env global");
    assert_eq!(refused.code, 1);
    let wanted = "error: exports of stack `shop/global` are declared no longer, but other stacks \
                  read them:\n  `shop/dev` reads `network_id`, `password`\n";
    assert!(refused.stderr.contains(wanted), "{}", refused.stderr);
    assert!(refused.stderr.contains("hint: declare the exports again"), "{}", refused.stderr);
    assert_eq!(run("plan --destroy --env global").code, 1);
    assert_eq!(run("destroy --yes --env global").code, 1);
    let forced = other("up --yes --env global --force");
    assert_eq!(forced.code, 0);
    let warned = "warning: forced: exports of stack `shop/global` are declared no longer";
    assert!(forced.stderr.contains(warned), "{}", forced.stderr);
    let lacking = run("plan");
    assert_eq!(lacking.code, 1);
    for part in ["has no export `network_id`; did you mean `netwrk_id`?", "no export `password`\n"]
    {
        assert!(lacking.stderr.contains(part), "{}", lacking.stderr);
    }
}

#[test]
fn a_rename_is_no_change() {
    let world = World::new();
    assert_eq!(world.run("up --yes").code, 0);
    let renamed = async |stack: Stack, config: Config| {
        let net = Network::builder().cidr(config.cidr);
        let net = stack.add_with("main", net, Options::new().alias("net"));
        let web = Server::builder().network_id(&net.network_id).size(config.size);
        let web = web.password(&config.password);
        let web = stack.add_with("site", web, Options::new().alias("web"));
        stack.export("server_id", &web.server_id);
        stack.export("password", &config.password);
        Ok(())
    };
    let run = |line: &str| world.run_program(line, world.io(), renamed);
    let plan = run("plan --exit-code");
    assert_eq!(plan.code, 0, "{}{}", plan.stdout, plan.stderr);
    assert!(plan.stdout.starts_with("No changes."), "{}", plan.stdout);
    assert!(plan.stdout.contains("\n  Fake::Server site, was web\n"), "{}", plan.stdout);
    // Nothing to ask about.
    let up = world.run_program("up", world.io().answer("n"), renamed);
    assert_eq!(up.code, 0, "{}{}", up.stdout, up.stderr);
    assert!(up.stdout.contains("site, was web") && !up.stderr.contains("[y/N]"), "{}", up.stdout);
    let again = run("up --yes");
    assert!(!again.stdout.contains("Renamed"), "{}", again.stdout);
    assert_eq!(world.cloud.ids(), ["net-1", "srv-1"]);
    let list = run("state list").stdout;
    assert!(list.contains("renamed from web"), "{list}");
    let show: serde_json::Value =
        serde_json::from_str(&run("state show site --json").stdout).unwrap();
    assert_eq!(show["resources"][0]["named_after"], "urn:fc:shop:dev::Fake::Server:web");
    assert!(run("state audit --exit-code").code == 0 && run("state verify").code == 0);
}
